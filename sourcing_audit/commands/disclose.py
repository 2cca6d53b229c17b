"""What `disclose` does: write a form, or hold an existing disclosure against the audit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sourcing_audit import output
from sourcing_audit.commands.folders import only
from sourcing_audit.errors import InputError
from sourcing_audit.escape import json_text, one_line
from sourcing_audit.files import replacing_file
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit.disclosures import Checked, Finding
    from sourcing_audit.report import Report

STANDARD: Final = "-"
_LARGEST: Final = 2_000_000
"""Bytes of a disclosure that is checked."""
_SHOWN: Final = 20
_WIDTH: Final = 160


def disclose(
    folder: Path, form: str, *, style: str | None, target: str, rules: Sequence[Path]
) -> None:
    """Write a form to a file, or to standard output for `-`.

    Raises:
        SourcingAuditError: the folder holds no audit or several, there is no such form or style,
            or the file can't be written.

    """
    from sourcing_audit.disclosures import disclosure
    from sourcing_audit.terminal import say

    written = disclosure(_report(folder), form, RuleStore(rules), style)
    if target == STANDARD:
        sys.stdout.write(written)
        return
    with replacing_file(Path(target)) as temporary:
        temporary.write_text(written, encoding="utf-8")
    say(f"Wrote {target}. It is a draft: read it before you sign it.")


def check(folder: Path, path: str, *, as_json: bool, rules: Sequence[Path]) -> int:
    """Print what the audit says to each statement of a disclosure; return the exit code.

    Raises:
        SourcingAuditError: the folder holds no audit or several, or the file can't be read.

    """
    from sourcing_audit.disclosures import check_text
    from sourcing_audit.terminal import say

    report = _report(folder)
    checked = check_text(_content(path), report, RuleStore(rules))
    if not (checked.contradicted or checked.supported or checked.not_checked):
        raise InputError(f"{path}: states nothing", fix="give it the text to be published")
    if as_json:
        document = {
            "disclosure": path,
            "dataset": report.dataset.name,
            "as_of": report.as_of.isoformat(),
            **checked.as_json(),
        }
        shown = json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"
    else:
        shown = "".join(f"{line}\n" for line in _lines(checked))
    sys.stdout.write(shown)
    if not as_json:
        say(
            f"{len(checked.contradicted):,} contradicted, {len(checked.supported):,} supported,"
            f" {len(checked.not_checked):,} not checked by this audit;"
            f" {checked.to_complete:,} still to be completed"
        )
    return 1 if checked.contradicted else 0


def _lines(checked: Checked) -> Iterator[str]:
    for title, found, shown in (
        ("Contradicted by the audit", checked.contradicted, None),
        ("Supported by the audit", checked.supported, _SHOWN),
        ("Not checked by this audit", checked.not_checked, _SHOWN),
    ):
        if not found:
            continue
        yield f"{title}: {len(found):,}"
        for one in found[:shown]:
            yield from _told(one)
        if shown is not None and len(found) > shown:
            yield f"  … and {len(found) - shown:,} more; --json lists them"


def _told(found: Finding) -> Iterator[str]:
    yield f"  {one_line(found.place, _WIDTH)}: {one_line(found.statement, _WIDTH)}"
    rule = f" [{found.claim}]" if found.claim else ""
    yield f"    {one_line(found.evidence, 2 * _WIDTH)}{rule}"


def _report(folder: Path) -> Report:
    """The report of the only dataset in a folder."""
    return output.read(only(folder))


def _content(path: str) -> str:
    try:
        if path == STANDARD:
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(path).open("rb") as stream:
                content = stream.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", fix="check the path") from error
    if len(content) > _LARGEST:
        raise InputError(
            f"{path}: is larger than {_LARGEST:,} bytes", fix="check its parts one by one"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: isn't UTF-8", fix="save it as UTF-8 text") from error
