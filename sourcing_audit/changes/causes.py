"""Did the data change, or did the rules? What can be told of each changed item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import ibis

from sourcing_audit import schema
from sourcing_audit.changes.kinds import NOW, THEN
from sourcing_audit.engine import fingerprint
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Difference

SEEN: Final = ("declaration", "record", "record_edited")
"""What is seen at an item itself, as columns of booleans."""

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
_EXPORT = frozenset({"snapshot_at", "schema_version"})
"""What is said of the export as a whole, and not by a record."""
_WEIGHS: Final[frozenset[Difference]] = frozenset({"rules", "use", "tool"})


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


def flags(pairs: ir.Table, differs: Sequence[Difference]) -> dict[str, ir.BooleanValue]:
    """For each cause whether a change is put down to it.

    Args:
        pairs: the columns of `SEEN`, and consent statuses of then and now.
        differs: what isn't the same between the audits.

    """
    seen = {
        name: pairs[name] if _BEHIND[name] & set(differs) else ibis.literal(False) for name in SEEN
    }
    unseen = ~ibis.or_(*seen.values())
    told: ir.BooleanValue = ibis.literal(False)
    eliminated: dict[str, ir.BooleanValue] = {}
    if len(differs) == 1:
        eliminated[differs[0]] = told = unseen
    elif "as_of" in differs and not _WEIGHS & set(differs):
        # A consent ends by itself, whatever else was changed.
        then, now = (pairs[f"{side}consent_status"] for side in (THEN, NOW))
        ended = (now == str(ConsentStatus.EXPIRED)) & (then != str(ConsentStatus.EXPIRED))
        eliminated["as_of"] = told = ended & ~pairs["record"] & ~pairs["record_edited"]
    return {**seen, **eliminated, "unclear": unseen & ~told}


def _contents(records: ir.Table) -> ir.Table:
    said = {name: records[name] for name in schema.RECORDS if name not in _EXPORT}
    return records.select(
        consent_record=records.registry_id.concat("/", records.record_id),
        content=fingerprint(ibis.struct(said)),
    )
