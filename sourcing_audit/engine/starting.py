"""DuckDB started in a work folder of its own, and its failures as errors a user can act on."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis

from sourcing_audit.engine import leftovers
from sourcing_audit.errors import InputError, SourcingAuditError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA_ERRORS = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.SerializationException,
)
"""What the engine raises because of the data that it was given."""

NO_EXTENSIONS = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""An extension is code from the network; all that is needed is built in."""


def connected(
    memory_limit: str | None, temp_directory: Path | None, threads: int | None = None
) -> tuple[ibis.backends.duckdb.Backend, Path]:
    """Start DuckDB, and make the work folder; see `Engine.duckdb`."""
    leftovers.sweep(temp_directory or Path(tempfile.gettempdir()))
    try:
        workdir = Path(tempfile.mkdtemp(prefix=leftovers.PREFIX, dir=temp_directory))
    except OSError as error:
        raise SourcingAuditError(
            f"{temp_directory or tempfile.gettempdir()}: can't make a work folder: {error}",
            fix="choose another folder with --temp-dir",
        ) from error
    options: dict[str, Any] = {
        "temp_directory": str(workdir / "spill"),
        **NO_EXTENSIONS,
    }
    if memory_limit is not None:
        options["memory_limit"] = memory_limit
    if threads is not None:
        options["threads"] = threads
    try:
        backend = ibis.duckdb.connect(**options)
        # Moments are read, compared and written in UTC, wherever the machine stands.
        backend.raw_sql("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        shutil.rmtree(workdir, ignore_errors=True)
        raise SourcingAuditError(f"the engine did not start: {first_line(error)}") from error
    return backend, workdir


@contextmanager
def guarded() -> Iterator[None]:
    """Turn an engine's failure into an error that says what to do."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise SourcingAuditError(
            f"out of memory: {first_line(error)}",
            fix="raise --memory-limit, or --temp-dir to a folder with more free space",
        ) from error
    except duckdb.Error as error:
        problem = first_line(error)
        if isinstance(error, duckdb.IOException) and "No space left" in problem:
            raise SourcingAuditError(
                f"the disk is full: {problem}",
                fix="set --temp-dir to a folder with more free space",
            ) from error
        # Damaged Parquet pages raise the base class itself.
        if isinstance(error, _DATA_ERRORS) or type(error) is duckdb.Error:
            raise InputError(problem) from error
        raise SourcingAuditError(f"the engine failed: {problem}") from error
    except OSError as error:
        raise SourcingAuditError(
            f"{error.filename or 'the work folder'}: {error.strerror or first_line(error)}",
            fix="choose a folder you can write, with enough free space",
        ) from error


def first_line(error: BaseException) -> str:
    """What an error says at once; its type where it says nothing."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
