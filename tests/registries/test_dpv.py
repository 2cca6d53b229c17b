"""DPV consent records: after the examples of the guide to ISO/IEC TS 27560, in minimal form."""

from __future__ import annotations

import json

import pytest

from sourcing_audit import registries
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.linked import durations
from sourcing_audit.registries.linked.jsonld import Document
from tests.registries.support import pick, records

TRAINING = {
    "@id": "https://example.com/consents/1",
    "@type": "dpv:ConsentRecord",
    "dct:identifier": "C-1",
    "dpv:hasDataSubject": {"@id": "person:ada", "skos:broader": "dpv:Adult"},
    "dpv:hasDataController": "org:acme",
    "dpv:hasJurisdiction": "loc:IE",
    "dpv:hasProcess": {
        "@type": "dpv:Process",
        "dpv:hasProcessing": ["dpv:Store", "ai:ModelTraining"],
        "dpv:hasFee": "dpv:FeeNotRequired",
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": "P6M"},
            {"@type": "dpv:StorageDeletion", "dpv:hasDuration": "P1M"},
        ],
    },
    "dpv:hasConsentControl": {
        "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
        "dpv:isExercisedAt": "https://example.com/manage",
    },
    "dpv:hasNotice": {"@id": "https://example.com/notices/1", "@type": "dpv:ConsentNotice"},
    "dpv:hasConsentStatus": [
        {
            "@type": ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "dpv:isIndicatedAtTime": "2024-01-31T10:00:00Z",
            "dpv:hasDuration": {"@type": "dpv:TemporalDuration", "rdf:value": "P13M"},
        },
        {
            "@type": "dpv:ConsentWithdrawn",
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "dpv:isIndicatedAtTime": "2024-04-20",
        },
    ],
}
SHOWN = ("record_type", "subject_kind", "subject_value", "decision", "uses", "problem")


def status(what, by="dpv:DataSubject", at="2024-01-01", **more):
    return {
        "@type": f"dpv:{what}",
        "dpv:isIndicatedBy": by,
        "dpv:isIndicatedAtTime": at,
        **more,
    }


def of(engine, tmp_path, *documents, name="c.jsonld"):
    path = tmp_path / name
    path.write_text(json.dumps(documents[0] if len(documents) == 1 else list(documents)))
    return records(engine, f"dpv:{path}")


def each(engine, tmp_path, *documents):
    """The records of each of several documents, read at once."""
    named = [
        {**one, "@id": f"https://example.com/consents/{n}", "dct:identifier": f"C-{n}"}
        for n, one in enumerate(documents, start=1)
    ]
    found = of(engine, tmp_path, *named)
    by_row = [[row for row in found if row["row"] == n] for n in range(1, len(named) + 1)]
    assert sum(map(len, by_row)) == len(found)
    return by_row


def changed(**more):
    return {**TRAINING, **{name.replace("_", ":", 1): value for name, value in more.items()}}


def test_given_and_withdrawn(engine, tmp_path):
    path = tmp_path / "c.jsonld"
    path.write_text(json.dumps(TRAINING))
    assert registries.parse(str(path)).format == "dpv"
    found = records(engine, str(path))
    address = "https://example.com/consents/1"
    assert pick(found, *SHOWN) == [
        ("consent", "subject_id", "person:ada", "allow", "train_non_generative", None),
        ("consent", "consent_id", "C-1", "allow", "train_non_generative", None),
        ("consent", "consent_id", address, "allow", "train_non_generative", None),
        ("revocation", "subject_id", "person:ada", "deny", "", None),
        ("revocation", "consent_id", "C-1", "deny", "", None),
        ("revocation", "consent_id", address, "deny", "", None),
    ]
    given, withdrawn = found[0], found[3]
    assert withdrawn["refers_to"] == given["statement_id"]
    assert withdrawn["relation"] == "revokes"
    stated = {
        "declarant_role": "performer",
        "declarant_id": "person:ada",
        "authority_level": "self_asserted",
        "person_status": "adult",
        "grantee_id": "org:acme",
        "territory": "IE",
        "scope_kind": "general_training",
        "duration_kind": "fixed",
        "compensation_kind": "none_waived",
        "revocable": "yes",
        "revocation_method": "https://example.com/manage",
        "deletion_mechanism": "dataset_removal",
        "deletion_sla_days": 31,
        "notice_uri": "https://example.com/notices/1",
    }
    assert {name: given[name] for name in stated} == stated
    assert given["valid_until"].isoformat() == "2025-02-28T10:00:00"
    assert "territory" not in withdrawn


def test_other_purposes_never_grant_training(engine, tmp_path):
    process = {"dpv:hasPurpose": "dpv:Marketing", "dpv:hasProcessing": "dpv:Use"}
    events = [status("ConsentGiven")]
    found = of(engine, tmp_path, changed(dpv_hasProcess=process, dpv_hasConsentStatus=events))
    assert {row["uses"] for row in found} == {""}
    assert {row["decision"] for row in found} == {"allow"}
    # Training for a stated purpose is training for that purpose alone.
    process = {"dpv:hasPurpose": "dpv:FraudPreventionAndDetection"} | {
        "dpv:hasProcessing": "ai:ModelTraining"
    }
    found = of(engine, tmp_path, changed(dpv_hasProcess=process, dpv_hasConsentStatus=events))
    assert pick(found[:1], "uses", "scope_kind", "scope_id") == [
        ("train_non_generative", "specific_project", "dpv:FraudPreventionAndDetection")
    ]


def test_a_refusal_is_about_everything_unless_it_is_understood(engine, tmp_path):
    refusal = [status("ConsentRefused")]
    process = {"dpv:hasProcessing": "ai:ModelTraining"}
    found = of(engine, tmp_path, changed(dpv_hasProcess=process, dpv_hasConsentStatus=refusal))
    assert pick(found[:1], "record_type", "decision", "uses") == [
        ("refusal", "deny", "train_generative|train_non_generative")
    ]
    found = of(engine, tmp_path, changed(dpv_hasConsentStatus="dpv:ConsentRefused"))
    assert pick(found[:1], "record_type", "decision", "uses", "declarant_role") == [
        ("refusal", "deny", "", "unknown")
    ]


@pytest.mark.parametrize("what", ["ConsentWithdrawn", "ConsentRevoked", "ConsentInvalidated"])
def test_ends(engine, tmp_path, what):
    events = [status("ConsentGiven"), status(what, by="org:acme", at="2025-01-01")]
    found = of(engine, tmp_path, changed(dpv_hasConsentStatus=events))
    assert pick(found[3:4], "record_type", "declarant_role", "declarant_id") == [
        ("revocation", "unknown", "org:acme")
    ]


def test_statuses_without_a_decision(engine, tmp_path):
    without = {name: value for name, value in TRAINING.items() if "Status" not in name}
    events = {
        "ConsentRequested": None,
        "ConsentRequestDeferred": None,
        "ConsentUnknown": None,
        "ConsentExpired": None,
        "ConsentPostponed": "signal_unreadable",
    }
    documents = [changed(dpv_hasConsentStatus=[status(what)]) for what in events]
    found = each(engine, tmp_path, *documents, without)
    expected = [("unknown", problem) for problem in (*events.values(), "signal_unreadable")]
    assert pick([rows[0] for rows in found], "decision", "problem") == expected


def test_expiry_renewal_and_consent_after_withdrawal(engine, tmp_path):
    events = [
        status("RenewedConsentGiven", at="2024-06-01"),
        status("ConsentGiven", at="2024-01-01"),
        status("ConsentExpired", at="2025-01-01"),
    ]
    found = of(engine, tmp_path, changed(dpv_hasConsentStatus=events))
    assert pick(found[::3], "record_type", "decision", "refers_to") == [
        ("consent", "allow", None),
        ("renewal", "allow", found[0]["record_id"]),
        (None, "unknown", None),
    ]
    assert {row["valid_until"].isoformat()[:10] for row in found[:6]} == {"2025-01-01"}
    events = [
        status("ConsentGiven", at="2024-01-01"),
        status("ConsentWithdrawn", at="2024-02-01"),
        status("ConsentGiven", at="2024-03-01"),
    ]
    found = of(engine, tmp_path, changed(dpv_hasConsentStatus=events))
    targets = {row["refers_to"] for row in found if "refers_to" in row}
    assert targets == {found[0]["statement_id"]}
    events = [status("ConsentGiven"), {"@type": "dpv:ConsentExpired"}]
    found = of(engine, tmp_path, changed(dpv_hasConsentStatus=events))
    assert found[3]["record_type"] == "revocation"


def test_durations(engine, tmp_path):
    terms = (
        ("UntilTimeDuration", "2030-12-31", ("fixed", "2031-01-01", None)),
        ("UntilTimeDuration", "2030-12-31T12:00:00", ("fixed", "2030-12-31", None)),
        ("UntilEventDuration", "closing", ("until_event", None, "closing")),
        ("FixedOccurrencesDuration", "1", ("occurrences", None, None)),
        ("EndlessDuration", "", ("perpetual", None, None)),
    )
    given = [{"@type": f"dpv:{kind}", "rdf:value": value} for kind, value, _ in terms]
    documents = [
        changed(dpv_hasConsentStatus=[status("ConsentGiven", **{"dpv:hasDuration": term})])
        for term in (*given, "for a while")
    ]
    *stated, vague = (rows[0] for rows in each(engine, tmp_path, *documents))
    for (kind, value, wanted), one in zip(terms, stated, strict=True):
        until = one["valid_until"].isoformat()[:10] if "valid_until" in one else None
        assert (one["duration_kind"], until, one.get("duration_event")) == wanted, (kind, value)
    assert (vague["decision"], vague["problem"]) == ("unknown", "signal_unreadable")


def test_minors_and_guardians(engine, tmp_path):
    guardian = {"@id": "person:parent", "@type": "dpv:ParentOfDataSubject"}
    events = [status("ConsentGiven", by=["dpv:DataSubject", guardian])]
    child = {"@id": "person:kid", "type": "dpv:Child"}
    found = of(engine, tmp_path, changed(dpv_hasDataSubject=child, dpv_hasConsentStatus=events))
    assert pick(found[:1], "person_status", "approver_role", "approver_id", "declarant_role") == [
        ("minor", "guardian", "person:parent", "performer")
    ]
    assert found[0]["approval_at"] == found[0]["declared_at"]


def test_what_a_permission_is_limited_to(engine, tmp_path):
    given = {"dpv_hasConsentStatus": [status("ConsentGiven")]}
    process = TRAINING["dpv:hasProcess"]
    private = {**process, "dpv:hasPersonalData": "pd:Location"}
    handed_on = {**process, "dpv:hasRecipient": ["org:beta", "dpv:DataSubject"]}
    data, countries, state, recipients = each(
        engine,
        tmp_path,
        changed(dpv_hasProcess=private, **given),
        changed(dpv_hasJurisdiction=["loc:EEA", "loc:DE"], **given),
        changed(dpv_hasJurisdiction="loc:US-CA", **given),
        changed(dpv_hasProcess=handed_on, **given),
    )
    assert (data[0]["decision"], data[0]["conditions"]) == (
        "conditional",
        '{"personal_data": ["pd:Location"]}',
    )
    assert countries[0]["territory"] == "DE|EU|IS|LI|NO"
    assert (state[0]["decision"], state[0]["problem"]) == ("unknown", "signal_unreadable")
    assert {row["grantee_id"] for row in recipients} == {"org:acme", "org:beta"}
    assert len(recipients) == 6


def test_every_way_of_writing_it(engine, tmp_path):
    plain = pick(of(engine, tmp_path, TRAINING), *SHOWN)
    full = json.loads(
        json.dumps(TRAINING)
        .replace("dpv:", "https://w3id.org/dpv#")
        .replace("ai:", "https://w3id.org/dpv/ai#")
        .replace("dct:", "http://purl.org/dc/terms/")
    )
    assert pick(of(engine, tmp_path, full), *SHOWN) == plain
    context = {"d": "https://w3id.org/dpv#", "statuses": {"@id": "d:hasConsentStatus"}}
    other = json.loads(
        json.dumps(TRAINING).replace("dpv:hasConsentStatus", "statuses").replace("dpv:", "d:")
    )
    graph = {"@context": ["https://remote.example/context.jsonld", context], "@graph": [other]}
    assert pick(of(engine, tmp_path, graph), *SHOWN) == plain
    receipt = {"@type": "dpv:ConsentReceipt", "dpv:hasRecordOfActivity": TRAINING}
    assert pick(of(engine, tmp_path, receipt), *SHOWN) == plain
    person = TRAINING["dpv:hasDataSubject"]
    referring = {
        "@graph": [
            changed(dpv_hasDataSubject="person:ada"),
            person,
            {"@type": "dpv:ConsentReceipt", "dpv:hasRecordOfActivity": {"@id": TRAINING["@id"]}},
        ]
    }
    found = of(engine, tmp_path, referring)
    assert pick(found, *SHOWN) == plain
    assert found[0]["person_status"] == "adult"
    path = tmp_path / "c.jsonl"
    path.write_text(f"{json.dumps(TRAINING)}\n")
    assert pick(records(engine, str(path)), *SHOWN) == plain


def test_another_vocabulary_under_the_same_prefix_is_not_this_one():
    read = Document({"@context": {"dpv": "https://other.example/"}, "dpv:hasPurpose": "x"})
    assert read.content == {"https://other.example/hasPurpose": "x"}
    assert not read.is_term("dpv:ConsentGiven")
    assert read.term("https://w3id.org/dpv#ConsentGiven") == "dpv:ConsentGiven"


def test_members_that_are_repeated(engine, tmp_path):
    """The guide's own examples repeat `dpv:hasProcess`."""
    one = json.dumps(TRAINING)
    again = '"dpv:hasProcess": {"dpv:hasProcessing": "dpv:Use"}, "dpv:hasConsentControl"'
    path = tmp_path / "c.json"
    path.write_text(one.replace('"dpv:hasConsentControl"', again))
    found = records(engine, str(path))
    assert pick(found[::3], "uses", "record_type") == [
        ("train_non_generative", "consent"),
        ("", "consent"),
        ("", "revocation"),
    ]


def deep(levels):
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (deep(100), "more than 64 levels"),
        (deep(100_000), "nested too deeply"),
        ("{}", "holds no dpv:ConsentRecord"),
        ("[1, null, []]", "holds no dpv:ConsentRecord"),
        ('{"@type": "dpv:ConsentRecord", "x": 1}', "names neither its data subject nor itself"),
        ('{"@context": {"a": "b:", "b": "a:"}, "a:x": 1}', "holds no dpv:ConsentRecord"),
    ],
)
def test_hostile_documents_end_in_an_error(engine, tmp_path, content, message):
    path = tmp_path / "c.jsonld"
    path.write_text(content)
    with pytest.raises(RegistryError, match=message):
        records(engine, f"dpv:{path}")


def test_too_many_combinations(engine, tmp_path):
    recipients = {"dpv:hasRecipient": [f"org:{n}" for n in range(6000)]}
    with pytest.raises(RegistryError, match="combinations"):
        of(engine, tmp_path, changed(dpv_hasProcess=recipients))


@pytest.mark.parametrize(
    ("start", "duration", "wanted"),
    [
        ("2024-01-31", "P1M", "2024-02-29T00:00:00"),
        ("2024-12-31T10:00:00Z", "P2M", "2025-02-28T10:00:00+00:00"),
        ("2024-01-01", "P1Y2W1DT1H", "2025-01-16T01:00:00"),
        ("2024-01-01", "P", None),
        ("2024-01-01", "PT", None),
        ("2024-01-01", "P9999Y", None),
        ("9999-12-31", "P99999D", None),
        ("someday", "P1D", None),
    ],
)
def test_the_end_of_a_duration(start, duration, wanted):
    assert durations.end(start, duration) == wanted
