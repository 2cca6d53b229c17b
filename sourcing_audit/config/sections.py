"""The sections of `audit.toml`: datasets, registries, limits and waivers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sourcing_audit.model import UpstreamDataset


class Section(BaseModel):
    """A table of the file; keys that it doesn't know are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class UpstreamConfig(Section):
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


class DatasetConfig(Section):
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


class RegistryConfig(Section):
    """One `[[registry]]`: a consent export."""

    path: str = Field(description="the export")
    format: str | None = Field(
        default=None, description="as `registry formats` lists them; recognised where left out"
    )

    @property
    def spec(self) -> str:
        """As `--registry` takes it."""
        return f"{self.format}:{self.path}" if self.format else self.path


class LimitConfig(Section):
    """One limit of `[gate]`: how many items may have an outcome, a status or a reason."""

    max: Annotated[int | None, Field(ge=0)] = None
    max_share: Annotated[float | None, Field(ge=0, le=1)] = None
    """Of items in."""

    @model_validator(mode="after")
    def _limits(self) -> LimitConfig:
        if self.max is None and self.max_share is None:
            raise ValueError("give max (items), max_share (0 to 1) or both")
        return self


class WaiverMatch(Section):
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


class WaiverConfig(Section):
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
