"""Templates of MediaWiki, as in `{{self|cc-by-sa-4.0|GFDL}}`: which they are and what they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEMPLATE = re.compile(r"\{\{([^{}]*)\}\}")
_WHOLE = re.compile(r"(?:\s*[,;]?\s*\{\{[^{}]*\}\})+\s*")
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_NAMED = re.compile(r"^[\w -]+=")
_CHOICES = frozenset({"self", "multi-license", "multilicense", "dual", "licensed-or"})
"""Templates whose parameters are licences of which the user takes one."""


@dataclass(frozen=True, slots=True)
class Template:
    """One template of a text that consists of templates."""

    licenses: tuple[str, ...]
    """What names its licences; one of several is to be chosen."""
    rest: str
    """Its other parameters."""


def in_wikitext(text: str) -> list[Template] | None:
    """The templates of folded text; None if there is anything else in it."""
    if not text.startswith("{{") or not _WHOLE.fullmatch(text):
        return None
    plain = (_LINK.sub(r"\1", inner) for inner in _TEMPLATE.findall(text))
    return [_template(inner.split("|")) for inner in plain]


def _template(parts: list[str]) -> Template:
    name, *parameters = (part.strip() for part in parts)
    unnamed = [one for one in parameters if one and not _NAMED.match(one)]
    if name in _CHOICES:
        named = [one for one in parameters if _NAMED.match(one)]
        return Template(tuple(unnamed), _values(named))
    return Template((name,), _values(parameters))


def _values(parameters: list[str]) -> str:
    return " ".join(_NAMED.sub("", one).strip() for one in parameters)
