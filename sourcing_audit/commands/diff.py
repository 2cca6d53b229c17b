"""What `diff` does: print what changed between two audits."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from sourcing_audit import api
from sourcing_audit.commands.folders import only
from sourcing_audit.errors import ConfigError
from sourcing_audit.escape import json_text, one_line
from sourcing_audit.reports.review import diff as words
from sourcing_audit.terminal import color, say, width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.history import Entry
    from sourcing_audit.history.compare import Comparison
    from sourcing_audit.report import Changes, Report

_WORST = ("prohibited", "undetermined")
_LONGEST = 80
_DIGITS = 18
"""Of the largest number that a history can hold."""


def diff(old: Path, new: Path, *, as_json: bool, output: Path | None) -> int:
    """Print what changed between two audits; return the exit code.

    Raises:
        InputError: a folder isn't an audit's.
        ConfigError: a folder holds several datasets, or the file has another suffix.
        OutputError: the file can't be written.

    """
    if output is not None and output.suffix != ".parquet":
        raise ConfigError(f"{output}: the items are written as Parquet", fix="end it in .parquet")
    with api.load(only(new)) as audited:
        compared = audited.compare(only(old))
        found = compared.changes
        if as_json:
            document = json.dumps(found.model_dump(mode="json"), ensure_ascii=False, indent=2)
            sys.stdout.write(f"{json_text(document)}\n")
        else:
            sys.stdout.write(words(found, width=width(), color=color()))
        if output is not None:
            written = audited.write(compared.items.order_by(["change", "item_id"]), output)
            say(f"Wrote {written:,} items to {output}")
        return 1 if worse(found, audited.report) else 0


def worse(found: Changes, now: Report) -> bool:
    """Whether anything is worse than it was: verdicts, or what could not be read."""
    then, totals = found.since.totals, now.totals
    return bool(
        found.newly_prohibited
        or found.newly_undetermined
        or totals.quarantined > then.quarantined
        or totals.unreadable_files > then.unreadable_files
    )


def diff_runs(old: str, new: str, *, history: str, as_json: bool) -> int:
    """Print what two runs of a history found of each dataset; return the exit code.

    Raises:
        InputError: there is no history at the place, or no such run.
        ConfigError: what should be a run's number isn't one.

    """
    from sourcing_audit.history import History
    from sourcing_audit.history.compare import compare

    numbers = [_run_number(each) for each in (old, new)]
    found = compare(History(history), *numbers)
    if as_json:
        told = {"old": numbers[0], "new": numbers[1], "datasets": [_told(each) for each in found]}
        document = json.dumps(told, ensure_ascii=False, indent=2)
        sys.stdout.write(f"{json_text(document)}\n")
    else:
        lines = (line for each in found for line in _lines(each, *numbers))
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return int(any(_runs_worse(each) for each in found))


def _run_number(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= _DIGITS):
        raise ConfigError(
            f"{one_line(word, _LONGEST)}: is not the number of a run",
            fix="`sourcing-audit history` lists them; without --history give two folders",
        )
    return int(word)


def _runs_worse(found: Comparison) -> bool:
    """Whether anything is worse, as far as counts tell; what wasn't audited again isn't known."""
    then, now = found.before, found.after
    if then is None or now is None:
        return now is None
    more = {(each.kind, each.code) for each in found.counts if each.after > each.before}
    return bool(
        any(("outcome", code) in more for code in _WORST)
        or now.quarantined > then.quarantined
        or now.unreadable_files > then.unreadable_files
    )


def _told(found: Comparison) -> dict[str, Any]:
    return {
        "dataset": found.dataset,
        "before": _audit(found.before),
        "after": _audit(found.after),
        "differs": list(found.differs),
        "counts": [each.__dict__ for each in found.counts],
        "worse": _runs_worse(found),
    }


def _audit(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    recorded = f"{entry.recorded_at.isoformat()}Z"
    return {**entry.__dict__, "as_of": entry.as_of.isoformat(), "recorded_at": recorded}


def _lines(found: Comparison, old: int, new: int) -> Iterator[str]:
    name = one_line(found.dataset, _LONGEST)
    then, now = found.before, found.after
    if then is None or now is None:
        yield f"{name}: not audited in run {old if then is None else new}"
        return
    yield f"{name}: run {old}, as of {then.as_of}, and run {new}, as of {now.as_of}"
    yield f"  differs: {', '.join(found.differs) or 'nothing that is on record'}"
    read = (
        ("items", then.items_in, now.items_in),
        ("quarantined", then.quarantined, now.quarantined),
        ("files not read", then.unreadable_files, now.unreadable_files),
    )
    rows = [(what, before, after) for what, before, after in read if before != after]
    rows += [
        (f"{each.kind} {one_line(each.code, _LONGEST)}", each.before, each.after)
        for each in found.counts
    ]
    width = max((len(what) for what, _, _ in rows), default=0)
    for what, before, after in rows:
        yield f"  {what:<{width}}  {before:>9,} → {after:,} ({after - before:+,})"
    if not rows:
        yield "  every count as it was"
