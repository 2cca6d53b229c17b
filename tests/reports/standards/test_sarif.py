"""SARIF: the specification's form, references that hold, and every item accounted for."""

import copy
import json
import sys
from pathlib import Path

import jsonschema
import pytest

from sourcing_audit.model import Outcome
from sourcing_audit.reports.standards.sarif import LEVELS, MOST_RESULTS, SarifFormat
from tests.reports.standards.sarif_form import LOG

OASIS = Path(sys.prefix, "share/sarif/sarif-2.1.0-rtm.5.json")
"""OASIS' own schema, which no package for Python ships; `make test` has npm bring it."""


@pytest.fixture(scope="session")
def oasis():
    if not OASIS.exists():
        pytest.skip(f"OASIS' schema of SARIF isn't at {OASIS}: run make test where npm is")
    return json.loads(OASIS.read_text(encoding="utf-8"))


def run(report):
    [only] = json.loads(SarifFormat().render(report))["runs"]
    return only


def faults(document, schema) -> list[str]:
    validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    checked = validator(schema, format_checker=jsonschema.FormatChecker())
    return [error.message for error in checked.iter_errors(document)]


def test_the_form_is_the_specifications(each):
    assert faults(json.loads(SarifFormat().render(each)), LOG) == []


def test_a_fault_of_form_would_be_found(grouped):
    document = json.loads(SarifFormat().render(grouped))
    document["runs"][0]["results"][0]["locations"][0]["line"] = 3
    assert faults(document, LOG)


def test_the_schema_of_oasis_is_kept(each, oasis):
    assert faults(json.loads(SarifFormat().render(each)), oasis) == []


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        (("version",), "2.0.0"),
        (("runs", 0, "results", 0, "level"), "fatal"),
        (("runs", 0, "results", 0, "message"), "a text"),
        (("runs", 0, "results", 0, "ruleIndex"), -2),
        (("runs", 0, "tool", "driver", "surplus"), 1),
        (("runs", 0, "artifacts", 0, "roles"), ["victim"]),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_the_schema_of_oasis_finds_faults(grouped, oasis, place, fault):
    document = json.loads(SarifFormat().render(grouped))
    part = broken = copy.deepcopy(document)
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = fault
    assert faults(document, oasis) == []
    assert faults(broken, oasis)


def test_references_hold(each):
    found = run(each)
    rules = found["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for taxon in result.get("taxa", []):
            taxonomy = found["taxonomies"][taxon["toolComponent"]["index"]]
            assert taxonomy["name"] == taxon["toolComponent"]["name"]
            assert taxonomy["taxa"][taxon["index"]]["id"] == taxon["id"]


def test_every_item_that_is_not_permitted_is_in_a_result(each):
    items = dict.fromkeys(LEVELS, 0)
    for result in run(each)["results"]:
        if "outcome" in result["properties"]:
            items[Outcome(result["properties"]["outcome"])] += result["properties"]["items"]
    assert items == dict.fromkeys(LEVELS, 0) | {
        entry.outcome: entry.items for entry in each.outcomes if entry.outcome in LEVELS
    }


def test_levels_follow_outcomes_and_nothing_permitted_is_a_result(grouped):
    levels = {
        (result["properties"]["outcome"], result["level"])
        for result in run(grouped)["results"]
        if "outcome" in result["properties"]
    }
    assert levels == {(str(outcome), level) for outcome, level in LEVELS.items()}


def test_a_result_says_what_why_where_and_how_to_fix(grouped):
    first = run(grouped)["results"][0]
    assert first["ruleId"] == "opted_out"
    assert first["occurrenceCount"] == 58_000
    assert first["message"]["text"] == (
        "58,000 items from host-0.example under CC-BY-SA-4.0: Opted out. The creator refused use"
        " for training (HCA Code of Ethics; AIMEG 3.1). Leave the items out. A grant was revoked"
        " (AIMEG 3.1, 3.2). Leave the items out, and follow the deletion route of the grant. The"
        " first is record 1."
    )
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "data/part-000.parquet"
    assert place["region"] == {"startLine": 1}


def test_the_help_of_a_rule_names_its_reasons_with_their_clauses(grouped):
    [rule] = [one for one in run(grouped)["tool"]["driver"]["rules"] if one["id"] == "opted_out"]
    first, refused, revoked = rule["help"]["text"].splitlines()
    assert first == "Opted out (HCA Code of Ethics; AIMEG 3.1)."
    assert refused.startswith("- consent_refused: The creator refused use for training (HCA Code")
    assert refused.endswith("Leave the items out.")
    assert revoked.startswith("- consent_revoked: A grant was revoked (AIMEG 3.1, 3.2). Leave")


def test_what_is_not_read_is_a_result(grouped):
    found = {result["ruleId"]: result for result in run(grouped)["results"]}
    quarantined = found["quarantined"]
    assert quarantined["message"]["text"].startswith("31 records and 2 files quarantined")
    places = [one["physicalLocation"] for one in quarantined["locations"]]
    assert [one["region"]["startLine"] for one in places] == [4411, 92]
    unreadable = found["unreadable_file"]["locations"][0]["physicalLocation"]
    assert unreadable == {"artifactLocation": {"uri": "data/part-002.parquet"}}


def test_fingerprints_depend_neither_on_counts_nor_on_places(grouped):
    moved = [
        group.model_copy(update={"items": group.items - 1, "row": group.row + 7})
        for group in reversed(grouped.groups)
    ]
    again = run(grouped.model_copy(update={"groups": moved}))

    def prints(found):
        return sorted(result["partialFingerprints"]["alike/v1"] for result in found["results"])

    first = prints(run(grouped))
    assert len(set(first)) == len(first)
    assert set(first) <= set(prints(again))


def test_groups_that_are_left_off_are_notified(grouped):
    notifications = run(grouped)["invocations"][0]["toolExecutionNotifications"]
    warnings = [one["message"]["text"] for one in notifications if one["level"] == "warning"]
    assert warnings[0].startswith("2 groups of items alike are not told apart here")


def test_results_beyond_the_most_are_left_off_and_notified(grouped):
    inputs = [
        grouped.dataset.inputs[2].model_copy(update={"name": f"data/{number}"})
        for number in range(MOST_RESULTS + 3)
    ]
    data = grouped.dataset.model_copy(update={"inputs": inputs})
    cut = run(grouped.model_copy(update={"dataset": data, "groups": []}))
    assert len(cut["results"]) == MOST_RESULTS
    [first, *_] = cut["invocations"][0]["toolExecutionNotifications"]
    # Four statuses without a group, one result for what is conditional, one for the quarantine.
    assert first["message"]["text"] == "9 results left off: services take 5,000."


def test_inputs_are_artifacts_with_their_hashes(grouped):
    artifact = run(grouped)["artifacts"][0]
    assert artifact["hashes"] == {"sha-256": grouped.dataset.inputs[0].sha256}
    assert artifact["length"] == 812_331_002
