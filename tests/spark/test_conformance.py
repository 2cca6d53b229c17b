"""DuckDB and a Spark cluster find the same, to the last column of every item."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sourcing_audit
from sourcing_audit import cases, results
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.cases import load_verdicts
from tests.support import real_data, registries

if TYPE_CHECKING:
    import datetime as dt

    from sourcing_audit import AuditReport
    from sourcing_audit.rules.cases import VerdictCase

SAMPLE = Path(__file__).parents[2] / "examples" / "film-stills"
USE = "commercial-training,grantee=org:northlight-films"
DATE = "2026-11-21"

pytestmark = pytest.mark.usefixtures("cluster")


def everything(audited: AuditReport) -> dict[str, Any]:
    """All tables in order, and the report."""
    tables = {
        name: audited.to_arrow(table).to_pylist()
        for name, table in (
            (results.FINDINGS, audited.findings),
            (results.QUARANTINE, audited.quarantine),
            (results.LICENSES, audited.licenses),
            (results.CONSENT, audited.consent_evidence),
            (results.RECORDS, audited.records),
        )
    }
    return {**tables, "report": audited.report.model_dump(mode="json")}


def assert_same(*inputs: object, **given: Any) -> dict[str, Any]:
    """Audit on both engines; everything must be the same. Returns it."""
    found = {}
    for engine in ("duckdb", "spark"):
        with sourcing_audit.audit(*inputs, engine=engine, **given) as audited:
            found[engine] = everything(audited)
    for name, expected in found["duckdb"].items():
        same(name, expected, found["spark"][name])
    return found["spark"]


def same(name: str, expected: Any, got: Any) -> None:
    """Compare; of long tables only the first rows that differ are shown."""
    if isinstance(expected, list):
        assert len(got) == len(expected), name
        differing = [pair for pair in zip(expected, got, strict=True) if pair[0] != pair[1]]
        assert not differing[:3], f"{name}: {len(differing)} rows differ"
    else:
        for key, value in expected.items():
            assert got[key] == value, f"{name}: {key}"


def test_it_is_a_cluster_of_two_worker_processes(cluster: Any) -> None:
    context = cluster.sparkContext
    seen = context.parallelize(range(200), 40).map(lambda _: __import__("os").getppid()).distinct()
    assert context.master == "local-cluster[2,1,1024]"
    assert len(seen.collect()) == 2


def groups() -> list[Any]:
    together: dict[tuple[str, dt.date], list[VerdictCase]] = defaultdict(list)
    for case in load_verdicts(RuleStore()):
        together[case.use, case.as_of].append(case)
    return [
        pytest.param(use, as_of, group, id=f"{use} {as_of}")
        for (use, as_of), group in together.items()
    ]


@pytest.mark.parametrize(("use", "as_of", "group"), groups())
def test_every_example_of_the_rules(
    use: str, as_of: dt.date, group: list[VerdictCase], tmp_path: Path
) -> None:
    manifest, given = cases.written(group, tmp_path)
    found = assert_same(manifest, registries=given, use=use, as_of=as_of, dataset="cases")
    assert len(found[results.FINDINGS]) == len(group)


def test_the_sample() -> None:
    found = assert_same(
        SAMPLE / "works.csv", registries=[SAMPLE / "registry.csv"], use=USE, as_of=DATE
    )
    assert found["report"]["totals"]["verdicts"] == 510


def test_what_spark_saves_is_read_again(tmp_path: Path) -> None:
    given: dict[str, Any] = {"use": USE, "as_of": DATE, "engine": "spark"}
    with sourcing_audit.audit(SAMPLE / "works.csv", **given) as audited:
        found = everything(audited)
        audited.save(tmp_path / "out")
    assert (tmp_path / "out" / "findings.parquet").is_dir()
    with sourcing_audit.load(tmp_path / "out") as again:
        same("saved", found, everything(again))


@pytest.mark.parametrize(
    "key", [pytest.param(key, marks=real_data.needs(key)) for key in real_data.MANIFESTS]
)
def test_real_manifests(key: str, tmp_path: Path) -> None:
    registry = real_data.write_registry(key, tmp_path / "registry.parquet")
    found = assert_same(
        real_data.MANIFESTS[key].path,
        registries=[registry],
        use=f"commercial-training,grantee={registries.GRANTEE}",
        as_of=registries.AS_OF,
    )
    assert len(found[results.FINDINGS]) == real_data.MANIFESTS[key].items
    assert found[results.CONSENT]
