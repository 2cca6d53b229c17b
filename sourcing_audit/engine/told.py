"""All that a function depends on, as a digest that is the same in every process.

What is kept for later must be known by all that it follows from. Nobody lists that by hand: it is
told of the function itself, down to the values of its rules. A function of which something can't
be told (a closure, a table, an engine, an object of unknown insides) has no digest.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import sys
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import FunctionType, MethodType
from typing import TYPE_CHECKING

import duckdb
import ibis
from ibis.expr.datatypes import DataType
from pydantic import BaseModel

from sourcing_audit.files import own_modules

if TYPE_CHECKING:
    from collections.abc import Iterable

_PACKAGE = Path(__file__).parents[1].name

_PLAIN = (bool, int, float, str, bytes, dt.date, dt.time, dt.timedelta, Decimal, type(None))

_MOST = 200
"""Objects whose digests are kept, so that the rules are told once in a process."""


class UntoldError(Exception):
    """Something whose meaning can't be told in full."""


@cache
def software() -> str:
    """A digest of what makes SQL of an expression: this tool's modules and its libraries."""
    made_of = (sys.version, ibis.__version__, version("sqlglot"), duckdb.__version__)
    return _digest(repr((*made_of, own_modules())))


def told(*values: object) -> str | None:
    """A digest of values, and of the software that works on them.

    Args:
        values: plain values, enumerations, types of columns, collections of all these, rules,
            frozen dataclasses, and this package's functions, also with some of their arguments or
            bound to one of these.

    Returns:
        None if anything in them can't be told.

    """
    try:
        return _digest(f"{software()} {_tell(values)}")
    except UntoldError:
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _tell(value: object) -> str:
    kind = type(value)
    if kind in _PLAIN:
        found = f"{kind.__name__} {value!r}"
    elif isinstance(value, Enum):
        found = f"{_named(kind)}.{value.name}"
    elif isinstance(value, DataType):
        found = _column(value)
    elif isinstance(value, (tuple, list)):
        found = f"{kind.__name__}({_each(value)})"
    elif isinstance(value, (frozenset, set)):
        found = f"set({','.join(sorted(map(_tell, value)))})"
    elif isinstance(value, Mapping):
        found = f"{kind.__name__}({_each(value.items())})"
    elif isinstance(value, BaseModel) or _is_frozen(value):
        found = _of_object(value)
    else:
        found = _of_function(value)
    return found


@cache
def _column(kind: DataType) -> str:
    return f"{type(kind).__qualname__} {kind!r}"


def _each(values: Iterable[object]) -> str:
    return ",".join(map(_tell, values))


def _of_function(value: object) -> str:
    if isinstance(value, partial):
        return f"partial({_each((value.func, value.args, value.keywords))})"
    if isinstance(value, MethodType):
        return f"method({_named(value.__func__)},{_tell(value.__self__)})"
    return _named(value)


def _named(value: object) -> str:
    """The name of a function or class of this package, where that is what the name stands for."""
    if not isinstance(value, (FunctionType, type)):
        raise UntoldError
    module = sys.modules.get(value.__module__)
    found: object = module
    for name in value.__qualname__.split("."):
        found = getattr(found, name, None)
    if value.__module__.partition(".")[0] != _PACKAGE or found is not value:
        raise UntoldError
    return f"{value.__module__}.{value.__qualname__}"


def _is_frozen(value: object) -> bool:
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return False
    return bool(type(value).__dataclass_params__.frozen)  # type: ignore[attr-defined]


_known: dict[int, tuple[object, str]] = {}
"""By id, with the object itself, so that no other gets its id."""


def _of_object(value: object) -> str:
    known = _known.get(id(value))
    if known is not None:
        return known[1]
    names = (
        type(value).model_fields
        if isinstance(value, BaseModel)
        else [field.name for field in dataclasses.fields(value)]  # type: ignore[arg-type]
    )
    told_of = f"{_named(type(value))}({_each((name, getattr(value, name)) for name in names)})"
    if not isinstance(value, BaseModel):
        # Rows of rules are many, and are in tables of rules.
        if len(_known) >= _MOST:
            _known.clear()
        told_of = _digest(told_of)
        _known[id(value)] = (value, told_of)
    return told_of
