"""DPV: RDF that reads back, with terms of the vocabularies only, and the project's own reader."""

import json

import pytest
import rdflib
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD

from sourcing_audit.model import ConsentStatus
from sourcing_audit.registries.linked.dpv_record import Record
from sourcing_audit.registries.linked.jsonld import Document
from sourcing_audit.report import ConsentCount
from sourcing_audit.reports.standards.dpv import CONTEXT, STATUSES, DpvFormat
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.dpv import DpvTerms

# rdflib 7 parses JSON-LD with a class of its own that it means to drop.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

DPV = rdflib.Namespace(CONTEXT["dpv"])
TERMS = {
    CONTEXT["dpv"]: {
        "Consent",
        "ConsentExpired",
        "ConsentGiven",
        "ConsentRefused",
        "ConsentStatusInvalidForProcessing",
        "ConsentUnknown",
        "Contract",
        "Data",
        "Process",
        "UntilTimeDuration",
        "hasConsentStatus",
        "hasData",
        "hasDuration",
        "hasJurisdiction",
        "hasLegalBasis",
        "hasProcess",
        "hasProcessing",
    },
    CONTEXT["ai"]: {"ModelTraining", "TrainingData"},
    CONTEXT["loc"]: {"DE", "FR"},
}
"""Terms of DPV 2.3 (https://w3id.org/dpv/2.3), as its tables list them."""

READ_AS = {
    ConsentStatus.DENIED: "refused",
    ConsentStatus.REVOKED: "refused",
    ConsentStatus.EXPIRED: "expired",
    ConsentStatus.APPROVAL_MISSING: "refused",
    ConsentStatus.CONDITIONAL_UNMET: "refused",
    ConsentStatus.CONSENT_COMPLETE: "given",
    ConsentStatus.CONSENT_INCOMPLETE: "refused",
    ConsentStatus.OUT_OF_SCOPE: "refused",
    ConsentStatus.PERMITTED_BY_SIGNAL: "undecided",
    ConsentStatus.REVIEW: "undecided",
    ConsentStatus.UNKNOWN: "undecided",
}


@pytest.fixture(scope="module")
def every_answer(grouped):
    """A count for each answer that registries can give, an unknown one and an agreement."""
    counts = [
        ConsentCount(consent_status=status, label=f"label of {status}", items=number)
        for number, status in enumerate([*ConsentStatus, "of_a_later_version"], start=1)
    ]
    consent = grouped.consent.model_copy(update={"counts": counts})
    use = grouped.use.model_copy(update={"territory": ["DE", "FR", "../x"]})
    return grouped.model_copy(update={"consent": consent, "use": use})


def graph(report):
    return rdflib.Graph().parse(data=DpvFormat().render(report), format="json-ld")


def addresses(found):
    return {str(node) for triple in found for node in triple if isinstance(node, rdflib.URIRef)}


def test_every_term_is_of_a_vocabulary(each, every_answer):
    for report in (each, every_answer):
        for address in addresses(graph(report)):
            known = [base for base in TERMS if address.startswith(base) and "#" in base]
            if known:
                longest = max(known, key=len)
                assert address.removeprefix(longest) in TERMS[longest]
            else:
                others = (str(DCTERMS), str(RDF), str(SKOS), str(XSD), "urn:uuid:")
                assert address.startswith(others)


def test_nothing_of_the_document_is_lost_as_rdf(every_answer):
    """A key that no context knows would be dropped by a JSON-LD reader without a word."""
    document = json.loads(DpvFormat().render(every_answer))
    keys = {key for node in nodes(document) for key in node if not key.startswith("@")}
    assert {key.partition(":")[0] for key in keys} <= set(CONTEXT)


def nodes(value):
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != "@context":
                yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def test_counts_are_told_with_their_status(grouped):
    found = graph(grouped)
    [refused] = found.subjects(RDF.type, DPV.ConsentRefused)
    [part] = found.subjects(DPV.hasConsentStatus, refused)
    extent = found.value(part, DCTERMS.extent)
    assert found.value(extent, RDF.value).toPython() == 57_416


def test_an_agreement_is_a_contract_and_no_consent(every_answer):
    found = graph(every_answer)
    [contract] = found.subjects(RDF.type, DPV.Contract)
    [part] = found.subjects(DPV.hasLegalBasis, contract)
    assert found.value(part, DPV.hasConsentStatus) is None


def test_every_answer_but_an_agreement_has_a_status():
    assert set(STATUSES) == set(ConsentStatus) - {ConsentStatus.AGREEMENT}


def test_the_projects_own_reader_understands_them(every_answer):
    document = Document(json.loads(DpvFormat().render(every_answer)))
    terms = DpvTerms.load(RuleStore())
    read = {
        node["@id"].rpartition("#")[2]: [
            event.what for event in Record(document, node, terms).events()
        ]
        for node in document.nodes()
        if "dpv:hasConsentStatus" in node
    }
    expected = {str(status): [event] for status, event in READ_AS.items()}
    assert read == expected | {"other": ["undecided"]}


def test_only_full_consent_is_given():
    given = [status for status, term in STATUSES.items() if term == "dpv:ConsentGiven"]
    assert given == [ConsentStatus.CONSENT_COMPLETE]


def test_consents_that_end_are_told_with_their_day(grouped):
    found = graph(grouped)
    durations = found.subjects(RDF.type, DPV.UntilTimeDuration)
    days = {found.value(each, RDF.value).toPython().date() for each in durations}
    assert days == {each.valid_until.date() for each in grouped.consent.expiring}


def test_countries_are_places_and_anything_else_is_none(every_answer, grouped):
    places = set(graph(every_answer).objects(None, DPV.hasJurisdiction))
    assert places == {rdflib.URIRef(CONTEXT["loc"] + code) for code in ("DE", "FR")}
    assert not set(graph(grouped).objects(None, DPV.hasJurisdiction))


def test_a_use_without_training_is_none(grouped):
    use = grouped.use.model_copy(update={"activity": "search_index"})
    found = graph(grouped.model_copy(update={"use": use}))
    assert not set(found.objects(None, DPV.hasProcessing))
    assert set(found.subjects(RDF.type, DPV.Data))


def test_silence_is_not_told_as_a_statement(every_answer):
    document = json.loads(DpvFormat().render(every_answer))
    parts = {part["@id"].rpartition("#")[2]: part for part in document["dpv:hasProcess"]}
    assert "recorded" not in parts["unknown"]["dct:description"]
    assert "recorded" in parts["denied"]["dct:description"]
