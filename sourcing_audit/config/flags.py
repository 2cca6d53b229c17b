"""Values of flags, and of keys of `audit.toml` that say the same."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sourcing_audit.config.sections import UpstreamConfig
from sourcing_audit.errors import ConfigError
from sourcing_audit.model import MediaChoice, UpstreamDataset

if TYPE_CHECKING:
    from collections.abc import Sequence


EARLIEST, LATEST = 1900, 2199
"""The years that an as-of date may lie in."""


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
