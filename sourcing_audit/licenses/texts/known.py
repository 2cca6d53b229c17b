"""Known licence texts by the digests of their words, built from ScanCode's data files."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit.errors import OutputError
from sourcing_audit.files import replacing_file
from sourcing_audit.licenses.texts import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sourcing_audit.licenses.texts.normalise import Body, Normaliser

    Progress = Callable[[str, int, int | None], None]

STEP = "Indexing known licence texts"
_FILE = "licence-texts.json"
_FEWEST_WORDS = 4
"""Shorter texts mean something else in another place; ScanCode decides."""
_LONGEST_TITLE = 12
_LEAST_RELEVANCE = 90
_FRONT = re.compile(r"\A\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([a-z_]+):[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_SKIPPED = (
    "is_false_positive",
    "is_license_intro",
    "is_license_clue",
)


@dataclass(frozen=True, slots=True)
class ScanCodeData:
    """The data files of the installed ScanCode, which are read without importing it."""

    version: str
    folder: Path

    @classmethod
    def installed(cls) -> ScanCodeData | None:
        """Where they are; None if ScanCode isn't installed."""
        try:
            spec = importlib.util.find_spec("licensedcode")
        except (ImportError, ValueError):
            return None
        if spec is None or spec.origin is None:
            return None
        folder = Path(spec.origin).parent / "data"
        for name in ("scancode-toolkit", "scancode-toolkit-mini"):
            try:
                return cls(importlib.metadata.version(name), folder)
            except importlib.metadata.PackageNotFoundError:
                continue
        return None

    def texts(self) -> Iterator[tuple[str, dict[str, str], str]]:
        """The name, the fields and the text of each data file, in a fixed order."""
        for pattern in ("licenses/*.LICENSE", "rules/*.RULE"):
            for path in sorted(self.folder.glob(pattern)):
                front = _FRONT.match(text := path.read_text(encoding="utf-8", errors="replace"))
                if front:
                    yield path.name, _fields(front[1]), text[front.end() :]


class KnownTexts:
    """The licence expression, in ScanCode's keys, of each known text."""

    def __init__(self, expressions: dict[bytes, str]) -> None:
        """Answer from digests of the texts' words."""
        self._expressions = expressions

    def __len__(self) -> int:
        """How many texts are known."""
        return len(self._expressions)

    def expression(self, body: Body) -> str | None:
        """The expression of a text, or of a text below its own title."""
        words, title = body.words, body.title
        if len(words) < _FEWEST_WORDS:
            return None
        found = self._expressions.get(normalise.digest(words))
        if found or not 0 < title <= min(_LONGEST_TITLE, len(words) - _FEWEST_WORDS):
            return found
        found = self._expressions.get(normalise.digest(words[title:]))
        named = self._expressions.get(normalise.digest(words[:title])) if found else None
        return found if found == named else None

    @classmethod
    def load(
        cls,
        data: ScanCodeData,
        normaliser: Normaliser,
        *,
        cache: Path,
        rules: str,
        progress: Progress,
    ) -> KnownTexts:
        """The index from the folder `cache`; built and stored there if it isn't, or is damaged.

        Args:
            data: ScanCode's data files.
            normaliser: cuts texts into words.
            cache: the folder; one that can't be written costs only the time to build.
            rules: the digest of the rules, which the words of a text depend on.
            progress: told of each thousand files.

        """
        version = f"{normalise.VERSION} {data.version} {rules}"
        path = cache / _FILE
        stored = _stored(path, version)
        if stored is None:
            stored = _build(data, normaliser, progress)
            _store(path, version, stored)
        return cls(stored)


def default_cache() -> Path:
    """The user's cache folder for this tool."""
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return root / "sourcing-audit"


def _fields(front: str) -> dict[str, str]:
    """The plain fields of a data file's front matter; lists and notes come out as text."""
    return {name: " ".join(value.split()).strip("'\"") for name, value in _FIELD.findall(front)}


def _build(data: ScanCodeData, normaliser: Normaliser, progress: Progress) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    doubtful: set[bytes] = set()
    for count, (_name, fields, text) in enumerate(data.texts(), start=1):
        if count % 1_000 == 0:
            progress(STEP, count, None)
        words = normaliser.body(text).words
        if not words:
            continue
        key = normalise.digest(words)
        expression = fields.get("license_expression") or fields.get("key", "")
        relevance = int(fields.get("relevance", "100"))
        if fields.get("is_deprecated") == "yes":
            continue
        if any(fields.get(name) == "yes" for name in _SKIPPED) or relevance < _LEAST_RELEVANCE:
            doubtful.add(key)
        elif found.setdefault(key, expression) != expression:
            # Less its copyright line, the text is that of several licences.
            doubtful.add(key)
    return {key: value for key, value in found.items() if key not in doubtful}


def _stored(path: Path, version: str) -> dict[bytes, str] | None:
    try:
        head, body = path.read_bytes().split(b"\n", 1)
        if json.loads(head) != _head(version, body):
            return None
        content = json.loads(body)
        names = content["expressions"]
        return {bytes.fromhex(k): names[number] for k, number in content["texts"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def _store(path: Path, version: str, found: dict[bytes, str]) -> None:
    names = sorted(set(found.values()))
    numbers = {name: number for number, name in enumerate(names)}
    texts = {key.hex(): numbers[name] for key, name in sorted(found.items())}
    body = json.dumps({"expressions": names, "texts": texts}).encode()
    try:
        with replacing_file(path) as temporary:
            temporary.write_bytes(json.dumps(_head(version, body)).encode() + b"\n" + body)
    except (OSError, OutputError):
        # A cache that can't be written is no reason not to answer.
        return


def _head(version: str, body: bytes) -> dict[str, str]:
    return {"version": version, "sha256": hashlib.sha256(body).hexdigest()}
