"""`noai` and its like: the directives of `X-Robots-Tag` headers and of robots meta tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sourcing_audit.registries.web.signal import Signal, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.rules.signals import Directive

HEADER = "x_robots_noai"
META = "meta_noai"

MAX_LINE = 8192
"""Characters of a line; a longer one is no line that a server would send."""

_TRAINING = "train_"
_SEARCH = "search_index"
_EVERYONE = frozenset({"", "*", "robots"})
_FIELD_NAME = re.compile(r"^\s*x-robots-tag\s*:", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?\b")
_AROUND = " \t\r\n\f\"'[](){}"
"""What stands around directives where lists were written out, and is none of them."""
_SEPARATORS = re.compile(r"[\s;|]+")


def of_header(line: str, rules: ConsentRules) -> Iterator[Signal]:
    """Read one `X-Robots-Tag` line.

    A word before a colon is the crawler that all further directives of the line are for, until
    another one is named, unless it is a directive with a value of its own.
    """
    yield from _Line(HEADER, rules).read(_FIELD_NAME.sub("", line, count=1), agent="")


def of_meta(name: str, content: str, rules: ConsentRules) -> Iterator[Signal]:
    """Read one `meta` element named `robots` or after a crawler; others say nothing here.

    Where nobody knows the name, a list of nothing but directives is still one for some crawler.
    """
    known = name in _EVERYONE or rules.crawlers.named(name) is not None
    if known or _is_list_of_directives(content, rules):
        yield from _Line(META, rules).read(content, agent=name)


def _is_list_of_directives(content: str, rules: ConsentRules) -> bool:
    found = [
        rules.signals.directives.get(word.strip().lower()) for word in content[:MAX_LINE].split(",")
    ]
    return all(found) and any(one is not None and one.kind == "refuses" for one in found)


class _Line:
    """What one line says; each thing once, however often it is repeated."""

    def __init__(self, scheme: str, rules: ConsentRules) -> None:
        self._scheme = scheme
        self._crawlers = rules.crawlers
        self._directives = rules.signals.directives
        self._about_ai = rules.signals.about_ai

    def read(self, line: str, agent: str) -> Iterator[Signal]:
        raw = line.strip()
        if len(line) > MAX_LINE:
            yield unreadable(self._scheme, raw, "signal_malformed")
            return
        seen = set()
        for addressed, word, valued in self._words(line.lower(), agent):
            signal = self._signal(word, addressed, raw, valued=valued)
            if signal is not None and signal not in seen:
                seen.add(signal)
                yield signal

    def _words(self, line: str, agent: str) -> Iterator[tuple[str, str, bool]]:
        """Each directive with the agent that it is for, and whether it has a value."""
        # The date of `unavailable_after` has colons and commas of its own.
        for segment in _TIME.sub(" ", line).split(","):
            rest = segment
            while ":" in rest:
                before, _, after = rest.partition(":")
                word = _bare(before)
                if word in self._directives:
                    yield agent, word, True
                    rest = ""
                else:
                    agent, rest = word, after
            if word := _bare(rest):
                yield agent, word, False

    def _signal(self, word: str, agent: str, raw: str, *, valued: bool) -> Signal | None:
        rule = self._directives.get(word)
        if rule is None:
            return self._unknown(word, raw)
        if rule.kind == "refuses":
            if valued:
                return unreadable(self._scheme, raw, "signal_malformed", rule.uses)
            return self._refusal(rule, agent, raw)
        purposes = self._purposes(agent) or ""
        # A crawler that only collects for models has no index to be kept out of.
        if rule.kind == "restricts" and _TRAINING in purposes and _SEARCH not in purposes:
            return unreadable(self._scheme, raw, "signal_malformed", purposes)
        return None

    def _refusal(self, rule: Directive, agent: str, raw: str) -> Signal:
        if agent in _EVERYONE:
            return Signal(self._scheme, "deny", rule.uses, raw, media_types=rule.media_types)
        purposes = (self._purposes(agent) or "").split("|")
        uses = "|".join(use for use in rule.uses.split("|") if use in purposes or "any" in purposes)
        return Signal(
            self._scheme,
            "deny" if uses else "unknown",
            uses or rule.uses,
            raw,
            problem=None if uses else "signal_unreadable",
            media_types=rule.media_types,
            scope_text=f"addressed to {agent}",
        )

    def _unknown(self, word: str, raw: str) -> Signal | None:
        """Judge words of nobody's vocabulary; None where they don't speak of AI."""
        for part in _SEPARATORS.split(word):
            rule = self._directives.get(part)
            if rule is not None and rule.kind == "refuses":
                return unreadable(self._scheme, raw, "signal_malformed", rule.uses)
        for pattern, kind in self._about_ai:
            if pattern.search(word):
                refusing = kind == "refusal_like"
                problem = "signal_malformed" if refusing else "signal_unreadable"
                return unreadable(self._scheme, raw, problem)
        return None

    def _purposes(self, agent: str) -> str | None:
        found = None if agent in _EVERYONE else self._crawlers.named(agent)
        return None if found is None else found.purposes


def _bare(text: str) -> str:
    return text.strip(_AROUND)
