"""What the commands about rules do: show what values and texts become; list, test and add rules."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from sourcing_audit.errors import InputError
from sourcing_audit.escape import terminal
from sourcing_audit.licenses.classify import Resolution
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.disclosures import DisclosureRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sourcing_audit.licenses import Classifier
    from sourcing_audit.model import LicenseFinding
    from sourcing_audit.progress import ShownProgress


def license_values(
    texts: Sequence[str], *, files: Sequence[Path], as_json: bool, rules: Sequence[Path]
) -> None:
    """Print what each value and file becomes, as blocks of text or one JSON object a line.

    Raises:
        InputError: a file can't be read.

    """
    from sourcing_audit.licenses import Classifier, LicenseRules
    from sourcing_audit.progress import shown

    show = _as_json if as_json else _in_words
    classifier = Classifier(LicenseRules.load(RuleStore(rules)))
    for value in _values(texts):
        sys.stdout.write(f"{show(classifier.classify(value))}\n")
    if files:
        with shown(quiet=as_json) as progress:
            for found in _detected(files, classifier, progress):
                progress.clear()
                sys.stdout.write(f"{show(found)}\n")


def _detected(
    files: Sequence[Path], classifier: Classifier, progress: ShownProgress
) -> Iterator[LicenseFinding]:
    """The licence that each file's text states; `raw` is the file's name and the lines."""
    from sourcing_audit.licenses.expression import UNKNOWN
    from sourcing_audit.licenses.texts import Detector

    with Detector(classifier.rules, progress=progress) as detector:
        for path, found in zip(files, detector.detect(map(_content, files)), strict=True):
            tree = classifier.rules.parse(found.expression or "") or UNKNOWN
            name = f"{path}, lines {found.lines}" if found.lines else str(path)
            yield classifier.finding(name, Resolution(tree, found.rule, found.reasons))


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", fix="check the path") from error


def _values(texts: Sequence[str]) -> Iterable[str]:
    for text in texts:
        if text == "-":
            sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
            yield from (line.rstrip("\r\n") for line in sys.stdin)
        else:
            yield text


def _as_json(found: LicenseFinding) -> str:
    return json.dumps(
        {
            "raw": found.raw,
            "expression": found.expression,
            "class": str(found.license_class),
            "terms": [str(term) for term in found.terms],
            "rule": found.rule,
            "reasons": list(found.reasons),
            "suggestions": list(found.suggestions),
        },
        ensure_ascii=False,
    )


def _in_words(found: LicenseFinding) -> str:
    lines = [
        found.raw,
        f"  expression  {found.expression}",
        f"  class       {found.license_class}",
        f"  terms       {', '.join(found.terms) or 'none'}",
        f"  rule        {found.rule}",
    ]
    if found.reasons:
        lines.append(f"  reasons     {', '.join(found.reasons)}")
    if found.suggestions:
        lines.append(f"  nearest     {', '.join(found.suggestions)}  (not applied)")
    return "\n".join(terminal(line) for line in lines)


def list_rules(rules: Sequence[Path]) -> None:
    """Print each rule file with its number of rules, the version, the digest and overrides."""
    from sourcing_audit import pipeline

    store = RuleStore(rules)
    pipeline.Rulebook.load(store)
    DisclosureRules.load(store)
    lines = [f"rules {store.version}  sha256 {store.digest()}"]
    lines += [f"  {count:>6,}  {name}" for name, count in store.tables_read()]
    lines += [f"  {o.action} {o.key} in {o.file}" for o in store.overrides]
    for line in lines:
        sys.stdout.write(f"{terminal(line)}\n")


def show_rule(code: str | None, rules: Sequence[Path]) -> None:
    """Print what is behind a code, or without one every code with its meaning.

    Raises:
        ConfigError: no code is called so.

    """
    from sourcing_audit import codes
    from sourcing_audit.codes import text
    from sourcing_audit.terminal import width

    known = codes.load(RuleStore(rules))
    shown = (
        text.listing(known.values(), width())
        if code is None
        else text.page(codes.find(known, code), width())
    )
    sys.stdout.write(shown)


def test_rules(rules: Sequence[Path]) -> int:
    """Run every example of the rules; print the failures; return the exit code."""
    from sourcing_audit import cases
    from sourcing_audit.terminal import say

    ran, failures = cases.run(RuleStore(rules))
    for failure in failures:
        sys.stdout.write(f"{terminal(failure)}\n")
    say(f"{ran:,} cases, {len(failures):,} failed")
    return 1 if failures else 0


def add_rule(
    value: str, expression: str, *, source: str, folders: Sequence[Path], kind: str
) -> None:
    """Add an alias to the last of the rule folders, and say what changes."""
    from sourcing_audit.authoring import add_alias
    from sourcing_audit.terminal import say

    added = add_alias(value, expression, source=source, folders=folders, kind=kind)
    if not added.files:
        say(f"Nothing to add: it already means {added.before.expression} ({added.before.rule}).")
        return
    sys.stdout.write(f"{_in_words(added.after)}\n")
    say(f"It was {added.before.expression} ({added.before.rule}).")
    for path in added.files:
        say(f"Written: {path}")
    say(f"Audit with --rules {folders[-1]} to use it.")
