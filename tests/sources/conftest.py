from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.engine import Engine
from sourcing_audit.errors import InputError
from sourcing_audit.rules import RuleStore
from sourcing_audit.sources import Ingested, ingest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def store() -> RuleStore:
    return RuleStore()


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=2) as one:
        yield one


@dataclass(frozen=True)
class Read:
    """What ingest made of some inputs, in Python's terms."""

    ingested: Ingested
    items: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]

    @property
    def rows(self) -> list[int]:
        """The number of every record, good or bad."""
        bad = [row["row"] for row in self.quarantine if row["row"] is not None]
        return sorted([item["row"] for item in self.items] + bad)

    def column(self, name: str) -> list[Any]:
        return [item[name] for item in self.items]

    def reasons(self) -> list[tuple[int | None, str]]:
        return [(row["row"], row["reason"]) for row in self.quarantine]


@pytest.fixture
def read(engine: Engine, store: RuleStore) -> Callable[..., Read]:
    def run(*inputs: str | Path, **options: Any) -> Read:
        found = ingest(engine, [str(one) for one in inputs], dataset="test", store=store, **options)
        try:
            items = engine.arrow(found.items.order_by("pos")).to_pylist()
        except InputError:
            # As the pipeline does: damage shows when the data are read.
            whole = found.recheck()
            assert whole is not None
            found, items = whole, engine.arrow(whole.items.order_by("pos")).to_pylist()
        quarantine = engine.arrow(found.quarantine.order_by(["shard", "row"])).to_pylist()
        assert sum(shard.items for shard in found.shards) == len(items)
        assert sum(shard.quarantined for shard in found.shards) == sum(
            row["row"] is not None for row in quarantine
        )
        assert len({item["pos"] for item in items}) == len(items)
        return Read(found, items, quarantine)

    return run
