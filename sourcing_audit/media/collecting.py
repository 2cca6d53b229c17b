"""From items to the media files that they have, and what those say: each distinct file once."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit.media import local
from sourcing_audit.media.statements import FIELDS, records
from sourcing_audit.sources import embedded
from sourcing_audit.sources.interface import STRIDE, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.media.found import Found
    from sourcing_audit.media.processes import Processes
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.sources.interface import MediaShard

    Progress = Callable[[str, int, int | None], None]

STEP = "reading media files"
_AHEAD = 32
"""Files that may be under way for each worker."""
_ROWS = 10_000

STATEMENTS = pa.schema([("row", pa.int64()), *((name, pa.string()) for name in FIELDS)])
_OUTCOME = [("sha256", pa.string()), ("rest", pa.string()), ("finding", pa.string())]
BY_PATH = pa.schema([("shard", pa.string()), ("media_path", pa.string()), *_OUTCOME])
BY_ROW = pa.schema([("pos", pa.int64()), *_OUTCOME])

Outcome = tuple[str | None, str | None, str | None]
"""The file's SHA-256, those of further files with spaces between, and why one wasn't read."""


@dataclass
class Collected:
    """What was found, as files in the work folder."""

    statements: Path
    """Columns of `STATEMENTS`."""
    by_path: Path
    """Columns of `BY_PATH`, a row for each distinct path of a shard."""
    by_row: Path
    """Columns of `BY_ROW`, a row for each item with files in columns of its own."""
    files: int = 0
    """Distinct files that were read."""
    spoken: int = 0
    """Statements that they hold."""
    digest: str = ""
    """SHA-256 over those of all files, in the order in which they were met."""
    cut: list[tuple[int, int]] = field(default_factory=list)
    """Shards whose media columns are damaged, with the last row that could be read."""


class Collector:
    """Reads files side by side, and keeps what they say in the order in which they were met."""

    def __init__(
        self, engine: Engine, processes: Processes, rules: ConsentRules, progress: Progress
    ) -> None:
        """Read with `processes`, into a new folder of the engine's."""
        folder = engine.new_folder()
        self._engine = engine
        self._processes = processes
        self._rules = rules
        self._progress = progress
        self._spool = engine.new_folder()
        self._names = count()
        self._under_way: deque[tuple[str, Future[list[Found]]]] = deque()
        self._seen: set[bytes] = set()
        self._whole = hashlib.sha256()
        self._pending: list[dict[str, str | int | None]] = []
        self._found = Collected(
            folder / "statements.parquet", folder / "paths.parquet", folder / "rows.parquet"
        )

    def collect(self, paths: ir.Table | None, shards: Sequence[MediaShard]) -> Collected:
        """Read every file.

        Args:
            paths: `shard` and `media_path`, distinct; None where the manifest names no paths.
            shards: those with media in columns of their own.

        """
        with pq.ParquetWriter(self._found.statements, STATEMENTS) as statements:
            self._write(self._found.by_path, BY_PATH, self._by_path(paths), statements)
            self._write(self._found.by_row, BY_ROW, self._by_row(shards), statements)
            self._take(statements, 0)
            self._save(statements)
        self._found.files = len(self._seen)
        self._found.digest = self._whole.hexdigest()
        self._progress(STEP, self._found.files, self._found.files)
        return self._found

    def _write(
        self,
        path: Path,
        schema: pa.Schema,
        rows: Iterable[tuple[str | int | None, ...]],
        statements: pq.ParquetWriter,
    ) -> None:
        """Write outcomes as they come, and meanwhile what the files said."""
        with pq.ParquetWriter(path, schema) as writer:
            batch: list[tuple[str | int | None, ...]] = []
            for row in rows:
                batch.append(row)
                self._take(statements, _AHEAD * self._processes.workers)
                if len(batch) == _ROWS:
                    writer.write_batch(_batch(batch, schema))
                    batch = []
            if batch:
                writer.write_batch(_batch(batch, schema))

    def _by_path(self, paths: ir.Table | None) -> Iterator[tuple[str | None, ...]]:
        if paths is None:
            return
        for batch in self._engine.batches(paths.order_by(["shard", "media_path"])):
            for shard, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                outcome = self._of([embedded.File(None, text)], Path(shard).parent)
                yield shard, text, *outcome

    def _by_row(self, shards: Sequence[MediaShard]) -> Iterator[tuple[str | int | None, ...]]:
        for media in shards:
            last = 0
            # No path that stands in a table from elsewhere means a file of this disk.
            here = media.shard.is_here
            folder = media.shard.path.parent if here else Path(media.shard.name)
            try:
                for row, files in embedded.files(media):
                    outcome = self._of(files, folder)
                    last = row
                    yield media.number * STRIDE + row, *outcome
            except UnreadableError:
                self._found.cut.append((media.number, last))

    def _of(self, files: Sequence[embedded.File], folder: Path) -> Outcome:
        """Have the files of one item read."""
        digests: dict[str, None] = {}
        finding = None
        for file in files:
            try:
                digest = self._send(file, folder)
            except local.NotReadError as error:
                finding = finding or error.reason
                continue
            if digest is not None:
                digests[digest] = None
        first, *rest = digests or [None]
        return first, " ".join(filter(None, rest)) or None, finding

    def _send(self, file: embedded.File, folder: Path) -> str | None:
        if file.content is not None:
            digest = hashlib.sha256(file.content).hexdigest()
            if self._is_new(digest):
                path = self._spool / str(next(self._names))
                path.write_bytes(file.content)
                self._under_way.append((digest, self._processes.read(path, remove=True)))
            return digest
        if file.path is None or local.elsewhere(file.path):
            return None
        path = local.resolved(folder, file.path)
        digest = local.digest(path)
        if self._is_new(digest):
            self._under_way.append((digest, self._processes.read(path)))
        return digest

    def _is_new(self, digest: str) -> bool:
        key = bytes.fromhex(digest)
        if key in self._seen:
            return False
        self._seen.add(key)
        self._whole.update(key)
        return True

    def _take(self, writer: pq.ParquetWriter, most: int) -> None:
        """Take answers until at most so many are under way."""
        while len(self._under_way) > most:
            digest, answer = self._under_way.popleft()
            for record in records(digest, answer.result(), self._rules):
                self._found.spoken += 1
                self._pending.append({"row": self._found.spoken, **record})
            self._progress(STEP, len(self._seen) - len(self._under_way), None)
            if len(self._pending) >= _ROWS:
                self._save(writer)

    def _save(self, writer: pq.ParquetWriter) -> None:
        if self._pending:
            writer.write_batch(pa.RecordBatch.from_pylist(self._pending, schema=STATEMENTS))
            self._pending = []


def _batch(rows: Sequence[tuple[str | int | None, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, each.type) for values, each in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)
