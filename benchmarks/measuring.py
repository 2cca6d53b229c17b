"""Seconds, memory and disk of what runs in this process, and processes of its own for each."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

Figures = dict[str, float]

FIGURES = Path(__file__).with_name("measured.json")
"""What the pages' tables were last written from; `plan.py` computes with it."""

MEMORY = "3GB"
"""The engine's limit, of the audit and of the floor alike."""
_SAMPLED = 0.05
_BLOCK = 512


class Clock:
    """Seconds on the clock and of the processor, in all and by step."""

    def __init__(self) -> None:
        self._start = self._last = _now()
        self._step = ""
        self.steps: dict[str, Figures] = {}

    def step(self, name: str, *_counts: int | None) -> None:
        """Begin a step; what is begun again goes on."""
        if name == self._step:
            return
        now = _now()
        if self._step:
            spent = self.steps.setdefault(self._step, {"seconds": 0.0, "processor": 0.0})
            spent["seconds"] += now[0] - self._last[0]
            spent["processor"] += now[1] - self._last[1]
        self._step, self._last = name, now

    def total(self) -> Figures:
        """All since the beginning; ends the last step."""
        self.step("")
        now = _now()
        return {"seconds": now[0] - self._start[0], "processor": now[1] - self._start[1]}


def _now() -> tuple[float, float]:
    """The clock, and the processor seconds of this process and those that it waited for."""
    return time.perf_counter(), sum(os.times()[:4])


class Spilling:
    """Watches a folder: the most that its files took on disk at a time, in bytes.

    Looks twenty times a second, so a file that lives shorter may be missed. What the engine spills
    is told apart from the audit's other work files by the name of its folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.spilled = 0
        self.other = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_SAMPLED):
            spilled = other = 0
            for folder, _, names in os.walk(self._folder):
                for name in names:
                    with contextlib.suppress(OSError):
                        size = os.lstat(f"{folder}/{name}").st_blocks * _BLOCK
                        if "spill" in Path(folder).relative_to(self._folder).parts:
                            spilled += size
                        else:
                            other += size
            self.spilled = max(self.spilled, spilled)
            self.other = max(self.other, other)


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; not what its parent held before."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024


def in_process(script: str, *arguments: object, folder: Path) -> dict:
    """Run a script of this folder in a process of its own; the line it prints last is its answer.

    Args:
        script: its name.
        arguments: what it is given.
        folder: where it may put temporary files and compiled queries, in folders of their own.

    """
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name(script)), *map(str, arguments)]
    settings = {"TMPDIR": str(temporary), "SOURCING_AUDIT_CACHE": str(folder / "cache")}
    place = os.environ | settings
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=place, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    lines = done.stdout.splitlines()
    return json.loads(lines[-1]) if lines else {}


def keep(name: str, found: object) -> None:
    """Note figures under a name, for the plan."""
    kept = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.is_file() else {}
    kept[name] = found
    FIGURES.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


@contextlib.contextmanager
def temporary_folder(parent: Path | None) -> Iterator[Path]:
    """A folder that is gone afterwards, also when the run is interrupted or ended."""
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        with tempfile.TemporaryDirectory(prefix="sourcing-audit-bench-", dir=parent) as folder:
            yield Path(folder)
    finally:
        signal.signal(signal.SIGTERM, before)


def need_space(folder: Path, needed: int) -> None:
    """Refuse to begin what the disk can't hold."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SystemExit(
            f"{folder}: this takes up to {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "give another place with --folder, or fewer items"
        )
