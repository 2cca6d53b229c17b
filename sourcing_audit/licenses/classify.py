"""One declared value: from text to a licence finding. Total: whatever the text, it answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sourcing_audit.licenses.catalog import Known, LicenseRules
from sourcing_audit.licenses.creative_commons import VERSION_MISSING, Mention
from sourcing_audit.licenses.expression import (
    UNKNOWN,
    Leaf,
    Tree,
    class_of,
    grants_of,
    join,
    leaves,
    render,
    terms_of,
)
from sourcing_audit.licenses.naming import Names, bare
from sourcing_audit.licenses.phrases import Phrases, Reading
from sourcing_audit.licenses.suggest import Suggestions
from sourcing_audit.licenses.text import fold, key
from sourcing_audit.licenses.typos import Typos
from sourcing_audit.licenses.urls import Urls
from sourcing_audit.model import NOASSERTION, LicenseFinding, Term

if TYPE_CHECKING:
    from collections.abc import Iterable

UNRESOLVED = "unresolved"
NOT_READ = "license_text_not_read"
PARTLY_UNREAD = "license_partly_unread"
CACHED_VALUES = 65_536

_ADDRESS = re.compile(r"(?:https?:)?/|[a-z0-9-]+\.")
_WORDLESS = re.compile(r"https?:|[^\w]+")
_CONTINUES = re.compile(r"\s*[-\u2013\u2014/+]\s*[^\W\d]")
"""After a title without its version: words of the title that the rules don't know."""
_SCHEME = re.compile(r"\bhttps?:[/ ]*(?= |$)")
_OR = re.compile(r"\s*\s(?:-or-|or|and/or|oder|ou)\s\s*")
_AND = re.compile(
    r"\s*(?:\s(?:and|und|et|with(?: the)?)\s|[;&\n]|,(?: and\s)?|\s\+\s|\+(?=[a-z]{2})|\s::\s)\s*"
)
_SLASH = re.compile(r"\s*[/|]\s*")
_JSON_KEYS = ("license", "spdx_id", "spdx", "id", "@id", "type", "name", "url", "title")
_MAX_PARTS = 20
_MAX_LIST = 400
"""Lists of licences are shorter; longer text is prose."""
_MAX_JOINED = 3
"""Pieces of a list that a name with `and` or `or` in it may span."""
_TRUNCATED = re.compile(r"\.\.\.|…")


Stated = tuple[Mention, str]
"""A mention with the rule that found it."""


_DOUBT = re.compile(r"[\u274c\u274e\u26d4\u2717\u2718\u2047\u203d\U0001f6ab]|(?<!/)\?\s*$")
"""A question mark at the end, or a sign that crosses out."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """A declared value as a tree; `tree` is UNKNOWN when it says nothing usable."""

    tree: Tree
    rule: str = UNRESOLVED
    reasons: tuple[str, ...] = ()
    rest: str = ""
    """Folded text that no rule understood."""

    @property
    def resolved(self) -> bool:
        """Whether the value states a licence, or that there is none."""
        return self.tree != UNKNOWN


class Classifier:
    """Resolves declared values by the order of the design: names, addresses, expressions, prose."""

    def __init__(self, rules: LicenseRules) -> None:
        """Prepare the lookups; distinct values are answered once while the cache holds them."""
        self.rules = rules
        self._names = Names(rules)
        self._urls = Urls(rules.urls, rules.pages, rules.creative_commons, self._names.whole)
        targets = ((row, rules.parse(row.target) if row.target else None) for row in rules.phrases)
        self._phrases = Phrases(targets, rules.guard_words, rules.guard_stems)
        self._typos = Typos(self._names.words, self._phrases.guarded, self._names.any)
        self._suggestions = Suggestions(rules.labels)
        self.resolve = lru_cache(CACHED_VALUES)(self._resolve)
        self._findings = lru_cache(CACHED_VALUES)(self._finding)

    def classify(self, raw: str) -> LicenseFinding:
        """What `raw` was understood to be. Never raises, whatever the text."""
        return self._findings(raw)

    def guarded(self, rest: str) -> bool:
        """Whether unread text may take back or limit what stands beside it."""
        return self._phrases.guarded(rest)

    def finding(self, raw: str, resolution: Resolution) -> LicenseFinding:
        """The public form of a resolution."""
        unresolved = resolution.rule == UNRESOLVED
        return LicenseFinding(
            raw=raw,
            expression=render(resolution.tree),
            license_class=class_of(resolution.tree),
            terms=terms_of(resolution.tree),
            rule=resolution.rule,
            reasons=resolution.reasons,
            suggestions=self._suggestions.near(resolution.rest) if unresolved else (),
        )

    def _finding(self, raw: str) -> LicenseFinding:
        return self.finding(raw, self.resolve(raw))

    def _resolve(self, raw: str) -> Resolution:
        text = fold(raw)
        if text is None:
            return Resolution(UNKNOWN, UNRESOLVED, (NOT_READ,))
        if not text:
            return Resolution(UNKNOWN, "alias:missing", ("license_missing",))
        if _DOUBT.search(raw):
            return Resolution(UNKNOWN, "doubt", ("license_unknown",))
        if text[0] in "[{":
            values = _listed(text)
            if values is not None:
                return self.merge([self._text(value) for value in values], "list")
        return self._text(text)

    def _text(self, text: str) -> Resolution:
        names = self._names
        known = names.whole(text) or names.labelled(text)
        if known:
            return _stated(known)
        links = list(self._urls.mentions(text))
        if links and " " not in text and (links[0][0].start == 0 or _ADDRESS.match(text)):
            # An address alone: what its path happens to spell is no declaration.
            stated = [(m, rule) for m, rule in links if m.tree is not None]
            return self._combine(stated[:1], _WORDLESS.sub(" ", text) if not stated else "")
        shorter = bare(text)
        if names.readable(shorter) and not _TRUNCATED.search(text):
            known = names.described(shorter)
            listed = None if known else self._parts(shorter)
            if known:
                return _stated(known)
            if listed:
                return listed
        found = self._prose(text, links)
        if UNKNOWN in leaves(found.tree) and not found.rule.startswith(("alias:", "platform:")):
            return self._nearly(shorter, found)
        return found

    def _nearly(self, text: str, found: Resolution) -> Resolution:
        """What a name that is explained or misspelt says, if nothing better was `found`."""
        explained = self._names.explained(text) if found.rule == UNRESOLVED else None
        if explained:
            return self.beside(_stated(explained[0]), explained[1])
        known = self._typos.read(text)
        return Resolution(known.tree, f"typo:{known.rule}", known.reasons) if known else found

    def _parts(self, text: str) -> Resolution | None:
        """A list in one text, if every part of it resolves."""
        if len(text) > _MAX_LIST:
            return None
        for op, separator in (("OR", _OR), ("AND", _AND), ("OR", _SLASH)):
            known = self._pieces(text, separator)
            if not known:
                continue
            rule = known[0].rule if len({each.rule for each in known}) == 1 else "list"
            reasons = _unique(reason for each in known for reason in each.reasons)
            if op == "AND" or (separator is _SLASH and not _alternatives(known)):
                resolutions = [_stated(each) for each in known]
                return self.merge(resolutions, "list")
            return Resolution(join("OR", [each.tree for each in known]), rule, reasons)
        return None

    def _pieces(self, text: str, separator: re.Pattern[str]) -> list[Known]:
        """The licences between separators, if all is read; a name may span separators itself."""
        spans = _spans(text, separator)
        if not 1 < len(spans) <= _MAX_PARTS:
            return []
        known: list[Known] = []
        at = 0
        while at < len(spans):
            for end in range(min(len(spans), at + _MAX_JOINED), at, -1):
                part = text[spans[at][0] : spans[end - 1][1]]
                each = self._names.any(part)
                if each is None and end == at + 1 and separator is _OR:
                    each = self._nested(part)
                if each:
                    known.append(each)
                    break
            else:
                return []
            at = end
        return known

    def _nested(self, part: str) -> Known | None:
        inner = self._parts(part)
        return Known(inner.tree, inner.rule, inner.reasons) if inner else None

    def _prose(self, text: str, links: list[Stated]) -> Resolution:
        """What a sentence says: addresses, Creative Commons titles, phrases, then what is left."""
        stated = [(mention, rule) for mention, rule in links if mention.tree is not None]
        body = _without(text, [mention for mention, _ in links])
        if "http" in body:
            body = _SCHEME.sub(" ", body)
        titles = list(self.rules.creative_commons.names(body))
        stated += [(mention, "cc:name") for mention in titles]
        reading = self._phrases.read(_without(body, titles))
        found = [Resolution(m.tree or UNKNOWN, rule, m.reasons) for m, rule in stated]
        found += [
            Resolution(tree, f"phrase:{row.id}") for row, tree in reading.found if tree is not None
        ]
        rest = " ".join(reading.rest.split())
        # The text as it came was tried before; only what is left of it can be news.
        known = self._names.any(rest) if rest != text else None
        if known:
            rest = ""
        else:
            known, rest = self._before_notice(text, reading, rest)
        if known:
            found.insert(0, _stated(known))
        if not found:
            return Resolution(UNKNOWN, rest=text)
        merged = self.merge(found, "prose")
        if not key(rest) or grants_of(merged.tree) == "no":
            return merged
        truncated = any(
            VERSION_MISSING in m.reasons and _CONTINUES.match(body, m.end) for m in titles
        )
        return self.beside(merged, rest, truncated=truncated)

    def _before_notice(self, text: str, reading: Reading, rest: str) -> tuple[Known | None, str]:
        """The licence before a copyright line (`MIT Copyright (c) 2015 Jane Doe`), and the rest."""
        for row, _tree in reading.found:
            match = row.pattern.search(text) if row.kind == "notice" else None
            known = self._names.any(bare(text[: match.start()])) if match else None
            if match and known:
                return known, text[match.end() :]
        return None, rest

    def beside(self, stated: Resolution, rest: str, *, truncated: bool = False) -> Resolution:
        """What was understood, next to text that wasn't; unknown if that may change it."""
        reasons = _unique((*stated.reasons, PARTLY_UNREAD))
        doubtful = truncated or self.guarded(rest)
        tree = join("AND", [stated.tree, UNKNOWN]) if doubtful else stated.tree
        return Resolution(tree, stated.rule, reasons, rest)

    def _combine(self, stated: list[Stated], rest: str) -> Resolution:
        if not stated:
            return Resolution(UNKNOWN, rest=rest)
        mention, rule = stated[0]
        return Resolution(mention.tree or UNKNOWN, rule, mention.reasons)

    def merge(self, resolutions: list[Resolution], rule: str) -> Resolution:
        """All statements of one source: those that are essential hold together (AND)."""
        kept = self.essential(resolutions)
        if not kept:
            return Resolution(UNKNOWN)
        reasons = _unique(reason for each in kept for reason in each.reasons)
        rules = {each.rule for each in kept}
        return Resolution(
            join("AND", [each.tree for each in kept]),
            rules.pop() if len(rules) == 1 else rule,
            reasons,
            " ".join(each.rest for each in kept if each.rest),
        )

    def essential(self, resolutions: list[Resolution]) -> list[Resolution]:
        """Without repetitions, less specific statements, and copyright lines beside a licence."""
        if len(resolutions) == 1:
            return resolutions
        unique = list({each.tree: each for each in reversed(resolutions)}.values())[::-1]
        ids = [each.tree.license.id for each in unique if isinstance(each.tree, Leaf)]
        lineages = [self.rules.lineage(identifier) - {identifier} for identifier in ids]
        kept = []
        for each in unique:
            if isinstance(each.tree, Leaf):
                license_ = each.tree.license
                implied = any(license_.id in lineage for lineage in lineages)
                yields = license_.yields and any(
                    grants_of(other.tree) == "yes" and class_of(other.tree) != "public-domain"
                    for other in unique
                )
                if implied or yields:
                    continue
            kept.append(each)
        return kept


def _stated(known: Known) -> Resolution:
    return Resolution(known.tree, known.rule, known.reasons)


def _spans(text: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the pieces between separators are, without empty ones."""
    cuts = [match.span() for match in separator.finditer(text)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    pairs = zip(starts, ends, strict=True)
    return [(start, end) for start, end in pairs if text[start:end].strip(" .()")]


def _alternatives(known: list[Known]) -> bool:
    """Whether `A/B` offers a choice: only between licences that hold nothing back."""
    mild = {Term.ATTRIBUTION, Term.NOTICE, Term.SHARE_ALIKE}
    return all(grants_of(each.tree) == "yes" and mild >= {*terms_of(each.tree)} for each in known)


def _without(text: str, mentions: list[Mention]) -> str:
    if not mentions:
        return text
    for mention in sorted(mentions, key=lambda mention: -mention.start):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return " ".join(text.split())


def _listed(text: str) -> list[str] | None:
    """The values of a JSON list or object, or of a Python list; None if it is neither."""
    for candidate in (text, text.replace("'", '"')):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        items = value if isinstance(value, list) else [value]
        values = [found for item in items[:_MAX_PARTS] for found in _strings(item)]
        return values if len(items) <= _MAX_PARTS else [*values, NOASSERTION]
    return None


def _strings(item: Any) -> list[str]:
    """What a member states; one that isn't understood may limit the rest, so it says unknown."""
    if item is None or item == "":
        return []
    if isinstance(item, dict):
        known = [v for k in _JSON_KEYS if isinstance(v := item.get(k), str) and v.strip()]
        other = [v for k, v in item.items() if v and not (k in _JSON_KEYS and isinstance(v, str))]
        return [*known, NOASSERTION] if other else known
    return [" ".join(item.split())] if isinstance(item, str) else [NOASSERTION]


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
