"""RSL documents: what their licences permit and prohibit, use by use."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from sourcing_audit.rules.rsl import RslTerm

    Terms = Mapping[tuple[str, str], RslTerm]

MAX_CONTENTS = 10_000
MAX_LICENSES = 100
MAX_WORDS = 500
EXCERPT = 500
MAX_SHOWN = 20

NAMESPACE = "https://rslstandard.org/rsl"

BUCKETS = ("ai-train", "ai-input", "search", "other")
"""Usages that are told apart; `ai-index` is one of search engines here."""


class NotRslError(ValueError):
    """The document is no RSL."""


@dataclass(frozen=True)
class Outcome:
    """What a content's licences say together about one usage."""

    decision: str
    problem: str | None = None
    conditions: tuple[str, ...] = ()


@dataclass
class License:
    """One licence."""

    permits: set[str] = field(default_factory=set)
    """Usages, each coming down to terms that stand for themselves."""
    prohibits: set[str] = field(default_factory=set)
    lists: bool = False
    """Names permitted usages, so that no other is permitted."""
    old: set[str] = field(default_factory=set)
    """Usages that only words of earlier drafts speak about."""
    conditions: set[str] = field(default_factory=set)
    unread: bool = False
    """Holds a word that nobody knows."""


@dataclass(frozen=True)
class Content:
    """One asset, or all that a pattern of addresses names."""

    url: str
    licenses: tuple[License, ...]
    raw: str


def contents(body: bytes, terms: Terms) -> Iterator[Content]:
    """Every `content` of a document.

    Raises:
        NotRslError: no XML, a document type that could do harm, or another vocabulary.

    """
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise NotRslError(str(error)[:200]) from error
    if _name(root) != "rsl" and not any(NAMESPACE in each.tag for each in _elements(root)):
        raise NotRslError(f"begins with <{_name(root)[:40]}>")
    found = 0
    for element in _elements(root):
        if _name(element) == "content":
            found += 1
            if found > MAX_CONTENTS:
                raise NotRslError(f"more than {MAX_CONTENTS} contents")
            yield _content(element, terms)


def outcomes(content: Content) -> dict[str, Outcome]:
    """What is said about each usage of `BUCKETS` that anything is said about.

    Several licences are offers to choose from: one that permits is enough, but a prohibition in
    any of them holds. Where words that nobody knows are permitted, what isn't named stays refused.
    """
    found = {}
    for bucket in BUCKETS:
        outcome = _outcome(bucket, content.licenses)
        if outcome is not None:
            found[bucket] = outcome
    return found


def unread(content: Content) -> bool:
    """Whether anything in it can't be told: no licence, an empty one, or an unknown word."""
    return not content.licenses or any(
        each.unread or not (each.lists or each.prohibits) for each in content.licenses
    )


def _outcome(bucket: str, licenses: Iterable[License]) -> Outcome | None:
    prohibited = [each for each in licenses if bucket in each.prohibits]
    permitted = [each for each in licenses if bucket in each.permits]
    if prohibited:
        old = all(bucket in each.old for each in prohibited)
        problem = "signal_legacy" if old else None
        return Outcome("deny", "signal_contradictory" if permitted else problem)
    if not permitted:
        return Outcome("deny") if any(each.lists for each in licenses) else None
    current = [each for each in permitted if bucket not in each.old]
    if not current:
        return Outcome("unknown", "signal_legacy")
    best = min(current, key=lambda each: (len(each.conditions), sorted(each.conditions)))
    conditions = tuple(sorted(best.conditions))
    easy = not set(conditions) - {"attribution"}
    return Outcome("allow" if easy else "conditional", None, conditions)


def _content(element: Element, terms: Terms) -> Content:
    licenses = [_license(each, terms) for each in element if _name(each) == "license"]
    asked = set()
    if element.get("server", "").strip():
        asked.add("license_server")
    if element.get("encrypted", "").strip().lower() in {"true", "1"}:
        asked.add("decryption_key")
    for each in licenses[:MAX_LICENSES]:
        each.conditions |= asked
    return Content(
        url=element.get("url", "").strip(),
        licenses=tuple(licenses[:MAX_LICENSES]),
        raw=_raw(element),
    )


def _license(element: Element, terms: Terms) -> License:
    found = License()
    for child in element:
        name = _name(child)
        if name in {"permits", "prohibits"}:
            kind = child.get("type", "usage").strip().lower()
            _take(found, kind, _words(child), terms, permits=name == "permits")
        elif name == "payment":
            _take_payment(found, child, terms)
        elif name == "reporting":
            found.conditions.add("reporting")
    if "ai-index" in found.prohibits and "search" not in found.permits:
        # An index for AI is an index; to permit one doesn't permit every search.
        found.prohibits.add("search")
    return found


def _take(found: License, kind: str, words: list[str], terms: Terms, *, permits: bool) -> None:
    if kind != "usage":
        _take_limit(found, kind, words, terms, permits=permits)
        return
    found.lists |= permits
    target = found.permits if permits else found.prohibits
    for word in words:
        term = terms.get(("usage", word))
        if term is None:
            found.unread = True
            continue
        leaves = term.leaves
        found.old |= set() if term.current else leaves - target
        found.old -= leaves if term.current else set()
        target |= leaves


def _take_limit(
    found: License, kind: str, words: list[str], terms: Terms, *, permits: bool
) -> None:
    """Users and places: a permission that is limited to some is one under a condition."""
    for word in words:
        term = terms.get((kind, word))
        named = None if term is None or not permits else term.condition
        limit = f"{kind}_{word}" if permits else f"not_{kind}_{word}"
        found.conditions.add(named or limit[:80])


def _take_payment(found: License, element: Element, terms: Terms) -> None:
    priced = any(_name(child) in {"amount", "standard", "custom"} for child in element)
    kind = element.get("type", "").strip().lower() or ("payment" if priced else "free")
    term = terms.get(("payment", kind))
    if term is None:
        found.conditions.add("payment")
    elif term.condition is not None:
        found.conditions.add(term.condition)


def _words(element: Element) -> list[str]:
    return (element.text or "").lower().replace(",", " ").split()[:MAX_WORDS]


def _elements(root: Element) -> Iterator[Element]:
    return (each for each in root.iter() if isinstance(each.tag, str))


def _name(element: Element) -> str:
    tag: Any = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _raw(element: Element) -> str:
    """The beginning of the element as it stands in the document, two levels deep."""
    parts = [_start(element)]
    size = 0
    for child in element:
        inner = "".join(
            _start(each) + _text(each) + f"</{_name(each)}>" for each in child[:MAX_SHOWN]
        )
        parts.append(f"{_start(child)}{_text(child)}{inner}</{_name(child)}>")
        size += len(parts[-1])
        if size > EXCERPT:
            break
    return "".join(parts)[:EXCERPT]


def _start(element: Element) -> str:
    named = (f' {name}="{value[:EXCERPT]}"' for name, value in element.attrib.items())
    return f"<{_name(element)}{''.join(islice(named, MAX_SHOWN))}>"


def _text(element: Element) -> str:
    return " ".join((element.text or "")[:EXCERPT].split())
