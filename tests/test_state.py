"""What audits keep for later ones."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import sourcing_audit
from sourcing_audit.errors import OutputError
from sourcing_audit.state import UNUSED_DAYS, State, key


def keep(state: State, known: str, text: str = "content") -> None:
    with state.remember("units", known) as folder:
        (folder / "file.txt").write_text(text, encoding="utf-8")


def recall(state: State, known: str, kind: str = "units") -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        if not state.recall(kind, known, Path(folder)):
            return None
        return (Path(folder) / "file.txt").read_text(encoding="utf-8")


def test_an_entry_is_found_again(tmp_path: Path) -> None:
    keep(State(tmp_path), "k")
    assert recall(State(tmp_path), "k") == "content"
    assert State(tmp_path).names("units") == ["k"]
    assert recall(State(tmp_path), "other") is None
    assert recall(State(tmp_path), "k", "licenses") is None


def test_an_entry_that_fails_while_it_is_made_is_not_there(tmp_path: Path) -> None:
    state = State(tmp_path)

    def fail() -> None:
        with state.remember("units", "k") as folder:
            (folder / "file.txt").write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert recall(state, "k") is None
    assert not list((tmp_path / "unfinished").iterdir())


@pytest.mark.parametrize("harm", ["changed", "missing", "unlisted", "garbled"])
def test_a_damaged_entry_is_forgotten(tmp_path: Path, harm: str) -> None:
    state = State(tmp_path)
    keep(state, "k")
    entry = tmp_path / "units" / "k"
    if harm == "changed":
        (entry / "file.txt").write_text("other", encoding="utf-8")
    elif harm == "missing":
        (entry / "file.txt").unlink()
    elif harm == "unlisted":
        (entry / "entry.json").unlink()
    else:
        (entry / "entry.json").write_text("[", encoding="utf-8")
    assert recall(state, "k") is None
    keep(state, "k")
    assert recall(state, "k") is not None


def test_two_audits_that_make_the_same_entry(tmp_path: Path) -> None:
    first, second = State(tmp_path), State(tmp_path)
    with first.remember("units", "k") as one, second.remember("units", "k") as two:
        (one / "file.txt").write_text("same", encoding="utf-8")
        (two / "file.txt").write_text("same", encoding="utf-8")
    assert recall(first, "k") is not None
    assert recall(second, "k") is not None


def test_what_the_next_audit_does_not_use_is_removed(tmp_path: Path) -> None:
    state = State(tmp_path)
    for known in ("kept", "dropped"):
        keep(state, known)
    state.finished("films")
    other = State(tmp_path)
    keep(other, "of another dataset")
    other.finished("books")
    again = State(tmp_path)
    assert recall(again, "kept") is not None
    again.finished("films")
    assert {path.name for path in (tmp_path / "units").iterdir()} == {"kept", "of another dataset"}


def test_entries_of_an_audit_that_never_finished_stay_for_a_while(tmp_path: Path) -> None:
    state = State(tmp_path)
    keep(state, "young")
    keep(state, "old")
    long_ago = time.time() - (UNUSED_DAYS + 1) * 24 * 60 * 60
    os.utime(tmp_path / "units" / "old", (long_ago, long_ago))
    State(tmp_path).finished("films")
    assert {path.name for path in (tmp_path / "units").iterdir()} == {"young"}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="--state"):
        State(tmp_path / "file" / "state")


def test_keys_depend_on_every_part_and_not_on_the_order_of_names() -> None:
    assert key("a", {"x": 1, "y": 2}) == key("a", {"y": 2, "x": 1})
    assert len({key("a", "b"), key("ab"), key("b", "a"), key(["a", "b"]), key("a", "b", None)}) == 5


def test_what_other_code_found_out_is_not_taken_up(tmp_path: Path) -> None:
    """A checkout keeps its version while its modules change."""
    package = tmp_path / "sourcing_audit"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(sourcing_audit.__file__).parent, package, ignore=ignored)
    ask = "from sourcing_audit.state import key, made_by; print(key(made_by()))"

    def asked() -> str:
        return subprocess.run(
            [sys.executable, "-c", ask], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    before = asked()
    assert asked() == before
    with (package / "consent" / "sieve.py").open("a", encoding="utf-8") as module:
        module.write("\n# another\n")
    assert asked() != before
