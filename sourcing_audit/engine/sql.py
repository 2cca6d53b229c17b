"""DuckDB's SQL for reading files: quoting, and any type as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NESTED = re.compile(r"^(STRUCT|MAP|UNION|VARIANT)\b|\]$")


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A quoted identifier."""
    return '"' + value.replace('"', '""') + '"'


def file(path: Path | str) -> str:
    """A literal that names one file, even if the name looks like a pattern."""
    return text(re.sub(r"([*?\[])", r"[\1]", str(path)))


def read_parquet(paths: Sequence[Path | str]) -> str:
    """The table function over Parquet files."""
    return f"read_parquet([{', '.join(map(file, paths))}], hive_partitioning = false)"


def signed(column: str) -> str:
    """An unsigned number of 64 bits as the signed one of the same bits."""
    quoted = name(column)
    below = f"({quoted}::HUGEINT - {1 << 64})::BIGINT"
    return f"CASE WHEN {quoted} < {1 << 63} THEN {quoted}::BIGINT ELSE {below} END"


def as_text(column: str, kind: str) -> str:
    """A column of any type as text: lists and structs as JSON, bytes as UTF-8 or else hex."""
    quoted = name(column)
    if kind == "VARCHAR":
        return quoted
    if NESTED.search(kind):
        return f"to_json({quoted})::VARCHAR"
    if kind == "BLOB":
        return f"coalesce(try(decode({quoted})), lower(hex({quoted})))"
    return f"{quoted}::VARCHAR"


def read_csv(
    path: Path,
    *,
    delimiter: str,
    width: int,
    compression: str | None,
    longest: int,
    rejects: str,
) -> str:
    """The table function over a CSV file, strict, with bad records in the table `rejects`.

    No newline style is given: told of CRLF, DuckDB 2.0 reads nothing.
    """
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    packed = {None: "none", "gz": "gzip", "zst": "zstd"}[compression]
    return (
        f"read_csv({file(path)}, columns = {{{columns}}}, auto_detect = false, header = true, "
        f"delim = {text(delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
        f"compression = '{packed}', max_line_size = {longest}, buffer_size = {2 * longest}, "
        f"store_rejects = true, rejects_limit = 0, rejects_table = '{rejects}', "
        f"rejects_scan = '{rejects}_scan')"
    )


def csv_rejects(rejects: str, width: int) -> str:
    """A table of one row for each rejected record, in file order.

    The engine's `line` counts records from the header on.
    """
    return f"""
CREATE TEMP TABLE {rejects}_found AS
SELECT line::BIGINT - 1 AS row,
       CASE error_type::VARCHAR
         WHEN 'MISSING COLUMNS' THEN 'columns_missing'
         WHEN 'TOO MANY COLUMNS' THEN 'columns_extra'
         WHEN 'INVALID ENCODING' THEN 'undecodable'
         WHEN 'LINE SIZE OVER MAXIMUM' THEN 'record_too_large'
         ELSE 'bad_quoting'
       END AS reason,
       CASE error_type::VARCHAR
         WHEN 'MISSING COLUMNS' THEN 'expected {width} columns, found '
              || regexp_extract(error_message, 'Found: ([0-9]+)', 1)
         WHEN 'TOO MANY COLUMNS' THEN 'expected {width} columns, found more'
         WHEN 'INVALID ENCODING' THEN 'expected UTF-8'
         WHEN 'LINE SIZE OVER MAXIMUM' THEN
              'expected at most ' || regexp_extract(error_message, '([0-9]+) bytes', 1) || ' bytes'
         ELSE 'expected quotes around a whole value, doubled inside it'
       END AS detail,
       trim(csv_line, chr(10) || chr(13))[:120] AS excerpt,
       contains(trim(csv_line, chr(10) || chr(13)), chr(10)) AS several_lines
FROM {rejects}
QUALIFY row_number() OVER (PARTITION BY line ORDER BY byte_position, error_type::VARCHAR) = 1
ORDER BY row"""


def number_csv(accepted: Path, rejected: str) -> str:
    """Accepted records with their number: one more for each rejected record before them."""
    return f"""
SELECT accepted.* EXCLUDE (before), before + 1 + coalesce(skipped, 0) AS row
FROM (SELECT *, file_row_number AS before FROM {read_parquet([accepted])}) AS accepted
ASOF LEFT JOIN (
  SELECT row - nth AS reached, max(nth) AS skipped
  FROM (SELECT row, row_number() OVER (ORDER BY row) AS nth FROM ({rejected}))
  GROUP BY ALL
) AS gaps ON accepted.before >= gaps.reached"""


def json_keys(lines: str, limit: int) -> str:
    """The keys of JSON objects in a query's column `line`."""
    return f"""
SELECT key FROM (SELECT unnest(try(json_keys(line))) AS key FROM ({lines}))
GROUP BY key ORDER BY count(*) DESC, key LIMIT {limit}"""


def json_records(lines: str, keys: Sequence[str]) -> str:
    """The records of a query's column `line`, each parsed once."""
    paths = ", ".join(text(json_pointer([key])) for key in keys) or "'/'"
    values = ", ".join(f"found[{i}] AS c{i - 1}" for i in range(1, len(keys) + 1))
    return f"""
SELECT row,
       CASE WHEN reason IS NOT NULL OR found IS NOT NULL THEN reason
            WHEN json_valid(line) THEN 'not_an_object' ELSE 'invalid_json' END AS reason,
       CASE WHEN reason IS NOT NULL OR found IS NOT NULL THEN detail
            ELSE 'expected one JSON object on each line' END AS detail,
       CASE WHEN reason IS NOT NULL OR found IS NOT NULL THEN excerpt
            ELSE trim(line[:121], chr(10) || chr(13))[:120] END AS excerpt
       {"," if values else ""} {values}
FROM (SELECT *, CASE WHEN starts_with(ltrim(line, ' ' || chr(9) || chr(13)), '{{')
                     THEN try(json_extract_string(line, [{paths}])) END AS found
      FROM ({lines}))"""


def json_pointer(path: Sequence[str]) -> str:
    """A path inside JSON as RFC 6901 writes it."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
