"""What lies in the folder of the audits in each week: manifests, exports, rules, `audit.toml`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from year_books import RULE
from year_plan import GRANTEE, before, monday

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from year_books import Book
    from year_plan import Party

USE = f"commercial-training,grantee={GRANTEE},project=project:harbour-lights"
_EXPORTS = ("refusals", "consents")
_WAIVED = "license_missing"


@dataclass(frozen=True)
class Calendar:
    """In which week what happens once; weeks count from 0."""

    weeks: int
    waived: str = "tate"
    """The dataset whose manifest is missing once, and of which something is waived."""

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
            week == self.without_manifest and dataset == self.waived
        )

    def exit_code(self, week: int, datasets: Iterable[str]) -> int:
        """Of the week's run."""
        if any(self.fails(week, name) for name in datasets):
            return 2
        return int(self.waiver_is_expired(week))

    def is_looked_at(self, week: int) -> bool:
        """Whether a page is written that somebody looks at."""
        return week in {0, self.weeks // 2, self.weeks - 1}

    def waiver_is_expired(self, week: int) -> bool:
        return self.waiver_expires <= week < self.waiver_renewed


@dataclass(frozen=True)
class Files:
    """Writes the files of a week."""

    folder: Path
    books: Mapping[str, Book]
    parties: Sequence[Party]
    calendar: Calendar

    def write(self, week: int) -> None:
        """Write manifests, exports, rules and settings as they are in a week."""
        for name, book in self.books.items():
            path = self.folder / book.manifest.kind.file
            path.unlink(missing_ok=True)
            if not (week == self.calendar.without_manifest and name == self.calendar.waived):
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
        found: dict[str, list[dict[str, str]]] = {name: [] for name in _EXPORTS}
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
        shown = "html" if self.calendar.is_looked_at(week) else "json"
        renewed = week >= self.calendar.waiver_renewed
        expires = monday(self.calendar.weeks if renewed else self.calendar.waiver_expires)
        lines = [f'use = "{USE}"', 'output = "audits"', 'fail_on = "never"', 'media = "off"']
        lines += ['state = "state"', 'keys = "keys"', 'history = "history.duckdb"']
        lines += ['since = "audits"', f'formats = ["{shown}"]']
        lines += ['rules = ["our-rules"]'] if week >= self.calendar.rules else []
        for name, book in self.books.items():
            kind = book.manifest.kind
            lines += ["[[dataset]]", f'name = "{name}"', f'source = "{kind.file}"']
            lines += [f'columns.{key} = "{column}"' for key, column in kind.columns.items()]
        for name in _EXPORTS:
            lines += ["[[registry]]", f'path = "{name}.csv"']
        lines += ["[gate]", f"{_WAIVED} = {{ max = 0 }}", "[[waiver]]", f'code = "{_WAIVED}"']
        lines += [f'match = {{ dataset = "{self.calendar.waived}" }}', 'reason = "awaiting_answer"']
        lines += ['comment = "Asked in January"', 'owner = "rights@studio.example"']
        lines += ['approved_by = "counsel@studio.example"', f"expires = {expires}"]
        return "\n".join(lines) + "\n"
