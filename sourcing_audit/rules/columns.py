"""The rows of `columns.csv` and `layouts.toml`: which input column is which canonical field."""

from __future__ import annotations

from pydantic import Field, field_validator

from sourcing_audit.rules.store import Rule, RuleStore
from sourcing_audit.schema import ITEM_TEXT_FIELDS


class ColumnName(Rule):
    """A usual name of a column."""

    name: str = Field(min_length=1, description="compared without regard to case")
    field: str = Field(description="the canonical field that a column of this name fills")
    priority: int = Field(ge=1, le=99, description="of two names for one field the lower wins")
    prefix: str = Field(default="", description="put before the value, where only that names it")
    source: str = Field(min_length=1, description="where the name is used")

    @field_validator("field")
    @classmethod
    def _field_known(cls, value: str) -> str:
        return _canonical(value)


class Layout(Rule):
    """A kind of manifest that is recognised by its columns."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str = Field(min_length=1)
    source: str = Field(min_length=1, description="where the layout is documented")
    when: list[str] = Field(min_length=1, description="all of these columns are present")
    fields: dict[str, str] = Field(min_length=1, description="canonical field to template")
    ignore: list[str] = Field(default=[], description="columns that their name must not map")
    example: dict[str, str | int | None] = Field(description="a row of such a manifest")
    expect: dict[str, str] = Field(description="what the example becomes")

    @field_validator("fields", "expect")
    @classmethod
    def _fields_known(cls, value: dict[str, str]) -> dict[str, str]:
        for field in value:
            _canonical(field)
        return value


def column_names(store: RuleStore) -> list[ColumnName]:
    """The usual names, first choice first.

    Raises:
        RulesError: a row is invalid.

    """
    names = store.table("columns.csv", ColumnName, key=("name", "field"))
    return sorted(names, key=lambda row: row.priority)


def layouts(store: RuleStore) -> list[Layout]:
    """The known layouts; the first that fits is taken.

    Raises:
        RulesError: a layout is invalid.

    """
    return store.table("layouts.toml", Layout, key=("id",))


def _canonical(field: str) -> str:
    if field not in ITEM_TEXT_FIELDS:
        raise ValueError(f"{field} is not a canonical field")
    return field
