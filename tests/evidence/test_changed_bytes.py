"""Any changed byte is found: random changes of a real bundle, and crafted ones."""

from __future__ import annotations

import errno
import io
import random
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest

from sourcing_audit import evidence
from sourcing_audit.errors import OutputError
from sourcing_audit.evidence import Wanted, container, layout
from sourcing_audit.evidence.checking import State
from sourcing_audit.rules import RuleStore
from tests.evidence.support import members, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.evidence.conftest import Made

    Damage = Callable[[random.Random, bytes], bytes]


def flipped(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def flipped_in_the_directory(rng: random.Random, data: bytes) -> bytes:
    start = data.index(b"PK\x01\x02")
    return data[:start] + flipped(rng, data[start:])


def flipped_in_a_header(rng: random.Random, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = rng.choice(archive.infolist())
    start, end = info.header_offset, info.header_offset + 30 + len(info.filename)
    return data[:start] + flipped(rng, data[start:end]) + data[end:]


def flipped_with_its_checksum(rng: random.Random, data: bytes) -> bytes:
    """A member changed by somebody who knows how zips work."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = rng.choice([one for one in archive.infolist() if one.file_size])
        content = flipped(rng, archive.read(info))
    body = info.header_offset + 30 + len(info.filename)
    old, new = struct.pack("<L", info.CRC), struct.pack("<L", zlib.crc32(content))
    changed = bytearray(data)
    changed[body : body + len(content)] = content
    changed[info.header_offset + 14 : info.header_offset + 18] = new
    name = info.filename.encode()
    entry = data.rindex(name, data.index(b"PK\x01\x02")) - 46
    while data[entry + 16 : entry + 20] != old:
        entry = data.rindex(name, 0, entry + 46) - 46
    changed[entry + 16 : entry + 20] = new
    return bytes(changed)


def truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def appended(rng: random.Random, data: bytes) -> bytes:
    return data + rng.randbytes(rng.randrange(1, 50))


def prepended(rng: random.Random, data: bytes) -> bytes:
    return rng.randbytes(rng.randrange(1, 50)) + data


def inserted(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(1, len(data))
    return data[:at] + rng.randbytes(rng.randrange(1, 5)) + data[at:]


def cut_out(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) - 1)
    return data[:at] + data[at + rng.randrange(1, 50) :]


def swapped(rng: random.Random, data: bytes) -> bytes:
    """Two members have each other's content, and the zip is written as the writer does."""
    contents = _read(data)
    one, other = rng.sample(sorted(contents), 2)
    contents[one], contents[other] = contents[other], contents[one]
    return _written(contents)


def renamed(rng: random.Random, data: bytes) -> bytes:
    contents = _read(data)
    name = rng.choice(sorted(contents))
    contents[f"{name}x"] = contents.pop(name)
    return _written(contents)


def without_one(rng: random.Random, data: bytes) -> bytes:
    contents = _read(data)
    del contents[rng.choice(sorted(contents))]
    return _written(contents)


def with_one_more(rng: random.Random, data: bytes) -> bytes:
    return _written({**_read(data), f"evidence/{rng.randrange(10**6)}.parquet": rng.randbytes(9)})


def reordered(rng: random.Random, data: bytes) -> bytes:
    contents = list(_read(data).items())
    one, other = sorted(rng.sample(range(len(contents)), 2))
    contents[one], contents[other] = contents[other], contents[one]
    return _written(dict(contents), in_order=False)


def _read(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _written(contents: dict[str, bytes], *, in_order: bool = True) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(contents) if in_order else contents:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, contents[name])
    return file.getvalue()


DAMAGES: dict[Damage, int] = {
    flipped: 150,
    flipped_in_the_directory: 100,
    flipped_in_a_header: 100,
    flipped_with_its_checksum: 100,
    truncated: 40,
    appended: 20,
    prepended: 20,
    inserted: 40,
    cut_out: 40,
    swapped: 20,
    renamed: 20,
    without_one: 30,
    with_one_more: 5,
    reordered: 20,
}


def test_the_changes_start_from_what_the_writer_writes(made: Made) -> None:
    data = made.unsigned.read_bytes()
    assert _written(_read(data)) == data


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_changed_bundle_is_refused(damage: Damage, made: Made, tmp_path: Path) -> None:
    """Signed or not, and whoever asks: without a key too, nothing that was changed is accepted."""
    rng = random.Random(damage.__name__)
    bundle = tmp_path / "bundle.zip"
    signed, unsigned = made.signed.read_bytes(), made.unsigned.read_bytes()
    for number in range(DAMAGES[damage]):
        data, wanted = (
            (signed, Wanted(key=made.key)) if number % 2 else (unsigned, Wanted(unsigned_ok=True))
        )
        changed = damage(rng, data)
        assert changed != data
        bundle.write_bytes(changed)
        found = evidence.verify(bundle, wanted)
        assert found.failed, f"change {number} wasn't found"
        assert not found.accepted
        assert found.failed[0].detail
        assert found.failed[0].name in {"container", "members", "statement", "signature"}


CRAFTED: dict[str, tuple[Callable[[zipfile.ZipFile], object], str]] = {
    "leads out": (lambda z: z.writestr("../../outside", b"x"), "not a plain relative path"),
    "absolute": (lambda z: z.writestr("/etc/passwd", b"x"), "not a plain relative path"),
    "backslash": (lambda z: z.writestr("a\\..\\b", b"x"), "characters that no bundle has"),
    "drive": (lambda z: z.writestr("C:evil", b"x"), "characters that no bundle has"),
    "control": (lambda z: z.writestr("a\x1b[2Jb", b"x"), "characters that no bundle has"),
    "compressed": (
        lambda z: z.writestr("zeros", bytes(50_000_000), zipfile.ZIP_DEFLATED),
        "compressed",
    ),
    "folder": (lambda z: z.writestr("empty/", b""), "not a plain relative path"),
    "comment": (lambda z: setattr(z, "comment", b"hello"), "isn't as written"),
    "long name": (lambda z: z.writestr("a" * 600, b""), "not a plain relative path"),
    "unixlike": (lambda z: z.writestr("new", b"x"), "isn't as written"),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_container_is_refused(name: str, made: Made, tmp_path: Path) -> None:
    craft, message = CRAFTED[name]
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(made.unsigned.read_bytes())
    with zipfile.ZipFile(bundle, "a") as archive:
        craft(archive)
    found = evidence.verify(bundle, Wanted(unsigned_ok=True))
    assert [check.name for check in found.failed] == ["container"]
    assert message in found.failed[0].detail
    assert all(check.state is not State.OK for check in found.checks)
    assert list(tmp_path.iterdir()) == [bundle]


def test_a_name_that_is_there_twice_is_refused(made: Made, tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(made.unsigned.read_bytes())
    with zipfile.ZipFile(bundle, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("report.json", b"{}")
    found = evidence.verify(bundle, Wanted(unsigned_ok=True))
    assert "report.json: there twice" in found.failed[0].detail


def test_members_that_claim_to_be_larger_than_the_file_are_refused(
    made: Made, tmp_path: Path
) -> None:
    data = bytearray(made.unsigned.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 20 : at + 28] = struct.pack("<LL", 2**31, 2**31)
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(data)
    found = evidence.verify(bundle, Wanted(unsigned_ok=True))
    assert "larger than the file" in found.failed[0].detail


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_refused(content: bytes, tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(content)
    found = evidence.verify(bundle, Wanted(unsigned_ok=True))
    assert not found.accepted
    assert found.about is None


@pytest.mark.parametrize("name", [layout.STATEMENT, layout.REPORT, layout.REQUEST, layout.LISTING])
@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b'"\\ud800"', b"\xff", b"null"])
def test_a_part_that_is_no_json_of_its_kind_is_refused(
    name: str, content: bytes, made: Made, tmp_path: Path
) -> None:
    bundle = pack(tmp_path / "b.zip", {**members(made.unsigned), name: content})
    found = evidence.verify(bundle, Wanted(unsigned_ok=True))
    assert name in found.failed[0].detail


def test_a_part_that_is_too_large_is_not_read(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "LARGEST_READ", 1000)
    found = evidence.verify(made.unsigned, Wanted(unsigned_ok=True))
    assert "larger than 1000 bytes" in found.failed[0].detail


def test_a_full_disk_is_no_damage(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(container, "_copy", full)
    with pytest.raises(OutputError, match="no space for a copy"):
        evidence.verify(made.unsigned)
    monkeypatch.undo()
    monkeypatch.setattr(container, "_put", full)
    with pytest.raises(OutputError, match="No space left"):
        evidence.write(made.folder, tmp_path / "b.zip", RuleStore())
    assert list(tmp_path.iterdir()) == []
