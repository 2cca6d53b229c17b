"""The audit's side of ScanCode: starts the host, sends texts, takes answers. Never hangs."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from sourcing_audit import processes
from sourcing_audit.licenses.texts import frames
from sourcing_audit.licenses.texts.detection import CRASHED, NO_FORK, NO_SCANCODE, TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from sourcing_audit.licenses.texts.words import Words

    Progress = Callable[[str, int, int | None], None]

STEP = "Loading ScanCode's licence index"
_LOADING = 1_800.0
"""Seconds: ScanCode builds its index when it is first used, which takes minutes."""
_GRACE = 30.0
"""Seconds beyond its own deadline after which a host that says nothing is taken for dead."""
_REASONS = {"timeout": TIMEOUT, "crashed": CRASHED}
_GOODBYE = 5.0
_MOST_STARTS = 3
_MODULE = "sourcing_audit.licenses.texts.host"


class Matching:
    """Texts in, ScanCode's answers out; started when the first text comes."""

    def __init__(
        self,
        words: Words,
        *,
        deadline: float,
        workers: int | None,
        progress: Progress,
        module: str = _MODULE,
    ) -> None:
        """Prepare; `module` is the program that answers."""
        self.workers = workers or _processors()
        self.unusable: str | None = None if hasattr(os, "fork") else NO_FORK
        """The reason for which no text can be matched, once that is known."""
        self._settings = {
            "words": words.listed,
            "deadline": deadline,
            "workers": self.workers,
        }
        self._deadline = deadline
        self._progress = progress
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._starts = 0
        self._sent = 0
        self._pending: set[int] = set()
        self._lost: list[int] = []

    def send(self, text: str) -> int:
        """Have `text` matched; `receive` gives the answer under the number that this returns."""
        number = self._sent
        self._sent += 1
        if not self._running():
            self._lost.append(number)
            return number
        process = self._process
        try:
            if process is None or process.stdin is None:
                raise BrokenPipeError
            self._pending.add(number)
            clean = text.encode("utf-8", "replace").decode("utf-8")
            frames.write(process.stdin, {"number": number, "text": clean})
        except OSError:
            self._lose()
        return number

    def receive(self) -> tuple[int, dict[str, Any] | str]:
        """The next answer: what the matcher says, or the reason for which it says nothing."""
        if self._lost:
            return self._lost.pop(), self.unusable or CRASHED
        turns = -(-len(self._pending) // self.workers)
        try:
            message = self._answers.get(timeout=self._deadline * turns + _GRACE)
        except queue.Empty:
            message = None
        if message is None:
            self._lose()
            return self._lost.pop(), CRASHED
        number = message["number"]
        self._pending.discard(number)
        failed = message.get("failed")
        return number, _REASONS.get(failed, CRASHED) if failed else message["answer"]

    def close(self) -> None:
        """End the host and its workers."""
        process, self._process = self._process, None
        if process is not None:
            processes.end(process, _GOODBYE, _kill)

    def _running(self) -> bool:
        if self._process is not None:
            return True
        if self.unusable is None:
            self.unusable = self._start()
        return self.unusable is None

    def _start(self) -> str | None:
        """Start the host; the reason if that can't be done."""
        self._starts += 1
        if self._starts > _MOST_STARTS:
            return CRASHED
        self._progress(STEP, 0, None)
        # -P: the folder that the user stands in holds data, not modules.
        process = subprocess.Popen(  # noqa: S603 - our own module, without a shell
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._process = process
        self._answers = queue.SimpleQueue()
        if process.stdin is None or process.stdout is None:
            return CRASHED
        threading.Thread(
            target=_read, args=(process.stdout, self._answers), daemon=True, name="licence-texts"
        ).start()
        try:
            frames.write(process.stdin, self._settings)
            ready = self._answers.get(timeout=_LOADING)
        except (OSError, queue.Empty):
            ready = None
        if ready is None or not ready.get("ready"):
            self.close()
            return NO_SCANCODE
        return None

    def _lose(self) -> None:
        """Give up what the host had; a new one may do the rest."""
        self._lost += self._pending
        self._pending.clear()
        if self._process is not None:
            _kill(self._process)
        self.close()


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a host and the workers it may have left behind, which are of its process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(stream: IO[bytes], answers: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Hand on every message, then None."""
    # A broken message ends the conversation just as a missing one does.
    with stream, contextlib.suppress(OSError, ValueError):
        while (message := frames.read(stream)) is not None:
            answers.put(message)
    answers.put(None)
