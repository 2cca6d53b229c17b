"""How recent an export is: a finding of the registry, and in every format's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import sourcing_audit
from sourcing_audit.reports import exports, render_all
from tests.conftest import write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sourcing_audit.report import Report

ITEM = {"item_id": "a", "source_url": "https://fresh.example/1.jpg", "license": "CC0 1.0"}


def report_on(folder: Path, *records: dict[str, Any]) -> Report:
    return report_on_exports(folder, {"gallery": records})


def report_on_exports(folder: Path, exports_: Mapping[str, Sequence[dict[str, Any]]]) -> Report:
    paths = [
        write_csv(folder / f"{name}.csv", whole(records)) for name, records in exports_.items()
    ]
    with sourcing_audit.audit(
        write_csv(folder / "items.csv", [ITEM]), registries=paths, as_of="2026-11-21"
    ) as audited:
        return audited.report


def whole(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "record_id": f"r{number}",
            "subject_kind": "domain",
            "subject_value": f"elsewhere{number}.example",
            "decision": "deny",
            "signal_scheme": "",
            "snapshot_at": "",
            "valid_until": "",
            "record_type": "",
            "refers_to": "",
            **record,
        }
        for number, record in enumerate(records)
    ]


EXPORTS: list[tuple[list[dict[str, Any]], int | None, bool, str]] = [
    ([{"snapshot_at": "2026-11-20"}], 1, True, "yes"),
    ([{"snapshot_at": "2026-10-22"}], 30, True, "yes"),
    ([{"snapshot_at": "2026-10-21"}], 31, False, "no: 31 days old, limit 30"),
    ([{}], None, False, "no: undated"),
    ([{"signal_scheme": "contract"}], None, True, "yes"),
    ([{"snapshot_at": "2027-01-01"}], 0, True, "yes"),
    (
        [{"snapshot_at": "2026-11-20"}, {"snapshot_at": "2024-01-01"}],
        1,
        False,
        "no: 1 record out of date or undated",
    ),
    (
        [
            {"snapshot_at": "2026-11-20"},
            {"snapshot_at": "2024-01-01", "valid_until": "2026-11-20"},
        ],
        1,
        True,
        "yes",
    ),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """An audit that was given all of `EXPORTS`."""
    named = {f"export-{n}": given for n, (given, *_) in enumerate(EXPORTS)}
    return report_on_exports(tmp_path_factory.mktemp("exports"), named)


@pytest.mark.parametrize("number", range(len(EXPORTS)))
def test_an_export_is_as_recent_as_its_oldest_record_in_force(number: int, report: Report) -> None:
    _, age, fresh, words = EXPORTS[number]
    registry = report.registries[number]
    assert registry.name == f"export-{number}"
    assert (registry.age_days, registry.fresh) == (age, fresh)
    assert exports.freshness(registry) == words


def test_every_format_says_of_which_day_the_silence_is(tmp_path: Path) -> None:
    report = report_on(tmp_path, {"snapshot_at": "2026-09-01"})
    said = "none in the export of 2026-09-01, 81 days old, of gallery"
    for name, content in render_all(report).items():
        text = " ".join(content.decode("utf-8").split())
        assert said in text, name
        assert "Out of date or undated" in text, name
    from sourcing_audit.reports import terminal

    shown = " ".join(terminal.summary(report, width=80, color=False).split())
    assert said in shown
    assert "Out of date or undated" in shown


def test_references_to_nothing_known_are_counted(tmp_path: Path) -> None:
    report = report_on(
        tmp_path,
        {"snapshot_at": "2026-11-20", "record_type": "revocation", "refers_to": "lost"},
        {"snapshot_at": "2026-11-20", "record_type": "revocation", "refers_to": "r0"},
    )
    assert report.registries[0].dangling_records == 1
    assert any("1 registry record names another" in line for line in report.disclosure.limits)
