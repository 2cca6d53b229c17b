"""A weekly audit in Airflow 3.2 or newer.

What the exit code of `sourcing-audit run` means is what Airflow does: findings (1) and nothing to
audit (3) fail the task for good, because another try finds the same. What could not run (2), or was
killed, is tried again: a store may have been out of reach, a disk full.

`audit.toml` and what it names lie in a folder that all workers share; a history that several of
them write to is best kept in PostgreSQL.
"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException

FOLDER = "/srv/sourcing-audit"
PROGRAM = "/opt/sourcing-audit/bin/sourcing-audit"
FINAL = {1: "a dataset did not pass", 3: "there was nothing to audit"}


@dag(
    schedule="17 3 * * 1",
    start_date=datetime(2026, 1, 5, tzinfo=UTC),
    # What the datasets were like on past Mondays isn't known any more.
    catchup=False,
    max_active_runs=1,
    tags=["compliance"],
)
def sourcing_audit() -> None:
    """Audit the datasets of audit.toml."""

    @task(
        retries=3,
        retry_delay=timedelta(minutes=15),
        execution_timeout=timedelta(hours=12),
    )
    def audit() -> None:
        day = datetime.now(UTC).date().isoformat()
        command = [PROGRAM, "run", "--quiet", "--log-json", "--summary", "summary.md"]
        command += ["--evidence", f"evidence/{day}.zip"]
        code = subprocess.run(command, cwd=FOLDER, check=False).returncode  # noqa: S603
        if code in FINAL:
            raise AirflowFailException(f"{FINAL[code]}: {FOLDER}/summary.md says more")
        if code:
            raise RuntimeError(f"sourcing-audit ended with {code}: {FOLDER}/summary.md, or the log")

    audit()


sourcing_audit()
