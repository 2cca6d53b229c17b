"""What was audited, by which program and rules, for which use, and which registries were asked."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from sourcing_audit.report.base import Model


class Tool(Model):
    """The program that wrote the report."""

    name: Literal["sourcing-audit"] = "sourcing-audit"
    version: str


class RuleOverride(Model):
    """A rule that the user's own folder replaced or added."""

    file: str
    key: str
    action: Literal["replaced", "added"]


class RulesUsed(Model):
    """The rules behind every verdict."""

    version: str
    digest: str = Field(description="SHA-256 over the rule files, overlays included")
    overrides: list[RuleOverride] = Field(default=[])


class Input(Model):
    """One input file or stream."""

    name: str
    format: str
    size: int | None = Field(description="bytes; null for a stream")
    sha256: str | None = Field(
        description="null for a stream, and for a remote file that wasn't read as a whole"
    )
    version: str | None = Field(
        default=None,
        description="what a remote store calls the version that was read: `etag:…`, "
        "`generation:…`, `last-modified:…` or `commit:…`",
    )
    items: int = Field(description="records read")
    quarantined: int = Field(description="records that could not be read")
    unreadable: bool = Field(
        default=False, description="the file as a whole could not be read; its items are not known"
    )


class MappedField(Model):
    """How a canonical column was read."""

    field: str
    template: str
    origin: str


class CardStatement(Model):
    """One thing that a dataset's card says about rights, and what it was read as."""

    where: str = Field(description="`license tag`, `link`, `line 14`, `license text`, …")
    text: str
    expression: str


class Card(Model):
    """A dataset card, Croissant file or licence file, and what it says for all items."""

    path: str
    kind: str
    statements: list[CardStatement]
    contradicted: bool = Field(description="its prose or licence text limits what its tag permits")
    problems: list[str] = Field(description="what of it could not be read")
    sha256: str | None = Field(
        default=None, description="null where it isn't a file, or only its beginning was read"
    )


class Dataset(Model):
    """What was audited."""

    name: str
    inputs: list[Input]
    mapping: list[MappedField]
    unused_columns: list[str]
    default_license: str | None = None
    cards: list[Card] = Field(default=[])


class Use(Model):
    """The intended use that every verdict was reached for."""

    sentence: str
    activity: str
    project: str | None
    commercial: bool
    research: bool
    shares: list[str]
    territory: list[str]
    grantee: str | None
    trained_at: dt.date | None = Field(
        default=None, description="the day of the training; null where it wasn't given"
    )


class Registry(Model):
    """One consent-registry export."""

    name: str
    path: str
    format: str
    sha256: str
    records: int
    snapshot_at: dt.datetime | None
    unmatchable_records: int = Field(
        default=0, description="records whose kind of subject can't be matched with items"
    )
    matched_records: int
    matched_items: int
    own: bool = Field(
        default=False,
        description="signals that came with the items themselves; no registry was asked",
    )
    age_days: int | None = Field(
        default=None, description="days from the export to the as-of date; null where undated"
    )
    limit_days: int | None = Field(
        default=None, description="the strictest age limit of its records; null where none ages"
    )
    stale_records: int = Field(
        default=0, description="records in force that are older than their limit, or undated"
    )
    fresh: bool = Field(
        default=True, description="false: what it doesn't hold may have been said since"
    )
    dangling_records: int = Field(
        default=0, description="records that refer to one that the registry doesn't hold"
    )
