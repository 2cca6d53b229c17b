"""A program of this checkout's, for scripts that start one."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with `python` and `sourcing-audit`, as an environment's `bin` is."""
    folder = tmp_path / "temp" / "sourcing-audit" / "bin"
    folder.mkdir(parents=True)
    python = f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)}"
    for name, arguments in (("python", '"$@"'), ("sourcing-audit", '-m sourcing_audit "$@"')):
        (folder / name).write_text(f"{python} {arguments}\n")
        (folder / name).chmod(0o755)
    return folder
