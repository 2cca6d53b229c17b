"""`attribution.html`, and further pages where there are many: offline, without script."""

from __future__ import annotations

from functools import cache
from importlib import resources
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from sourcing_audit.attribution import telling
from sourcing_audit.reports.environment import environment
from sourcing_audit.reports.quantities import count, plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jinja2 import Template

    from sourcing_audit.attribution.credits import Attribution
    from sourcing_audit.attribution.words import Worded
    from sourcing_audit.report import Report

FIRST: Final = "attribution.html"
FURTHER: Final = "attribution-{}.html"
ENTRIES: Final = 20_000
"""The most entries that a page holds; browsers stay quick with as many."""

_LIMIT: Final = 4_000


class _Section(NamedTuple):
    title: str
    fulfilled: bool
    entries: Iterator[Worded]


def write(
    report: Report,
    counted: Attribution,
    entries: Iterator[Worded],
    folder: Path,
    most: int = ENTRIES,
) -> list[str]:
    """Write the pages, entry by entry.

    Args:
        report: names the dataset, the date and the use.
        counted: how many entries there are.
        entries: in order.
        folder: where to.
        most: entries that a page holds.

    Returns:
        The pages' names. `attribution.html` holds all entries, or leads to the pages that do.

    """
    whole = counted.entries + counted.unfulfilled_entries
    if whole <= most:
        _write(folder / FIRST, report, telling.introduction(report, counted), entries)
        return [FIRST]
    names = {}
    for number, start in enumerate(range(0, whole, most), start=1):
        name = FURTHER.format(f"{number:04}")
        names[name] = f"Entries {count(start + 1)} to {count(min(start + most, whole))}"
        _write(folder / name, report, [f"{names[name]} of {count(whole)}."], islice(entries, most))
    _write(folder / FIRST, report, telling.introduction(report, counted), iter(()), names)
    return [FIRST, *names]


def _write(
    path: Path,
    report: Report,
    paragraphs: list[str],
    entries: Iterator[Worded],
    pages: dict[str, str] | None = None,
) -> None:
    parts = _template().generate(
        title=telling.TITLE,
        dataset=report.dataset.name,
        paragraphs=paragraphs,
        sections=_sections(entries),
        pages=pages or {},
        first=None if path.name == FIRST else FIRST,
        plural=plural,
    )
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(parts)
        stream.write("\n")


def _sections(entries: Iterator[Worded]) -> Iterator[_Section]:
    for (fulfilled, heading), group in groupby(entries, telling.section):
        yield _Section(telling.titled(heading, fulfilled=fulfilled), fulfilled, group)


@cache
def _template() -> Template:
    from markupsafe import Markup

    found = environment("sourcing_audit.attribution", limit=_LIMIT)
    sheet = resources.files("sourcing_audit.reports").joinpath("templates", "report.css")
    found.globals["css"] = Markup(sheet.read_text(encoding="utf-8"))  # noqa: S704 (our own)
    return found.get_template("attribution.html.j2")
