"""Keys of records about places, persons, works and names, and of hashes compared by distance."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import identities, places
from sourcing_audit.addresses import Addresses
from sourcing_audit.identifiers import Identifiers
from sourcing_audit.registries import places_of_records

if TYPE_CHECKING:
    from collections.abc import Iterable

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Address
    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.rules.places import NearAlgorithm

_Key = Callable[["ir.StringValue", str], "ir.Value"]

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

WITH_FORMS = places_of_records.KINDS | identities.ABOUT.keys()
"""What is matched with the form in which places, ids and names are compared."""

_ON_PLATFORM = ("handle", "account")


def declarants(
    engine: Engine, records: ir.Table, rules: ConsentRules, addresses: Addresses
) -> ir.Table:
    """`declarant_named` and `declarant_key`, by which one declarant's statements are known.

    Each is read once. Several who declare together are one declarant, and none of them alone.
    """
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
    named = engine.materialise(
        records.filter(records.declarant_id.notnull()).select("declarant_id").distinct(),
        "declarants",
    )
    odd = reader.is_odd(named.declarant_id, "person")
    keyed = identities.keyed(engine, named, "declarant_id", odd, "person", reader.forms("person"))
    return keyed.group_by(declarant_named="declarant_id").aggregate(
        declarant_key=keyed.wide.collect(distinct=True).sort().join(" and ")
    )


def with_declarants(records: ir.Table, declared: ir.Table) -> ir.Table:
    """Add `declarant_key`; `declared` is what `declarants` gives."""
    joined = records.left_join(declared, records.declarant_id == declared.declarant_named)
    return joined.select(*records.columns, "declarant_key")


def formed(records: ir.Table, there: frozenset[str], rules: ConsentRules) -> ir.Table:
    """Add what places, persons, works and names are compared by, where they needn't be read.

    Args:
        records: canonical records, and `match`, what they are matched with.
        there: what any of them is matched with.
        rules: the schemes of ids.

    Returns:
        The same with `given`, what is said of the subject; `odd`, whether that has to be read; and
        `form_exact` and `form_wide`, NULL for what is no such thing.

    """
    addresses = Addresses(rules.tracking)
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
    at, about = _kinds(there)
    nothing = ibis.null("string")
    if not at and not about:
        unread = ibis.literal(value=False)
        return records.mutate(given=nothing, odd=unread, form_exact=nothing, form_wide=nothing)
    known = records.mutate(given=_said(records))
    given = known.given

    def by_match(place: _Key, identity: _Key) -> ir.Value:
        found = {match: place(given, match) for match in at}
        found |= {match: identity(given, what) for match, what in about.items()}
        return ibis.cases(*((known.match == match, value) for match, value in found.items()))

    return known.mutate(
        odd=by_match(
            partial(places_of_records.is_odd, reader=addresses),
            partial(reader.is_odd, known=True),
        ),
        form_exact=by_match(places_of_records.exact, identities.exact),
        form_wide=by_match(places_of_records.wide, identities.wide),
    )


def _kinds(there: frozenset[str]) -> tuple[list[str], dict[str, str]]:
    """The kinds of places that there are, and those of ids and names with what these are of."""
    at = sorted(places_of_records.KINDS & there)
    return at, {match: identities.ABOUT[match] for match in sorted(identities.ABOUT.keys() & there)}


def with_forms(known: ir.Table, forms: ir.Table | None) -> ir.Table:
    """Put what was read in the place of the forms of odd subjects.

    Args:
        known: what `formed` gives.
        forms: what `read` gives.

    """
    if forms is None:
        return known
    joined = known.left_join(forms, ["match", "given"])
    others = [name for name in known.columns if name not in {"form_exact", "form_wide"}]
    return joined.select(
        *others,
        form_exact=ibis.ifelse(joined.odd, joined.exact, joined.form_exact),
        form_wide=ibis.ifelse(joined.odd, joined.wide, joined.form_wide),
    )


def read(
    engine: Engine,
    known: ir.Table,
    there: frozenset[str],
    rules: ConsentRules,
    addresses: Addresses,
) -> ir.Table | None:
    """What each distinct odd value is read as, by `match` and `given`; None: there is none."""
    at, about = _kinds(there)
    if not at and not about:
        return None
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
    readers: dict[str, Callable[[str], Iterable[Address]]] = {
        match: places_of_records.reader(match, addresses) for match in at
    }
    readers |= {match: reader.verified(what) for match, what in about.items()}
    odd = known.filter(known.odd).select("match", "given").distinct()
    odd = engine.materialise(odd, "odd_subjects")
    found = engine.arrow(odd.select("match").distinct())["match"].to_pylist()
    tables = [
        places.read(engine, odd.filter(odd.match == match).select("given"), readers[match]).mutate(
            match=ibis.literal(match)
        )
        for match in sorted(found)
    ]
    if not tables:
        return None
    return tables[0] if len(tables) == 1 else ibis.union(*tables)


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
    # Version control adds it to the address; a permission holds for what is written.
    cloned = (kind == "repo") & records.decision.isin(["deny", "unknown"])
    elsewhere = kind.isin(_ON_PLATFORM) & records.platform.notnull() & ~value.contains(":")
    return ibis.cases(
        *schemed,
        (elsewhere, records.platform.concat(":", value)),
        (cloned, value.re_replace(r"(?i)\.git/*$", "")),
        else_=value,
    )


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
