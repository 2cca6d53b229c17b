"""Turning a declared value that no rule understands into a rule with its example."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit.errors import RulesError
from sourcing_audit.files import replacing_file
from sourcing_audit.licenses import Classifier, LicenseRules, check_cases
from sourcing_audit.licenses.expression import class_of, render, terms_of
from sourcing_audit.licenses.text import MAX_TEXT, fold, key
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.licenses import AliasRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.model import LicenseFinding

ALIASES = Path("licenses") / "aliases.csv"
CASES = Path("cases") / "licenses.toml"


@dataclass(frozen=True)
class Added:
    """What a new rule changes."""

    before: LicenseFinding
    after: LicenseFinding
    files: tuple[Path, ...]
    """Those that were written; none if the value already meant this."""


def add_alias(
    value: str, target: str, *, source: str, folders: Sequence[Path], kind: str = "name"
) -> Added:
    """Make `value` stand for the licence expression `target`, in the last of `folders`.

    Rule and example are tried together with every other example first; nothing is written
    unless all of them come out.

    Args:
        value: as manifests write it.
        target: an SPDX expression over licences that the rules know, NONE or NOASSERTION.
        source: where a reviewer can read that the value means this.
        folders: rule folders, laid over the shipped rules in this order; the last one is made
            if it isn't there.
        kind: `name`, or the platform whose vocabulary the value belongs to.

    Raises:
        RulesError: the target isn't known, value or source is empty, or an example fails.
        OutputError: the folder can't be written.

    """
    folder = folders[-1]
    present = [each for each in folders if each is not folder or each.is_dir()]
    rules = LicenseRules.load(RuleStore(present))
    before = Classifier(rules).classify(value)
    tree = rules.parse(target)
    if tree is None:
        raise RulesError(
            f"{target!r} is not a licence expression that the rules know",
            fix="use SPDX ids, or add the licence to licenses/*.csv in your rules folder first",
        )
    _require_usable(value, source)
    if (before.expression, set(before.terms)) == (render(tree), set(terms_of(tree))):
        return Added(before, before, ())
    row = AliasRow(value=value, target=target, kind=kind, source=source)
    with tempfile.TemporaryDirectory(prefix="sourcing-audit-") as scratch:
        trial = Path(scratch) / "rules"
        if folder.is_dir():
            shutil.copytree(folder, trial)
        contents = {
            ALIASES: _with_alias(trial / ALIASES, row),
            CASES: _with_case(trial / CASES, value, render(tree), class_of(tree), terms_of(tree)),
        }
        for name, content in contents.items():
            (trial / name).parent.mkdir(parents=True, exist_ok=True)
            (trial / name).write_text(content, encoding="utf-8", newline="")
        after = _tried(
            value, [*present[: len(folders) - 1], trial], check_cases(RuleStore(present))
        )
    for name, content in contents.items():
        with replacing_file(folder / name) as temporary:
            temporary.write_text(content, encoding="utf-8", newline="")
    return Added(before, after, tuple(folder / name for name in contents))


def _require_usable(value: str, source: str) -> None:
    folded = fold(value)
    if folded is None:
        raise RulesError(
            f"the value has more than {MAX_TEXT} characters: it is a text, not a name",
            fix="give the name that the text goes by",
        )
    if not key(folded):
        raise RulesError(f"{value!r} holds no word that could name a licence")
    if not source.strip():
        raise RulesError("a rule needs a source", fix="give an address or a document's name")


def _tried(value: str, folders: Sequence[Path], failed: Sequence[str]) -> LicenseFinding:
    """What `value` becomes with the new rule, if no example suffers that hadn't `failed` before."""
    store = RuleStore(folders)
    if failures := [each for each in check_cases(store) if each not in failed]:
        raise RulesError(
            "the rule contradicts examples, so nothing was written: " + "; ".join(failures[:3]),
            fix="choose another target, or a value that says more",
        )
    return Classifier(LicenseRules.load(store)).classify(value)


def _with_alias(path: Path, row: AliasRow) -> str:
    """The file's content with the row; an earlier row of the same value gives way."""
    fields = list(AliasRow.model_fields)
    rows = []
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [dict(each) for each in csv.DictReader(stream)]
    kept = [each for each in rows if each.get("value", "").strip() != row.value]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*kept, row.model_dump()])
    return buffer.getvalue()


def _with_case(
    path: Path, value: str, expression: str, license_class: str, terms: Sequence[str]
) -> str:
    earlier = path.read_text(encoding="utf-8").rstrip("\n") + "\n\n" if path.is_file() else ""
    lines = [
        "[[case]]",
        f"name = {_toml(value[:80])}",
        f"raw = {_toml(value)}",
        f"expression = {_toml(expression)}",
        f"class = {_toml(str(license_class))}",
        *([f"terms = [{', '.join(_toml(str(term)) for term in terms)}]"] if terms else []),
    ]
    return earlier + "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
