from __future__ import annotations

import pytest

from sourcing_audit.media.found import Found
from sourcing_audit.media.processes import Processes
from tests.support import media

WORKER = """\
import json, os, sys, time

for line in sys.stdin:
    what = open(json.loads(line)).read()
    if what == "crash":
        os.kill(os.getpid(), 9)
    if what == "hang":
        time.sleep(60)
    if what == "half":
        sys.stdout.write("[")
        sys.stdout.flush()
        os._exit(1)
    print("[]", flush=True)
"""


@pytest.fixture
def files(tmp_path):
    def write(*contents):
        for number, content in enumerate(contents):
            (tmp_path / f"{number}").write_bytes(content)
        return [tmp_path / f"{number}" for number in range(len(contents))]

    return write


def test_files_are_read_side_by_side_and_answered_in_order(files):
    contents = [media.image(media.data_mining("DMI-PROHIBITED")), media.image()] * 10
    with Processes(workers=2) as processes:
        answers = [processes.read(path) for path in files(*contents)]
        assert [len(answer.result()) for answer in answers] == [1, 0] * 10


def test_a_spooled_file_is_removed(files):
    [path] = files(media.image())
    with Processes(workers=1) as processes:
        processes.read(path, remove=True).result()
    assert not path.exists()


def test_a_file_that_is_gone_is_a_finding(tmp_path):
    with Processes(workers=1) as processes:
        [found] = processes.read(tmp_path / "gone").result()
    assert found.problem == "signal_unreadable"


@pytest.mark.parametrize("what", [b"crash", b"hang", b"half"])
def test_a_worker_that_ends_is_replaced_and_its_file_is_a_finding(
    files, tmp_path, monkeypatch, what
):
    (tmp_path / "hostile_worker.py").write_text(WORKER, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("sourcing_audit.media.processes._STARTING", 1.0)
    with Processes(workers=1, deadline=1.0, module="hostile_worker") as processes:
        fine, bad, again = (processes.read(path) for path in files(b"fine", what, b"fine"))
        assert fine.result() == []
        [found] = bad.result()
        assert isinstance(found, Found)
        assert found.problem == "signal_unreadable"
        assert again.result() == []
