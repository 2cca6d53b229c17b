"""Fill a form: each field with the facts that the rules name, or marked for whoever signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.disclosures.facts import FACTS
from sourcing_audit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.disclosures.answers import Answer
    from sourcing_audit.report import Report
    from sourcing_audit.rules.disclosures import DisclosureRules, FieldRow, FormRow


@dataclass(frozen=True)
class FilledField:
    """A field with its answers; none where an audit knows nothing of it."""

    row: FieldRow
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Filled:
    """A form, every field of it."""

    form: FormRow
    report: Report
    fields: tuple[FilledField, ...]

    def sections(self) -> Iterator[tuple[str, list[FilledField]]]:
        """The fields by section, in the form's order."""
        found: dict[str, list[FilledField]] = {}
        for field in self.fields:
            found.setdefault(field.row.section, []).append(field)
        yield from found.items()


def fill(report: Report, form: str, rules: DisclosureRules) -> Filled:
    """Fill a form from a report.

    Raises:
        ConfigError: there is no such form.

    """
    if form not in rules.forms:
        raise ConfigError(
            f"no disclosure form is called {form!r}", fix=f"one of {', '.join(rules.forms)}"
        )
    fields = tuple(
        FilledField(row, tuple(FACTS[fact](report) for fact in row.facts))
        for row in rules.fields[form]
    )
    return Filled(rules.forms[form], report, fields)
