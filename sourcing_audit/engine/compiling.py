"""Expressions compiled to SQL once in a process, whatever their tables are called.

Ibis takes longer to compile an audit's expressions than the engine to run them on a small dataset,
and most are the same in each audit. What an expression was compiled to is kept under all that the
expression says: its operations, their constants, the columns and types of its tables. Nothing that
it depends on can be forgotten, because nothing else is given to the compiler. An expression that
holds what can't be told in full is compiled each time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

import ibis.expr.operations as ops
from ibis.expr.datashape import DataShape
from ibis.expr.datatypes import DataType
from ibis.expr.operations.udf import InputType

from sourcing_audit.engine import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import ibis.expr.types as ir

MOST = 5_000
"""Queries that are kept; an audit asks some hundred."""

_PLAIN = (bool, int, float, str, bytes, dt.date, dt.time, dt.timedelta, Decimal, UUID, type(None))

# Nobody can write into a manifest or registry what would be taken for a table's place.
_SECRET = secrets.token_hex(16)
_PLACE = re.compile(rf'"{_SECRET} (\d+)"')


@dataclass(frozen=True)
class Said:
    """All that an expression says."""

    key: bytes
    """A digest of it, the same for expressions that differ only in the names of their tables."""
    tables: tuple[ops.DatabaseTable, ...]
    """Those tables, each once."""


@dataclass(frozen=True)
class _Template:
    """A query with places for the names of its tables."""

    parts: tuple[str, ...]
    """SQL, and at every second place the number of a table."""

    @classmethod
    def of(cls, query: str) -> _Template:
        return cls(tuple(_PLACE.split(query)))

    def with_names(self, names: Sequence[str]) -> str:
        parts = list(self.parts)
        parts[1::2] = [names[int(number)] for number in parts[1::2]]
        return "".join(parts)


_kept: dict[tuple[bytes, Hashable], _Template] = {}


@cache
def _type(kind: DataType) -> str:
    return f"{type(kind).__qualname__} {kind!r}"


class _UntoldError(Exception):
    """Something in an expression whose meaning can't be told in full."""


def compiled(expr: ir.Table, compile_: Callable[[ir.Table], str], *by: Hashable) -> str:
    """An expression's SQL, compiled if no such expression was before.

    Args:
        expr: over tables of the engine.
        compile_: to SQL in which the names of tables are quoted.
        by: what else `compile_` depends on.

    """
    op = expr.op()
    found = said(op)
    if found is None:
        return compile_(expr)
    key = (found.key, by)
    template = _kept.get(key)
    if template is None:
        places = {
            table: table.copy(name=f"{_SECRET} {number}")
            for number, table in enumerate(found.tables)
        }
        template = _Template.of(compile_(op.replace(places).to_expr()))
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = template
    return template.with_names([sql.name(table.name) for table in found.tables])


def said(op: ops.Node) -> Said | None:
    """All that an expression says; None if something in it can't be told."""
    telling = _Telling()
    try:
        telling.tell(op)
    except _UntoldError:
        return None
    return Said(telling.digest.digest(), tuple(telling.tables))


class _Telling:
    """Tells each node once, after those that it is made of, and by their numbers."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.tables: list[ops.DatabaseTable] = []
        self._numbers: dict[ops.Node, int] = {}

    def tell(self, root: ops.Node) -> None:
        numbers, stack = self._numbers, [root]
        while stack:
            node = stack[-1]
            waiting = [part for part in node.__children__ if part not in numbers]
            if node in numbers:
                stack.pop()
            elif waiting:
                stack.extend(reversed(waiting))
            else:
                stack.pop()
                self.digest.update(f"{self._node(node)}\n".encode(errors="surrogatepass"))
                numbers[node] = len(numbers)

    def _node(self, node: ops.Node) -> str:
        kind = f"{type(node).__module__}.{type(node).__qualname__}"
        if isinstance(node, ops.DatabaseTable):
            self.tables.append(node)
            return f"table {node.namespace!r} {self._value(node.schema)}"
        if isinstance(node, (ops.ScalarUDF, ops.AggUDF)):
            # Their classes are made anew for each, and may share a name.
            if node.__input_type__ is not InputType.BUILTIN:
                raise _UntoldError
            kind += f" {node.__func_name__!r} {node.__udf_namespace__!r} {node.dtype!r}"
        return f"{kind}{self._value(node.__args__)}"

    def _value(self, value: object) -> str:
        if isinstance(value, ops.Node):
            told = f"#{self._numbers[value]}"
        elif isinstance(value, Enum):
            told = f"{type(value).__qualname__}.{value.name}"
        elif isinstance(value, _PLAIN):
            told = repr(value)
        elif isinstance(value, DataType):
            told = _type(value)
        elif isinstance(value, DataShape):
            told = type(value).__qualname__
        elif isinstance(value, tuple):
            told = f"({','.join(map(self._value, value))})"
        elif isinstance(value, frozenset):
            told = f"{{{','.join(sorted(map(self._value, value)))}}}"
        elif isinstance(value, Mapping):
            told = f"[{','.join(map(self._value, value.items()))}]"
        else:
            raise _UntoldError
        return told
