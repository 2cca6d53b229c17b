"""JUnit XML for continuous integration: a test case per question that a verdict answers.

There is no standard; this is the form that CI servers read in common (Jenkins' `junit-10.xsd`):
suites, suites' cases, and in a case `failure`, `error` or `skipped`. A reason is no case of its
own, because an item may have several and would fail more than once: reasons stand in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from xml.sax.saxutils import escape, quoteattr

from sourcing_audit.reports import wording
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import count, plural
from sourcing_audit.reports.standards import facts
from sourcing_audit.reports.standards.remainder import DECIDED, quarantined, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import QuarantineCount, Report, StatusCount

_NONCHARACTERS: Final = str.maketrans({0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"})
"""What neither acts on a display nor may stand in XML 1.0."""


@dataclass(frozen=True)
class _Case:
    group: str
    name: str
    result: Literal["passed", "failure", "error", "skipped"] = "passed"
    kind: str = ""
    message: str = ""
    details: tuple[str, ...] = ()


class JunitFormat(ReportFormat):
    """Writes the verdicts as test results."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "junit"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.junit.xml"

    def render(self, report: Report) -> bytes:
        """Return one suite: prohibited and undetermined items fail, what isn't read is an error."""
        cases = [*_verdicts(report), *_duties(report), *_readings(report), _registries(report)]
        dataset = facts.name(report.dataset.name)
        tallies = {
            "tests": len(cases),
            "failures": sum(case.result == "failure" for case in cases),
            "errors": sum(case.result == "error" for case in cases),
            "skipped": sum(case.result == "skipped" for case in cases),
            "time": 0,
        }
        numbers = " ".join(f'{key}="{value}"' for key, value in tallies.items())
        stamp = facts.moment(report).strftime("%Y-%m-%dT%H:%M:%S")
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<testsuites name={_attribute(report.tool.name)} {numbers}>",
            f'  <testsuite name={_attribute(dataset)} {numbers} timestamp="{stamp}">',
            "    <properties>",
            *(
                f"      <property name={_attribute(key)} value={_attribute(value)}/>"
                for key, value in _properties(report)
            ),
            "    </properties>",
            *(row for case in cases for row in _lines(case, dataset)),
            f"    <system-out>{_text(report.sentence)}</system-out>",
            "  </testsuite>",
            "</testsuites>",
        ]
        return ("\n".join(lines) + "\n").encode()


def _verdicts(report: Report) -> Iterator[_Case]:
    for entry in report.statuses:
        outcome = DECIDED.get(entry.status)
        name = f"{entry.status}: {entry.label}"
        said = facts.of_items(entry.items, report)
        if outcome is None:
            yield _Case("verdicts", name, message=said)
        elif not entry.items:
            yield _Case("verdicts", name, message="0 items")
        else:
            yield _Case(
                "verdicts",
                name,
                "failure",
                str(outcome),
                f"{said}: {entry.label} ({entry.source})",
                tuple(_why(entry, report)),
            )


def _why(entry: StatusCount, report: Report) -> Iterator[str]:
    """The reasons of a status with their items; what isn't listed is said."""
    items: dict[str, int] = {}
    groups = [group for group in report.groups if group.status is entry.status]
    for group in groups:
        for code in group.reasons:
            items[code] = items.get(code, 0) + group.items
    known = {reason.code: reason for reason in report.reasons}
    for code, number in sorted(items.items(), key=lambda pair: (-pair[1], pair[0])):
        told = f"{code}: {plural(number, 'item')}"
        if reason := known.get(code):
            told += f": {reason.label} ({reason.clause}). {reason.how_to_fix}"
        yield told
    for group in groups[:1]:
        yield f"First: record {count(group.row)} of {group.shard}"
    for one in rest(report, report.groups):
        if one.status is entry.status:
            yield f"{plural(one.items, 'item')} whose reasons stand in groups.parquet only"


def _duties(report: Report) -> Iterator[_Case]:
    for entry in report.obligations:
        said = f"{plural(entry.items, 'item')}: stays open ({entry.clause}). {entry.how_to_fix}"
        yield _Case("obligations", f"{entry.code}: {entry.label}", message=said)


def _readings(report: Report) -> Iterator[_Case]:
    totals = report.totals
    unread = quarantined(report)
    if not unread:
        yield _Case("reading", "every record can be read")
    for entry in unread:
        yield _Case(
            "reading",
            f"{entry.reason}: {entry.label}",
            "error",
            "quarantined",
            f"{_unread(entry)}: {entry.label}. {entry.how_to_fix}",
            tuple(entry.samples),
        )
    unreadable = [source.name for source in report.dataset.inputs if source.unreadable]
    if totals.unreadable_files or unreadable:
        number = max(totals.unreadable_files, len(unreadable))
        yield _Case(
            "reading",
            "every file can be read",
            "error",
            "unreadable_file",
            f"{plural(number, 'file')} could not be read; their items are not known",
            tuple(unreadable),
        )
    else:
        yield _Case("reading", "every file can be read")


def _unread(entry: QuarantineCount) -> str:
    amounts = ((entry.records, "record"), (entry.files, "file"))
    return " and ".join(plural(number, noun) for number, noun in amounts if number) or "nothing"


def _registries(report: Report) -> _Case:
    name = "a consent registry was consulted"
    if report.asked:
        return _Case("consent", name, message=plural(len(report.asked), "export"))
    return _Case("consent", name, "skipped", message=wording.NO_REGISTRY)


def _properties(report: Report) -> list[tuple[str, str]]:
    return [
        ("dataset status", str(report.dataset_status)),
        ("items in", str(report.totals.items_in)),
        ("as of", report.as_of.isoformat()),
        ("intended use", report.use.sentence),
        ("rules version", report.rules.version),
        ("rules digest (SHA-256)", report.rules.digest),
        ("tool", f"{report.tool.name} {report.tool.version}"),
        *(("waived", one) for one in facts.waivers(report)),
    ]


def _lines(case: _Case, dataset: str) -> Iterator[str]:
    head = f"    <testcase classname={_attribute(f'{dataset}.{case.group}')}"
    head += f' name={_attribute(case.name)} time="0"'
    if case.result == "passed":
        yield (
            f"{head}><system-out>{_text(case.message)}</system-out></testcase>"
            if (case.message)
            else f"{head}/>"
        )
        return
    kind = f" type={_attribute(case.kind)}" if case.kind else ""
    body = _text("\n".join(facts.line(one) for one in case.details), lines=True)
    yield f"{head}>"
    yield f"      <{case.result} message={_attribute(case.message)}{kind}>{body}</{case.result}>"
    yield "    </testcase>"


def _text(value: str, *, lines: bool = False) -> str:
    return escape((value if lines else facts.line(value)).translate(_NONCHARACTERS))


def _attribute(value: str) -> str:
    return quoteattr(facts.line(value).translate(_NONCHARACTERS))
