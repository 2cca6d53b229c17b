"""Ibis' expressions in Spark's SQL, with the meaning that they have in DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from sourcing_audit.engine import regex

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt

JSON_TEXT = "sourcing_audit_json_text"
"""The function of `spark_json`, under the name by which it is registered."""

SMALLEST = "sourcing_audit_smallest"
"""Spark's own `collect_top_k`, which holds no more than it returns, under a name of ours: Spark
keeps it to itself."""

_SMALL = {"\u0130": "i", "\u03a3": "\u03c3"}

_MOMENT = r"(?d)^(.{10})(?:[T ]([0-9:.]+)(Z|[+-]\d\d(?::?\d\d)?)?)?\z"
"""Day, time and offset of a moment in ISO 8601."""

_WORD = 1 << 64


class SparkSql(PySparkCompiler):  # type: ignore[misc]
    """Writes an expression for Spark.

    Spark has no unsigned numbers: those of 64 bits are kept as the signed ones of the same bits,
    which serves where bits are cut out, compared and counted.
    """

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:
        """Whether a pattern is found."""
        return self.f.regexp_like(arg, self._pattern(op, pattern))

    def visit_RegexExtract(self, op: Any, *, arg: Any, pattern: Any, index: Any) -> Any:
        """What a group of a pattern matches."""
        return self.f.regexp_extract(arg, self._pattern(op, pattern), index)

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        """A text with what a pattern matches replaced."""
        del replacement
        new = regex.replacement(op.replacement.value)
        return self.f.regexp_replace(arg, self._pattern(op, pattern), sge.convert(new))

    def _pattern(self, op: Any, pattern: Any) -> Any:
        if isinstance(op.pattern, ops.Literal):
            return sge.convert(regex.java(op.pattern.value))
        # One of a record: text with `.*` in it. What stands between two of these is taken at its
        # first place, once and for all, so that the time is that of reading the text.
        once = self.f.regexp_replace(
            pattern, sge.convert(r"\.\*((?:\\.|[^.\\])+)(?=\.\*)"), sge.convert("(?>.*?$1)")
        )
        return self.f.concat(sge.convert(regex.LINES), once)

    def visit_Lowercase(self, op: Any, *, arg: Any) -> Any:
        """Small letters, one for each: Java has two for one, and two kinds for another."""
        del op
        for capital, small in _SMALL.items():
            arg = self.f.replace(arg, sge.convert(capital), sge.convert(small))
        return self.f.lower(arg)

    def visit_StringSplit(self, op: Any, *, arg: Any, delimiter: Any) -> Any:
        """The parts of a text between a delimiter, which Spark takes for a pattern."""
        del delimiter
        return self.f.split(arg, sge.convert(regex.literal(op.delimiter.value)))

    def visit_StringSQLLike(self, op: Any, *, arg: Any, pattern: Any, escape: Any) -> Any:
        r"""A text like a pattern: `\` is no escape, and a character is one beyond the first 65,536.

        Spark's own LIKE takes such characters apart.
        """
        del op, escape
        plain = self.f.regexp_replace(
            pattern, sge.convert(r"([\\.+*?^$|(){}\[\]&-])"), sge.convert(r"\\$1")
        )
        wild = self.f.replace(plain, sge.convert("%"), sge.convert("(?s:.*)"))
        wild = self.f.replace(wild, sge.convert("_"), sge.convert("(?s:.)"))
        return self.f.regexp_like(arg, self.f.concat(sge.convert("^"), wild, sge.convert(r"\z")))

    def visit_TryCast(self, op: Any, *, arg: Any, to: dt.DataType) -> Any:
        """A value as another type, NULL where it isn't; moments with any offset, and 24 o'clock."""
        if not (to.is_timestamp() and to.timezone and op.arg.dtype.is_string()):
            return super().visit_TryCast(op, arg=arg, to=to)
        day, clock, zone = (
            self.f.regexp_extract(arg, sge.convert(_MOMENT), n) for n in range(1, 4)
        )
        late = self.f.regexp_like(clock, sge.convert(r"^24:00(?::00(?:\.0+)?)?\z"))
        begun = self.if_(late | clock.eq(""), sge.convert("00:00"), clock)
        digits = self.f.replace(zone, sge.convert(":"), sge.convert(""))
        hours, minutes = (
            sge.cast(self.f.nullif(self.f.substring(digits, at, 2), sge.convert("")), "int")
            for at in (2, 4)
        )
        # `+05`, `+0530` or `+05:30`; a lone `Z` or nothing has no hours.
        offset = hours * 60 + self.f.coalesce(minutes, 0)
        ahead = self.if_(zone.isin("", "Z"), sge.convert(0), offset)
        back = self.if_(zone.like("-%"), ahead, -sge.paren(ahead))
        days = self.if_(late, sge.convert(1), sge.convert(0))
        moment = self.f.anon.try_to_timestamp(self.f.concat(day, sge.convert(" "), begun))
        return moment + self.f.anon.make_dt_interval(days, 0, back)

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        """The functions of `engine.functions`."""
        values = list(arguments.values())
        match op.__func_name__:
            case "array_extract":
                return self.f.substring(*values, sge.convert(1))
            case "hash":
                return self.f.anon.xxhash64(*values)
            case "json_valid":
                # What isn't valid has nothing at its paths.
                return sge.true()
            case "json_extract_string":
                return self.f.anon[JSON_TEXT](*values)
            case name:
                return self.f.anon[name](*values)

    def visit_AggUDF(self, op: Any, *, where: Any, **arguments: Any) -> Any:
        """`engine.functions.smallest`, the only one."""
        del op, where
        return self.f.anon[SMALLEST](*arguments.values(), sge.true())

    def visit_Cast(self, op: Any, *, arg: Any, to: dt.DataType) -> Any:
        """A value as another type; words of hashes are written in hexadecimal, after `0x`."""
        if to.is_uint64() and op.arg.dtype.is_string():
            return sge.cast(self.f.anon.conv(self.f.substring(arg, 3), 16, -10), "bigint")
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_BitwiseRightShift(self, op: Any, *, left: Any, right: Any) -> Any:
        """Bits moved to the right, zeros coming in from the left."""
        del op
        return self.f.anon.shiftrightunsigned(left, right)

    def visit_Literal(self, op: Any, *, value: Any, dtype: dt.DataType) -> Any:
        """A value of its type also where it says nothing of its type: an empty list."""
        if dtype.is_uint64():
            if value is None:
                return sge.cast(sge.null(), "bigint")
            value -= _WORD if value >= _WORD // 2 else 0
        written = super().visit_Literal(op, value=value, dtype=dtype)
        return self.cast(written, dtype) if dtype.is_array() and not value else written
