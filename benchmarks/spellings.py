"""A thousand ways in which datasets write their licences, the usual ones first.

Real spellings, from the examples of the rules, and what else people make of them: other capitals,
spaces, slashes at the end, and the versions and ports of Creative Commons' addresses.
"""

from __future__ import annotations

import re
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CASES = Path(__file__).parents[1] / "license_rules" / "cases" / "licenses.toml"
COUNT = 1_000
_LONGEST = 200
_USUAL = (
    "https://creativecommons.org/licenses/by/2.0/",
    "CC BY 4.0",
    "All rights reserved",
    "https://creativecommons.org/licenses/by-nc-nd/2.0/",
    "cc-by-sa-4.0",
    "https://creativecommons.org/licenses/by-nc-sa/2.0/",
    "CC0",
    "mit",
    "public domain",
    "https://creativecommons.org/publicdomain/zero/1.0/",
    "unknown",
    "apache-2.0",
    "https://creativecommons.org/licenses/by-sa/3.0/",
    "cc-by-nc-4.0",
    "other",
)
"""How most items say it; by Zipf's law, the first ten of a thousand are four tenths of all."""
_CC_ADDRESS = re.compile(r"(?P<unit>creativecommons\.org/licenses/[a-z\-]+)/\d\.\d/?$")
_PORTS = ("1.0", "2.5", "3.0", "4.0", "2.0/de", "2.5/es", "3.0/us", "3.0/igo", "2.1/jp", "3.0/at")

DIRTY = (
    "",
    "   ",
    "null",
    "-",
    "see website",
    "CC-BY ¿4.0?",
    "Â© all rights reserved",
    '["CC-BY-4.0", "MIT"]',
    "['cc-by-sa-3.0']",
    "MIT AND (Apache-2.0",
    "https://example.org/licence.html?id=7",
    "http://creativecommons.org/licenses/by/9.9/",
)
"""What else stands in such a column."""


def spellings(count: int = COUNT) -> list[str]:
    """So many distinct spellings, always the same."""
    with CASES.open("rb") as stream:
        cases = tomllib.load(stream)["case"]
    real = {case["raw"] for case in cases if 0 < len(case["raw"].strip()) <= _LONGEST}
    found = dict.fromkeys([*_USUAL, *sorted(real, key=_shuffled)])
    for vary in _VARIATIONS:
        if len(found) >= count:
            break
        found |= dict.fromkeys(one for text in list(found) for one in vary(text))
    if len(found) < count:
        raise ValueError(f"{CASES} gives {len(found)} spellings, not {count}")
    return list(found)[:count]


def _shuffled(text: str) -> bytes:
    """An order that nothing but the text decides."""
    return sha256(text.encode()).digest()


def _ported(text: str) -> Iterator[str]:
    found = _CC_ADDRESS.search(text)
    if found:
        yield from (f"http://{found['unit']}/{port}/" for port in _PORTS)


def _other_capitals(text: str) -> Iterator[str]:
    if "/" not in text:
        yield text.upper()
        yield text.title()


def _slashes(text: str) -> Iterator[str]:
    if text.startswith("http"):
        yield text.rstrip("/") if text.endswith("/") else f"{text}/"


def _spaces(text: str) -> Iterator[str]:
    yield f" {text} "
    yield text.replace(" ", "  ")


_VARIATIONS: tuple[Callable[[str], Iterator[str]], ...] = (
    _ported,
    _slashes,
    _other_capitals,
    _spaces,
)
