"""Release forms of one's own, by a mapping of columns and words."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from sourcing_audit import registries
from sourcing_audit.errors import RegistryError
from tests.registries.support import pick, records

DOCS = Path(__file__).parents[2] / "docs" / "registry.md"

FORM = """
file = "releases.csv"
date_format = "%d.%m.%Y"

[columns]
record_id = "No"
subject_kind = "Kind"
subject_value = "{Site}/works/{Work}"
decision = "Answer"
declared_at = "Signed"
uses = "For"

[values.subject_kind]
picture = "url"

[values.decision]
"I agree" = "allow"
"I do not agree" = "deny"
"" = "unknown"

[values.uses]
"training" = "train_generative|train_non_generative"

[defaults]
declarant_role = "creator"
authority_level = "document_checked"
separately_signed = true
revocation_notice_days = 14
"""
ROWS = [
    "No,Kind,Site,Work,Answer,Signed,For,Remarks",
    "1,picture,https://a.example,x.jpg, i AGREE ,31.01.2026,training,",
    "2,Picture,https://a.example,y.jpg,I do not agree,01.02.2026,any,=cmd()",
    "3,url,https://a.example,z.jpg,,,,",
]


@pytest.fixture
def form(tmp_path):
    def write(mapping=FORM, rows=ROWS):
        (tmp_path / "releases.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        path = tmp_path / "form.toml"
        path.write_text(mapping, encoding="utf-8")
        return str(path)

    return write


def test_a_form(engine, form):
    found = records(engine, form())
    assert pick(found, "record_id", "subject_kind", "subject_value", "decision", "uses") == [
        (
            "1",
            "url",
            "https://a.example/works/x.jpg",
            "allow",
            "train_generative|train_non_generative",
        ),
        ("2", "url", "https://a.example/works/y.jpg", "deny", "any"),
        ("3", "url", "https://a.example/works/z.jpg", "unknown", ""),
    ]
    assert pick(found, "declared_at")[1][0].isoformat() == "2026-02-01T00:00:00"
    assert {row["declarant_role"] for row in found} == {"creator"}
    assert {row["separately_signed"] for row in found} == {True}
    assert {row["revocation_notice_days"] for row in found} == {14}
    assert registries.parse(form()).format == "mapped"


def test_other_tables_and_numbers_for_ids(engine, form, tmp_path):
    spec = form(FORM.replace("releases.csv", "r.parquet").replace('record_id = "No"\n', ""))
    pq.write_table(pc.read_csv(tmp_path / "releases.csv"), tmp_path / "r.parquet")
    assert pick(records(engine, spec), "record_id", "decision") == [
        ("1", "allow"),
        ("2", "deny"),
        ("3", "unknown"),
    ]


def test_the_fingerprint_is_that_of_both_files(form):
    def fingerprint(spec):
        export = registries.parse(spec)
        return registries.READERS["mapped"].fingerprint(export)

    first = fingerprint(form())
    assert fingerprint(form(rows=ROWS[:3])) != first
    assert fingerprint(form(f"{FORM}\n")) != first
    assert fingerprint(form()) == first


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("31.01.2026,training", "31.01.2026,everything", r"row 1: For is 'everything', and form"),
        (
            "I do not agree",
            "perhaps",
            r"row 2: Answer is 'perhaps'.*\n.*add \"perhaps\" to \[values.d",
        ),
        ("01.02.2026", "2/1/26", r"row 2: declared_at is '2/1/26', not a date"),
        ("Picture,", "sculpture,", r"row 2: Kind is 'sculpture'"),
    ],
)
def test_rows_that_are_not_understood(engine, form, old, new, message):
    with pytest.raises(RegistryError, match=message):
        records(engine, form(rows=[row.replace(old, new) for row in ROWS]))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"allow"', '"permit"', r"decision: 'permit' is not a word of this field\n.*allow, cond"),
        ('"creator"', '"artist"', r"declarant_role: 'artist' is not a word"),
        ("declared_at", "signed_at", r"signed_at is no field of a consent record"),
        ('"Answer"', '"Reply"', r"columns.decision: there is no column 'Reply'\n.*has No, Kind"),
        ("{Work}", "{Work", r"columns.subject_value: unmatched"),
        ("[columns]", "[colums]", r"columns: Field required|colums"),
        ('file = "releases.csv"', "", r"file: Field required"),
        ("releases.csv", "none.csv", r"none\.csv: no such file"),
        ("[columns]", "[columns", r"is no TOML"),
        ("[defaults]", "[extra]", r"extra: Extra inputs are not permitted"),
    ],
)
def test_mappings_that_are_wrong(engine, form, old, new, message):
    with pytest.raises(RegistryError, match=message):
        records(engine, f"mapped:{form(FORM.replace(old, new))}")


def test_hostile_files(engine, form, tmp_path):
    spec = form()
    Path(spec).write_bytes(b"\xff\xfe[columns]")
    with pytest.raises(RegistryError, match="is no TOML"):
        records(engine, spec)
    Path(spec).write_text("a = " + "[" * 100_000)
    with pytest.raises(RegistryError, match="is no TOML"):
        records(engine, f"mapped:{spec}")
    form(rows=[*ROWS, "4,url"])
    with pytest.raises(RegistryError, match="row 4: columns_missing"):
        records(engine, spec)
    (tmp_path / "releases.csv").write_bytes(b"No,Kind\n1,\xff\n")
    with pytest.raises(RegistryError, match="row 1: undecodable"):
        records(engine, spec)


def test_the_example_of_the_documentation(engine, tmp_path):
    section = DOCS.read_text(encoding="utf-8").split("### `mapped`")[1].split("\n### ")[0]
    mapping, table = re.findall(r"```(?:toml|csv)\n(.*?)```", section, re.DOTALL)
    name = re.search(r'^file = "(.*)"', mapping, re.MULTILINE)[1]
    (tmp_path / name).write_text(table, encoding="utf-8")
    (tmp_path / "form.toml").write_text(mapping, encoding="utf-8")
    found = records(engine, str(tmp_path / "form.toml"))
    assert len(found) == len(list(csv.reader(table.splitlines()))) - 1
    assert {row["decision"] for row in found} == {"allow", "deny"}
