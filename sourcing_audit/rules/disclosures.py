"""The rows of `disclosures/`: forms and their fields, beside the claims of `rules.claims`.

A form is a list of fields with the clause that asks for each; code fills a field with facts of a
closed set, and what no fact covers stays marked for whoever signs.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from sourcing_audit.rules.claims import FILE, Claim, ClaimRow, HedgeRow, WordRow, compiled
from sourcing_audit.rules.licenses import Text
from sourcing_audit.rules.store import Rule, RuleStore

FOLDER = "disclosures"

Style = Literal["markdown", "json", "text", "yaml"]
"""How a form can be written; `text` is its short version, `yaml` its machine-readable head."""

Fact = Literal[
    "status",
    "statements",
    "preferences",
    "not_established",
    "limits",
    "basis",
    "use",
    "inputs",
    "items",
    "columns",
    "upstream",
    "hosts",
    "domains",
    "owners",
    "licenses",
    "public_domain",
    "licensed",
    "agreements",
    "synthetic",
    "persons",
    "consent",
    "opt_outs",
    "registries",
    "training",
]
FACTS: frozenset[str] = frozenset(get_args(Fact))


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise ValueError("must be an address with https://")
    return value


Address = Annotated[str, AfterValidator(_https)]


class FormRow(Rule):
    """A form: what it is called, what asks for it, and who answers for it."""

    id: Text
    title: Text
    basis: Text
    source: Address
    signed_by: Text
    """Who completes and publishes it."""
    styles: Annotated[tuple[Style, ...], Field(min_length=1)]
    questions: bool
    """Whether what each field asks for is printed above its answers."""
    intro: Text
    reviewed: dt.date | None = None
    """When somebody held the form against its source; None: known at second hand."""


class FieldRow(Rule):
    """One field of a form."""

    id: Text
    section: Text
    title: Text
    clause: Text
    source: Address
    asks: Text
    """What the form asks for, in our words."""
    facts: tuple[Fact, ...] = ()
    rest: Text | None = None
    """What an audit can't know of it."""

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if not self.facts and self.rest is None:
            raise ValueError("a field without facts says in `rest` what there is to complete")
        return self


class HubLicense(Rule):
    """The identifier by which the Hugging Face hub knows a licence."""

    expression: Text
    identifier: Text
    source: Address


@dataclass(frozen=True)
class DisclosureRules:
    """Every form and every claim."""

    forms: dict[str, FormRow]
    fields: dict[str, tuple[FieldRow, ...]]
    hub: dict[str, str]
    """Licence expression to the hub's identifier."""
    claims: tuple[Claim, ...]
    hedges: tuple[HedgeRow, ...]

    @classmethod
    def load(cls, store: RuleStore) -> DisclosureRules:
        """Read the files of `disclosures/`.

        Raises:
            RulesError: naming file, rule and field.

        """
        forms = {row.id: row for row in store.table(f"{FOLDER}/forms.toml", FormRow, key=["id"])}
        hub = store.table(f"{FOLDER}/hub-licenses.csv", HubLicense, key=["expression"])
        words = store.table(f"{FOLDER}/words.toml", WordRow, key=["id"])
        return cls(
            forms=forms,
            fields={
                name: tuple(store.table(f"{FOLDER}/{name}.toml", FieldRow, key=["id"]))
                for name in forms
            },
            hub={row.expression: row.identifier for row in hub},
            claims=compiled(store.table(FILE, ClaimRow, key=["id"]), words),
            hedges=tuple(store.table(f"{FOLDER}/hedges.toml", HedgeRow, key=["id"])),
        )
