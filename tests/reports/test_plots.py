"""Charts from aggregates: what they count, and that they can be restyled."""

import builtins
import datetime as dt

import pyarrow as pa
import pytest

from sourcing_audit.engine import Engine
from sourcing_audit.errors import ConfigError
from sourcing_audit.escape import is_active
from sourcing_audit.notebook import Plots
from sourcing_audit.notebook.months import SERIES, months

alt = pytest.importorskip("altair")

AS_OF = dt.date(2026, 11, 21)


def day(text):
    return text and dt.datetime.fromisoformat(text)


def record(kind, begins, *, until=None, revoked=None, decision=None):
    return {
        "record_type": kind,
        "decision": decision or ("deny" if kind in ("refusal", "revocation") else "allow"),
        "valid_from": None,
        "declared_at": day(begins),
        "recorded_at": None,
        "snapshot_at": None,
        "valid_until": day(until),
        "revoked_at": day(revoked),
    }


RECORDS = [
    record("consent", "2026-01-15"),
    record("consent", "2026-01-20", until="2026-06-30"),
    record("licence_agreement", "2026-02-01", until="2027-01-31"),
    record("consent", "2026-02-10", until="2026-12-31", revoked="2026-04-05"),
    record("revocation", "2026-04-05"),
    record("refusal", "2026-03-01"),
    record("refusal", "2026-03-02", until="2026-08-01"),
    record("approval", "2026-01-01"),
    record("opt_in", None),
    record("consent", "2026-03-03", decision="unknown"),
]
HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\u202e"


def group(host, license_, outcome, items):
    return {
        "outcome": outcome,
        "status": "licensed",
        "license_concluded": license_,
        "host": host,
        "items": items,
    }


GROUPS = [
    group("a.example", "MIT", "permitted", 5),
    group("a.example", "CC-BY-4.0", "prohibited", 7),
    group("a.example", "CC-BY-4.0", "prohibited", 1),
    group(None, "MIT", "undetermined", 9),
    group(HOSTILE, HOSTILE, "conditional", 2),
    *(group(f"h{n:02}.example", f"L{n:02}", "permitted", 1) for n in range(20)),
]
TIMES = dict.fromkeys(
    ("valid_from", "declared_at", "recorded_at", "snapshot_at", "valid_until", "revoked_at"),
    pa.timestamp("us"),
)
COLUMNS = pa.schema({"record_type": pa.string(), "decision": pa.string(), **TIMES})


@pytest.fixture(scope="module")
def engine():
    with Engine.duckdb() as running:
        yield running


@pytest.fixture(scope="module")
def records(engine):
    return engine.from_arrow("records", pa.Table.from_pylist(RECORDS, schema=COLUMNS))


@pytest.fixture(scope="module")
def plots(engine, report, records):
    groups = engine.from_arrow("groups", pa.Table.from_pylist(GROUPS))
    return Plots(engine, report, groups, records)


CHARTS = {
    "status": lambda plots: plots.status(),
    "licenses": lambda plots: plots.licenses(),
    "hosts": lambda plots: plots.hosts(),
    "outcomes": lambda plots: plots.outcomes(),
    "consent_over_time": lambda plots: plots.consent_over_time(),
}


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_altairs_and_can_be_restyled(plots, name):
    chart = CHARTS[name](plots)
    assert isinstance(chart, alt.Chart)
    spec = chart.properties(width=900).configure_axis(grid=False).to_dict()
    assert spec["width"] == 900
    assert spec["title"]["subtitle"] == "film-stills-v3, as of 2026-11-21, rules 2026.11.0"
    assert spec["encoding"]["tooltip"]
    # Without a configuration of its own, a chart can be put beside others.
    assert (chart | chart).to_dict()["hconcat"]


def rows(chart):
    return chart.data.to_dict("records")


def test_status_counts_every_item(plots, report):
    found = rows(plots.status())
    assert sum(row["items"] for row in found) == report.totals.items_in
    assert [row["status"] for row in found][-1] == "□ quarantined"
    assert found[0] == {
        "status": "✗ opted out",
        "tone": "bad",
        "items": 58_811,
        "share": "4.9 %",
    }


def test_a_share_is_never_rounded_to_all_or_nothing(engine, report):
    one = [
        entry.model_copy(update={"items": 1 if entry.status == "opted_out" else 0})
        for entry in report.statuses
    ]
    table = engine.from_arrow("nothing", pa.Table.from_pylist([], schema=COLUMNS))
    few = Plots(engine, report.model_copy(update={"statuses": one}), table, table)
    assert rows(few.status())[0]["share"] == "under 0.1 %"


def test_hosts_are_counted_by_outcome_the_most_items_first(plots):
    chart = plots.hosts()
    found = [(row["group"], row["outcome"], row["items"]) for row in rows(chart)]
    assert found[:3] == [
        ("a.example", "✓ permitted", 5),
        ("a.example", "✗ prohibited", 8),
        ("(no address on record)", "? undetermined", 9),
    ]
    assert len({group for group, *_ in found}) == 15
    assert chart.to_dict()["title"]["text"] == (
        "Items by host and outcome; 8 more not shown; 31 quarantined records not shown"
    )


def test_licences_are_counted_by_outcome(plots):
    found = [(row["group"], row["outcome"], row["items"]) for row in rows(plots.licenses())]
    assert found[:3] == [
        ("MIT", "✓ permitted", 5),
        ("MIT", "? undetermined", 9),
        ("CC-BY-4.0", "✗ prohibited", 8),
    ]


def test_hostile_names_are_inert(plots):
    labels = [row["group"] for row in rows(plots.hosts())]
    assert any("\\x1b" in label for label in labels)
    assert not [char for label in labels for char in label if is_active(char)]


def test_an_unknown_split_is_refused(plots):
    with pytest.raises(ConfigError, match="no such split"):
        plots.outcomes(by="moon")


IN_FORCE = {
    # grants and refusals in force, grants revoked and expired so far
    "2026-01": (2, 0, 0, 0),
    "2026-03": (4, 2, 0, 0),
    "2026-04": (3, 2, 1, 0),
    "2026-06": (2, 2, 1, 1),
    "2026-08": (2, 1, 1, 1),
    "2026-11": (2, 1, 1, 1),
    "2027-01": (1, 1, 1, 2),
}


@pytest.mark.parametrize("month", IN_FORCE)
def test_records_in_force_by_month(engine, records, month):
    points, undated = months(engine, records, AS_OF)
    assert undated == 1
    found = {point.series: point.records for point in points if f"{point.month:%Y-%m}" == month}
    assert tuple(found[name] for name in SERIES) == IN_FORCE[month]


def test_months_reach_from_the_first_record_to_the_last_end(engine, records):
    points, _ = months(engine, records, AS_OF)
    assert (points[0].month, points[-1].month) == (dt.date(2026, 1, 1), dt.date(2027, 1, 1))
    assert {point.month for point in points if point.ahead} == {
        dt.date(2026, 12, 1),
        dt.date(2027, 1, 1),
    }


def test_old_records_count_in_the_first_month_shown(engine):
    old = [record("consent", "1990-05-01"), record("refusal", "2026-10-01", until="2090-01-01")]
    table = engine.from_arrow("old", pa.Table.from_pylist(old, schema=COLUMNS))
    points, _ = months(engine, table, AS_OF)
    assert points[0] == (dt.date(2016, 11, 1), "grants in force", 1, False)
    assert points[-1].month == dt.date(2027, 11, 1)


def test_what_begins_or_ends_after_the_day_of_the_audit_is_still_to_come(engine):
    last, next_day = AS_OF.replace(day=28).isoformat(), AS_OF.replace(day=22).isoformat()
    dated = [
        record("consent", "2026-01-01", until=last),
        record("consent", "2026-01-01", until=next_day),
        record("refusal", last),
    ]
    table = engine.from_arrow("coming", pa.Table.from_pylist(dated, schema=COLUMNS))
    points, _ = months(engine, table, AS_OF)
    found = {(f"{one.month:%Y-%m}", one.series): one.records for one in points}
    assert found["2026-11", "grants in force"] == 2
    assert found["2026-11", "refusals in force"] == 0
    assert found["2026-11", "grants expired so far"] == 0


def test_no_record_is_no_point(engine, report):
    table = engine.from_arrow("none", pa.Table.from_pylist([], schema=COLUMNS))
    assert months(engine, table, AS_OF) == ([], 0)
    chart = Plots(engine, report, table, table).consent_over_time()
    assert chart.to_dict()["title"]["text"] == "Consent records by month, as they are dated"


def test_undated_records_are_told(plots):
    title = plots.consent_over_time().to_dict()["title"]["text"]
    assert title.endswith("; 1 record without a date not shown")


def test_the_line_goes_on_dashed_after_the_date(plots):
    found = rows(plots.consent_over_time())
    both = {row["period"] for row in found if f"{row['month']:%Y-%m}" == "2026-11"}
    assert both == {"until", "after"}


def test_without_altair_the_extra_is_named(plots, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "altair":
            raise ImportError("No module named 'altair'")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"sourcing-audit\[notebook\]"):
        plots.status()
