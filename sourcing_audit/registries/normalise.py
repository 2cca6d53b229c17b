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
    from collections.abc import Sequence

    import ibis.expr.types as ir
    from publicsuffixlist import PublicSuffixList

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

KEYS = ("wide", "exact", "subdomains", "declarant")
"""What `with_keys` adds."""

ASKED = ("row", "subject_kind", "subject_value", "hash_target", "wide")
"""What `refuse_unusable_subjects` reads of records."""

_HEXADECIMAL = {"sha256": 64, "md5": 32}
"""How many digits a hash has."""

_PLATFORM_ROLES = ("host", "platform")
"""Who speaks for a platform as a whole."""


def with_keys(engine: Engine, records: ir.Table, rules: ConsentRules) -> ir.Table:
    """Add `KEYS` to canonical records.

    `subdomains` is true where a record reaches the domain's subdomains; a public suffix never
    does (`co.uk`, `github.io`), or one record would speak for strangers. `declarant` is NULL where
    a record names nobody.
    """
    reader = Addresses(rules.tracking)
    queries, asked = Queries(engine), _Keys(rules, _kinds_there(engine, records))
    said = queries.view("said_subjects", asked.said, records=records)
    tables = {"said": said}
    read = {
        "declared": subjects.declarants(engine, records, rules, reader),
        "forms": subjects.forms(engine, said, asked.there, rules, reader),
    }
    tables |= {name: table for name, table in read.items() if table is not None}
    return queries.view("keyed", partial(asked.keyed, tuple(records.columns)), **tables)


@dataclass(frozen=True)
class _Keys:
    """What is asked to give records their keys, as expressions."""

    rules: ConsentRules
    kinds: frozenset[str]
    """The kinds of subjects that the records have."""

    @property
    def _matches(self) -> dict[str, str]:
        return {row.kind: row.matches for row in self.rules.subject_kinds if row.kind in self.kinds}

    @property
    def there(self) -> frozenset[str]:
        """What any record is matched with."""
        return frozenset(self._matches.values())

    def said(self, records: ir.Table) -> ir.Table:
        """Add `match`, what each is matched with, and `given`, what is said of the subject."""
        found = [(records.subject_kind == kind, m) for kind, m in sorted(self._matches.items())]
        match = ibis.cases(*found) if found else ibis.null("string")
        return records.mutate(match=match, given=subjects.said(records, self.kinds))

    def keyed(
        self,
        columns: Sequence[str],
        said: ir.Table,
        declared: ir.Table | None = None,
        forms: ir.Table | None = None,
    ) -> ir.Table:
        """`columns` of records, and `KEYS`."""
        there, rules = self.there, self.rules
        records = subjects.with_declarants(said, declared)
        records = subjects.with_forms(records, there, forms)
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
        wide["near"] = subjects.near_key(records, rules.near.values())
        for name in ("sha256", "md5"):
            wide[name] = ibis.ifelse(of_bytes, same[name], ibis.null("string"))

        def chosen(found: dict[str, ir.Value]) -> ir.Value:
            cases = [(match == name, value) for name, value in found.items() if name in there]
            return ibis.cases(*cases) if cases else ibis.null("string")

        return records.select(
            *columns,
            wide=chosen(wide),
            exact=chosen(exact),
            subdomains=(match == "domain") & ibis.coalesce(records.include_subdomains, deny),
            declarant="declarant_key",
        )


def declarant(records: ir.Table) -> ir.StringValue:
    """By what a record's declarant is known: one that names nobody is a declarant of its own."""
    # No id can look like this: there is no space in its key.
    itself = ibis.literal("record ").concat(records.registry_id, "/", records.record_id)
    found: ir.StringValue = ibis.coalesce(records.declarant, itself)
    return found


def _kinds_there(engine: Engine, records: ir.Table) -> frozenset[str]:
    """The kinds of subjects that the records have."""
    kinds = engine.arrow(records.select("subject_kind").distinct())["subject_kind"]
    return frozenset(kinds.to_pylist())


def refuse_unusable_subjects(
    engine: Engine, records: ir.Table, rules: ConsentRules, export: Export
) -> None:
    """Raise for the first subject that no item could ever equal.

    Args:
        engine: what runs the check.
        records: columns of `ASKED`.
        rules: the consent rules.
        export: what to name in the error.

    Raises:
        RegistryError: naming file, row and value.

    """
    found = Queries(engine).view("unusable", partial(_first_unusable, rules), records=records)
    first = engine.arrow(found).to_pylist()
    if first:
        raise RegistryError(
            f"{export.path}: row {first[0]['row']}: {first[0]['subject_value']!r} is not "
            f"{_with_article(first[0]['subject_kind'])}",
            fix="correct subject_kind or subject_value, with its check digit; no item could ever "
            "match this record",
        )


def _first_unusable(rules: ConsentRules, records: ir.Table) -> ir.Table:
    # Case by case: what a record of another kind must look like isn't asked.
    wrong = ibis.cases(
        *(
            (records.subject_kind == row.kind, _unusable(records, row.kind, row.matches))
            for row in rules.subject_kinds
        ),
        else_=ibis.literal(value=True),
    )
    broken = records.filter(wrong)
    return broken.select("row", "subject_kind", "subject_value").order_by("row").limit(1)


def _unusable(records: ir.Table, kind: str, matches: str) -> ir.BooleanValue:
    """Whether no item could ever equal the subject of a record of this kind; never NULL."""
    if matches == "none":
        return ibis.literal(value=False)
    wide = records.wide
    wrong = wide.isnull()
    if kind == "host":
        wrong |= records.subject_value.contains("*")
    if matches == "url":
        wrong |= ~wide.re_search(r"^[^/\s]*[^/\s.]\.[^/\s]|^localhost|^\[")
    if kind in _HEXADECIMAL:
        wrong |= ~wide.re_search(rf"^[0-9a-f]{{{_HEXADECIMAL[kind]}}}$")
        wrong &= ibis.coalesce(records.hash_target.isin(["file_bytes", "unknown"]), True)
    found: ir.BooleanValue = ibis.coalesce(wrong, True)
    return found


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
