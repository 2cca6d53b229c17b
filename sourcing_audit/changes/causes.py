"""Did the data change, or did the rules? What can be told of each changed item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import ibis

from sourcing_audit.changes.elimination import RULED_OUT, content
from sourcing_audit.changes.kinds import NOW, THEN
from sourcing_audit.engine import fingerprint
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.changes.elimination import Between
    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Difference

SEEN: Final = ("declaration", "record", "record_edited")
"""What is seen at an item itself, as columns of booleans."""

TELLING: Final = ("same_words", "ended_between", *RULED_OUT)
"""What else is known of an item: all that is said of its licence is as it was; the record that
decides ended between the audits, by its own words; and what can't have had a part."""

_BEHIND: Final[dict[str, frozenset[Difference]]] = {
    "declaration": frozenset({"inputs", "mapping"}),
    "record": frozenset({"registries"}),
    "record_edited": frozenset({"registries"}),
}
"""What must differ between the audits for a thing seen to be what a change is down to: with the
same registries another record decides because of something else, such as the date."""

_OF_MANIFEST = ("license_raw", "license_url", "rights_raw", "upstream", "generator", "period")
"""What the manifest itself says, without what a text was found to state: rules have a part in
that."""
_WEIGHS: Final[frozenset[Difference]] = frozenset({"rules", "use", "tool"})
_CONCLUDES: Final[frozenset[Difference]] = frozenset({"documents", "mapping", "use", "tool"})
"""What may make another licence of the same words, beside the rules."""


def declared(licenses: ir.Table) -> ir.Table:
    """`license_no` and `said`, a number made of what the manifest says of licence and origin."""
    said = ibis.struct({name: licenses[name] for name in _OF_MANIFEST})
    return licenses.select("license_no", said=fingerprint(said))


def edited(engine: Engine, then: ir.Table, now: ir.Table) -> ir.Table:
    """The records that have the same id in both audits and other content.

    Args:
        engine: holds the tables.
        then: the records of the earlier audit, `schema.RECORDS`.
        now: those of this one.

    Returns:
        `consent_record`, as findings name it.

    """
    before, after = (_contents(records) for records in (then, now))
    both = before.inner_join(after, "consent_record")
    differs = both.content != both.content_right
    return engine.materialise(both.filter(differs).select("consent_record").distinct(), "edited")


def ended(records: ir.Table, between: Between) -> ir.Table:
    """`ended_record` of each record that says itself that it ends between the audits."""
    named = records.registry_id.concat("/", records.record_id)
    return records.filter(between.holds(records.valid_until)).select(ended_record=named).distinct()


def flags(pairs: ir.Table, differs: Sequence[Difference]) -> dict[str, ir.BooleanValue]:
    """For each cause whether a change is put down to it.

    Args:
        pairs: the columns of `SEEN` and `TELLING`; consent status and concluded licence of then
            and now.
        differs: what isn't the same between the audits.

    """
    seen = {
        name: pairs[name] if _BEHIND[name] & set(differs) else ibis.literal(False) for name in SEEN
    }
    unseen = ~ibis.or_(*seen.values())
    if len(differs) == 1:
        return {**seen, differs[0]: unseen, "unclear": ibis.literal(False)}
    ended, reread = _ended(pairs, differs), _reread(pairs, differs)
    alone = _alone(pairs, differs)
    found: dict[str, ir.BooleanValue] = {
        name: unseen & ~ended & flag for name, flag in alone.items()
    }
    told = ibis.or_(ended, *found.values())
    same_consent = pairs[f"{THEN}consent_status"] == pairs[f"{NOW}consent_status"]
    told = told | (reread & same_consent)
    also: dict[str, ir.BooleanValue] = {"as_of": ended, "rules": reread}
    found = {name: flag | also[name] if name in also else flag for name, flag in found.items()}
    return {**seen, **{str(name): flag for name, flag in found.items()}, "unclear": unseen & ~told}


def _alone(pairs: ir.Table, differs: Sequence[Difference]) -> dict[Difference, ir.BooleanValue]:
    """For each of several things that differ, whether it alone can have had a part."""
    possible: dict[Difference, ir.BooleanValue] = dict.fromkeys(differs, ibis.literal(True))
    for name, without in (("registries", "same_records"), ("as_of", "untimed")):
        if name in possible:
            possible[name] = ~pairs[without]
    return {
        name: ibis.and_(flag, *(~other for of, other in possible.items() if of != name))
        for name, flag in possible.items()
    }


def _ended(pairs: ir.Table, differs: Sequence[Difference]) -> ir.BooleanValue:
    """A consent ends by itself, whatever else changed; under other rules, if its record says so."""
    weighs = _WEIGHS & set(differs)
    if "as_of" not in differs or weighs - {"rules"}:
        return ibis.literal(False)
    then, now = (pairs[f"{side}consent_status"] for side in (THEN, NOW))
    ended = (now == str(ConsentStatus.EXPIRED)) & (then != str(ConsentStatus.EXPIRED))
    if weighs:
        ended &= pairs.ended_between
    return ended & ~pairs["record"] & ~pairs["record_edited"]


def _reread(pairs: ir.Table, differs: Sequence[Difference]) -> ir.BooleanValue:
    """Rules make another licence of the same words: date and registries have no part in it."""
    if "rules" not in differs or _CONCLUDES & set(differs):
        return ibis.literal(False)
    then, now = (pairs[f"{side}license_concluded"] for side in (THEN, NOW))
    # What a text was found to state is the rules' doing, where the text is what it was.
    same = pairs["same_words"] if "inputs" in differs else ~pairs["declaration"]
    return same & (then != now)


def _contents(records: ir.Table) -> ir.Table:
    return records.select(
        consent_record=records.registry_id.concat("/", records.record_id), content=content(records)
    )
