"""The audit's side of the worker processes: files in, what they say out. Never hangs or dies."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from sourcing_audit import processes
from sourcing_audit.media.found import PLUS, Found, unreadable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import IO

_MODULE = "sourcing_audit.media.worker"
_STARTING = 60.0
"""Seconds that a new process may take longer, to load its libraries."""
_PER_MEGABYTE = 0.05
"""Seconds that a file may take longer for each megabyte."""
_GOODBYE = 2.0
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that isn't there: what a library might want to fetch in spite of its settings."""


class Processes:
    """Worker processes, each with a thread that waits for it; a context manager."""

    def __init__(
        self, *, deadline: float = 30.0, workers: int | None = None, module: str = _MODULE
    ) -> None:
        """Prepare; a process is started when its first file comes."""
        self.workers = workers or _processors()
        self._deadline = deadline
        self._module = module
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._started: list[_Process] = []
        self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="media")

    def __enter__(self) -> Self:
        """Use the processes for the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        self._pool.shutdown(wait=kind is None, cancel_futures=True)
        for process in self._started:
            process.close()

    def read(self, path: Path, *, remove: bool = False) -> Future[list[Found]]:
        """What a file says; no file makes it raise.

        Args:
            path: the file.
            remove: whether to remove it afterwards.

        """
        return self._pool.submit(self._read, path, remove)

    def _read(self, path: Path, remove: bool) -> list[Found]:
        try:
            process = self._idle.get_nowait()
        except queue.Empty:
            process = _Process(self._module)
            self._started.append(process)
        try:
            size = path.stat().st_size / 2**20
            return process.ask(path, self._deadline + size * _PER_MEGABYTE)
        except OSError as error:
            return [unreadable(PLUS, f"the file can't be read: {error.strerror}")]
        finally:
            self._idle.put(process)
            if remove:
                path.unlink(missing_ok=True)


class _Process:
    """One worker, started again when it has died."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def ask(self, path: Path, seconds: float) -> list[Found]:
        """Have a file read."""
        fresh = self._process is None
        process = self._process or self._start()
        try:
            if process.stdin is None:
                raise BrokenPipeError
            process.stdin.write(json.dumps(str(path)) + "\n")
            process.stdin.flush()
            line = self._answers.get(timeout=seconds + (_STARTING if fresh else 0.0))
        except queue.Empty:
            self.close()
            return [unreadable(PLUS, f"reading the file took more than {seconds:.0f} seconds")]
        except OSError:
            line = None
        if line is None:
            self.close()
            return [unreadable(PLUS, "the file ended the process that read it")]
        return [Found(**each) for each in json.loads(line)]

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            processes.end(process, _GOODBYE, subprocess.Popen.kill)

    def _start(self) -> subprocess.Popen[str]:
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), _NOWHERE)
        lower = {name.lower(): value for name, value in proxies.items()}
        # -P: the folder that the user stands in holds data, not modules.
        process = subprocess.Popen(  # noqa: S603 - our own module, without a shell
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | proxies | lower,
            encoding="ascii",
        )
        self._process = process
        self._answers = queue.SimpleQueue()
        if process.stdout is not None:
            threading.Thread(
                target=_listen, args=(process.stdout, self._answers), daemon=True
            ).start()
        return process


def _listen(stream: IO[str], answers: queue.SimpleQueue[str | None]) -> None:
    """Hand on every answer, then None."""
    # An answer that is no text ends the conversation just as a missing one does.
    with stream, contextlib.suppress(OSError, ValueError):
        for line in stream:
            if not line.endswith("\n"):
                break
            answers.put(line)
    answers.put(None)


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
