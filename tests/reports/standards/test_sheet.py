"""CSV: a spreadsheet opens it, adds it up to all items, and runs nothing."""

import csv
import io

from sourcing_audit.reports.standards.sheet import COLUMNS, NOT_LISTED, CsvFormat

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(report):
    text = CsvFormat().render(report).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_excel_knows_the_encoding(report):
    assert CsvFormat().render(report).startswith(b"\xef\xbb\xbfdataset,as_of,")


def test_items_add_up_to_items_in(each):
    counted = sum(int(row["items"]) for row in rows(each) if row["items"])
    assert counted == each.totals.items_in


def test_what_is_not_listed_is_a_row_of_its_own(grouped):
    rest = {
        row["status"] or row["outcome"]: row for row in rows(grouped) if row["why"] == NOT_LISTED
    }
    assert {name: int(row["items"]) for name, row in rest.items()} == {
        "opted_out": 811,
        "consent_required": 395,
        "terms_not_met": 36,
        "not_established": 106_076,
        "conditional": 212_000,
        "permitted": 161_400,
    }


def test_a_group_is_told_with_reasons_and_place(grouped):
    first = rows(grouped)[0]
    assert tuple(first) == COLUMNS
    assert first["reasons"] == "consent_refused consent_revoked"
    assert first["why"] == "The creator refused use for training; A grant was revoked"
    assert (first["first_file"], first["first_record"]) == ("data/part-000.parquet", "1")


def test_an_unreadable_file_has_no_count(grouped):
    [row] = [row for row in rows(grouped) if row["outcome"] == "unreadable_file"]
    assert (row["items"], row["first_file"]) == ("", "data/part-002.parquet")


def test_no_cell_is_a_formula(hostile, grouped):
    hosts = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\uff1d1")
    groups = [grouped.groups[0].model_copy(update={"host": host}) for host in hosts]
    for report in (hostile, grouped.model_copy(update={"groups": groups})):
        for row in rows(report):
            for column, cell in row.items():
                assert not cell.lstrip().startswith((*FORMULA, "\uff1d")), (column, cell)


def test_hosts_that_would_be_formulas_are_kept_behind_an_apostrophe(grouped):
    groups = [grouped.groups[0].model_copy(update={"host": "=1+1"})]
    assert rows(grouped.model_copy(update={"groups": groups}))[0]["host"] == "'=1+1"
