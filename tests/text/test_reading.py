"""What is said of texts without ScanCode: tags, refusals, phrases, comments, copyright lines."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit.licenses import LicenseRules
from sourcing_audit.licenses.expression import render
from sourcing_audit.licenses.texts import Detector, comments, reading
from sourcing_audit.licenses.texts.normalise import Normaliser
from sourcing_audit.licenses.texts.phrases import Sentences
from sourcing_audit.licenses.texts.words import Words, tokens
from sourcing_audit.rules import RuleStore
from tests.text.conftest import MIT

RULES = LicenseRules.load(RuleStore())
WORDS = Words.of(RULES.texts.words)
NO_SCANCODE = "license_text_no_scancode"


def one(detector: Detector, text: str) -> tuple[str | None, str, tuple[str, ...]]:
    (found,) = detector.detect([text])
    return found.expression, found.rule, found.reasons


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("// SPDX-License-Identifier: MIT\nint main(void) {}\n", "MIT"),
        ("# SPDX-License-Identifier: GPL-2.0-or-later OR MIT\n", "GPL-2.0-or-later OR MIT"),
        ("/* SPDX-License-Identifier: CC-BY-4.0 */\nbody {}\n", "CC-BY-4.0"),
        ("<!-- SPDX-License-Identifier: CC0-1.0 -->\n<p>Hello</p>\n", "CC0-1.0"),
        ('header = "SPDX-License-Identifier: BSD-3-Clause"\n', "BSD-3-Clause"),
        (
            """// SPDX-FileCopyrightText: 2020 Jane Doe <jane@doe.org>
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
""",
            "Apache-2.0 WITH LLVM-exception",
        ),
        ("SPDX-License-Identifier: MIT\nSPDX-License-Identifier: CC-BY-4.0", "MIT AND CC-BY-4.0"),
    ],
)
def test_tags(without_scancode: Detector, text: str, expression: str) -> None:
    assert one(without_scancode, text) == (expression, "text:tag", ())


@pytest.mark.parametrize(
    "text",
    [
        "# SPDX-License-Identifier: MIT\n# proprietary, do not reproduce\n",
        "# SPDX-License-Identifier: MIT, for non-commercial purposes\n",
        "# SPDX-License-Identifier: MIT\n# Copyright 2020 Acme. Internal evaluation only.\n",
        f"# SPDX-License-Identifier: MIT\n\n{MIT}",
    ],
)
def test_a_tag_does_not_end_the_work(without_scancode: Detector, text: str) -> None:
    expression, rule, reasons = one(without_scancode, text)
    assert (expression, rule) == ("NOASSERTION", "text:unread")
    assert NO_SCANCODE in reasons


def test_an_unknown_tag_is_not_passed_over(without_scancode: Detector) -> None:
    assert one(without_scancode, "SPDX-License-Identifier: Acme-1.0")[0] == "NOASSERTION"


@pytest.mark.parametrize(
    "text", ["", " \n\t", "Once upon a time there was a king.", "x = 1\n" * 99]
)
def test_texts_that_say_nothing(without_scancode: Detector, text: str) -> None:
    assert one(without_scancode, text) == (None, "text:none", ())


def test_a_copyright_line_is_no_licence(without_scancode: Detector) -> None:
    assert one(without_scancode, "# Copyright (c) 2020 Jane Doe\nx = 1\n")[0] is None


def test_all_rights_reserved(without_scancode: Detector) -> None:
    found = one(without_scancode, "Copyright 2020 Acme, Inc. All rights reserved.\n\nA story.")
    assert found == ("LicenseRef-All-Rights-Reserved", "text:phrase", ())


def test_what_is_not_text_is_a_finding(without_scancode: Detector) -> None:
    assert one(without_scancode, "MIT\0\0\1")[2] == ("license_text_not_text",)
    assert one(without_scancode, "\x01\x02\x03" * 50)[2] == ("license_text_not_text",)


def test_what_is_too_long_is_a_finding(
    without_scancode: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_TEXT", 1_000)
    monkeypatch.setattr(reading, "MAX_MATCHED", 500)
    assert one(without_scancode, "a " * 501)[2] == ("license_text_not_read",)
    late = MIT[:300] + "word " * 60 + "It is licensed otherwise."
    assert one(without_scancode, late)[2] == ("license_text_not_read",)
    assert one(without_scancode, MIT[:300] + "word " * 60)[2] == (NO_SCANCODE,)


@pytest.mark.parametrize(
    "text",
    [
        "This text may not be used to train AI models.",
        "# SPDX-License-Identifier: MIT\n# May not be\n# used for training machine learning models.",
        "Use by generative AI is prohibited",
        "Die Nutzung zum Training von KI-Systemen ist untersagt, nicht für KI-Training.",
        "この作品はAI学習禁止です。",
    ],
)
def test_no_ai_training_is_never_lost(without_scancode: Detector, text: str) -> None:
    assert "LicenseRef-No-AI-Training" in str(one(without_scancode, text)[0])


def test_prose_about_ai_says_nothing(without_scancode: Detector) -> None:
    text = "Nobody knew what AI was. The train left the station without the machine."
    assert one(without_scancode, text)[0] is None


@pytest.mark.parametrize("row", RULES.texts.claims, ids=lambda row: row.id)
def test_each_claim_holds_for_its_example(row: object) -> None:
    assert row.pattern.search(row.example.casefold())
    assert WORDS.looks(row.example), "no word of text-words.csv leads to it"
    assert Sentences(RULES, WORDS).claims(row.example)


@pytest.mark.parametrize("row", RULES.texts.phrases, ids=lambda row: row.phrase)
def test_each_phrase_holds_for_its_example(row: object) -> None:
    sentences = Sentences(RULES, WORDS)
    target = {each.id: each.target for each in RULES.phrases}[row.phrase]
    words = set(tokens(row.example))
    read = {"always": sentences.always, "alone": sentences.alone}
    found = (
        sentences.beside(row.example) if row.role == "rest" else read[row.role](row.example, words)
    )
    assert target in {render(each.tree) for each in found}


def test_code_that_speaks_of_use_is_no_claim() -> None:
    sentences = Sentences(RULES, WORDS)
    for text in (
        "This function is for internal use only.",
        "it should not be used directly; do not modify the cache without the lock",
        "the range 128 to 191 is reserved for private use",
    ):
        assert not sentences.beside(text)


@pytest.mark.parametrize(
    "line",
    [
        "Copyright (c) 2020 Jane Doe",
        "# Copyright 2011-2014 Acme LLC. All rights reserved.",
        " * (C) COPYRIGHT International Business Machines Corp. 2001",
        "// Copyright (c) 2001, 2002 Free Software Foundation, Inc.",
        "-- Copyright © 2009 The Go Authors and others. All rights reserved.",
        "Portions Copyright [yyyy] [name of copyright owner]",
        "dnl Copyright (c) 1999 Jane Doe",
    ],
)
def test_copyright_lines_make_no_difference(line: str) -> None:
    normaliser = Normaliser(RULES)
    bare = normaliser.body(MIT).words
    assert normaliser.body(f"{line}\n\n{MIT}").words == bare


@pytest.mark.parametrize(
    "line",
    [
        "Copyright 2020 Acme, for evaluation only",
        "Copyright 2020 Acme, not to be copied",
        "Copyright 2020 Acme, licensed under the GPL",
        "Copyright holders may not be named",
    ],
)
def test_a_copyright_line_that_says_more_stays(line: str) -> None:
    normaliser = Normaliser(RULES)
    assert normaliser.body(f"{line}\n\n{MIT}").words != normaliser.body(MIT).words


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("# a\n# b\nx = 1\n", "# a\n# b\n"),
        ("#!/bin/sh\n\n# a\nls\n", "#!/bin/sh\n\n# a\n"),
        ("/* a\n b */\nint x;\n", "/* a\n b */\n"),
        ("<!-- a\nb -->\n<p>c</p>\n", "<!-- a\nb -->\n"),
        ('"""a\nb"""\nx = 1\n', '"""a\nb"""\n'),
        ("/* a */ int x;\n", ""),
        ("/* a\nint x;\n", ""),
        ("int x;\n", ""),
    ],
)
def test_the_comment_at_the_head(text: str, head: str) -> None:
    ends = comments.head_ends(text)
    assert text[: max(ends, default=0)] == head


def test_gaps_in_the_head_are_candidates() -> None:
    text = "# a\n\n# b\n\n# c\nx\n"
    assert [text[:end] for end in comments.head_ends(text)] == [
        "# a\n\n# b\n\n# c\n",
        "# a\n\n# b\n",
        "# a\n",
    ]


def test_repeated_texts_are_read_once(
    without_scancode: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    original = reading.Reader.read
    monkeypatch.setattr(
        reading.Reader, "read", lambda self, text: (read.append(text), original(self, text))[1]
    )
    texts = [f"SPDX-License-Identifier: MIT {number % 3}" for number in range(30)]
    assert len(list(without_scancode.detect(texts))) == 30
    assert len(read) == 3


PIECES = st.sampled_from(
    [MIT, "SPDX-License-Identifier: ", "MIT", "(", ")", " OR ", "/*", "*/", "#", '"""', "<!--", "\n",
     "\0", "\ud800", "©", "Copyright (c) 2020 ", "All rights reserved", "no AI training", "许可", "."]
)  # fmt: skip


@settings(max_examples=300, deadline=2_000)
@given(st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=30).map("".join))
def test_no_text_raises(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading.ScanCodeData, "installed", staticmethod(lambda: None))
        with Detector(RULES) as detector:
            (found,) = detector.detect([text])
    assert found.rule.startswith("text:")
    assert (found.expression == "NOASSERTION") <= bool(found.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "(c) " * 200_000,
        "Copyright (c) 2020 " + "a" * 500_000,
        "/*" * 300_000,
        "SPDX-License-Identifier: " * 40_000,
        "SPDX-License-Identifier: " + "(" * 100_000,
        "may not be " * 90_000,
        "no ai " * 150_000,
        "\n" * 900_000,
        "#\n\n" * 300_000,
        "licen" * 180_000,
    ],
    ids=range(10),
)
def test_hostile_texts_are_answered_in_time(without_scancode: Detector, text: str) -> None:
    start = time.monotonic()
    one(without_scancode, text)
    assert time.monotonic() - start < 20
