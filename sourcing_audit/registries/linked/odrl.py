"""ODRL policies as TDMRep has them: offers to mine, and what they ask for (JSON-LD, offline)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from sourcing_audit.addresses import Addresses
from sourcing_audit.errors import RegistryError
from sourcing_audit.identifiers import Identifiers
from sourcing_audit.registries.linked.json_records import json_records, loads
from sourcing_audit.registries.linked.linked_data import Terms, many, reference
from sourcing_audit.registries.linked.policy_targets import host_of_policy, subject_of
from sourcing_audit.registries.statements import StatementReader
from sourcing_audit.registries.web import windows
from sourcing_audit.registries.web.responses import moment_of, text_of
from sourcing_audit.registries.web.signal import FIELDS, Signal, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.registries.statements import Statement
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.rules.signals import PolicyTerm

SCHEME = "odrl"
NAMESPACES = {
    "odrl": ("http://www.w3.org/ns/odrl/2/", "http://www.w3.org/ns/odrl/2#"),
    "tdm": ("http://www.w3.org/ns/tdmrep#", "http://www.w3.org/ns/tdmrep/"),
    "rdf": ("http://www.w3.org/1999/02/22-rdf-syntax-ns#",),
}
PROFILE = "http://www.w3.org/ns/tdmrep"

_OFFERS = frozenset({"Offer", "Policy", "Set"})
_RULES = ("permission", "prohibition", "obligation")
_OF_DUTY = frozenset({"action", "target", "assigner", "assignee", "uid", "type", "id"})
_OF_RULE = _OF_DUTY | {"duty", "constraint"}
_EQUAL = frozenset({"eq", "isAnyOf", "isA"})
_FIX = "export the policies again; one that can't be read might be a refusal"


class OdrlReader(StatementReader):
    """Reads ODRL policies: JSON-LD documents, or lines of `{url, body}`."""

    name: ClassVar[str] = "odrl"
    summary: ClassVar[str] = "ODRL policies as TDMRep has them: JSON-LD, or lines of {url, body}"
    fields: ClassVar[tuple[str, ...]] = (
        "record_id",
        "statement_id",
        "subject_kind",
        "subject_value",
        "declarant_id",
        "declarant_role",
        "authority_level",
        *FIELDS,
        *windows.FIELDS,
    )

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """JSON that names ODRL, or TDMRep's profile of it, before anything else."""
        return head.lstrip()[:1] in {b"{", b"["} and (
            b"ns/odrl" in head or (b"ns/tdmrep" in head and b'"permission"' in head)
        )

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:
        """See `RegistryReader.read`; a policy holds until it was fetched again."""
        return windows.until_the_next(engine, super().read(engine, export, rules))

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        identifiers = Identifiers(rules.identifiers, Addresses(rules.tracking))
        for row, record in json_records(export.path):
            try:
                yield from _of_record(row, record, rules, identifiers)
            except ValueError as error:
                raise RegistryError(f"{export.path}: record {row}: {error}", fix=_FIX) from error


class _Source(NamedTuple):
    row: int
    url: str | None
    fetched_at: str | None


def _of_record(
    row: int, record: dict[str, Any], rules: ConsentRules, identifiers: Identifiers
) -> Iterator[Statement]:
    source, document = _Source(row, None, None), record
    if "body" in record:
        url = record.get("url")
        fetched_at = moment_of(record.get("fetched_at", record.get("captured_at")))
        source = _Source(row, url if isinstance(url, str) else None, fetched_at)
        body = record["body"]
        document = loads(body) if isinstance(body, str) else body
    if not isinstance(document, dict):
        raise ValueError("is no policy")  # noqa: TRY004  told apart by nobody
    terms = Terms(document.get("@context"), NAMESPACES)
    number = 0
    for policy in many(document.get("@graph", document)):
        plain = terms.plain(policy)
        if not isinstance(policy, dict) or not plain.keys() & {*_RULES, "uid", "profile"}:
            continue  # Another node of the graph: the party, the asset.
        for target, signal in _Policy(plain, terms, rules).signals():
            number += 1
            yield {
                "row": row,
                "record_id": f"{row}-{number}",
                **_fields(plain, target, signal, source, identifiers),
            }
    if not number:
        raise ValueError("holds no policy")


def _fields(
    policy: dict[str, Any],
    target: str | None,
    signal: Signal,
    source: _Source,
    identifiers: Identifiers,
) -> dict[str, str | int | None]:
    uid = reference(policy.get("uid", policy.get("id"))) or source.url
    named = None if target is None else subject_of(target, identifiers)
    kind, value = named or host_of_policy(uid)
    if named is None and (target is not None or signal.decision in {"allow", "conditional"}):
        # It isn't said what may be mined, or which work it is about can't be read.
        signal = unreadable(SCHEME, signal.raw, "signal_unreadable", signal.uses)
    assigner = reference(policy.get("assigner"))
    return {
        "statement_id": uid or str(source.row),
        "subject_kind": kind,
        "subject_value": value,
        "declarant_id": assigner or uid,
        "declarant_role": "rightsholder" if assigner else "unknown",
        "authority_level": "self_asserted",
        **signal.fields(),
        **windows.captured(uid or str(source.row), source.fetched_at),
    }


class _Policy:
    """One policy, its keys without prefixes."""

    def __init__(self, policy: dict[str, Any], terms: Terms, rules: ConsentRules) -> None:
        self._policy = policy
        self._terms = terms
        self._rules = rules.signals.policy_terms

    def signals(self) -> Iterator[tuple[str | None, Signal]]:
        """What each rule says, with its target; None where it names none."""
        duties = many(self._policy.get("obligation"))
        found = False
        for key in ("prohibition", "permission"):
            for one in many(self._policy.get(key)):
                found = True
                raw = text_of({key: one})
                rule = self._terms.plain(one)
                for target in many(rule.get("target", self._policy.get("target"))) or [None]:
                    for signal in self._of_rule(key, rule, raw, duties):
                        yield reference(target), signal
        if found:
            return
        target = reference(self._policy.get("target"))
        raw = text_of(self._policy)
        conditions = self._conditions({}, duties)
        if duties and conditions and "prior_consent" in conditions:
            # The form that earlier drafts had for rights that are reserved.
            uses = self._rules["action", "mine"].uses
            asked = json.dumps(conditions)
            yield target, Signal(SCHEME, "deny", uses, raw, "signal_legacy", conditions=asked)
        else:
            yield target, unreadable(SCHEME, raw, "signal_unreadable")

    def _of_rule(
        self, key: str, rule: dict[str, Any], raw: str, duties: list[Any]
    ) -> Iterator[Signal]:
        for action in many(rule.get("action", self._policy.get("action"))) or [None]:
            known = self._lookup("action", action)
            if known is None:
                yield unreadable(SCHEME, raw, "signal_unreadable")
            elif not known.uses:
                continue
            elif key == "prohibition":
                yield Signal(SCHEME, "deny", known.uses, raw)
            else:
                yield self._permission(rule, known, raw, duties)

    def _permission(
        self, rule: dict[str, Any], action: PolicyTerm, raw: str, duties: list[Any]
    ) -> Signal:
        conditions = self._conditions(rule, duties)
        if conditions is None or not self._is_offer():
            return unreadable(SCHEME, raw, "signal_unreadable", action.allow_uses)
        if not conditions:
            return Signal(SCHEME, "allow", action.allow_uses, raw)
        return Signal(
            SCHEME, "conditional", action.allow_uses, raw, conditions=json.dumps(conditions)
        )

    def _is_offer(self) -> bool:
        """Whether it is an offer to everyone in a profile that is understood."""
        kinds = [self._terms.term(kind) for kind in many(self._policy.get("type"))]
        profiles = [reference(one) or "" for one in many(self._policy.get("profile"))]
        return (
            all(kind in _OFFERS for kind in kinds)
            and all(profile.rstrip("/#") == PROFILE for profile in profiles)
            and not {"inheritFrom", "assignee"} & self._policy.keys()
        )

    def _conditions(self, rule: dict[str, Any], duties: list[Any]) -> dict[str, bool] | None:
        """What a permission asks for; None where anything in it isn't understood."""
        if not rule.keys() <= _OF_RULE or "assignee" in rule:
            return None
        found: dict[str, bool] = {}
        for duty in [*many(rule.get("duty")), *duties]:
            plain = self._terms.plain(duty)
            asked = [self._lookup("duty", action) for action in many(plain.get("action"))]
            if not asked or not plain.keys() <= _OF_DUTY:
                return None
            for one in asked:
                if one is None or one.condition is None:
                    return None
                found[one.condition] = True
        for constraint in many(rule.get("constraint")):
            purpose = self._purpose(self._terms.plain(constraint))
            if purpose is None:
                return None
            found[purpose] = True
        return found

    def _purpose(self, constraint: dict[str, Any]) -> str | None:
        operands = many(constraint.get("rightOperand"))
        if (
            constraint.keys() - {"uid", "id", "type"} != {"leftOperand", "operator", "rightOperand"}
            or self._terms.term(constraint["leftOperand"]) != "purpose"
            or self._terms.term(constraint["operator"]) not in _EQUAL
            or len(operands) != 1
        ):
            return None
        known = self._lookup("purpose", operands[0])
        return None if known is None else known.condition

    def _lookup(self, kind: str, value: Any) -> PolicyTerm | None:
        term = self._terms.term(value)
        return None if term is None else self._rules.get((kind, term))
