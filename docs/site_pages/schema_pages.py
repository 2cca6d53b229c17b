"""The reference of everything that is read and written, from the models and the schemas."""

from __future__ import annotations

import builtins
import datetime as dt
import inspect
import types
import typing
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sphinx.pycode import ModuleAnalyzer

from site_pages import markdown
from sourcing_audit import config, output, report, results, schema, units
from sourcing_audit.registries.checks import REQUIRED
from sourcing_audit.registries.record import DEFAULTS
from sourcing_audit.rules.consent import ConsentRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sourcing_audit.rules import RuleStore

TABLES: dict[str, tuple[str, dict[str, str]]] = {
    results.FINDINGS: ("schema.FINDINGS", {**schema.FINDINGS, "license_no": "!int64"}),
    results.GROUPS: ("schema.GROUPS", schema.GROUPS),
    results.QUARANTINE: ("schema.QUARANTINE", schema.QUARANTINE),
    results.LICENSES: ("schema.LICENSES", {"license_no": "!int64", **schema.LICENSES}),
    results.TEXTS: ("schema.TEXTS", units.EVIDENCE_OF_TEXTS),
    results.CONSENT: ("consent.resolution.EVIDENCE", units.EVIDENCE_OF_CONSENT),
    results.RECORDS: ("schema.RECORDS", output.EVIDENCE_OF_RECORDS),
}
"""Each table that an audit leaves: the schema whose words describe it, and its columns."""

_WORDS: dict[type, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    type(None): "null",
    dt.date: "date",
    dt.datetime: "date and time",
}
_ABOUT_TABLES = """What an audit leaves beside its reports, as Parquet. A table is a file, or, where
a dataset was judged in several portions, a [folder of parts](../large.md) of that name."""

_DOWNLOADS = """
- [`report.schema.json`](../report.schema.json): `report.json`
- [`audit.schema.json`](../audit.schema.json): `audit.toml`
- [`record.schema.json`](../record.schema.json): one consent record of a canonical export
"""


def pages(store: RuleStore) -> Iterator[tuple[str, str]]:
    """Each page's name below the documentation, and its Markdown."""
    yield (
        "reference/schemas",
        markdown.page(
            "# JSON Schemas",
            "For editors, validators and whoever reads reports by program (draft 2020-12):",
            _DOWNLOADS.strip(),
            "They are generated from the models; `make schema` writes them anew.",
        ),
    )
    yield "reference/report", _report()
    yield "reference/tables", _tables()
    yield "reference/audit-toml", _config()
    yield "reference/record", _record(ConsentRules.load(store))


def _report() -> str:
    models = [
        report.Report,
        *(model for model in _models(report.Report) if model is not report.Report),
    ]
    return markdown.page(
        "# report.json",
        "The report as data; every format renders it. All counts are items unless their name says"
        " otherwise. The same is there as a [JSON Schema](schemas.md) and, in Python, as"
        " `AuditReport.report`.",
        *(block for model in models for block in _model(model, defaults=False)),
    )


def _config() -> str:
    sections = {
        config.AuditConfig: "Keys of the file",
        config.DatasetConfig: "`[[dataset]]`",
        config.UpstreamConfig: "`[[dataset.upstream]]`",
        config.RegistryConfig: "`[[registry]]`",
    }
    models = _models(config.AuditConfig)
    others = {model: model.__name__ for model in models if model not in sections}
    blocks = [
        block for model, title in (sections | others).items() for block in _model(model, title)
    ]
    return markdown.page(
        "# audit.toml",
        "What `sourcing-audit audit -c audit.toml` reads; `sourcing-audit init` writes a commented"
        " one. Paths are relative to the file. A flag wins over its environment variable, that over"
        " this file, that over the default. Unknown keys are refused.",
        # TOML has no null: such keys are left out.
        *(block.replace(" or null", "") for block in blocks),
    )


def _models(root: type[BaseModel]) -> list[type[BaseModel]]:
    """A model after all that it is made of, in the order of their fields."""
    found: dict[type[BaseModel], None] = {}
    for field in root.model_fields.values():
        for part in _parts(field.annotation):
            found |= dict.fromkeys(_models(part))
    return [*found, root]


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type names."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _parts(argument)


def _model(
    model: type[BaseModel], title: str | None = None, *, defaults: bool = True
) -> Iterator[str]:
    yield f"({_anchor(model)})=\n## {title or model.__name__}"
    yield markdown.text(inspect.getdoc(model) or "")
    fields = model.model_fields.items()
    columns = {
        "field": [f"`{name}`" for name, _ in fields],
        "type": [_type(field.annotation) for _, field in fields],
        "default": [_default(field) for _, field in fields],
        "meaning": [markdown.text(field.description or "") for _, field in fields],
    }
    shown = {name: cells for name, cells in columns.items() if defaults or name != "default"}
    yield markdown.table(tuple(shown), zip(*shown.values(), strict=True))


def _anchor(model: type[BaseModel]) -> str:
    return f"{model.__module__.split('.')[1]}-{model.__name__}".lower()


def _type(annotation: Any) -> str:
    arguments = typing.get_args(annotation)
    match typing.get_origin(annotation):
        case typing.Union | types.UnionType:
            words = " or ".join(map(_type, arguments))
        case typing.Annotated:
            words = _type(arguments[0])
        case typing.Literal:
            words = ", ".join(markdown.code(f'"{value}"') for value in arguments)
        case builtins.list:
            words = f"list of {_type(arguments[0])}"
        case builtins.dict:
            words = f"{_type(arguments[0])} to {_type(arguments[1])}"
        case _:
            words = _plain_type(annotation)
    return words


def _plain_type(annotation: type) -> str:
    if issubclass(annotation, BaseModel):
        return f"[](#{_anchor(annotation)})"
    if issubclass(annotation, Enum):
        return ", ".join(markdown.code(f'"{member.value}"') for member in annotation)
    return _WORDS.get(annotation, annotation.__name__)


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is PydanticUndefined or value in ([], {}):
        return "empty"
    if value is None:
        return "none"
    return markdown.code(str(value).lower() if isinstance(value, bool) else str(value))


def _tables() -> str:
    blocks = [
        "# Tables",
        _ABOUT_TABLES,
    ]
    for file, (name, columns) in TABLES.items():
        blocks += [f"## {file}", markdown.text(_words(name)), _columns(columns)]
    blocks += [
        "## Items",
        "What a manifest is read as; [Manifests](../manifests.md) tells what each column holds.",
        markdown.text(_words("schema.ITEMS")),
        _columns(schema.ITEMS),
    ]
    return markdown.page(*blocks)


def _words(name: str) -> str:
    """What the docstring below `module.NAME` says."""
    module, _, attribute = name.rpartition(".")
    about = ModuleAnalyzer.for_module(f"sourcing_audit.{module}").find_attr_docs()
    return " ".join(about["", attribute])


def _columns(columns: Mapping[str, str]) -> str:
    rows = [
        (f"`{name}`", markdown.code(kind.removeprefix("!")), "no" if kind[0] == "!" else "yes")
        for name, kind in columns.items()
    ]
    return markdown.table(("column", "type", "may be NULL"), rows)


def _record(rules: ConsentRules) -> str:
    rows = []
    for name, kind in schema.RECORDS.items():
        words = sorted(rules.vocabulary.get("use" if name == "uses" else name, ()))
        values = ", ".join(markdown.code(word) for word in words)
        default = markdown.code(str(DEFAULTS[name])) if name in DEFAULTS else ""
        rows.append(
            (
                f"`{name}`",
                markdown.code(kind.removeprefix("!")),
                "required" if name in REQUIRED else default,
                values,
            )
        )
    return markdown.page(
        "# The canonical consent record",
        markdown.text(_words("schema.RECORDS")),
        "What each field is for is told in [Consent registries](../registry.md);"
        " [`record.schema.json`](../record.schema.json) checks one record.",
        markdown.table(("field", "type", "default", "values"), rows),
    )
