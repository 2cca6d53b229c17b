"""ai.txt: Spawning's grammar, and nothing else that goes by the name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.registries.support import pick, records, said

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine


TRAIN = "train_generative|train_non_generative"
MINE = f"{TRAIN}|tdm_other"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(body: str, **entry: Any) -> list[dict[str, Any]]:
        path = tmp_path / "ai.jsonl"
        path.write_text(json.dumps({"host": "a.example", "body": body, **entry}), encoding="utf-8")
        return said(f"ai-txt:{path}")

    return read


def test_file_types_as_the_generator_writes_them(read: Any) -> None:
    body = "# Spawning AI\n\nUser-Agent: *\nDisallow: *.txt\nDisallow: *.jpg\nAllow: /\n"
    rows = read(body)
    assert pick(rows, "decision", "subject_value", "uses", "priority") == [
        ("deny", "a.example/*.txt", MINE, "12"),
        ("deny", "a.example/*.jpg", MINE, "12"),
        ("allow", "a.example/", TRAIN, "3"),
    ]
    assert len({row["statement_id"] for row in rows}) == 1
    assert {row["signal_scheme"] for row in rows} == {"ai_txt_spawning"}


def test_a_refusal_of_everything(read: Any) -> None:
    rows = read("User-Agent: *\nDisallow: /\nDisallow: *\n")
    assert pick(rows, "decision", "subject_value") == [
        ("deny", "a.example/"),
        ("deny", "a.example/*"),
    ]


def test_one_crawler(read: Any) -> None:
    (one,) = read("User-Agent: GPTBot\nDisallow: /\n")
    assert (one["decision"], one["scope_text"]) == ("deny", "addressed to gptbot")


@pytest.mark.parametrize(
    "body",
    [
        "Training: allow\n",
        "# ai.txt\nWe welcome AI systems.\n",
        "User-Agent: *\nDisallow: *.jpg\nPermission: deny-training\n",
        "User-Agent: *\nDisallow: jpg\n",
        "User-Agent: *\nallow /\n",
        "User-Agent: *\n",
        "Disallow: /\n",
        "User-Agent: *\nDisallow: /\nContent-Signal: ai-train=no\n",
        '{"version": 1, "training": "denied"}',
        "\x00\x01\x02",
        "# nothing but a comment\n",
    ],
)
def test_other_formats_are_never_guessed_at(read: Any, body: str) -> None:
    rows = read(body)
    assert pick(rows, "decision", "problem", "subject_kind", "subject_value") == [
        ("unknown", "signal_unreadable", "host", "a.example")
    ]


def test_no_file(read: Any) -> None:
    assert read("", status=404) == []
    assert read("<!doctype html><p>not found</p>") == []
    assert pick(read("", status=500), "problem") == [("signal_unreachable",)]


def test_hostile_files(read: Any) -> None:
    assert read("User-Agent: *\n" + "Disallow: *.x\n" * 100_000)
    assert pick(
        read("User-Agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(30_000))), "problem"
    ) == [("signal_unreadable",)]
    assert pick(read("x" * 3_000_000), "problem") == [("signal_unreadable",)]


def test_records_pass_every_check(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "ai"
    for host, body in (
        ("a.example", "User-Agent: *\nDisallow: *.jpg\nAllow: /\n"),
        ("b.example", "?"),
    ):
        (folder / host).mkdir(parents=True)
        (folder / host / "ai.txt").write_text(body)
    rows = records(engine, str(folder))
    assert pick(rows, "decision", "subject_value") == [
        ("deny", "a.example/*.jpg"),
        ("allow", "a.example/"),
        ("unknown", "b.example"),
    ]
