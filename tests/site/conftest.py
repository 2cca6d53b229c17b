"""What the tests of documentation and examples share: the sample, audited, and the site, built."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def make_reports() -> ModuleType:
    """The script behind `make examples`."""
    spec = importlib.util.spec_from_file_location("make_reports", ROOT / "examples/make_reports.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it, from a copy of nothing: sources are only read."""
    target = tmp_path_factory.mktemp("site")
    flags = ["--fail-on-warning", "--keep-going", "--nitpicky", "--quiet", "-b", "html"]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *flags, "-d", target / "trees", "docs", target / "html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return target / "html"
