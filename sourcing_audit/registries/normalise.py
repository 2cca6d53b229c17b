"""Match keys for records: what an item's key must equal (`keys`), and who made the statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
from sourcing_audit.errors import RegistryError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

_PREFIXED = {"orcid": "orcid:", "isni": "isni:", "ipi": "ipi:", "email_sha256": "email_sha256:"}
_WORKS = {
    "doi": "doi:",
    "isbn13": "isbn:",
    "isrc": "isrc:",
    "iswc": "iswc:",
    "eidr": "eidr:",
    "iscc": "iscc:",
}


def with_keys(records: ir.Table, rules: ConsentRules) -> ir.Table:
    """Add `wide`, `exact`, `subdomains` and `declarant` to canonical records.

    `subdomains` is true where a record reaches the domain's subdomains; a public suffix never
    does (`co.uk`, `github.io`), or one record would speak for strangers.
    """
    matches = {row.kind: row.matches for row in rules.subject_kinds}
    kind, value = records.subject_kind, records.subject_value

    def of(*names: str) -> ir.BooleanValue:
        return kind.isin([k for k, m in matches.items() if m in names])

    def prefixed(prefixes: dict[str, str]) -> list[tuple[ir.BooleanValue, ir.StringValue]]:
        return [
            (kind == k, ibis.literal(p).concat(value.re_replace(rf"(?i)^{p}", "")))
            for k, p in prefixes.items()
        ]

    on_platform = ibis.ifelse(
        records.platform.notnull() & ~value.contains(":"),
        records.platform.concat(":", value),
        value,
    )
    person = ibis.cases(
        *prefixed(_PREFIXED), (kind.isin(["handle", "account"]), on_platform), else_=value
    )
    work = ibis.cases(*prefixed(_WORKS), else_=value)
    place = value.re_replace(r"^\*?\.", "")
    simple = (
        (of("creator_name"), keys.creator_name(value)),
        (of("work_id"), keys.work_id(work)),
        (of("sha256", "md5"), keys.digest(value)),
        (of("agreement_id", "consent_id"), keys.token(value)),
    )
    deny = records.decision == "deny"
    prefix = value.re_replace(r"/?\*$", "")
    of_bytes = ibis.coalesce(records.hash_target, "unknown").isin(["file_bytes", "unknown"])
    return records.mutate(
        wide=ibis.cases(
            (of("sha256", "md5") & ~of_bytes, ibis.null("string")),
            (of("url"), keys.url_wide(value)),
            (of("url_prefix"), keys.prefix_key(prefix)),
            (of("host", "domain"), keys.host_wide(place)),
            (of("creator_id", "subject_id"), keys.identity(person)),
            *simple,
        ),
        exact=ibis.cases(
            (of("url"), keys.url_exact(value)),
            (of("url_prefix"), keys.url_exact(prefix)),
            (of("host", "domain"), keys.host_exact(place)),
            (of("creator_id", "subject_id"), keys.identity_exact(person)),
            (of("work_id"), keys.work_id_exact(work)),
            *simple,
        ),
        subdomains=of("domain") & ibis.coalesce(records.include_subdomains, deny),
        declarant=ibis.coalesce(
            keys.identity(records.declarant_id),
            # No id can look like this: `keys.identity` leaves no space.
            ibis.literal("record ").concat(records.registry_id, "/", records.record_id),
        ),
    )


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
        matches.isin(["url_prefix"]) & wide.re_search(r"[?*]"),
        matches.isin(["host", "domain"])
        & records.subject_value.re_replace(r"^https?://([^/]*)/?$", r"\1").re_search(r"[/@]"),
        (kind == "host") & records.subject_value.contains("*"),
        matches.isin(["url", "url_prefix", "host", "domain"])
        & ~wide.re_search(r"^[^/\s]*[^/\s.]\.[^/\s]|^localhost"),
    )
    elsewhere = ibis.coalesce(~records.hash_target.isin(["file_bytes", "unknown"]), False)
    unmatched = (matches == "none") | (kind.isin(list(hexadecimal)) & elsewhere)
    broken = records.filter(ibis.coalesce(wrong, True) & ~unmatched)
    first = engine.arrow(broken.order_by("row").limit(1)).to_pylist()
    if first:
        raise RegistryError(
            f"{export.path}: row {first[0]['row']}: {first[0]['subject_value']!r} is not a "
            f"{first[0]['subject_kind']}",
            fix="correct subject_kind or subject_value; no item could ever match this record",
        )


def without_public_suffixes(engine: Engine, records: ir.Table) -> ir.Table:
    """Keep domain records that name a public suffix from reaching what lies below it."""
    from publicsuffixlist import PublicSuffixList

    reaching = records.filter(records.subdomains).select("wide").distinct()
    suffixes = PublicSuffixList(accept_unknown=False)
    domains = engine.arrow(reaching)["wide"].to_pylist()
    public = [domain for domain in domains if suffixes.is_public(domain)]
    if not public:
        return records
    return records.mutate(subdomains=records.subdomains & ~records.wide.isin(sorted(public)))
