import pytest

from sourcing_audit.licenses import Classifier, Concluder
from sourcing_audit.licenses.conclude import all_reasons
from sourcing_audit.licenses.lineage import MOST_DATASETS, NOTHING, Lineage
from sourcing_audit.model import Grant, IntendedUse, LicenseEvidence, UpstreamDataset

COMMERCIAL = IntendedUse()


@pytest.fixture(scope="module")
def classifier(rules):
    return Classifier(rules)


@pytest.fixture
def lineage(classifier):
    def make(*given):
        return Lineage(classifier, classifier.rules.datasets, given)

    return make


@pytest.mark.parametrize("value", [None, "", "  ", "original", '["original"]', "[]"])
def test_made_from_no_other(lineage, value):
    assert lineage().of(value) == NOTHING


@pytest.mark.parametrize(
    "name",
    [
        "squad",
        "SQuAD",
        "hf:rajpurkar/squad@v1.1",
        "https://huggingface.co/datasets/rajpurkar/squad/tree/main",
        "extended|squad",
        '["extended|squad"]',
        "squad_v2",
    ],
)
def test_spellings_of_one_dataset(lineage, name):
    chain = lineage().of(name).chain
    assert chain == (
        "SQuAD > Wikipedia: CC-BY-SA-3.0 AND GFDL-1.3-or-later",
        "SQuAD: CC-BY-SA-4.0",
    )


def test_several_with_the_most_restrictive_first(lineage):
    for cell in ("gsm8k; daily_dialog", "gsm8k,daily_dialog", '["gsm8k", "daily_dialog"]'):
        assert lineage().of(cell).chain == ("DailyDialog: CC-BY-NC-SA-4.0", "GSM8K: MIT")


def test_a_dataset_that_nobody_knows_is_unknown(lineage):
    found = lineage().of("gsm8k; our own scrape")
    assert found.chain[0] == "our own scrape: NOASSERTION"
    assert found.reasons == ("upstream_terms", "upstream_unknown")


def test_what_the_user_states_wins_and_reaches_every_item(lineage):
    scans = UpstreamDataset("our scans", "CC BY-NC 4.0", ("city archive",))
    archive = UpstreamDataset("city archive", "CC0", everywhere=False)
    squad = UpstreamDataset("squad", "CC BY 4.0", everywhere=False)
    found = lineage(scans, archive, squad)
    assert found.of(None).chain == (
        "our scans: CC-BY-NC-4.0",
        "our scans > city archive: LicenseRef-CC0",
    )
    assert "SQuAD" not in str(found.of(None).chain)
    assert "squad: CC-BY-4.0" in found.of("squad").chain


def test_circles_and_endless_chains_end(lineage):
    circle = (UpstreamDataset("a", "MIT", ("b",)), UpstreamDataset("b", "CC0", ("a",)))
    assert len(lineage(*circle).of(None).chain) == 2
    long = tuple(
        UpstreamDataset(f"n{i}", "MIT", (f"n{i + 1}",), everywhere=False)
        for i in range(2 * MOST_DATASETS)
    )
    found = lineage(*long).of("n0")
    assert len(found.chain) == MOST_DATASETS + 1
    assert "upstream_unknown" in found.reasons


@pytest.mark.parametrize(
    "value", ['["unclosed', "[[1, 2], {}]", '[{"a": 1}]', "|;|,", "\x00", "[" * 50]
)
def test_hostile_cells_are_unknown_or_nothing(lineage, value):
    found = lineage().of(value)
    assert found == NOTHING or found.reasons == ("upstream_unknown",)


def test_upstream_terms_hold_for_items_under_a_better_licence(rules):
    concluder = Concluder(rules, COMMERCIAL)
    alone = concluder.conclude("CC0 1.0")
    found = concluder.conclude("CC0 1.0", upstream="daily_dialog")
    assert alone.outcome.grant is Grant.GRANTED
    assert found.outcome.grant is Grant.BREACHED
    assert found.evidence is LicenseEvidence.ITEM
    assert found.lineage == ("DailyDialog: CC-BY-NC-SA-4.0",)
    assert found.finding.expression == "CC0-1.0 AND CC-BY-NC-SA-4.0"
    assert {"upstream_terms", "non_commercial"} <= set(all_reasons(found))


def test_an_unknown_upstream_is_no_permission(rules):
    found = Concluder(rules, COMMERCIAL).conclude("CC0 1.0", upstream="somewhere")
    assert found.outcome.grant is Grant.UNKNOWN
    assert all_reasons(found) == ["upstream_unknown"]


def test_a_good_upstream_does_not_stand_in_for_a_missing_licence(rules):
    found = Concluder(rules, COMMERCIAL).conclude(upstream="gsm8k")
    assert found.outcome.grant is Grant.UNKNOWN
    assert found.evidence is LicenseEvidence.NONE
    assert "license_missing" in all_reasons(found)
