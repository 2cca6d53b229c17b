"""Python's search for garbage, done less often while an audit runs.

An audit makes some hundred thousand objects that stay (modules, rules, expressions) and hardly any
that only a search finds. By default Python goes through all of them again and again, which took a
tenth of a small audit.
"""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OBJECTS = 50_000
"""New objects that still live when a search begins; 700 by default."""

_lock = threading.Lock()
_before: list[int] = []
"""What each of those who asked for it found; the first is what is set again after the last."""


@contextmanager
def seldom() -> Iterator[None]:
    """Search seldom inside, or as seldom as it was: one who has switched it off keeps that."""
    with _lock:
        first, *others = gc.get_threshold()
        _before.append(first)
        if 0 < first < OBJECTS:
            gc.set_threshold(OBJECTS, *others)
    try:
        yield
    finally:
        with _lock:
            # What goes last is what the first found, in whatever order they end.
            found = _before.pop()
            if not _before:
                gc.set_threshold(found, *gc.get_threshold()[1:])
