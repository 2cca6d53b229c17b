"""What isn't the same between two audits, of all that verdicts depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import report

if TYPE_CHECKING:
    from sourcing_audit.report import Difference, Input, Report


def earlier(then: Report) -> report.EarlierAudit:
    """What is told of the audit that this one is compared with."""
    return report.EarlierAudit(
        dataset=then.dataset.name,
        as_of=then.as_of,
        tool_version=then.tool.version,
        rules_version=then.rules.version,
        rules_digest=then.rules.digest,
        use=then.use.sentence,
        dataset_status=then.dataset_status,
        totals=then.totals,
    )


def differences(then: Report, now: Report) -> list[Difference]:
    """What isn't as it was, in a fixed order; what can't be told counts as different."""
    found: dict[Difference, bool] = {
        "inputs": _inputs(then) != _inputs(now) or not _identified(then, now),
        "documents": _documents(then) != _documents(now),
        "mapping": _mapping(then) != _mapping(now),
        "registries": _registries(then, own=False) != _registries(now, own=False),
        "rules": then.rules.digest != now.rules.digest,
        "use": then.use != now.use,
        "as_of": then.as_of != now.as_of,
        "tool": then.tool != now.tool,
    }
    return [name for name, differs in found.items() if differs]


def ids_are_places(then: Report, now: Report) -> bool:
    """Whether items are known by file and record number only, in inputs that changed since."""
    given = [any(m.field == "item_id" for m in each.dataset.mapping) for each in (then, now)]
    same = unchanged_shards(then, now)
    return not all(given) and {one.name for one in now.dataset.inputs} != same


def unchanged_shards(then: Report, now: Report) -> set[str]:
    """The inputs that have the same name and content in both."""
    before = {one.name: _content(one) for one in then.dataset.inputs}
    return {
        one.name
        for one in now.dataset.inputs
        if _content(one) is not None and _content(one) == before.get(one.name)
    }


def _content(one: Input) -> tuple[str | None, str | None] | None:
    """What shows an input to be what it was; None where nothing does, as for a stream."""
    return None if one.sha256 is None and one.version is None else (one.sha256, one.version)


def _identified(*reports: Report) -> bool:
    return all(_content(one) for each in reports for one in each.dataset.inputs)


def _inputs(one: Report) -> list[str]:
    """The contents of files, whatever they are called; and the signals that came with items."""
    contents = sorted(repr(_content(each)) for each in one.dataset.inputs)
    return [*contents, *_registries(one, own=True)]


def _registries(one: Report, *, own: bool) -> list[str]:
    chosen = [each for each in one.registries if each.own is own]
    return sorted(f"{each.format}\0{each.sha256}" for each in chosen)


def _documents(one: Report) -> tuple[object, ...]:
    """What is said for the dataset as a whole, and the datasets that it was made from."""
    said = [(card.kind, card.statements, card.problems) for card in one.dataset.cards]
    return (one.dataset.default_license, said, sorted({row.dataset for row in one.lineage}))


def _mapping(one: Report) -> list[tuple[str, str]]:
    return sorted((each.field, each.template) for each in one.dataset.mapping)
