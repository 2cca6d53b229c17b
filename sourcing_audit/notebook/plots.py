"""Charts of an audit with Altair: drawn from aggregates, to be restyled and combined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import ibis
import pandas as pd

from sourcing_audit.errors import ConfigError
from sourcing_audit.escape import one_line
from sourcing_audit.model import Outcome
from sourcing_audit.notebook import months
from sourcing_audit.reports import marks
from sourcing_audit.reports.quantities import count, plural
from sourcing_audit.reports.wording import share_of

if TYPE_CHECKING:
    import altair as alt
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Report

By = Literal["host", "license", "status"]

TOP: Final = 15
"""The most bars of hosts or licences."""

_COLORS: Final = {"good": "#1c6a51", "open": "#855600", "unknown": "#5b5682", "bad": "#a2272b"}
"""As in the report: at least 4.5 to 1 on white, and never alone: the words stand beside them."""

_LABEL: Final = 60
_WIDTH: Final = 480
_COLUMNS: Final[dict[By, str]] = {
    "host": "host",
    "license": "license_concluded",
    "status": "status",
}
_TITLES: Final[dict[By, str]] = {"host": "Host", "license": "Licence", "status": "Status"}
_NO_HOST: Final = "(no address on record)"


class Plots:
    """The charts of one audit; each is an `altair.Chart`."""

    def __init__(self, engine: Engine, report: Report, groups: ir.Table, records: ir.Table) -> None:
        """Take an audit's aggregates: the report, `schema.GROUPS` and the records that matched."""
        self._engine = engine
        self._report = report
        self._groups = groups
        self._records = records

    def status(self) -> alt.Chart:
        """Items by status, in the order of the decision table, and those quarantined."""
        altair = _altair()
        totals = self._report.totals
        rows = [(marks.STATUS[entry.status], entry.items) for entry in self._report.statuses]
        rows.append((marks.QUARANTINED, totals.quarantined))
        frame = pd.DataFrame(
            {
                "status": [_word(mark) for mark, _ in rows],
                "tone": [mark.tone for mark, _ in rows],
                "items": [items for _, items in rows],
                "share": [share_of(items, totals) for _, items in rows],
            }
        )
        chart: alt.Chart = (
            altair.Chart(frame, title=self._title("Items by status"), width=_WIDTH)
            .mark_bar()
            .encode(
                x=altair.X("items:Q", title="Items"),
                y=altair.Y("status:N", title=None, sort=None, axis=_wide(altair)),
                color=altair.Color(
                    "tone:N",
                    scale=altair.Scale(domain=[*_COLORS], range=[*_COLORS.values()]),
                    legend=None,
                ),
                tooltip=[
                    altair.Tooltip("status:N", title="Status"),
                    altair.Tooltip("items:Q", title="Items", format=","),
                    altair.Tooltip("share:N", title="Share of items"),
                ],
            )
        )
        return chart

    def licenses(self) -> alt.Chart:
        """The most frequent concluded licences, each by outcome."""
        return self.outcomes(by="license")

    def hosts(self) -> alt.Chart:
        """The hosts of the most items, each by outcome."""
        return self.outcomes(by="host")

    def outcomes(self, by: By = "status") -> alt.Chart:
        """Items by outcome within each host, licence or status, the most items first.

        Raises:
            ConfigError: `by` is something else, or Altair isn't installed.

        """
        if by not in get_args(By):
            raise ConfigError(f"{by!r}: no such split", fix=f"use one of {', '.join(get_args(By))}")
        altair = _altair()
        frame, rest = self._split(by)
        words = [_word(mark) for mark in marks.OUTCOME.values()]
        colors = [_COLORS[mark.tone] for mark in marks.OUTCOME.values()]
        more = f"; {count(rest)} more not shown" if rest else ""
        if unread := self._report.totals.quarantined:
            more += f"; {plural(unread, 'quarantined record')} not shown"
        chart: alt.Chart = (
            altair.Chart(
                frame,
                title=self._title(f"Items by {_TITLES[by].lower()} and outcome{more}"),
                width=_WIDTH,
            )
            .mark_bar(stroke="white", strokeWidth=0.5)
            .encode(
                x=altair.X("items:Q", title="Items", stack="zero"),
                y=altair.Y("group:N", title=_TITLES[by], sort=None, axis=_wide(altair)),
                color=altair.Color(
                    "outcome:N",
                    title="Outcome",
                    scale=altair.Scale(domain=words, range=colors),
                    sort=words,
                ),
                order=altair.Order("place:Q"),
                tooltip=[
                    altair.Tooltip("group:N", title=_TITLES[by]),
                    altair.Tooltip("outcome:N", title="Outcome"),
                    altair.Tooltip("items:Q", title="Items", format=","),
                ],
            )
        )
        return chart

    def consent_over_time(self) -> alt.Chart:
        """Consent records by month: grants and refusals in force, revocations and expiries so far.

        Records that speak about an item of the dataset, as they are dated; months after the as-of
        date are dashed: what will be if nothing changes.
        """
        altair = _altair()
        points, undated = months.months(self._engine, self._records, self._report.as_of)
        now = max((point.month for point in points if not point.ahead), default=None)
        rows = [(*point[:3], "after" if point.ahead else "until") for point in points]
        # The dashed line goes on where the other ends.
        rows += [(*point[:3], "after") for point in points if point.month == now]
        frame = pd.DataFrame(rows, columns=["month", "series", "records", "period"])
        frame["month"] = pd.to_datetime(frame["month"])
        shown = "Consent records by month, as they are dated"
        if undated:
            shown += f"; {plural(undated, 'record')} without a date not shown"
        colors = [_COLORS[tone] for tone in ("good", "bad", "open", "unknown")]
        scale = altair.Scale(domain=[*months.SERIES], range=colors)
        chart: alt.Chart = (
            altair.Chart(frame, title=self._title(shown), width=_WIDTH)
            .mark_line(interpolate="step-after", point={"size": 30})
            .encode(
                x=altair.X(
                    "month:T", title="Month", axis=altair.Axis(format="%Y-%m", labelAngle=-45)
                ),
                y=altair.Y("records:Q", title="Records"),
                color=altair.Color("series:N", title="Records", scale=scale),
                shape=altair.Shape(
                    "series:N", title="Records", scale=altair.Scale(domain=[*months.SERIES])
                ),
                strokeDash=altair.StrokeDash(
                    "period:N",
                    scale=altair.Scale(domain=["until", "after"], range=[[1, 0], [4, 3]]),
                    legend=None,
                ),
                tooltip=[
                    altair.Tooltip("month:T", title="Month", format="%Y-%m"),
                    altair.Tooltip("series:N", title="Records"),
                    altair.Tooltip("records:Q", title="How many", format=","),
                ],
            )
        )
        return chart

    def _split(self, by: By) -> tuple[pd.DataFrame, int]:
        """Items by group and outcome of the largest groups, and how many groups are left out."""
        named = self._groups.mutate(
            group=ibis.coalesce(self._groups[_COLUMNS[by]], ibis.literal(_NO_HOST))
        )
        sizes = named.group_by("group").aggregate(whole=named["items"].sum())
        every = self._engine.arrow(sizes.aggregate(n=sizes.count()))["n"][0].as_py()
        top = sizes.order_by([ibis.desc("whole"), "group"]).limit(TOP)
        chosen = named.inner_join(top, "group")
        counted = chosen.group_by(["group", "whole", "outcome"]).aggregate(
            items=chosen["items"].sum()
        )
        order = [ibis.desc("whole"), "group", "outcome"]
        rows = self._engine.arrow(counted.order_by(order)).to_pylist()
        places = {outcome: place for place, outcome in enumerate(marks.OUTCOME)}
        frame = pd.DataFrame(
            [
                (
                    one_line(row["group"], _LABEL),
                    _word(marks.OUTCOME[Outcome(row["outcome"])]),
                    places[Outcome(row["outcome"])],
                    int(row["items"]),
                )
                for row in rows
            ],
            columns=["group", "outcome", "place", "items"],
        )
        return frame, max(every - TOP, 0)

    def _title(self, text: str) -> Any:
        report = self._report
        subtitle = (
            f"{one_line(report.dataset.name, _LABEL)}, as of {report.as_of.isoformat()},"
            f" rules {one_line(report.rules.version, _LABEL)}"
        )
        return _altair().Title(text, subtitle=subtitle, anchor="start")


def _word(mark: marks.Mark) -> str:
    return f"{mark.symbol} {mark.word}"


def _wide(altair: Any) -> Any:
    """An axis whose words aren't cut."""
    return altair.Axis(labelLimit=320)


def _altair() -> Any:
    try:
        import altair as alt
    except ImportError as error:
        raise ConfigError(
            f"charts need Altair: {error}", fix="pip install 'sourcing-audit[notebook]'"
        ) from error
    return alt
