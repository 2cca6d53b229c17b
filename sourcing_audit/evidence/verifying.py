"""All checks of a bundle in their order, and what they come to."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sourcing_audit.evidence import checking, container, identity
from sourcing_audit.evidence.checking import Check, CheckError, State, passed
from sourcing_audit.evidence.container import ContainerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.evidence.checking import Contents
    from sourcing_audit.evidence.signing import Verifier

NAMES = (
    "container",
    "members",
    "statement",
    "signature",
    "rules",
    "numbers",
    "reports",
    "findings",
    "re-run",
)
"""The checks in their order. One that fails up to the signature ends them: nothing is believed."""

_WRONG_BEFORE = "because of what is wrong before"


@dataclass(frozen=True)
class Wanted:
    """How a bundle is to be checked."""

    key: Verifier | None = None
    """The signer's public key; without it, who signed isn't checked."""
    findings: Path | None = None
    """The audit's folder, for the tables that the bundle holds digests of."""
    again: bool = False
    """Run the audit again, with the bundle's rules on the inputs where they were."""
    unsigned_ok: bool = False
    """Accept a bundle whose signature isn't there or wasn't checked."""


@dataclass(frozen=True)
class Verification:
    """What was checked of a bundle, and what came out."""

    checks: tuple[Check, ...]
    about: str | None
    """The dataset and the date; None where that couldn't be read."""
    unsigned_ok: bool

    @property
    def failed(self) -> list[Check]:
        """The checks that found something wrong."""
        return [check for check in self.checks if check.state is State.FAILED]

    @property
    def signed(self) -> bool:
        """Whether the signature was checked with a key that the caller trusts, and holds."""
        return any(c.name == "signature" and c.state is State.OK for c in self.checks)

    @property
    def accepted(self) -> bool:
        """Whether nothing is wrong, and the signature holds or wasn't asked for."""
        return not self.failed and (self.signed or self.unsigned_ok)

    @property
    def conclusion(self) -> str:
        """What may be said of the bundle: no more than was checked."""
        if self.failed:
            return f"NOT accepted: {', '.join(check.name for check in self.failed)} failed."
        found = (
            "The bundle is as the holder of this key signed it."
            if self.signed
            else "The bundle agrees with itself; anybody could have made it so."
        )
        names = [check.name for check in self.checks if check.state is State.NOT_CHECKED]
        left = ", ".join([*names, "whether what manifests, cards and registries declare is true"])
        return f"{found} Not checked: {left}."

    def document(self) -> dict[str, Any]:
        """The same as JSON's types."""
        return {
            "about": self.about,
            "accepted": self.accepted,
            "signature_checked": self.signed,
            "checks": [
                {"name": check.name, "state": str(check.state), "detail": check.detail}
                for check in self.checks
            ],
            "conclusion": self.conclusion,
        }


def verify(bundle: Path, wanted: Wanted | None = None) -> Verification:
    """Check an evidence bundle.

    Raises:
        InputError: the bundle can't be opened.

    """
    wanted = wanted or Wanted()
    about = None
    checks = []
    with tempfile.TemporaryDirectory(prefix="sourcing-audit-") as work:
        try:
            with container.opened(bundle) as found:
                checks.append(_container(found))
                parts = checking.contents(found)
                about = f"{parts.report.dataset.name}, as of {parts.report.as_of}"
                checks += _checked(parts, wanted, Path(work))
        except ContainerError as error:
            checks = [Check("container", State.FAILED, str(error))]
        except CheckError as error:
            checks.append(Check("members", State.FAILED, str(error)))
    done = {check.name for check in checks}
    checks += [
        Check(name, State.NOT_CHECKED, _WRONG_BEFORE)
        for name in NAMES
        if name not in done and (name != "re-run" or wanted.again)
    ]
    return Verification(tuple(checks), about, wanted.unsigned_ok)


def _container(found: container.Container) -> Check:
    return Check("container", State.OK, f"{len(found.digests)} files, byte for byte as written")


def _checked(parts: Contents, wanted: Wanted, work: Path) -> Iterator[Check]:
    signature = None
    for check in _identity(parts, wanted.key):
        signature = check
        yield check
        if check.state is State.FAILED:
            return
    failed = False
    for check in _content(parts, wanted.findings, work):
        failed |= check.state is State.FAILED
        yield check
    if not wanted.again or failed:
        return
    if not wanted.unsigned_ok and signature is not None and signature.state is not State.OK:
        # What a bundle names is read from this disk: not because anybody says so.
        detail = "not for a bundle of which it isn't known who made it: give --key"
        yield Check("re-run", State.NOT_CHECKED, detail)
        return
    from sourcing_audit.evidence.rerun import rerun

    yield passed("re-run", lambda: rerun(parts, work))


def _identity(parts: Contents, key: Verifier | None) -> Iterator[Check]:
    yield passed("members", lambda: identity.members(parts))
    yield passed("statement", lambda: identity.statement(parts))
    yield identity.signature(parts, key)


def _content(parts: Contents, findings: Path | None, work: Path) -> Iterator[Check]:
    # Engine and templates are slow to import, and a bundle may have been refused by now.
    from sourcing_audit.evidence import recount

    yield passed("rules", lambda: checking.rules(parts))
    yield passed("numbers", lambda: checking.numbers(parts))
    yield recount.formats(parts)
    yield recount.findings(parts, findings, work / "findings")
