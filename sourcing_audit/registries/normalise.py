"""Match keys for records: what an item's key must equal (`keys`), and who made the statement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
from sourcing_audit.addresses import Addresses
from sourcing_audit.engine import Queries
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries import subjects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir
    from publicsuffixlist import PublicSuffixList

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

KEYS = ("wide", "exact", "subdomains", "declarant")
"""What `with_keys` adds."""

_PLATFORM_ROLES = ("host", "platform")
"""Who speaks for a platform as a whole."""


def with_keys(engine: Engine, records: ir.Table, rules: ConsentRules) -> ir.Table:
    """Add `KEYS` to canonical records.

    `subdomains` is true where a record reaches the domain's subdomains; a public suffix never
    does (`co.uk`, `github.io`), or one record would speak for strangers.
    """
    reader = Addresses(rules.tracking)
    there = _matches_there(engine, records, _matches(rules))
    queries, asked = Queries(engine), _Keys(rules, there)
    formed = queries.view("formed", asked.formed, records=records)
    tables = {"formed": formed, "declared": subjects.declarants(engine, records, rules, reader)}
    if (read := subjects.read(engine, formed, there, rules, reader)) is not None:
        tables["read"] = read
    return queries.view("keyed", partial(asked.keyed, tuple(records.columns)), **tables)


def _matches(rules: ConsentRules) -> dict[str, str]:
    return {row.kind: row.matches for row in rules.subject_kinds}


@dataclass(frozen=True)
class _Keys:
    """What is asked to give records their keys, as expressions."""

    rules: ConsentRules
    there: frozenset[str]
    """What any record is matched with."""

    def formed(self, records: ir.Table) -> ir.Table:
        """Records with what they are matched with, and what `subjects.formed` adds."""
        found = [
            (records.subject_kind == kind, match)
            for kind, match in _matches(self.rules).items()
            if match in self.there
        ]
        match = ibis.cases(*found) if found else ibis.null("string")
        return subjects.formed(records.mutate(match=match), self.there, self.rules)

    def keyed(
        self,
        columns: Sequence[str],
        formed: ir.Table,
        declared: ir.Table,
        read: ir.Table | None = None,
    ) -> ir.Table:
        """`columns` of records, and `KEYS`."""
        records = subjects.with_declarants(subjects.with_forms(formed, read), declared)
        match, value = records.match, records.subject_value
        of_bytes = ibis.coalesce(records.hash_target, "unknown").isin(["file_bytes", "unknown"])
        deny = records.decision == "deny"
        same: dict[str, ir.Value] = {
            "sha256": keys.digest(value),
            "md5": keys.digest(value),
            "agreement_id": keys.token(value),
            "consent_id": keys.token(value),
            "own": value,
        }
        exact = same | dict.fromkeys(subjects.WITH_FORMS, records.form_exact)
        wide = same | dict.fromkeys(subjects.WITH_FORMS, records.form_wide)
        wide["near"] = subjects.near_key(records, self.rules.near.values())
        for name in ("sha256", "md5"):
            wide[name] = ibis.ifelse(of_bytes, same[name], ibis.null("string"))

        def chosen(found: dict[str, ir.Value]) -> ir.Value:
            cases = [(match == name, value) for name, value in found.items() if name in self.there]
            return ibis.cases(*cases) if cases else ibis.null("string")

        return records.select(
            *columns,
            wide=chosen(wide),
            exact=chosen(exact),
            subdomains=(match == "domain") & ibis.coalesce(records.include_subdomains, deny),
            declarant=ibis.coalesce(
                records.declarant_key,
                # No id can look like this: there is no space in its key.
                ibis.literal("record ").concat(records.registry_id, "/", records.record_id),
            ),
        )


def _matches_there(engine: Engine, records: ir.Table, matches: Mapping[str, str]) -> frozenset[str]:
    """What the records are matched with."""
    kinds = engine.arrow(records.select("subject_kind").distinct())["subject_kind"].to_pylist()
    return frozenset(matches[kind] for kind in kinds)


def refuse_unusable_subjects(
    engine: Engine, records: ir.Table, rules: ConsentRules, export: Export
) -> None:
    """Raise for the first subject that no item could ever equal.

    Raises:
        RegistryError: naming file, row and value.

    """
    broken = Queries(engine).view("unusable", partial(_unusable, rules), records=records)
    first = engine.arrow(broken.order_by("row").limit(1)).to_pylist()
    if first:
        raise RegistryError(
            f"{export.path}: row {first[0]['row']}: {first[0]['subject_value']!r} is not "
            f"{_with_article(first[0]['subject_kind'])}",
            fix="correct subject_kind or subject_value, with its check digit; no item could ever "
            "match this record",
        )


def _unusable(rules: ConsentRules, records: ir.Table) -> ir.Table:
    kind, wide = records.subject_kind, records.wide
    matches = ibis.cases(*((kind == row.kind, row.matches) for row in rules.subject_kinds))
    hexadecimal = {"sha256": 64, "md5": 32}
    wrong = ibis.or_(
        wide.isnull(),
        *(
            (kind == name) & ~wide.re_search(rf"^[0-9a-f]{{{size}}}$")
            for name, size in hexadecimal.items()
        ),
        (kind == "host") & records.subject_value.contains("*"),
        (matches == "url") & ~wide.re_search(r"^[^/\s]*[^/\s.]\.[^/\s]|^localhost|^\["),
    )
    elsewhere = ibis.coalesce(~records.hash_target.isin(["file_bytes", "unknown"]), False)
    unmatched = (matches == "none") | (kind.isin(list(hexadecimal)) & elsewhere)
    broken = records.filter(ibis.coalesce(wrong, True) & ~unmatched)
    return broken.select("row", "subject_kind", "subject_value")


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


@cache
def _suffixes() -> PublicSuffixList:
    """Read once: that takes as long as reading a small export."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


def without_public_suffixes(engine: Engine, records: ir.Table, rules: ConsentRules) -> ir.Table:
    """Keep domain records that name a public suffix from reaching what lies below it.

    The domain of a platform is one too (`tumblr.com`), unless the platform itself speaks.
    """
    shared = {row.shared_host for row in rules.platforms if row.shared_host}
    reaching = records.filter(records.subdomains).select("wide").distinct()
    domains = engine.arrow(reaching)["wide"].to_pylist()
    if not domains:
        return records
    suffixes = _suffixes()
    public = sorted(domain for domain in domains if suffixes.is_public(domain))
    strangers = sorted(shared.intersection(domains).difference(public))
    if not public and not strangers:
        return records
    by_itself = records.declarant_role.isin(_PLATFORM_ROLES)
    below = records.wide.isin(public) | (records.wide.isin(strangers) & ~by_itself)
    return records.mutate(subdomains=records.subdomains & ~below)
