"""Numbers as people write them, held against a count: exact where they are, rounded as they are."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS: Final = {
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bn": 10**9,
}
_MORE: Final = frozenset(
    {
        *("over", "more than", "at least", "above"),
        *("no less than", "no fewer than", "not less than", "not fewer than"),
    }
)
_LESS: Final = frozenset(
    {
        *("under", "less than", "fewer than", "at most", "below"),
        *("no more than", "not more than", "not over", "up to"),
    }
)
_ABOUT: Final = Fraction(1, 20)
"""How far from the count a number may be that is said to be about so."""
_WHOLE: Final = 100
_GROUPED = re.compile(r"\d{1,3}(?:[,.'\u2019 ]\d{3})+")
_SEPARATORS = re.compile(r"[,.'\u2019 ]")
_DATES: Final = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")


def count_agrees(said: Mapping[str, str], actual: int) -> bool:
    """Whether the count that a claim says (`n`, `unit`, `how`) is the actual one."""
    factor = _UNITS.get(said.get("unit", ""))
    number, half = _number(said["n"]) if factor is None else _decimal(said["n"])
    number, half = number * (factor or 1), half * (factor or 1)
    return _agrees(number, half, said, Fraction(actual), about=number)


def share_agrees(said: Mapping[str, str], part: int, whole: int) -> bool:
    """Whether the share that a claim says (`p`, `how`) is that of `part` in `whole`."""
    if whole <= 0:
        return False
    number, half = _decimal(said["p"])
    actual = Fraction(_WHOLE * part, whole)
    if number in {0, _WHOLE} and not said.get("how"):
        return actual == number
    # "About 99 %" leaves the hundredth part, and is measured by it.
    return _agrees(number, half, said, actual, about=min(number, _WHOLE - number))


def number_of(text: str) -> int:
    """A count without its separators."""
    number, _ = _number(text)
    return int(number)


def date_of(text: str) -> dt.date | None:
    """A date in one of the usual forms; None where the day doesn't exist."""
    for form in _DATES:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    return None


def _agrees(
    number: Fraction, half: Fraction, said: Mapping[str, str], actual: Fraction, *, about: Fraction
) -> bool:
    how = said.get("how", "")
    if how in _MORE:
        return actual >= number
    if how in _LESS:
        return actual <= number
    slack = max(half, about * _ABOUT) if how else half
    return abs(actual - number) <= slack


def _number(text: str) -> tuple[Fraction, Fraction]:
    """A count and half of its last digit; a grouped or whole one is meant exactly."""
    if _GROUPED.fullmatch(text):
        return Fraction(_SEPARATORS.sub("", text)), Fraction(0)
    number, half = _decimal(text)
    return number, half if number.denominator > 1 else Fraction(0)


def _decimal(text: str) -> tuple[Fraction, Fraction]:
    digits = text.replace(",", ".")
    places = len(digits.partition(".")[2])
    return Fraction(digits), Fraction(1, 2 * 10**places)
