"""Rule P4: within one scheme of signals, that scheme's own rule gives one outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.consent.peers import Peers
    from sourcing_audit.rules.consent import ConsentRules


def outranked(table: ir.Table, rules: ConsentRules, peers: Peers) -> ir.Table:
    """Silence what its scheme's own rule puts behind another record about the same item.

    Of the rows of one statement, those of the highest `priority` count (RFC 9309: the longest
    path; TDMRep: the first in sequence). Of one declarant's records in one family of schemes,
    those of the highest level count (TDMRep: HTML over header over file). What takes no decision
    outranks nothing. A permission that was found by a wide key only has had its say then, and
    grants nothing.

    Args:
        table: matched records, with columns of `weighed.STANDING` and `pairing.MATCHES`.
        rules: the schemes.
        peers: the other records about the same item.

    Returns:
        The same with `outranked`; a record that is has no standing and no reasons left.

    """
    undecided = table.standing.isin([ConsentStatus.REVIEW, ConsentStatus.OUT_OF_SCOPE])
    table = table.mutate(counts=table.standing.notnull() & table.decides & ~undecided)
    priority = ibis.ifelse(table.counts, table.priority, ibis.null("int64"))
    best = peers.greatest(priority, "registry_id", "statement_id")
    table = table.mutate(behind=ibis.coalesce(table.priority < best, False))
    layered = _layered(rules)
    if layered:
        says = table.counts & ~table.behind
        level = ibis.ifelse(says, table.level, ibis.null("int64"))
        table = table.mutate(top=peers.greatest(level, "family", "declarant"))
        lower = table.family.isin(layered) & (table.level < table.top)
        table = table.mutate(behind=table.behind | ibis.coalesce(lower, False)).drop("top")
    doubt = ibis.coalesce(table.standing == str(ConsentStatus.REVIEW), False)
    silent = table.behind | (~table.is_deny & ~doubt & ~table.agrees & table.decides)
    return table.mutate(
        outranked=table.behind,
        standing=ibis.ifelse(silent, ibis.null("string"), table.standing),
        instead=ibis.ifelse(silent, "", table.instead),
    ).drop("behind", "counts")


def ranked(table: ir.Table, rules: ConsentRules) -> ir.BooleanValue:
    """Whether another record could outrank one, or the other way round.

    Args:
        table: `priority` and `family`, as in `weighed.STANDING`.
        rules: the schemes.

    """
    layered = ibis.coalesce(table.family.isin(_layered(rules)), False)
    return table.priority.notnull() | layered


def _layered(rules: ConsentRules) -> list[str]:
    """The families of schemes that have levels."""
    return sorted({row.family for row in rules.schemes.values() if row.level > 0})
