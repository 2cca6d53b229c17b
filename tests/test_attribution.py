"""The attribution bundle: what it says, what it counts, and that nothing in it acts."""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

import sourcing_audit
from sourcing_audit.attribution import page
from sourcing_audit.attribution.words import Wording
from sourcing_audit.errors import ConfigError, InputError
from sourcing_audit.escape import is_active
from sourcing_audit.licenses import LicenseRules
from sourcing_audit.licenses.pages import LicensePages
from sourcing_audit.rules import RuleStore
from tests.conftest import write_csv
from tests.support import real_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit import AuditReport

WORKS = Path(__file__).parents[1] / "examples" / "film-stills" / "works.csv"
DATE = "2026-11-21"
CC = "https://creativecommons.org/licenses"
HOSTILE = '=HYPERLINK("x") <script>alert(1)</script> [a](javascript:b) | `c` \x1b[31m\u202e'
ITEMS = [
    {
        "item_id": "1",
        "title": "Pier",
        "creator": "Ana",
        "url": "https://a.example/1.jpg",
        "page_url": "https://a.example/1",
        "license": "CC BY 4.0",
    },
    {"item_id": "2", "creator": "Ana", "url": "https://a.example/2.jpg", "license": "CC BY-SA 3.0"},
    {"item_id": "3", "title": "Quay", "url": "https://a.example/3.jpg", "license": "CC BY 4.0"},
    {"item_id": "4", "title": "Sea", "creator": "Bo", "license": "CC BY"},
    {"item_id": "5", "title": "Nobody's", "license": "CC BY 4.0"},
    {"item_id": "6", "title": "Free", "creator": "Cy", "license": "CC0 1.0"},
    {"item_id": "7", "title": "Code", "creator": "Di", "license": "MIT", "rights": "(c) 2020 Di"},
    {
        "item_id": "8",
        "title": "Not this",
        "creator": "Nor this",
        "license": "CC BY 4.0",
        "attribution": "Photo: *Eve* / Agency",
    },
    {"item_id": "9", "title": HOSTILE, "creator": HOSTILE, "license": "CC BY 4.0", "url": "javascript:alert(1)"},
]  # fmt: skip
ITEMS += [{**ITEMS[0], "item_id": f"1-{n}"} for n in range(3)]
COLUMNS = ("item_id", "title", "creator", "url", "page_url", "license", "rights", "attribution")
ROWS = [{name: row.get(name, "") for name in COLUMNS} for row in ITEMS]


def audited(path: Path) -> AuditReport:
    return sourcing_audit.audit(path, as_of=DATE, media="off", dataset="<b>works</b>")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("credits") / "works.csv", ROWS)


@pytest.fixture(scope="module")
def audit(manifest: Path) -> Iterator[AuditReport]:
    with audited(manifest) as found:
        yield found


@pytest.fixture(scope="module")
def folder(audit: AuditReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("out") / "credits"
    audit.attribution(target)
    return target


@pytest.fixture(scope="module")
def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "attribution.csv").open(encoding="utf-8", newline="") as stream:
        return {row["first_item_id"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def pages() -> LicensePages:
    store = RuleStore()
    return LicensePages(LicenseRules.load(store), store)


EXPECTED = {
    "1": (
        (
            "“Pier”, by Ana, https://a.example/1, licensed under Creative Commons Attribution 4.0"
            f" (CC-BY-4.0), {CC}/by/4.0/"
        ),
        "complete",
    ),
    "2": (
        (
            "a work without a title on record, by Ana, https://a.example/2.jpg, licensed under Creative"
            f" Commons Attribution-ShareAlike 3.0 (CC-BY-SA-3.0), {CC}/by-sa/3.0/"
        ),
        "incomplete",
    ),
    "3": (
        (
            "“Quay”, creator not on record, https://a.example/3.jpg, licensed under Creative Commons"
            f" Attribution 4.0 (CC-BY-4.0), {CC}/by/4.0/"
        ),
        "incomplete",
    ),
    "4": (
        (
            "“Sea”, by Bo, source not on record, licensed under Creative Commons Attribution"
            " (LicenseRef-CC-BY), licence address not known"
        ),
        "incomplete",
    ),
    "5": (
        (
            "“Nobody's”, creator not on record, source not on record, licensed under Creative Commons"
            f" Attribution 4.0 (CC-BY-4.0), {CC}/by/4.0/"
        ),
        "not fulfilled",
    ),
    "7": (
        (
            "“Code”, by Di, source not on record, licensed under MIT License (MIT),"
            " https://opensource.org/license/mit, notice on record: (c) 2020 Di"
        ),
        "incomplete",
    ),
    "8": ("Photo: *Eve* / Agency", "complete"),
}


@pytest.mark.parametrize("item", EXPECTED)
def test_title_author_source_and_licence(rows: dict[str, dict[str, str]], item: str) -> None:
    assert (rows[item]["attribution"], rows[item]["state"]) == EXPECTED[item]


def test_what_needs_no_credit_is_left_out_and_what_is_alike_stands_once(
    rows: dict[str, dict[str, str]], folder: Path
) -> None:
    assert set(rows) == {*EXPECTED, "9"}
    assert rows["1"]["items"] == "4"
    assert "(4 items)" in (folder / "attribution.md").read_text(encoding="utf-8")


def test_counts(audit: AuditReport, tmp_path: Path) -> None:
    counted = audit.attribution(tmp_path / "credits")
    assert (counted.entries, counted.items, counted.unfulfilled) == (7, 10, 1)
    assert (counted.as_given, counted.without_title) == (1, 1)
    assert (counted.without_author, counted.without_source) == (1, 2)
    assert counted.items + counted.unfulfilled == len(ITEMS) - 1


def test_entries_are_sorted_by_licence_author_and_title_and_unfulfilled_ones_stand_last(
    rows: dict[str, dict[str, str]], folder: Path
) -> None:
    keys = [(row["state"] == "not fulfilled", row["license"]) for row in rows.values()]
    assert keys == sorted(keys)
    page_text = (folder / "attribution.html").read_text(encoding="utf-8")
    assert page_text.index("</span> Not fulfilled: Creative") > page_text.index("MIT License")


def test_the_manifests_words_stand_as_they_are(folder: Path) -> None:
    markdown = (folder / "attribution.md").read_text(encoding="utf-8")
    assert r"- Photo: \*Eve\* / Agency, licensed under" in markdown
    assert "Nor this" not in markdown
    assert "Photo: *Eve* / Agency" in (folder / "attribution.html").read_text(encoding="utf-8")


def test_hostile_text_is_inert(folder: Path) -> None:
    texts = {path.suffix: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert "<script" not in texts[".html"].replace("&lt;script", "")
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', texts[".html"]))
    assert not [char for char in texts[".html"] if char != "\n" and is_active(char)]
    assert "<b>" not in texts[".html"]
    assert "<script" not in texts[".md"]
    assert not re.search(r"(?<!\\)\]\(", texts[".md"])
    cells = [cell for row in csv.reader(io.StringIO(texts[".csv"])) for cell in row]
    assert not [cell for cell in cells if re.match(r"\s*[=+@-]", cell)]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [char for cell in cells for char in cell if is_active(char)]


def test_no_request_leaves_the_page(folder: Path) -> None:
    text = (folder / "attribution.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"<(script|img|link|iframe|object)\b|@import|url\(", text)


def test_the_same_audit_gives_the_same_bytes(
    audit: AuditReport, folder: Path, tmp_path: Path
) -> None:
    audit.attribution(tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_many_entries_come_in_pages(
    audit: AuditReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.write, "__defaults__", (3,))
    audit.attribution(tmp_path / "credits")
    names = sorted(path.name for path in (tmp_path / "credits").glob("*.html"))
    assert names == [f"attribution-{n:04}.html" for n in (1, 2, 3)] + ["attribution.html"]
    entries = [
        (tmp_path / "credits" / name).read_text(encoding="utf-8").count("<li><bdi>")
        for name in names
    ]
    assert entries == [3, 3, 2, 0]
    index = (tmp_path / "credits" / "attribution.html").read_text(encoding="utf-8")
    assert re.findall(r'href="(attribution[^"]*)"', index) == names[:-1]
    monkeypatch.undo()
    audit.attribution(tmp_path / "credits")
    assert [path.name for path in (tmp_path / "credits").glob("*.html")] == ["attribution.html"]


@pytest.mark.parametrize("suffix", [".csv.gz", ".parquet", ".jsonl"])
def test_other_formats_give_the_same(
    manifest: Path, folder: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"works{suffix}"
    table = pc.read_csv(manifest)
    if suffix == ".parquet":
        pq.write_table(table, path)
    elif suffix == ".jsonl":
        table.to_pandas().astype(str).to_json(path, orient="records", lines=True)
    else:
        path.write_bytes(gzip.compress(manifest.read_bytes()))
    with audited(path) as audit:
        audit.save(tmp_path / "audit")
    with sourcing_audit.load(tmp_path / "audit") as again:
        again.attribution(tmp_path / "credits")
    for name in ("attribution.csv", "attribution.md"):
        assert (tmp_path / "credits" / name).read_bytes() == (folder / name).read_bytes()


def test_a_changed_or_missing_input_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "works.csv", ROWS[:3])
    with audited(path) as audit:
        path.write_text(path.read_text(encoding="utf-8").replace("Pier", "Pear"), encoding="utf-8")
        with pytest.raises(InputError, match="has changed since the audit"):
            audit.attribution(tmp_path / "credits")
        path.unlink()
        with pytest.raises(InputError, match="no such file"):
            audit.attribution(tmp_path / "credits")
    assert not (tmp_path / "credits").exists()


def test_a_folder_with_other_files_is_left_alone(audit: AuditReport, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(sourcing_audit.errors.OutputError, match="holds other files"):
        audit.attribution(tmp_path)


def test_what_an_agreement_permits_is_under_no_licence(tmp_path: Path, pages: LicensePages) -> None:
    from sourcing_audit.attribution.credits import Credit

    wording = Wording(RuleStore(), pages)
    credit = Credit("NOASSERTION", "Pier", "Ana", None, None, None, True, 1, "a")
    assert wording.worded(credit).text == (
        "“Pier”, by Ana, source not on record, permitted by an agreement or consent on record"
    )


def test_only_sources_licences_and_notices_are_links_and_no_word_beside_them_is_lost(
    pages: LicensePages,
) -> None:
    from sourcing_audit.attribution import markdown
    from sourcing_audit.attribution.credits import Credit

    site, long = "https://b.example/", f"https://a.example/{'x' * 2_000}"
    credit = Credit("CC-BY-4.0", f"{site}t", f"{site}me", long, None, f"{site}n", True, 1, "a")
    worded = Wording(RuleStore(), pages).worded(credit)
    links = [piece.url for piece in worded.pieces if piece.url]
    assert links == [f"{CC}/by/4.0/", f"{site}n"]
    line = markdown._line(worded)
    assert r"“https\://b.example/t”, by https\://b.example/me, " in line
    assert line.endswith(f"notice on record: <{site}n>")


NAMED = {
    "MIT OR Apache-2.0": (
        "MIT License (MIT) or Apache License 2.0 (Apache-2.0)",
        ("https://opensource.org/license/mit", "https://www.apache.org/licenses/LICENSE-2.0"),
    ),
    "CC-BY-NC-ND-1.0": (
        "Creative Commons Attribution-NonCommercial-NoDerivatives 1.0 (CC-BY-NC-ND-1.0)",
        (f"{CC}/by-nd-nc/1.0/",),
    ),
    "0BSD AND LicenseRef-CC-BY": (
        "BSD Zero Clause License (0BSD) and Creative Commons Attribution (LicenseRef-CC-BY)",
        (),
    ),
    "LicenseRef-Ours": ("LicenseRef-Ours", ()),
    "AAL": ("Attribution Assurance License (AAL)", ("https://spdx.org/licenses/AAL.html",)),
}


@pytest.mark.parametrize("expression", NAMED)
def test_licences_have_names_and_addresses(pages: LicensePages, expression: str) -> None:
    assert pages.named(expression) == NAMED[expression]


def test_creative_commons_addresses_are_the_canonical_ones(pages: LicensePages) -> None:
    from sourcing_audit.licenses import Classifier

    tools = real_data.WORKS.parent / "licenses" / "cc-legal-tools.csv"
    if not tools.is_file():
        pytest.skip(f"no {tools.name} here")
    classifier = Classifier(LicenseRules.load(RuleStore()))
    with tools.open(encoding="utf-8", newline="") as stream:
        urls = [row["CANONICAL_URL"] for row in csv.DictReader(stream)]
    wrong = [url for url in urls if pages.page(classifier.classify(url).expression) != url]
    # The dedication and certification was SPDX's before it was a tool with a version.
    assert wrong == [f"{CC.removesuffix('licenses')}publicdomain/certification/1.0/us/"]


def test_the_command(run, tmp_path: Path, manifest: Path) -> None:
    out = tmp_path / "out"
    run("audit", manifest, "-o", out, "--fail-on", "never", "-q", "--as-of", DATE)
    ran = run("attribution", out, "-o", tmp_path / "credits")
    assert ran.code == 0, ran.err
    assert "Wrote 7 attributions for 10 items" in ran.err
    assert "no creator on record for 1 item" in ran.err
    assert "not fulfilled for 1 item" in ran.err
    assert run("attribution", out / "evidence", "-o", tmp_path / "x").code == 2


def test_several_datasets_are_refused(tmp_path: Path) -> None:
    from sourcing_audit.commands import attribution

    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").touch()
    with pytest.raises(ConfigError, match="holds 2 datasets"):
        attribution.attribution(tmp_path, tmp_path / "credits")


@real_data.needs("openverse")
def test_openverse(tmp_path: Path) -> None:
    with sourcing_audit.audit(
        real_data.MANIFESTS["openverse"].path, use="research", as_of=DATE, media="off"
    ) as audit:
        counted = audit.attribution(tmp_path / "credits")
        due = audit.findings.filter(
            audit.findings.obligations.contains("attribute")
            | audit.findings.obligations.contains("keep_notices")
        )
        assert counted.items == audit.to_arrow(due).num_rows > 1_000
