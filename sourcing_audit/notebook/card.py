"""The card by which an audit shows itself: status, sentence, four counts and what isn't known."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from sourcing_audit.reports import marks, wording
from sourcing_audit.reports.environment import environment
from sourcing_audit.reports.gaps import gaps
from sourcing_audit.reports.quantities import count, plural

if TYPE_CHECKING:
    from jinja2 import Template

    from sourcing_audit.report import Report

GAPS: Final = 5
"""The most gaps that a card lists: those of the most items."""

_LIMIT: Final = 1_000


def html(report: Report) -> str:
    """A small card without script, whose style reaches nothing outside it."""
    outcomes = {entry.outcome: entry.items for entry in report.outcomes}
    found = sorted((gap for gap in gaps(report) if gap.items), key=lambda gap: -gap.items)
    return _template().render(
        report=report,
        status=marks.DATASET[report.dataset_status],
        outcomes=[
            *((mark, outcomes.get(key, 0)) for key, mark in marks.OUTCOME.items()),
            (marks.QUARANTINED, report.totals.quarantined),
        ],
        gaps=found[:GAPS],
        more=max(len(found) - GAPS, 0),
        no_registry=None if report.asked else wording.NO_REGISTRY,
        count=count,
        plural=plural,
        share=wording.share_of,
    )


@cache
def _template() -> Template:
    return environment("sourcing_audit.notebook", limit=_LIMIT).get_template("card.html.j2")
