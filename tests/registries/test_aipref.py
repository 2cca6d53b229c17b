"""AIPREF usage expressions: the grammar of RFC 9651, and the vocabulary's labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import http_sf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcing_audit.registries.web.aipref import EXCERPT, LIMIT, dictionary, preferences
from tests.registries.support import RULES

LABELS = RULES.signals.usage_labels
VECTORS = (
    Path(__file__).parents[3] / "shared" / "data" / "signals" / "structured-field-dictionary.json"
)
TRAINING = "train_generative|train_non_generative"


def read(value: str) -> list[tuple[str, str, str | None]]:
    return [(p.uses, p.decision, p.problem) for p in preferences(value, LABELS)]


def test_the_draft_s_example() -> None:
    assert read("train-ai=n, search=y") == [
        (TRAINING, "deny", None),
        ("search_index", "allow", None),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # A permission is read as narrowly, a refusal as widely as any draft has the label.
        ("train-ai=y", [("train_generative", "allow", None)]),
        ("ai-use=n", [("ai_input", "deny", None)]),
        # The last of several counts, and parameters change nothing.
        ("train-ai=n, train-ai=y", [("train_generative", "allow", None)]),
        ("train-ai=y;x=1, train-ai=n;y", [(TRAINING, "deny", None)]),
        ("ai-use=n;exceptions=cc-cr", [("ai_input", "deny", None)]),
        # Labels of earlier drafts: a refusal stays one, a permission doesn't.
        ("train-genai=n", [("train_generative", "deny", "signal_legacy")]),
        ("train-genai=y", [("train_generative", "unknown", "signal_legacy")]),
        ("", []),
        ("  ", []),
    ],
)
def test_what_values_say(value: str, expected: list[Any]) -> None:
    assert read(value) == expected


@pytest.mark.parametrize("label", ["all", "bots", "tdm"])
def test_old_labels_for_everything_cover_training(label: str) -> None:
    [(uses, decision, problem)] = read(f"{label}=n")
    assert decision == "deny"
    assert problem == "signal_legacy"
    assert set(TRAINING.split("|")) < set(uses.split("|"))


@pytest.mark.parametrize("word", ["?0", "?1", '"n"', "N", "1", "(n)", "no", ":bg==:", "@1", "n.n"])
def test_any_other_value_is_unknown_and_said(word: str) -> None:
    assert read(f"train-ai={word}") == [(TRAINING, "unknown", "signal_unreadable")]


def test_a_bare_key_is_true_and_not_y() -> None:
    assert read("train-ai") == [(TRAINING, "unknown", "signal_unreadable")]


@pytest.mark.parametrize(
    "value",
    ["Train-AI=n", "train-ai=n search=y", "train-ai=n,", "=n", "train_ai: n", "é=n", "a=n\0", "n"],
)
def test_a_value_that_is_no_dictionary_is_a_doubt_about_every_use(value: str) -> None:
    problem = "signal_unreadable" if value == "n" else "signal_malformed"
    assert read(value) == [("any", "unknown", problem)]


def test_unknown_labels_are_one_doubt_beside_the_known_ones() -> None:
    assert read("train-ai=y, x=n, z=n") == [
        ("train_generative", "allow", None),
        ("any", "unknown", "signal_unreadable"),
    ]


def test_a_label_after_a_semicolon_is_a_doubt() -> None:
    doubt = ("any", "unknown", "signal_malformed")
    assert read("search=y;train-ai=n") == [doubt, ("search_index", "allow", None)]
    assert read("search;train-ai=n")[0] == doubt
    assert read("search=(y);train-ai=n")[0] == doubt


def test_the_evidence_is_the_value_itself() -> None:
    value = "ai-use=n;exceptions=cc-cr"
    assert [p.raw for p in preferences(f" {value} ", LABELS)] == [value]
    assert len(next(preferences("a=1, " * 300 + "a=1", LABELS)).raw) <= EXCERPT


def test_a_huge_value_is_not_read() -> None:
    assert read("a=1, " * LIMIT) == [("any", "unknown", "signal_malformed")]


@given(st.text(max_size=60))
def test_nothing_breaks_it_and_only_y_permits(value: str) -> None:
    for found in preferences(value, LABELS):
        assert found.decision in {"allow", "deny", "unknown"}
        assert (found.decision == "unknown") <= (found.problem is not None)
        if found.decision == "allow":
            assert "=y" in value


@pytest.mark.skipif(not VECTORS.is_file(), reason="no structured-field vectors here")
def test_all_vectors_of_rfc_9651() -> None:
    vectors = http_sf.from_json(VECTORS.read_text(encoding="utf-8"))
    assert len(vectors) >= 20
    wrong = []
    for vector in vectors:
        found = dictionary(", ".join(vector["raw"]))
        if vector.get("must_fail"):
            right = found is None
        else:
            right = found == vector["expected"] or (found is None and vector.get("can_fail", False))
        if not right:
            wrong.append(vector["name"])
    assert wrong == []
