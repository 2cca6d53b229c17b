"""Two runs side by side: by dataset what decides verdicts, and the counts then and now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sourcing_audit.history import Entry, History


@dataclass(frozen=True)
class Count:
    """Items of one kind and code in two audits."""

    kind: str
    code: str
    before: int
    after: int


@dataclass(frozen=True)
class Comparison:
    """One dataset in two runs."""

    dataset: str
    before: Entry | None
    """None: the earlier run didn't audit it."""
    after: Entry | None
    """None: the later run didn't audit it."""
    differs: tuple[str, ...]
    """What that decides verdicts isn't as it was; empty where one of them is missing."""
    counts: tuple[Count, ...]
    """Those that aren't the same, in the order of kinds and codes."""


def compare(history: History, old: int, new: int) -> list[Comparison]:
    """What two runs found of each dataset, in the order of names.

    Raises:
        InputError: there is no such run.

    """
    before = {entry.dataset: entry for entry in history.run(old)}
    after = {entry.dataset: entry for entry in history.run(new)}
    numbers = [entry.audit_no for entry in (*before.values(), *after.values())]
    counted = history.counts(numbers)
    found = []
    for name in sorted(before.keys() | after.keys()):
        then, now = before.get(name), after.get(name)
        if then is None or now is None:
            found.append(Comparison(name, then, now, (), ()))
            continue
        changed = _changed(counted[then.audit_no], counted[now.audit_no])
        found.append(Comparison(name, then, now, tuple(now.differs(then)), tuple(changed)))
    return found


def _changed(before: dict[str, dict[str, int]], after: dict[str, dict[str, int]]) -> list[Count]:
    found = []
    # What changed since the audit before it is told by each audit for itself.
    for kind in sorted((before.keys() | after.keys()) - {"change"}):
        then, now = before.get(kind, {}), after.get(kind, {})
        found += [
            Count(kind, code, then.get(code, 0), now.get(code, 0))
            for code in sorted(then.keys() | now.keys())
            if then.get(code, 0) != now.get(code, 0)
        ]
    return found
