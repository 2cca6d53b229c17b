"""Keys of records about persons, works and names, and of hashes that are compared by distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import identities, places
from sourcing_audit.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Addresses
    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.rules.places import NearAlgorithm

_SCHEMES = {
    "orcid": "orcid",
    "isni": "isni",
    "ipi": "ipi",
    "email_sha256": "email_sha256",
    "doi": "doi",
    "isbn13": "isbn",
    "isrc": "isrc",
    "iswc": "iswc",
    "eidr": "eidr",
    "iscc": "iscc",
}
"""The scheme that a kind of subject implies; its value needn't say it again."""

_ON_PLATFORM = ("handle", "account")


def with_declarants(
    engine: Engine, records: ir.Table, rules: ConsentRules, addresses: Addresses
) -> ir.Table:
    """Add `declarant_key`, by which one declarant's statements are known; each is read once."""
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
    named = engine.materialise(
        records.filter(records.declarant_id.notnull()).select("declarant_id").distinct(),
        "declarants",
    )
    odd = reader.is_odd(named.declarant_id, "person")
    keyed = identities.keyed(
        engine, named, "declarant_id", odd, "person", reader.forms("person")
    ).select(declarant_named="declarant_id", declarant_key="wide")
    joined = records.left_join(keyed, records.declarant_id == keyed.declarant_named)
    return joined.select(*records.columns, "declarant_key")


def with_identities(
    engine: Engine,
    records: ir.Table,
    matches: Mapping[str, str],
    rules: ConsentRules,
    addresses: Addresses,
) -> ir.Table:
    """Add `id_exact` and `id_wide`; NULL for other kinds of subjects, and for what is no such id.

    Args:
        engine: what runs the expressions.
        records: canonical records.
        matches: what each kind of subject is matched with.
        rules: the schemes of ids.
        addresses: reads addresses.

    """
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
    about = {kind: identities.ABOUT.get(match) for kind, match in matches.items()}
    known = records.mutate(
        about=ibis.cases(*((records.subject_kind == k, a) for k, a in about.items() if a)),
        given=_said(records),
    )
    there = set(engine.arrow(known.select("about").distinct())["about"].to_pylist()) - {None}
    if not there:
        return records.mutate(id_exact=ibis.null("string"), id_wide=ibis.null("string"))

    def by_about(value: dict[str, ir.Value]) -> ir.Value:
        return ibis.cases(*((known.about == each, value[each]) for each in sorted(there)))

    known = known.mutate(
        odd=by_about({a: reader.is_odd(known.given, a, known=True) for a in there}),
        plain_exact=by_about({a: identities.exact(known.given, a) for a in there}),
        plain_wide=by_about({a: identities.wide(known.given, a) for a in there}),
    )
    known = engine.named(known)
    read = [
        places.read(
            engine,
            known.filter(known.odd & (known.about == each)).select("given"),
            reader.verified(each),
        ).mutate(about=ibis.literal(each))
        for each in sorted(there)
    ]
    forms = read[0] if len(read) == 1 else ibis.union(*read)
    forms = forms.rename(read_exact="exact", read_wide="wide")
    joined = known.left_join(forms, ["about", "given"])
    return joined.select(
        *records.columns,
        id_exact=ibis.ifelse(joined.odd, joined.read_exact, joined.plain_exact),
        id_wide=ibis.ifelse(joined.odd, joined.read_wide, joined.plain_wide),
    )


def _said(records: ir.Table) -> ir.StringValue:
    """The subject's value, with what its kind and its platform say of it."""
    kind, value = records.subject_kind, records.subject_value
    schemed = [
        (
            (kind == name) & ~value.lower().startswith(f"{scheme}:"),
            ibis.literal(f"{scheme}:").concat(value),
        )
        for name, scheme in _SCHEMES.items()
    ]
    elsewhere = kind.isin(_ON_PLATFORM) & records.platform.notnull() & ~value.contains(":")
    return ibis.cases(*schemed, (elsewhere, records.platform.concat(":", value)), else_=value)


def near_key(records: ir.Table, algorithms: Iterable[NearAlgorithm]) -> ir.StringValue:
    """`algorithm:hexadecimal` of a perceptual hash; NULL where it isn't one of its algorithm.

    A record that names no algorithm has the one of its hash's length.
    """
    digits = records.subject_value.lower().re_replace(r"^(?:[a-z]+\d*:|0x)", "")
    return ibis.cases(
        *(
            (
                (ibis.coalesce(records.hash_algorithm, row.algorithm) == row.algorithm)
                & digits.re_search(rf"^[0-9a-f]{{{row.bits // 4}}}$"),
                ibis.literal(f"{row.algorithm}:").concat(digits),
            )
            for row in algorithms
            if row.algorithm != "iscc"
        )
    )
