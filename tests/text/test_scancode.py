"""Detection with ScanCode: the index of known texts, exact and approximate matching."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from sourcing_audit.licenses.texts import Detector
from sourcing_audit.licenses.texts.known import ScanCodeData
from sourcing_audit.licenses.texts.normalise import Normaliser
from tests.text.conftest import MIT

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.licenses import LicenseRules

pytestmark = pytest.mark.skipif(
    ScanCodeData.installed() is None, reason="ScanCode isn't installed; `make test-text` has it"
)

GPL_NOTICE = """\
This program is free software; you can redistribute it and/or modify
it under the terms of the GNU General Public License as published by
the Free Software Foundation; either version 2 of the License, or
(at your option) any later version.
"""


def one(detector: Detector, text: str) -> tuple[str | None, str]:
    (found,) = detector.detect([text])
    return found.expression, found.rule


def commented(text: str, opening: str, prefix: str, closing: str) -> str:
    lines = "".join(f"{prefix}{line}".rstrip() + "\n" for line in text.splitlines())
    return f"{opening}{lines}{closing}"


@pytest.mark.parametrize(
    ("opening", "prefix", "closing", "code"),
    [
        ("", "# ", "", "import os\nprint(os.name)\n"),
        ("", "// ", "", "int main(void) { return 0; }\n"),
        ("/*\n", " * ", " */\n", "int main(void) { return 0; }\n"),
        ("<!--\n", "  ", "-->\n", "<p>Hello</p>\n"),
        ("", "-- ", "", "SELECT 1;\n"),
        ("", ";; ", "", "(print 1)\n"),
        ("", "dnl ", "", "AC_INIT\n"),
        ('"""\n', "", '"""\n', "x = 1\n"),
        ("", "", "", ""),
    ],
)
@pytest.mark.parametrize(
    "notice", ["", "Copyright (c) 2020 Jane Doe", "© 2001-2024 Acme Inc. All rights reserved."]
)
@pytest.mark.parametrize(("text", "expression"), [(MIT, "MIT"), (GPL_NOTICE, "GPL-2.0-or-later")])
def test_known_texts_in_any_comment(
    scancode: Detector,
    opening: str,
    prefix: str,
    closing: str,
    code: str,
    notice: str,
    text: str,
    expression: str,
) -> None:
    head = commented(f"{notice}\n\n{text}", opening, prefix, closing)
    assert one(scancode, f"{head}\n{code}") == (expression, "text:known")


def test_a_title_above_a_known_text(scancode: Detector) -> None:
    text = f"MIT License\n\nCopyright (c) 2020 Jane Doe\n\n{MIT}"
    assert one(scancode, text) == ("MIT", "text:known")
    assert one(scancode, text.replace("MIT License", "GPL License"))[1] != "text:known"


def test_lines_say_where(scancode: Detector) -> None:
    (found,) = scancode.detect([commented(MIT, "", "# ", "") + "x = 1\n"])
    assert found.lines == f"1-{len(MIT.splitlines())}"


@pytest.mark.parametrize(
    ("text", "expression", "rule"),
    [
        ("The pictures below are licensed under the MIT license, as we said.", "MIT", "text:exact"),
        (f"# Read me\n\nA story.\n\n## License\n\n{MIT}", "MIT", "text:exact"),
        (
            MIT.replace("Software", "Data Files").replace("any person", "each person"),
            "MIT",
            "text:approximate",
        ),
        (f"{MIT}\n\nNo part of this corpus may be copied.", "NOASSERTION", "text:unread"),
        ("# SPDX-License-Identifier: MIT\n# Do not reproduce it.", "NOASSERTION", "text:unread"),
        ("You may use it if you send a postcard.", "NOASSERTION", "text:unread"),
        ("The terms were hard, and the king was free to go.", None, "text:none"),
    ],
)
def test_what_scancode_is_asked(
    scancode: Detector, text: str, expression: str | None, rule: str
) -> None:
    (found,) = scancode.detect([text])
    assert (found.expression, found.rule) == (expression, rule)
    assert (expression == "NOASSERTION") <= bool(found.reasons)


@pytest.mark.parametrize(
    "limit",
    [
        "It is for non-commercial use only.",
        "The words below may be used for academic research only.",
        "May not be used to train AI models.",
        "No derivative works are permitted.",
        "Not for commercial use.",
        "Private and confidential.",
        "All of this is proprietary.",
        "For evaluation purposes only.",
        "Any other use requires a license from Acme.",
        "Nur mit schriftlicher Genehmigung des Urhebers.",
        "Reproduction interdite sans autorisation.",
    ],
)
def test_a_limit_beside_a_licence_is_never_lost(scancode: Detector, limit: str) -> None:
    (found,) = scancode.detect([f"{MIT}\n\n{limit}"])
    assert found.expression not in (None, "MIT")
    (found,) = scancode.detect([f"{commented(MIT, '', '# ', '')}\nx = 1\n# {limit}\n"])
    assert found.expression not in (None, "MIT")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("The pictures are under CC BY 4.0, the sounds too.", "CC-BY-4.0"),
        ("License: CC BY", "LicenseRef-CC-BY"),
        ("https://creativecommons.org/licenses/by-nc/3.0/", "CC-BY-NC-3.0"),
    ],
)
def test_no_version_is_invented(scancode: Detector, text: str, expression: str) -> None:
    (found,) = scancode.detect([text])
    assert found.expression == expression
    assert ("license_version_missing" in found.reasons) == expression.startswith("LicenseRef-")


def test_an_approximate_answer_says_so(scancode: Detector) -> None:
    (found,) = scancode.detect([MIT.replace("Software", "Data Files")])
    assert found.reasons == ("license_text_approximate",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Permission is hereby granted", "Permission is not granted"),
        ("free of charge", "for a yearly fee"),
        ("without restriction", "only for evaluation"),
    ],
)
def test_a_changed_licence_is_not_taken_for_the_licence(
    scancode: Detector, old: str, new: str
) -> None:
    assert old in MIT
    (found,) = scancode.detect([MIT.replace(old, new)])
    assert found.expression != "MIT"


def test_code_with_a_licence_below_a_known_head(scancode: Detector) -> None:
    code = f"x = 1\n\n{commented(GPL_NOTICE, '', '# ', '')}\ny = 2\n"
    found = one(scancode, commented(MIT, "", "# ", "") + code)[0]
    assert set(str(found).split(" AND ")) == {"MIT", "GPL-2.0-or-later"}


def test_a_hostile_text_is_given_up_in_time(rules: LicenseRules, cache: Path) -> None:
    hostile = " ".join(
        f"{word} license{number % 7} warranty copyright granted permission"
        for number, word in enumerate(MIT.split() * 20)
    )
    with Detector(rules, cache=cache, deadline=1.0, workers=1) as detector:
        start = time.monotonic()
        found = list(detector.detect([MIT + "x", hostile, GPL_NOTICE]))
        assert time.monotonic() - start < 60
    assert found[1].expression == "NOASSERTION"
    assert found[1].reasons == ("license_text_timeout",)
    assert found[2].expression == "GPL-2.0-or-later"


def test_few_of_scancodes_own_texts_are_overlooked(rules: LicenseRules) -> None:
    """The share that docs/texts.md states: mostly bare addresses and ids."""
    data = ScanCodeData.installed()
    assert data is not None
    words = Normaliser(rules).words
    seen = overlooked = 0
    for _name, fields, text in islice(data.texts(), 0, None, 10):
        if "yes" in (fields.get("is_deprecated"), fields.get("is_false_positive")):
            continue
        seen += 1
        overlooked += not words.looks(text)
    assert seen > 3_000
    assert overlooked / seen < 0.02
