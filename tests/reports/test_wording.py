import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcing_audit.model import DatasetStatus, Outcome, Status
from sourcing_audit.report import (
    Consent,
    Coverage,
    Origin,
    OutcomeCount,
    Registry,
    StatusCount,
    Totals,
)
from sourcing_audit.reports.quantities import count, plural, ratio, share
from sourcing_audit.reports.wording import NO_REGISTRY, disclose, sentence

AS_OF = dt.date(2026, 11, 21)
GALLERY = Registry(
    name="gallery",
    path="gallery.csv",
    format="canonical-csv",
    sha256="0" * 64,
    records=10,
    snapshot_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC),
    matched_records=0,
    matched_items=0,
)
UNDATED = GALLERY.model_copy(update={"name": "undated", "snapshot_at": None})
OVERCLAIM = re.compile(r"\b(clean|safe|ethical(?! sourcing status)|compliant)\b", re.IGNORECASE)


def facts(
    by_status=None,
    *,
    quarantined=0,
    unreadable_files=0,
    conditional=0,
    registries=(GALLERY,),
):
    by_status = by_status or {}
    verdicts = sum(by_status.values())
    total = verdicts + quarantined
    return {
        "totals": Totals(
            items_in=total,
            verdicts=verdicts,
            quarantined=quarantined,
            unreadable_files=unreadable_files,
        ),
        "statuses": [
            StatusCount(
                status=status,
                rank=None,
                label=status.value,
                source="",
                items=by_status.get(status, 0),
                share=0,
                by_license_evidence={},
                by_basis={},
            )
            for status in Status
        ],
        "outcomes": [OutcomeCount(outcome=Outcome.CONDITIONAL, items=conditional, share=0)],
        "registries": list(registries),
        "as_of": AS_OF,
    }


def disclosure(
    given_facts, *, coverage=None, consent=None, origin=None, status=DatasetStatus.ESTABLISHED
):
    gaps = dict.fromkeys(Coverage.model_fields, 0) | {"unreadable_values": {}} | (coverage or {})
    seen = {
        "counts": [],
        "review_matches": 0,
        "opted_out_after_acquisition": 0,
        "expiring": [],
    } | (consent or {})
    return disclose(
        **given_facts,
        dataset_status=status,
        coverage=Coverage(**gaps),
        consent=Consent(**seen),
        origin=origin or Origin(generated=0, human=0, not_stated=0),
        use="train generative",
        rules_version="2026.11.0",
    )


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "—"),
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (9_996, 10_000, "over 99.9 %"),
        (9_994, 10_000, "99.9 %"),
        (1_204_330, 1_204_331, "over 99.9 %"),
        (1, 1_204_331, "under 0.1 %"),
        (4, 10_000, "under 0.1 %"),
        (5, 10_000, "0.1 %"),
        (1, 3, "33.3 %"),
        (1, 2, "50.0 %"),
    ],
)
def test_share(part, whole, words):
    assert share(part, whole) == words


@given(st.integers(1, 10**9), st.data())
def test_share_is_whole_or_nothing_only_when_exactly_so(whole, data):
    part = data.draw(st.integers(0, whole))
    assert (share(part, whole) == "100 %") == (part == whole)
    assert (share(part, whole) == "0 %") == (part == 0)
    assert "100.0" not in share(part, whole)
    assert share(part, whole) != "0.0 %"
    assert 0 <= ratio(part, whole) <= 1


def test_counts():
    assert count(1_204_331) == "1,204,331"
    assert plural(1, "item") == "1 item"
    assert plural(0, "item") == "0 items"


def test_all_items():
    words = sentence(**facts({Status.LICENSED: 1_000}))
    assert words == "As of 2026-11-21, sourcing is established for all 1,000 items."


def test_the_only_item():
    assert "established for the only item." in sentence(**facts({Status.LICENSED: 1}))


def test_one_quarantined_item_is_not_all():
    words = sentence(**facts({Status.LICENSED: 9_999}, quarantined=1))
    assert words == (
        "As of 2026-11-21, sourcing is established for 9,999 of 10,000 items (over 99.9 %);"
        " 1 could not be read."
    )


def test_an_unreadable_file_is_not_all():
    words = sentence(**facts({Status.LICENSED: 10}, unreadable_files=1))
    assert "all" not in words.split(";")[0].split()
    assert "10 of 10 items read;" in words
    assert "100 %" not in words
    assert "1 file could not be read at all, and its number of items is not known" in words


def test_unreadable_files_have_their_number():
    words = sentence(**facts({Status.LICENSED: 10}, unreadable_files=2))
    assert "2 files could not be read at all, and their number of items" in words


def test_nothing_read():
    assert "nothing is established: no item could be read" in sentence(**facts())


def test_none_established():
    words = sentence(**facts({Status.NOT_ESTABLISHED: 5}))
    assert "established for none of the 5 items; 5 are not established." in words


def test_singular_and_plural_shortfalls():
    words = sentence(**facts({Status.LICENSED: 7, Status.OPTED_OUT: 1, Status.TERMS_NOT_MET: 2}))
    assert "1 is opted out; 2 do not meet their licence's terms." in words


def test_obligations_are_told():
    words = sentence(**facts({Status.LICENSED: 7}, conditional=3))
    assert words.endswith("; obligations stay open for 3 of those established.")


def test_no_registry_is_told_everywhere():
    given_facts = facts({Status.LICENSED: 7}, registries=())
    assert sentence(**given_facts).endswith(NO_REGISTRY)
    result = disclosure(given_facts)
    assert NO_REGISTRY in result.short
    assert NO_REGISTRY in result.statements
    assert not any("Refusals in force: none" in line for line in result.statements)


def test_no_refusal_is_said_of_the_export_only():
    result = disclosure(facts({Status.LICENSED: 7}, registries=(GALLERY, UNDATED)))
    assert (
        "Refusals in force: none in the export of 2026-11-03 of gallery,"
        " none in the export of unknown date of undated." in result.statements
    )
    assert any("later or elsewhere are not known" in line for line in result.limits)


def test_refusals_without_a_registry_are_still_told():
    result = disclosure(facts({Status.OPTED_OUT: 2, Status.LICENSED: 2}, registries=()))
    assert any(line.startswith("Opted out") and "2 of 4" in line for line in result.statements)


def test_every_gap_becomes_a_statement_or_limit():
    result = disclosure(
        facts({Status.LICENSED: 9, Status.NOT_ESTABLISHED: 1}, quarantined=2, unreadable_files=1),
        coverage={
            "dataset_default_license": 3,
            "likeness_not_checked": 12,
            "without_creator": 4,
            "without_source": 5,
            "without_any_consent_key": 6,
        },
        consent={"review_matches": 7, "opted_out_after_acquisition": 8},
        status=DatasetStatus.PARTLY_ESTABLISHED,
    )
    text = "\n".join(result.statements + result.limits)
    for part in (
        "blanket tag, the weakest evidence, for 3 of 12 items read (25.0 %)",
        "performance is in it was not checked for 12 of 12 items read.",
        "No creator is on record for 4",
        "No source is on record for 5",
        "Without any key that a registry could match",
        "bare name only",
        "Opted out after the item was acquired: 8.",
        "Sourcing could not be established: 1 of 12",
        "counted as not established: 2 of 12",
        "Unreadable as a whole: 1 file",
        "not legal advice",
    ):
        assert part in text


def test_items_that_a_model_made_are_told_apart():
    origin = Origin(generated=2, human=1, not_stated=4)
    told = disclosure(facts({Status.LICENSED: 7}), origin=origin).statements
    assert "Made by a model, not by a person: 2 of 7 items (28.6 %)." in told
    assert not any("Made by" in line for line in disclosure(facts({Status.LICENSED: 7})).statements)


def test_short_names_status_use_rules_and_date():
    short = disclosure(facts({Status.LICENSED: 7})).short
    for part in ("established", "train generative", "2026.11.0", "2026-11-21", "gallery"):
        assert part in short


counts = st.integers(0, 10_000)


@given(
    st.fixed_dictionaries(dict.fromkeys(Status, counts)),
    counts,
    st.integers(0, 3),
    st.sampled_from([(), (GALLERY,), (GALLERY, UNDATED)]),
    st.sampled_from(list(DatasetStatus)),
)
def test_words_never_outrun_the_counts(by_status, quarantined, files, registries, status):
    given_facts = facts(
        by_status, quarantined=quarantined, unreadable_files=files, registries=registries
    )
    result = disclosure(given_facts, status=status)
    text = " ".join([result.short, *result.statements, *result.limits])
    assert not OVERCLAIM.search(text)
    ranked = sum(
        by_status[entry]
        for entry in (
            Status.LICENSED,
            Status.PUBLIC_DOMAIN_OR_CC,
            Status.PROPRIETARY_WITH_CONSENT,
        )
    )
    total = given_facts["totals"].items_in
    if re.search(r"\ball [\d,]+ items", text):
        assert ranked == total
        assert not files
    if not registries:
        assert NO_REGISTRY in text
