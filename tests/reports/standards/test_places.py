"""Input files as URIs."""

import pytest
from rfc3986_validator import validate_rfc3986

from sourcing_audit.reports.standards.places import media_type, uri


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data/part-000.parquet", "data/part-000.parquet"),
        ("data/100 % weiß #1.csv", "data/100%20%25%20wei%C3%9F%20%231.csv"),
        ("/srv/a b.csv", "file:///srv/a%20b.csv"),
        ("a:b.csv", "a%3Ab.csv"),
        ("../up.csv", "../up.csv"),
        ("s3://bucket/a b.parquet", "s3://bucket/a%20b.parquet"),
        ("https://host.example/a%20b?x=1&y=%zz", "https://host.example/a%20b?x=1&y=%25zz"),
        ("hf:org/name@main", "hf:org/name@main"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("a\x1b\u202eb.csv", "a%5Cx1b%5Cu202eb.csv"),
        ("lone\ud800.csv", "lone%5Cud800.csv"),
        (
            "https://host.example/<a>[b]{c}|\\^`",
            "https://host.example/%3Ca%3E%5Bb%5D%7Bc%7D%7C%5C%5E%60",
        ),
    ],
)
def test_names_are_percent_encoded(name, expected):
    assert uri(name) == expected
    assert validate_rfc3986(uri(name), rule="URI_reference")


@pytest.mark.parametrize(
    ("format_name", "expected"),
    [
        ("parquet", "application/vnd.apache.parquet"),
        ("csv.gz", "text/csv"),
        ("<x>", "application/octet-stream"),
    ],
)
def test_media_types_are_registered_ones(format_name, expected):
    assert media_type(format_name) == expected
