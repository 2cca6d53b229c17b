"""The examples of verdicts, quarantine and datasets, in `license_rules/cases/`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from sourcing_audit.model import ConsentStatus, MediaChoice, Outcome, Status
from sourcing_audit.rules.store import Rule, RuleStore

VERDICTS = ("verdicts.toml", "signals.toml")
QUARANTINE = "quarantine.toml"
DATASETS = "datasets.toml"

Text = Annotated[str, StringConstraints(strip_whitespace=False)]
Extra = Literal["media", "text"]
PADDED = "…"
"""In the content of a file that is padded: where its padding goes."""


class Expectation(Rule):
    """What must be found; what isn't named isn't checked."""

    status: Status
    outcome: Outcome | None = None
    rule: str | None = None
    consent: ConsentStatus | None = None
    basis: str | None = None
    reasons: tuple[str, ...] = ()
    """Codes that must be among the reasons."""
    without: tuple[str, ...] = ()
    """Codes that must be neither reasons nor obligations."""
    obligations: tuple[str, ...] = ()
    lost: dict[str, str] = Field(default_factory=dict)
    """Records that must have lost, with the precedence rule by which."""


class RawSignal(Rule):
    """A signal as its format has it, read by that format's own reader."""

    format: str
    """As `--registry FORMAT:` names it."""
    row: dict[str, Any] | None = None
    """One line of an archive in JSON lines; those of one format are one archive."""
    body: str | None = None
    """The text of a file of its own."""
    ending: str = ".json"
    """Of that file's name."""

    @model_validator(mode="after")
    def _one_of_both(self) -> RawSignal:
        if (self.row is None) == (self.body is None):
            raise ValueError("give either row or body")
        return self


class VerdictCase(Rule):
    """An item, what the registries say of it, and the verdict that must follow."""

    name: str
    item: dict[str, Any]
    record: tuple[dict[str, Any], ...] = ()
    signal: tuple[RawSignal, ...] = ()
    use: str = "commercial-training,grantee=org:us"
    as_of: dt.date = dt.date(2026, 11, 21)
    expect: Expectation


class QuarantineCase(Rule):
    """A file, and what of it can't be read."""

    name: str
    file: str
    """Its name: the format is told by it."""
    content: Text
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    reason: str
    row: int | None = None
    """The record, from 1; None for the file as a whole."""


class DatasetExpectation(Rule):
    """What must be found of the first item, or quarantined; what isn't named isn't checked."""

    status: Status | None = None
    reasons: tuple[str, ...] = ()
    """Codes that must be among the item's reasons."""
    obligations: tuple[str, ...] = ()
    """Codes that must be among its obligations."""
    quarantined: str | None = None
    """The reason for which a file or record is quarantined."""


class DatasetCase(Rule):
    """A small folder: what is said beside the items, by documents, texts and media files."""

    name: str
    files: dict[str, Text]
    """Names with contents."""
    input: str
    """The one that is audited; `.` for the folder."""
    padding: int = 0
    """How many letters `x` stand in the contents for each `PADDED`."""
    media: MediaChoice = MediaChoice.AUTO
    needs: Extra | None = None
    """An extra without which this can't be seen."""
    lacks: Extra | None = None
    """An extra with which this isn't so."""
    expect: DatasetExpectation

    @property
    def documented(self) -> bool:
        """Whether documents of the folder speak, which do so for a dataset as a whole."""
        return self.input == "." or self.input.endswith(".json")

    def contents(self) -> dict[str, str]:
        """The files as they are written."""
        if not self.padding:
            return self.files
        return {name: text.replace(PADDED, "x" * self.padding) for name, text in self.files.items()}


def load_verdicts(store: RuleStore) -> list[VerdictCase]:
    """Every example of `VERDICTS`, overlays included."""
    return [case for name in VERDICTS for case in store.cases(name, VerdictCase)]


def load_quarantine(store: RuleStore) -> list[QuarantineCase]:
    """Every example of `QUARANTINE`, overlays included."""
    return store.cases(QUARANTINE, QuarantineCase)


def load_datasets(store: RuleStore) -> list[DatasetCase]:
    """Every example of `DATASETS`, overlays included."""
    return store.cases(DATASETS, DatasetCase)
