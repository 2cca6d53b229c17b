"""What is behind a code: found by its name, with examples that are the rules' own cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sourcing_audit import codes
from sourcing_audit.codes import text
from sourcing_audit.errors import ConfigError, RulesError
from sourcing_audit.rules import PolicyRules, RuleStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Ran

    Run = Callable[..., Ran]

STORE = RuleStore()
CODES = codes.load(STORE)

EXPLAINED = {
    code.id: code.without_example
    for kind in ("reasons", "obligations", "quarantine")
    for code in getattr(PolicyRules.load(STORE), kind).values()
    if code.without_example
}
"""Codes that no case can show, and why."""


def test_every_code_of_the_rules_is_known() -> None:
    policy = PolicyRules.load(STORE)
    listed = {line.id for line in policy.verdict} | {f"P{number}" for number in range(1, 12)}
    assert set(CODES) == {*listed, *policy.reasons, *policy.obligations, *policy.quarantine}


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.id)
def test_every_code_has_its_words_and_an_example_that_shows_it(code: codes.Code) -> None:
    assert code.meaning
    assert code.clause
    mendable = {codes.Kind.REASON, codes.Kind.OBLIGATION, codes.Kind.QUARANTINE}
    assert bool(code.how_to_fix) == (code.kind in mendable)
    assert code.examples or code.id in EXPLAINED
    for example in code.examples:
        if code.kind is codes.Kind.PRECEDENCE:
            assert example.case.name.startswith(f"{code.id.lower()}-fires-")
        else:
            assert code.id in codes.shown(example.case)


def test_a_code_without_an_example_says_why() -> None:
    assert set(EXPLAINED) == {
        "license_text_timeout",
        "license_text_crashed",
        "license_text_no_fork",
        "file_changed",
    }
    for name, why in EXPLAINED.items():
        assert not CODES[name].examples
        shown = " ".join(text.page(CODES[name], 80).split())
        assert f"no example {why}" in shown


def test_a_dataset_is_shown_with_its_files() -> None:
    shown = text.page(CODES["hash_differs"], 100)
    for part in ("metadata.csv", "extra media  is installed", "file_name,license,sha256"):
        assert part in shown
    assert "stands for 17,000,000 letters" in text.page(CODES["record_too_large"], 100)


def test_a_line_of_the_table_says_when_it_applies() -> None:
    facts = [(fact.id, fact.holds) for fact in CODES["V6b"].facts]
    assert facts == [("license_granted", True), ("attribution_possible", False)]
    assert "creator or source is on record" in text.page(CODES["V6b"], 200)
    assert "no line before it applies" in text.page(CODES["V7"], 100)


def test_the_terms_that_bring_a_reason_about_are_named() -> None:
    assert [term.split(" ")[0] for term in CODES["non_commercial"].terms] == ["non-commercial"]
    assert not CODES["license_missing"].terms


@pytest.mark.parametrize("wanted", ["v6B", " P8 ", "Consent_Expired"])
def test_case_and_blanks_do_not_matter(wanted: str) -> None:
    assert codes.find(CODES, wanted).id.casefold() == wanted.strip().casefold()


def test_an_unknown_code_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean license_missing"):
        codes.find(CODES, "licence_missing")
    with pytest.raises(ConfigError, match="lists them all"):
        codes.find(CODES, "\x1b[31m")


def overlay(folder: Path, content: str) -> RuleStore:
    (folder / "reasons.toml").write_text(f"[[reason]]\n{content}", encoding="utf-8")
    return RuleStore([folder])


def test_a_code_of_an_overlay_is_shown_and_inert(tmp_path: Path) -> None:
    store = overlay(
        tmp_path,
        'id = "ours"\nlabel = "\\u001b[31mred"\nclause = "our lawyers"\nhow_to_fix = "a\\u202eb"\n',
    )
    shown = text.page(codes.find(codes.load(store), "ours"), 80)
    assert "our lawyers" in shown
    assert "\\x1b[31mred" in shown
    assert not {"\x1b", "\u202e"} & set(shown)


def test_a_code_that_is_two_things_is_refused(tmp_path: Path) -> None:
    store = overlay(tmp_path, 'id = "attribute"\nlabel = "x"\nclause = "y"\nhow_to_fix = "z"\n')
    with pytest.raises(RulesError, match="attribute"):
        codes.load(store)


@pytest.mark.parametrize("width", [60, 100, 200])
def test_pages_and_the_list_fit_the_terminal(width: int) -> None:
    for code in CODES.values():
        too_long = [line for line in text.page(code, width).splitlines() if len(line) > width]
        # Names of cases are never broken.
        assert all("license_rules/" in line for line in too_long), code.id
    listing = text.listing(CODES.values(), width)
    assert max(map(len, listing.splitlines())) <= width
    assert all(f"  {name} " in listing for name in CODES)


def test_the_command_shows_a_page_the_list_and_an_error(run: Run) -> None:
    shown = run("rules", "show", "non_commercial")
    assert shown.code == 0
    for part in ("The licence forbids commercial use", "clause", "how to fix", "nc-and-commercial"):
        assert part in shown.out
    listed = run("rules", "show")
    assert listed.code == 0
    assert "V6b" in listed.out
    assert "obligations" in listed.out.splitlines()
    wrong = run("rules", "show", "nonsense")
    assert wrong.code == 2
    assert not wrong.out
