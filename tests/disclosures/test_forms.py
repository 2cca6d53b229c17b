"""Forms: every field is there, filled from the report or marked, and hostile text is inert."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
import yaml

from sourcing_audit.disclosures import disclosure
from sourcing_audit.disclosures.cases import check_examples
from sourcing_audit.disclosures.facts import FACTS as COMPUTED
from sourcing_audit.disclosures.forms import fill
from sourcing_audit.disclosures.writing import TO_COMPLETE, write
from sourcing_audit.errors import ConfigError, RulesError
from sourcing_audit.model import DatasetStatus
from sourcing_audit.report import Group
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.disclosures import FACTS, DisclosureRules
from tests.disclosures.conftest import established, reworded

FORMS = ("aimeg", "eu-ai-act", "ab-2013", "dataset-card")
STYLES = [
    (form.id, style)
    for form in DisclosureRules.load(RuleStore()).forms.values()
    for style in form.styles
]
TEMPLATE = (
    *("1.1", "1.2", "1.3", "2.1", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6"),
    *("3.1", "3.2", "3.3"),
)
ACTIVE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def front_matter(text: str) -> dict[str, object]:
    head, fence, _ = text.removeprefix("---\n").partition("\n---\n")
    assert fence
    assert text.startswith("---\n")
    found = yaml.safe_load(head)
    assert isinstance(found, dict)
    return found


def test_the_forms_are_those_that_are_documented(rules):
    assert tuple(rules.forms) == FORMS


def test_every_fact_of_the_rules_is_computed_and_used(rules):
    assert set(COMPUTED) == FACTS
    used = {fact for rows in rules.fields.values() for row in rows for fact in row.facts}
    assert used == FACTS


@pytest.mark.parametrize("form", FORMS)
def test_every_field_cites_its_clause_and_its_source(rules, form):
    for row in rules.fields[form]:
        assert row.clause
        assert row.source.startswith("https://")
        assert row.facts or row.rest


def test_the_eu_form_has_every_section_of_the_template(rules):
    sections = [row.section.split()[0] for row in rules.fields["eu-ai-act"]]
    assert tuple(dict.fromkeys(sections))[1:] == TEMPLATE


def test_the_california_form_has_the_twelve_points_in_their_order(rules):
    clauses = [row.clause for row in rules.fields["ab-2013"]]
    for number, clause in enumerate(clauses[:12], start=1):
        assert f"(a)({number})" in clause


@pytest.mark.parametrize("form", FORMS)
def test_every_field_is_written_filled_or_marked(rules, report, form):
    filled = fill(report, form, rules)
    text = write(filled, rules)
    marked = text.count(f"**{TO_COMPLETE}")
    assert marked == sum(1 for row in rules.fields[form] if row.rest is not None)
    as_json = json.loads(write(filled, rules, "json"))
    assert [one["id"] for one in as_json["fields"]] == [row.id for row in rules.fields[form]]
    for one in as_json["fields"]:
        assert one["to_complete"] or any(
            answer["statements"] or answer["table"]["rows"] for answer in one["answers"]
        )


@pytest.mark.parametrize(("form", "style"), STYLES)
def test_the_same_report_gives_the_same_text(rules, report, form, style):
    again = report.model_validate_json(report.model_dump_json())
    written = write(fill(report, form, rules), rules, style)
    assert written == write(fill(again, form, rules), rules, style)
    assert written.endswith("\n")


@pytest.mark.parametrize(("form", "style"), STYLES)
def test_hostile_text_is_inert(rules, hostile_report, form, style):
    text = write(fill(hostile_report, form, rules), rules, style)
    active = {c for c in text if unicodedata.category(c) in ACTIVE} - {"\n"}
    assert not active
    if style == "markdown":
        body = text.rpartition("\n---\n")[2]
        assert "<script" not in body
        assert not re.search(r"(?<!\\)\]\(", body)
        assert "http://evil" not in body
    if style == "json":
        json.loads(text)


def test_front_matter_stays_yaml_whatever_names_hold(rules, hostile_report):
    names = ["a: b\n---\nlicense: cc0-1.0", "- x", "'\"", "&a *a", "!!python/object:os.system", "{"]
    lineage = [hostile_report.lineage[0].model_copy(update={"dataset": name}) for name in names]
    hostile = hostile_report.model_copy(update={"lineage": lineage})
    found = front_matter(write(fill(hostile, "dataset-card", rules), rules))
    assert found["license"] == "other"
    assert len(found["source_datasets"]) == len(names)
    assert set(found) == {
        "license",
        "license_name",
        "license_details",
        "source_datasets",
    }


def test_the_card_names_a_licence_only_if_every_item_is_established_to_have_it(rules, good_report):
    def licence(report):
        return front_matter(write(fill(report, "dataset-card", rules), rules, "yaml"))["license"]

    assert licence(good_report) == "cc0-1.0"
    totals = good_report.totals
    for change in (
        {"totals": totals.model_copy(update={"unreadable_files": 1})},
        {"totals": totals.model_copy(update={"items_in": 13, "quarantined": 1})},
        {"dataset_status": DatasetStatus.PARTLY_ESTABLISHED},
        {"license_expressions": 2},
    ):
        assert licence(good_report.model_copy(update=change)) == "other"
    nothing = [entry.model_copy(update={"items": 0}) for entry in good_report.statuses]
    assert (
        licence(good_report.model_copy(update={"statuses": nothing, "licenses": []})) == "unknown"
    )


def test_a_licence_that_the_hub_does_not_know_is_named(rules, good_report):
    own = good_report.licenses[0].model_copy(update={"expression": "LicenseRef-gallery"})
    text = write(
        fill(good_report.model_copy(update={"licenses": [own]}), "dataset-card", rules),
        rules,
        "yaml",
    )
    assert front_matter(text) | {"license": "other", "license_name": "LicenseRef-gallery"} == (
        front_matter(text)
    )


@pytest.mark.parametrize(
    ("items", "size"),
    [(999, "n<1K"), (1_000, "1K<n<10K"), (1_204_331, "1M<n<10M"), (10**12, "n>1T")],
)
def test_the_cards_size_is_that_of_the_hub(rules, items, size):
    text = write(fill(established(items), "dataset-card", rules), rules, "yaml")
    assert front_matter(text)["size_categories"] == [size]


def test_no_size_is_claimed_where_a_file_was_not_read(rules, report):
    assert report.totals.unreadable_files
    assert "size_categories" not in write(fill(report, "dataset-card", rules), rules, "yaml")


def test_all_is_said_only_if_it_is_so(rules, good_report):
    text = write(fill(good_report, "ab-2013", rules), rules)
    assert "Of the licence class public domain: all 12 items." in text
    totals = good_report.totals.model_copy(update={"unreadable_files": 1})
    text = write(
        fill(reworded(good_report.model_copy(update={"totals": totals})), "ab-2013", rules), rules
    )
    assert "Of the licence class public domain: 12 of 12 items read." in text
    assert "1 file could not be read at all; the number of items in there isn't known." in text
    assert "100 %" not in text
    assert "all 12" not in text


def test_hosts_are_listed_by_items_with_their_tenth(rules, report):
    groups = [
        Group(
            outcome="permitted",
            status="licensed",
            license_concluded="MIT",
            reasons=[],
            obligations=[],
            host=f"h{number:03}.example" if number else None,
            items=1000 - number,
            shard="a",
            row=1,
        )
        for number in range(301)
    ]
    every = report.model_copy(update={"groups": groups, "groups_in_all": len(groups)})
    text = write(fill(every, "ab-2013", rules), rules)
    assert "Hosts on record: 300; a tenth is 30, a twentieth 15." in text
    assert "Listed here: 30, by number of items and not by size." in text
    assert "h030.example | 970 |" in text
    assert "h031.example" not in text
    some = every.model_copy(update={"groups_in_all": 302})
    text = write(fill(some, "ab-2013", rules), rules)
    assert "The audit's own tables hold every host" in text
    assert "a tenth" not in text


def test_hosts_of_one_domain_name_are_one(rules, report):
    hosts = ["a.photos.example", "b.photos.example:8080", "10.0.0.1", "co.uk", "x.co.uk", "y.co.uk"]
    groups = [
        Group(
            outcome="permitted",
            status="licensed",
            license_concluded="MIT",
            reasons=[],
            obligations=[],
            host=host,
            items=10 - number,
            shard="a",
            row=1,
        )
        for number, host in enumerate(hosts)
    ]
    every = report.model_copy(update={"groups": groups, "groups_in_all": len(groups)})
    text = write(fill(every, "eu-ai-act", rules), rules)
    assert "Domain names on record: 5; a tenth is 1, a twentieth 1." in text
    shown = re.findall(r"^\| (\S+) \| (\d+) \| under", text, re.MULTILINE)
    expected = [("photos.example", "19"), ("10.0.0.1", "8"), ("co.uk", "7")]
    assert shown == [*expected, ("x.co.uk", "6"), ("y.co.uk", "5")]
    some = every.model_copy(update={"groups_in_all": 302})
    assert "| Host | Items |" in write(fill(some, "eu-ai-act", rules), rules)


def test_where_a_local_file_lay_is_not_told(rules, report):
    names = ["/home/ana/secret/works.csv", "hf:org/name", "s3://bucket/part.parquet"]
    inputs = [report.dataset.inputs[0].model_copy(update={"name": name}) for name in names]
    dataset = report.dataset.model_copy(update={"inputs": inputs})
    text = write(fill(report.model_copy(update={"dataset": dataset}), "ab-2013", rules), rules)
    assert "ana" not in text
    for name in ("| works.csv |", "| hf:org/name |", "bucket/part.parquet |"):
        assert name in text


def test_people_are_not_named(rules, report):
    for form in FORMS:
        text = write(fill(report, form, rules), rules)
        assert not [one.name for one in report.creators if one.name in text]


def test_no_registry_means_that_objections_are_not_known(rules, report):
    silent = report.model_copy(update={"registries": []})
    text = write(fill(silent, "eu-ai-act", rules), rules)
    assert "No consent registry was consulted; whether creators objected is not known." in text


def test_the_short_form_is_one_paragraph(rules, report):
    assert write(fill(report, "aimeg", rules), rules, "text") == report.disclosure.short + "\n"


def test_unknown_forms_and_styles_name_those_that_there_are(report):
    with pytest.raises(ConfigError, match="no disclosure form is called 'gdpr'") as told:
        disclosure(report, "gdpr", RuleStore())
    assert "aimeg, eu-ai-act, ab-2013, dataset-card" in str(told.value)
    with pytest.raises(ConfigError, match="isn't written as 'text'"):
        disclosure(report, "ab-2013", RuleStore(), "text")


def test_every_example_of_a_claim_and_of_a_hedge_holds(rules):
    ran, failures = check_examples(rules)
    assert not failures
    assert ran > 100


def test_a_wrong_example_is_found(rules):
    claim = rules.claims[0]
    row = claim.row.model_copy(update={"counter": (claim.row.example,)})
    wrong = DisclosureRules(
        rules.forms, rules.fields, rules.hub, (type(claim)(row, claim.pattern, None),), ()
    )
    assert check_examples(wrong)[1]


def test_your_own_rules_may_replace_a_field_and_add_a_claim(tmp_path, report):
    folder = tmp_path / "rules" / "disclosures"
    folder.mkdir(parents=True)
    (folder / "aimeg.toml").write_text(
        '[[field]]\nid = "other-training-data"\nsection = "Basis"\ntitle = "Ours"\nclause = "4.2"\n'
        'source = "https://example.org"\nasks = "What else?"\nrest = "Ask the studio."\n'
    )
    store = RuleStore([tmp_path / "rules"])
    assert "Ask the studio." in disclosure(report, "aimeg", store)
    assert [one.key for one in store.overrides] == ["other-training-data"]


FIELD = """[[field]]
id = "x"
section = "s"
title = "t"
clause = "c"
source = "https://example.org"
asks = "a"
"""
CLAIM = """[[claim]]
id = "x"
claims = "overclaim"
pattern = "b"
example = "b"
counter = ["c"]
source = "c"
"""


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("aimeg.toml", FIELD, "a field without facts"),
        ("aimeg.toml", f'{FIELD}facts = ["wishes"]\n', "facts.0"),
        ("aimeg.toml", FIELD.replace("https", "ftp"), "https://"),
        ("claims.toml", CLAIM.replace('"b"', '"<NOBODY>"'), "no word is called <NOBODY>"),
        ("claims.toml", CLAIM.replace('"b"', '"a("'), "x: pattern"),
        ("claims.toml", CLAIM.replace('example = "b"', 'example = "a"'), "its own example"),
        ("claims.toml", CLAIM.replace("overclaim", "count"), "a count has a quantity"),
        ("claims.toml", CLAIM.replace("overclaim", "wishes"), "claims"),
    ],
    ids=["empty", "fact", "source", "word", "pattern", "example", "quantity", "judgement"],
)
def test_invalid_rules_name_the_rule_and_what_is_wrong(tmp_path, name, text, message):
    folder = tmp_path / "disclosures"
    folder.mkdir()
    (folder / name).write_text(text)
    with pytest.raises(RulesError, match=re.escape(message)):
        DisclosureRules.load(RuleStore([tmp_path]))
