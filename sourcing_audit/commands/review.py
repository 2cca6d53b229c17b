"""What is asked of an audit beyond its verdicts: what changed, waivers, the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import gates, output
from sourcing_audit.errors import InputError
from sourcing_audit.gates import waivers as checked
from sourcing_audit.model import Status
from sourcing_audit.output import MARKER
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from sourcing_audit.api import AuditReport
    from sourcing_audit.commands.settings import Settings
    from sourcing_audit.config import LimitConfig, WaiverConfig
    from sourcing_audit.model import FailOn
    from sourcing_audit.pipeline import Rulebook


def earlier(
    folder: Path | None, names: Sequence[str], *, what: str, replaced: Path | None = None
) -> list[Path | None]:
    """Where the earlier audits of datasets are, looked at before anything is audited.

    Args:
        folder: what an audit wrote, of one dataset or of several; None for none.
        names: of the datasets that are to be audited.
        what: the setting, for messages.
        replaced: the output folder, which an earlier audit needn't have written yet.

    Returns:
        A folder for each name; None where the dataset wasn't audited there.

    Raises:
        InputError: none of them was, what is there can't be read, or is an audit of another
            dataset.

    """
    if folder is None:
        return [None] * len(names)
    own = folder if len(names) == 1 and (folder / MARKER).is_file() else None
    below = [folder / name for name in names]
    found = [own or (each if (each / MARKER).is_file() else None) for each in below]
    for name, each in zip(names, found, strict=True):
        if each is not None and (other := output.read(each).dataset.name) != name:
            raise InputError(
                f"{what} {each}: is an audit of {other}, not of {name}",
                fix=f"give an earlier audit of {name}; `sourcing-audit diff` compares any two",
            )
    first = replaced is not None and folder.resolve() == replaced.resolve()
    if not any(found) and not first:
        raise InputError(
            f"{what} {folder}: holds no earlier audit of {', '.join(names)}",
            fix="give the folder that `sourcing-audit audit -o` wrote",
        )
    for name, each in zip(names, found, strict=True):
        if each is None:
            say(f"{what} {folder}: no earlier audit of {name} to compare with")
    return found


def review(wanted: Settings, rulebook: Rulebook, names: Sequence[str]) -> Review:
    """What is asked of the audits beyond their verdicts.

    Raises:
        ConfigError: a limit or a waiver names what isn't there.

    """
    return Review(
        where=wanted.file,
        fail_on=wanted.fail_on,
        limits=wanted.limits,
        waivers=wanted.waivers,
        rulebook=rulebook,
        datasets=names,
    )


class Review:
    """What is asked of audits beyond their verdicts."""

    def __init__(
        self,
        *,
        where: str,
        fail_on: FailOn,
        limits: dict[str, LimitConfig],
        waivers: Sequence[WaiverConfig],
        rulebook: Rulebook,
        datasets: Collection[str],
    ) -> None:
        """Check what was asked, before anything is audited.

        Args:
            where: the file that asks, for messages.
            fail_on: the outcome from which an audit fails.
            limits: those of `[gate]`.
            waivers: the findings that somebody answers for.
            rulebook: what may be limited and waived.
            datasets: the names of all that are audited.

        Raises:
            ConfigError: a limit or a waiver names what isn't there.

        """
        reasons = rulebook.policy.reasons
        gates.check(limits, where=where, reasons=reasons)
        checked.check(
            waivers,
            where=where,
            codes={*reasons, *map(str, Status)},
            reasons=rulebook.changes.waivers,
            datasets=datasets,
        )
        self._limits = gates.limits(fail_on, limits)
        self._waivers = waivers
        self._told = bool(limits or waivers)

    def of(self, audited: AuditReport, *, since: Path | None, baseline: Path | None) -> bool:
        """Add to an audit's report what was asked for; tell whether it passes.

        Args:
            audited: the audit.
            since: an earlier one, to tell what changed.
            baseline: an earlier one; what it found doesn't count.

        """
        judged = audited.judge(self._limits, waivers=self._waivers, baseline=baseline)
        told: dict[str, object] = {}
        if since is not None:
            told["changes"] = audited.diff(since)
        if self._told or baseline is not None:
            told |= {"waivers": judged.waivers, "gate": judged.gate}
        if told:
            audited.report = audited.report.model_copy(update=told)
        for waiver in judged.waivers:
            if waiver.expired:
                say(
                    f"The waiver of {waiver.code} that {waiver.owner} answers for expired on "
                    f"{waiver.expires} and waives nothing: renew it, or mend what it was for"
                )
        return judged.gate.passed
