r"""Make text from manifests and registries harmless in every output.

What a row says is data, never layout, markup or a command. Characters that would act on a
terminal, reorder a line or hide in it are shown as an escape such as `\x1b`, so that a reader
sees that they were there.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"

_ACTIVE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that act rather than show: controls, format characters (bidi overrides,
zero-width, tags), lone surrogates, line and paragraph separators."""

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Blank characters outside those categories: fillers, inherent vowels, the empty Braille cell."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LAST_BYTE = 0xFF
_LAST_OF_PLANE_0 = 0xFFFF

_MARKDOWN_BLOCK = re.compile(r"^(?:[-+=]|\d+(?=[.)](?:\s|$)))")
_MARKDOWN_INLINE = re.compile(r"[\\`*_{}\[\]#!|~$]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def is_active(char: str) -> bool:
    """Tell whether a character acts on a display, or hides in it, instead of showing itself."""
    return unicodedata.category(char) in _ACTIVE or char in _INVISIBLE


def terminal(text: str) -> str:
    """Show every control, ANSI, bidi and zero-width character as a visible escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(char) if is_active(char) else char for char in text)


def one_line(text: str, limit: int) -> str:
    """Put `text` on one harmless line of at most `limit` characters."""
    line = terminal(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def markdown_cell(text: str) -> str:
    """Escape `text` so that a Markdown table cell or paragraph shows it and does nothing else."""
    line = _MARKDOWN_INLINE.sub(r"\\\g<0>", terminal(" ".join(text.split())))
    return _MARKDOWN_BLOCK.sub(_escape_block_start, line).translate(_HTML)


def csv_cell(text: str) -> str:
    """Keep a spreadsheet from reading `text` as a formula; quoting is the CSV writer's."""
    return f"'{text}" if _FORMULA.match(text) else text


def json_text(document: str) -> str:
    """Escape active characters in serialised JSON, which changes no value and keeps its layout."""
    return "\n".join(
        line
        if line.isascii() and line.isprintable()
        else "".join(_json_escape(char) if is_active(char) else char for char in line)
        for line in document.split("\n")
    )


def _visible(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code <= _LAST_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LAST_OF_PLANE_0 else f"\\U{code:08x}"


def _json_escape(char: str) -> str:
    code = ord(char)
    if code <= _LAST_OF_PLANE_0:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _escape_block_start(match: re.Match[str]) -> str:
    start = match.group()
    # A number is escaped after it: "1\." starts no list, and "\1" would show its backslash.
    return f"{start}\\" if start.isdigit() else f"\\{start}"
