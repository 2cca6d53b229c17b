"""`audit.toml` as a whole: its keys, and how it is read."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError, model_validator

from sourcing_audit.config.sections import (
    DatasetConfig,
    LimitConfig,
    RegistryConfig,
    Section,
    WaiverConfig,
)
from sourcing_audit.errors import ConfigError
from sourcing_audit.model import FailOn, MediaChoice

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


class AuditConfig(Section):
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
