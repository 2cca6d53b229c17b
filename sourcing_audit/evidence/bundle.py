"""Put what a finished audit left behind into one file, so that it can be checked for years."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit import output, recorded, results
from sourcing_audit.errors import ConfigError, InputError
from sourcing_audit.evidence import arithmetic, container, layout
from sourcing_audit.evidence.statement import SavedTable, TableFile, Tables, build, json_bytes
from sourcing_audit.files import sha256_of
from sourcing_audit.reports import render_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sourcing_audit.evidence.container import Content
    from sourcing_audit.evidence.signing import Signer
    from sourcing_audit.report import Report
    from sourcing_audit.rules import RuleStore


def write(
    folder: Path,
    target: Path,
    store: RuleStore,
    *,
    signer: Signer | None = None,
    with_findings: bool = False,
) -> None:
    """Write the evidence bundle of a finished audit, as a whole or not at all.

    The same audit gives the same bytes, with the same key too.

    Args:
        folder: what the audit wrote.
        target: the bundle.
        store: the rules that the audit used.
        signer: signs the statement; without one the bundle says that nobody signed it.
        with_findings: put the tables with a row for each item into it, and not only their digests.

    Raises:
        InputError: the folder isn't a finished audit's, or was changed since.
        ConfigError: these aren't the rules of the audit.
        OutputError: the bundle can't be written.

    """
    report = output.read(folder)
    request = recorded.read(folder)
    _refuse(folder, [f"{name} isn't as it was asked" for name in request.differing(report)])
    members: dict[str, Content] = {**_reports(folder, report)}
    members[layout.REQUEST] = folder / layout.REQUEST
    keyid = None if signer is None else signer.keyid
    members[layout.README] = layout.explained(keyid)
    members[layout.VERSION] = store.base / "VERSION"
    rules = {layout.rule_name(level, name): path for level, name, path in store.files()}
    rule_digests = {name: sha256_of(path) for name, path in rules.items()}
    _refuse_other_rules(folder, report, rule_digests)
    members |= rules
    tables = Tables(tables=[_table(folder, name, with_findings) for name in results.TABLES])
    members[layout.LISTING] = json_bytes(tables)
    members |= {
        file.name: folder / file.name
        for table in tables.tables
        if table.in_bundle
        for file in table.files
    }
    _refuse(folder, arithmetic.faults(report, tables))
    known = {file.name: file.sha256 for table in tables.tables for file in table.files}
    known |= rule_digests
    digests = {name: known.get(name) or _digest(content) for name, content in members.items()}
    stated = json_bytes(build(report, request, tables, digests, keyid))
    about = {layout.STATEMENT: stated}
    if signer is not None:
        about[layout.ENVELOPE] = json_bytes(signer.envelope(stated))
    digests |= {name: _digest(content) for name, content in about.items()}
    container.write(target, members | about, digests)


def told(target: Path, signer: Signer | None) -> str:
    """One line about a bundle that was written: where it is, and who signed it."""
    unsigned = "NOT signed, so anybody could have made it"
    by = unsigned if signer is None else f"signed with the key {signer.keyid}"
    return f"Evidence: {target} ({by})"


def _reports(folder: Path, report: Report) -> dict[str, bytes]:
    """The report in the usual formats, if those in the folder are what this version writes of it.

    A format that wasn't asked for isn't in the folder; it follows from `report.json` all the same.
    """
    rendered = render_all(report)
    changed = [
        name
        for name, content in rendered.items()
        if (folder / name).is_file() and (folder / name).read_bytes() != content
    ]
    _refuse(folder, [f"{name} isn't as this version writes the report" for name in changed])
    return rendered


def _refuse_other_rules(folder: Path, report: Report, digests: Mapping[str, str]) -> None:
    digest = layout.rules_digest(digests)
    if digest != report.rules.digest:
        raise ConfigError(
            f"{folder}: was audited with rules of the digest {report.rules.digest}, and these have "
            f"{digest}",
            fix="give the audit's own rules with --rules, or run the audit again",
        )


def _refuse(folder: Path, faults: Sequence[str]) -> None:
    if faults:
        raise InputError(
            f"{folder}: {'; '.join(faults)}",
            fix="something changed it since, or another version wrote it: run the audit again",
        )


def _table(folder: Path, name: str, with_findings: bool) -> SavedTable:
    files = [_file(folder, path) for path in results.parts(folder, name)]
    return SavedTable(
        name=name,
        rows=sum(file.rows for file in files),
        files=files,
        in_bundle=with_findings or name not in layout.ABOUT_EACH_ITEM,
    )


def _file(folder: Path, path: Path) -> TableFile:
    try:
        rows = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: {error}", fix="run the audit again") from error
    return TableFile(
        name=path.relative_to(folder).as_posix(),
        size=path.stat().st_size,
        rows=rows,
        sha256=sha256_of(path),
    )


def _digest(content: Content) -> str:
    return sha256_of(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()
