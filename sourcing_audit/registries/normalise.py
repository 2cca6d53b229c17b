"""Match keys for records: what an item's key must equal (`keys`), and who made the statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys, places
from sourcing_audit.addresses import Addresses
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries import subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Address
    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

_PLATFORM_ROLES = ("host", "platform")
"""Who speaks for a platform as a whole."""


def with_keys(engine: Engine, records: ir.Table, rules: ConsentRules) -> ir.Table:
    """Add `wide`, `exact`, `subdomains` and `declarant` to canonical records.

    `subdomains` is true where a record reaches the domain's subdomains; a public suffix never
    does (`co.uk`, `github.io`), or one record would speak for strangers.
    """
    matches = {row.kind: row.matches for row in rules.subject_kinds}
    reader = Addresses(rules.tracking)
    records = _with_addresses(engine, records, matches, reader)
    records = subjects.with_identities(engine, records, matches, rules, reader)
    records = subjects.with_declarants(engine, records, rules, reader)
    kind, value = records.subject_kind, records.subject_value

    def of(*names: str) -> ir.BooleanValue:
        return kind.isin([k for k, m in matches.items() if m in names])

    simple = (
        (of("sha256", "md5"), keys.digest(value)),
        (of("agreement_id", "consent_id"), keys.token(value)),
        (of("own"), value),
    )
    deny = records.decision == "deny"
    of_bytes = ibis.coalesce(records.hash_target, "unknown").isin(["file_bytes", "unknown"])
    keyed = records.mutate(
        wide=ibis.cases(
            (of("sha256", "md5") & ~of_bytes, ibis.null("string")),
            (records.form_wide.notnull(), records.form_wide),
            (of("url") & ~places.is_odd(value, reader), places.wide(value)),
            (records.id_wide.notnull(), records.id_wide),
            (of("near"), subjects.near_key(records, rules.near.values())),
            *simple,
        ),
        exact=ibis.cases(
            (records.form_exact.notnull(), records.form_exact),
            (of("url") & ~places.is_odd(value, reader), value),
            (records.id_exact.notnull(), records.id_exact),
            *simple,
        ),
        subdomains=of("domain") & ibis.coalesce(records.include_subdomains, deny),
        declarant=ibis.coalesce(
            records.declarant_key,
            # No id can look like this: there is no space in its key.
            ibis.literal("record ").concat(records.registry_id, "/", records.record_id),
        ),
    )
    return keyed.drop("form_wide", "form_exact", "id_wide", "id_exact", "declarant_key")


def _with_addresses(
    engine: Engine, records: ir.Table, matches: Mapping[str, str], reader: Addresses
) -> ir.Table:
    """Add `form_wide` and `form_exact` to subjects that are places; each is read once."""
    readers: dict[str, Callable[[str], Iterable[Address]]] = {
        "url": lambda text: filter(None, [reader.read(text)]),
        "url_prefix": reader.prefix,
        "url_pattern": reader.pattern,
        "host": reader.place,
        "domain": reader.place,
    }
    known = records.mutate(
        match=ibis.cases(*((records.subject_kind == k, m) for k, m in matches.items()))
    )
    there = set(engine.arrow(known.select("match").distinct())["match"].to_pylist())
    found = []
    for match in sorted(readers.keys() & there):
        given = known.filter(known.match == match).select(given="subject_value")
        if match == "url":
            given = given.filter(places.is_odd(given.given, reader))
        read = places.read(engine, given, readers[match])
        found.append(read.mutate(match=ibis.literal(match)))
    if not found:
        return records.mutate(form_wide=ibis.null("string"), form_exact=ibis.null("string"))
    forms = found[0] if len(found) == 1 else ibis.union(*found)
    forms = forms.rename(form_exact="exact", form_wide="wide")
    joined = known.left_join(forms, ["match", known.subject_value == forms.given])
    return joined.select(*records.columns, "form_exact", "form_wide")


def refuse_unusable_subjects(
    engine: Engine, records: ir.Table, rules: ConsentRules, export: Export
) -> None:
    """Raise for the first subject that no item could ever equal.

    Raises:
        RegistryError: naming file, row and value.

    """
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
    first = engine.arrow(broken.order_by("row").limit(1)).to_pylist()
    if first:
        raise RegistryError(
            f"{export.path}: row {first[0]['row']}: {first[0]['subject_value']!r} is not "
            f"{_with_article(first[0]['subject_kind'])}",
            fix="correct subject_kind or subject_value, with its check digit; no item could ever "
            "match this record",
        )


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def without_public_suffixes(engine: Engine, records: ir.Table, rules: ConsentRules) -> ir.Table:
    """Keep domain records that name a public suffix from reaching what lies below it.

    The domain of a platform is one too (`tumblr.com`), unless the platform itself speaks.
    """
    from publicsuffixlist import PublicSuffixList

    shared = {row.shared_host for row in rules.platforms if row.shared_host}
    reaching = records.filter(records.subdomains).select("wide").distinct()
    suffixes = PublicSuffixList(accept_unknown=False)
    domains = engine.arrow(reaching)["wide"].to_pylist()
    public = sorted(domain for domain in domains if suffixes.is_public(domain))
    strangers = sorted(shared.intersection(domains).difference(public))
    if not public and not strangers:
        return records
    by_itself = records.declarant_role.isin(_PLATFORM_ROLES)
    below = records.wide.isin(public) | (records.wide.isin(strangers) & ~by_itself)
    return records.mutate(subdomains=records.subdomains & ~below)
