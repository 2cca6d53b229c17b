"""One whole audit, measured: from the files to the folder with reports, findings and evidence.

    python benchmarks/whole.py MANIFEST REGISTRY OUTPUT [--state DIR]

Run in a process of its own, for its peak memory. With `--state`, what an audit kept there is used,
and what this one can keep for the next is added.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from measuring import MEMORY, Clock, Spilling, peak_memory

USE = "commercial-training,grantee=org:us"
AS_OF = "2026-11-21"


def audit(manifest: Path, registry: Path, output: Path, state: Path | None = None) -> dict:
    """Audit, save, and tell what it took; loading Python's modules is part of it."""
    clock = Clock()
    with Spilling(Path(tempfile.gettempdir())) as disk:
        clock.step("starting")
        import sourcing_audit

        with sourcing_audit.audit(
            manifest,
            registries=[registry],
            use=USE,
            as_of=AS_OF,
            dataset="bench",
            memory_limit=MEMORY,
            progress=clock.step,
            state=state,
        ) as audited:
            clock.step("saving")
            audited.save(output)
            statuses = {one.status: one.items for one in audited.report.statuses}
            totals = audited.report.totals
        took = clock.total()
    return took | {
        "steps": clock.steps,
        "memory": peak_memory(),
        "spilled": disk.spilled,
        "work_files": disk.other,
        "written": sum(file.stat().st_size for file in output.rglob("*") if file.is_file()),
        "items_in": totals.items_in,
        "verdicts": totals.verdicts,
        "quarantined": totals.quarantined,
        "statuses": statuses,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("registry", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--state", type=Path)
    given = parser.parse_args()
    print(json.dumps(audit(given.manifest, given.registry, given.output, given.state)))


if __name__ == "__main__":
    main()
