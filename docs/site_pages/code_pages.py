"""A page for each code of the rules, and their index."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from site_pages import markdown
from sourcing_audit import codes
from sourcing_audit.codes import Code, Example, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sourcing_audit.rules import RuleStore

_ABOUT = {
    Kind.VERDICT: "For an item, an intended use and a date, the first line whose facts all hold"
    " gives the status ([verdicts](../verdicts.md)).",
    Kind.REASON: "Why an item has its verdict. All that apply are kept, not only the deciding one.",
    Kind.OBLIGATION: "What the user still has to do to stay compliant. An item with a rank and an"
    " open obligation is `conditional`.",
    Kind.QUARANTINE: "Why a record or a file could not be read. Such items are counted as not"
    " established.",
    Kind.PRECEDENCE: "How one answer is reached where several records speak about an item"
    " ([precedence](../verdicts.md#consent)).",
}
_TITLES = {
    Kind.VERDICT: "Lines of the decision table",
    Kind.REASON: "Reasons",
    Kind.OBLIGATION: "Obligations",
    Kind.QUARANTINE: "Quarantine reasons",
    Kind.PRECEDENCE: "Consent rules",
}


def pages(store: RuleStore) -> Iterator[tuple[str, str]]:
    """Each page's name below the documentation, and its Markdown."""
    known = codes.load(store)
    yield "codes/index", _index(known, store.version)
    for kind, title in _TITLES.items():
        of_kind = [code for code in known.values() if code.kind is kind]
        yield f"codes/{_list(kind)}", _listing(title, kind, of_kind)
    for code in known.values():
        yield f"codes/{code.id}", _page(code, known)


def _list(kind: Kind) -> str:
    return f"{kind.name.lower()}-codes"


def _index(known: Mapping[str, Code], version: str) -> str:
    grouped = groupby(known.values(), key=lambda code: code.kind)
    rows = [
        (f"[{_TITLES[kind]}]({_list(kind)}.md)", str(len(list(group))), _ABOUT[kind])
        for kind, group in grouped
    ]
    return markdown.page(
        "# Codes and rules",
        "Every code that a finding, a report or `explain` shows has a page: its clause, what it"
        " means, how to fix it and an example. In the terminal, `sourcing-audit rules show CODE`"
        f" prints the same. These are the shipped rules, version {version}.",
        markdown.table(("kind", "how many", "what they are"), rows),
        "The examples are cases of `license_rules/cases/`; `sourcing-audit rules test` runs them"
        " all through the real audit.",
        "\n".join(["```{toctree}", ":hidden:", "", *map(_list, _TITLES), "```"]),
    )


def _listing(title: str, kind: Kind, listed: list[Code]) -> str:
    rows = [(f"[`{code.id}`]({code.id}.md)", markdown.text(code.meaning)) for code in listed]
    return markdown.page(
        f"# {title}",
        _ABOUT[kind],
        markdown.table(("code", "meaning"), rows),
    )


def _page(code: Code, known: Mapping[str, Code]) -> str:
    blocks = [
        # The navigation beside each page ends at the lists: with every code in it, it would be most
        # of the site.
        "---\norphan: true\n---",
        f"[Codes and rules](index.md) / [{_TITLES[code.kind]}]({_list(code.kind)}.md)",
        f"# `{code.id}`",
        f"**{_sentence(code.meaning)}**",
        (
            f"A {code.kind}; defined in"
            f" [`license_rules/{code.file}`](../../license_rules/{code.file})."
        ),
    ]
    if code.status is not None:
        blocks += ["## When", _facts(code), f"Then the item's status is `{code.status}`."]
    blocks += ["## Clause", markdown.text(code.clause)]
    if code.how_to_fix is not None:
        blocks += ["## How to fix", markdown.text(code.how_to_fix)]
    if code.terms:
        blocks += [
            "## Where it comes from",
            "These [terms of licences](../terms.md) bring it about:",
            "\n".join(f"- {markdown.text(term)}" for term in code.terms),
        ]
    for example in code.examples:
        blocks += ["## Example" if example is code.examples[0] else "## Another example"]
        blocks += _example(example, known)
    for example in code.counterexamples:
        blocks += ["## Where it doesn't apply", *_example(example, known)]
    if not code.examples:
        blocks += ["## Example", f"None: {markdown.text(code.without_example)}"]
    blocks += ["## In the terminal", f"```console\n$ sourcing-audit rules show {code.id}\n```"]
    return markdown.page(*blocks)


def _sentence(meaning: str) -> str:
    return markdown.text(meaning if meaning.endswith(".") else f"{meaning}.")


def _facts(code: Code) -> str:
    if not code.facts:
        return "No line before it applies."
    rows = [
        (f"`{fact.id}`", "holds" if fact.holds else "doesn't hold", markdown.text(fact.meaning))
        for fact in code.facts
    ]
    return markdown.table(("fact", "", "what it means"), rows)


def _example(example: Example, known: Mapping[str, Code]) -> Iterator[str]:
    """One table of what is given and what follows; texts of several lines stand below it."""
    yield f"`{example.case.name}`, of [`{example.file}`](../../license_rules/cases/{example.file})."
    rows, below = [], []
    for heading, fields in codes.told(example.case):
        for number, (name, value) in enumerate(fields):
            shown = markdown.code(value)
            if heading == "follows":
                shown = _codes(value, known)
            elif "\n" in value:
                shown = "see below"
                below.append(markdown.block(value))
            rows.append(("" if number else f"**{heading}**", name, shown))
    yield markdown.table(("", "", ""), rows)
    yield from below


def _codes(value: str, known: Mapping[str, Code]) -> str:
    """What follows, with links to the codes in it."""
    shown = []
    for part in value.split(", "):
        name = part.rpartition(" by ")[2]
        link = f"[`{name}`]({name}.md)" if name in known else markdown.code(name)
        shown.append(f"`{part.removesuffix(f' by {name}')}` by {link}" if part != name else link)
    return ", ".join(shown)
