import pytest

from sourcing_audit.model import Status
from sourcing_audit.report import ChangeCount, StatusFlow
from sourcing_audit.reports import comparison


@pytest.fixture
def changes(report):
    return report.changes


@pytest.mark.parametrize(
    ("differs", "begins"),
    [
        (["inputs"], "The data changed; the rules did not."),
        (["registries"], "The data changed; the rules did not."),
        (["rules"], "The rules changed; the data did not."),
        (["inputs", "rules"], "Both the data and the rules changed."),
        (["as_of"], "Neither the data nor the rules changed; the question did."),
        (["tool"], "Neither the data nor the rules changed; the program did."),
        (
            ["use", "tool"],
            "Neither the data nor the rules changed; the question and the program did.",
        ),
        (["registries", "as_of"], "The data changed; the rules did not."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_did_the_data_change_or_the_rules(changes, differs, begins):
    said = comparison.answer(changes.model_copy(update={"differs": differs}))
    assert said.startswith(begins)


def test_what_changes_are_down_to_is_told(report, changes):
    cause = ChangeCount(
        kind="rules", label="The rules changed", meaning="As it says.", items=9, samples=[]
    )
    told = comparison.sections(report, changes.model_copy(update={"causes": [cause]}))
    [causes] = [section for section in told if section.title == "What it is down to"]
    assert causes.rows == [("The rules changed", "As it says.", 9)]


def test_all_that_differs_is_named(changes):
    differs = ["inputs", "registries", "rules", "use", "as_of", "tool"]
    assert (
        "Not as they were then: the inputs, the registry exports, the rules, the intended use,"
        " the as-of date and the program's version."
    ) in comparison.answer(changes.model_copy(update={"differs": differs}))


def test_changes_without_a_cause_are_a_finding(changes):
    same = changes.model_copy(update={"differs": []})
    assert "Yet 2,090 verdicts changed, which equal inputs don't explain." in comparison.answer(
        same
    )
    still = same.model_copy(update={"changed": 0})
    assert comparison.answer(still) == "Nothing that decides has changed."


def test_items_that_cannot_be_compared_are_counted(changes):
    assert len(comparison.counts(changes)) == 2
    shared = changes.model_copy(update={"not_comparable": 9, "not_comparable_then": 4})
    assert comparison.counts(shared)[-1].endswith("share an id: 9 now, 4 then.")
    places = changes.model_copy(update={"ids_are_places": True})
    assert "no ids of their own" in comparison.counts(places)[-1]


def test_flows_are_those_that_moved_the_largest_first(report, changes):
    flows = next(
        section
        for section in comparison.sections(report, changes)
        if section.header == ("Then", "Now", "Items")
    )
    assert flows.rows[:2] == [
        ("wasn't there", "✓ public domain or CC", 14_400),
        ("✓ licensed", "✗ opted out", 1_395),
    ]
    assert ("? not established", "isn't there any more", 71) in flows.rows
    assert sum(row[2] for row in flows.rows) == 16_561


def test_flows_of_equal_size_stand_in_one_order(report, changes):
    flows = [
        StatusFlow(before=before, after=after, items=5)
        for before in (*Status, None)
        for after in (*Status, None)
        if before or after
    ]
    one, other = (
        comparison.sections(report, changes.model_copy(update={"flows": order}))
        for order in (flows, flows[::-1])
    )
    assert one == other


def test_nothing_changed_leaves_no_empty_table(report, changes):
    quiet = changes.model_copy(update={"kinds": [], "flows": []})
    titles = [section.title for section in comparison.sections(report, quiet)]
    assert titles == ["Then and now"]
