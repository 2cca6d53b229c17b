"""READMEs and folders: tags verbatim, sentences about rights, and what could not be read."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcing_audit.sources import cards
from sourcing_audit.sources.cards import Quote, Upstream


@pytest.fixture
def readme(tmp_path):
    def write(text, name="README.md"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return cards.read_card(path)

    return write


@pytest.mark.parametrize(
    ("head", "declared"),
    [
        ("license: cc-by-4.0", ("cc-by-4.0",)),
        ("license: 'cc-by-4.0' # why", ("cc-by-4.0",)),
        ("license:\n- mit\n- cc0-1.0\ntags: [a]", ("mit", "cc0-1.0")),
        ("license: [mit, 'apache-2.0']", ("mit", "apache-2.0")),
        ("license: unknown", ("unknown",)),
        ("license: no", ("no",)),
        ("license: 1.0", ("1.0",)),
        ("license: ''", ()),
        ("license: null", ()),
        ("license:", ()),
        ("licenses:\n- cc-by-nc-4.0", ("cc-by-nc-4.0",)),
        ("license: other\nlicense_name: my licence", ("my licence",)),
        ("license: other", ("other",)),
        ("license: mit\nlicense: cc-by-nc-4.0", ("mit", "cc-by-nc-4.0")),
        ("license:\n  default: mit\n  more: gpl-3.0", ("mit", "gpl-3.0")),
        ("license: >-\n  CC BY\n  4.0", ("CC BY 4.0",)),
        ("pretty_name: <b>x</b>\nlicense: <i>mit</i>", ("<i>mit</i>",)),
        ("a: {b: [1, {license: mit}]}", ()),
        ("", ()),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_licence_in_the_head(readme, head, declared, newline):
    card = readme(f"---\n{head}\n---\ntext\n".replace("\n", newline))
    assert card.declared == declared
    assert card.kind == "huggingface"
    assert card.problems == ()


def test_no_head_is_no_licence(readme):
    for text in ("license: mit\n", "", "# Title\n---\nlicense: mit\n---\n"):
        card = readme(text)
        assert (card.declared, card.problems) == ((), ())
    assert readme("\ufeff---\nlicense: mit\n---\n").declared == ("mit",)
    assert readme("---\nlicense: mit\n---\n".encode("utf-16")).declared == ("mit",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\nlicense: mit\n", "isn't closed"),
        ("---\nlicense: [mit\n---\n", "can't be read"),
        ("---\n- license: mit\n---\n", "holds no tags"),
        ("---\nlicense: &a mit\nother: *a\nlicense_name: *a\n---\n", "alias"),
        ("---\nbase: &b {license: mit}\n<<: *b\n---\n", "merges tags"),
        ("---\nlicense: " + "[" * 500 + "]" * 500 + "\n---\n", "deeply nested"),
        ("---\nx: " + "[a, " * 100_000 + "\n---\n", "deeply nested"),
        ("---\nx: " + "a" * 2**21 + "\n---\n", "longer than"),
        ("---\nlicense: !!python/object/apply:os.system [id]\n---\n", None),
        (b"---\nlicense: mit\n---\n\xff\xfe is no text", "no UTF-8"),
        ("---\nlicense: mit\x07\n---\n", "can't be read"),
    ],
)
def test_a_broken_head_is_said(readme, text, problem):
    card = readme(text)
    assert card.problems == () if problem is None else problem in " ".join(card.problems)


def test_aliases_are_never_followed(readme):
    levels = "\n".join(f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}, *l{n - 1}]" for n in range(1, 60))
    card = readme(f"---\nlicense: mit\nl0: &l0 [a]\n{levels}\n---\n")
    assert (card.declared, card.problems) == (("mit",), ())


def test_a_huge_readme_takes_little(readme):
    began = time.monotonic()
    card = readme(
        b"---\nlicense: mit\n---\n" + b"For research only, and not commercial. " * 1_300_000
    )
    assert card.declared == ("mit",)
    assert any("only its beginning" in each for each in card.problems)
    assert len(card.prose) < 300
    assert time.monotonic() - began < 20


BODY = """---
license: cc-by-4.0
---
# Dataset Card

Pictures of doors, with a licence of their own.
The images may be used
for non-commercial research only. They are nice.

## Usage

```python
load("x", license="gpl-3.0")
```

<!-- For non-commercial use only. -->

| License | CC BY-NC 4.0 |
|---------|--------------|
| other set | CC BY-NC-SA | 2019 |

## Licensing Information

[More Information Needed]

- **Images**: owned by their photographers
- Text: CC BY 4.0; see http://example.org/a.b.c

```
A licence in a box.
```

### Part two

Nothing else. Not e.g. this one.

## Citation Information

```
@misc{x, title={A CC BY-NC dataset for non-commercial use}}
```
The paper is licensed for non-commercial use only.
"""


def test_sentences_about_rights_with_their_places(readme):
    card = readme(BODY)
    assert card.prose == (
        Quote("The images may be used for non-commercial research only.", 7, "Dataset Card"),
        Quote("License: CC BY-NC 4.0", 18, "Usage"),
        Quote("Images: owned by their photographers", 26, "Licensing Information"),
        Quote("Text: CC BY 4.0; see http://example.org/a.b.c", 27, "Licensing Information"),
        Quote("A licence in a box.", 30, "Licensing Information"),
        Quote("Nothing else.", 35, "Part two"),
        Quote("Not e.g. this one.", 35, "Part two"),
    )


def test_other_forms_of_headings(readme):
    card = readme("License\n=======\n\nAs you like it.\n\nMore\n====\n\nNot this.\n")
    assert [quote.text for quote in card.prose] == ["As you like it."]
    card = readme("**License:**\n\nAs you like it.\n\n# More\nNot this.\n")
    assert [quote.text for quote in card.prose] == ["As you like it."]
    card = readme('<h2 align="center">License</h2>\nAs you like it.\n<h2>More</h2>\nNot this.\n')
    assert [quote.text for quote in card.prose] == ["As you like it."]
    card = readme("## 许可\n自由使用。不得转售。\n")
    assert [quote.text for quote in card.prose] == ["自由使用。", "不得转售。"]


def test_a_heading_that_is_a_sentence(readme):
    card = readme("# License: CC BY-NC 4.0\n\n**Not for commercial use!**\n\n## 禁止商用\n")
    assert [(quote.text, quote.line) for quote in card.prose] == [
        ("License: CC BY-NC 4.0", 1),
        ("Not for commercial use!", 3),
        ("禁止商用", 5),
    ]


def test_what_users_have_to_accept(readme):
    card = readme(
        "---\nlicense: mit\nlicense_name: cc-by-nc-4.0\nlicense_details: Ask us.\n"
        "extra_gated_prompt: You agree to use it for research only. Have fun.\n"
        "extra_gated_fields:\n  Name: text\n  I will not use it commercially: checkbox\n---\n"
    )
    assert [(quote.where, quote.text) for quote in card.prose] == [
        ("license_name", "cc-by-nc-4.0"),
        ("license_details", "Ask us."),
        ("extra_gated_prompt", "You agree to use it for research only."),
        ("extra_gated_fields", "I will not use it commercially"),
    ]


def test_too_many_sentences_are_said(readme):
    body = "".join(f"Text {n} is for research use only.\n\n" for n in range(500))
    card = readme(body)
    assert len(card.prose) == 200
    assert "not all of its prose" in card.problems[0]


def test_a_sentence_without_end_is_read_in_pieces(readme):
    words = " ".join(map(str, range(2000)))
    card = readme(f"## License\n{words} for research use only {words[1:]}")
    assert len(card.prose) > 10
    assert any("for research use only" in quote.text for quote in card.prose)


@pytest.mark.parametrize(
    ("link", "links", "text", "problem"),
    [
        ("https://example.org/LICENSE", ("https://example.org/LICENSE",), None, None),
        ("LICENSE", ("LICENSE",), "All mine.", None),
        ("./LICENSE", ("./LICENSE",), "All mine.", None),
        ("javascript:alert(1)", (), None, "no address"),
        ("data:text/plain,mit", (), None, "no address"),
        ("http://[", (), None, "no address"),
        ("../secret", ("../secret",), None, "same folder"),
        ("/etc/passwd", ("/etc/passwd",), None, "same folder"),
        ("..", ("..",), None, "same folder"),
        ("outside", ("outside",), None, "out of the folder"),
        ("LICENSE.md", ("LICENSE.md",), None, "not a file"),
        ("sub", ("sub",), None, "not a file"),
    ],
)
def test_links_beside_the_tag(tmp_path, link, links, text, problem):
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (folder / "LICENSE").write_text("All mine.")
    (folder / "outside").symlink_to(tmp_path / "secret")
    path = folder / "README.md"
    path.write_text(f"---\nlicense: other\nlicense_link: {json.dumps(link)}\n---\n")
    card = cards.read_card(path)
    assert (card.links, card.license_text) == (links, text)
    assert (problem is None and not card.problems) or problem in card.problems[0]


def test_what_it_is_made_from(readme):
    card = readme(
        "---\nsource_datasets:\n- original\n- extended|squad\n- extended|other-fever\n"
        "- org/name\n- machine-generated\nlanguage_creators: [found, machine-generated]\n"
        "tags: [synthetic, doors]\n---\n"
    )
    assert card.upstream == tuple(
        Upstream(name, None, "source_datasets") for name in ("squad", "fever", "org/name")
    )
    assert card.generators == ("machine-generated", "synthetic")
    assert readme("---\nsource_datasets: original\n---\n").upstream == ()


def test_a_folder_has_all_its_documents(tmp_path):
    files = {
        "README.md": "---\nlicense: mit\n---\n",
        "LICENSE": "A text.\n",
        "LICENSE-CC-BY.txt": "Another.",
        "license_plates.csv": "url\n",
        "dataset_info.json": '{"license": "cc0-1.0", "description": "For research use only. So."}',
        "croissant.json": '{"@type": "Dataset", "license": "mit", "distribution": []}',
        "notes.json": "{",
        "x.spdx.json": '{"spdxVersion": "SPDX-2.3", "packages": []}',
        "data.csv": "url\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = {Path(card.path).name: card for card in cards.of_folder(tmp_path)}
    assert {name: card.kind for name, card in found.items()} == {
        "README.md": "huggingface",
        "LICENSE": "license-file",
        "LICENSE-CC-BY.txt": "license-file",
        "dataset_info.json": "dataset_info",
        "croissant.json": "croissant",
        "x.spdx.json": "spdx",
    }
    assert found["LICENSE"].license_text == "A text."
    assert found["LICENSE"].declared == ()
    assert found["dataset_info.json"].prose == (
        Quote("For research use only.", None, "description"),
    )
    assert cards.of_folder(tmp_path / "nowhere") == ()


def test_a_folder_with_too_many_documents(tmp_path):
    for number in range(30):
        (tmp_path / f"LICENSE-{number:02}.txt").write_text("x")
    found = cards.of_folder(tmp_path)
    assert len(found) == 21
    assert "only 20" in found[-1].problems[0]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("README.md", None, "not a file"),
        ("croissant.json", "{", "not valid JSON"),
        ("croissant.json", "[" * 200_000, "nested"),
        ("croissant.json", "1" * 10_000, "not valid JSON"),
        ("croissant.json", "[]", "no dataset"),
        ("croissant.json", '"text"', "no dataset"),
        ("croissant.json", "\ud800".encode("utf-8", "surrogatepass"), "no UTF-8"),
        ("croissant.json", b" " * (8 * 2**20 + 1), "longer than"),
        ("dataset_info.json", "[1]", "holds no object"),
        ("a.spdx", "no tags", "save it as JSON"),
        ("a.spdx.rdf", "<rdf/>", "save it as JSON"),
        ("a.spdx.json", "{}", "not an SPDX document"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, content, problem):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    card = cards.read_card(path)
    assert problem in " ".join(card.problems)
    assert card.declared == ()


def test_more_values_than_a_card_has(tmp_path):
    path = tmp_path / "croissant.json"
    many = [f"https://example.org/{number}" for number in range(2000)]
    path.write_text(json.dumps({"@type": "Dataset", "isBasedOn": many, "license": many}))
    card = cards.read_card(path)
    assert (len(card.upstream), len(card.declared)) == (500, 500)
    assert card.problems == ("declared, upstream: more than 500; the others aren't kept",)


def test_a_readme_that_is_a_pipe_or_a_folder(tmp_path):
    os.mkfifo(tmp_path / "README.md")
    (tmp_path / "LICENSE").mkdir()
    assert cards.of_folder(tmp_path) == ()
    assert cards.read_card(tmp_path / "README.md").problems == ("not a file",)


NAMES = ["README.md", "croissant.json", "dataset_info.json", "LICENSE", "a.spdx", "a.spdx.json"]
PIECES = st.sampled_from(
    [
        b"---\n",
        b"license: ",
        b"mit",
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b":",
        b",",
        b"- ",
        b"\n",
        b"\r",
        b"&a ",
        b"*a",
        b"#",
        b"|",
        b"```",
        b"<!--",
        b"-->",
        b'"license"',
        b'"@type": "Dataset"',
        b'"@id"',
        b'"spdxVersion": "SPDX-2.3"',
        b'"packages"',
        b"SPDXVersion: SPDX-2.3\n",
        b"\xff",
        b"PackageName: x\n",
        b"for research use only. ",
        b'"@context"',
        b'"distribution"',
        b"null",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(NAMES),
    content=st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join),
)
def test_any_bytes_give_a_card(tmp_path_factory, name, content):
    path = tmp_path_factory.mktemp("card") / name
    path.write_bytes(content)
    card = cards.read_card(path)
    assert isinstance(card, cards.Card)
    assert all(isinstance(value, str) and value for value in card.declared)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["mit", "@x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@id",
                    "@type",
                    "license",
                    "name",
                    "url",
                    "distribution",
                    "isBasedOn",
                    "usageInfo",
                    "packages",
                    "relationships",
                    "from",
                    "to",
                    "rootElement",
                    "prov:wasGeneratedBy",
                    "prov:wasDerivedFrom",
                    "@graph",
                    "@value",
                    "@list",
                    "description",
                    "member",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    value=VALUES,
    top=st.sampled_from(
        [
            {"@type": "sc:Dataset"},
            {"spdxVersion": "SPDX-2.3"},
            {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"},
            {"features": {}},
            {},
        ]
    ),
)
def test_any_json_gives_a_card(tmp_path_factory, value, top):
    path = tmp_path_factory.mktemp("card") / "croissant.json"
    content = {**value, **top} if isinstance(value, dict) else {**top, "license": value}
    path.write_text(json.dumps(content))
    card = cards.read_card(path)
    assert isinstance(card, cards.Card)
    assert all(isinstance(each, str) for each in (*card.declared, *card.links, *card.generators))
