"""Make a key pair to sign evidence with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sourcing_audit.errors import OutputError
from sourcing_audit.evidence.signing import PASSPHRASE, keyid, require_library

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE, PUBLIC = "signing-key.pem", "signing-key.pub.pem"


def make_keys(folder: Path) -> tuple[Path, Path, str]:
    """Make a key pair in a folder, which is made if it isn't there.

    The private key is readable by its owner only, and encrypted if the environment holds a
    passphrase.

    Returns:
        The private key's file, the public key's file, and the key's id.

    Raises:
        OutputError: there are keys already, or the folder can't be written.

    """
    require_library()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    passphrase = os.environ.get(PASSPHRASE)
    hidden: Any = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    files = {
        folder / PRIVATE: (
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden
            ),
            0o600,
        ),
        folder / PUBLIC: (public.public_bytes(serialization.Encoding.PEM, spki), 0o644),
    }
    taken = next((path for path in files if path.exists()), None)
    if taken is not None:
        raise OutputError(f"{taken}: already exists", fix="give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, (content, mode) in files.items():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
    except OSError as error:
        raise OutputError(
            f"{folder}: {error.strerror}", fix="choose a folder you can write"
        ) from error
    return folder / PRIVATE, folder / PUBLIC, keyid(public)
