"""What stands behind each code of a report: its clause, what to do, and examples of it.

`rules show` and the documentation's pages render the same `Code`.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sourcing_audit.errors import ConfigError, RulesError
from sourcing_audit.rules.cases import (
    DATASETS,
    PADDED,
    QUARANTINE,
    VERDICTS,
    DatasetCase,
    DatasetExpectation,
    QuarantineCase,
    VerdictCase,
    load_datasets,
    load_quarantine,
)
from sourcing_audit.rules.licenses import TermRow
from sourcing_audit.rules.policy import PolicyRules, Precedence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.rules import RuleStore
    from sourcing_audit.rules.policy import Explanation, VerdictLine

_EXAMPLES: Final = 2
"""How many examples a code is shown with; `license_rules/cases/` has them all."""


_NO_EXAMPLE: Final = "the rules' cases have none of it."

Case = VerdictCase | QuarantineCase | DatasetCase


class Kind(StrEnum):
    """What a code is; the value is its name for readers."""

    VERDICT = "line of the decision table"
    REASON = "reason"
    OBLIGATION = "obligation"
    QUARANTINE = "quarantine reason"
    PRECEDENCE = "consent rule"

    @property
    def plural(self) -> str:
        """The name of several."""
        return "lines of the decision table" if self is Kind.VERDICT else f"{self.value}s"


@dataclass(frozen=True)
class Fact:
    """One condition of a line of the decision table."""

    id: str
    holds: bool
    """False: the line applies where the fact doesn't hold."""
    meaning: str


@dataclass(frozen=True)
class Example:
    """A case of the rules that shows a code, and where it stands."""

    file: str
    case: Case


@dataclass(frozen=True)
class Code:
    """One code: what a finding, a report or `explain` shows, and a reader may look up."""

    kind: Kind
    id: str
    meaning: str
    clause: str
    file: str
    """Where it is defined, in `license_rules/`."""
    how_to_fix: str | None = None
    """None where there is nothing to mend: verdicts and consent rules follow from reasons."""
    status: str | None = None
    """The status that a line of the decision table gives."""
    facts: tuple[Fact, ...] = ()
    """All that must hold for that line; none for the line that catches the rest."""
    terms: tuple[str, ...] = ()
    """The licence terms that bring it about, each with when, and where licences say so."""
    examples: tuple[Example, ...] = ()
    without_example: str = _NO_EXAMPLE
    """Why there is none, if so."""
    counterexamples: tuple[Example, ...] = ()
    """Cases like those in which it isn't to apply."""


def load(store: RuleStore) -> dict[str, Code]:
    """Every code of the rules, overlays included, in the order of the files.

    Raises:
        RulesError: naming file, rule and field; also where two things have one name.

    """
    policy = PolicyRules.load(store)
    cases = [Example(name, case) for name in VERDICTS for case in store.cases(name, VerdictCase)]
    whole = [Example(DATASETS, case) for case in load_datasets(store)]
    unread = [Example(QUARANTINE, case) for case in load_quarantine(store)]
    terms = store.table("terms.toml", TermRow, key=["id"])
    codes = [_line(line, policy.facts, cases) for line in policy.verdict]
    codes += _explained(Kind.REASON, "reasons.toml", policy.reasons, terms, [*cases, *whole])
    duties = policy.obligations
    codes += _explained(Kind.OBLIGATION, "obligations.toml", duties, terms, [*cases, *whole])
    unread += whole
    codes += _explained(Kind.QUARANTINE, "quarantine.toml", policy.quarantine, [], unread)
    weighed = store.table("consent/precedence.toml", Precedence, key=["id"])
    codes += [_precedence(rule, cases) for rule in weighed]
    known: dict[str, Code] = {}
    for code in codes:
        if code.id in known:
            raise RulesError(
                f"{code.file}: {code.id} is a {code.kind}, and in {known[code.id].file} a"
                f" {known[code.id].kind}",
                fix="give one of them another id",
            )
        known[code.id] = code
    return known


def find(codes: dict[str, Code], wanted: str) -> Code:
    """The code that is called `wanted`, in whatever case it is written.

    Raises:
        ConfigError: no code is called so; the nearest ones are named.

    """
    by_name = {name.casefold(): code for name, code in codes.items()}
    if found := by_name.get(wanted.strip().casefold()):
        return found
    near = get_close_matches(wanted.casefold(), by_name, n=3)
    names = ", ".join(by_name[name].id for name in near)
    raise ConfigError(
        f"{wanted}: no reason, obligation, verdict line, quarantine reason or consent rule",
        fix=f"did you mean {names}?" if near else "`sourcing-audit rules show` lists them all",
    )


def _line(line: VerdictLine, facts: dict[str, str], cases: list[Example]) -> Code:
    return Code(
        Kind.VERDICT,
        line.id,
        line.label,
        line.source,
        "verdict.toml",
        status=str(line.status),
        facts=tuple(_facts(line, facts)),
        examples=_shortest(one for one in cases if line.id in shown(one.case)),
    )


def _facts(line: VerdictLine, meanings: dict[str, str]) -> Iterator[Fact]:
    for text in line.when:
        name = text.removeprefix("not ")
        yield Fact(name, holds=name == text, meaning=meanings[name])


def _explained(
    kind: Kind,
    file: str,
    explanations: dict[str, Explanation],
    terms: list[TermRow],
    examples: list[Example],
) -> Iterator[Code]:
    """The codes of one file."""
    for row in explanations.values():
        yield Code(
            kind,
            row.id,
            row.label,
            row.clause,
            file,
            how_to_fix=row.how_to_fix,
            terms=tuple(_terms(row.id, terms)),
            examples=_shortest(one for one in examples if row.id in shown(one.case)),
            without_example=row.without_example or _NO_EXAMPLE,
        )


def _terms(code: str, terms: list[TermRow]) -> Iterator[str]:
    for term in terms:
        for effect in term.effect:
            if effect.code == code:
                when = " and ".join(word.replace("_", " ") for word in effect.when)
                yield f"{term.id} ({when}): {effect.clause}"


def _precedence(rule: Precedence, cases: list[Example]) -> Code:
    """The cases of a rule are named after it: `p5-fires-…`, `p5-silent-…`."""
    prefix = rule.id.casefold()
    return Code(
        Kind.PRECEDENCE,
        rule.id,
        rule.text,
        rule.source,
        "consent/precedence.toml",
        examples=_shortest(one for one in cases if one.case.name.startswith(f"{prefix}-fires-")),
        counterexamples=_shortest(
            one for one in cases if one.case.name.startswith(f"{prefix}-silent-")
        )[:1],
    )


def _shortest(examples: Iterator[Example]) -> tuple[Example, ...]:
    """The few that are read fastest; which ones doesn't depend on anything else."""

    def length(example: Example) -> tuple[int, str]:
        return len(example.case.model_dump_json(exclude_unset=True)), example.case.name

    return tuple(sorted(examples, key=length)[:_EXAMPLES])


def shown(case: Case) -> set[str]:
    """The codes that a case expects, and so is an example of."""
    if isinstance(case, QuarantineCase):
        return {case.reason}
    expected = case.expect
    more = expected.quarantined if isinstance(expected, DatasetExpectation) else expected.rule
    return {*expected.reasons, *expected.obligations, *([more] if more else [])}


def told(case: Case) -> list[tuple[str, list[tuple[str, str]]]]:
    """A case for readers: headings, and under each what is given or must follow."""
    if isinstance(case, QuarantineCase):
        place = f"record {case.row}" if case.row else "the whole file"
        return [
            ("given", [("file", case.file), ("encoding", case.encoding)]),
            ("content", [("as it stands", case.content or "(none)")]),
            ("follows", [("quarantined", place), ("reason", case.reason)]),
        ]
    return _of_dataset(case) if isinstance(case, DatasetCase) else _of_verdict(case)


def _of_dataset(case: DatasetCase) -> list[tuple[str, list[tuple[str, str]]]]:
    given = [("audited", case.input), ("media", str(case.media))]
    extras = ((case.needs, "is installed"), (case.lacks, "isn't installed"))
    given += [(f"extra {extra}", state) for extra, state in extras if extra]
    if case.padding:
        given.append((PADDED, f"stands for {case.padding:,} letters x"))
    follows = [
        (name, value)
        for name, value in (
            ("status", str(case.expect.status or "")),
            ("reasons", ", ".join(case.expect.reasons)),
            ("obligations", ", ".join(case.expect.obligations)),
            ("quarantined", case.expect.quarantined or ""),
        )
        if value
    ]
    return [("given", given), ("files", list(case.files.items())), ("follows", follows)]


def _of_verdict(case: VerdictCase) -> list[tuple[str, list[tuple[str, str]]]]:
    blocks = [("given", [("use", case.use), ("as of", case.as_of.isoformat())])]
    blocks.append(("item", [(name, str(value)) for name, value in case.item.items()]))
    blocks += [
        ("record", [(name, str(value)) for name, value in record.items()]) for record in case.record
    ]
    for signal in case.signal:
        said = signal.body if signal.body is not None else signal.row
        blocks.append((f"signal ({signal.format})", [("as published", str(said))]))
    expected = case.expect
    follows = [("status", str(expected.status))]
    follows += [
        (name, str(value))
        for name, value in (
            ("outcome", expected.outcome),
            ("verdict line", expected.rule),
            ("consent", expected.consent),
            ("basis", expected.basis),
            ("reasons", ", ".join(expected.reasons)),
            ("not among them", ", ".join(expected.without)),
            ("obligations", ", ".join(expected.obligations)),
            ("lost", ", ".join(f"{record} by {rule}" for record, rule in expected.lost.items())),
        )
        if value
    ]
    blocks.append(("follows", follows))
    return blocks
