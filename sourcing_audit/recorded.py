"""What an audit was asked, written beside its report so that it can be run again.

`report.json` says what came in and what came out; this says what was typed. Nothing of it is
secret: of addresses only what reports show is kept.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sourcing_audit import results
from sourcing_audit.errors import InputError
from sourcing_audit.model import Activity, IntendedUse, MediaChoice, Share, UpstreamDataset
from sourcing_audit.pipeline import Request
from sourcing_audit.registries.remote import address_in
from sourcing_audit.report import Use
from sourcing_audit.sources import remote
from sourcing_audit.state import made_with

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sourcing_audit.report import Report
    from sourcing_audit.rules import RuleStore

SCHEMA_VERSION: Final = "1.0"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedUpstream(_Model):
    """A dataset that the audited one was said to be made from."""

    name: str
    license: str | None
    upstream: list[str]
    everywhere: bool = Field(description="every item comes from it")


class Recorded(_Model):
    """The settings that an audit's result follows from. Paths are as they were given."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    dataset: str
    inputs: list[str]
    registries: list[str] = Field(description="`[FORMAT:]PATH`")
    as_of: dt.date
    use: Use
    mapping: dict[str, str]
    mapping_origin: str
    default_license: str | None
    upstream: list[RecordedUpstream]
    cards: list[str] = Field(description="documents that were named; report.json has all")
    rules: list[str] = Field(description="folders laid over the shipped rules")
    strict: bool
    media: MediaChoice
    engine: str
    libraries: dict[str, str] = Field(
        description="the packages, and the Python, that had a part in what was found out"
    )

    def differing(self, report: Report) -> list[str]:
        """The fields in which a report says something else, so that it can't be this one's."""
        said = {
            "dataset": report.dataset.name,
            "as_of": report.as_of,
            "use": report.use,
            "default_license": report.dataset.default_license,
        }
        return [name for name, value in said.items() if getattr(self, name) != value]

    def request(self) -> Request:
        """The request again.

        Raises:
            ValueError: the use has a word that no use has.

        """
        return Request(
            dataset=self.dataset,
            inputs=tuple(self.inputs),
            as_of=self.as_of,
            use=IntendedUse(
                activity=Activity(self.use.activity),
                project=self.use.project,
                commercial=self.use.commercial,
                research=self.use.research,
                shares=frozenset(map(Share, self.use.shares)),
                territory=tuple(self.use.territory),
                grantee=self.use.grantee,
                trained_at=self.use.trained_at,
            ),
            mapping=self.mapping,
            mapping_origin=self.mapping_origin,
            default_license=self.default_license,
            upstream=tuple(
                UpstreamDataset(one.name, one.license, tuple(one.upstream), one.everywhere)
                for one in self.upstream
            ),
            cards=tuple(self.cards),
            strict=self.strict,
            media=self.media,
        )


def of(
    request: Request, report: Report, store: RuleStore, registries: Sequence[str], engine: str
) -> Recorded:
    """The record of a request and of the report that it led to."""
    return Recorded(
        dataset=request.dataset,
        inputs=[remote.shown(one) for one in request.inputs],
        registries=[_shown(spec) for spec in registries],
        as_of=request.as_of,
        use=report.use,
        mapping=dict(request.mapping),
        mapping_origin=request.mapping_origin,
        default_license=request.default_license,
        upstream=[
            RecordedUpstream(
                name=one.name,
                license=one.license,
                upstream=list(one.upstream),
                everywhere=one.everywhere,
            )
            for one in request.upstream
        ],
        cards=list(request.cards),
        rules=[str(folder) for folder in store.overlays],
        strict=request.strict,
        media=request.media,
        engine=engine,
        libraries=dict(made_with()),
    )


def _shown(spec: str) -> str:
    elsewhere = address_in(spec)
    return spec if elsewhere is None else f"{elsewhere[0]}{remote.shown(elsewhere[1])}"


def text(record: Recorded) -> str:
    """The record as JSON, in the model's order."""
    return json.dumps(record.model_dump(mode="json"), indent=2) + "\n"


def read(folder: Path) -> Recorded:
    """What the audit in a folder was asked.

    Raises:
        InputError: the folder doesn't say.

    """
    path = folder / results.REQUEST
    again = "run the audit again with this version"
    try:
        return Recorded.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", fix=again) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: {place}: {first['msg']}", fix=again) from error


def write(folder: Path, record: Recorded) -> None:
    """Put the record into the folder of an audit's tables."""
    path = folder / results.REQUEST
    path.parent.mkdir(exist_ok=True)
    path.write_text(text(record), encoding="ascii")
