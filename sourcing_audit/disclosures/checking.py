"""Hold an existing disclosure against an audit: contradicted, supported, not checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.disclosures.forms import fill
from sourcing_audit.disclosures.judging import judge
from sourcing_audit.disclosures.reading import Statement, read
from sourcing_audit.disclosures.stated import STATED
from sourcing_audit.disclosures.verdicts import Said, Verdict
from sourcing_audit.disclosures.writing import ASKED, TO_COMPLETE, write
from sourcing_audit.reports.disclosure import DisclosureFormat
from sourcing_audit.rules.cards import folded
from sourcing_audit.rules.claims import read_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sourcing_audit.report import Report
    from sourcing_audit.rules.claims import Claim, HedgeRow
    from sourcing_audit.rules.disclosures import DisclosureRules

_CLAUSE: Final = re.compile(r"[,:;(|\u2014]|\s-\s|\b(?:and|but|although|though|while|however)\b")
_ANSWER: Final = re.compile(r"[\s|:]*(?:yes|no|none)\b", re.IGNORECASE)
_AS_WRITTEN: Final = "as the audit says it"
_NO_CLAIM: Final = "no rule of this audit speaks about it"


@dataclass(frozen=True)
class Finding:
    """One statement of a disclosure, and what the audit says to it."""

    place: str
    statement: str
    claim: str | None
    """The rule that recognised it; None for the audit's own words and for what none knows."""
    verdict: Verdict
    evidence: str

    def as_json(self) -> dict[str, Any]:
        """The finding with JSON's types."""
        return {
            "place": self.place,
            "statement": self.statement,
            "claim": self.claim,
            "evidence": self.evidence,
        }


@dataclass(frozen=True)
class Checked:
    """A disclosure's statements by what the audit says to them."""

    contradicted: tuple[Finding, ...]
    supported: tuple[Finding, ...]
    not_checked: tuple[Finding, ...]
    to_complete: int
    """Places that are still marked to be completed."""

    def as_json(self) -> dict[str, Any]:
        """The three lists with JSON's types."""
        return {
            "contradicted": [one.as_json() for one in self.contradicted],
            "supported": [one.as_json() for one in self.supported],
            "not_checked": [one.as_json() for one in self.not_checked],
            "to_complete": self.to_complete,
        }


def check(
    text: str, report: Report, rules: DisclosureRules, resolve: Callable[[str], str | None]
) -> Checked:
    """Hold each statement of a disclosure against a report.

    Args:
        text: the disclosure: Markdown, plain text, a dataset card, or JSON.
        report: of the audit.
        rules: by which claims are recognised.
        resolve: a licence's name to its expression, None where no rule knows it.

    """
    answers, form = _own_words(report, rules)
    found: list[Finding] = []
    open_fields = 0
    for statement in _answered(read(text)):
        if statement.text.startswith(TO_COMPLETE):
            open_fields += 1
        if statement.block in form:
            continue
        if statement.block in answers:
            found.append(_finding(statement, None, Verdict.SUPPORTED, _AS_WRITTEN))
        else:
            found += judged(statement, report, rules, resolve)

    def of(verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(one for one in found if one.verdict is verdict)

    return Checked(
        contradicted=of(Verdict.CONTRADICTED),
        supported=of(Verdict.SUPPORTED),
        not_checked=of(Verdict.NOT_CHECKED),
        to_complete=open_fields,
    )


def _answered(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements, each "yes" or "no" together with the question that it answers."""
    asked: Statement | None = None
    for statement in statements:
        if asked is not None and _ANSWER.match(statement.text):
            whole = f"{asked.text} {statement.text}"
            statement = replace(statement, place=asked.place, text=whole, block=whole)  # noqa: PLW2901
            asked = None
        elif asked is not None:
            yield asked
            asked = None
        if statement.text.endswith("?"):
            asked = statement
        else:
            yield statement
    if asked is not None:
        yield asked


def judged(
    statement: Statement,
    report: Report,
    rules: DisclosureRules,
    resolve: Callable[[str], str | None],
) -> list[Finding]:
    """What the audit says to each claim of a statement; headings that claim nothing are silent."""
    found: dict[Finding, None] = {}
    for claim, values in claims_of(statement.text, rules):
        names = [name.strip() for name in values.get("license", "").split(",")]
        expressions = tuple(resolve(name) for name in names if name)
        said = Said(values, claim.row.quantity, expressions)
        answer = judge(report, claim.row.claims, said)
        found[_finding(statement, claim.row.id, answer.verdict, answer.evidence)] = None
    if not found and not statement.heading:
        found[_finding(statement, None, Verdict.NOT_CHECKED, _NO_CLAIM)] = None
    return list(found)


def claims_of(sentence: str, rules: DisclosureRules) -> Iterator[tuple[Claim, dict[str, str]]]:
    """The claims that a sentence makes and doesn't hedge, with what was read out of it."""
    text = folded(sentence)
    for claim in rules.claims:
        stated = claim.row.claims in STATED
        for match in claim.found(text):
            if stated or not _hedged(text, match, rules.hedges):
                yield claim, read_out(match)


def _hedged(text: str, claim: re.Match[str], hedges: Sequence[HedgeRow]) -> bool:
    """Whether a sentence takes back a claim in it, where each hedge would stand."""
    before = _CLAUSE.split(text[: claim.start()])[-1]
    after = text[claim.end() :]
    where = {
        "before": before,
        "clause": f"{before}{claim.group()}{_CLAUSE.split(after)[0]}",
        "after": after,
        "anywhere": text,
    }
    return any(hedge.pattern.search(where[hedge.where]) for hedge in hedges)


def _own_words(report: Report, rules: DisclosureRules) -> tuple[frozenset[str], frozenset[str]]:
    """The paragraphs that answer, and those that only ask, in what is written of this report."""
    answers: set[str] = {one.block for one in read(DisclosureFormat().render(report).decode())}
    form: set[str] = set()
    for name, row in rules.forms.items():
        filled = fill(report, name, rules)
        written = [write(filled, rules, style) for style in row.styles]
        answers |= {one.block for text in written for one in read(text)}
        form |= {row.title, row.basis, row.intro, f"{row.basis}. {row.intro}"}
        for field in rules.fields[name]:
            form |= {field.section, field.title, field.asks, f"clause: {field.clause}"}
            form.add(f"{ASKED} ({field.clause}): {field.asks}")
            if field.rest is not None:
                form |= {field.rest, f"{TO_COMPLETE} {row.signed_by}: {field.rest}"}
    form = {" ".join(block.split()) for block in form}
    return frozenset(answers - form), frozenset(form)


def _finding(statement: Statement, claim: str | None, verdict: Verdict, evidence: str) -> Finding:
    return Finding(statement.place, statement.text, claim, verdict, evidence)
