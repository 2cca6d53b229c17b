"""Ed25519 keys, and the DSSE envelope that a statement is signed in.

DSSE 1.0, protocol.md: what is signed is `PAE(type, body)`, so that the type is part of it.
https://github.com/secure-systems-lab/dsse
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from sourcing_audit.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

PAYLOAD_TYPE: Literal["application/vnd.in-toto+json"] = "application/vnd.in-toto+json"
PASSPHRASE = "SOURCING_AUDIT_SIGN_PASSPHRASE"  # noqa: S105
"""The environment variable that holds the passphrase of the private key."""

_OTHERS = 0o077


class SignatureError(Exception):
    """An envelope doesn't hold what it should."""


class Signature(BaseModel):
    """One signature of an envelope."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyid: str
    sig: str


class Envelope(BaseModel):
    """A DSSE envelope as bundles hold it: one signature."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payload: str
    payloadType: Literal["application/vnd.in-toto+json"]  # noqa: N815
    signatures: tuple[Signature]

    def body(self) -> bytes:
        """What was signed, without its type.

        Raises:
            SignatureError: it isn't base64.

        """
        return _decoded(self.payload, "the payload")


class Signer:
    """A private key that is ready to sign."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Take a key; `Signer.of` reads one from a file."""
        self._key = key
        self.keyid = keyid(key.public_key())

    @classmethod
    def of(cls, path: Path) -> Signer:
        """Read an Ed25519 private key (PEM, PKCS #8); the environment may hold its passphrase.

        Raises:
            ConfigError: it can't be read, isn't of this kind, or others can read it too.

        """
        require_library()
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        content = _content(path)
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise ConfigError(f"{path}: others than you can read it", fix=f"chmod 600 {path}")
        passphrase = os.environ.get(PASSPHRASE)
        try:
            key = load_pem_private_key(content, passphrase.encode() if passphrase else None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigError(
                f"{path}: not a private key that can be opened",
                fix=f"give a PEM file in PKCS #8; its passphrase, if any, stands in {PASSPHRASE}",
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigError(
                f"{path}: not an Ed25519 key", fix="make one with `sourcing-audit keygen DIR`"
            )
        return cls(key)

    def envelope(self, body: bytes) -> Envelope:
        """Sign a statement; the same key and bytes give the same envelope (RFC 8032)."""
        signature = Signature(keyid=self.keyid, sig=_encoded(self._key.sign(pae(body))))
        return Envelope(payload=_encoded(body), payloadType=PAYLOAD_TYPE, signatures=(signature,))


class Verifier:
    """A public key that somebody trusts."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        """Take a key; `Verifier.of` reads one from a file."""
        self._key = key
        self.keyid = keyid(key)

    @classmethod
    def of(cls, path: Path) -> Verifier:
        """Read an Ed25519 public key in PEM.

        Raises:
            ConfigError: it can't be read, or isn't one.

        """
        require_library()
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            key = load_pem_public_key(_content(path))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ConfigError(
                f"{path}: not a public key", fix="give the signer's public key as a PEM file"
            ) from error
        if not isinstance(key, Ed25519PublicKey):
            raise ConfigError(f"{path}: not an Ed25519 key", fix="give the signer's public key")
        return cls(key)

    def check(self, envelope: Envelope) -> None:
        """Check that this key signed the envelope's payload.

        Raises:
            SignatureError: it didn't, or what was signed was changed.

        """
        from cryptography.exceptions import InvalidSignature

        (signature,) = envelope.signatures
        try:
            self._key.verify(_decoded(signature.sig, "the signature"), pae(envelope.body()))
        except InvalidSignature as error:
            raise SignatureError(
                f"not signed with the key {self.keyid}; the envelope names {signature.keyid}"
            ) from error
        if signature.keyid != self.keyid:
            raise SignatureError(f"the envelope names another key: {signature.keyid}")


def pae(body: bytes, kind: str = PAYLOAD_TYPE) -> bytes:
    """DSSE's Pre-Authentication Encoding; lengths are in bytes."""
    named = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(named), named, len(body), body)


def keyid(key: Ed25519PublicKey) -> str:
    """The SHA-256 of a public key's DER (SubjectPublicKeyInfo), in hexadecimal."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def require_library() -> None:
    """Check that the package that signs is there.

    Raises:
        ConfigError: it isn't installed.

    """
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "signatures need the package cryptography",
            fix="pip install 'sourcing-audit[evidence]'",
        ) from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", fix="check the path of the key") from error


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _decoded(text: str, what: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError(f"{what} isn't base64") from error
    if _encoded(content) != text:
        raise SignatureError(f"{what} isn't written as base64 is")
    return content
