"""A year of weekly audits of three published manifests, held to books of what must come out.

    python benchmarks/year.py [WEEKS] [--folder DIR]

Registries grow from week to week: creators, pages, hosts and domains opt out, consents are given,
renewed, revoked and approved, and end. Manifests lose and gain rows, and rows get other licences.
Once the rules change, once a manifest is missing, once a registry's export is, once a waiver
expires. Who says what is drawn beforehand, and each week's reports must tell just that; any
disagreement is printed, and the exit code is 1. The reports stay in DIR/reports, with pages of the
first, middle and last week.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import year_held
import year_works
from measuring import temporary_folder
from year_books import Book, plan
from year_cast import Casting
from year_files import USE, Calendar, Files
from year_plan import monday

import sourcing_audit
from sourcing_audit.commands.run import run
from sourcing_audit.commands.settings import settings
from sourcing_audit.progress import Log, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from year_held import Held
    from year_works import Manifest

WEEKS = 52
_MEGABYTE = 1_000_000


@dataclass
class Year:
    """Audits week by week, and holds the reports to the books."""

    folder: Path
    manifests: Sequence[Manifest]
    calendar: Calendar
    seed: str = "a year"
    stories: int = 3
    """Parties about one address that begin to speak in a week, for each dataset."""
    every: int = 5
    """Weeks after which the manifests change."""
    wrong: list[str] = field(default_factory=list)
    """What wasn't as planned."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """For each week what it took and what changed."""

    def __post_init__(self) -> None:
        rng = random.Random(self.seed)
        casting = Casting([work for each in self.manifests for work in each.works()], rng)
        for week in range(self.calendar.weeks):
            casting.week(week, self.stories)
        self.parties = casting.parties
        self.books = {
            each.kind.name: Book(
                each,
                self.parties,
                self._by_licences_alone(each),
                self.calendar.rules,
                plan(each, self.calendar.weeks, rng, every=self.every),
            )
            for each in self.manifests
        }
        self._files = Files(self.folder, self.books, self.parties, self.calendar)

    def _by_licences_alone(self, manifest: Manifest) -> dict[str, tuple[str, bool]]:
        """What all rows that there may be are by their licences, without any registry."""
        place = self.folder / "alone"
        place.mkdir(parents=True, exist_ok=True)
        manifest.write(list(manifest.rows), {}, place)
        with sourcing_audit.audit(
            place / manifest.kind.file,
            use=USE,
            as_of=monday(0),
            columns=dict(manifest.kind.columns),
            media="off",
        ) as audited:
            return {
                row["item_id"]: (row["license_concluded"], row["status"] in year_held.ESTABLISHED)
                for row in audited.to_arrow().to_pylist()
            }

    def simulate(self) -> None:
        """All weeks, then what was recorded of them."""
        for week in range(self.calendar.weeks):
            self._run(week)
            row = self.rows[-1]
            print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        self._hold("at the end", year_held.of_history(self.folder, self.books, self.calendar))
        self._hold("at the end", year_held.of_traces(self.folder, self.books, self.calendar))

    def _run(self, week: int) -> None:
        self._files.write(week)
        began = time.process_time()
        wanted = settings(self.folder / "audit.toml", as_of=monday(week).isoformat())
        with shown(quiet=True) as progress, contextlib.redirect_stderr(io.StringIO()):
            log = Log(progress, as_json=False)
            code = run(wanted, only=[], log=log, quiet=True)
        seconds = round(time.process_time() - began, 1)
        self._keep(week)
        happened: Counter[str] = Counter()
        for name in self.books:
            self._hold(f"week {week + 1}: {name}", self.disagreements(week, name))
            happened.update(self._happened(week, name))
        planned = self.calendar.exit_code(week, self.books)
        self._hold(f"week {week + 1}", [year_held.Held("exit code", code, planned)])
        day = {"week": week + 1, "as of": monday(week).isoformat()}
        self.rows.append({**day, "seconds": seconds, "exit": code, **happened})

    def disagreements(self, week: int, name: str) -> list[Held]:
        """What of a dataset's report isn't as it was planned."""
        then = self._audited_before(week, name)
        report = self._report(week, name)
        if self.calendar.fails(week, name):
            day = None if then is None else monday(then).isoformat()
            found = iter([year_held.Held("the report of then", report["as_of"], day)])
        else:
            found = year_held.of_report(report, self.books[name], self.calendar, week, then)
        return [each for each in found if each.found != each.planned]

    def _audited_before(self, week: int, name: str) -> int | None:
        earlier = (each for each in range(week) if not self.calendar.fails(each, name))
        return max(earlier, default=None)

    def _happened(self, week: int, name: str) -> dict[str, int]:
        if self.calendar.fails(week, name):
            return {"failed": 1}
        changes = self._report(week, name)["changes"]
        if changes is None:
            return {}
        told = ("added", "gone", "changed")
        return {each: changes[each] for each in told} | year_held.kinds(changes)

    def _hold(self, where: str, held: Iterable[Held]) -> None:
        for what, found, planned in held:
            if found != planned:
                self.wrong.append(f"{where}: {what}: {found}, and not {planned}")
                print(self.wrong[-1], file=sys.stderr, flush=True)

    def _keep(self, week: int) -> None:
        place = self.folder / "reports"
        place.mkdir(exist_ok=True)
        for name in self.books:
            audit = self.folder / "audits" / name
            shutil.copy(audit / "report.json", place / f"{week + 1:02}-{name}.json")
            if self.calendar.is_looked_at(week):
                shutil.copy(audit / "report.html", place / f"{week + 1:02}-{name}.html")

    def _report(self, week: int, name: str) -> dict[str, Any]:
        path = self.folder / "reports" / f"{week + 1:02}-{name}.json"
        report: dict[str, Any] = json.loads(path.read_bytes())
        return report

    def sizes(self) -> dict[str, int]:
        """Bytes of what grows from week to week."""
        return {name: _size(self.folder / name) for name in ("history.duckdb", "keys", "state")}


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files if each.is_file())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("weeks", type=int, nargs="?", default=WEEKS)
    parser.add_argument("--folder", type=Path, help="a new folder; what is put there stays")
    given = parser.parse_args()
    manifests = year_works.published()
    if not manifests:
        sys.exit(f"The three manifests aren't in {year_works.SHARED}; nothing was audited.")
    with contextlib.ExitStack() as stack:
        folder = given.folder or stack.enter_context(temporary_folder(None))
        year = Year(folder, manifests, Calendar(given.weeks))
        year.simulate()
        seconds = [row["seconds"] for row in year.rows]
        print(f"processor seconds: {min(seconds)} to {max(seconds)} a week, {sum(seconds):.0f}")
        sizes = (f"{name} {size / _MEGABYTE:.1f} MB" for name, size in year.sizes().items())
        print(", ".join(sizes))
        print(f"{len(year.parties)} parties; {len(year.wrong)} disagreements")
    return int(bool(year.wrong))


if __name__ == "__main__":
    sys.exit(main())
