"""A real cluster on this machine: a master and two workers, each a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

CLUSTER = "local-cluster[2,1,1024]"
"""Two workers with one core and 1024 MB each."""

JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Each query of a test runs once: compiling it thoroughly takes longer than it saves."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.spark)
            # Py4J leaves its sockets to the garbage collector.
            for warning in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{warning}"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[SparkSession]:
    """The application in which every audit of these tests runs."""
    import pyspark
    from pyspark.sql import SparkSession

    # The workers are started by the distribution that PySpark brings.
    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master(CLUSTER)
        .appName("sourcing-audit-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.executor.memory", "1g")
        .config("spark.driver.extraJavaOptions", JAVA)
        .config("spark.executor.extraJavaOptions", JAVA)
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
