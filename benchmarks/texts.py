"""Measure the detection of licence texts against ScanCode item by item, in one run.

    python benchmarks/texts.py --write docs/texts.md

The corpus has 300 distinct licence texts of ScanCode's data files, half of them full texts and half
headers, in 20,000 files: once as they are, and once as the head of a source file, under differing
copyright lines and above differing code of Python's standard library. `texts.toml` says of the
answers that differ from ScanCode's which one is right.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import os
import platform
import random
import sysconfig
import tempfile
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit.licenses import LicenseRules
from sourcing_audit.licenses.expression import render
from sourcing_audit.licenses.texts import Detection, Detector
from sourcing_audit.licenses.texts.expressions import Expressions
from sourcing_audit.licenses.texts.known import ScanCodeData
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

JUDGED = Path(__file__).with_name("texts.toml")
START = "<!-- measured: written by benchmarks/texts.py -->"
END = "<!-- end of measured -->"
SEED = 20_261_121
FILES = 20_000
DISTINCT = 300
SAMPLE = 40
_FEWEST_WORDS = 20
_LONGEST = 60_000
_CODE_LINES = (30, 120)
_STYLES = (("", "# ", ""), ("/*\n", " * ", " */\n"), ("", "// ", ""), ("", "-- ", ""))
_HOLDERS = ("Jane Doe", "Acme Foundation, Inc.", "The Sample Authors", "A. N. Other <a@b.org>")
_NOT_JUDGED = {"why": "not judged yet"}
_HOW_MEASURED = """\
Our seconds are for all files, from reading the index of known texts to the last answer. ScanCode's
rate is that of the files measured, one after another in one process with its index loaded: each
distinct text once for the first corpus, a sample for the second; the ratio extrapolates it to all.

Not counted: the index of known texts is built in {index:.1f} s, once for each version of ScanCode
and of the rules, and ScanCode loads its own in {scancode:.1f} s, which is counted where our answer
needed it."""


@dataclass
class Measured:
    """One corpus: both tools' times and answers."""

    name: str
    seconds: float
    files: int
    answers: Counter[str]
    scancode_seconds: float
    scancode_files: int
    different: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, our answer and ScanCode's, of the compared files."""

    @property
    def rate(self) -> float:
        return self.files / self.seconds

    @property
    def scancode_rate(self) -> float:
        return self.scancode_files / self.scancode_seconds

    @property
    def ratio(self) -> float:
        return self.rate / self.scancode_rate


def distinct_texts() -> list[tuple[str, str]]:
    """Licence texts and headers, spread evenly over ScanCode's data files."""
    data = ScanCodeData.installed()
    if data is None:
        raise SystemExit("ScanCode isn't installed: pip install 'sourcing-audit[text]'")
    full, headers = [], []
    for name, fields, text in data.texts():
        usable = (
            fields.get("is_deprecated") != "yes"
            and fields.get("language", "en") == "en"
            and len(text.split()) >= _FEWEST_WORDS
            and len(text) <= _LONGEST
        )
        if usable and name.endswith(".LICENSE"):
            full.append((name, text))
        elif usable and fields.get("is_license_notice") == "yes":
            headers.append((name, text))
    half = DISTINCT // 2
    return [*full[:: len(full) // half][:half], *headers[:: len(headers) // half][:half]]


def code_lines() -> list[list[str]]:
    """The lines of the standard library's modules."""
    folder = Path(sysconfig.get_path("stdlib"))
    modules = sorted(folder.glob("*.py"))
    return [path.read_text(encoding="utf-8", errors="replace").splitlines() for path in modules]


def headed(text: str, code: list[list[str]], chance: random.Random) -> str:
    """A source file with `text` as the comment at its head."""
    opening, prefix, closing = chance.choice(_STYLES)
    notice = f"Copyright (c) {chance.randint(1991, 2026)} {chance.choice(_HOLDERS)}"
    lines = [notice, "", *text.strip().splitlines()]
    module = chance.choice(code)
    start = chance.randrange(max(1, len(module) - _CODE_LINES[0]))
    body = "\n".join(module[start : start + chance.randint(*_CODE_LINES)])
    comment = "".join(f"{prefix}{line}".rstrip() + "\n" for line in lines)
    return f"{opening}{comment}{closing}\n{body}\n"


def build(folder: Path, texts: list[tuple[str, str]], files: int, *, code: bool) -> list[Path]:
    """Write the corpus; each text comes equally often."""
    chance = random.Random(SEED)
    lines = code_lines() if code else []
    paths = []
    for number in range(files):
        text = texts[number % len(texts)][1]
        path = folder / f"{number:05}.txt"
        path.write_text(headed(text, lines, chance) if code else text, encoding="utf-8")
        paths.append(path)
    return paths


def ours(rules: LicenseRules, paths: list[Path], cache: Path) -> tuple[float, list[Detection]]:
    """Seconds from nothing loaded to the last answer, and the answers."""
    start = time.perf_counter()
    with Detector(rules, cache=cache) as detector:
        texts = (path.read_text(encoding="utf-8") for path in paths)
        answers = list(detector.detect(texts))
    return time.perf_counter() - start, answers


def scancode(paths: list[Path]) -> tuple[float, list[str | None]]:
    """Seconds that ScanCode's own scan needs for each file by itself, and its answers."""
    from scancode.api import get_licenses

    start = time.perf_counter()
    answers = [get_licenses(str(path))["detected_license_expression"] for path in paths]
    return time.perf_counter() - start, answers


def measure(
    name: str, rules: LicenseRules, paths: list[Path], cache: Path, compared: list[Path]
) -> Measured:
    seconds, found = ours(rules, paths, cache)
    by_path = dict(zip(paths, found, strict=True))
    scancode_seconds, answers = scancode(compared)
    expressions = Expressions(rules)
    result = Measured(
        name=name,
        seconds=seconds,
        files=len(paths),
        answers=Counter(each.rule for each in found),
        scancode_seconds=scancode_seconds,
        scancode_files=len(compared),
    )
    for path, answer in zip(compared, answers, strict=True):
        tree = expressions.tree(answer) if answer else None
        expected = render(tree) if tree else None
        if by_path[path].expression != expected:
            result.different.append((path.name, str(by_path[path].expression), str(expected)))
    return result


def named(result: Measured, texts: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """The differences under the names of the texts."""
    for file, mine, theirs in result.different:
        yield texts[int(file.removesuffix(".txt")) % len(texts)][0], mine, theirs


def report(results: list[Measured], texts: list[tuple[str, str]], setup: dict[str, float]) -> str:
    judged = {
        (row["corpus"], row["text"]): row
        for row in tomllib.loads(JUDGED.read_text(encoding="utf-8"))["difference"]
    }
    version = importlib.metadata.version("scancode-toolkit")
    tools = f"ScanCode {version}, Python {platform.python_version()}, {os.cpu_count()} processors"
    rules = "; ".join(
        f"{each.name}: "
        + ", ".join(f"`{rule}` {count:,}" for rule, count in each.answers.most_common())
        for each in results
    )
    lines = [
        f"With `make bench-texts`, {tools}.",
        "",
        "| corpus | files | seconds | files/s | ScanCode: files | files/s | ratio | same answer |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for each in results:
        same = each.scancode_files - len(each.different)
        lines.append(
            f"| {each.name} | {each.files:,} | {each.seconds:.1f} | {each.rate:,.0f} "
            f"| {each.scancode_files} | {each.scancode_rate:,.2f} | {each.ratio:,.0f} "
            f"| {same} of {each.scancode_files} |"
        )
    lines += [
        "",
        _HOW_MEASURED.format(**setup),
        "",
        f"How the files were answered: {rules}.",
        "",
        "Answers that differ from ScanCode's (its `unknown` keys are NOASSERTION in both):",
        "",
        "| corpus | text | here | ScanCode | judged |",
        "|---|---|---|---|---|",
    ]
    for each in results:
        for name, mine, theirs in named(each, texts):
            row = judged.get((each.name, name), _NOT_JUDGED)
            lines.append(f"| {each.name} | {name} | {mine} | {theirs} | {row['why']} |")
    if not any(each.different for each in results):
        lines.append("| | none | | | |")
    return "\n".join(lines)


def write(path: Path, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    before, rest = content.split(START, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    rules = LicenseRules.load(RuleStore())
    texts = distinct_texts()
    with contextlib.ExitStack() as stack:
        new = lambda: Path(stack.enter_context(tempfile.TemporaryDirectory()))  # noqa: E731
        cache = new()
        plain = build(new(), texts, arguments.files, code=False)
        coded = build(new(), texts, arguments.files, code=True)
        setup = {"index": ours(rules, plain[:1], cache)[0]}
        start = time.perf_counter()
        scancode(plain[:1])
        setup["scancode"] = time.perf_counter() - start
        chosen = sorted(random.Random(SEED).sample(coded, min(arguments.sample, len(coded))))
        results = [
            measure("as they are", rules, plain, cache, plain[: len(texts)]),
            measure("above code", rules, coded, cache, chosen),
        ]
        found = report(results, texts, setup)
    print(found)
    if arguments.write:
        write(arguments.write, found)


if __name__ == "__main__":
    main()
