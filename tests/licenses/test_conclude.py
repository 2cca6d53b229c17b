import ibis
import pyarrow as pa
import pytest

from sourcing_audit import schema
from sourcing_audit.licenses import Concluder, conclude_batches
from sourcing_audit.licenses.conclude import all_reasons
from sourcing_audit.model import Grant, IntendedUse, LicenseEvidence, Share

COMMERCIAL = IntendedUse()
RESEARCH = IntendedUse(commercial=False, research=True, shares=frozenset())


@pytest.fixture
def concluder(rules):
    return Concluder(rules, COMMERCIAL)


def test_agreeing_values_keep_the_most_specific(concluder):
    found = concluder.conclude("CC BY", "https://creativecommons.org/licenses/by/4.0/", None)
    assert found.finding.expression == "CC-BY-4.0"
    assert all_reasons(found) == []
    assert (found.outcome.grant, found.outcome.rank) == (Grant.GRANTED, 2)
    assert found.outcome.needs_attribution


def test_a_copyright_line_does_not_contradict_a_licence(concluder):
    found = concluder.conclude("CC BY 4.0", None, "© Jane Doe")
    assert found.finding.expression == "CC-BY-4.0"
    assert found.outcome.grant is Grant.GRANTED
    assert "license_conflict" not in all_reasons(found)


@pytest.mark.parametrize("rights", ["All rights reserved", "InC", "No License", "proprietary"])
def test_a_reservation_contradicts_it(concluder, rights):
    found = concluder.conclude("CC BY 4.0", None, rights)
    assert found.outcome.grant is Grant.NOT_GRANTED
    assert "license_conflict" in all_reasons(found)


def test_a_copyright_line_contradicts_the_public_domain(concluder):
    found = concluder.conclude("CC0 1.0", None, "© Jane Doe")
    assert found.outcome.grant is Grant.NOT_GRANTED
    assert found.finding.license_class == "all-rights-reserved"


def test_contradictory_licences_hold_together(concluder):
    found = concluder.conclude("CC BY-NC 4.0", None, "CC BY-SA 4.0")
    assert found.finding.expression == "CC-BY-NC-4.0 AND CC-BY-SA-4.0"
    assert found.outcome.grant is Grant.BREACHED
    assert all_reasons(found) == ["license_conflict", "non_commercial"]


def test_the_more_restrictive_of_two_is_concluded(concluder):
    found = concluder.conclude("CC BY 4.0", None, "CC BY-NC-SA 4.0")
    assert found.finding.expression == "CC-BY-NC-SA-4.0"
    assert "license_conflict" in all_reasons(found)


def test_an_unread_value_that_says_nothing_against_it_leaves_the_licence(concluder):
    found = concluder.conclude("CC BY 4.0", "https://photos.net/janedoe/17", None)
    assert found.finding.expression == "CC-BY-4.0"
    assert found.outcome.grant is Grant.GRANTED
    assert all_reasons(found) == ["license_partly_unread"]


@pytest.mark.parametrize(
    "rights",
    [
        "Only with our consent",
        "may not be copied",
        "x " * 4000,
        "Solo para estudiantes",
        "various",
        "restricted",
        "Usage conditions apply",
    ],
)
def test_an_unread_value_that_may_contradict_makes_it_unknown(concluder, rights):
    found = concluder.conclude("CC BY 4.0", None, rights)
    assert found.outcome.grant is not Grant.GRANTED


def test_nothing_declared_takes_the_dataset_s_default(rules):
    concluder = Concluder(rules, COMMERCIAL, default_license="apache-2.0")
    found = concluder.conclude(None, "  ", "")
    assert found.finding.expression == "Apache-2.0"
    assert found.evidence is LicenseEvidence.DATASET_DEFAULT
    assert (found.outcome.grant, found.outcome.rank) == (Grant.GRANTED, 1)
    own = concluder.conclude("unknown", None, None)
    assert own.evidence is LicenseEvidence.ITEM
    assert own.outcome.grant is Grant.UNKNOWN


def test_nothing_declared_at_all_is_missing(concluder):
    found = concluder.conclude(None, None, None)
    assert found.finding.expression == "NOASSERTION"
    assert found.evidence is LicenseEvidence.NONE
    assert all_reasons(found) == ["license_missing"]


@pytest.mark.parametrize(
    ("raw", "use", "grant", "reasons"),
    [
        ("CC BY-NC 4.0", COMMERCIAL, Grant.BREACHED, ["non_commercial"]),
        ("CC BY-NC 4.0", RESEARCH, Grant.GRANTED, []),
        ("CC BY-ND 4.0", COMMERCIAL, Grant.GRANTED, []),
        (
            "CC BY-ND 4.0",
            IntendedUse(shares=frozenset({Share.ADAPTED})),
            Grant.BREACHED,
            ["no_derivatives"],
        ),
        ("NoC-US", COMMERCIAL, Grant.BREACHED, ["outside_territory"]),
        ("NoC-US", IntendedUse(territory=("US",)), Grant.GRANTED, []),
        ("NoC-US", IntendedUse(territory=("US", "DE")), Grant.BREACHED, ["outside_territory"]),
        (
            "https://creativecommons.org/licenses/devnations/2.0/",
            IntendedUse(territory=("BD",)),
            Grant.BREACHED,
            ["outside_territory"],
        ),
        ("All rights reserved", COMMERCIAL, Grant.NOT_GRANTED, ["all_rights_reserved"]),
        ("No License", COMMERCIAL, Grant.NOT_GRANTED, ["no_license"]),
        ("proprietary", COMMERCIAL, Grant.NOT_GRANTED, ["proprietary_no_permission"]),
        ("No known copyright restrictions", COMMERCIAL, Grant.UNKNOWN, ["license_unknown"]),
        ("NoC-CR", COMMERCIAL, Grant.UNKNOWN, ["license_unknown"]),
        ("other", COMMERCIAL, Grant.UNKNOWN, ["license_unknown"]),
        ("qwertz", COMMERCIAL, Grant.UNKNOWN, ["license_unresolved"]),
        ("noai", RESEARCH, Grant.BREACHED, ["no_ai_training", "proprietary_no_permission"]),
        ("llama3", COMMERCIAL, Grant.BREACHED, ["no_ai_training"]),
        ("h-research", COMMERCIAL, Grant.BREACHED, ["non_commercial", "research_only"]),
        ("CC-BY-NC-4.0 OR MIT", COMMERCIAL, Grant.GRANTED, []),
        ("CC-BY-NC-4.0 AND MIT", COMMERCIAL, Grant.BREACHED, ["non_commercial"]),
        ("MIT OR NOASSERTION", COMMERCIAL, Grant.GRANTED, []),
    ],
)
def test_terms_against_use(rules, raw, use, grant, reasons):
    found = Concluder(rules, use).conclude(raw, None, None)
    assert found.outcome.grant is grant
    assert all_reasons(found) == reasons
    assert (found.outcome.rank is None) == (grant is not Grant.GRANTED)
    assert found.outcome.obligations == () or grant is Grant.GRANTED


def test_obligations_depend_on_what_is_shared(rules):
    model = Concluder(rules, COMMERCIAL).conclude("CC BY-SA 4.0", None, None)
    dataset = Concluder(rules, IntendedUse(shares=frozenset({Share.DATASET})))
    assert model.outcome.obligations == ("attribute", "keep_notices", "share_alike_if_adapted")
    assert "share_alike" in dataset.conclude("CC BY-SA 4.0", None, None).outcome.obligations


def test_batches_have_the_schema_and_stream(concluder):
    columns = list(schema.DECLARED)
    given = pa.RecordBatch.from_pylist(
        [
            {"license_raw": "cc by 4.0", "license_url": None, "rights_raw": None},
            {"license_raw": None, "license_url": None, "rights_raw": None},
            {"license_raw": '["mit", "nobody knows"]', "license_url": "", "rights_raw": "© X"},
        ],
        schema=pa.schema([(name, pa.string()) for name in columns]),
    )
    pulled = []

    def batches():
        for number, batch in enumerate([given, given.slice(0, 0), given.slice(1)]):
            pulled.append(number)
            yield batch

    result = conclude_batches(concluder, batches())
    first = next(result)
    assert pulled == [0]
    assert first.to_pylist()[0]["license_concluded"] == "CC-BY-4.0"
    assert first.select(columns).to_pylist() == given.to_pylist()
    rest = list(result)
    assert [batch.num_rows for batch in rest] == [0, 2]
    table = pa.Table.from_batches([first, *rest])
    schema.check(ibis.memtable(table), schema.LICENSES, "licenses")
    for field, kind in schema.LICENSES.items():
        assert table.schema.field(field).nullable != kind.startswith("!")


def test_an_exception_is_no_more_specific_licence(concluder):
    found = concluder.conclude("GPL-2.0-only", None, "GPL-2.0-only WITH Classpath-exception-2.0")
    assert found.outcome.grant is Grant.GRANTED
    assert "license_conflict" in all_reasons(found)


def test_a_value_that_says_nothing_leaves_the_other(concluder):
    for nothing in ("other", "unknown", "cc", "n/a"):
        found = concluder.conclude(nothing, "https://creativecommons.org/licenses/by/4.0/", None)
        assert found.finding.expression == "CC-BY-4.0"
        assert found.outcome.grant is Grant.GRANTED
