"""Progress of long work on standard error: counts and rate on a terminal, silence in a pipe."""

from __future__ import annotations

import datetime as dt
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from sourcing_audit.escape import json_text
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator


class ShownProgress:
    """Shows one line for the step that is running."""

    def __init__(self, progress: Progress | None) -> None:
        """Show steps on `progress`; on nothing where it is None."""
        self._progress = progress
        self._task: TaskID | None = None
        self._step = ""

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Report a step; matches `pipeline.Progress`."""
        if self._progress is None:
            return
        if self._task is None or step != self._step:
            self.clear()
            self._task = self._progress.add_task(step, total=total, counted="")
            self._step = step
        counted = f"{done:,}" + (f" of {total:,}" if total else "") if done else ""
        self._progress.update(self._task, completed=done, total=total, counted=counted)

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        if self._progress is not None and self._task is not None:
            self._progress.remove_task(self._task)
            self._progress.refresh()
        self._task = None


@contextmanager
def shown(*, quiet: bool) -> Iterator[ShownProgress]:
    """Show progress while the context lasts, if somebody is watching."""
    if quiet or not sys.stderr.isatty():
        yield ShownProgress(None)
        return
    columns = (
        SpinnerColumn(),
        _Plain("{task.description}"),
        _Plain("{task.fields[counted]}"),
        _Rate(""),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        # What is written to standard output belongs there, also while progress is shown.
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        yield ShownProgress(progress)


class Log:
    """Tells what happens: by a line for the step that is running, or as JSON lines."""

    def __init__(self, progress: ShownProgress, *, as_json: bool) -> None:
        """Show steps on `progress`, and write an object a line to standard error if `as_json`."""
        self._progress = progress
        self._as_json = as_json
        self._dataset: str | None = None
        self._step = ""

    def dataset(self, name: str) -> None:
        """A dataset is begun; what follows is about it."""
        self._dataset, self._step = name, ""
        self.event("begun", dataset=name)

    def progress(self, step: str, done: int, total: int | None) -> None:
        """Report a step; matches `pipeline.Progress`. Written once for each step."""
        self._progress(step, done, total)
        if step != self._step:
            self._step = step
            self.event("step", dataset=self._dataset, step=step)

    def event(self, event: str, **told: object) -> None:
        """Write what happened, and when by this machine's clock."""
        if self._as_json:
            at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
            line = json.dumps({"at": at, "event": event, **told}, ensure_ascii=False)
            sys.stderr.write(f"{json_text(line)}\n")
            sys.stderr.flush()

    def message(self, text: str) -> None:
        """Say something that a person would want to read."""
        self.clear()
        if not self._as_json:
            for line in text.splitlines():
                say(line)

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        self._progress.clear()


class _Plain(TextColumn):
    """Text without markup: a step may name a file."""

    def __init__(self, text: str) -> None:
        super().__init__(text, markup=False)


class _Rate(_Plain):
    """Items a second, where a step counts."""

    def render(self, task: object) -> Text:
        speed = getattr(task, "speed", None)
        return Text(f"{speed:,.0f}/s" if speed else "")
