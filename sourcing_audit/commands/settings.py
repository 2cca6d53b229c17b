"""Everything that an audit needs, from flags and `audit.toml` together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit import config
from sourcing_audit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.model import FailOn, MediaChoice
    from sourcing_audit.pipeline import Request, Rulebook

DEFAULT_OUTPUT = Path("audit-out")


@dataclass(frozen=True)
class Settings:
    """Everything that an `audit` command needs, from flags and file together."""

    datasets: tuple[config.DatasetConfig, ...]
    registries: tuple[str, ...]
    use: str
    as_of: str | None
    output: Path
    formats: tuple[str, ...]
    rules: tuple[Path, ...]
    fail_on: FailOn
    strict: bool
    media: MediaChoice
    memory_limit: str | None
    temp_dir: Path | None
    state: Path | None
    keys: Path | None
    history: str | None
    tombstones: Path | None
    engine: str
    master: str | None
    mapping_origin: str
    since: Path | None
    baseline: Path | None
    limits: dict[str, config.LimitConfig]
    waivers: tuple[config.WaiverConfig, ...]
    file: str
    """Where limits and waivers come from, for messages."""
    evidence: Path | None
    sign_key: Path | None
    with_findings: bool


def settings(
    path: Path | None,
    *,
    inputs: Sequence[str] = (),
    registries: Sequence[str] = (),
    use: str | None = None,
    as_of: str | None = None,
    output: Path | None = None,
    formats: Sequence[str] = (),
    columns: Sequence[str] = (),
    dataset: str | None = None,
    default_license: str | None = None,
    cards: Sequence[Path] = (),
    upstream: Sequence[str] = (),
    rules: Sequence[Path] = (),
    fail_on: FailOn | None = None,
    strict: bool = False,
    media: MediaChoice | None = None,
    memory_limit: str | None = None,
    temp_dir: Path | None = None,
    state: Path | None = None,
    keys: Path | None = None,
    engine: str | None = None,
    master: str | None = None,
    since: Path | None = None,
    baseline: Path | None = None,
    history: str | None = None,
    evidence: Path | None = None,
    sign_key: Path | None = None,
    with_findings: bool = False,
) -> Settings:
    """Lay flags (and their environment variables) over `audit.toml` over the defaults.

    Raises:
        ConfigError: nothing to audit was named, or a value isn't understood.

    """
    file = config.AuditConfig() if path is None else config.load(path)
    datasets = list(file.dataset)
    if inputs:
        groups = [list(inputs)] if dataset else [[one] for one in inputs]
        datasets = [config.DatasetConfig(source=group, name=dataset) for group in groups]
    if not datasets:
        raise ConfigError(
            "nothing to audit was named",
            fix="give a manifest, or -c audit.toml with a [[dataset]]",
        )
    flags = config.parse_columns(columns)
    made_from = config.parse_upstream(upstream)
    datasets = [
        one.model_copy(
            update={
                "columns": {**one.columns, **flags},
                "default_license": default_license or one.default_license,
                "card": [str(path) for path in cards] or one.card,
                "upstream": made_from or one.upstream,
            }
        )
        for one in datasets
    ]
    stated = file.as_of.isoformat() if file.as_of else None
    return Settings(
        datasets=tuple(datasets),
        registries=tuple(registries) or tuple(one.spec for one in file.registry),
        use=use or file.use,
        as_of=as_of or stated,
        output=output or Path(file.output or DEFAULT_OUTPUT),
        formats=tuple(config.parse_formats(formats)) or tuple(file.formats),
        rules=tuple(rules) or tuple(Path(one) for one in file.rules),
        fail_on=fail_on or file.fail_on,
        strict=strict or file.strict,
        media=media or file.media,
        memory_limit=memory_limit or file.memory_limit,
        temp_dir=temp_dir or (Path(file.temp_dir) if file.temp_dir else None),
        state=state or (Path(file.state) if file.state else None),
        keys=keys or (Path(file.keys) if file.keys else None),
        history=history or file.history,
        tombstones=Path(file.tombstones) if file.tombstones else None,
        engine=engine or file.engine,
        master=master or file.master,
        mapping_origin="flag" if flags or not file.dataset else "config",
        since=since or (Path(file.since) if file.since else None),
        baseline=baseline or (Path(file.baseline) if file.baseline else None),
        limits=file.gate,
        waivers=tuple(file.waiver),
        file=str(path or "audit.toml"),
        evidence=evidence or (Path(file.evidence) if file.evidence else None),
        sign_key=sign_key,
        with_findings=with_findings,
    )


def requests(wanted: Settings, rulebook: Rulebook) -> list[Request]:
    """What is asked of each dataset.

    Raises:
        ConfigError: a use or a date isn't understood.

    """
    from sourcing_audit import pipeline, sources

    return [
        pipeline.Request(
            dataset=one.name or sources.dataset_name(one.inputs[0]),
            inputs=one.inputs,
            as_of=config.parse_date(wanted.as_of),
            use=config.parse_use(one.use or wanted.use, rulebook.policy.uses),
            mapping=one.columns,
            mapping_origin=wanted.mapping_origin,
            default_license=one.default_license,
            upstream=tuple(each.dataset() for each in one.upstream),
            cards=tuple(one.card),
            strict=wanted.strict,
            media=wanted.media,
        )
        for one in wanted.datasets
    ]
