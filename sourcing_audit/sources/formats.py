"""What a data file is, by its name."""

from __future__ import annotations

from pathlib import Path, PurePath

from sourcing_audit.errors import InputError
from sourcing_audit.sources.interface import Format, Shard

FORMATS = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".arrow": Format.ARROW,
    ".feather": Format.ARROW,
}
COMPRESSIONS = {".gz": "gz", ".zst": "zst", ".bz2": "bz2", ".xz": "xz"}
_TEXT = frozenset({Format.CSV, Format.TSV, Format.JSONL})
SUPPORTED = ".parquet, .csv, .tsv, .jsonl, .ndjson or .arrow; text also with .gz, .zst, .bz2, .xz"


def kind(path: PurePath) -> tuple[Format, str | None] | None:
    """Format and compression by the file's name; None if it is no data file."""
    suffix = path.suffix.lower()
    compression = COMPRESSIONS.get(suffix)
    if compression is None:
        format_ = FORMATS.get(suffix)
        return None if format_ is None else (format_, None)
    inner = FORMATS.get(Path(path.stem).suffix.lower())
    return (inner, compression) if inner in _TEXT and inner is not None else None


def file(path: Path) -> Shard:
    """One data file.

    Raises:
        InputError: it is missing, or its format isn't known.

    """
    if not path.is_file():
        raise InputError(f"{path}: no such file", fix="check the path")
    if not _encodable(str(path)):
        raise InputError(f"{str(path)!r}: the name is no UTF-8", fix="rename the file")
    known = kind(path)
    if known is None:
        raise InputError(f"{path}: not a known format", fix=f"give a file that ends in {SUPPORTED}")
    return Shard(str(path), path, *known)


def hidden(path: PurePath) -> bool:
    """Files that tools leave behind: `.crc`, `_SUCCESS`, `.cache/…`."""
    return any(part.startswith((".", "_")) for part in path.parts)


def _encodable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
