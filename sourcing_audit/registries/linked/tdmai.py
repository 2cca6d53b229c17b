"""ISCC TDM·AI declarations: preferences bound to a code that is derived from the content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.linked.json_records import json_records
from sourcing_audit.registries.statements import StatementReader
from sourcing_audit.registries.web import tdm_properties
from sourcing_audit.registries.web.responses import moment_of, text_of
from sourcing_audit.registries.web.signal import FIELDS, Signal, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.registries.interface import Export
    from sourcing_audit.registries.statements import Statement
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.rules.signals import DeclarationKey

SCHEME = "tdmai"
VERSION = "1.0"

_REPLACING = ("update", "supersede", "supercede")
_INTENTS = ("activate", *_REPLACING)
_ABOUT = frozenset({"version", "iscc", "intent", "reference", "summary", "policy", "tdm-policy"})
_EARLIER_ABOUT = frozenset(
    {"permissionSummary", "permissionPolicy", "TDMAI_summary", "TDMAI_policy"}
)
_RESERVATION = "tdm-reservation"
_NESTED = "usagePermission"
_VALUES = {"true": True, "false": False}
_EARLIER_VALUES = {"y": True, "n": False}
_IDS = ("cid", "declaration_id", "declarationId", "id")
_DECLARANTS = ("declarer", "declarant", "did", "owner")
_TIMES = ("declared_at", "timestamp", "created_at")
_FIX = "export the declarations again; one that can't be read might be a refusal"


class TdmaiReader(StatementReader):
    """Reads declarations, bare or as `{cid, declarant, declared_at, declaration}`.

    An update takes the place of the declaration that it refers to where both say that the same
    party made them.
    """

    name: ClassVar[str] = "tdmai"
    summary: ClassVar[str] = "ISCC TDM·AI declarations: JSON or JSONL"
    fields: ClassVar[tuple[str, ...]] = (
        "record_id",
        "statement_id",
        "refers_to",
        "relation",
        "subject_kind",
        "subject_value",
        "declarant_id",
        "declared_at",
        *FIELDS,
    )

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """JSON with a code and one of the preferences."""
        return (
            head.lstrip()[:1] in {b"{", b"["}
            and b'"iscc"' in head
            and any(word in head for word in (b'"train-', b'"ai-use"', b'"all"', b'"tdm-reserv'))
        )

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        for row, record in json_records(export.path):
            try:
                yield from _of_record(row, record, rules)
            except ValueError as error:
                raise RegistryError(f"{export.path}: record {row}: {error}", fix=_FIX) from error


def _of_record(row: int, record: dict[str, Any], rules: ConsentRules) -> Iterator[Statement]:
    declaration, known_as, declarant, declared_at = record, None, None, None
    if "declaration" in record:
        declaration = record["declaration"]
        known_as, declarant = _text(record, _IDS), _text(record, _DECLARANTS)
        declared_at = moment_of(next((record[key] for key in _TIMES if key in record), None))
    iscc = declaration.get("iscc") if isinstance(declaration, dict) else None
    if not isinstance(iscc, str) or not iscc.strip():
        raise ValueError("has no iscc")
    replaced = declaration.get("reference")
    replaces = declaration.get("intent") in _REPLACING and isinstance(replaced, str)
    for number, signal in enumerate(_signals(declaration, rules), start=1):
        yield {
            "row": row,
            "record_id": f"{row}-{number}",
            "statement_id": known_as or str(row),
            "refers_to": replaced if replaces else None,
            "relation": "supersedes" if replaces else None,
            "subject_kind": "iscc",
            "subject_value": iscc.strip(),
            "declarant_id": declarant,
            "declared_at": declared_at,
            **signal.fields(),
        }


def _text(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """The first member that is text, trimmed."""
    found = (record[name].strip() for name in names if isinstance(record.get(name), str))
    return next(filter(None, found), None)


def _signals(declaration: dict[str, Any], rules: ConsentRules) -> Iterator[Signal]:
    """One signal for each preference that is stated.

    What the schema doesn't know might change what the rest means: a declaration with anything
    else in it still refuses, and permits nothing.
    """
    stated = dict(_stated(declaration))
    keys = rules.signals.declaration_keys
    known = {key: value for key, value in stated.items() if key in keys}
    valid = (
        len(known) == len(stated)
        and declaration.get("version", VERSION) == VERSION
        and declaration.get("intent", "activate") in _INTENTS
    )
    raw = text_of(declaration)
    found = [_of_key(keys[key], value, stated, rules, raw) for key, value in known.items()]
    if _RESERVATION in declaration:
        policy = declaration.get("tdm-policy")
        found.append(tdm_properties.of_properties(SCHEME, declaration[_RESERVATION], policy, rules))
    for signal in found:
        if valid or signal.problem is not None:
            yield signal
        else:
            decision = "deny" if signal.decision == "deny" else "unknown"
            yield Signal(SCHEME, decision, signal.uses, raw, "signal_unreadable")
    if not found:
        yield unreadable(SCHEME, raw, "signal_unreadable")


def _stated(declaration: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every member that may be a preference."""
    for key, value in declaration.items():
        if key in _ABOUT or key in _EARLIER_ABOUT or key == _RESERVATION:
            continue
        if key == _NESTED and isinstance(value, dict):
            yield from ((f"{key}.{inner}", one) for inner, one in value.items())
        else:
            yield key, value


def _of_key(
    key: DeclarationKey, value: Any, stated: dict[str, Any], rules: ConsentRules, raw: str
) -> Signal:
    current = key.current and isinstance(value, str) and value in _VALUES
    allowed = _value(value)
    if allowed is None:
        return unreadable(SCHEME, raw, "signal_unreadable", key.deny_uses)
    problem = None if current else "signal_legacy"
    if allowed:
        decision = "allow" if current else "unknown"
        return Signal(SCHEME, decision, key.allow_uses, raw, problem)
    implied = [
        rules.signals.declaration_keys[other].deny_uses
        for other in filter(None, key.implies.split("|"))
        if other not in stated
    ]
    return Signal(SCHEME, "deny", "|".join([key.deny_uses, *implied]), raw, problem)


def _value(value: Any) -> bool | None:
    """What a value says, also as earlier drafts wrote it; None where it says nothing."""
    if isinstance(value, bool):
        return value
    return (_VALUES | _EARLIER_VALUES).get(value) if isinstance(value, str) else None
