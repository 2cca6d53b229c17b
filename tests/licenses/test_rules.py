import time

import pytest

from sourcing_audit.errors import RulesError
from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.licenses.expression import grants_of
from sourcing_audit.model import LicenseClass
from sourcing_audit.rules import RuleStore

LICENSE_COLUMNS = "id,name,class,terms,grants,territory,yields,broader,source,reviewed\n"


def load(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return LicenseRules.load(RuleStore([tmp_path]))


TERM = """
[[term]]
id = "notice"
label = "x"
definition = "x"
source = "x"
[[term.effect]]
when = ["on_mondays"]
effect = "breach"
code = "x"
"""
PHRASE = """
[[phrase]]
id = "x"
kind = "statement"
keywords = ["x"]
pattern = "x"
target = "Nope"
example = "x"
source = "x"
"""


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("licenses/aliases.csv", "value,target,kind,source\nfoo,No-Such-1.0,name,x\n", "No-Such"),
        ("licenses/aliases.csv", "value,target,kind,source\nfoo,MIT AND,name,x\n", "MIT AND"),
        (
            "licenses/platforms.csv",
            "value,target,kind,source\nMIT,ISC,site,x\n",
            "already means something else",
        ),
        (
            "licenses/data.csv",
            LICENSE_COLUMNS + "X,X,open,,,,,,x,2026-01-01\n",
            "class",
        ),
        (
            "licenses/data.csv",
            LICENSE_COLUMNS + "X,X,data,fun,,,,,x,2026-01-01\n",
            "terms",
        ),
        (
            "licenses/data.csv",
            LICENSE_COLUMNS + "X,X,proprietary,,yes,,,,x,2026-01-01\n",
            "no rank",
        ),
        (
            "licenses/data.csv",
            LICENSE_COLUMNS + "X,X,data,territory,,,,,x,2026-01-01\n",
            "countries",
        ),
        (
            "licenses/data.csv",
            LICENSE_COLUMNS + "X,X,data,,,,,Nowhere,x,2026-01-01\n",
            "Nowhere",
        ),
        (
            "licenses/data.csv",
            LICENSE_COLUMNS + "MIT,X,data,,,,,,x,2026-01-01\n",
            "another licence file",
        ),
        ("terms.toml", TERM, "when"),
        ("licenses/phrases.toml", PHRASE, "Nope"),
        (
            "licenses/urls.csv",
            "host,path,target,source\nexample.org,(,MIT,x\n",
            "path",
        ),
    ],
)
def test_a_wrong_rule_fails_to_load_and_is_named(tmp_path, name, text, message):
    with pytest.raises(RulesError, match=message):
        load(tmp_path, name, text)


def test_an_overlay_adds_an_alias(tmp_path):
    rules = load(
        tmp_path,
        "licenses/aliases.csv",
        "value,target,kind,source\nour house licence,CC-BY-4.0,name,contract 7\n",
    )
    found = Classifier(rules).classify("Our House Licence")
    assert found.expression == "CC-BY-4.0"
    assert found.rule == "alias:name:our-house"


def test_an_overlay_replaces_what_a_class_grants(tmp_path):
    rules = load(
        tmp_path,
        "classes.toml",
        '[[class]]\nid = "model-restricted"\ngrants = "no"\nlabel = "x"\nsource = "policy"\n',
    )
    assert grants_of(Classifier(rules).resolve("gemma").tree) == "no"


def test_no_licence_of_spdx_grants_without_a_listed_category(rules):
    for license_ in rules.licenses().values():
        if license_.grants == "yes":
            assert rules.classes[license_.license_class].rank
        if license_.license_class is LicenseClass.UNKNOWN:
            assert license_.grants == "unknown"


def test_every_licence_can_be_declared_by_its_id(rules, classifier):
    for identifier in rules.licenses():
        known = rules.names.get(identifier.casefold())
        if known and known.rule.startswith("alias:vague:"):
            continue  # a person's or a company's name as well
        assert classifier.classify(identifier.upper()).expression == identifier


def test_rules_load_quickly():
    store = RuleStore()
    taken = []
    for _ in range(3):  # the best of three: what else is in memory makes single ones slower
        start = time.process_time()
        LicenseRules.load(store)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.5
