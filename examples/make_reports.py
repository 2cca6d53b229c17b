"""Write an example of every report format, form and credit into `reports/`, from the sample.

`make examples` runs it. Formats are found by themselves: each concrete `ReportFormat` of the
package `sourcing_audit.reports` is one. PDF is left out, because its bytes depend on the machine's
fonts.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import sourcing_audit
from sourcing_audit import reports
from sourcing_audit.reports import ReportFormat
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.disclosures import DisclosureRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit import AuditReport
    from sourcing_audit.rules.disclosures import FormRow

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "reports"
DESCRIPTION = "README.md"

SAMPLE = "examples/film-stills"
USE = "commercial-training,grantee=org:northlight-films"
AS_OF = "2026-11-21"
LEFT_OUT = frozenset({"pdf"})

INTRODUCTION = f"""\
# Example reports

What an audit of the [bundled sample](../{SAMPLE}/README.md) looks like in every
format. The audit is that of `make audit`:

```console
$ sourcing-audit audit {SAMPLE}/works.csv --dataset film-stills \\
      --registry {SAMPLE}/registry.csv \\
      --use {USE} \\
      --as-of {AS_OF} --fail-on never -o audit-out
```

Same inputs, same rules and same date give the same bytes: a test compares these files with what
the tool writes now, and `make examples` writes them anew. PDF is left out, because its bytes depend
on the machine's fonts.

| file | format | what it is |
|---|---|---|
"""


def formats() -> list[ReportFormat]:
    """One of each format, by the names of their files."""
    for module in pkgutil.walk_packages(reports.__path__, f"{reports.__name__}."):
        importlib.import_module(module.name)
    every = (each() for each in _concrete(ReportFormat))
    return sorted((one for one in every if one.name not in LEFT_OUT), key=lambda one: one.filename)


def _concrete(base: type[ReportFormat]) -> Iterator[type[ReportFormat]]:
    for each in base.__subclasses__():
        if not inspect.isabstract(each) and each.__module__.startswith(f"{reports.__name__}."):
            yield each
        yield from _concrete(each)


def rendered() -> dict[str, bytes]:
    """Each example by its file's name; the sample is audited as `make audit` does it."""
    before = Path.cwd()
    # Reports name their inputs as they were given, so they are given as a reader would.
    os.chdir(ROOT)
    try:
        with sourcing_audit.audit(
            f"{SAMPLE}/works.csv",
            dataset="film-stills",
            registries=[f"{SAMPLE}/registry.csv"],
            use=USE,
            as_of=AS_OF,
        ) as audited:
            every, forms = formats(), list(DisclosureRules.load(RuleStore()).forms.values())
            files = {one.filename: one.render(audited.report) for one in every}
            files |= {_named(form): audited.disclose(form.id).encode() for form in forms}
            files |= _credits(audited)
            return {DESCRIPTION: _description(every, forms), **files}
    finally:
        os.chdir(before)


def _named(form: FormRow) -> str:
    return f"disclosure-{form.id}.md"


def _credits(audited: AuditReport) -> dict[str, bytes]:
    """The files of the attribution."""
    with tempfile.TemporaryDirectory() as folder:
        audited.attribution(Path(folder) / "credits")
        return {path.name: path.read_bytes() for path in Path(folder).glob("credits/*")}


def _description(every: list[ReportFormat], forms: Sequence[FormRow]) -> bytes:
    """What each file is, in the words of the format itself."""
    rows = [
        f"| [`{one.filename}`]({one.filename}) | `{one.name}`"
        f" | {(inspect.getdoc(one) or '').splitlines()[0]} |"
        for one in every
    ]
    rows += [
        f"| [`{_named(form)}`]({_named(form)}) | `disclose --form {form.id}` | {form.title}. |"
        for form in forms
    ]
    rows += [
        f"| [`attribution.{kind}`](attribution.{kind}) | `attribution` | Who is to be credited. |"
        for kind in ("csv", "html", "md")
    ]
    return (INTRODUCTION + "\n".join(rows) + "\n").encode()


def main() -> None:
    """Replace what is in the folder."""
    files = rendered()
    TARGET.mkdir(exist_ok=True)
    for path in TARGET.iterdir():
        if path.is_file() and path.name not in files:
            path.unlink()
    for name, content in files.items():
        (TARGET / name).write_bytes(content)
        print(f"{TARGET.name}/{name}")


if __name__ == "__main__":
    main()
