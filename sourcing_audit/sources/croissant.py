"""Croissant files as inputs: the tables that their record sets read, where they lie on this disk.

Nothing is fetched or unpacked. A table that can't be read from here stops the audit, because its
items would be missing from it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources import cards, formats, nearby
from sourcing_audit.sources.cards import reading
from sourcing_audit.sources.cards.linked import Document
from sourcing_audit.sources.cards.model import members
from sourcing_audit.sources.interface import Format, Shard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.rules.cards import CardRules

SUFFIXES = (".json", ".jsonld")
_TABLES = {
    "text/csv": Format.CSV,
    "text/tab-separated-values": Format.TSV,
    "application/jsonlines": Format.JSONL,
    "application/x-jsonlines": Format.JSONL,
    "application/jsonl": Format.JSONL,
    "application/x-ndjson": Format.JSONL,
    "application/parquet": Format.PARQUET,
    "application/x-parquet": Format.PARQUET,
    "application/vnd.apache.parquet": Format.PARQUET,
    "application/vnd.apache.arrow.file": Format.ARROW,
}
_JSON = frozenset({"application/json", "application/ld+json"})
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_VOCABULARIES = frozenset({"Enumeration", "Split"})
"""Record sets of these types list values, and hold no items."""
_RESOURCES = frozenset({"FileObject", "FileSet"})
_HUB = re.compile(r"https?://huggingface\.co/datasets/(?P<name>[\w.-]+/[\w.-]+)")
_MOST_FILES = 100_000


def is_description(path: Path) -> bool:
    """Whether a file's name is that of a Croissant file."""
    return path.suffix.lower() in SUFFIXES


def shards(path: Path, card_rules: CardRules) -> list[Shard]:
    """The tables that a Croissant file describes, each once, in its order.

    Raises:
        InputError: it is no Croissant file, or describes a table that can't be read from here.
        NothingToAuditError: it describes no table.

    """
    try:
        content = reading.parsed(path)
    except reading.NotReadError as error:
        raise InputError(f"{path}: {error}", fix="give a Croissant file as valid JSON") from error
    described = _Description(path, Document(content))
    own = cards.read_card(path, card_rules)
    found = {shard.name: replace(shard, cards=(own,)) for shard in described.shards()}
    if not found:
        raise NothingToAuditError(
            f"{path}: describes no table with items ({formats.SUPPORTED})",
            fix="give the data files themselves",
        )
    return list(found.values())


class _Description:
    """One Croissant file and the resources in it."""

    def __init__(self, path: Path, document: Document) -> None:
        self._path = path
        self._folder = path.parent
        self._document = document
        self._looked_at: set[int] = set()
        self._all = [each for each in document.objects if document.types(each) & _RESOURCES]
        self._resources: dict[str, dict[str, Any]] = {}
        for each in self._all:
            # Before version 1.0 resources were known by their names.
            for name in [each.get("@id"), *document.texts(each, "name")]:
                if isinstance(name, str):
                    self._resources.setdefault(name, each)
        if document.cut:
            raise InputError(
                f"{path}: holds too many objects to be looked at in full",
                fix="give the data files themselves",
            )
        if not self._all:
            raise InputError(
                f"{path}: no Croissant file: it describes no files",
                fix=f"give a Croissant file, or data that ends in {formats.SUPPORTED}",
            )

    def shards(self) -> Iterator[Shard]:
        for resource in self._read_by_record_sets() or self._all:
            yield from self._shards_of(resource)

    def _read_by_record_sets(self) -> list[dict[str, Any]]:
        """The resources that hold items: those that fields of record sets are read from."""
        found: dict[int, dict[str, Any]] = {}
        for record_set in self._document.objects:
            if "RecordSet" not in self._document.types(record_set) or self._lists(record_set):
                continue
            if self._document.get(record_set, "data"):
                raise self._unreadable(
                    _name(self._document, record_set),
                    "holds its records itself",
                    "write them to a file and describe that, or give the data files themselves",
                )
            for name in self._sources(record_set):
                resource = self._resources.get(name)
                if resource is not None:
                    found.setdefault(id(resource), resource)
        return list(found.values())

    def _lists(self, record_set: dict[str, Any]) -> bool:
        kinds = {
            self._document.name(kind)
            for each in self._document.get(record_set, "dataType")
            for kind in members(each)
            if isinstance(kind, str)
        }
        return bool(kinds & _VOCABULARIES) or True in self._document.get(
            record_set, "isEnumeration"
        )

    def _sources(self, record_set: dict[str, Any]) -> Iterator[str]:
        """The names of the resources that the fields of a record set take their values from."""
        pending: list[Any] = [record_set]
        while pending:
            value = pending.pop()
            if isinstance(value, list):
                pending += value
            elif isinstance(value, dict) and id(value) not in self._looked_at:
                # Record sets may lie in each other; none is looked at twice.
                self._looked_at.add(id(value))
                pending += value.values()
                for source in self._document.get(value, "source"):
                    yield from self._resource_names(source)

    def _resource_names(self, source: Any) -> Iterator[str]:
        if isinstance(source, str):
            yield from _named(source)
        elif isinstance(source, dict):
            keys = ("fileObject", "fileSet", "distribution", "@id")
            for each in self._document.get(source, *keys):
                name = each.get("@id") if isinstance(each, dict) else each
                if isinstance(name, str):
                    yield from _named(name)

    def _shards_of(self, resource: dict[str, Any]) -> Iterator[Shard]:
        name = _name(self._document, resource)
        encodings = {
            text.partition(";")[0].strip().lower()
            for text in self._document.texts(resource, "encodingFormat")
        }
        format_ = next((_TABLES[each] for each in sorted(encodings) if each in _TABLES), None)
        if "FileSet" in self._document.types(resource):
            patterns = self._document.texts(resource, "includes")
            yield from self._file_set(resource, name, patterns, format_)
            return
        urls = self._document.texts(resource, "contentUrl")
        known = formats.kind(self._folder / nearby.file_name(urls[0])) if urls else None
        if format_ is None and known is None:
            if encodings & _JSON:
                raise self._unreadable(name, "is JSON", "write it as JSON lines, and say so")
            # Images, audio, archives: content that a table may list, and no table.
            return
        inside = self._document.get(resource, "containedIn")
        if inside:
            raise self._unreadable(
                name, "lies in an archive", "unpack it and give the data files themselves"
            )
        if not urls:
            raise self._unreadable(name, "has no contentUrl", "state where the file lies")
        path = self._local(name, urls[0])
        digests = self._document.texts(resource, "sha256")
        expected = next((each.lower() for each in digests if _SHA256.fullmatch(each)), None)
        yield self._shard(path, known, format_, expected)

    def _file_set(
        self, resource: dict[str, Any], name: str, patterns: list[str], format_: Format | None
    ) -> Iterator[Shard]:
        """The files of a set that lies in the Croissant file's own folder."""
        tables = format_ is not None or any(
            formats.kind(self._folder / nearby.file_name(pattern)) for pattern in patterns
        )
        if not tables:
            return
        inside = [self._container(each) for each in self._document.get(resource, "containedIn")]
        for container in inside:
            self._refuse_container(name, container)
        excluded = {
            path
            for pattern in self._document.texts(resource, "excludes")
            for path in self._matching(name, pattern)
        }
        for pattern in patterns:
            paths = [path for path in self._matching(name, pattern) if path not in excluded]
            if not paths:
                raise self._unreadable(
                    name, f"finds no file that matches {pattern!r}", "check the pattern"
                )
            for path in paths:
                yield self._shard(path, formats.kind(path), format_, None)

    def _container(self, value: Any) -> dict[str, Any]:
        name = value.get("@id") if isinstance(value, dict) else value
        found = self._resources.get(name) if isinstance(name, str) else None
        return found or (value if isinstance(value, dict) else {})

    def _refuse_container(self, name: str, container: dict[str, Any]) -> None:
        url = next(iter(self._document.texts(container, "contentUrl")), "")
        hub = _HUB.match(url)
        if hub:
            raise self._unreadable(name, f"lies at {url}", f"audit hf:{hub['name']} itself")
        if nearby.scheme(url):
            raise self._unreadable(
                name, f"lies at {url}", "download it and give the data files themselves"
            )
        raise self._unreadable(
            name, "lies in an archive", "unpack it and give the data files themselves"
        )

    def _matching(self, name: str, pattern: str) -> list[Path]:
        if nearby.outside(pattern):
            raise self._unreadable(name, "leads out of the folder", "move the files beside it")
        try:
            found = sorted(path for path in self._folder.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError, OSError) as error:
            raise self._unreadable(name, f"has the pattern {pattern!r}", "mend it") from error
        if len(found) > _MOST_FILES:
            raise self._unreadable(name, "has too many files", "give the data files themselves")
        return [path for path in found if nearby.beneath(self._folder, path)]

    def _local(self, name: str, url: str) -> Path:
        """The file of a `contentUrl` that is relative to the Croissant file, and lies below it."""
        if nearby.scheme(url):
            hub = _HUB.match(url)
            fix = (
                f"audit hf:{hub['name']} itself" if hub else "download it and give the file itself"
            )
            raise self._unreadable(name, f"lies at {url}, and nothing is fetched", fix)
        for plain in dict.fromkeys((url, unquote(url))):
            path = self._folder / plain
            if nearby.outside(plain) or not nearby.beneath(self._folder, path):
                raise self._unreadable(name, f"leads out of the folder: {url!r}", "move it there")
            try:
                if path.is_file():
                    return path
            except (OSError, ValueError):
                continue
        raise self._unreadable(name, f"isn't there: {url!r}", "check the path")

    def _shard(
        self,
        path: Path,
        known: tuple[Format, str | None] | None,
        format_: Format | None,
        expected: str | None,
    ) -> Shard:
        if known is None and format_ is not None:
            # The description says what the name doesn't.
            return Shard(str(path), path, format_, None, sha256=expected)
        return replace(formats.file(path), sha256=expected)

    def _unreadable(self, name: str, problem: str, fix: str) -> InputError:
        return InputError(f"{self._path}: {name!r} {problem}", fix=fix)


def _name(document: Document, resource: dict[str, Any]) -> str:
    identifier = resource.get("@id")
    names = document.texts(resource, "name")
    return identifier if isinstance(identifier, str) else (names[0] if names else "unnamed")


def _named(source: str) -> Iterator[str]:
    """A reference to a resource; before version 1.0, `#{resource/column}`."""
    plain = source.removeprefix("#{").removesuffix("}")
    yield plain
    yield plain.partition("/")[0]
