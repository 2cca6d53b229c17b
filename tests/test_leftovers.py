from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from sourcing_audit.engine import Engine, leftovers

pytest.importorskip("fcntl")

_WAITING = (
    "import pathlib, sys, time; from sourcing_audit.engine import Engine\n"
    "engine = Engine.duckdb(temp_directory=pathlib.Path(sys.argv[1]))\n"
    "(engine.workdir / 'spilled').write_bytes(b'much')\n"
    "print(engine.workdir, flush=True)\n"
    "time.sleep(600)\n"
)


@pytest.fixture
def other(tmp_path):
    """An audit of another process, and its work folder."""
    with subprocess.Popen(
        [sys.executable, "-c", _WAITING, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, tmp_path / process.stdout.readline().strip().rpartition("/")[2]
        process.kill()


def test_the_work_folder_of_a_killed_audit_goes_when_the_next_one_starts(other, tmp_path):
    process, folder = other
    with Engine.duckdb(temp_directory=tmp_path) as engine:
        assert folder.is_dir(), "the folder of an audit that runs is left alone"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (folder / "spilled").is_file()
    with Engine.duckdb(temp_directory=tmp_path) as engine:
        assert not folder.exists()
        assert [engine.workdir] == list(tmp_path.iterdir())


def test_only_what_was_once_locked_is_removed(tmp_path):
    unlocked = tmp_path / f"{leftovers.PREFIX}unlocked"
    unlocked.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    link = tmp_path / f"{leftovers.PREFIX}link"
    link.symlink_to(elsewhere)
    file = tmp_path / f"{leftovers.PREFIX}file"
    file.touch()
    leftovers.sweep(tmp_path)
    assert unlocked.is_dir()
    assert link.is_symlink()
    assert (elsewhere / "lock").is_file()
    assert file.is_file()


def test_a_folder_that_is_not_there_is_nothing_to_sweep(tmp_path):
    leftovers.sweep(tmp_path / "gone")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_locked_an_audit_goes_on(tmp_path, monkeypatch):
    def refused(*_: object) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr(leftovers.fcntl, "flock", refused)
    with Engine.duckdb(temp_directory=tmp_path) as engine:
        folder = engine.workdir
        leftovers.sweep(tmp_path)
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []
