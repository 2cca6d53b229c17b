"""From what the user typed to the data files that it means."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.rules.cards import CardRules
from sourcing_audit.sources import cards, croissant, elsewhere, huggingface, remote, saved
from sourcing_audit.sources.formats import (
    COMPRESSIONS,
    FORMATS,
    SUPPORTED,
    file,
    hidden,
    kind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sourcing_audit.sources.interface import Shard

_MAGIC = re.compile(r"[*?\[]")


def dataset_name(source: str) -> str:
    """The dataset's name: the input's stem, safe as the name of a folder."""
    if remote.is_address(source):
        source = re.sub(r"^(hf://[^@]*)@[^/]*", r"\1", remote.shown(source))
    if source.startswith(huggingface.PREFIX) and not remote.is_address(source):
        parts = source.removeprefix(huggingface.PREFIX).partition("@")[0].split("/")
        stem = parts[1] if len(parts) > 1 else parts[0]
    else:
        parts = [part for part in re.split(r"[\\/]+", source) if part not in ("", ".", "..")]
        stem = _stem(parts[-1]) if parts else ""
        while _MAGIC.search(stem):
            stem = re.sub(r"\[[^\]]*\]|[*?\[\]{}]", "", stem).strip("-_. ")
            parts.pop()
            stem = stem or (_stem(parts[-1]) if parts else "")
    safe = re.sub(r"[^\w.-]+", "-", stem, flags=re.ASCII).strip("-_.")[:80].rstrip("-_.")
    return safe or "dataset"


def shards(inputs: Sequence[str], card_rules: CardRules | None = None) -> list[Shard]:
    """The data files of inputs, each once, in the order given and sorted within it.

    Args:
        inputs: files, folders, patterns, `hf:org/name@revision`, or addresses at remote stores.
        card_rules: how the documents beside the data are read; without them, as shipped.

    Raises:
        InputError: an input is missing or of an unknown format.
        NothingToAuditError: there is no input, or a folder or pattern holds no data files.

    """
    found: dict[str, Shard] = {}
    for source in inputs:
        for shard in _one(source, card_rules or CardRules.shipped()):
            found.setdefault(_place(shard), shard)
    if not found:
        raise NothingToAuditError("no input is given")
    return _told_apart(found.values())


def _place(shard: Shard) -> str:
    if shard.remote is not None:
        return shard.remote.place
    return os.path.realpath(shard.path) if shard.is_here else shard.name


def _told_apart(shards: Iterable[Shard]) -> list[Shard]:
    """Number the files whose addresses differ only in what isn't shown."""
    seen: Counter[str] = Counter()
    told = []
    for shard in shards:
        seen[shard.name] += 1
        again = shard.remote is not None and seen[shard.name] > 1
        told.append(replace(shard, name=f"{shard.name}#{seen[shard.name]}") if again else shard)
    return told


def _one(source: str, card_rules: CardRules) -> Iterator[Shard]:
    path = Path(source)
    if remote.is_address(source):
        yield from elsewhere.shards(source, card_rules)
    elif source.startswith(huggingface.PREFIX):
        yield from huggingface.shards(source, card_rules)
    elif path.is_dir():
        yield from _folder(path, card_rules)
    elif path.is_file() and croissant.is_description(path):
        yield from croissant.shards(path, card_rules)
    elif path.is_file():
        yield file(path)
    elif _MAGIC.search(source):
        matches = sorted(Path(match) for match in glob.glob(source, recursive=True))  # noqa: PTH207
        files = [match for match in matches if match.is_file() and kind(match)]
        if not files:
            raise NothingToAuditError(f"{source}: no data file matches ({SUPPORTED})")
        yield from map(file, files)
    elif path.exists():
        raise InputError(f"{source}: neither a file nor a folder")
    else:
        raise InputError(f"{source}: no such file or folder", fix="check the path")


def _folder(folder: Path, card_rules: CardRules) -> Iterator[Shard]:
    documents = cards.of_folder(folder, card_rules)
    arrow = saved.shards(folder)
    if arrow:
        yield from (replace(shard, cards=documents) for shard in arrow)
        return
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and kind(path) and not hidden(path.relative_to(folder))
    ]
    if not files:
        raise NothingToAuditError(f"{folder}: the folder holds no data file ({SUPPORTED})")
    yield from (replace(file(path), cards=documents) for path in files)


def _stem(name: str) -> str:
    path = Path(name)
    while path.suffix.lower() in {*FORMATS, *COMPRESSIONS, *croissant.SUFFIXES}:
        path = Path(path.stem)
    return path.name
