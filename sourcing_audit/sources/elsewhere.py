"""Remote inputs as shards, with the documents that lie in a dataset's folder."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources import cards, croissant, formats, remote, saved
from sourcing_audit.sources.cards import reading
from sourcing_audit.sources.interface import Format, Shard, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sourcing_audit.rules.cards import CardRules
    from sourcing_audit.sources.cards import Card
    from sourcing_audit.sources.remote import Found, RemoteFile


def shards(source: str, card_rules: CardRules | None = None) -> list[Shard]:
    """The data files of a remote input: one file, a folder's or a pattern's.

    Raises:
        InputError: it can't be asked for, or isn't of a known format.
        NothingToAuditError: there are no data files.

    """
    found = remote.find(source)
    if found.folder is None and len(found.files) == 1:
        return [shard(found.files[0])]
    inside = {file: found.within(file) for file in found.files}
    if found.folder is None:
        chosen = [file for file in found.files if _kind(file)]
    else:
        _refuse_saved(found.folder, inside.values())
        chosen = [file for file in found.files if _kind(file) and not formats.hidden(inside[file])]
    if not chosen:
        raise NothingToAuditError(
            f"{remote.shown(source)}: there is no data file ({formats.SUPPORTED})"
        )
    documents = _documents(found, card_rules) if found.folder is not None else ()
    return [replace(shard(file), cards=documents) for file in chosen]


def shard(file: RemoteFile) -> Shard:
    """One remote data file.

    Raises:
        InputError: its format isn't known.

    """
    known = _kind(file)
    if known is None:
        name = PurePosixPath(file.name)
        raise InputError(
            f"{file.name}: not a known format",
            fix="download the Croissant file beside its data, and give it from there"
            if name.suffix.lower() in croissant.SUFFIXES
            else f"give a file that ends in {formats.SUPPORTED}",
        )
    return Shard(file.name, Path(), *known, remote=file)


def _kind(file: RemoteFile) -> tuple[Format, str | None] | None:
    return formats.kind(PurePosixPath(file.name))


def _refuse_saved(folder: str, inside: Iterable[PurePosixPath]) -> None:
    """A dataset saved to disk says apart which of its Arrow files count."""
    if any(path.name in {saved.STATE, saved.SPLITS} for path in inside):
        raise InputError(
            f"{folder}: a dataset saved to disk is read from this disk only",
            fix="copy the folder here, or name its .arrow files with a pattern",
        )


def _documents(found: Found, card_rules: CardRules | None) -> tuple[Card, ...]:
    """The cards and licence files at the top of a folder, as they would be read on this disk."""
    documents = [file for file in found.files if _is_document(found.within(file))]
    with tempfile.TemporaryDirectory(prefix="sourcing-audit-") as copies:
        for count, file in enumerate(documents):
            # Only so many are read; the others are to be counted.
            content = _beginning(file) if count < cards.MOST_FILES else b""
            (Path(copies) / found.within(file).name).write_bytes(content)
        return tuple(
            replace(card, path=card.path.replace(copies, found.folder or "", 1))
            for card in cards.of_folder(Path(copies), card_rules)
        )


def _is_document(path: PurePosixPath) -> bool:
    return len(path.parts) == 1 and cards.is_document(path.name)


def _beginning(file: RemoteFile) -> bytes:
    """As much of a document as is read of one."""
    try:
        with file.stream() as stream:
            return b"".join(_pieces(stream, reading.LIMIT + 1))
    except UnreadableError as error:
        raise InputError(
            f"{file.name}: {error}", fix="what it says of the data's licence must be known"
        ) from error


def _pieces(stream: IO[bytes], most: int) -> Iterator[bytes]:
    while most > 0 and (piece := stream.read(most)):
        most -= len(piece)
        yield piece
