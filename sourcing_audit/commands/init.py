"""What `init` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import config
from sourcing_audit.config.schema import audit_schema
from sourcing_audit.errors import ConfigError
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_NAME = "audit.schema.json"
"""The file beside `audit.toml` by which editors complete and check it."""


def init(path: Path, *, schema: bool = False) -> None:
    """Write a commented `audit.toml`, with the schema that editors check it by; never over a file.

    Raises:
        ConfigError: a file of that name is there, or can't be written.

    """
    files = {path: config.TEMPLATE}
    if schema:
        files = {
            path: f"#:schema ./{SCHEMA_NAME}\n\n{config.TEMPLATE}",
            path.with_name(SCHEMA_NAME): audit_schema(),
        }
    for taken in (file for file in files if file.exists()):
        raise ConfigError(f"{taken}: already exists", fix="give another name or folder")
    for file, text in files.items():
        _write_new(file, text)
    say(f"Wrote {' and '.join(map(str, files))}. Next: sourcing-audit audit -c {path}")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{path}: already exists", fix="give another name") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
