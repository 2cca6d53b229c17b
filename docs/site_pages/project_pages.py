"""Pages of the repository that lie outside the documentation, and links that lead there."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

_COPIED = {
    "ARCHITECTURE.md": "project/architecture",
    "CONTRIBUTING.md": "project/contributing",
    "CHANGELOG.md": "project/changelog",
    "license_rules/README.md": "project/rules",
    "examples/film-stills/README.md": "project/sample",
    "reports/README.md": "project/reports",
    "benchmarks/README.md": "project/benchmarks",
}
_PLACES = {
    **_COPIED,
    "README.md": "index",
    "license_rules": "project/rules",
    "examples/film-stills": "project/sample",
    "reports": "project/reports",
    "benchmarks": "project/benchmarks",
}
"""Where the site has what the repository has elsewhere."""

_LINK = re.compile(r"(?<=\]\()(?P<target>[^)#\s:]+)(?P<anchor>#[^)\s]*)?(?=\))")


def pages() -> Iterator[tuple[str, str]]:
    """Each copied page's name below the documentation, and its Markdown."""
    for source, name in _COPIED.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        yield name, relinked(text, posixpath.dirname(source), name)


def relinked(text: str, folder: str, name: str) -> str:
    """`text`, whose relative links start from `folder` in the repository, for the page `name`."""
    here = posixpath.dirname(name) or "."

    def link(match: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(folder, match["target"]))
        anchor = match["anchor"] or ""
        if place in _PLACES:
            return posixpath.relpath(f"{_PLACES[place]}.md", here) + anchor
        below = posixpath.relpath(place, "docs")
        # What lies outside is copied into the site as a file; of Markdown that has to be said.
        file = "path:" if below.startswith("..") and below.endswith(".md") else ""
        return file + posixpath.relpath(below, here) + anchor

    return _LINK.sub(link, text)
