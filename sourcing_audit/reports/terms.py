"""`docs/terms.md`: what each intended use does to each licence term, from the rules.

Run as a module it writes that file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sourcing_audit.model import Share
from sourcing_audit.reports.quantities import NO_VALUE
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.licenses import TermRow
from sourcing_audit.rules.policy import PolicyRules

if TYPE_CHECKING:
    from sourcing_audit.rules.licenses import Effect
    from sourcing_audit.rules.policy import NamedUse

_QUESTIONS: Final = {
    "commercial use": ("commercial",),
    "non-commercial use": ("non_commercial",),
    "research": ("research",),
    "not for research": ("not_research",),
    "sharing the model": ("shares_model",),
    "sharing its outputs": ("shares_outputs",),
    "sharing the dataset": ("shares_dataset",),
    "sharing adapted material": ("shares_adapted",),
    "use outside the territory": ("outside_territory",),
}
_INTRO: Final = """# Terms and uses

What a licence's terms allow, use by use. Generated from
[`license_rules/terms.toml`](../license_rules/terms.toml) and `uses.toml` by
`make schema`; edit those.

A licence may carry several terms, and a use may meet several columns: all of them hold. A breach
makes an item `terms_not_met`; an obligation stays open and makes it `conditional`.
"""


def page(store: RuleStore) -> str:
    """The page as Markdown."""
    terms = store.table("terms.toml", TermRow, key=["id"])
    policy = PolicyRules.load(store)
    blocks = [_INTRO, "## What each part of a use does to each term\n", *_matrix(terms)]
    blocks += ["\n## The named uses\n", *_named(terms, list(policy.uses.values()))]
    blocks.append("\n## Definitions and clauses\n")
    for term in terms:
        blocks.append(f"### `{term.id}`\n\n{term.definition} ({term.source})\n")
        blocks.append("| when | what follows | clause |\n|---|---|---|")
        blocks += [
            f"| {_when(effect)} | {_effect(effect)} | {effect.clause} |" for effect in term.effect
        ]
        blocks.append("")
    return "\n".join(blocks).rstrip() + "\n"


def _matrix(terms: list[TermRow]) -> list[str]:
    header = ["term", *_QUESTIONS, "always"]
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    for term in terms:
        cells = [f"`{term.id}`"]
        for when in (*_QUESTIONS.values(), ("always",)):
            found = [_effect(effect) for effect in term.effect if effect.when == when]
            cells.append("; ".join(found) or NO_VALUE)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _named(terms: list[TermRow], uses: list[NamedUse]) -> list[str]:
    """A breach decides; else what stays open."""
    lines = [
        f"| term | {' | '.join(f'`{use.id}`' for use in uses)} |",
        f"|---|{'---|' * len(uses)}",
    ]
    for term in terms:
        cells = []
        for use in uses:
            met = [effect for effect in term.effect if _meets(effect, use)]
            breaches = [_effect(effect) for effect in met if effect.effect == "breach"]
            cells.append("; ".join(dict.fromkeys(breaches or map(_effect, met))) or NO_VALUE)
        lines.append(f"| `{term.id}` | {' | '.join(cells)} |")
    return lines


def _meets(effect: Effect, use: NamedUse) -> bool:
    """Whether a use worldwide meets every condition of an effect."""
    holds = {
        "always": True,
        "commercial": use.commercial,
        "non_commercial": not use.commercial,
        "research": use.research,
        "not_research": not use.research,
        "outside_territory": True,
        **{f"shares_{share}": share in use.shares for share in Share},
    }
    return all(holds[condition] for condition in effect.when)


def _when(effect: Effect) -> str:
    names = {when[0]: words for words, when in _QUESTIONS.items()}
    return ", ".join(names.get(condition, condition) for condition in effect.when)


def _effect(effect: Effect) -> str:
    words = {
        "breach": "**breach** `{}`",
        "record": "breach `{}` without creator or source on record",
        "obligation": "obligation `{}`",
    }
    return words[effect.effect].format(effect.code)


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "terms.md"
    target.write_text(page(RuleStore()), encoding="utf-8")
