"""What `trace` does: look subjects up in remembered keys, tell and write what is to be removed."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

import ibis

from sourcing_audit import remembered
from sourcing_audit.engine import Engine
from sourcing_audit.errors import OutputError
from sourcing_audit.escape import csv_cell, json_text, one_line
from sourcing_audit.files import replacing_file
from sourcing_audit.history import History
from sourcing_audit.remembered import subjects as asked
from sourcing_audit.remembered import tombstones as stones
from sourcing_audit.reports.quantities import plural
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.consent import ConsentRules
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

_MOST = 50
"""Subjects and datasets that are told one by one."""

_BY = ["subject", "kind", "record_id", "dataset"]


def trace(
    words: Sequence[str],
    *,
    history: str,
    keys: Path,
    registries: Sequence[str],
    records: Sequence[str],
    output: Path | None,
    tombstones: Path | None,
    as_json: bool,
    rules: Sequence[Path],
) -> int:
    """Print where the subjects were; return the exit code.

    Raises:
        InputError: there is no history, or a subject can't be looked for.
        RegistryError: an export can't be trusted.
        OutputError: a file can't be written.

    """
    if output is not None and output.suffix.lower() not in _WRITERS:
        raise OutputError(
            f"{output}: not a format to write", fix=f"end the name in {', '.join(_WRITERS)}"
        )
    consent_rules = ConsentRules.load(RuleStore(rules))
    audited = History(history).audited()
    contents = remembered.Contents(keys)
    with Engine.duckdb() as engine:
        wanted, untraced = [], 0
        if words:
            wanted.append(asked.of_words(engine, words, consent_rules))
        if registries:
            found, untraced = asked.of_registries(
                engine, registries, consent_rules, record_ids=records
            )
            wanted.append(found)
        table = ibis.union(*wanted) if len(wanted) > 1 else wanted[0]
        subjects = engine.materialise(table, "subjects")
        traced = remembered.trace(engine, subjects, contents, audited)
        told = _summed(engine, remembered.with_items(engine, traced.removals, contents))
        # Files come first: whoever reads what is printed may stop before its end.
        if output is not None:
            written = _write(engine, traced.removals, output)
            say(f"Wrote {plural(written, 'row')} to {output}")
        if tombstones is not None:
            today = dt.datetime.now(dt.UTC).date()
            added = stones.bury(engine, traced.removals, contents, tombstones, today)
            say(f"Added {plural(added, 'tombstone')} to {tombstones}")
        _tell_gaps(traced.not_remembered, untraced)
        if as_json:
            for row in told:
                _print_json(row)
        else:
            _print(told, engine, subjects, traced.removals)
    return 1 if told else 0


def _summed(engine: Engine, removals: ir.Table) -> list[dict[str, Any]]:
    """By subject and dataset, the most items first."""
    rows = removals.distinct(on=[*_BY, "input", "row", "content"])
    grouped = rows.group_by(_BY).aggregate(
        items=rows["item"].nunique(),
        items_in_latest=rows["item"].nunique(where=rows.in_latest),
        rows=rows.count(),
        rows_in_latest=rows.count(where=rows.in_latest),
        to_review=rows.to_review.all(),
        first_run=rows.first_run.min(),
        first_as_of=rows.first_as_of.min(),
        last_run=rows.last_run.max(),
        last_as_of=rows.last_as_of.max(),
        models=rows.models.group_concat("|"),
    )
    found: list[dict[str, Any]] = engine.arrow(
        grouped.order_by([ibis.desc("items"), ibis.desc("rows"), *_BY])
    ).to_pylist()
    for row in found:
        row["models"] = sorted(set((row["models"] or "").split("|")) - {""})
    return found


def _print_json(row: dict[str, Any]) -> None:
    sys.stdout.write(f"{json_text(json.dumps(row, ensure_ascii=False, default=str))}\n")


def _print(
    told: list[dict[str, Any]], engine: Engine, subjects: ir.Table, removals: ir.Table
) -> None:
    for row in told[:_MOST]:
        record = f" (record {one_line(row['record_id'], 80)})" if row["record_id"] else ""
        sys.stdout.write(
            f"{one_line(row['subject'], 160)}: {row['kind']}{record}\n"
            f"  {one_line(row['dataset'], 80)}: {_items(row)}; runs {row['first_run']} to"
            f" {row['last_run']}, as of {row['first_as_of']} to {row['last_as_of']}\n"
        )
        if row["models"]:
            sys.stdout.write(f"  models: {one_line(', '.join(row['models']), 300)}\n")
        if row["to_review"]:
            sys.stdout.write("  by a bare name, which others may bear: to be looked at\n")
    if len(told) > _MOST:
        sys.stdout.write(f"and {len(told) - _MOST:,} more; -o FILE writes all\n")
    missing = subjects.anti_join(removals, "subject").select("subject").distinct()
    for each in engine.arrow(missing.order_by("subject").limit(_MOST))["subject"].to_pylist():
        sys.stdout.write(f"{one_line(each, 160)}: in no audit that is remembered\n")


def _items(row: dict[str, Any]) -> str:
    items, latest = row["items"], row["items_in_latest"]
    told = plural(items, "item")
    if row["rows"] != items:
        told += f" ({plural(row['rows'], 'row')} in all versions)"
    if latest == items:
        return f"{told}, in the latest audit too"
    return f"{told}, {latest:,} of them in the latest audit" if latest else f"{told}, now gone"


def _tell_gaps(not_remembered: int, untraced: int) -> None:
    if not_remembered:
        inputs = plural(not_remembered, "audited input")
        say(f"The keys of {inputs} weren't kept: nothing is known of what was there")
    if untraced:
        say(
            f"Not looked for: {plural(untraced, 'record')} of address prefixes, patterns or"
            " perceptual hashes, of which no key is remembered; audit the datasets again with this"
            " registry"
        )


def _write(engine: Engine, removals: ir.Table, output: Path) -> int:
    rows = removals.select(*remembered.REMOVALS)
    with replacing_file(output) as temporary:
        _WRITERS[output.suffix.lower()](engine, rows, temporary)
    return int(engine.arrow(rows.aggregate(n=rows.count()))["n"][0].as_py())


def _csv(engine: Engine, rows: ir.Table, path: Path) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(rows.columns)
        for batch in engine.batches(rows):
            columns = [column.to_pylist() for column in batch.columns]
            writer.writerows(
                ["" if cell is None else csv_cell(str(cell)) for cell in row]
                for row in zip(*columns, strict=True)
            )


def _jsonl(engine: Engine, rows: ir.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for batch in engine.batches(rows):
            for row in batch.to_pylist():
                stream.write(f"{json_text(json.dumps(row, ensure_ascii=False, default=str))}\n")


def _parquet(engine: Engine, rows: ir.Table, path: Path) -> None:
    engine.write_parquet(rows, path)


_WRITERS: dict[str, Callable[[Engine, ir.Table, Path], None]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
