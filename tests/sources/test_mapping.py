from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit.errors import ConfigError, InputError, RulesError
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.columns import column_names, layouts
from sourcing_audit.schema import ITEM_TEXT_FIELDS
from sourcing_audit.sources import mapping, template

LAYOUTS = layouts(RuleStore())


@pytest.fixture
def build(store):
    def run(*columns, given=None, origin="flag"):
        return mapping.build(columns, given or {}, origin=origin, store=store, where="m.csv")

    return run


def described(mapper):
    return {one.field: (one.template, one.origin) for one in mapper.describe()}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_each_layout_turns_its_example_into_what_it_expects(layout, tmp_path, read):
    table = pa.Table.from_pylist([layout.example])
    pq.write_table(table, tmp_path / "m.parquet")
    found = read(tmp_path / "m.parquet")
    item = {field: found.items[0][field] for field in ITEM_TEXT_FIELDS}
    assert {field: value for field, value in item.items() if value is not None} == layout.expect
    origins = {one.origin for one in found.ingested.mapping}
    assert f"layout:{layout.id}" in origins


def test_every_usual_name_is_lower_case_and_every_field_has_one(store):
    names = column_names(store)
    assert all(row.name == row.name.casefold() for row in names)
    assert {row.field for row in names} == set(ITEM_TEXT_FIELDS)


def test_usual_names_by_priority_and_without_regard_to_case(build):
    mapper = build("Image_URL", "url", "LICENCE", "license", "junk")
    assert described(mapper) == {
        "source_url": ("{Image_URL}", "name"),
        "landing_url": ("{url}", "name"),
        "license_raw": ("{license}", "name"),
    }
    assert mapper.unused == ("LICENCE", "junk")


def test_flag_before_layout_before_name(build):
    layout = next(one for one in LAYOUTS if one.id == "tate")
    columns = [*layout.when, "doi"]
    found = described(build(*columns, given={"creator": "{artist} ({id})"}, origin="config"))
    assert found["creator"] == ("{artist} ({id})", "config")
    assert found["rights_raw"] == ("{copyright}", "layout:tate")
    assert found["work_id"] == ("{doi}", "name")


def test_a_column_that_the_user_mapped_is_not_mapped_by_its_name(build):
    assert described(build("url", "license", given={"landing_url": "url"})) == {
        "landing_url": ("{url}", "flag"),
        "license_raw": ("{license}", "name"),
    }


def test_an_empty_template_leaves_a_field_unmapped(build):
    assert described(build("url", "license", given={"license_raw": ""})) == {
        "source_url": ("{url}", "name")
    }


def test_unknown_columns_and_fields(build):
    with pytest.raises(ConfigError, match=r"m\.csv: no column 'lisence'.*\n.*'license'"):
        build("license", "url", given={"license_raw": "lisence"})
    with pytest.raises(ConfigError, match=r"it has 'q', 'w'"):
        build("q", "w", given={"license_raw": "zzz"})
    with pytest.raises(ConfigError, match=r"'licence' is not a canonical field"):
        build("license", given={"licence": "license"})
    with pytest.raises(ConfigError, match="unmatched"):
        build("license", given={"license_raw": "{license"})
    with pytest.raises(InputError, match=r"--column license_raw=COLUMN"):
        build("q", "w")


def test_no_column_at_all_to_read(build):
    with pytest.raises(InputError, match="no record has a column"):
        build()


def test_templates():
    columns = ["a", "b.c", "b", "Dc:Title", "{x}"]
    assert template.resolve("a", columns).source == "{a}"
    assert template.resolve("b.c", columns).references == (template.Reference("b.c"),)
    assert template.resolve("b.d.e", columns).references == (template.Reference("b", ("d", "e")),)
    assert template.resolve("{dc:title}!", columns).parts == (template.Reference("Dc:Title"), "!")
    assert template.resolve("{{{a}}}", columns).parts == ("{", template.Reference("a"), "}")
    for broken in ("{", "}", "{a", "a}", "{}", "{a}{"):
        with pytest.raises(ValueError, match="unmatched"):
            template.resolve(broken, columns)


def test_templates_render_empty_parts_as_nothing(tmp_path, read):
    (tmp_path / "m.csv").write_text("a,b\nby,2.0\nby,\n , \n,3\n")
    found = read(tmp_path / "m.csv", mapping={"license_raw": "CC {a} {b}", "title": "{a}{b}"})
    assert found.column("license_raw") == ["CC by 2.0", "CC by", None, "CC  3"]
    assert found.column("title") == ["by2.0", "by", None, "3"]


def test_a_rule_for_an_unknown_field_fails_to_load(tmp_path):
    (tmp_path / "columns.csv").write_text("name,field,priority,source\nx,nope,1,me\n")
    with pytest.raises(RulesError, match="nope is not a canonical field"):
        column_names(RuleStore([tmp_path]))


def test_users_can_add_names(tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "columns.csv").write_text("name,field,priority,source\nlizenz,license_raw,1,me\n")
    mapper = mapping.build(["Lizenz"], {}, origin="flag", store=RuleStore([rules]), where="m.csv")
    assert described(mapper) == {"license_raw": ("{Lizenz}", "name")}
