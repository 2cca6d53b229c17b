"""Conclusions for columns of declared values, batch by batch."""

from __future__ import annotations

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
        values = zip(*(column.to_pylist() for column in given), strict=True)
        answers: dict[tuple[Any, ...], int] = {}
        # Few answers differ, and each becomes Arrow once.
        indices = pa.array(
            [answers.setdefault(_row(concluder.conclude(*row)), len(answers)) for row in values],
            type=pa.int32(),
        )
        answered = len(target) - len(given)
        columns = list(zip(*answers, strict=True)) if answers else [()] * answered
        arrays = [column.cast(pa.string()) for column in given] + [
            pa.array(column, type=target.field(at).type).take(indices)
            for at, column in enumerate(columns, start=len(given))
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=target)


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
