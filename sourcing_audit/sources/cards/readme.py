"""A README as the Hugging Face hub reads it: tags in a YAML head, and prose in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sourcing_audit.rules.cards import CardKind, CardRules
from sourcing_audit.sources.cards import front_matter, markdown, reading
from sourcing_audit.sources.cards.model import (
    Card,
    Upstream,
    licenses,
    members,
    text_of,
    unique,
)
from sourcing_audit.sources.cards.prose import Sentences
from sourcing_audit.sources.cards.reading import NotReadError

if TYPE_CHECKING:
    from pathlib import Path

KIND = "huggingface"
_ORIGINAL = "original"
_EXTENDED = "extended"
_TAGS = frozenset(
    {
        "license",
        "licenses",
        "license_name",
        "license_link",
        "license_details",
        "source_datasets",
        "language_creators",
        "tags",
        "extra_gated_prompt",
        "extra_gated_fields",
    }
)
_PROMPTS = ("license_details", "extra_gated_prompt", "extra_gated_fields")


def read(path: Path, rules: CardRules) -> Card:
    """The card in a README; never raises for what is in it."""
    try:
        text, problems = reading.text(path)
    except NotReadError as error:
        return Card(str(path), KIND, problems=(str(error),))
    found = list(problems)
    tags: dict[str, Any] = {}
    body_at = 0
    try:
        head, body_at = front_matter.split(text)
        tags = front_matter.tags(head, _TAGS) if head else {}
    except NotReadError as error:
        found.append(str(error))
    said = Sentences(rules)
    _said_in_tags(tags, said)
    said.body(text[body_at:], len(markdown.lines(text[:body_at])))
    links, license_text, bad = _linked(path, tags)
    return Card(
        path=str(path),
        kind=KIND,
        declared=licenses(tags),
        links=links,
        prose=said.quotes,
        license_text=license_text,
        upstream=_upstream(tags),
        generators=_generators(tags, rules),
        problems=(*found, *said.problems, *bad),
    )


def _said_in_tags(tags: dict[str, Any], said: Sentences) -> None:
    """What tags beside the licence say: a name that isn't used, details, and what users accept."""
    if "other" not in {text_of(value) for value in members(tags.get("license"))}:
        for value in members(tags.get("license_name")):
            said.value(text_of(value), "license_name")
    for key in _PROMPTS:
        value = tags.get(key)
        # What a user has to tick is the name of a field.
        names = list(value) if isinstance(value, dict) else []
        for text in [*names, *map(text_of, members(value))]:
            said.field(text, key, rights=key == "license_details")


def _linked(
    path: Path, tags: dict[str, Any]
) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    """The addresses in `license_link`, the text of the local files among them, and problems."""
    links: list[str] = []
    texts: list[str] = []
    problems: list[str] = []
    for value in map(text_of, members(tags.get("license_link"))):
        try:
            scheme = urlsplit(value).scheme.lower()
        except ValueError:
            scheme = "unknown"
        if scheme in {"http", "https"}:
            links.append(value)
        elif scheme:
            problems.append(f"license_link: {value[:80]!r} is no address of a licence")
        else:
            links.append(value)
            try:
                text, faults = beside(path, value)
            except NotReadError as error:
                problems.append(f"license_link: {value[:80]!r}: {error}")
            else:
                texts.append(text)
                problems += [f"{value}: {fault}" for fault in faults]
    return unique(links), "\n\n".join(texts) or None, tuple(problems)


def beside(path: Path, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file that lies in the same folder, and what is wrong with it.

    Raises:
        NotReadError: the name leads elsewhere, or there is no such file.

    """
    plain = name.removeprefix("./")
    if not plain or plain in {".", ".."} or set(plain) & {"/", "\\", "\0"}:
        raise NotReadError("not the name of a file in the same folder")
    try:
        target = (path.parent / plain).resolve()
        inside = target.parent == path.parent.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise NotReadError("can't be found") from error
    if not inside:
        raise NotReadError("leads out of the folder")
    return reading.text(target, reading.LICENSE_LIMIT)


def _upstream(tags: dict[str, Any]) -> tuple[Upstream, ...]:
    """`source_datasets`: `extended|squad` names a dataset, `original` says that there is none."""
    names = []
    for value in map(text_of, members(tags.get("source_datasets"))):
        kind, mark, name = value.partition("|")
        if kind.strip().lower() == _EXTENDED and mark:
            names.append(name.strip().removeprefix("other-"))
        elif value.lower() not in {_ORIGINAL, "machine-generated"}:
            names.append(value)
    return tuple(Upstream(name, None, "source_datasets") for name in unique(names))


def _generators(tags: dict[str, Any], rules: CardRules) -> tuple[str, ...]:
    keys = ("source_datasets", "language_creators", "tags")
    stated = [text_of(value) for key in keys for value in members(tags.get(key))]
    return unique([value for value in stated if rules.any(CardKind.GENERATED, value)])
