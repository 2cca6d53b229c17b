from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sourcing_audit.licenses import LicenseRules
from sourcing_audit.licenses.texts import Detector
from sourcing_audit.licenses.texts import detector as module
from sourcing_audit.licenses.texts.known import ScanCodeData
from sourcing_audit.licenses.texts.matching import Matching
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


@pytest.fixture(scope="session")
def rules() -> LicenseRules:
    return LicenseRules.load(RuleStore())


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("texts")


@pytest.fixture(scope="session")
def scancode(rules: LicenseRules, cache: Path) -> Iterator[Detector]:
    """A detector with ScanCode; its index is loaded once for all tests."""
    if ScanCodeData.installed() is None:
        pytest.skip("ScanCode isn't installed; `make test-text` has it")
    with Detector(rules, cache=cache) as detector:
        yield detector


@pytest.fixture
def without_scancode(
    monkeypatch: pytest.MonkeyPatch, rules: LicenseRules, cache: Path
) -> Iterator[Detector]:
    """A detector as it is where the extra isn't installed."""
    monkeypatch.setattr(ScanCodeData, "installed", staticmethod(lambda: None))
    with Detector(rules, cache=cache) as detector:
        yield detector


FAKE = """
import os, sys, time
from sourcing_audit.licenses.texts import frames
from sourcing_audit.licenses.texts.host import Host

ANSWER = {"expressions": ["mit"], "approximate": False, "rest": "", "rest_cut": False,
          "inserted": [], "lines": [1, 1]}

def respond(text):
    if "hangs" in text:
        while True:
            pass
    if "dies" in text:
        os._exit(1)
    if "raises" in text:
        raise ValueError(text)
    if "eats" in text:
        return {"all": ["x" * (1 << 30) for _ in range(8)]}
    if "kills" in text:
        os.kill(os.getppid(), 9)
    if "sleeps" in text:
        time.sleep(0.3)
    return ANSWER

source, sink = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
settings = frames.read(source)
frames.write(sink, {"ready": %(ready)s})
Host(respond, workers=settings["workers"], deadline=settings["deadline"], source=source, sink=sink).run()
"""


@pytest.fixture
def faked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rules: LicenseRules
) -> Iterator[Callable[..., Detector]]:
    """Detectors whose ScanCode is a host that does what texts tell it to."""
    opened: list[Detector] = []
    monkeypatch.setattr(
        ScanCodeData, "installed", classmethod(lambda cls: cls("0", tmp_path / "no-data"))
    )

    def open_(*, deadline: float = 1.0, workers: int = 2, ready: bool = True) -> Detector:
        name = f"fake_host_{len(opened)}_{'ready' if ready else 'broken'}"
        (tmp_path / f"{name}.py").write_text(FAKE % {"ready": ready}, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(
            module, "Matching", lambda words, **options: Matching(words, **options, module=name)
        )
        detector = Detector(rules, cache=tmp_path, deadline=deadline, workers=workers)
        opened.append(detector)
        return detector

    yield open_
    for detector in opened:
        detector.__exit__(None, None, None)
