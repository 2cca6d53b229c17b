"""Whole names: a text that names one licence, in any of the ways in which people write one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sourcing_audit.licenses.catalog import Known
from sourcing_audit.licenses.expression import Leaf, class_of, join
from sourcing_audit.licenses.text import key, name_key, tokens
from sourcing_audit.model import LicenseClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.licenses.catalog import LicenseRules

_MAX_NAME = 400
"""Names and expressions are shorter; longer text is prose."""
_LABEL = re.compile(
    r"^(?:spdx-license-identifier|spdx|licen[cs]e(?:d under| identifier|[ -]?id| name| type)?|name"
    r"|@licen[cs]e|rights|licencia|lizenz|usage terms?) ?(?:::|:|=|is) ?|^osi approved ?(?:::|:) ?"
    r"|^(?:(?:dual|tri|multi)[ -])?licen[cs]ed under "
    r"|^(?:(?:your|the user.s|the licensee.s|a) )?choice of (?:the )?|^either (?:of )?(?:the )?"
    r"|^(?:dual|tri|multi)[ -]?licen[cs]ed?(?: consisting of)?:? (?:the )?"
)
_OPTION = re.compile(r"[\s,(]+at (?:your|the (?:user|licensee).s)(?: own)? (?:option|choice)[).]*$")
_PUNCTUATION = " .,;:!*#-_\"'`()[]{}<>\\"
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_TAIL = re.compile(
    rf"(?:[\s,(]+(?:\d{{1,2}} )?(?:{_MONTH})(?: \d{{1,2}},)? \d{{4}}\)?"
    r"|[\s,(]+(?:with (?:an? )?)?(?:dual|tri|multi)[ -]licen[cs](?:ed?|ing)(?: option)?\)?"
    r"|[\s,]+@(?P<user>[a-z0-9][a-z0-9-]*)"
    r"|[\s,(-]+(?:see|refer to) (?:the )?(?:file )?[\w./-]*(?:licen[cs]e|copying|readme|notice)"
    r"[\w.-]*(?: files?)?(?: for (?:more )?details)?\)?)[\s.]*$"
)
"""The day of a text, the word for a choice, a user's name, and where the text is."""
_LICENCE = re.compile(r"\b(?:licen[cs]e|lizenz|licencia|licença|licenza)\b")
_CALL = re.compile(r"\w\(|[=;{}]")
_AGREEMENT = re.compile(r"\blicen[cs]e agreement\b")
_POSSESSIVE = re.compile(r"(?<=[a-z])['\u2019]s\b")
_SOFTWARE = re.compile(r"\bsoftware ?")
_ASIDE = re.compile(
    r"(?P<before>[^()]*?)\s*\((?P<inside>[^()]+)\)\s*(?P<after>[^()]*)"
    r"|(?P<title>[^(),]+), an? (?P<kind>[^()]+)"
    r"|(?P<owner>[^\s(),]+) (?P<owned>(?:(?!public)[^\s(),]+ ){1,3}licen[cs]e)"
)
_WITH = re.compile(
    r"(?P<base>.+?)[\s,]*(?:\b(?:with|w/|including|includes|plus|and)|\+)\s*(?:the |an |a )?"
    r"(?P<exception>[^+]*\bexceptions?(?:[\s,v]+(?:ersion )?[\d.]+)?|cpe|ce)\)?"
)
_ELEMENT = re.compile(r"(?:by|cc|nc|nd|sa|ai)+")
_SHORT = re.compile(r"\([a-z]{3,9}\)")
_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_TABLE = re.compile(
    r"^v (?!\.?\d)|^(\S+)(?: ?:)? \1$"
    r"|(?<!licen[cs]e)(?<!name)(?<!id)(?<!type)(?<!rights)['\"] ?: ?['\"]"
)
"""`V mpl`, `gpl3: gpl3` and `'GPL v3': 'GPL-3.0'` are lines of a table, not declarations."""
_LONG_NUMBER = 3
"""Whole numbers of that many digits are no versions."""
_OTHER_WORDS = frozenset(
    (
        f"and|or|with|w|oder|ou|und|et|dual|tri|multi|licensing|option|consisting|including|includes"
        f"|plus|s|to|software|a|an|{_MONTH}"
    ).split("|")
)
_GENERIC = frozenset({"common", "free", "open", "public"})
"""`Open Licence 2.0` is also the English name of France's Licence Ouverte."""
_MIN_NICKNAME = 3


class Names:
    """Resolves whole names, the cheap ways first."""

    def __init__(self, rules: LicenseRules) -> None:
        """Index the exceptions of `rules`."""
        self._rules = rules
        self._exceptions = {
            name_key(name): row.id for row in rules.exceptions for name in row.names
        }
        self._exception_words = {word for name in self._exceptions for word in name.split()}
        self._exception_words |= {"exceptions", "linking", "static", "dynamic"}
        self.words = rules.vocabulary | self._exception_words | _OTHER_WORDS

    def whole(self, text: str) -> Known | None:
        """The licence that the whole text names, as it stands."""
        rules = self._rules
        known = rules.names.get(text)
        if known or len(text) > _MAX_NAME:
            return known
        words = tokens(text)
        if not words or not self._familiar(words) or _TABLE.search(text):
            return None
        tree = rules.parse(text)
        if tree is not None:
            return Known(tree, "spdx:expression")
        return rules.names.get(" ".join(words)) or self._titled(words)

    def readable(self, text: str) -> bool:
        """Whether `described` or a list may read all of it; spares most prose the attempt."""
        if len(text) > _MAX_NAME:
            return False
        if "@" in text or "see" in text or "refer" in text:
            text = self._without_tail(text)
        if "(" in text:
            text = _SHORT.sub(" ", text)
        return self._familiar(tokens(text))

    def _without_tail(self, text: str) -> str:
        """`text` without a date, a choice, a user or a place at its end; `@noai` is no user."""
        tail = _TAIL.search(text)
        if tail is None:
            return text
        guarded = any(
            word in self._rules.guard_words or word.startswith(self._rules.guard_stems)
            for word in _WORD.findall(tail["user"] or "")
        )
        return text if guarded else text[: tail.start()]

    def _familiar(self, words: Sequence[str]) -> bool:
        """Whether each token may be part of a name: a word of the rules, or a version."""
        known = self.words
        return all(
            word in known
            or (
                word[0].isdigit() and ("." in word or len(word) < _LONG_NUMBER or _YEAR.match(word))
            )
            for word in words
        )

    def labelled(self, text: str) -> Known | None:
        """The licence behind labels as `License: ` or `SPDX-License-Identifier: `."""
        shorter = bare(text)
        return self.whole(shorter) if shorter and shorter != text else None

    def described(self, text: str) -> Known | None:
        """The licence of a name with a date, an exception, or its own abbreviation beside it."""
        if len(text) > _MAX_NAME:
            return None
        shorter = _POSSESSIVE.sub("", self._without_tail(text))
        if shorter != text:
            return self.any(shorter)
        return self._aside(text) or self._excepted(text) or self._without_software(text)

    def any(self, text: str) -> Known | None:
        """What any of the ways finds."""
        if not self.readable(text):
            return self._rules.names.get(text)
        return self.whole(text) or self.labelled(text) or self.described(text)

    def _titled(self, words: Sequence[str]) -> Known | None:
        """The licence that the Creative Commons or family grammars read in a whole name."""
        found = self._rules.creative_commons.whole(words)
        if found:
            return Known(found[0], "cc:name", found[1])
        named = self._rules.families.whole(words)
        license_ = self._rules.license(named[0]) if named else None
        if named and license_:
            return Known(Leaf(license_), f"family:{license_.id}", named[1])
        return None

    def _aside(self, text: str) -> Known | None:
        """`Eclipse Public License (EPL) 1.0`: what stands in parentheses repeats the name.

        Where it names something else, both hold.
        """
        match = _ASIDE.fullmatch(text)
        if not match or match["inside"] is None:
            return None
        outer = self.any(f"{match['before']} {match['after']}".strip())
        if outer is None:
            return None
        inner = self.whole(match["inside"]) or self.labelled(match["inside"])
        if inner is None:
            short = match["inside"]
            harmless = short not in self._rules.guard_words and _nickname(short, match["before"])
            return outer if harmless else None
        if isinstance(outer.tree, Leaf) and isinstance(inner.tree, Leaf):
            ids = outer.tree.license.id, inner.tree.license.id
            if ids[1] in self._rules.lineage(ids[0]):
                return outer
            if ids[0] in self._rules.lineage(ids[1]):
                return inner
        return Known(join("AND", [outer.tree, inner.tree]), "list", outer.reasons + inner.reasons)

    def explained(self, text: str) -> tuple[Known, str] | None:
        """The licence in `Foo Licence (3-clause BSD)` or `Foo, a BSD licence`, and the rest.

        `Foo MIT License` is only in the style of it: Espressif's limits the MIT License to its
        chips.
        """
        named = len(text) <= _MAX_NAME and _LICENCE.search(text) and not _CALL.search(text)
        match = _ASIDE.fullmatch(text) if named else None
        if not match:
            return None
        if match["owner"]:
            style = self._style(match["owner"], match["owned"])
            return (style, match["owner"]) if style else None
        known = self.any(match["inside"] or match["kind"])
        rest = match["title"] or f"{match['before']} {match['after']}"
        return (known, _AGREEMENT.sub(" ", rest)) if known else None

    def _style(self, owner: str, text: str) -> Known | None:
        known = None if self._familiar(tokens(owner)) else self.any(text)
        if known is None or not isinstance(known.tree, Leaf):
            return None
        for identifier in sorted(self._rules.lineage(known.tree.license.id)):
            stem = identifier.removeprefix("LicenseRef-")
            style = self._rules.license(f"LicenseRef-{stem}-Style")
            if style:
                return Known(Leaf(style), f"name:{style.id}")
        return None

    def _excepted(self, text: str) -> Known | None:
        """`GPLv2 with Classpath exception`; an exception that isn't listed adds no permission."""
        if "xception" not in text and "cpe" not in text and "ce" not in text[-3:]:
            return None
        match = _WITH.fullmatch(text)
        base = self.any(bare(match["base"])) if match else None
        if not match or base is None or not isinstance(base.tree, Leaf):
            return None
        if base.tree.exception or class_of(base.tree) is not LicenseClass.COPYLEFT:
            return None
        name = key(match["exception"]).replace("exceptions", "exception")
        identifier = self._exceptions.get(name)
        if identifier:
            return Known(Leaf(base.tree.license, identifier), base.rule, base.reasons)
        if self._exception_words.issuperset(name.split()):
            return base
        return None

    def _without_software(self, text: str) -> Known | None:
        """`Vovida License 1.0` is `Vovida Software License 1.0`: the word alone decides nothing."""
        if "software" in text:
            shorter = key(_SOFTWARE.sub("", text))
            known = self._rules.names.get(shorter)
            return known if known and known.rule.startswith(("spdx:", "name:")) else None
        words = tokens(text)
        if _GENERIC.issuperset(word for word in words if word[0].isalpha()):
            return None
        return self._rules.names_without_software.get(" ".join(words))


@lru_cache(32)
def bare(text: str) -> str:
    """`text` without labels before it and punctuation around it.

    The few last answers are kept, as one text is asked about several times in a row.
    """
    optional = "option" in text or "choice" in text
    shorter = (_OPTION.sub("", text) if optional else text).strip(_PUNCTUATION)
    for _ in range(3):
        without = _LABEL.sub("", shorter, count=1).strip()
        if without == shorter:
            break
        shorter = without
    if shorter.count("(") > shorter.count(")") and f"{shorter})" in text:
        shorter += ")"
    if shorter.count(")") > shorter.count("(") and f"({shorter}" in text:
        shorter = f"({shorter}"
    return shorter


def _nickname(word: str, name: str) -> bool:
    """Whether `word` abbreviates `name`: its letters come in it in that order, the first first."""
    if len(word) < _MIN_NICKNAME or not word.isalpha() or _ELEMENT.fullmatch(word):
        return False
    letters = iter(name)
    initials = {part[0] for part in name.split()}
    return word[0] in initials and all(letter in letters for letter in word)
