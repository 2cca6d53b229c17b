"""ODRL policies of TDMRep's profile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.interface import Export
from sourcing_audit.registries.linked.odrl import OdrlReader
from tests.registries.support import RULES, records

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine

TARGET = "https://provider.example/papers"
MINE = "train_generative|train_non_generative|tdm_other"


def policy(**rest: Any) -> dict[str, Any]:
    """After the examples of TDMRep, section 7."""
    return {
        "@context": ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}],
        "@type": "Offer",
        "uid": "https://provider.example/policies/1",
        "profile": "http://www.w3.org/ns/tdmrep",
        "assigner": {"uid": "https://provider.example", "vcard:fn": "Provider"},
        **rest,
    }


def permission(**rest: Any) -> dict[str, Any]:
    return {"target": TARGET, "action": "tdm:mine", **rest}


def purpose(word: Any, operator: str = "eq") -> dict[str, Any]:
    return {"leftOperand": "purpose", "operator": operator, "rightOperand": word}


def read(folder: Path, *documents: Any) -> list[dict[str, Any]]:
    path = folder / "policies.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in documents), encoding="utf-8")
    found = OdrlReader().statements(Export("x", path, "odrl"), RULES)
    return [dict(one) for one in found]


def one(folder: Path, **rest: Any) -> dict[str, Any]:
    [found] = read(folder, policy(**rest))
    return found


def test_a_permission_without_duties(tmp_path: Path) -> None:
    found = one(tmp_path, permission=[permission()])
    assert (found["decision"], found["uses"], found["conditions"]) == ("allow", MINE, None)
    assert (found["subject_kind"], found["subject_value"]) == ("url_prefix", TARGET)
    assert found["declarant_id"] == "https://provider.example"
    assert (found["declarant_role"], found["authority_level"]) == ("rightsholder", "self_asserted")


@pytest.mark.parametrize(
    ("rest", "conditions"),
    [
        ({"duty": [{"action": "obtainConsent"}]}, {"prior_consent"}),
        ({"duty": {"action": {"@id": "odrl:compensate"}}}, {"payment"}),
        ({"constraint": [purpose("tdm:research")]}, {"research_only"}),
        ({"constraint": [purpose({"@id": "tdm:non-research"})]}, {"non_research_only"}),
        (
            {
                "duty": [{"action": "obtainConsent"}, {"action": "compensate"}],
                "constraint": [purpose("http://www.w3.org/ns/tdmrep#research")],
            },
            {"prior_consent", "payment", "research_only"},
        ),
    ],
)
def test_what_an_offer_asks_for(tmp_path: Path, rest: Any, conditions: set[str]) -> None:
    found = one(tmp_path, permission=[permission(**rest)])
    assert found["decision"] == "conditional"
    assert json.loads(found["conditions"]) == dict.fromkeys(sorted(conditions), True)


@pytest.mark.parametrize("spelling", ["http://www.w3.org/ns/tdmrep/mine", "tdm:mine", "mine"])
def test_a_prohibition(tmp_path: Path, spelling: str) -> None:
    found = one(tmp_path, prohibition={"target": TARGET, "action": spelling})
    assert (found["decision"], found["uses"], found["problem"]) == ("deny", "tdm_other", None)


def test_a_prohibition_of_any_use_refuses_all(tmp_path: Path) -> None:
    constraint = {"leftOperand": "spatial", "operator": "eq", "rightOperand": "x"}
    rule = {"target": TARGET, "action": "use", "constraint": [constraint]}
    found = one(tmp_path, prohibition=[rule])
    assert (found["decision"], found["uses"]) == ("deny", "any")


def test_a_permission_of_any_use_names_none(tmp_path: Path) -> None:
    found = one(tmp_path, permission=[permission(action="odrl:use")])
    assert (found["decision"], found["uses"]) == ("allow", "any")


@pytest.mark.parametrize(
    "rest",
    [
        {"permission": [permission(action="obtain-consent")]},
        {"permission": [permission(action="sn:mine")]},
        {"permission": [permission(action={"rdf:value": {"@id": "tdm:mine"}, "refinement": []})]},
        {"permission": [permission(duty=[{"action": "obtain-consent"}])]},
        {"permission": [permission(duty=[{"action": "attribute", "constraint": []}])]},
        {"permission": [permission(constraint=[purpose("sn:train")])]},
        {"permission": [permission(constraint=[purpose("tdm:research", "neq")])]},
        {"permission": [permission(constraint=[{"or": [purpose("tdm:research")]}])]},
        {"permission": [permission(**{"ex:limit": 5})]},
        {"permission": [permission(assignee="https://a.example")]},
        {"permission": [permission()], "@type": "Agreement"},
        {"permission": [permission()], "profile": "https://another.example/profile"},
        {"permission": [permission()], "inheritFrom": "https://a.example/1"},
        {"permission": [{"action": "tdm:mine"}]},
        {"permission": [None]},
        {"permission": []},
        {},
    ],
)
def test_what_isn_t_understood_permits_nothing(tmp_path: Path, rest: Any) -> None:
    found = one(tmp_path, **rest)
    assert (found["decision"], found["problem"]) == ("unknown", "signal_unreadable")
    assert found["conditions"] is None


def test_the_obligation_of_earlier_drafts_is_a_reservation(tmp_path: Path) -> None:
    found = one(tmp_path, obligation=[{"action": "obtainConsent"}])
    assert (found["decision"], found["problem"]) == ("deny", "signal_legacy")
    assert (found["subject_kind"], found["subject_value"]) == ("host", "provider.example")


def test_actions_that_are_no_use_of_ai_are_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, policy(prohibition=[permission(action="sell")], permission=permission()))
    assert [r["decision"] for r in found] == ["allow"]


def test_terms_by_any_prefix_that_the_document_defines(tmp_path: Path) -> None:
    document = {
        "@context": {"o": "http://www.w3.org/ns/odrl/2/", "t": "http://www.w3.org/ns/tdmrep#"},
        "@graph": [
            {"@id": "https://p.example/party", "o:name": "x"},
            {
                "@id": "https://p.example/1",
                "@type": "o:Offer",
                "o:permission": {
                    "o:target": {"@id": "https://p.example/"},
                    "o:action": {"@id": "t:mine"},
                },
            },
        ],
    }
    [found] = read(tmp_path, document)
    assert (found["decision"], found["subject_value"]) == ("allow", "p.example")


def test_a_prefix_that_means_something_else_is_another_word(tmp_path: Path) -> None:
    found = one(tmp_path, permission=[permission()], **{"@context": {"tdm": "https://x.example/"}})
    assert (found["decision"], found["problem"]) == ("unknown", "signal_unreadable")


@pytest.mark.parametrize(
    ("target", "subject"),
    [
        ("https://doi.org/10.1234/Abc", ("work_id", "doi:10.1234/Abc")),
        ("urn:isbn:9780306406157", ("work_id", "isbn:9780306406157")),
        ("https://provider.example", ("host", "provider.example")),
        ("https://provider.example/a?b=1", ("url", "https://provider.example/a?b=1")),
        ("collection 7", ("work_id", "collection 7")),
    ],
)
def test_targets(tmp_path: Path, target: str, subject: tuple[str, str]) -> None:
    found = one(tmp_path, permission=[permission(target=target)])
    assert (found["subject_kind"], found["subject_value"]) == subject


@pytest.mark.parametrize(
    "target", ["https://doi.org/10.1/x y", "doi:10.abc", "urn:isbn:9780306406158"]
)
@pytest.mark.parametrize("rule", ["prohibition", "permission"])
def test_a_work_whose_id_is_wrong_asks_for_review_of_what_its_publisher_has(
    engine: Engine, tmp_path: Path, target: str, rule: str
) -> None:
    path = tmp_path / "odrl.jsonl"
    document = policy(**{rule: permission(target=target)})
    path.write_text(json.dumps(document), encoding="utf-8")
    [found] = records(engine, f"odrl:{path}")
    assert (found["decision"], found["problem"]) == ("unknown", "signal_unreadable")
    assert (found["subject_kind"], found["subject_value"]) == ("host", "provider.example")
    path.write_text(json.dumps(document | {"uid": "policy 1"}), encoding="utf-8")
    with pytest.raises(RegistryError, match="names no target that can be read"):
        records(engine, f"odrl:{path}")


def test_stored_policies_hold_until_they_were_fetched_again(engine: Engine, tmp_path: Path) -> None:
    url = "https://provider.example/policies/1"
    path = tmp_path / "odrl.jsonl"
    lines = [
        {"url": url, "fetched_at": day, "body": json.dumps(policy(**rest))}
        for day, rest in (
            ("2026-01-01", {"prohibition": permission()}),
            ("2026-06-01", {"permission": permission()}),
        )
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = records(engine, f"odrl:{path}")
    assert [r["decision"] for r in found] == ["deny", "allow"]
    assert found[0]["valid_until"] == found[1]["valid_from"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"a": 1},
        {"permission": permission(target=None)},
        {"body": "[1"},
        {"body": 7},
        {"body": "[" * 100_000},
        {"@graph": {"@list": [1, 2]}},
    ],
)
def test_what_is_no_policy_is_an_error(tmp_path: Path, document: Any) -> None:
    with pytest.raises(RegistryError, match="record 1"):
        read(tmp_path, document)
