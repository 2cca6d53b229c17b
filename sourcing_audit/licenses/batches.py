"""Conclusions for columns of declared values, batch by batch."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from sourcing_audit import schema
from sourcing_audit.licenses.conclude import all_reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from sourcing_audit.licenses.conclude import Concluder
    from sourcing_audit.licenses.texts import Detector
    from sourcing_audit.model import Conclusion


def conclude_batches(
    concluder: Concluder, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """One row of `schema.LICENSES` for each row of `schema.DECLARED`, batch by batch."""
    import ibis
    import pyarrow as pa

    target = ibis.schema(schema.LICENSES).to_pyarrow()
    for batch in batches:
        given = [batch.column(name) for name in schema.DECLARED]
        answers = _Answers()
        rows = zip(given[0].to_pylist(), *map(_values, given[1:]), strict=False)
        indices = pa.array(
            [answers.index(concluder.conclude(*row)) for row in rows], type=pa.int32()
        )
        answered = len(target) - len(given)
        columns = list(zip(*answers.rows, strict=True)) if answers.rows else [()] * answered
        arrays = [column.cast(pa.string()) for column in given] + [
            pa.array(column, type=target.field(at).type).take(indices)
            for at, column in enumerate(columns, start=len(given))
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=target)


class _Answers:
    """The different answers of a batch: they are few, and each becomes Arrow once."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Any, ...], int] = {}
        self._seen: dict[int, tuple[Conclusion, int]] = {}

    def index(self, conclusion: Conclusion) -> int:
        """Its number; one that many values share is the same object, and told by that."""
        seen = self._seen.get(id(conclusion))
        if seen is None:
            number = self.rows.setdefault(_row(conclusion), len(self.rows))
            # Kept, so that no other object takes its place in memory.
            seen = self._seen[id(conclusion)] = (conclusion, number)
        return seen[1]


def _values(column: pa.Array) -> Iterable[str | None]:
    """A column's values; of one that says nothing, as many as are asked for."""
    empty = column.null_count == len(column)
    return repeat(None) if empty else column.to_pylist()


def detect_batches(
    detector: Detector, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """One row of `schema.TEXTS` for each row of `text_sha256` and `text`, batch by batch."""
    import ibis
    import pyarrow as pa

    target = ibis.schema(schema.TEXTS).to_pyarrow()
    for batch in batches:
        found = list(detector.detect(batch.column("text").to_pylist()))
        columns = [
            batch.column("text_sha256").cast(pa.string()),
            pa.array([one.expression for one in found], pa.string()),
            pa.array([" ".join((one.rule, *one.reasons)) for one in found], pa.string()),
            pa.array([one.lines for one in found], pa.string()),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=target)


def _row(conclusion: Conclusion) -> tuple[Any, ...]:
    finding, outcome = conclusion.finding, conclusion.outcome
    return (
        finding.expression,
        finding.license_class,
        finding.terms,
        conclusion.evidence,
        finding.rule,
        outcome.grant,
        outcome.rank,
        outcome.needs_attribution,
        tuple(all_reasons(conclusion)),
        outcome.obligations,
        finding.suggestions,
        conclusion.lineage,
        conclusion.generated,
    )
