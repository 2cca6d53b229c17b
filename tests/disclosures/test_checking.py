"""Existing disclosures held against an audit: contradicted, supported, not checked."""

from __future__ import annotations

import json

import pytest

from sourcing_audit.disclosures.checking import Checked, check
from sourcing_audit.disclosures.forms import fill
from sourcing_audit.disclosures.reading import read
from sourcing_audit.disclosures.verdicts import Verdict
from sourcing_audit.disclosures.writing import write
from sourcing_audit.model import DatasetStatus
from sourcing_audit.report import Origin
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.disclosures import DisclosureRules
from tests.disclosures.conftest import known_license, reworded


def verdicts(text, report, rules) -> Checked:
    return check(text, report, rules, known_license)


def only(text, report, rules):
    """The findings of one sentence."""
    found = verdicts(text, report, rules)
    return [*found.contradicted, *found.supported, *found.not_checked]


WRONG = [
    ("All items are licensed.", "918,018 of 1,204,331 items read"),
    ("Every image in this dataset is properly licensed.", "918,018"),
    ("A fully licensed dataset", "918,018"),
    ("Trained exclusively on licensed data", "918,018"),
    ("It contains no unlicensed material.", "918,018"),
    ("We own or license all data.", "918,018"),
    ("All rights have been cleared.", "918,018"),
    ("Nothing was used without permission.", "918,018"),
    ("100 % public domain", "541,718"),
    ("100% public domain.", "541,718"),
    ("The works are in the public domain.", "541,718"),
    ("No copyrighted material was used.", "541,718"),
    ("This dataset contains no opted-out works.", "58,811"),
    ("No creators have opted out.", "58,811"),
    ("All opt-outs were respected.", "58,811"),
    ("We respect opt-outs.", "58,811"),
    ("There are no personal data in it.", "395"),
    ("It shows no identifiable persons.", "395"),
    ("No one's likeness: no likenesses.", "395"),
    ("All persons shown have signed releases.", "395"),
    ("All creators have consented.", "13,000"),
    ("Made with the full consent of the artists.", "13,000"),
    ("It contains no AI-generated images.", "4,000"),
    ("Entirely human-made.", "4,000"),
    ("All creators are credited.", "894,079"),
    ("Every item was checked.", "1,204,300"),
    ("Cleared for commercial use.", "918,018"),
    ("Our training data is ethically sourced.", "contains opted-out items"),
    ("100 % clean.", "contains opted-out items"),
    ("The dataset is fully compliant.", "contains opted-out items"),
    ("57,000 items are opted out.", "58,811"),
    ("6 % of the items are opted out.", "4.9 %"),
    ("About 90,000 items are opted out.", "58,811"),
    ("Over 59,000 items are opted out.", "58,811"),
    ("Under 50k items are opted out.", "58,811"),
    ("Sourcing is established for all 1,204,331 items.", "918,018"),
    ("99 % of items are licensed.", "151,300"),
    ("The dataset contains 1,000,000 items.", "1,204,331"),
    ("The dataset contains 1.3 million images.", "1,204,331"),
    ("As of 2026-10-01 the following holds.", "2026-11-21"),
    ("As of 1 October 2026 the following holds.", "2026-11-21"),
    (f"Rules: version 2026.11.0, SHA-256 {'0' * 64}", "3b0c44298fc1c149"),
    ("Audit rules: version 2026.10.0.", "2026.11.0"),
    ("This dataset is released under CC BY 4.0.", "210,100"),
    ("All images are CC0.", "541,718"),
    ("license_name: cc-by-4.0", "210,100"),
    ("Opt-outs: none.", "58,811"),
    ("| Opted-out works | 0 |", "58,811"),
    ("Whether the datasets include personal information: No.", "395"),
    ("(12) Synthetic data: no", "4,000"),
    ("Our training data is licensed.", "918,018"),
    ("We use licensed works only.", "918,018"),
    ("One hundred per cent of the images are licensed.", "918,018"),
    ("Are all items licensed? Yes.", "918,018"),
    ("| Are all items licensed? | yes |", "918,018"),
    ("All items are licensed: yes", "918,018"),
    ("All items are licensed, although it is not known by whom.", "918,018"),
    ("All items are licensed and persons were not checked.", "918,018"),
    ("We have permission for everything.", "918,018"),
    ("Nothing in it infringes copyright.", "918,018"),
    ("Are there any opted-out works? None.", "58,811"),
    ("No creator objected.", "58,811"),
    ("No more than 1 % of the items are opted out.", "4.9 %"),
    ("Everyone shown has agreed.", "395"),
    ("Does it include synthetic data? No.", "4,000"),
    ("99 % of our works are properly licensed.", "151,300"),
    ("1,000,000 items (76 %) are established.", "918,018"),
    ("76 % of 5,000 items are established.", "1,204,331"),
    ("All data was lawfully acquired.", "contains opted-out items"),
]


@pytest.mark.parametrize(("text", "count"), WRONG, ids=[text for text, _ in WRONG])
def test_what_the_audit_contradicts_is_refused_with_the_count(text, count, report, rules):
    found = verdicts(text, report, rules).contradicted
    assert found
    assert any(count in one.evidence for one in found)
    assert found[0].place == "line 1"
    assert found[0].statement == text.strip("| ")


RIGHT = [
    "58,811 items are opted out.",
    "58 811 items are opted out.",
    "About 59,000 items are opted out.",
    "Over 58,000 items are opted out.",
    "59k items are opted out.",
    "Up to 59,000 items are opted out.",
    "No fewer than 58,000 items are opted out.",
    "Sourcing is established for 918,018 of 1,204,331 items.",
    "As of 21 November 2026, this holds.",
    "As of November 21, 2026, this holds.",
    "Audit rules: version 2026.11.0.",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_the_audit_bears_out_is_supported(text, report, rules):
    found = verdicts(text, report, rules)
    assert not found.contradicted
    assert found.supported
    assert not found.not_checked


GOOD = [
    "All items are licensed.",
    "100 % public domain.",
    "license: cc0-1.0",
    "All creators have consented.",
    "It contains no opted-out works.",
    "It contains no AI-generated images.",
    "Every item was checked.",
    "Cleared for commercial use.",
    "Our training data is ethically sourced.",
    "100 % of the items are established.",
]


@pytest.mark.parametrize("text", GOOD)
def test_the_same_claims_are_supported_where_they_are_so(text, good_report, rules):
    found = verdicts(text, good_report, rules)
    assert not found.contradicted
    assert found.supported
    evidence = found.supported[0].evidence
    assert "12 of 12" in evidence or "none in" in evidence or evidence == "as the audit says it"


@pytest.mark.parametrize("text", [text for text in GOOD if "opted" not in text])
def test_one_unread_file_contradicts_every_claim_about_the_whole(text, good_report, rules):
    totals = good_report.totals.model_copy(update={"unreadable_files": 1})
    partly = good_report.model_copy(
        update={"totals": totals, "dataset_status": DatasetStatus.PARTLY_ESTABLISHED}
    )
    found = verdicts(text, partly, rules)
    assert found.contradicted
    assert not found.supported
    assert "100 %" not in found.contradicted[0].evidence


HEDGED = [
    "Not all items are licensed.",
    "We do not claim that all items are licensed.",
    "It is not known whether all items are licensed.",
    "Are all items licensed?",
    "All items should be licensed.",
    "We aim to have every item licensed.",
    "Nearly all items are licensed.",
    "If all items are licensed, say so.",
    "Opt-outs must be respected.",
    "This is not ethically sourced.",
    "That every item is licensed was not established.",
    "Are all items licensed? No.",
    "All items licensed: no",
    "All items are licensed (to be confirmed).",
    "Some of our data is licensed.",
    "The dataset contains 12 languages.",
]


@pytest.mark.parametrize("text", HEDGED)
def test_what_is_denied_or_hedged_is_no_claim_and_is_listed(text, report, rules):
    found = verdicts(text, report, rules)
    assert not found.contradicted
    assert not found.supported
    assert [one.statement for one in found.not_checked] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Not perfect, but all items are licensed.",
        "Whatever you have heard: all items are licensed.",
    ],
)
def test_a_denial_elsewhere_does_not_take_a_claim_back(text, report, rules):
    assert verdicts(text, report, rules).contradicted


def test_what_no_rule_knows_is_listed_and_never_accepted(report, rules):
    text = "The data was collected in Berlin. It was a sunny day.\n\n| Colour | red |\n|---|---|\n"
    found = verdicts(text, report, rules)
    assert not found.supported
    assert [one.place for one in found.not_checked] == ["line 1", "line 1", "line 3"]


def test_silence_of_a_registry_supports_no_more_than_it_can(good_report, rules):
    text = "It contains no opted-out works."
    silent = good_report.model_copy(update={"registries": []})
    unkeyed = good_report.model_copy(
        update={"coverage": good_report.coverage.model_copy(update={"without_any_consent_key": 3})}
    )
    stale = good_report.model_copy(
        update={
            "registries": [
                one.model_copy(update={"fresh": False}) for one in good_report.registries
            ]
        }
    )
    for doubtful, why in (
        (silent, "no consent registry"),
        (unkeyed, "3 have no key"),
        (stale, "2 exports are out of date"),
    ):
        (found,) = only(text, doubtful, rules)
        assert found.verdict is Verdict.NOT_CHECKED
        assert why in found.evidence


def test_likeness_that_was_never_checked_contradicts_that_nobody_is_shown(good_report, rules):
    coverage = good_report.coverage.model_copy(update={"likeness_not_checked": 5})
    unchecked = good_report.model_copy(update={"coverage": coverage})
    for text in ("No persons are shown.", "It contains no personal data.", "No likenesses."):
        (found,) = only(text, unchecked, rules)
        assert found.verdict is Verdict.CONTRADICTED
        assert "never checked for 5 of 12 items" in found.evidence
        (found,) = only(text, good_report, rules)
        assert found.verdict is Verdict.NOT_CHECKED


def test_what_nobody_said_contradicts_that_nothing_is_synthetic(good_report, rules):
    origin = Origin(generated=0, human=7, not_stated=5)
    (found,) = only("No synthetic data.", good_report.model_copy(update={"origin": origin}), rules)
    assert found.verdict is Verdict.CONTRADICTED
    assert "7 of 12 items" in found.evidence


@pytest.mark.parametrize(
    "text", ["4.9 % of the items are opted out.", "It contains 1.2 million images."]
)
def test_a_share_of_a_number_that_is_not_known_is_not_checked(text, report, rules):
    (found,) = only(text, report, rules)
    assert found.verdict is Verdict.NOT_CHECKED
    assert "1 file could not be read at all" in found.evidence


@pytest.mark.parametrize(
    ("text", "changed", "why"),
    [
        ("0 items are opted out.", {"registries": []}, "no consent registry"),
        ("0 % of the items are opted out.", {"registries": []}, "no consent registry"),
        (
            "0 % of the items are synthetic.",
            {"origin": Origin(generated=0, human=0, not_stated=12)},
            "nobody said who made 12 of 12",
        ),
    ],
)
def test_zero_found_is_not_zero_where_nobody_asked(text, changed, why, good_report, rules):
    (found,) = only(text, good_report.model_copy(update=changed), rules)
    assert found.verdict is Verdict.NOT_CHECKED
    assert why in found.evidence


def test_unmatchable_records_and_unread_media_leave_an_objection_open(good_report, rules):
    text = "It contains no opted-out works."
    registries = [
        one.model_copy(update={"unmatchable_records": 2}) for one in good_report.registries
    ]
    coverage = good_report.coverage.model_copy(update={"media_not_read": 7})
    for changed, why in (
        ({"registries": registries}, "registry records can't be matched"),
        ({"coverage": coverage}, "7 have media that were not read"),
    ):
        (found,) = only(text, good_report.model_copy(update=changed), rules)
        assert found.verdict is Verdict.NOT_CHECKED
        assert why in found.evidence


@pytest.mark.parametrize(
    "text", ["The dataset is fully compliant.", "100 % clean.", "It complies with the AI Act."]
)
def test_no_audit_supports_that_a_law_is_complied_with(text, good_report, rules):
    found = verdicts(text, good_report, rules)
    assert not found.supported
    assert found.not_checked
    assert "no finding of compliance" in found.not_checked[0].evidence


def test_ethically_sourced_is_not_supported_where_likeness_was_never_checked(good_report, rules):
    coverage = good_report.coverage.model_copy(update={"likeness_not_checked": 5})
    unchecked = good_report.model_copy(update={"coverage": coverage})
    (found,) = only("Our training data is ethically sourced.", unchecked, rules)
    assert found.verdict is Verdict.NOT_CHECKED
    assert "likeness was never checked for 5 of 12" in found.evidence


def test_licensed_in_the_wider_sense_is_neither_refused_nor_supported(good_report, rules):
    (found,) = only("12 items are licensed.", good_report, rules)
    assert found.verdict is Verdict.NOT_CHECKED
    assert "any of the three preferences of AIMEG 5.2" in found.evidence


def test_not_established_counts_what_has_that_status_or_no_preference(report, rules):
    for text in ("286,313 items are not established.", "Sourcing is not established for 286,313."):
        (found,) = only(text, report, rules)
        assert found.verdict is Verdict.SUPPORTED


def test_about_a_share_near_the_whole_is_measured_by_what_it_leaves(good_report, rules):
    totals = good_report.totals.model_copy(update={"items_in": 1000, "verdicts": 1000})
    most = [
        one.model_copy(update={"items": 960 if one.rank == 2 else 0})
        for one in good_report.statuses
    ]
    nearly = good_report.model_copy(update={"totals": totals, "statuses": most})
    assert verdicts("Nearly 100 % of the items are established.", nearly, rules).contradicted
    assert verdicts("About 96 % of the items are established.", nearly, rules).supported


def test_a_licence_outside_the_most_frequent_is_counted_as_at_least(report, rules):
    more = report.model_copy(update={"license_expressions": 500})
    text = "This dataset is released under the Apache 2.0 license."
    (found,) = check(text, more, rules, lambda _: "Apache-2.0").contradicted
    assert "Apache-2.0 is the concluded licence, at least, for 0 of" in found.evidence


def test_open_obligations_contradict_ethically_sourced(good_report, rules):
    status = DatasetStatus.ESTABLISHED_WITH_OBLIGATIONS
    (found,) = only(
        "An ethically sourced dataset.",
        good_report.model_copy(update={"dataset_status": status}),
        rules,
    )
    assert found.verdict is Verdict.CONTRADICTED


def test_commercial_use_is_not_judged_by_an_audit_for_another_use(good_report, rules):
    use = good_report.use.model_copy(update={"commercial": False})
    (found,) = only("Free for commercial use.", good_report.model_copy(update={"use": use}), rules)
    assert found.verdict is Verdict.NOT_CHECKED


CARD = """---
license: {licence}
pretty_name: Stills
tags:
- fully-licensed
---
# Stills

Every still in this collection has been
properly licensed. It rained.
"""


def test_a_card_is_read_with_its_front_matter_and_its_lines(report, rules):
    found = verdicts(CARD.format(licence="cc0-1.0"), report, rules)
    places = {(one.place, one.claim) for one in found.contradicted}
    assert {("line 2", "tag"), ("line 4", "fully-licensed"), ("line 9", "all-licensed")} <= places
    assert ("line 10", "It rained.") in {(one.place, one.statement) for one in found.not_checked}


@pytest.mark.parametrize("licence", ["other", "unknown", "see-sourcing-status"])
def test_a_tag_that_names_no_licence_claims_none(licence, report, rules):
    text = f"---\nlicense: {licence}\n---\n"
    assert not verdicts(text, report, rules).contradicted


def test_a_licence_that_no_rule_knows_is_not_checked(report, rules):
    (found,) = only("---\nlicense: our-own-1.0\n---\n", report, rules)
    assert found.verdict is Verdict.NOT_CHECKED
    assert "no rule knows" in found.evidence


def test_several_licences_claim_that_each_item_is_under_one_of_them(report, rules):
    (found,) = only("---\nlicense: [cc0-1.0, cc-by-4.0]\n---\n", report, rules)
    assert found.verdict is Verdict.CONTRADICTED
    assert "751,818 of 1,204,331" in found.evidence


@pytest.mark.parametrize(
    "text",
    [
        "---\nlicense: [cc0-1.0\nAll items are licensed.\n---\n",
        "---\nAll items are licensed.\n",
        "---\n- All items are licensed.\n---\n",
        "{ All items are licensed. }",
        "[ All items are licensed.",
        "> **All** items are _licensed_.",
        "- [All items are licensed](https://example.org).",
        "```\nAll items are licensed.\n```",
        "| a | All items are licensed |",
        "All\u00a0items\u200b are licensed.",
        "All items &#97;re licensed.",
        "\uff21ll \uff49tems are licensed.",
        "Text\r\n\r\nAll items\r\nare licensed.",
        "# All items are licensed",
        '{"a": [{"b": "All items are licensed."}]}',
        '["All items are licensed."]',
        '{"front_matter": "---\\nlicense: cc0-1.0\\n---\\n"}',
        '{"license": "cc0-1.0"}',
        '{"statuses": {"opted_out": 3}}',
        '{"rows": [["Opted out", "none", 3]]}',
        '{"as_of": "2020-01-01"}',
        '{"note": "All items are licensed.", "note": "It rained."}',
        '{"fully_licensed": true}',
        "---\nlicense: cc0-1.0\nlicense: other\n---\n",
        "## Are all items licensed?\n\nYes.",
        '{"rules_digest": "' + "0" * 64 + '"}',
        "x " * 5_000 + "all items are licensed",
    ],
    ids=range(27),
)
def test_a_claim_is_found_however_it_is_written(text, report, rules):
    assert verdicts(text, report, rules).contradicted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "---",
        "---\n---",
        "---\n---\n",
        "{}",
        "[]",
        "{",
        "|",
        "|-|",
        "#",
        "- ",
        "\x00",
        "null",
    ],
)
def test_odd_files_are_read_without_an_error(text, report, rules):
    assert not verdicts(text, report, rules).contradicted


def test_deep_and_wide_documents_end(report, rules):
    deep = "[" * 50_000 + "]" * 50_000
    bomb = "---\na: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(8)
    )
    for text in (deep, bomb + "---\n", "1" * 100_000, "all " * 20_000, "items in " + "9" * 30):
        verdicts(text, report, rules)


STYLES = [
    (form.id, style)
    for form in DisclosureRules.load(RuleStore()).forms.values()
    for style in form.styles
]


@pytest.mark.parametrize(("form", "style"), STYLES)
@pytest.mark.parametrize("which", ["report", "good_report", "hostile_report"])
def test_our_own_forms_pass(which, form, style, request, rules):
    report = request.getfixturevalue(which)
    if which == "report":
        report = reworded(report)
    text = write(fill(report, form, rules), rules, style)
    found = verdicts(text, report, rules)
    assert not found.contradicted
    assert not found.not_checked
    assert found.supported
    marked = sum(1 for row in rules.fields[form] if row.rest is not None)
    if style == "markdown":
        assert found.to_complete == marked


def test_a_form_of_another_day_is_contradicted(report, rules):
    old = report.model_copy(update={"as_of": report.as_of.replace(day=1)})
    text = write(fill(reworded(old), "aimeg", rules), rules)
    assert {one.claim for one in verdicts(text, report, rules).contradicted} == {"as-of"}


def test_an_edited_form_is_contradicted_where_it_was_edited(report, rules):
    text = write(fill(reworded(report), "eu-ai-act", rules), rules)
    wanted = "58,811 of 1,204,331 items"
    assert wanted in text
    found = verdicts(text.replace(wanted, "11 of 1,204,331 items"), reworded(report), rules)
    assert found.contradicted
    assert {one.claim for one in found.contradicted} == {"opted-out-named"}
    line = int(found.contradicted[0].place.removeprefix("line "))
    assert (
        "11 of 1,204,331 items"
        in text.replace(wanted, "11 of 1,204,331 items").split("\n")[line - 1]
    )


def test_places_in_json_are_paths(report, rules):
    document = json.dumps({"fields": [{"answers": ["All items are licensed."]}]})
    (found,) = verdicts(document, report, rules).contradicted
    assert found.place == "/fields/0/answers/0"


def test_lines_are_counted_as_an_editor_does():
    text = "---\na: 1\n---\n\n# H\n\none\ntwo. Three\nfour.\n\n- five\n  six\n"
    assert [(one.place, one.text) for one in read(text)] == [
        ("line 2", "a: 1"),
        ("line 5", "H"),
        ("line 7", "one two."),
        ("line 8", "Three four."),
        ("line 11", "five six"),
    ]
