"""One document about a dataset, whatever its form; and all those in a dataset's folder."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sourcing_audit.files import sha256_of
from sourcing_audit.rules.cards import CardRules
from sourcing_audit.sources.cards import croissant, reading, readme, spdx, spdx_tags
from sourcing_audit.sources.cards.model import Card, members, text_of, unique
from sourcing_audit.sources.cards.prose import Sentences
from sourcing_audit.sources.cards.reading import NotReadError

if TYPE_CHECKING:
    from collections.abc import Iterator

LICENSE_FILE = "license-file"
INFO = "dataset_info"
_INFO_FILE = "dataset_info.json"
MOST_FILES = 20
_MOST_VALUES = 500
_LICENSE = re.compile(
    r"(?:un)?licen[cs]e(?:[-_.].*)?|copying(?:\..*)?|copyright(?:\..*)?|terms(?:[-_].*)?(?:\..*)?",
    re.IGNORECASE,
)
_TEXT_ENDINGS = frozenset({"", ".md", ".txt", ".rst", ".html", ".htm"})
_README = re.compile(r"readme(?:\.(?:md|markdown|mdx|rst|txt))?", re.IGNORECASE)
_CARD = re.compile(r"(?:data(?:set)?[-_]?)?card\.md", re.IGNORECASE)
_CROISSANT = re.compile(r"(?:.*croissant.*\.json|.*\.jsonld|.*\.json-ld)", re.IGNORECASE)
_SPDX = re.compile(r".*\.spdx3?(?:\.json)?|.*\.spdx\.(?:ya?ml|rdf|xml|xlsx)", re.IGNORECASE)


def read_card(path: Path, rules: CardRules | None = None) -> Card:
    """What one document says; whatever is in it, it gives a card and never raises."""
    path = Path(path)
    before = _digest(path)
    card = _card(path, rules or CardRules.shipped())
    if _digest(path) != before:
        return replace(card, problems=(*card.problems, "changed while it was read"))
    return replace(card, sha256=before)


def of_folder(folder: Path, rules: CardRules | None = None) -> tuple[Card, ...]:
    """Every document about the dataset in its folder, in the order of their names."""
    paths = list(_documents(folder))
    cards = tuple(read_card(path, rules) for path in paths[:MOST_FILES])
    if len(paths) > MOST_FILES:
        more = f"the folder holds {len(paths)} documents; only {MOST_FILES} were read"
        cards += (Card(str(folder), LICENSE_FILE, problems=(more,)),)
    return cards


def _card(path: Path, rules: CardRules) -> Card:
    try:
        return _bounded(_read(path, rules))
    except (NotReadError, RecursionError) as error:
        return Card(str(path), _kind(path), problems=(str(error) or "too deeply nested",))


def _digest(path: Path) -> str | None:
    try:
        whole = path.is_file() and path.stat().st_size <= reading.LIMIT
        return sha256_of(path) if whole else None
    except OSError:
        return None


def _bounded(card: Card) -> Card:
    """The card with no more values in a field than a document about a dataset has in earnest."""
    several = ("declared", "links", "upstream", "generators", "problems")
    cut = [name for name in several if len(getattr(card, name)) > _MOST_VALUES]
    if not cut:
        return card
    more = f"{', '.join(cut)}: more than {_MOST_VALUES}; the others aren't kept"
    return replace(
        card,
        declared=card.declared[:_MOST_VALUES],
        links=card.links[:_MOST_VALUES],
        upstream=card.upstream[:_MOST_VALUES],
        generators=card.generators[:_MOST_VALUES],
        problems=(*card.problems[:_MOST_VALUES], more),
    )


def _documents(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    for path in found:
        if is_document(path.name) and path.is_file():
            yield path


def is_document(name: str) -> bool:
    """Whether a file's name is that of a document about the dataset it lies beside."""
    if _README.fullmatch(name) or _CARD.fullmatch(name) or name == _INFO_FILE:
        return True
    return bool(_is_license(name) or _CROISSANT.fullmatch(name) or _SPDX.fullmatch(name))


def _is_license(name: str) -> bool:
    """`LICENSE`, `LICENSE-CC-BY.txt`, `COPYING`, …; not `license_plates.csv`."""
    return bool(_LICENSE.fullmatch(name)) and (
        Path(name).suffix.lower() in _TEXT_ENDINGS or name.upper() == name
    )


def _kind(path: Path) -> str:
    name = path.name
    if name == _INFO_FILE:
        return INFO
    if _SPDX.fullmatch(name):
        return spdx.KIND
    if path.suffix.lower() in {".json", ".jsonld", ".json-ld"}:
        return croissant.KIND
    return LICENSE_FILE if _is_license(name) else readme.KIND


def _read(path: Path, rules: CardRules) -> Card:
    kind = _kind(path)
    if kind == LICENSE_FILE:
        text, problems = reading.text(path, reading.LICENSE_LIMIT)
        return Card(str(path), kind, license_text=text.strip() or None, problems=problems)
    if kind == readme.KIND:
        return readme.read(path, rules)
    if kind == spdx.KIND and path.suffix.lower() != ".json":
        return _tag_value(path, rules)
    content = reading.parsed(path)
    if spdx.recognises(content):
        return spdx.read(str(path), content, rules)
    if kind == spdx.KIND:
        raise NotReadError("not an SPDX document as JSON")
    if kind == INFO or _is_info(content):
        return _info(path, content, rules)
    return croissant.read(str(path), content, rules)


def _tag_value(path: Path, rules: CardRules) -> Card:
    text, problems = reading.text(path)
    if problems or not spdx_tags.is_tags(text):
        fault = problems[0] if problems else "SPDX in this form isn't read; save it as JSON"
        raise NotReadError(fault)
    return spdx.read(str(path), spdx_tags.content(text), rules)


def _is_info(content: Any) -> bool:
    return isinstance(content, dict) and "@context" not in content and "features" in content


def _info(path: Path, content: Any, rules: CardRules) -> Card:
    """What the library `datasets` saves beside the data."""
    if not isinstance(content, dict):
        raise NotReadError("holds no object")
    stated = [text_of(value) for value in members(content.get("license"))]
    description = content.get("description")
    said = Sentences(rules)
    if isinstance(description, str):
        said.field(description, "description")
    return Card(str(path), INFO, unique(stated), prose=said.quotes, problems=said.problems)
