"""A year of weekly audits of three published manifests, held to books of what must come out.

    python benchmarks/year.py [WEEKS] [--folder DIR]

Registries grow from week to week: creators, pages, hosts and domains opt out, consents are given,
renewed, revoked and approved, and end. Manifests lose and gain rows, and rows get other licences. Once
the rules change, once a manifest is missing, once a registry's export is, once a waiver expires. Who
says what is known beforehand (`year_plan.py`, `year_books.py`); each week's reports must tell just
that. The first, middle and last reports stay in DIR/reports.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import year_works
from measuring import temporary_folder
from year_books import RULE, Book, plan
from year_plan import ESTABLISHING, GRANTEE, Casting, before, monday

import sourcing_audit
from sourcing_audit import commands, run_commands
from sourcing_audit.history import History
from sourcing_audit.progress import Log, shown
from sourcing_audit.trace_commands import trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from year_works import Manifest

WEEKS = 52
EXPORTS = ("refusals", "consents")
WAIVED = "license_missing"
_UNFORESEEN = {"obligation_added", "obligation_removed"}
"""Follow from the terms of licences and consents, which the books leave out."""

_ESTABLISHED = {"licensed", "public_domain_or_cc", "proprietary_with_consent"}
_USE = f"commercial-training,grantee={GRANTEE},project=project:harbour-lights"


@dataclass(frozen=True)
class Calendar:
    """In which week what happens once; weeks count from 0."""

    weeks: int

    @property
    def rules(self) -> int:
        return self.weeks * 5 // 9

    @property
    def without_manifest(self) -> int:
        return self.weeks * 3 // 8

    @property
    def without_export(self) -> int:
        return self.weeks * 3 // 4

    @property
    def waiver_expires(self) -> int:
        return self.weeks // 2

    @property
    def waiver_renewed(self) -> int:
        return self.waiver_expires + 1

    def fails(self, week: int, dataset: str) -> bool:
        return week == self.without_export or (
            week == self.without_manifest and dataset == "tate"
        )

    def waiver_is_expired(self, week: int) -> bool:
        return self.waiver_expires <= week < self.waiver_renewed


@dataclass
class Year:
    """The simulation: writes what a week brings, audits, and holds the reports to the books."""

    folder: Path
    manifests: Sequence[Manifest]
    calendar: Calendar
    seed: str = "a year"
    stories: int = 3
    every: int = 5
    books: dict[str, Book] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    _last: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = random.Random(self.seed)
        casting = Casting([work for each in self.manifests for work in each.works()], rng)
        for week in range(self.calendar.weeks):
            casting.week(week, self.stories)
        self.parties = casting.parties
        for each in self.manifests:
            self.books[each.kind.name] = Book(
                each,
                self.parties,
                self._licences_alone(each),
                self.calendar.rules,
                plan(each, self.calendar.weeks, rng, every=self.every),
            )

    def _licences_alone(self, manifest: Manifest) -> dict[str, tuple[str, bool]]:
        """What all rows that there may be are by their licences, without any registry."""
        place = self.folder / "alone"
        place.mkdir(parents=True, exist_ok=True)
        manifest.write(list(manifest.rows), {}, place)
        columns = {"item_id": "https://{provider_domain}{content_path}"}
        with sourcing_audit.audit(
            place / manifest.kind.file,
            use=_USE,
            as_of=monday(0),
            columns=columns if manifest.kind.columns else {},
            media="off",
        ) as audited:
            return {
                row["item_id"]: (row["license_concluded"], row["status"] in _ESTABLISHED)
                for row in audited.to_arrow().to_pylist()
            }

    def prepare(self, week: int) -> None:
        """Write manifests, exports, rules and settings as they are in a week."""
        for name, book in self.books.items():
            path = self.folder / book.manifest.kind.file
            path.unlink(missing_ok=True)
            if not (week == self.calendar.without_manifest and name == "tate"):
                held = book.weeks[week].present
                book.manifest.write(held, book.changed_rows(week), self.folder)
        self._write_exports(week)
        if week == self.calendar.rules:
            rules = self.folder / "our-rules" / "licenses"
            rules.mkdir(parents=True)
            with (rules / "aliases.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(["value", "target", "kind", "source"])
                writer.writerow([*RULE, "name", "https://counsel.example/notices"])
        (self.folder / "audit.toml").write_text(self._settings(week), encoding="utf-8")

    def _write_exports(self, week: int) -> None:
        found: dict[str, list[dict[str, str]]] = {name: [] for name in EXPORTS}
        for party in self.parties:
            for each in party.statements:
                if each.there(week):
                    refused = each.record["decision"] == "deny" and "refers_to" not in each.record
                    found["refusals" if refused else "consents"].append(each.record)
        for name, records in found.items():
            path = self.folder / f"{name}.csv"
            path.unlink(missing_ok=True)
            if week == self.calendar.without_export and name == "refusals":
                continue
            stamp = {"registry_id": name, "snapshot_at": before(week)}
            columns = ["record_id", "subject_kind", "subject_value", "decision"]
            names = list(dict.fromkeys([*columns, *stamp, *(k for r in records for k in r)]))
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, names, restval="")
                writer.writeheader()
                writer.writerows({**record, **stamp} for record in records)

    def _settings(self, week: int) -> str:
        renewed = week >= self.calendar.waiver_renewed
        expires = monday(self.calendar.weeks if renewed else self.calendar.waiver_expires)
        lines = [f'use = "{_USE}"', 'output = "audits"', 'fail_on = "never"', 'media = "off"']
        lines += ['state = "state"', 'keys = "keys"', 'history = "history.duckdb"']
        lines += ['since = "audits"', f'formats = ["{"html" if self._is_looked_at(week) else "json"}"]']
        lines += ['rules = ["our-rules"]'] if week >= self.calendar.rules else []
        for name, book in self.books.items():
            kind = book.manifest.kind
            lines += ["[[dataset]]", f'name = "{name}"', f'source = "{kind.file}"', kind.columns]
        for name in EXPORTS:
            lines += ["[[registry]]", f'path = "{name}.csv"']
        lines += ["[gate]", f"{WAIVED} = {{ max = 0 }}", "[[waiver]]", f'code = "{WAIVED}"']
        lines += ['match = { dataset = "tate" }', 'reason = "awaiting_answer"']
        lines += ['comment = "Asked in January"', 'owner = "rights@studio.example"']
        lines += ['approved_by = "counsel@studio.example"', f"expires = {expires}"]
        return "\n".join(lines) + "\n"

    def run(self, week: int) -> None:
        """Audit, and hold what came out to the books."""
        self.prepare(week)
        began = time.process_time()
        settings = commands.settings(self.folder / "audit.toml", as_of=monday(week).isoformat())
        told = io.StringIO()
        with shown(quiet=True) as progress, contextlib.redirect_stderr(told):
            code = run_commands.run(settings, only=[], log=Log(progress, as_json=False), quiet=True)
        seconds = time.process_time() - began
        self._hold(week, "exit code", code, self._exit_code(week))
        for name in self.books:
            self._keep(week, name)
        found = [self._held(week, name) for name in self.books]
        self.rows.append(
            {"week": week + 1, "as_of": monday(week), "seconds": seconds, "exit": code}
            | dict(sum((Counter(each) for each in found), Counter()))
        )

    def _exit_code(self, week: int) -> int:
        if any(self.calendar.fails(week, name) for name in self.books):
            return 2
        return int(self.calendar.waiver_is_expired(week))

    def _held(self, week: int, name: str) -> dict[str, int]:
        """Hold a dataset's report to the books; return what changed."""
        report = json.loads((self.folder / "reports" / f"{week + 1:02}-{name}.json").read_bytes())
        if self.calendar.fails(week, name):
            last = monday(self._last[name]).isoformat()
            self._hold(week, f"{name}: the report", report["as_of"], last)
            return {"failed": 1}
        book, totals = self.books[name], report["totals"]
        verdicts = book.verdicts(week)

        def hold(what: str, found: object, planned: object) -> None:
            self._hold(week, f"{name}: {what}", found, planned)

        hold("as of", report["as_of"], monday(week).isoformat())
        hold("items in", totals["items_in"], len(verdicts))
        hold("verdicts and quarantined", totals["verdicts"] + totals["quarantined"], len(verdicts))
        hold("statuses", sum(each["items"] for each in report["statuses"]), totals["verdicts"])
        answers = {e["consent_status"]: e["items"] for e in report["consent"]["counts"]}
        hold("answers", _filled(answers), Counter(each.consent for each in verdicts.values()))
        established = (e["items"] for e in report["statuses"] if e["status"] in _ESTABLISHED)
        hold("established", sum(established), sum(e.established for e in verdicts.values()))
        expired = self.calendar.waiver_is_expired(week) and name == "tate"
        hold("expired waivers", report["gate"]["expired_waivers"], int(expired))
        changed = {} if name not in self._last else self._changes(week, name, report, hold)
        self._last[name] = week
        return changed

    def _changes(self, week: int, name: str, report: Any, hold: Any) -> dict[str, int]:
        then, found = self._last[name], report["changes"]
        planned = self.books[name].expected(then, week)
        hold("since", found["since"]["as_of"], monday(then).isoformat())
        for what in ("added", "gone", "changed"):
            hold(what, found[what], getattr(planned, what))
        kinds = {e["kind"]: e["items"] for e in found["kinds"] if e["kind"] not in _UNFORESEEN}
        hold("kinds", _filled(kinds), planned.kinds)
        hold("causes", {e["kind"]: e["items"] for e in found["causes"]}, planned.causes)
        crossed = then < self.calendar.rules <= week
        hold("rules differ", "rules" in found["differs"], crossed)
        return {"added": found["added"], "gone": found["gone"], "changed": found["changed"], **kinds}

    def _hold(self, week: int, what: str, found: object, planned: object) -> None:
        if found != planned:
            self.wrong.append(f"week {week + 1}: {what}: {found}, and not {planned}")
            print(self.wrong[-1], file=sys.stderr, flush=True)

    def _is_looked_at(self, week: int) -> bool:
        return week in {0, self.calendar.weeks // 2, self.calendar.weeks - 1}

    def _keep(self, week: int, name: str) -> None:
        place, audit = self.folder / "reports", self.folder / "audits" / name
        place.mkdir(exist_ok=True)
        shutil.copy(audit / "report.json", place / f"{week + 1:02}-{name}.json")
        if self._is_looked_at(week):
            shutil.copy(audit / "report.html", place / f"{week + 1:02}-{name}.html")

    def history(self) -> None:
        """Hold the history to the books."""
        calendar, datasets = self.calendar, list(self.books)
        weeks = range(calendar.weeks)
        failed = sum(calendar.fails(week, name) for week in weeks for name in datasets)
        past = History(str(self.folder / "history.duckdb"))
        entries = past.entries()
        last = calendar.weeks - 1
        self._hold(last, "audits", len(entries), calendar.weeks * len(datasets) - failed)
        self._hold(last, "failures", len(past.failures()), failed)
        turned = {now.as_of for now, old in entries if old and "rules" in now.differs(old)}
        self._hold(last, "rules turned", turned, {monday(calendar.rules)})

    def traces(self) -> None:
        """Look for works that came late, that went, and that were there all year."""
        last = self.calendar.weeks - 1
        for name, book in self.books.items():
            seen: dict[str, list[int]] = {}
            for week, each in enumerate(book.weeks):
                if not self.calendar.fails(week, name):
                    for item_id in each.present:
                        seen.setdefault(item_id, []).append(week + 1)
            came = next(each for each, weeks in seen.items() if weeks[0] > 1)
            went = next(each for each, weeks in seen.items() if weeks[-1] < last)
            stayed = next(e for e, w in seen.items() if (w[0], w[-1]) == (1, last + 1))
            urls = {work.item_id: work.url for work in book.manifest.works()}
            for item_id in (came, went, stayed):
                weeks = seen[item_id]
                planned = (weeks[0], weeks[-1], weeks[-1] == last + 1)
                self._hold(last, f"trace {urls[item_id]}", self._traced(urls[item_id]), [planned])

    def _traced(self, url: str) -> list[tuple[int, int, bool]]:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            trace(
                [url], history=str(self.folder / "history.duckdb"), keys=self.folder / "keys",
                registries=[], records=[], output=None, tombstones=None, as_json=True, rules=[],
            )  # fmt: skip
        rows = [json.loads(line) for line in printed.getvalue().splitlines()]
        return [
            (row["first_run"], row["last_run"], row["rows_in_latest"] > 0)
            for row in rows
        ]

    def sizes(self) -> dict[str, int]:
        """Bytes of what grows from week to week."""
        return {
            name: sum(
                each.stat().st_size
                for each in (path.rglob("*") if path.is_dir() else [path])
                if each.is_file()
            )
            for name in ("history.duckdb", "keys", "state", "audits")
            for path in [self.folder / name]
        }


def _filled(counts: dict[str, int]) -> dict[str, int]:
    return {name: items for name, items in counts.items() if items}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("weeks", type=int, nargs="?", default=WEEKS)
    parser.add_argument("--folder", type=Path, help="where there is space; what it holds stays")
    given = parser.parse_args()
    manifests = year_works.published()
    if not manifests:
        print(f"The three manifests aren't in {year_works.SHARED}; nothing was audited.")
        return 0
    with contextlib.ExitStack() as stack:
        folder = given.folder or stack.enter_context(temporary_folder(None))
        year = Year(folder, manifests, Calendar(given.weeks))
        for week in range(given.weeks):
            year.run(week)
            row = year.rows[-1]
            print("  ".join(f"{k} {v:.1f}" if k == "seconds" else f"{k} {v}" for k, v in row.items()), flush=True)
        year.history()
        year.traces()
        seconds = [row["seconds"] for row in year.rows]
        print(f"processor seconds a week: {min(seconds):.1f} to {max(seconds):.1f}, in all {sum(seconds):.0f}")
        print(", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in year.sizes().items()))
        print(f"{len(year.parties)} parties; {len(year.wrong)} disagreements")
    return int(bool(year.wrong))


if __name__ == "__main__":
    sys.exit(main())
