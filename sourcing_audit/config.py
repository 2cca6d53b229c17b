"""What to audit and how: `audit.toml`, flags and their values, validated.

A flag wins over its environment variable, that over the file, that over the default.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sourcing_audit.errors import ConfigError
from sourcing_audit.model import (
    WORLDWIDE,
    Activity,
    FailOn,
    IntendedUse,
    MediaChoice,
    Share,
    UpstreamDataset,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sourcing_audit.rules.policy import NamedUse

EARLIEST, LATEST = 1900, 2199
"""The years that an as-of date may lie in."""

_YES = {"yes": True, "true": True, "no": False, "false": False}
_USE_KEYS = (
    "activity",
    "project",
    "commercial",
    "research",
    "share",
    "territory",
    "grantee",
    "trained",
)


_PLACES = (
    "output",
    "temp_dir",
    "state",
    "keys",
    "evidence",
    "tombstones",
    "since",
    "baseline",
)
"""Settings that are paths beside the file."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UpstreamConfig(_Section):
    """One `[[dataset.upstream]]`: a dataset that this one was made from."""

    name: Annotated[str, Field(min_length=1, description="its name; known ones need no licence")]
    license: str | None = Field(default=None, description="what it declares")
    upstream: list[str] = Field(default=[], description="the datasets that it was made from itself")
    items: Literal["all", "named"] = Field(
        default="all", description="`named`: only items whose `upstream` column names it"
    )

    def dataset(self) -> UpstreamDataset:
        """In the domain's words."""
        return UpstreamDataset(self.name, self.license, tuple(self.upstream), self.items == "all")


class DatasetConfig(_Section):
    """One `[[dataset]]`: what to read and how."""

    source: str | list[str] = Field(
        description="files, folders or globs; `hf:org/name@revision`; or addresses with `s3://`, "
        "`gs://`, `hf://` or `https://`"
    )
    name: Annotated[str | None, Field(pattern=r"^[\w][\w .-]*$", max_length=80)] = Field(
        default=None, description="the dataset's name; the input's where it is left out"
    )
    columns: dict[str, str] = Field(
        default={}, description="canonical field to column, or to text with `{column}` in it"
    )
    use: str | None = Field(default=None, description="its intended use, instead of that of all")
    default_license: str | None = Field(
        default=None, description="what the dataset as a whole declares, for items without one"
    )
    card: list[str] = Field(
        default=[], description="documents about the dataset, beside those in its folder"
    )
    upstream: list[UpstreamConfig] = Field(
        default=[], description="datasets that this one was made from; their terms are carried on"
    )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The dataset's files, folders, globs, `hf:` names or addresses."""
        return (self.source,) if isinstance(self.source, str) else tuple(self.source)


class RegistryConfig(_Section):
    """One `[[registry]]`: a consent export."""

    path: str = Field(description="the export")
    format: str | None = Field(
        default=None, description="as `registry formats` lists them; recognised where left out"
    )

    @property
    def spec(self) -> str:
        """As `--registry` takes it."""
        return f"{self.format}:{self.path}" if self.format else self.path


class LimitConfig(_Section):
    """One limit of `[gate]`: how many items may have an outcome, a status or a reason."""

    max: Annotated[int | None, Field(ge=0)] = None
    max_share: Annotated[float | None, Field(ge=0, le=1)] = None
    """Of items in."""

    @model_validator(mode="after")
    def _limits(self) -> LimitConfig:
        if self.max is None and self.max_share is None:
            raise ValueError("give max (items), max_share (0 to 1) or both")
        return self


class WaiverMatch(_Section):
    """What items must have for a waiver to cover them; what isn't given matches all."""

    dataset: str | None = None
    host: str | None = None
    license: str | None = None
    """As concluded."""
    shard: str | None = None
    item_id: str | None = None

    @model_validator(mode="after")
    def _answerable(self) -> WaiverMatch:
        if self.host is not None and (self.shard is not None or self.item_id is not None):
            raise ValueError(
                "host can't be joined with shard or item_id: findings hold no hosts, only groups do"
            )
        return self


class WaiverConfig(_Section):
    """One `[[waiver]]`: a finding that somebody answers for."""

    code: Annotated[str, Field(min_length=1)]
    """A reason or status."""
    match: WaiverMatch = WaiverMatch()
    reason: Annotated[str, Field(min_length=1)]
    """An id of `waivers.toml`."""
    comment: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    approved_by: Annotated[str, Field(min_length=1)]
    expires: dt.date | None = None
    """From this day on it waives nothing."""


class AuditConfig(_Section):
    """`audit.toml`: what is audited, for which use, and what comes of it."""

    use: str = Field(
        default="commercial-training", description="the intended use: a name, then key=value pairs"
    )
    as_of: dt.date | None = Field(
        default=None, description="the date that verdicts hold for; today where it is left out"
    )
    fail_on: FailOn = Field(
        default=FailOn.PROHIBITED,
        description="exit with 1 when an item has this outcome or a worse one",
    )
    output: str | None = Field(
        default=None, description="where the reports go; `audit-out` where it is left out"
    )
    formats: list[str] = Field(
        default=[], description="formats of the report beside `json`; the usual ones if left out"
    )
    rules: list[str] = Field(
        default=[], description="folders of rules laid over the shipped ones; later ones win"
    )
    strict: bool = Field(default=False, description="stop at records or files that can't be read")
    media: MediaChoice = Field(
        default=MediaChoice.AUTO,
        description="read the signals inside media files: `auto` (on this disk), `on`, `off`",
    )
    memory_limit: str | None = Field(
        default=None, description="memory of the engine, e.g. `4GB`; more is spilled to disk"
    )
    temp_dir: str | None = Field(
        default=None, description="where work files and what is spilled are put until the end"
    )
    state: str | None = Field(
        default=None, description="a folder with what later audits can use again"
    )
    keys: str | None = Field(
        default=None, description="a folder where the keys of items are remembered, for `trace`"
    )
    history: str | None = Field(
        default=None,
        description="what `run` adds to: a DuckDB file, or `postgresql://user@host/database`",
    )
    tombstones: str | None = Field(
        default=None, description="works that were taken down; `run` fails where one came back"
    )
    evidence: str | None = Field(
        default=None, description="an evidence bundle, `FILE.zip`, that is written too"
    )
    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb", description="what runs the audit: this machine, or Spark"
    )
    master: str | None = Field(
        default=None, description="where Spark runs; as its own settings say where it is left out"
    )
    since: str | None = Field(
        default=None, description="tell what changed since the audit in this folder"
    )
    baseline: str | None = Field(
        default=None, description="only what is new against the audit in this folder fails"
    )
    gate: dict[str, LimitConfig] = Field(
        default={}, description="by outcome, status or reason what may be found"
    )
    waiver: list[WaiverConfig] = Field(default=[], description="findings that somebody answers for")
    dataset: list[DatasetConfig] = Field(default=[], description="what is audited")
    registry: list[RegistryConfig] = Field(default=[], description="consent-registry exports")

    @model_validator(mode="after")
    def _names_differ(self) -> AuditConfig:
        names = [dataset.name for dataset in self.dataset if dataset.name]
        if len(names) != len(set(names)):
            raise ValueError("two datasets have the same name")
        return self


def load(path: Path) -> AuditConfig:
    """Read and validate `audit.toml`; its paths are relative to it.

    Raises:
        ConfigError: naming the file and the key.

    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path}: no such file", fix="`sourcing-audit init` writes a commented one"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        config = AuditConfig.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {key or 'file'}: {first['msg']}") from error
    return _relative_to(config, path.parent)


def _relative_to(config: AuditConfig, folder: Path) -> AuditConfig:
    # Sources are slow to import, and needed only where there is something to read.
    from sourcing_audit.sources import remote

    def here(value: str) -> str:
        return str(folder / value)

    def source(value: str) -> str:
        elsewhere = value.startswith("hf:") or remote.is_address(value)
        return value if elsewhere else here(value)

    return config.model_copy(
        update={
            **{
                name: None if value is None else here(value)
                for name in _PLACES
                for value in [getattr(config, name)]
            },
            "history": config.history and _unless_server(config.history, here),
            "rules": [here(rules) for rules in config.rules],
            "dataset": [
                dataset.model_copy(
                    update={
                        "source": [source(one) for one in dataset.inputs],
                        "card": [here(one) for one in dataset.card],
                    }
                )
                for dataset in config.dataset
            ],
            "registry": [
                registry.model_copy(update={"path": source(registry.path)})
                for registry in config.registry
            ],
        }
    )


def _unless_server(place: str, here: Callable[[str], str]) -> str:
    """A database of a server is where it is; a file is where `audit.toml` says."""
    return place if place.startswith(("postgresql://", "postgres://")) else here(place)


def parse_use(text: str, named: Mapping[str, NamedUse]) -> IntendedUse:
    """Read `NAME` or `key=value` pairs with commas between; a name may come first.

    Lists (`share`, `territory`) have `+` between their members. What isn't given takes the most
    demanding value.

    Raises:
        ConfigError: naming the word that isn't understood and what is.

    """
    values: dict[str, Any] = {}
    for number, part in enumerate(p.strip() for p in text.split(",") if p.strip()):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            if number or key not in named:
                raise ConfigError(
                    f"--use {text}: {key!r} is not a named use",
                    fix=f"known are {', '.join(sorted(named))}; or give key=value pairs "
                    f"({', '.join(_USE_KEYS)})",
                )
            base = named[key]
            values |= {
                "commercial": base.commercial,
                "research": base.research,
                "shares": base.shares,
            }
        elif key not in _USE_KEYS:
            raise ConfigError(f"--use {text}: unknown key {key!r}", fix=f"known: {_USE_KEYS}")
        else:
            values |= _use_value(text, key, value)
    return IntendedUse(**values)


def _use_value(text: str, key: str, value: str) -> dict[str, Any]:
    if key in {"commercial", "research"}:
        if value.lower() not in _YES:
            raise ConfigError(f"--use {text}: {key} is yes or no, not {value!r}")
        return {key: _YES[value.lower()]}
    members = [member.strip() for member in value.split("+") if member.strip()]
    try:
        if key == "activity":
            return {key: Activity(value)}
        if key == "share":
            return {"shares": frozenset(Share(m) for m in members if m != "nothing")}
    except ValueError as error:
        known = Activity if key == "activity" else Share
        raise ConfigError(f"--use {text}: {error}", fix=f"known: {', '.join(known)}") from error
    if key == "territory":
        codes = tuple(sorted(member.upper() for member in members))
        understood = all(re.fullmatch(r"[A-Z]{2}", c) or c == WORLDWIDE for c in codes)
        if not codes or not understood or {"EU", "UK"} & set(codes):
            raise ConfigError(
                f"--use {text}: territory takes ISO 3166 codes such as DE+GB, or {WORLDWIDE}",
                fix="name the countries; EU and UK are not codes of countries",
            )
        return {key: codes}
    if key == "trained":
        return {"trained_at": parse_date(value, what="training date")}
    return {key: value or None}


def parse_date(text: str | dt.date | None, *, what: str = "as-of date") -> dt.date:
    """Read a date; today (UTC) where there is none. `what` is its name in messages.

    Raises:
        ConfigError: it isn't `YYYY-MM-DD`.

    """
    if text is None:
        return dt.datetime.now(dt.UTC).date()
    if isinstance(text, dt.date):
        return text
    try:
        date = dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{what} {text!r}: {error}", fix="write it as YYYY-MM-DD") from error
    if not EARLIEST <= date.year <= LATEST:
        raise ConfigError(f"{what} {text!r}: not a year from {EARLIEST} to {LATEST}")
    return date


def parse_media(text: str) -> MediaChoice:
    """Read whether media files are read.

    Raises:
        ConfigError: it is none of the choices.

    """
    try:
        return MediaChoice(text)
    except ValueError as error:
        raise ConfigError(
            f"media {text!r}: not a choice", fix=f"use one of {', '.join(MediaChoice)}"
        ) from error


def parse_formats(values: Sequence[str]) -> list[str]:
    """Read `--format NAME` flags; several names may stand in one with commas between."""
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def parse_columns(pairs: Sequence[str]) -> dict[str, str]:
    """Read `--column FIELD=TEMPLATE` flags.

    Raises:
        ConfigError: a pair without `=`, or a field given twice.

    """
    columns: dict[str, str] = {}
    for pair in pairs:
        field, equals, template = pair.partition("=")
        if not equals or not field.strip() or not template.strip():
            raise ConfigError(
                f"--column {pair}: expected FIELD=COLUMN", fix="e.g. --column creator=author"
            )
        if field.strip() in columns:
            raise ConfigError(f"--column {field.strip()} is given twice")
        columns[field.strip()] = template.strip()
    return columns


def parse_upstream(values: Sequence[str]) -> list[UpstreamConfig]:
    """Read `--upstream NAME[=LICENCE]` flags.

    Raises:
        ConfigError: a flag without a name, or a name given twice.

    """
    found: dict[str, UpstreamConfig] = {}
    for value in values:
        name, equals, license_ = (part.strip() for part in value.partition("="))
        if not name or (equals and not license_):
            raise ConfigError(
                f"--upstream {value}: expected NAME or NAME=LICENCE",
                fix="e.g. --upstream wikipedia --upstream 'our-scans=CC BY-NC 4.0'",
            )
        if name in found:
            raise ConfigError(
                f"--upstream {name} is given twice", fix="join its licences: NAME='A AND B'"
            )
        found[name] = UpstreamConfig(name=name, license=license_ or None)
    return list(found.values())


def upstream_datasets(values: Sequence[str | UpstreamDataset]) -> tuple[UpstreamDataset, ...]:
    """Upstream datasets, some as `--upstream` takes them.

    Raises:
        ConfigError: as for `parse_upstream`.

    """
    flags = parse_upstream([each for each in values if isinstance(each, str)])
    given = [each for each in values if isinstance(each, UpstreamDataset)]
    return (*given, *(each.dataset() for each in flags))


TEMPLATE = """\
# What `sourcing-audit audit -c audit.toml` audits. Paths are relative to this file.

# The intended use: a name (commercial-training, internal-commercial, open-model, research),
# then key=value pairs: activity, project, commercial, research, share, territory, grantee,
# trained (the day of the training, past or planned).
use = "commercial-training"

# The date that verdicts hold for; today where it is left out.
# as_of = 2026-11-21

# Exit with 1 from this outcome on: never, prohibited, undetermined or conditional.
fail_on = "prohibited"

# Where the reports go.
output = "audit-out"

# The formats of the report (docs/formats.md): json, which is always written, md, html, disclosure,
# pdf, sarif, junit, csv, spdx, spdx3, cyclonedx, croissant, dpv. Without this the first four.
# formats = ["html", "sarif"]

# Stop when a record or file can't be read, instead of quarantining it.
strict = false

# Read the signals inside media files: auto (on this disk), on (elsewhere too), off.
media = "auto"

# Keep what later audits can use again, and use what is there (docs/large.md).
# state = "audit-state"

# Remember the keys of items as numbers, so that `trace` finds later what was in a dataset.
# keys = "audit-keys"

# What `sourcing-audit run` adds to: a DuckDB file, or postgresql://user@host/database.
# history = "audit-history.duckdb"

# Works that were taken down (`trace --tombstones`); a run fails where one of them came back.
# tombstones = "tombstones.csv"
# One file with the report, its rules and its evidence, to be checked for years (docs/evidence.md).
# evidence = "evidence.zip"

# What the engine may hold in memory, and where it puts the rest until the end.
# memory_limit = "8GB"
# temp_dir = "/scratch"

# What runs the audit: duckdb on this machine, or spark; and where Spark runs, if its own settings
# don't say it.
engine = "duckdb"
# master = "spark://host:7077"

# Tell what changed since an earlier audit; it may be the output folder itself (docs/changes.md).
# since = "audit-out"

# Only findings that this earlier audit doesn't have count towards the gate.
# baseline = "audit-baseline"

# Folders of rules laid over the shipped ones; every override is listed in the report.
# rules = ["our-rules"]

[[dataset]]
name = "my-dataset"
source = "data/manifest.parquet"      # a file, folder, glob, list of them, hf:org/name@revision,
                                      # or an address: s3://, gs://, hf://, https://
# use = "research"                    # instead of the use of all
# default_license = "CC BY 4.0"       # what the dataset as a whole declares, for items without one

# card = ["README.md"]                # documents about it, beside those in its folder

# Datasets that this one was made from; their terms are carried on. Known ones need no licence.
# [[dataset.upstream]]
# name = "wikipedia"
# [[dataset.upstream]]
# name = "our-scans"
# license = "CC BY-NC 4.0"
# upstream = ["city-archive"]         # what it was made from itself
# items = "named"                     # only items whose `upstream` column names it; default: all

# Columns with unusual names: canonical field = "column", or text with {column} in it.
# [dataset.columns]
# source_url = "https://{host}{path}"
# creator = "made_by"

# [[registry]]
# path = "exports/consent-registry.csv"
# format = "canonical"

# How many items may have an outcome, a status or a reason; more is exit code 1, as for fail_on.
# [gate]
# undetermined = { max_share = 0.01 }
# license_missing = { max = 0 }

# Findings that somebody answers for; they stay in all counts, and don't count towards the gate.
# [[waiver]]
# code = "license_missing"            # a reason or a status
# match = { host = "stills.example" } # dataset, host, license, shard, item_id; all must agree
# reason = "license_acquired"         # license_rules/waivers.toml lists them
# comment = "Contract 2026-114 with Stills GmbH, being entered into the registry"
# owner = "licensing@studio.example"
# approved_by = "counsel@studio.example"
# expires = 2027-03-31                # from this day on it waives nothing, and the audit fails
"""
