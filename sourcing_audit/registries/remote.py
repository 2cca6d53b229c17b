"""Exports that lie elsewhere: copied as a whole before they are read."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sourcing_audit.errors import RegistryError, SourcingAuditError
from sourcing_audit.sources import remote
from sourcing_audit.sources.interface import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export

_SPEC = re.compile(
    r"(?P<format>[A-Za-z][\w-]*:)?(?P<address>[A-Za-z][A-Za-z0-9+.-]*://.*)", re.DOTALL
)


def address_in(spec: str) -> tuple[str, str] | None:
    """What `[FORMAT:]ADDRESS` says, the colon with the format; None if it is no address."""
    match = _SPEC.fullmatch(spec)
    return (match["format"] or "", match["address"]) if match else None


def copied(engine: Engine, address: str) -> tuple[Path, str]:
    """A copy of a file in the work folder under its own name, and its address as it may be shown.

    Raises:
        RegistryError: it can't be had; a registry that can't be read might hold refusals.

    """
    try:
        found = remote.find(address)
        file = _only(found, address)
        copy = file.copied(engine.new_folder())
        file.require_unchanged()
    except UnreadableError as error:
        raise RegistryError(f"{remote.shown(address)}: {error}", fix=error.fix) from error
    except RegistryError:
        raise
    except SourcingAuditError as error:
        raise RegistryError(error.message, fix=error.fix) from error
    name = PurePosixPath(file.name).name
    return copy.rename(copy.with_name(name)), file.name


@contextmanager
def called_as_given(export: Export) -> Iterator[None]:
    """Let errors name an export by its address, and not by its copy."""
    try:
        yield
    except SourcingAuditError as error:
        if export.address is None:
            raise
        message = error.message.replace(str(export.path), export.address)
        raise RegistryError(message, fix=error.fix) from error


def _only(found: remote.Found, address: str) -> remote.RemoteFile:
    if found.folder is not None or len(found.files) != 1:
        raise RegistryError(
            f"{remote.shown(address)}: stands for several files",
            fix="give each export with the address of its file, or copy the folder here",
        )
    return found.files[0]
