"""The index of known texts: kept, rebuilt when damaged, and never in doubt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sourcing_audit.licenses.texts.known import KnownTexts, ScanCodeData
from sourcing_audit.licenses.texts.normalise import Normaliser
from tests.text.conftest import MIT

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.licenses import LicenseRules

FILES = {
    "licenses/mit.LICENSE": f"---\nkey: mit\nspdx_license_key: MIT\n---\n\n{MIT}",
    "licenses/old.LICENSE": "---\nkey: old\nis_deprecated: yes\n---\nThe old licence of old",
    "rules/a.RULE": "---\nlicense_expression: mit\nrelevance: 100\n---\n\nMIT License",
    "rules/b.RULE": "---\nlicense_expression: gpl-2.0 AND\n  mit\n---\nboth of these licences hold",
    "rules/c.RULE": "---\nlicense_expression: mit\n---\nCopyright (c) 2020 A\nthe same words here",
    "rules/d.RULE": "---\nlicense_expression: bsd-new\n---\nCopyright (c) 2021 B\nthe same words here",
    "rules/e.RULE": "---\nlicense_expression: mit\nis_false_positive: yes\n---\nno licence is here",
    "rules/f.RULE": "---\nlicense_expression: mit\nrelevance: 50\n---\nperhaps it is a licence",
    "rules/g.RULE": "no front matter at all in this one",
}


@pytest.fixture
def data(tmp_path: Path) -> ScanCodeData:
    folder = tmp_path / "data"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return ScanCodeData("1.0", folder)


class Loader:
    """Loads the index, and remembers how often it was built."""

    def __init__(self, rules: LicenseRules, data: ScanCodeData, cache: Path) -> None:
        self.normaliser = Normaliser(rules)
        self.data = data
        self.cache = cache

    def __call__(self, rules: str = "r") -> KnownTexts:
        return KnownTexts.load(
            self.data, self.normaliser, cache=self.cache, rules=rules, progress=lambda *_: None
        )

    def expression(self, text: str) -> str | None:
        return self().expression(self.normaliser.body(text))


@pytest.fixture
def load(rules: LicenseRules, data: ScanCodeData, tmp_path: Path) -> Loader:
    return Loader(rules, data, tmp_path / "cache")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        (MIT, "mit"),
        (f"/*\n * Copyright 2024 Jane Doe\n */\n{MIT.upper()}", "mit"),
        (f"MIT License\n===========\n\n{MIT}", "mit"),
        (f"Another License\n\n{MIT}", None),
        ("Both of these licences hold.", "gpl-2.0 AND mit"),
        ("MIT License", None),
        ("The same words here", None),
        ("No licence is here", None),
        ("Perhaps it is a licence", None),
        ("The old licence of old", None),
        ("no front matter at all in this one", None),
        ("", None),
    ],
)
def test_what_is_known(load: Loader, text: str, expression: str | None) -> None:
    assert load.expression(text) == expression


def test_the_index_is_kept_for_its_rules_and_version(load: Loader) -> None:
    known = len(load())
    (load.data.folder / "rules" / "b.RULE").unlink()
    assert len(load()) == known
    assert len(load("other rules")) == known - 1
    load.data = ScanCodeData("2.0", load.data.folder)
    assert len(load("other rules")) == known - 1


DAMAGES = {
    "empty": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "changed": lambda content: content.replace(b"mit", b"bsd", 1),
    "binary": lambda _: b"\xff\x00" * 100,
    "other version": lambda content: content.replace(b'"version": "', b'"version": "9', 1),
    "lists": lambda _: b"[]\n[]",
    "no digest": lambda _: json.dumps({"version": 1}).encode() + b"\n{}",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_built_anew(load: Loader, damage: str) -> None:
    load()
    (path,) = load.cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[damage](whole))
    assert load.expression(MIT) == "mit"
    assert path.read_bytes() == whole


def test_an_index_that_cannot_be_kept_is_built_each_time(load: Loader) -> None:
    load.cache.touch()
    assert load.expression(MIT) == "mit"
    assert load.expression(MIT) == "mit"
