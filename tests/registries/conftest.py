from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sourcing_audit.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("engine")
    with Engine.duckdb(temp_directory=folder) as engine:
        yield engine
