"""The JSON Schema of a consent record; `python -m sourcing_audit.registries.record_schema`.

The file belongs to the documentation, so the command runs from the checkout.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sourcing_audit import schema
from sourcing_audit.registries.checks import REQUIRED
from sourcing_audit.registries.record import CARRIED, DEFAULTS, LISTS, OWN_PREFIX
from sourcing_audit.rules.consent import ConsentRules
from sourcing_audit.rules.store import RuleStore

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = Path("docs/record.schema.json")

Node = dict[str, Any]

_REFERRING = ("renewal", "approval", "amendment")
_REFUSING = ("opt_out", "refusal", "revocation")
_GRANTING = ("opt_in", "consent", "licence_agreement", "renewal")
_NULL: Node = {"type": "null"}
_PLACE = "(?:[A-Z]{2}|WORLD)"


def record_schema(rules: ConsentRules) -> str:
    """One record of a canonical export as JSON Lines, as the schema is committed.

    Text stands for numbers and truth values too, as it does in CSV; and a list may be an array.
    """
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Consent record",
        "description": "One statement about one subject; what each field means is in registry.md.",
        "type": "object",
        "required": list(REQUIRED),
        "properties": {
            **{name: _field(name, kind, rules) for name, kind in schema.RECORDS.items()},
            **{name: {} for name in sorted(CARRIED)},
        },
        "patternProperties": {f"^{OWN_PREFIX}": {}},
        "additionalProperties": False,
        "allOf": [
            _implies({"record_type": _REFERRING}, {"required": ["refers_to"]}),
            _implies({"record_type": _REFUSING}, _restricted("decision", ["deny"])),
            _implies({"record_type": _GRANTING}, {"not": _restricted("decision", ["deny"])}),
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _field(name: str, kind: str, rules: ConsentRules) -> Node:
    words = sorted(rules.vocabulary.get("use" if name == "uses" else name, ()))
    if name in LISTS:
        return _list(words, name)
    node: Node = {}
    if words:
        node = {"enum": words if name in REQUIRED else [*words, None]}
    elif name in REQUIRED:
        node = {"type": "string", "minLength": 1}
    else:
        node = {"anyOf": [*_forms(kind.removeprefix("!"), name), _NULL]}
    if name in DEFAULTS:
        node["default"] = DEFAULTS[name]
    return node


def _forms(kind: str, name: str) -> list[Node]:
    match kind:
        case "timestamp":
            pattern = r"^(19|20|21)\d\d-\d\d-\d\d([T ]\d\d:\d\d.*)?$"
            return [{"type": "string", "pattern": pattern}]
        case "int64" if name == "priority":
            return [{"type": "integer"}, {"type": "string", "pattern": r"^-?\d{1,9}$"}]
        case "int64":
            return [
                {"type": "integer", "minimum": 0, "maximum": 99_999},
                {"type": "string", "pattern": r"^\d{1,5}$"},
            ]
        case "boolean":
            return [{"type": "boolean"}, {"enum": ["true", "false", "yes", "no", "1", "0"]}]
        case _ if name == "conditions":
            return [{"type": "string"}, {"type": ["object", "array"]}]
        case _:
            return [{"type": "string"}]


def _list(words: list[str], name: str) -> Node:
    """Text with `|` between its members, or an array."""
    if name == "territory":
        one: Node = {"type": "string", "pattern": f"^{_PLACE}$"}
        text = {"type": "string", "pattern": rf"^{_PLACE}(\|{_PLACE})*$"}
    elif words:
        part = f"(?:{'|'.join(words)})"
        one = {"enum": words}
        text = {"type": "string", "pattern": rf"^({part}(\|{part})*)?$"}
    else:
        one = text = {"type": "string"}
    return {"anyOf": [text, {"type": "array", "items": one}, _NULL]}


def _restricted(name: str, words: list[str] | tuple[str, ...]) -> Node:
    return {"properties": {name: {"enum": list(words)}}, "required": [name]}


def _implies(when: Mapping[str, tuple[str, ...]], then: Node) -> Node:
    ((name, words),) = when.items()
    return {"if": _restricted(name, words), "then": then}


if __name__ == "__main__":
    PATH.write_text(record_schema(ConsentRules.load(RuleStore())), encoding="utf-8")
