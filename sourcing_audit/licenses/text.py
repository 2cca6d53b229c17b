"""Declared values as text: folded, freed of markup, and cut into tokens. Total and linear."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

MAX_TEXT = 4_000
"""Longer texts are licence texts rather than declarations; the rules here don't read them."""

_ANSI = re.compile(r"\x1b\[[0-9;]*[a-z]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_AUTOLINK = re.compile(r"<(?=https?:)([^<>\s]+)>")
_TAG = re.compile(
    r"</?(?:a|abbr|b|body|br|center|cite|code|dd|div|dl|dt|em|font|h[1-6]|hr|html|i|img|li|link"
    r"|meta|ol|p|pre|q|script|small|span|strong|sub|sup|table|tbody|td|th|tr|u|ul)\b([^<>]*)>"
)
_ATTRIBUTE = re.compile(r"([\w:.@-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
_MARKDOWN = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*)\)")
_VOWELS = re.compile(r"[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u0652]")
"""Marks that Arabic and Hebrew may leave out."""
_PERCENT = re.compile(r"%[0-9a-f]{2}")

TOKEN = re.compile(r"cc0(?![^\W_])|[^\W\d_]+|\d+(?:\.\d+)*(?:[a-z](?![^\W_]))?|\+")
_GLUED_VERSION = re.compile(r"(?<=[a-z])v(?=\.? ?\d)")

# fmt: off
NOISE = frozenset({
    "a", "an", "approved", "available", "copy", "distributed", "family", "file", "files",
    "here", "identifier", "image", "images", "is", "its", "licence", "licenced", "licences",
    "licencing", "license", "licensed", "licenses", "licensing", "lisence", "lisense",
    "liscence", "made", "of", "osi", "photo", "photograph", "photos", "picture", "provided",
    "published", "released", "spdx", "term", "terms", "the", "this", "under", "v", "ver",
    "version", "via", "work", "works",
})
# fmt: on
"""Words that change no licence's name. None that negates, limits or adds may stand here."""

# fmt: off
_SILENT = frozenset({
    "align", "border", "class", "colspan", "dir", "height", "hspace", "id", "itemprop", "itemtype",
    "lang", "loading", "prefix", "property", "rel", "role", "rowspan", "size", "srcset", "style",
    "tabindex", "target", "type", "typeof", "valign", "vspace", "width",
})
# fmt: on
"""Attributes of markup that say how it looks or what it is, never what is allowed."""
_ADDRESSES = frozenset({"about", "href", "resource", "src"})
# fmt: off
_CAPTION = frozenset({
    "badge", "button", "commons", "creative", "de", "icon", "image", "la", "le", "licence",
    "licença", "licencia", "licencja", "license", "licentie", "licenza", "lizenz", "lizenzvertrag",
    "logo", "of", "the",
})
# fmt: on
"""The words of a badge's caption that says nothing beyond its link: `Creative Commons License`."""
_WORD = re.compile(r"[^\W_]+")
_AUTHORITY = re.compile(r"\w+://[^/]*%")


def fold(raw: str) -> str | None:
    """`raw` in one line, case-folded and without markup; None if it is too long to be read.

    The targets of links stay, as text.
    """
    text = " ".join(raw.split())
    if len(text) > MAX_TEXT:
        return None
    given = text
    if not text.isascii():
        text = _VOWELS.sub("", unicodedata.normalize("NFKC", text))
    text = text.casefold()
    if not text.isprintable():
        text = _UNPRINTABLE.sub(" ", _ANSI.sub("", text))
    if "&" in text:
        # Twice: pages quote markup that was already quoted.
        text = html.unescape(html.unescape(text)).casefold()
    if "<" in text:
        text = _TAG.sub(_attributes, _AUTOLINK.sub(r" \1 ", text))
    if "](" in text:
        # Twice: a badge is an image within a link.
        text = _MARKDOWN.sub(r" \1 \2 ", _MARKDOWN.sub(r" \1 \2 ", text))
    if "%" in text and _PERCENT.search(text):
        text = " ".join(map(_decoded, text.split())).casefold()
    if text != given:
        text = " ".join(text.split())
    return text if len(text) <= MAX_TEXT else None


def _attributes(tag: re.Match[str]) -> str:
    """The links of a tag, and whatever else its attributes say."""
    found = []
    for name, quoted, single, bare in _ATTRIBUTE.findall(tag[1]):
        value = quoted or single or bare
        if name in _SILENT or name.startswith("xmlns") or _CAPTION.issuperset(_WORD.findall(value)):
            continue
        found.append("".join(value.split()) if name in _ADDRESSES else value)
    return f" {' '.join(found)} "


def _decoded(word: str) -> str:
    """`word` without percent-encoding; an encoded space within an address separates nothing.

    An address whose host is encoded is left as it is: no browser opens it.
    """
    if "%" not in word or _AUTHORITY.match(word):
        return word
    plain = _UNPRINTABLE.sub(" ", unquote(word))
    return "_".join(plain.split()) if "/" in plain else plain


@lru_cache(32)
def tokens(text: str) -> tuple[str, ...]:
    """The words, versions and plus signs of folded text, without the noise.

    The few last answers are kept, as one text is asked about several times in a row.
    """
    found = TOKEN.findall(_GLUED_VERSION.sub(" v", text))
    return tuple(token for token in found if token not in NOISE)


def key(text: str) -> str:
    """What two spellings of one name have in common; empty if nothing is left."""
    return " ".join(tokens(text))


def name_key(name: str) -> str:
    """The key of a name as a rule file writes it."""
    return key(fold(name) or "")
