"""Write a filled form as Markdown, JSON, YAML or one paragraph; hostile text is made inert."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.disclosures.card import front_matter
from sourcing_audit.errors import ConfigError
from sourcing_audit.escape import json_text, one_line
from sourcing_audit.reports.tables import bullets, table, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sourcing_audit.disclosures.forms import Filled, FilledField
    from sourcing_audit.report import Report
    from sourcing_audit.rules.disclosures import DisclosureRules, Style

TO_COMPLETE: Final = "To be completed by"
ASKED: Final = "Asked"

_PARAGRAPH: Final = 8000
_TOP: Final = 1
_IN_A_CARD: Final = 2


def write(filled: Filled, rules: DisclosureRules, style: str | None = None) -> str:
    """Write a form, in its own first style if none is named.

    Raises:
        ConfigError: the form isn't written in this style.

    """
    styles = filled.form.styles
    chosen = next((known for known in styles if style in {None, known}), None)
    if chosen is None:
        raise ConfigError(
            f"the form {filled.form.id} isn't written as {style!r}",
            fix=f"one of {', '.join(styles)}",
        )
    return _WRITERS[chosen](filled, rules)


def audited(report: Report) -> dict[str, Any]:
    """What a form rests on, as data."""
    totals = report.totals
    return {
        "dataset": report.dataset.name,
        "dataset_status": str(report.dataset_status),
        "as_of": report.as_of.isoformat(),
        "intended_use": report.use.sentence,
        "rules_version": report.rules.version,
        "rules_digest": report.rules.digest,
        "tool_version": report.tool.version,
        "items_in": totals.items_in,
        "quarantined": totals.quarantined,
        "unreadable_files": totals.unreadable_files,
        "statuses": {str(entry.status): entry.items for entry in report.statuses},
    }


def _markdown(filled: Filled, rules: DisclosureRules) -> str:
    form = filled.form
    card = "yaml" in form.styles
    level = _IN_A_CARD if card else _TOP
    blocks = [f"{'#' * level} {text(form.title)}"]
    if not card:
        blocks.append(text(f"{form.basis}. {form.intro}"))
        blocks.append(text(f"Dataset: {filled.report.dataset.name}. {_signed(filled)}"))
    for section, fields in filled.sections():
        below = level + 1
        if section != form.title:
            blocks.append(f"{'#' * below} {text(section)}")
            below += 1
        for field in fields:
            blocks.append(f"{'#' * below} {text(field.row.title)}")
            blocks += _field(filled, field)
    body = "\n\n".join(blocks) + "\n"
    return f"{front_matter(filled.report, rules)}\n{body}" if card else body


def _field(filled: Filled, field: FilledField) -> Iterator[str]:
    row = field.row
    if filled.form.questions:
        yield f"*{ASKED} ({text(row.clause)}): {text(row.asks)}*"
    for answer in field.answers:
        if len(answer.statements) == 1:
            yield text(answer.statements[0])
        elif answer.statements:
            yield bullets(answer.statements)
        if answer.table is not None and answer.table.rows:
            yield table(answer.table.header, answer.table.rows)
    if row.rest is not None:
        yield f"**{TO_COMPLETE} {text(filled.form.signed_by)}:** {text(row.rest)}"


def _signed(filled: Filled) -> str:
    left = sum(1 for field in filled.fields if field.row.rest is not None)
    return (
        f"What {filled.form.signed_by} has to complete is marked in {left} of"
        f" {len(filled.fields)} fields; {filled.form.signed_by} answers for the whole."
    )


def _json(filled: Filled, rules: DisclosureRules) -> str:
    form = filled.form
    document: dict[str, Any] = {
        "form": form.id,
        "title": form.title,
        "basis": form.basis,
        "source": form.source,
        "to_be_completed_by": form.signed_by,
        "audit": audited(filled.report),
        "fields": [
            {
                "id": field.row.id,
                "section": field.row.section,
                "title": field.row.title,
                "clause": field.row.clause,
                "source": field.row.source,
                "asks": field.row.asks,
                "answers": [
                    {"fact": fact, **answer.as_json()}
                    for fact, answer in zip(field.row.facts, field.answers, strict=True)
                ],
                "to_complete": field.row.rest,
            }
            for field in filled.fields
        ],
    }
    if "yaml" in form.styles:
        document["front_matter"] = front_matter(filled.report, rules)
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _text(filled: Filled, _rules: DisclosureRules) -> str:
    """The answers of the form's first field as one paragraph."""
    said = [one for answer in filled.fields[0].answers for one in answer.statements]
    return one_line(" ".join(said), _PARAGRAPH) + "\n"


def _yaml(filled: Filled, rules: DisclosureRules) -> str:
    return front_matter(filled.report, rules)


_WRITERS: Final[dict[Style, Callable[[Filled, DisclosureRules], str]]] = {
    "markdown": _markdown,
    "json": _json,
    "text": _text,
    "yaml": _yaml,
}
