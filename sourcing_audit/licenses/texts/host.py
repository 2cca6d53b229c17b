"""The process that holds ScanCode's index, and forks the workers that match texts against it.

Started as a program of its own, so that the index isn't in the memory of the audit, and no thread
runs where processes are forked. It ends when its standard input does.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from sourcing_audit.licenses.texts import frames
from sourcing_audit.licenses.texts.scancode import Matcher
from sourcing_audit.licenses.texts.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

_MORE_MEMORY = 2 << 30
"""Bytes that a worker may use beyond the index."""


@dataclass(slots=True)
class Worker:
    """A forked process that answers one text at a time."""

    pid: int
    requests: BinaryIO
    answers: BinaryIO
    number: int | None = None
    """Of the text that it works on."""
    started: float = 0.0

    def stop(self) -> None:
        """End the process, whatever it does."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        for stream in (self.requests, self.answers):
            try:
                stream.close()
            except OSError:
                # What was still to be written to a dead process is nobody's any more.
                continue


class Host:
    """Gives texts to workers, and replaces those that die or take too long."""

    def __init__(
        self,
        respond: Callable[[str], dict[str, Any]],
        *,
        workers: int,
        deadline: float,
        source: BinaryIO,
        sink: BinaryIO,
    ) -> None:
        """Answer the texts that come in at `source` with `respond`, into `sink`."""
        self._respond = respond
        self._most = workers
        self._deadline = deadline
        self._source = source
        self._sink = sink
        self._waiting: deque[dict[str, Any]] = deque()
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(source, selectors.EVENT_READ)

    def run(self) -> None:
        """Work until there are no more texts."""
        open_ = True
        while open_:
            self._assign()
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    message = frames.read(self._source)
                    open_ = message is not None
                    if message is not None:
                        self._waiting.append(message)
                else:
                    self._collect(key.data)
            self._end_late()
        for worker in self._workers:
            worker.stop()

    def _assign(self) -> None:
        while self._waiting:
            worker = next((each for each in self._workers if each.number is None), None)
            if worker is None:
                if len(self._workers) >= self._most:
                    return
                worker = self._fork()
            message = self._waiting.popleft()
            worker.number = message["number"]
            worker.started = time.monotonic()
            try:
                frames.write(worker.requests, message)
            except OSError:
                self._replace(worker, "crashed")

    def _patience(self) -> float | None:
        busy = [worker.started for worker in self._workers if worker.number is not None]
        if not busy:
            return None
        return max(0.0, min(busy) + self._deadline - time.monotonic())

    def _collect(self, worker: Worker) -> None:
        if worker not in self._workers:
            return
        answer = frames.read(worker.answers)
        if answer is None:
            self._replace(worker, "crashed")
            return
        worker.number = None
        frames.write(self._sink, answer)

    def _end_late(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.number is not None and now - worker.started >= self._deadline:
                self._replace(worker, "timeout")

    def _replace(self, worker: Worker, why: str) -> None:
        """Answer for a worker that can't, and make room for another."""
        self._workers.remove(worker)
        self._selector.unregister(worker.answers)
        worker.stop()
        if worker.number is not None:
            frames.write(self._sink, {"number": worker.number, "failed": why})

    def _fork(self) -> Worker:
        request_end, requests = os.pipe()
        answers, answer_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            _work(self._respond, request_end, answer_end)
        os.close(request_end)
        os.close(answer_end)
        worker = Worker(pid, os.fdopen(requests, "wb"), os.fdopen(answers, "rb", buffering=0))
        self._workers.append(worker)
        self._selector.register(worker.answers, selectors.EVENT_READ, worker)
        return worker


def _work(respond: Callable[[str], dict[str, Any]], request_end: int, answer_end: int) -> NoReturn:
    """Answer texts until there are no more; never returns to the host's code."""
    try:
        _close_others(request_end, answer_end)
        _limit_memory()
        with os.fdopen(request_end, "rb") as requests, os.fdopen(answer_end, "wb") as answers:
            while (message := frames.read(requests)) is not None:
                frames.write(answers, _answered(respond, message))
    finally:
        os._exit(0)


def _answered(respond: Callable[[str], dict[str, Any]], message: dict[str, Any]) -> dict[str, Any]:
    number = message["number"]
    try:
        return {"number": number, "answer": respond(message["text"])}
    except Exception:  # noqa: BLE001 - whatever a text does to the matcher is a finding about it
        return {"number": number, "failed": "crashed"}


def _close_others(*kept: int) -> None:
    """Close what was inherited: an open end of a pipe would keep another worker waiting."""
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 4_096)


def _limit_memory() -> None:
    """Let a text that needs more memory than any licence does fail by itself."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + _MORE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ImportError, OSError, ValueError):
        # Not every system can tell or limit it; the length of texts is limited anyway.
        return


def main() -> int:
    """Read the settings, load the index, say that it is there, and work."""
    source = os.fdopen(os.dup(0), "rb", buffering=0)
    sink = os.fdopen(os.dup(1), "wb")
    # What ScanCode prints must not get between the messages.
    os.dup2(2, 1)
    settings = frames.read(source)
    if settings is None:
        return 0
    try:
        matcher = Matcher(Words(settings["words"]))
    except Exception as error:  # noqa: BLE001 - an installation can be broken in any way
        frames.write(sink, {"ready": False, "why": f"{type(error).__name__}: {error}"[:500]})
        return 1
    gc.collect()
    gc.freeze()
    frames.write(sink, {"ready": True})
    host = Host(
        lambda text: matcher.answer(text).as_json(),
        workers=settings["workers"],
        deadline=settings["deadline"],
        source=source,
        sink=sink,
    )
    try:
        host.run()
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
