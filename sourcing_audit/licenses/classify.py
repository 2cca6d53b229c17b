"""One declared value: from text to a licence finding. Total: whatever the text, it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sourcing_audit.licenses.catalog import Known, LicenseRules
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
from sourcing_audit.licenses.lists import Lists, in_json
from sourcing_audit.licenses.naming import Names, bare
from sourcing_audit.licenses.numbers import Numbers
from sourcing_audit.licenses.phrases import Phrases
from sourcing_audit.licenses.plain import PlainWords
from sourcing_audit.licenses.prose import Prose, Stated, without
from sourcing_audit.licenses.sentences import Sentences
from sourcing_audit.licenses.suggest import Suggestions
from sourcing_audit.licenses.text import fold, key
from sourcing_audit.licenses.typos import Typos
from sourcing_audit.licenses.urls import Urls
from sourcing_audit.licenses.wikitext import Template, in_wikitext
from sourcing_audit.model import LicenseFinding

if TYPE_CHECKING:
    from collections.abc import Iterable

UNRESOLVED = "unresolved"
NOT_READ = "license_text_not_read"
PARTLY_UNREAD = "license_partly_unread"
CACHED_VALUES = 65_536

_ADDRESS = re.compile(r"(?:https?:)?/|[a-z0-9-]+\.")
_WORDLESS = re.compile(r"https?:|[^\w]+")
_NORWAY = re.compile(r"\d[\s,(]+no\s+\w")
"""`CC BY 3.0 NO license`: the Norwegian port, or no licence."""
_IN_COPYRIGHT = re.compile(r"(?<![\w/])InC(?![\w/-])")
"""The code of rightsstatements.org, which in lower case is the end of a company's name."""
_NO_WORD = re.compile(r"(?!.*cc0)(?:[a-f]*[0-9][0-9a-f]*|[0-9a-f]{16,}|[-_.:/ ])+")
"""Numbers and the ids of machines, in which nothing can be read."""
_AT_LEAST = re.compile(r" ?\( ?>= ?(\d+(?:\.\d+)*) ?\)")
"""As R packages say it: `GPL (>= 2)`."""
_TRUNCATED = re.compile(r"\.\.\.|…")

_DOUBT = re.compile(
    r"[\u2020\u2021\u2610\u274c\u274e\u26d4\u2612\u26a0\u2715-\u2718\u2047\u203d\u2260\u2298\u2a2f\xac"
    r"\u20e0\u20e5\u0335-\u0338\u202d\u202e"
    r"\U0001f232\U0001f44e\U0001f645\U0001f6ab\U0001f6b7\U0001f6d1]"
    r"|~~|!=|^\s*!\w|[$€£¥] ?\d|\d ?[€£¥]|line-through|display: *none|^\W*\[ \]"
    r"|[\xb9\xb2\xb3\u2070-\u2079]\s*$|(?<!/)\?[\s!?)\]\"'.]*$"
)
"""A question or a footnote at the end, what crosses out or negates, a price, an empty box."""
_DOUBTING = ("$", "?", "!", "~~", "[", "line-through", "display")
"""What ASCII text holds if a sign is in it."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """A declared value as a tree; `tree` is UNKNOWN when it says nothing usable."""

    tree: Tree
    rule: str = UNRESOLVED
    reasons: tuple[str, ...] = ()
    rest: str = ""
    """Folded text that no rule understood."""
    said: str = ""
    """The value as it came, where nothing of it was understood."""

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
        guards = rules.guard_words | rules.creative_commons.limiting
        phrases = Phrases(targets, guards, rules.guard_stems)
        limits = {row.target for row in rules.phrases if row.kind == "restriction" and row.target}
        self._lists = Lists(self._names, limits, self._nested)
        self._prose = Prose(self._names, rules.creative_commons, phrases)
        self._guarded = phrases.guarded
        self._plain = PlainWords(rules.plain_words, rules.crediting_words)
        self._sentences = Sentences(self._names.any)
        self._typos = Typos(self._names.words, phrases.guarded, self._names.any)
        self._suggest = lru_cache(CACHED_VALUES)(Suggestions(rules.labels).near)
        self._numbers = Numbers(rules.spelt_out())
        self._resolved = lru_cache(CACHED_VALUES)(self._resolve)
        self._findings = lru_cache(CACHED_VALUES)(self._finding)

    def classify(self, raw: str) -> LicenseFinding:
        """What `raw` was understood to be. Never raises, whatever the text."""
        return self._findings(raw)

    def resolve(self, raw: str) -> Resolution:
        """What `raw` says, as a tree."""
        return self._resolved(self._numbers.template(raw))

    def finding(self, raw: str, resolution: Resolution) -> LicenseFinding:
        """The public form of a resolution."""
        return LicenseFinding(
            raw=raw,
            expression=render(resolution.tree),
            license_class=class_of(resolution.tree),
            terms=terms_of(resolution.tree),
            rule=resolution.rule,
            reasons=resolution.reasons,
            suggestions=self.suggestions(resolution),
        )

    def suggestions(self, resolution: Resolution) -> tuple[str, ...]:
        """The nearest known values to one that no rule understands."""
        unresolved = resolution.rule == UNRESOLVED and resolution.rest
        return self._suggest(resolution.rest) if unresolved else ()

    def _finding(self, raw: str) -> LicenseFinding:
        return self.finding(raw, self.resolve(raw))

    def _resolve(self, raw: str) -> Resolution:
        if "InC" in raw and raw.strip() != "InC":
            text = fold(_IN_COPYRIGHT.sub(" http://rightsstatements.org/vocab/InC/1.0/ ", raw))
        else:
            text = fold(raw)
        if text is None:
            return Resolution(UNKNOWN, UNRESOLVED, (NOT_READ,))
        if not text:
            return Resolution(UNKNOWN, "alias:missing", ("license_missing",))
        if _doubted(raw):
            return Resolution(UNKNOWN, "doubt", ("license_unknown",))
        if text[0] in "[{":
            values = in_json(text)
            if values is not None:
                merged = self.merge([self._text(value, raw) for value in values], "list")
                return merged if merged.resolved else replace(merged, said=raw)
        templates = in_wikitext(text)
        if templates is not None:
            return self.merge([self._template(each, raw) for each in templates], "list")
        return self._text(text, raw)

    def _template(self, template: Template, raw: str) -> Resolution:
        """A MediaWiki template: unknown unless each of its licences is understood."""
        licenses = [self._text(name, raw) for name in template.licenses]
        if not licenses or not all(each.resolved for each in licenses):
            return Resolution(UNKNOWN, rest=fold(raw) or "", said=raw)
        reasons = _unique(reason for each in licenses for reason in each.reasons)
        stated = Resolution(join("OR", [each.tree for each in licenses]), licenses[0].rule, reasons)
        # Parameters credit somebody as a rule, and may say anything.
        credited = self._plain.leave_doubt(template.rest, raw) or self._guarded(template.rest)
        return self.beside(stated, template.rest, doubtful=True) if credited else stated

    def _text(self, text: str, raw: str) -> Resolution:
        if _NO_WORD.fullmatch(text):
            return Resolution(UNKNOWN, rest=text, said=raw)
        found = self._read(_AT_LEAST.sub(r" \1+", text) if ">=" in text else text, raw)
        if " no " in text and _NORWAY.search(text):
            ported = any(leaf.license.id.endswith("-NO") for leaf in leaves(found.tree))
            return Resolution(UNKNOWN, rest=text, said=raw) if ported else found
        return found

    def _read(self, text: str, raw: str) -> Resolution:
        names = self._names
        known = names.whole(text) or names.labelled(text)
        if known:
            return _stated(known)
        links = list(self._urls.mentions(text))
        if links and " " not in text and (links[0][0].start == 0 or _ADDRESS.match(text)):
            # An address alone: what its path happens to spell is no declaration.
            return self._addresses(text, links)
        shorter = bare(text)
        if names.readable(shorter) and not _TRUNCATED.search(text):
            known = names.described(shorter)
            listed = None if known else self._parts(shorter)
            if known:
                return _stated(known)
            if listed:
                return listed
        found = self._sentence(text, links, raw)
        if UNKNOWN in leaves(found.tree) and not found.rule.startswith(("alias:", "platform:")):
            return self._nearly(shorter, without(text, [link for link, _ in links]), found, raw)
        return found

    def _nearly(self, text: str, sentence: str, found: Resolution, raw: str) -> Resolution:
        """What an explained, carried or misspelt name says, if nothing better was `found`."""
        if found.rule == UNRESOLVED:
            explained = self._names.explained(text) or self._sentences.read(sentence)
            if explained:
                return self._beside(_stated(explained[0]), explained[1], raw)
        known = self._typos.read(text)
        return Resolution(known.tree, f"typo:{known.rule}", known.reasons) if known else found

    def _parts(self, text: str) -> Resolution | None:
        """A list in one text, if every part of it resolves."""
        listed = self._lists.read(text)
        if listed is None:
            return None
        if listed.op == "AND":
            return self.merge([_stated(each) for each in listed.parts], "list")
        rules = {each.rule for each in listed.parts}
        return Resolution(
            join("OR", [each.tree for each in listed.parts]),
            rules.pop() if len(rules) == 1 else "list",
            _unique(reason for each in listed.parts for reason in each.reasons),
        )

    def _nested(self, part: str) -> Known | None:
        inner = self._parts(part)
        return Known(inner.tree, inner.rule, inner.reasons) if inner else None

    def _sentence(self, text: str, links: list[Stated], raw: str) -> Resolution:
        """What prose says, next to what of it wasn't understood."""
        account = self._prose.read(text, links)
        if not account.found:
            return Resolution(UNKNOWN, rest=text, said=raw)
        merged = self.merge([_stated(each) for each in account.found], "prose")
        if account.refers_elsewhere or account.truncated:
            return self.beside(merged, account.rest, doubtful=True)
        if not key(account.rest) or grants_of(merged.tree) == "no":
            return merged
        return self._beside(merged, account.rest, raw)

    def _beside(self, stated: Resolution, rest: str, raw: str) -> Resolution:
        # Where nothing is granted there is nothing to be taken back.
        granted = grants_of(stated.tree) == "yes"
        doubtful = self._leaves_doubt(rest, raw) if granted else self._guarded(rest)
        return self.beside(stated, rest, doubtful=doubtful)

    def doubts(self, unread: Resolution) -> bool:
        """Whether a value that wasn't understood may take back or limit what another states."""
        if NOT_READ in unread.reasons:
            return True
        if not unread.said:
            return self._guarded(unread.rest)
        return self._leaves_doubt(unread.rest, unread.said)

    def _leaves_doubt(self, rest: str, raw: str) -> bool:
        """Whether unread text, part of `raw`, may take back or limit what stands beside it."""
        return self._guarded(rest) or self._plain.leave_doubt(rest, raw)

    def beside(self, stated: Resolution, rest: str, *, doubtful: bool) -> Resolution:
        """What was understood, next to text that wasn't; unknown if that leaves a doubt."""
        reasons = _unique((*stated.reasons, PARTLY_UNREAD))
        tree = join("AND", [stated.tree, UNKNOWN]) if doubtful else stated.tree
        return Resolution(tree, stated.rule, reasons, rest)

    def _addresses(self, text: str, links: list[Stated]) -> Resolution:
        """What a text of addresses alone says."""
        stated = [
            Resolution(mention.tree, rule, mention.reasons)
            for mention, rule in links
            if mention.tree is not None
        ]
        if all(each.tree == UNKNOWN for each in stated):
            return Resolution(UNKNOWN, rest=_WORDLESS.sub(" ", text))
        merged = self.merge(stated, "list")
        rest = _WORDLESS.sub(" ", without(text, [mention for mention, _ in links]))
        return self.beside(merged, rest, doubtful=self._guarded(rest)) if key(rest) else merged

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


def _doubted(raw: str) -> bool:
    """Whether a sign puts the value in doubt; most values have none that could."""
    plain = raw.isascii() and not any(sign in raw for sign in _DOUBTING)
    return not plain and _DOUBT.search(raw) is not None


def _stated(known: Known) -> Resolution:
    return Resolution(known.tree, known.rule, known.reasons)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
