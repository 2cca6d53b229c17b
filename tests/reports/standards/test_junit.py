"""JUnit: what a CI server reads, by `junitparser` and by the form that they have in common."""

import defusedxml.ElementTree
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite

from sourcing_audit.reports.standards.junit import JunitFormat

CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "system-out"},
    "properties": {"property"},
    "property": set(),
    "testcase": {"failure", "error", "skipped", "system-out"},
    "failure": set(),
    "error": set(),
    "skipped": set(),
    "system-out": set(),
}
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
}


def tree(report):
    return defusedxml.ElementTree.fromstring(JunitFormat().render(report))


def cases(report) -> dict:
    [suite] = JUnitXml.fromstring(JunitFormat().render(report))
    assert isinstance(suite, TestSuite)
    return {case.name.partition(":")[0]: case for case in suite}


def kinds(report) -> dict:
    return {name: [type(one) for one in case.result] for name, case in cases(report).items()}


def test_the_form_is_the_common_one(each):
    for element in tree(each).iter():
        assert {child.tag for child in element} <= CHILDREN[element.tag]
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set())


def test_the_tallies_are_those_of_the_cases(each):
    for element in (tree(each), tree(each)[0]):
        assert int(element.get("tests")) == len(list(element.iter("testcase")))
        for tag in ("failure", "error"):
            assert int(element.get(f"{tag}s")) == len(list(element.iter(tag)))
        assert int(element.get("skipped")) == len(list(element.iter("skipped")))


def test_prohibited_and_undetermined_fail_and_the_unread_is_an_error(grouped):
    found = kinds(grouped)
    failing = {name for name, results in found.items() if results == [Failure]}
    assert failing == {"opted_out", "consent_required", "terms_not_met", "not_established"}
    errors = {name for name, results in found.items() if results == [Error]}
    assert errors == {"invalid_utf8", "every file can be read"}


def test_a_failure_says_how_many_why_and_how_to_fix(grouped):
    [failure] = cases(grouped)["opted_out"].result
    assert failure.message.startswith("58,811 items (4.9 %): Opted out (HCA Code of Ethics")
    assert failure.type == "prohibited"
    assert "consent_revoked: 58,000 items: A grant was revoked (AIMEG 3.1, 3.2)." in failure.text
    assert "811 items whose reasons stand in groups.parquet only" in failure.text
    assert "First: record 1 of data/part-000.parquet" in failure.text


def test_what_is_not_there_passes(settled):
    assert not any(results for results in kinds(settled).values())


def test_a_registry_that_nobody_gave_is_skipped(empty_report):
    [skipped] = cases(empty_report)["a consent registry was consulted"].result
    assert isinstance(skipped, Skipped)
    assert "whether creators objected is not known" in skipped.message


def test_records_without_a_listed_reason_are_an_error_too(empty_report):
    [error] = cases(empty_report)["not_listed"].result
    assert isinstance(error, Error)
    assert error.message.startswith("31 records: Records quarantined for reasons")


def test_hostile_text_stays_text(hostile):
    names = {element.get("name") for element in tree(hostile).iter("testsuite")}
    assert any(name.startswith("<script>alert(1)</script>") for name in names)
    assert not list(tree(hostile).iter("script"))


@pytest.mark.parametrize("char", ["\x00", "\x0b", "\ufffe", "\uffff", "\ud800", "]]>"])
def test_what_xml_forbids_is_told_as_an_escape(char, grouped):
    named = grouped.model_copy(
        update={"dataset": grouped.dataset.model_copy(update={"name": f"a{char}b"})}
    )
    assert char == "]]>" or char not in JunitFormat().render(named).decode()
    assert tree(named)[0].get("name").startswith("a")
