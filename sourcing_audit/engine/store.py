"""Tables that outlive an audit: in a DuckDB file, or in PostgreSQL for teams, behind Ibis."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
from ibis.common.exceptions import TableNotFound

from sourcing_audit.engine import sql
from sourcing_audit.engine.starting import NO_EXTENSIONS, first_line
from sourcing_audit.errors import ConfigError, InputError, OutputError, SourcingAuditError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ibis.expr.types as ir

SERVERS = ("postgresql://", "postgres://")
"""How the address of a database server begins."""

WAIT = 60.0
"""Seconds for which another process may hold the file."""

_KINDS = {
    "string": "TEXT",
    "int64": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
"""Ibis' types in SQL that both databases understand."""


def is_server(place: str) -> bool:
    """Whether a place is the address of a server, and no file."""
    return place.startswith(SERVERS)


def is_there(place: str) -> bool:
    """Whether there is a file at the place, or it is the address of a server."""
    return is_server(place) or Path(place).is_file()


class Store:
    """Tables in a file or on a server; use `reading` or `writing` to open one."""

    def __init__(self, place: str, backend: Any) -> None:
        """Wrap an open backend."""
        self._place = place
        self._backend = backend
        self._server = is_server(place)

    def has(self, name: str) -> bool:
        """Whether there is such a table."""
        try:
            self._backend.table(name)
        except TableNotFound:
            return False
        return True

    def table(self, name: str) -> ir.Table:
        """A table, lazily."""
        return self._backend.table(name)

    def rows(self, expr: ir.Table) -> list[dict[str, Any]]:
        """A small table as dictionaries.

        Raises:
            SourcingAuditError: the database failed.

        """
        with _guarded(self._place):
            found: list[dict[str, Any]] = self._backend.to_pyarrow(expr).to_pylist()
            return found

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that have the same keys; within `writing`, so that all or none is kept."""
        if not rows:
            return
        names = list(rows[0])
        mark = "%s" if self._server else "?"
        statement = (
            f"INSERT INTO {sql.name(table)} ({', '.join(map(sql.name, names))})"
            f" VALUES ({', '.join([mark] * len(names))})"
        )
        values = [tuple(row[name] for name in names) for row in rows]
        if self._server:
            with self._backend.con.cursor() as cursor:
                cursor.executemany(statement, values)
        else:
            self._backend.con.executemany(statement, values)

    def _run(self, statement: str) -> None:
        self._backend.con.execute(statement)

    @contextmanager
    def _transaction(self, lock: str) -> Iterator[None]:
        """All that is done inside, or nothing; one process at a time."""
        if self._server:
            with self._backend.con.transaction():
                # One statement for a whole database: writers wait for each other.
                self._run(f"SELECT pg_advisory_xact_lock(hashtext({sql.text(lock)}))")
                yield
            return
        self._run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def _make(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        for name, columns in tables.items():
            listed = ", ".join(f"{sql.name(c)} {_column(kind)}" for c, kind in columns.items())
            self._run(f"CREATE TABLE IF NOT EXISTS {sql.name(name)} ({listed})")


@contextmanager
def reading(place: str, *, wait: float = WAIT) -> Iterator[Store]:
    """Open a store that is there.

    Args:
        place: a file, or the address of a PostgreSQL database.
        wait: seconds for which another process may hold the file.

    Raises:
        InputError: it isn't there, or isn't a database.
        SourcingAuditError: it can't be reached, or another process holds it for too long.

    """
    if not is_there(place):
        raise InputError(f"{place}: no such file", fix="give the history that `run` keeps")
    with _guarded(place), _opened(place, wait, read_only=True) as backend:
        yield Store(place, backend)


@contextmanager
def writing(
    place: str, tables: Mapping[str, Mapping[str, str]], *, lock: str, wait: float = WAIT
) -> Iterator[Store]:
    """Open a store, made where it isn't there; what is done inside is kept as a whole or not.

    Args:
        place: a file, or the address of a PostgreSQL database.
        tables: the columns of its tables, with Ibis' types; `!` before a type: never NULL.
        lock: what only one process at a time may do on a server.
        wait: seconds for which another process may hold the file.

    Raises:
        OutputError: it can't be written.
        InputError: the file isn't a database.
        SourcingAuditError: it can't be reached, or another process holds it for too long.

    """
    if not is_server(place):
        _begin(Path(place))
    with _guarded(place), _opened(place, wait, read_only=False) as backend:
        store = Store(place, backend)
        with store._transaction(lock):  # noqa: SLF001 (its own)
            store._make(tables)
            yield store


def _begin(file: Path) -> None:
    """Put an empty database where there is none: as a whole, or not where the disk is full."""
    if file.exists():
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{file.name[:80]}.", dir=file.parent) as folder:
            new = Path(folder) / "new.duckdb"
            with _guarded(str(file)):
                ibis.duckdb.connect(new, **NO_EXTENSIONS).disconnect()
            # Unlike a renaming, this doesn't replace what another process has begun meanwhile.
            with suppress(FileExistsError):
                file.hardlink_to(new)
    except OSError as error:
        raise OutputError(
            f"{file}: {error.strerror or error}", fix="choose another place, with free space"
        ) from error


@contextmanager
def _opened(place: str, wait: float, *, read_only: bool) -> Iterator[Any]:
    backend = _server(place) if is_server(place) else _file(place, wait, read_only=read_only)
    try:
        yield backend
    finally:
        backend.disconnect()


def _server(place: str) -> Any:
    try:
        # An extra: most keep a file.
        import psycopg
    except ImportError as error:
        raise ConfigError(
            f"a history on a server needs psycopg: {error}",
            fix="pip install 'sourcing-audit[postgres]'",
        ) from error
    try:
        return ibis.postgres.from_connection(
            psycopg.connect(place, autocommit=True, client_encoding="utf8")
        )
    except psycopg.Error as error:
        raise SourcingAuditError(
            f"{shown(place)}: {first_line(error)}",
            fix="see that the server runs and knows the user and the database",
        ) from error


def _file(place: str, wait: float, *, read_only: bool) -> Any:
    deadline = time.monotonic() + wait
    pause = 0.05
    while True:
        try:
            backend = ibis.duckdb.connect(place, read_only=read_only, **NO_EXTENSIONS)
        except duckdb.IOException as error:
            # DuckDB has no class of its own for this; a file that is none says so otherwise.
            if "lock" not in str(error):
                raise
            if time.monotonic() > deadline:
                raise SourcingAuditError(
                    f"{place}: another process has held it for {wait:.0f} seconds",
                    fix="wait until it is done, or end it",
                ) from error
            time.sleep(pause)
            pause = min(2 * pause, 1.0)
        else:
            backend.raw_sql("SET TimeZone = 'UTC'")
            return backend


@contextmanager
def _guarded(place: str) -> Iterator[None]:
    """Turn a database's failure into an error that names the place."""
    try:
        yield
    except duckdb.Error as error:
        problem = first_line(error)
        if "not a valid DuckDB" in problem or isinstance(error, duckdb.SerializationException):
            raise InputError(
                f"{place}: isn't a database of DuckDB, or is damaged: {problem}",
                fix="restore it from a copy, or begin a new history at another place",
            ) from error
        raise OutputError(
            f"{place}: {problem}", fix="see that it can be written and that the disk has space"
        ) from error
    except SourcingAuditError:
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] == "psycopg":
            raise SourcingAuditError(f"{shown(place)}: {first_line(error)}") from error
        raise


def shown(place: str) -> str:
    """A place as it may be told: of a server's address nothing that may be a password."""
    if not is_server(place):
        return place
    scheme, _, rest = place.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def _column(kind: str) -> str:
    plain = kind.removeprefix("!")
    return _KINDS[plain] + ("" if plain == kind else " NOT NULL")
