"""Run the audit of a bundle again, with its rules, and compare what comes out byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit import api, pipeline, registries, results
from sourcing_audit.errors import SourcingAuditError
from sourcing_audit.evidence import layout
from sourcing_audit.evidence.checking import CheckError
from sourcing_audit.files import sha256_of
from sourcing_audit.reports import render_all
from sourcing_audit.rules import RuleStore
from sourcing_audit.sources import huggingface
from sourcing_audit.state import made_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.evidence.checking import Contents

_FEW = 5

_LATER = ("changes", "waivers", "gate", "trend", "returned")
"""What is added to a report after its audit, from what isn't in a bundle."""


def rerun(found: Contents, work: Path) -> str:
    """Audit again what was audited, at the places that were recorded.

    What was added to the report after the audit (`_LATER`) is taken over.

    Args:
        found: a bundle whose other checks came out well.
        work: an empty folder.

    Raises:
        CheckError: an input isn't there as it was, or something else came out.

    """
    _refuse_elsewhere(found)
    _refuse_changed(found)
    try:
        out = _audited(found, work)
    except (SourcingAuditError, ValueError) as error:
        raise CheckError(f"the audit can't be run again: {error}") from error
    different = list(_different(found, out))
    if different:
        names = ", ".join(different[:_FEW])
        raise CheckError(f"something else came out: {names}{_why(found)}")
    return "the same report and the same findings came out, byte for byte"


def _refuse_elsewhere(found: Contents) -> None:
    """A bundle doesn't make this machine ask others."""
    for place in (*found.request.inputs, *found.request.registries):
        if "://" in place or place.startswith(huggingface.PREFIX):
            raise CheckError(f"{place}: lies elsewhere, and nothing is asked of the network here")


def _refuse_changed(found: Contents) -> None:
    dataset = found.report.dataset
    for what in (
        *((one.name, one.sha256) for one in dataset.inputs),
        *((one.path, one.sha256) for one in dataset.cards if one.sha256 is not None),
    ):
        _refuse(*what, _digest(Path(what[0])))
    exports = {one.path: one.sha256 for one in found.report.asked}
    for spec in found.request.registries:
        try:
            export = registries.parse(spec)
            digest = registries.READERS[export.format].fingerprint(export)
        except (SourcingAuditError, OSError) as error:
            raise CheckError(f"{spec}: {error}") from error
        _refuse(spec, exports.get(str(export.path)), digest)


def _digest(path: Path) -> str | None:
    try:
        return sha256_of(path) if path.is_file() else None
    except OSError:
        return None


def _refuse(name: str, expected: str | None, digest: str | None) -> None:
    if expected is None:
        raise CheckError(f"{name}: its SHA-256 wasn't recorded, so it can't be told to be the same")
    if digest is None:
        raise CheckError(f"{name}: isn't there; run this in the folder that the audit ran in")
    if digest != expected:
        raise CheckError(f"{name}: isn't the file that was audited: its SHA-256 is {digest}")


def _audited(found: Contents, work: Path) -> Path:
    # An overlay without rule files is one all the same.
    folders = [work / layout.RULES / str(level) for level in range(1 + len(found.request.rules))]
    for folder in folders:
        folder.mkdir(parents=True)
    found.container.extract(layout.VERSION, folders[0] / "VERSION")
    for (level, name), member in found.rules.items():
        found.container.extract(member, folders[level] / name)
    store = RuleStore(folders[1:], base=folders[0])
    audits = api.audit_all(
        [found.request.request()],
        pipeline.Rulebook.load(store),
        registry_specs=found.request.registries,
        temp_dir=work,
        engine=found.request.engine,
    )
    with next(audits) as audited:
        later = {name: getattr(found.report, name) for name in _LATER}
        audited.report = audited.report.model_copy(update=later)
        return audited.save(work / "out")


def _different(found: Contents, out: Path) -> Iterator[str]:
    """What came out differently: reports, then tables."""
    digests = found.container.digests
    for name in render_all(found.report):
        if sha256_of(out / name) != digests.get(name):
            yield name
    for table in found.tables.tables:
        again = {path.relative_to(out).as_posix(): path for path in results.parts(out, table.name)}
        stated = {file.name: file.sha256 for file in table.files}
        if set(again) != set(stated):
            yield table.name
            continue
        yield from (name for name, path in again.items() if sha256_of(path) != stated[name])


def _why(found: Contents) -> str:
    """The packages that aren't what they were."""
    now, then = dict(made_with()), found.request.libraries
    changed = [
        f"{name} {then.get(name, 'none')}, now {now.get(name, 'none')}"
        for name in sorted({*now, *then})
        if now.get(name) != then.get(name)
    ]
    return f" (audited with {'; '.join(changed)})" if changed else ""
