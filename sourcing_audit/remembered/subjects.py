"""Who or what is looked for: a word of the user's, or records of a registry, as numbered keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import registries
from sourcing_audit.errors import InputError, RegistryError
from sourcing_audit.remembered import keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

SUBJECTS: dict[str, str] = {
    "subject": "!string",
    "record_id": "string",
    "kind": "!string",
    "key": "!string",
    "number": "!uint64",
}
"""What is looked for: as it was given, the record that named it, and its key."""

BY_HOSTS = "domain"
"""The kind whose subdomains have to be looked up among the hosts."""

_PLAIN = ("creator_id", "creator_name", "work_id")
"""What a word without a kind may be."""


def of_words(engine: Engine, words: Sequence[str], rules: ConsentRules) -> ir.Table:
    """Addresses, `KIND:VALUE` (a subject kind of records), or names and ids of creators and works.

    Returns:
        Columns of `SUBJECTS`.

    Raises:
        InputError: a word of a kind isn't one, or nothing is left to look for.

    """
    known = {row.kind for row in rules.subject_kinds if row.kind != "own"}
    found = [_of_word(engine, word, known, rules) for word in words]
    return ibis.union(*found) if len(found) > 1 else found[0]


def of_registries(
    engine: Engine, specs: Sequence[str], rules: ConsentRules, *, record_ids: Sequence[str] = ()
) -> tuple[ir.Table, int]:
    """The subjects of records: of those named, or else of every refusal and revocation.

    Args:
        engine: what runs the expressions.
        specs: as `--registry` takes them.
        rules: how records are read.
        record_ids: of records or statements; what they refer to counts as well.

    Returns:
        Columns of `SUBJECTS`, and how many records speak of what isn't remembered as a key: address
        prefixes and patterns, perceptual hashes.

    Raises:
        RegistryError: an export can't be trusted.
        InputError: a record isn't there.

    """
    loaded = registries.load(engine, specs, rules)
    records = loaded.records
    if record_ids:
        chosen = _with_referred(records, list(record_ids))
        _refuse_unknown(engine, records, record_ids)
    else:
        refusing = (records.decision == "deny") | (records.relation == "revokes")
        chosen = _with_referred(records, None, refusing)
    found = engine.materialise(_subjects(chosen, rules), "subjects")
    lost = chosen.count().as_scalar() - chosen.semi_join(found, "record_id").count().as_scalar()
    number = engine.arrow(chosen.aggregate(n=lost))["n"][0].as_py() if _any(engine, chosen) else 0
    return found, int(number)


def _of_word(engine: Engine, word: str, known: set[str], rules: ConsentRules) -> ir.Table:
    kind, colon, value = word.partition(":")
    if colon and kind in known:
        return _asked(engine, word, [(kind, value)], rules)
    if "://" in word:
        return _asked(engine, word, [("url", word)], rules)
    try:
        return _asked(engine, word, [(each, word) for each in _PLAIN], rules)
    except InputError:
        # A name needn't be an id as well.
        return _asked(engine, word, [("creator_name", word)], rules)


def _asked(
    engine: Engine, word: str, subjects: Sequence[tuple[str, str]], rules: ConsentRules
) -> ir.Table:
    """What a word names, read as a registry's record would be, so that it means the same."""
    path = engine.new_folder() / "asked.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for number, (kind, value) in enumerate(subjects):
            record = {"record_id": str(number), "subject_kind": kind, "subject_value": value}
            stream.write(f"{json.dumps(record | {'decision': 'deny'})}\n")
    try:
        found = registries.load(engine, [f"canonical:{path}"], rules)
    except RegistryError as error:
        # The message names a file of ours, and then what is wrong.
        problem = error.message.rpartition(": ")[2]
        raise InputError(
            f"{word}: {problem}", fix="give an address, KIND:VALUE, an id or a name"
        ) from error
    return _subjects(found.records, rules).mutate(record_id=ibis.null("string"))


def _subjects(records: ir.Table, rules: ConsentRules) -> ir.Table:
    matches = {row.kind: row.matches for row in rules.subject_kinds}
    cases = [(records.subject_kind == kind, match) for kind, match in matches.items()]
    kind = ibis.cases(*cases, else_="none")
    traced = records.mutate(kind=kind)
    traced = traced.filter(traced.kind.isin([*keys.KINDS, BY_HOSTS]) & traced.wide.notnull())
    return traced.select(
        subject=traced.subject_value,
        record_id="record_id",
        kind="kind",
        key="wide",
        number=keys.numbered(traced.kind, traced.wide),
    ).distinct()


def _with_referred(
    records: ir.Table, ids: list[str] | None, wanted: ir.BooleanValue | None = None
) -> ir.Table:
    """Some records, and those that they refer to."""
    if ids is not None:
        wanted = records.record_id.isin(ids) | records.statement_id.isin(ids)
    chosen = records.filter(wanted)
    targets = chosen.filter(chosen.refers_to.notnull()).select("registry_id", target="refers_to")
    referred = records.semi_join(
        targets,
        [
            records.registry_id == targets.registry_id,
            (records.record_id == targets.target) | (records.statement_id == targets.target),
        ],
    )
    return chosen.union(referred, distinct=True)


def _refuse_unknown(engine: Engine, records: ir.Table, ids: Sequence[str]) -> None:
    there = records.filter(records.record_id.isin(ids) | records.statement_id.isin(ids))
    rows = engine.arrow(there.select("record_id", "statement_id").distinct()).to_pylist()
    found = {value for row in rows for value in row.values()}
    missing = [each for each in ids if each not in found]
    if missing:
        raise InputError(
            f"{missing[0]}: no such record in the registries given",
            fix="`sourcing-audit registry convert` shows what an export holds",
        )


def _any(engine: Engine, table: ir.Table) -> bool:
    return bool(engine.arrow(table.limit(1)).num_rows)
