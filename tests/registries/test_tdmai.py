"""ISCC TDM·AI declarations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.interface import Export
from sourcing_audit.registries.linked.tdmai import TdmaiReader
from tests.registries.support import RULES, records

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine

ISCC = "ISCC:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY"
ALL = {"train_generative", "train_non_generative", "tdm_other"}


def declaration(**rest: Any) -> dict[str, Any]:
    return {"version": "1.0", "iscc": ISCC, "intent": "activate", **rest}


def read(folder: Path, *documents: Any) -> list[dict[str, Any]]:
    path = folder / "declarations.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in documents), encoding="utf-8")
    found = TdmaiReader().statements(Export("x", path, "tdmai"), RULES)
    return [dict(one) for one in found]


def said(folder: Path, **rest: Any) -> dict[tuple[str, str | None], set[str]]:
    found: dict[tuple[str, str | None], set[str]] = {}
    for one in read(folder, declaration(**rest)):
        found.setdefault((one["decision"], one["problem"]), set()).update(one["uses"].split("|"))
    return found


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        # What is refused of everything is refused of each use that isn't stated for itself.
        ({"all": "false"}, {("deny", None): ALL | {"ai_input", "search_index"}}),
        (
            {"all": "false", "ai-use": "true", "search": "true"},
            {("deny", None): ALL, ("allow", None): {"ai_input", "search_index"}},
        ),
        (
            {"all": "true", "train-genai": "false"},
            {("deny", None): {"train_generative"}, ("allow", None): ALL},
        ),
        ({"train-ai": "false"}, {("deny", None): {"train_generative", "train_non_generative"}}),
        # One page of the specification calls it training that isn't generative.
        ({"train-ai": "true"}, {("allow", None): {"train_non_generative"}}),
        ({"ai-use": "false"}, {("deny", None): {"ai_input"}}),
        # Earlier drafts: other tokens, truth values and names.
        ({"train-genai": "n"}, {("deny", "signal_legacy"): {"train_generative"}}),
        ({"train-genai": "y"}, {("unknown", "signal_legacy"): {"train_generative"}}),
        ({"TDMAI": False}, {("deny", "signal_legacy"): {"train_generative", "tdm_other"}}),
        ({"usagePermission": {"tdm": False}}, {("deny", "signal_legacy"): ALL}),
        ({"tdm-reservation": 1}, {("deny", None): {"tdm_other"}}),
        ({"tdm-reservation": 0}, {("allow", None): ALL}),
        ({"tdm-reservation": 3}, {("unknown", "signal_unreadable"): {"tdm_other"}}),
        ({"train-ai": "maybe"}, {("unknown", "signal_unreadable"): ALL - {"tdm_other"}}),
        ({"train-ai": None}, {("unknown", "signal_unreadable"): ALL - {"tdm_other"}}),
        ({}, {("unknown", "signal_unreadable"): {"any"}}),
        # `true` under this name once meant allowed: nobody can tell.
        ({"tdmOptOut": {"TDM": True}}, {("unknown", "signal_unreadable"): {"any"}}),
    ],
)
def test_preferences(tmp_path: Path, rest: Any, expected: Any) -> None:
    assert said(tmp_path, **rest) == expected


@pytest.mark.parametrize(
    "extra", [{"x": 1}, {"version": "2.0"}, {"intent": "withdraw"}, {"intent": {}}, {"version": []}]
)
def test_an_invalid_declaration_refuses_and_doesn_t_permit(tmp_path: Path, extra: Any) -> None:
    found = said(tmp_path, **{"all": "true", "train-genai": "false", **extra})
    assert found == {
        ("deny", "signal_unreadable"): {"train_generative"},
        ("unknown", "signal_unreadable"): ALL,
    }


def test_the_specification_s_own_examples_leave_out_version_and_intent(tmp_path: Path) -> None:
    example = {"iscc": ISCC, "all": "true", "train-ai": "false", "summary": "…", "policy": "…"}
    found = read(tmp_path, example)
    assert [(r["decision"], r["problem"]) for r in found] == [("allow", None), ("deny", None)]
    assert {(r["subject_kind"], r["subject_value"]) for r in found} == {("iscc", ISCC)}


def test_an_update_takes_the_place_of_what_it_names(engine: Engine, tmp_path: Path) -> None:
    first = declaration(all="false")
    second = declaration(all="true", intent="update", reference="bafy1")
    path = tmp_path / "tdmai.jsonl"
    lines = [
        {"cid": f"bafy{n}", "did": "did:web:a.example", "declared_at": day, "declaration": one}
        for n, day, one in ((1, "2026-01-01", first), (2, "2026-02-01", second))
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = records(engine, str(path))
    assert [(r["statement_id"], r["decision"]) for r in found] == [
        ("bafy1", "deny"),
        ("bafy2", "allow"),
    ]
    assert {r["declarant_id"] for r in found} == {"did:web:a.example"}
    assert (found[1]["relation"], found[1]["refers_to"]) == ("supersedes", "bafy1")


def test_a_reference_without_an_update_replaces_nothing(tmp_path: Path) -> None:
    [found] = read(tmp_path, declaration(all="true", reference="bafy1"))
    assert (found["refers_to"], found["relation"]) == (None, None)


@pytest.mark.parametrize(
    "document", [{}, {"iscc": ""}, {"iscc": 7}, {"declaration": []}, {"declaration": {"all": "n"}}]
)
def test_what_is_bound_to_no_code_is_an_error(tmp_path: Path, document: Any) -> None:
    with pytest.raises(RegistryError, match="record 2: has no iscc"):
        read(tmp_path, declaration(all="false"), document)


def test_deep_and_odd_values_are_doubts(tmp_path: Path) -> None:
    deep = json.loads("[" * 500 + "]" * 500)
    found = read(tmp_path, declaration(**{"all": deep, "train-ai": "\ud800", "search": {"a": 1}}))
    assert {(r["decision"], r["problem"]) for r in found} == {("unknown", "signal_unreadable")}
    for each in found:
        each["signal_raw"].encode()
