"""Keys of records about places, persons, works and names, and of hashes compared by distance."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import identities, places
from sourcing_audit.addresses import Addresses
from sourcing_audit.engine import Queries
from sourcing_audit.identifiers import Identifiers
from sourcing_audit.registries import places_of_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
) -> ir.Table | None:
    """What each odd declarant is known by: `declarant_named`, `declarant_key`; None: none is odd.

    Each is read once. Several who declare together are one declarant, and none of them alone.
    """
    queries = Queries(engine)
    named = queries.table("declarants", _declarants, records=records)
    odd = queries.table("odd_declarants", partial(_odd_declarants, rules), named=named)
    if not engine.arrow(odd.limit(1)).num_rows:
        return None
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
    forms = places.read(engine, odd, reader.forms("person"))
    keyed = forms.group_by("given").aggregate(
        declarant_key=forms.wide.collect(distinct=True).sort().join(" and ")
    )
    # All odd ones are among these, also those that were read as nothing.
    return odd.left_join(keyed, "given").select("declarant_key", declarant_named="given")


def _declarants(records: ir.Table) -> ir.Table:
    return records.filter(records.declarant_id.notnull()).select(given="declarant_id").distinct()


def _odd_declarants(rules: ConsentRules, named: ir.Table) -> ir.Table:
    return named.filter(_reader(rules).is_odd(named.given, "person"))


def _reader(rules: ConsentRules) -> identities.Reader:
    addresses = Addresses(rules.tracking)
    return identities.Reader(Identifiers(rules.identifiers, addresses), addresses)


def with_declarants(records: ir.Table, declared: ir.Table | None) -> ir.Table:
    """Add `declarant_key`, by which one declarant's statements are known.

    Args:
        records: canonical records.
        declared: what `declarants` gives.

    """
    by_itself = identities.wide(records.declarant_id, "person")
    if declared is None:
        return records.mutate(declarant_key=by_itself)
    joined = records.left_join(declared, records.declarant_id == declared.declarant_named)
    key = ibis.ifelse(joined.declarant_named.notnull(), joined.declarant_key, by_itself)
    return joined.select(*records.columns, declarant_key=key)


def with_forms(said: ir.Table, there: frozenset[str], forms: ir.Table | None) -> ir.Table:
    """Add `form_exact` and `form_wide` to places, persons, works and names; NULL for what is none.

    Args:
        said: canonical records, `match`, what they are matched with, and `given`, by `said`.
        there: what any of them is matched with.
        forms: what `forms` gives.

    """
    exact = _by_match(said, there, places_of_records.exact, identities.exact)
    wide = _by_match(said, there, places_of_records.wide, identities.wide)
    known = said.mutate(form_exact=exact, form_wide=wide)
    if forms is None:
        return known
    joined = known.left_join(
        forms, [known.match == forms.odd_match, known.given == forms.odd_given]
    )
    odd_one = joined.odd_match.notnull()
    others = [name for name in known.columns if name not in {"form_exact", "form_wide"}]
    return joined.select(
        *others,
        form_exact=ibis.ifelse(odd_one, joined.exact, joined.form_exact),
        form_wide=ibis.ifelse(odd_one, joined.wide, joined.form_wide),
    )


def forms(
    engine: Engine,
    said: ir.Table,
    there: frozenset[str],
    rules: ConsentRules,
    addresses: Addresses,
) -> ir.Table | None:
    """What subjects are compared by that have to be read; None: there are none.

    Args:
        engine: what runs the expressions.
        said: as `with_forms` takes them.
        there: what any of them is matched with.
        rules: the schemes of ids.
        addresses: reads addresses.

    Returns:
        `odd_match` and `odd_given`, and what each is read as, `exact` and `wide`.

    """
    at, about = _kinds(there)
    if not at and not about:
        return None
    odd = Queries(engine).table("odd_subjects", partial(_odd, rules, there), said=said)
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
    readers: dict[str, Callable[[str], Iterable[Address]]] = {
        match: places_of_records.reader(match, addresses) for match in at
    }
    readers |= {match: reader.verified(what) for match, what in about.items()}
    found = _read(engine, odd, readers)
    if found is None:
        return None
    # All odd values are among these, also those that were read as nothing.
    return odd.left_join(found, ["match", "given"]).select(
        "exact", "wide", odd_match="match", odd_given="given"
    )


def _odd(rules: ConsentRules, there: frozenset[str], said: ir.Table) -> ir.Table:
    is_odd = _by_match(
        said,
        there,
        partial(places_of_records.is_odd, reader=Addresses(rules.tracking)),
        partial(_reader(rules).is_odd, known=True),
    )
    return said.filter(is_odd).select("match", "given").distinct()


def _kinds(there: frozenset[str]) -> tuple[list[str], dict[str, str]]:
    """The kinds of places that there are, and those of ids and names with what these are of."""
    at = sorted(places_of_records.KINDS & there)
    return at, {match: identities.ABOUT[match] for match in sorted(identities.ABOUT.keys() & there)}


def _by_match(said: ir.Table, there: frozenset[str], place: _Key, identity: _Key) -> ir.Value:
    at, about = _kinds(there)
    found = {match: place(said.given, match) for match in at}
    found |= {match: identity(said.given, what) for match, what in about.items()}
    if not found:
        return ibis.null("string")
    return ibis.cases(*((said.match == match, value) for match, value in found.items()))


def _read(
    engine: Engine, odd: ir.Table, readers: Mapping[str, Callable[[str], Iterable[Address]]]
) -> ir.Table | None:
    """What each odd value is read as, by `match` and `given`; None: there is none."""
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


def said(records: ir.Table, kinds: frozenset[str]) -> ir.StringValue:
    """The subject's value, with what its kind and its platform say of it."""
    kind, value = records.subject_kind, records.subject_value
    schemed = [
        (
            (kind == name) & ~value.lower().startswith(f"{scheme}:"),
            ibis.literal(f"{scheme}:").concat(value),
        )
        for name, scheme in _SCHEMES.items()
        if name in kinds
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
