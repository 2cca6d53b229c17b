"""A process that reads media files, one at a time, for the audit that started it.

What a hostile file does to a native library ends this process and not the audit. It ends when its
standard input does. Each line in names a file; each line out says what that file says.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sourcing_audit.media import manifests, reading
from sourcing_audit.media.found import PLUS, Found, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    Reader = Callable[[Path], list[Found]]

_MOST_MEMORY = 2 << 30
"""Bytes of its own that the process may hold; the files that it maps don't count."""
_MOST_FOUND = 512


def main() -> int:
    """Read the files that are named, until there are no more."""
    sink = os.fdopen(os.dup(1), "w", encoding="ascii")
    # What a library prints must not get between the answers.
    os.dup2(2, 1)
    _limit_memory()
    settings = manifests.context()
    answer(sys.stdin, sink, lambda path: reading.read(path, settings))
    return 0


def answer(source: TextIO, sink: TextIO, read: Reader) -> None:
    """Answer each line."""
    for line in source:
        try:
            found = read(Path(json.loads(line)))
        except Exception as error:  # noqa: BLE001 - whatever a file does is a finding about it
            found = [unreadable(PLUS, f"the file can't be read: {type(error).__name__}")]
        if len(found) > _MOST_FOUND:
            found = [*found[:_MOST_FOUND], unreadable(PLUS, "more statements than are read")]
        sink.write(json.dumps([each.as_json() for each in found]) + "\n")
        sink.flush()


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
    except (ImportError, OSError, ValueError):
        # Not every system can limit it; the deadline holds anyway.
        return


if __name__ == "__main__":
    sys.exit(main())
