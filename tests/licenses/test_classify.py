import csv
import json

import pytest

from sourcing_audit.licenses.expression import class_of, grants_of
from sourcing_audit.model import LicenseClass, Term


@pytest.mark.parametrize("raw", ["CC BY", "by-nc-sa", "cc0", "GPL", "Apache", "odbl", "BSD"])
def test_a_licence_without_its_version_stays_without_one(classifier, raw):
    finding = classifier.classify(raw)
    assert finding.expression.startswith("LicenseRef-")
    assert finding.reasons == ("license_version_missing",)


@pytest.mark.parametrize(
    ("raw", "expression"),
    [
        ("by 2.1", "LicenseRef-CC-BY"),
        ("cc0 3", "LicenseRef-CC0"),
        ("https://creativecommons.org/licenses/by/9.0/", "LicenseRef-CC-BY"),
        ("https://creativecommons.org/licenses/by-nc/2.5/uk/", "LicenseRef-CC-BY-NC"),
    ],
)
def test_a_version_that_does_not_exist_is_dropped_not_replaced(classifier, raw, expression):
    finding = classifier.classify(raw)
    assert finding.expression == expression
    assert finding.reasons == ("license_version_impossible",)


@pytest.mark.parametrize(
    "raw",
    [
        "MIT License, non-commercial use only",
        "CC BY 4.0, for non-commercial purposes only",
        "Apache-2.0 (not for commercial use)",
        "Public Domain; free for non-commercial use",
    ],
)
def test_non_commercial_beside_a_permissive_name_is_kept(classifier, raw):
    assert Term.NON_COMMERCIAL in classifier.classify(raw).terms


@pytest.mark.parametrize(
    "raw",
    [
        "CC BY 4.0 unless stated otherwise",
        "MIT License with restrictions: https://opensource.org/licenses/MIT",
        "https://creativecommons.org/licenses/by/4.0/ does not apply to the images",
        "Formerly CC BY 4.0",
        "similar to https://creativecommons.org/publicdomain/zero/1.0/",
        "license = 'CC-BY-4.0'; // example",
        "Atribuição - Palavras desconhecidas 2.0, CC BY sem garantia",
    ],
)
def test_text_that_may_take_it_back_makes_it_unknown(classifier, raw):
    assert classifier.classify(raw).license_class is LicenseClass.UNKNOWN


@pytest.mark.parametrize(
    "raw",
    [
        "\x00" * 1_000_000,
        "MIT\x00\x00",
        "\x1b[31mMIT\x1b[0m",
        "a b " * 250_000,
        "(" * 3_999,
        "[" * 100_000,
        "<a " * 1_000,
        "by-" * 1_300,
        "mit or " * 500 + "mit",
        "creativecommons.org/licenses/" * 100,
        "\ud800",
        "{" * 500,
        "&lt;" * 900,
        "%00%ff%c3%28",
        "﷽" * 3_999,
    ],
    ids=range(15),
)
def test_hostile_text_is_answered(classifier, raw):
    assert classifier.classify(raw).license_class


def test_long_text_is_not_read_and_says_so(classifier):
    finding = classifier.classify("Permission is hereby granted " * 500)
    assert finding.expression == "NOASSERTION"
    assert finding.reasons == ("license_text_not_read",)


def test_a_list_is_all_of_its_licences(classifier):
    finding = classifier.classify(json.dumps(["mit", "cc-by-nc-4.0"]))
    assert finding.expression == "MIT AND CC-BY-NC-4.0"
    assert Term.NON_COMMERCIAL in finding.terms
    assert finding.license_class is LicenseClass.PERMISSIVE


def test_a_slash_is_a_choice_only_between_licences_that_hold_nothing_back(classifier):
    assert classifier.classify("MIT/Apache-2.0").expression == "MIT OR Apache-2.0"
    assert classifier.classify("All rights reserved/MIT").license_class == "all-rights-reserved"


def test_suggestions_are_given_only_for_what_is_unresolved(classifier):
    assert classifier.classify("Apache Foo Licence").suggestions[0] == "Apache License"
    assert classifier.classify("Apache License 2.0").suggestions == ()
    assert classifier.classify("zzzz").suggestions == ()


@pytest.mark.parametrize(
    "raw",
    [
        "https://creativecommons.org.example.com/licenses/by/4.0/",
        "https://notcreativecommons.org/licenses/by/4.0/",
        "https://example.com/licenses/by/4.0/",
        "https://spdx.org.example.com/licenses/MIT",
        "https://example.com/MIT",
    ],
)
def test_another_site_s_address_is_no_licence(classifier, raw):
    assert classifier.classify(raw).expression == "NOASSERTION"


@pytest.mark.parametrize(
    ("raw", "expression"),
    [
        ("Apche License 2.0", "Apache-2.0"),
        ("Publik Domain", "LicenseRef-Public-Domain"),
        ("GNU Genral Public License v3", "GPL-3.0-only"),
    ],
)
def test_one_misspelt_word_is_corrected_and_said(classifier, raw, expression):
    finding = classifier.classify(raw)
    assert finding.expression == expression
    assert finding.rule.startswith("typo:")


@pytest.mark.parametrize(
    "raw",
    [
        "unlicence",  # two letters from "unlicensed", which is no permission
        "Calder",
        "Lexus",
        "opan",
        "BD-2-Clause",  # two letters are too few
        "GPL v22",
        "Apche Lisens 2.0",  # two words
        "uncommercial use",
    ],
)
def test_a_doubtful_correction_is_not_made(classifier, raw):
    assert not classifier.classify(raw).rule.startswith("typo:")


def test_a_person_s_name_is_no_licence(shared, classifier):
    names = set()
    for file, column in (("nga-constituents.csv", "lastname"), ("tate-artists.csv", "name")):
        with (shared / "works" / file).open(encoding="utf-8", newline="") as stream:
            names |= {row[column] for row in csv.DictReader(stream) if row[column]}
    assert len(names) > 10_000
    allowed = {name for name in names if grants_of(classifier.resolve(name).tree) == "yes"}
    assert allowed <= {"Perl", "United States Government"}


@pytest.mark.parametrize("raw", ["ESPRSSIF MIT License", "Kirkk BSD License", "MIT-style"])
def test_a_style_is_classed_but_grants_nothing(classifier, raw):
    tree = classifier.resolve(raw).tree
    assert (class_of(tree), grants_of(tree)) == (LicenseClass.PERMISSIVE, "unknown")
