"""What the `report` command does: render what an audit left behind, without auditing again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sourcing_audit import config, output
from sourcing_audit.errors import ConfigError
from sourcing_audit.files import replacing_file
from sourcing_audit.reports import choose
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.reports import ReportFormat

STANDARD_OUTPUT: Final = Path("-")


def render(folder: Path, names: Sequence[str], target: Path | None) -> None:
    """Render the report in `folder`, or that of each dataset in a folder below it.

    Args:
        folder: what `audit -o` wrote.
        names: of formats; the usual ones for none.
        target: a file or `-` for one format of one dataset, else a folder; None for `folder`.

    Raises:
        InputError: the folder isn't an audit's.
        ConfigError: a format isn't known, or several don't fit into one file.
        OutputError: a file can't be written.

    """
    forms = choose(config.parse_formats(names))
    audits = output.audits_in(folder)
    files = {
        path: (form, one)
        for one in audits
        for form in forms
        for path in [_place(target, folder, one, form, alone=len(audits) == len(forms) == 1)]
    }
    for path, (form, one) in files.items():
        content = form.render(output.read_report(one))
        if path == STANDARD_OUTPUT:
            sys.stdout.buffer.write(content)
            continue
        with replacing_file(path) as temporary:
            temporary.write_bytes(content)
        say(f"Wrote {path}")


def _place(
    target: Path | None, folder: Path, audit: Path, form: ReportFormat, *, alone: bool
) -> Path:
    """Where the report of one audit in one format goes."""
    if target is None:
        return audit / form.filename
    is_file = target == STANDARD_OUTPUT or (target.suffix and not target.is_dir())
    if is_file and not alone:
        raise ConfigError(
            f"-o {target}: takes one format of one dataset",
            fix="name one --format, or a folder to write to",
        )
    return target if is_file else target / audit.relative_to(folder) / form.filename
