"""Many texts in, an answer for each out, in order: repeated texts once, the rest side by side."""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sourcing_audit.licenses.texts.known import default_cache
from sourcing_audit.licenses.texts.matching import Matching
from sourcing_audit.licenses.texts.reading import Reader, Reading
from sourcing_audit.licenses.texts.scancode import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.licenses.texts.detection import Detection
    from sourcing_audit.licenses.texts.known import Progress

_REMEMBERED = 65_536
"""Answers kept for texts that come again, and texts that may wait behind one that takes long."""
_MOST_MATCHING = 64
_MOST_MATCHING_CHARS = 8_000_000
"""Texts and characters that are with the matcher at a time."""


def silent(_step: str, _done: int, _total: int | None) -> None:
    """Report no progress."""


@dataclass(slots=True)
class _Job:
    """A text whose answer is due, in the order of the input."""

    key: bytes
    reading: Reading
    answer: Detection | None


class Detector:
    """Detects the licences that texts state; a context manager that owns worker processes."""

    def __init__(
        self,
        rules: LicenseRules,
        *,
        cache: Path | None = None,
        deadline: float = 20.0,
        workers: int | None = None,
        progress: Progress = silent,
    ) -> None:
        """Prepare; nothing heavy is loaded before a text needs it.

        Args:
            rules: says what licences are, and how texts speak of them.
            cache: where the index of known texts is kept, instead of the user's cache folder.
            deadline: seconds that matching one text may take.
            workers: processes to match with; as many as there are processors if not given.
            progress: told of what takes long.

        """
        self._reader = Reader(rules, cache=cache or default_cache(), progress=progress)
        self._matching = Matching(
            self._reader.words, deadline=deadline, workers=workers, progress=progress
        )
        self._answers: OrderedDict[bytes, Detection] = OrderedDict()

    def __enter__(self) -> Self:
        """Use the detector for the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the worker processes."""
        self._matching.close()

    def detect(self, texts: Iterable[str]) -> Iterator[Detection]:
        """The answer for each text, in order, as the texts come. No text makes it raise."""
        queue = _Queue(self._reader, self._matching, self._answers)
        for text in texts:
            queue.put(text)
            yield from queue.ready()
        yield from queue.rest()


class _Queue:
    """The texts of one call that are under way."""

    def __init__(
        self, reader: Reader, matching: Matching, answers: OrderedDict[bytes, Detection]
    ) -> None:
        self._reader = reader
        self._matching = matching
        self._answers = answers
        self._due: deque[_Job] = deque()
        self._matched: dict[int, _Job] = {}
        self._by_key: dict[bytes, _Job] = {}
        self._chars = 0

    def put(self, text: str) -> None:
        """Begin with a text, or join it to an equal one that is under way."""
        key = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        job = self._by_key.get(key)
        if job is None:
            known = self._answers.get(key)
            reading = Reading(answer=known) if known else self._reader.read(text)
            job = _Job(key, reading, reading.answer)
            if job.answer is None:
                self._send(job)
            elif known is None:
                self._remember(job)
        self._due.append(job)

    def ready(self) -> Iterator[Detection]:
        """The answers that are there; waits for some if too much is under way."""
        while self._due:
            answer = self._due[0].answer
            if answer is not None:
                self._due.popleft()
                yield answer
            elif self._full():
                self._take()
            else:
                return

    def rest(self) -> Iterator[Detection]:
        """All answers that are still due."""
        while self._due:
            answer = self._due[0].answer
            if answer is None:
                self._take()
            else:
                self._due.popleft()
                yield answer

    def _full(self) -> bool:
        return (
            len(self._matched) >= _MOST_MATCHING
            or self._chars >= _MOST_MATCHING_CHARS
            or len(self._due) >= _REMEMBERED
        )

    def _send(self, job: _Job) -> None:
        self._by_key[job.key] = job
        self._chars += len(job.reading.text)
        number = self._matching.send(job.reading.text)
        self._matched[number] = job

    def _take(self) -> None:
        """Take one answer from the matcher to the text that waits for it."""
        number, answer = self._matching.receive()
        job = self._matched.pop(number, None)
        if job is None:
            # Of an earlier call that wasn't read to its end.
            return
        found = answer if isinstance(answer, str) else Answer.from_json(answer)
        job.answer = self._reader.conclude(job.reading, found)
        self._chars -= len(job.reading.text)
        job.reading = Reading()
        self._by_key.pop(job.key)
        self._remember(job)

    def _remember(self, job: _Job) -> None:
        if job.answer is not None:
            self._answers[job.key] = job.answer
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
