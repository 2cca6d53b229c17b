"""The year of weekly audits (`benchmarks/year.py`) in small: six weeks, one made-up manifest."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from types import ModuleType

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
# The source archive has the tests, not the benchmarks.
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the benchmarks aren't here")

WEEKS, WORKS = 6, 60
NOTICES = (None, "© Made-up Artist", "© DACS, 2014", "CC BY-NC-ND 3.0")


def artworks() -> list[dict]:
    return [
        {
            "id": number,
            "copyright": NOTICES[number % len(NOTICES)],
            "credit_line": "Bequeathed 1927",
            "artist": f"Painter {number % 25}",
            "url": f"http://museum{number % 11}.example/works/{number}",
            "thumbnail_url": f"http://www.pictures{number % 13}.example/{number}_8.jpg",
            "date": "1850",
        }
        for number in range(WORKS)
    ]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory):
    """Six weeks, audited and held to their books."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        simulated, works = (importlib.import_module(name) for name in ("year", "year_works"))
        yield simulate(simulated, works, tmp_path_factory.mktemp("year"))
    # Their names are plain; nothing else may find them.
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


def simulate(simulated: ModuleType, works: ModuleType, folder: Path):
    kind = next(each for each in works.KINDS if each.name == "tate")
    schema = pa.Table.from_pylist(artworks()).schema
    manifests = [works.manifest(kind, artworks(), schema)]
    year = simulated.Year(folder, manifests, simulated.Calendar(WEEKS), seed="weeks 28", every=2)
    year.simulate()
    return year


def test_every_week_tells_what_was_planned(year) -> None:
    assert year.wrong == []
    assert len(year.rows) == WEEKS


def test_what_matters_to_a_reviewer_happened(year) -> None:
    happened = {name for row in year.rows for name, items in row.items() if items}
    assert happened >= {
        "new_opt_out",
        "refusal_lifted",
        "consent_new",
        "consent_expired",
        "revoked",
        "approval_missing",
        "license_changed",
        "added",
        "gone",
        "failed",
    }
    assert [row["exit"] for row in year.rows] == [0, 0, 2, 1, 2, 0]


def test_a_report_that_tells_something_else_is_noticed(year) -> None:
    path = year.folder / "reports" / f"{WEEKS:02}-tate.json"
    told = path.read_bytes()
    report = json.loads(told)
    report["totals"]["verdicts"] -= 1
    report["changes"]["gone"] += 1
    report["changes"]["kinds"] = []
    path.write_text(json.dumps(report), encoding="utf-8")
    try:
        assert year.disagreements(WEEKS - 1, "tate") != []
    finally:
        path.write_bytes(told)
    assert year.disagreements(WEEKS - 1, "tate") == []
