"""`report.json`: the report as data, in the shape of `docs/report.schema.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from sourcing_audit.escape import json_text
from sourcing_audit.reports.interface import ReportFormat

if TYPE_CHECKING:
    from sourcing_audit.report import Report


class JsonFormat(ReportFormat):
    """Writes every field of the report."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "json"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.json"

    def render(self, report: Report) -> bytes:
        """Return the report with fields in the model's order and mappings in that of their keys."""
        document = json.dumps(_plain(report), indent=2, ensure_ascii=False) + "\n"
        return json_text(document).encode()


def _plain(value: object) -> Any:
    """Reduce to JSON's types; equal reports serialise alike, however their mappings were filled."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return to_jsonable_python(value)
