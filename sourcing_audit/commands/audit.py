"""What `audit` does: audit datasets, write their reports, tell what came of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import api, pipeline, reports
from sourcing_audit.commands.keeping import evidence
from sourcing_audit.commands.review import earlier, review
from sourcing_audit.commands.settings import requests
from sourcing_audit.commands.telling import print_result
from sourcing_audit.errors import ConfigError
from sourcing_audit.progress import shown
from sourcing_audit.rules import RuleStore
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sourcing_audit.commands.settings import Settings


def audit(wanted: Settings, *, quiet: bool) -> int:
    """Audit every dataset, write its folder, print its summary; return the exit code."""
    # Whatever is missing is said before the audit, which may take hours.
    reports.choose(wanted.formats)
    rulebook = pipeline.Rulebook.load(RuleStore(wanted.rules))
    asked = requests(wanted, rulebook)
    names = [request.dataset for request in asked]
    folders = _folders(wanted.output, names)
    reviewed = review(wanted, rulebook, names)
    since = earlier(wanted.since, names, what="--since", replaced=wanted.output)
    baseline = earlier(wanted.baseline, names, what="--baseline")
    keep = evidence(wanted)
    failed = False
    with shown(quiet=quiet) as progress:
        results = api.audit_all(
            asked,
            rulebook,
            registry_specs=wanted.registries,
            memory_limit=wanted.memory_limit,
            temp_dir=wanted.temp_dir,
            state=wanted.state,
            keys=wanted.keys,
            engine=wanted.engine,
            master=wanted.master,
            progress=progress,
        )
        places = zip(results, folders, since, baseline, strict=True)
        for result, folder, before, accepted in places:
            with result:
                progress("writing reports", 0, None)
                failed |= not reviewed.of(result, since=before, baseline=accepted)
                result.save(folder, wanted.formats)
                kept = keep(folder, rulebook.store, result.report.dataset.name)
                progress.clear()
                if not quiet:
                    print_result(result.report, folder)
                    if kept is not None:
                        say(kept)
    return 1 if failed else 0


def _folders(output: Path, names: Sequence[str]) -> list[Path]:
    """One dataset goes into the output folder itself, several into folders of their names."""
    if len(names) == 1:
        return [output]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(
            f"two inputs are both called {twice!r}",
            fix="audit them as one dataset with --dataset NAME, or name them in audit.toml",
        )
    return [output / name for name in names]
