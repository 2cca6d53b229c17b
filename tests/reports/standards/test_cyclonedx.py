"""CycloneDX: valid by the library's strict validator, and no claim beyond the evidence."""

import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from sourcing_audit.reports.standards.cyclonedx import CycloneDxFormat


def bom(report):
    return json.loads(CycloneDxFormat().render(report))


def properties(report, key):
    [dataset] = bom(report)["components"]
    name = f"sourcing-audit:{key}"
    return [one["value"] for one in dataset["properties"] if one["name"].startswith(name)]


def test_the_schema_of_the_standard_is_kept(each):
    text = CycloneDxFormat().render(each).decode()
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(text) is None


def test_the_validator_would_find_a_fault(report):
    document = bom(report)
    document["components"][0]["data"][0]["sensitive"] = True
    error = JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(document))
    assert error is not None


def test_the_dataset_is_a_data_component_with_its_inputs(grouped):
    [dataset] = bom(grouped)["components"]
    assert dataset["type"] == "data"
    assert dataset["data"][0]["type"] == "dataset"
    files = {one["name"]: one for one in dataset["components"]}
    first = files["data/part-000.parquet"]
    assert first["mime-type"] == "application/vnd.apache.parquet"
    assert first["hashes"] == [{"alg": "SHA-256", "content": grouped.dataset.inputs[0].sha256}]
    items = {one["name"]: one["value"] for one in files["data/part-002.parquet"]["properties"]}
    assert items["sourcing-audit:items"] == "not known"


def test_nothing_is_concluded_where_items_are_not(grouped):
    [dataset] = bom(grouped)["components"]
    assert dataset["licenses"] == [{"expression": "CC-BY-4.0", "acknowledgement": "declared"}]
    assert properties(grouped, "license-concluded")[0].startswith("NOASSERTION: Not concluded: 31")
    assert "NOASSERTION: 226,076 items (18.8 %)" in properties(grouped, "license:")


def test_declared_and_concluded_stand_side_by_side(settled):
    [dataset] = bom(settled)["components"]
    assert dataset["licenses"] == [
        {"expression": "CC-BY-4.0", "acknowledgement": "declared"},
        {
            "expression": "CC-BY-4.0 AND LicenseRef-Studio AND (MIT OR Apache-2.0)",
            "acknowledgement": "concluded",
        },
    ]


@pytest.mark.parametrize("key", ["status", "consent", "not-established", "limit"])
def test_what_was_found_is_told_in_order(key, grouped):
    assert properties(grouped, f"{key}:")


def test_persons_are_sensitive_data(grouped):
    [data] = bom(grouped)["components"][0]["data"]
    assert data["sensitiveData"][0].startswith("1,100,000 items do not say whether a person")


def test_the_time_is_the_as_of_date(grouped):
    assert bom(grouped)["metadata"]["timestamp"] == "2026-11-21T00:00:00+00:00"
