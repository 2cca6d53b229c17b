"""Keys and envelopes, and that a bundle can be checked with what every system has."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sourcing_audit import evidence
from sourcing_audit.errors import ConfigError, OutputError
from sourcing_audit.evidence import signing
from tests.evidence.support import members

if TYPE_CHECKING:
    from tests.evidence.conftest import Made

DOCS = Path(__file__).parents[2] / "docs"
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
OPEN = serialization.NoEncryption()


def test_the_encoding_is_the_one_of_the_specification() -> None:
    """The example of DSSE's protocol.md, and a body whose length in characters is another."""
    assert (
        signing.pae(b"hello world", "http://example.com/HelloWorld")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert signing.pae("é".encode(), "é") == b"DSSEv1 2 \xc3\xa9 2 \xc3\xa9"


def test_the_signature_is_ed25519_over_the_encoded_statement(made: Made) -> None:
    held = members(made.signed)
    envelope = json.loads(held["envelope.json"])
    assert base64.b64decode(envelope["payload"]) == held["statement.json"]
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    key = serialization.load_pem_public_key(made.public.read_bytes())
    assert isinstance(key, ed25519.Ed25519PublicKey)
    body = held["statement.json"]
    signed = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(body), body)
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)


def test_the_private_key_is_for_its_owner_only(made: Made) -> None:
    assert made.private.stat().st_mode & 0o777 == 0o600
    assert made.private.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert made.public.read_bytes().startswith(b"-----BEGIN PUBLIC KEY-----")


def test_a_key_is_never_made_over_another(made: Made, tmp_path: Path) -> None:
    before = made.private.read_bytes()
    with pytest.raises(OutputError, match="already exists"):
        evidence.make_keys(made.private.parent)
    assert made.private.read_bytes() == before
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        evidence.make_keys(tmp_path / "file")


def test_a_key_with_a_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(signing.PASSPHRASE, "correct horse")
    private, public, keyid = evidence.make_keys(tmp_path)
    assert private.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert evidence.Signer.of(private).keyid == keyid == evidence.Verifier.of(public).keyid
    for wrong in ("battery", ""):
        monkeypatch.setenv(signing.PASSPHRASE, wrong)
        with pytest.raises(ConfigError, match="can be opened") as raised:
            evidence.Signer.of(private)
        assert "battery" not in str(raised.value)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_key_that_others_can_read_is_refused(made: Made, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(made.private.read_bytes())
    key.chmod(0o640)
    with pytest.raises(ConfigError, match="others than you") as raised:
        evidence.Signer.of(key)
    assert "chmod 600" in str(raised.value)


def test_what_is_no_key_is_refused(made: Made, tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    contents = {
        "not Ed25519": other.private_bytes(PEM, PKCS8, OPEN),
        "no key": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "empty": b"",
        "public": made.public.read_bytes(),
    }
    for name, content in contents.items():
        path = tmp_path / f"{name}.pem"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(ConfigError, match=re.escape(str(path))):
            evidence.Signer.of(path)
    (tmp_path / "ec.pub").write_bytes(other.public_key().public_bytes(PEM, spki))
    for path in (tmp_path / "ec.pub", tmp_path / "empty.pem", made.private, tmp_path / "none"):
        with pytest.raises(ConfigError, match=re.escape(str(path))):
            evidence.Verifier.of(path)


def test_without_the_extra_a_message_names_it(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    for call in (
        lambda: evidence.Signer.of(made.private),
        lambda: evidence.Verifier.of(made.public),
        lambda: evidence.make_keys(tmp_path),
    ):
        with pytest.raises(ConfigError, match=r"sourcing-audit\[evidence\]"):
            call()
    assert not evidence.verify(made.signed).failed


needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, ("openssl", "unzip", "sha256sum", "python3", "bash"))),
    reason="needs openssl, unzip, sha256sum and python3",
)


def by_hand(bundle: Path, key: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the commands of docs/evidence.md."""
    page = (DOCS / "evidence.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    folder.mkdir()
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "BUNDLE": str(bundle), "KEY": str(key)},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_tools
def test_a_bundle_can_be_checked_by_hand(made: Made, tmp_path: Path) -> None:
    for name, bundle in (("signed", made.signed), ("full", made.full)):
        ran = by_hand(bundle, made.public, tmp_path / name)
        assert ran.returncode == 0, ran.stderr
        assert "as the holder of the key signed it" in ran.stdout


@needs_tools
@pytest.mark.parametrize("name", ["statement.json", "report.html", "rules/shipped/uses.toml"])
def test_what_was_changed_is_found_by_hand(name: str, made: Made, tmp_path: Path) -> None:
    from tests.evidence.support import pack

    contents = members(made.signed)
    contents[name] += b"\n"
    ran = by_hand(pack(tmp_path / "b.zip", contents), made.public, tmp_path / "out")
    assert ran.returncode != 0
    assert "as the holder" not in ran.stdout


@needs_tools
def test_another_key_is_refused_by_hand(made: Made, tmp_path: Path) -> None:
    _, public, _ = evidence.make_keys(tmp_path / "keys")
    assert by_hand(made.signed, public, tmp_path / "out").returncode != 0


@needs_tools
def test_a_key_that_openssl_made_will_do(made: Made, tmp_path: Path) -> None:
    private, public = tmp_path / "a.pem", tmp_path / "a.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    private.chmod(0o600)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", public, "-outform", "DER"],
        check=True,
        capture_output=True,
    ).stdout
    import hashlib

    signer, verifier = evidence.Signer.of(private), evidence.Verifier.of(public)
    assert signer.keyid == verifier.keyid == hashlib.sha256(der).hexdigest()
    verifier.check(signer.envelope(b"{}"))
    with pytest.raises(signing.SignatureError):
        made.key.check(signer.envelope(b"{}"))
