"""The rules are data: they load, say where they come from, and every example holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sourcing_audit import cases
from sourcing_audit.errors import RulesError
from sourcing_audit.model import LicenseClass, Status, Term
from sourcing_audit.pipeline import Rulebook
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.cases import (
    DatasetCase,
    VerdictCase,
    load_datasets,
    load_quarantine,
    load_verdicts,
)
from sourcing_audit.rules.store import shipped_folder

STORE = RuleStore()
VERDICTS = load_verdicts(STORE)
DATASETS = load_datasets(STORE)
SOURCES = Path(__file__).parents[1] / "sourcing_audit"


@pytest.fixture(scope="module")
def failures() -> dict[str, str]:
    """The verdict cases that fail; cases of one use and date are audited together."""
    return {text.split(":")[0]: text for text in cases.check_verdicts(VERDICTS)}


@pytest.mark.parametrize("case", VERDICTS, ids=lambda case: case.name)
def test_verdict_case(case: VerdictCase, failures: dict[str, str]) -> None:
    assert failures.get(case.name) is None


def test_a_wrong_expectation_is_found() -> None:
    wrong = VERDICTS[0].model_copy(
        update={"expect": VERDICTS[0].expect.model_copy(update={"status": Status.OPTED_OUT})}
    )
    assert cases.check_verdicts([wrong])


def test_quarantine_cases_and_a_wrong_one_is_found() -> None:
    unread = load_quarantine(STORE)
    wrong = unread[0].model_copy(update={"name": "wrong", "file": "wrong.csv", "row": 3})
    assert [text.split(":")[0] for text in cases.check_quarantine([*unread, wrong])] == ["wrong"]


@pytest.fixture(scope="module")
def wrong_datasets() -> dict[str, str]:
    """The dataset cases that fail, of those that can be seen here."""
    visible = [case for case in DATASETS if cases.visible(case)]
    return {text.split(":")[0]: text for text in cases.check_datasets(visible)}


@pytest.mark.parametrize("case", DATASETS, ids=lambda case: case.name)
def test_dataset_case(case: DatasetCase, wrong_datasets: dict[str, str]) -> None:
    if not cases.visible(case):
        pytest.skip(f"needs the extra {case.needs}" if case.needs else f"has {case.lacks}")
    assert wrong_datasets.get(case.name) is None


def test_a_wrong_expectation_of_a_dataset_is_found() -> None:
    case = next(case for case in DATASETS if case.name == "text-with-binary-data")
    expected = {"status": "licensed", "reasons": ["no_such"], "quarantined": "not_json"}
    wrong = DatasetCase.model_validate(case.model_dump() | {"expect": expected})
    (told,) = cases.check_datasets([wrong])
    assert told.count("; ") == 2


def test_every_status_has_a_case() -> None:
    assert {case.expect.status for case in VERDICTS} == set(Status)


def test_case_names_are_unique() -> None:
    names = [case.name for case in VERDICTS]
    assert len(names) == len(set(names))


def test_all_rules_load_and_are_explained() -> None:
    rulebook = Rulebook.load(STORE)
    known = {
        *rulebook.policy.reasons,
        *rulebook.policy.obligations,
    }
    emitted = set()
    for name in ("consent/telling.py", "verdict/table.py"):
        text = (SOURCES / name).read_text(encoding="utf-8")
        emitted |= set(re.findall(r'"([a-z]+(?:_[a-z]+)+)":', text))
    codes = {code for code in emitted if code in known}
    assert len(codes) > 20, "the codes are no longer where this test looks for them"
    for effect in re.findall(r'code = "([a-z_]+)"', (shipped_folder() / "terms.toml").read_text()):
        assert effect in known


def test_every_class_and_term_is_defined() -> None:
    for name, words in (("classes.toml", LicenseClass), ("terms.toml", Term)):
        text = (shipped_folder() / name).read_text(encoding="utf-8")
        assert set(re.findall(r'^id = "([a-z-]+)"', text, re.MULTILINE)) == set(words)


def overlay(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


USE = """
[[use]]
id = "research"
label = "ours"
commercial = true
research = true
shares = ["model"]
source = "our lawyers"

[[use]]
id = "ours"
label = "ours too"
commercial = true
research = false
shares = []
source = "our lawyers"
"""


def test_an_overlay_replaces_adds_and_is_listed(tmp_path: Path) -> None:
    store = RuleStore([overlay(tmp_path, "uses.toml", USE)])
    rulebook = Rulebook.load(store)
    assert rulebook.policy.uses["research"].commercial
    assert [(o.action, o.key) for o in store.overrides] == [
        ("replaced", "research"),
        ("added", "ours"),
    ]
    assert store.digest() != STORE.digest()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("unknown.toml", "[[x]]\nid = 'a'\n", "never be read"),
        ("uses.toml", "[[use]]\nid = 'a'\n", "label: Field required"),
        ("uses.toml", "[[use]\n", "uses.toml"),
        ("uses.toml", "use = 3\n", "array of tables"),
        (
            "consent/roles.csv",
            "role,speaks_for,may_grant,speaks_for_person,lifted_by_agreement,source\nx,king,yes\n",
            "wrong number of columns",
        ),
        (
            "consent/roles.csv",
            (
                "role,speaks_for,may_grant,speaks_for_person,lifted_by_agreement,source\n"
                "x,king,yes,no,no,me\n"
            ),
            "speaks_for",
        ),
        (
            "verdict.toml",
            (
                '[[line]]\nid = "V1"\nstatus = "licensed"\nwhen = ["the_moon_is_full"]\n'
                'label = "x"\nsource = "y"\n'
            ),
            "unknown fact",
        ),
    ],
)
def test_a_broken_overlay_names_the_place(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(RulesError, match=re.escape(message)):
        Rulebook.load(RuleStore([overlay(tmp_path, name, text)]))


def test_a_missing_overlay_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no such rules folder"):
        RuleStore([tmp_path / "nowhere"])
