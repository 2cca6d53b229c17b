"""Records about hosts and domains: each distinct host is matched once for all that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent.pairing import pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir


def joined(addresses: ir.Table, named: ir.Table, domain_labels: Sequence[int]) -> ir.Table:
    """Pairs of items and the records about their hosts and domains.

    Args:
        addresses: `pos` and `host`, with its port.
        named: the records.
        domain_labels: how many labels the domains have whose records reach subdomains.

    Returns:
        Columns of `pairing.MATCHES`.

    """
    hosts = addresses.select(item_host="host").distinct()
    hosts = hosts.mutate(host_wide=places.host_without_www(hosts.item_host))
    at = hosts.inner_join(named, hosts.host_wide == named.wide)
    found = [at.mutate(agrees=at.item_host == at.exact)]
    # Who refuses for a host refuses for whatever port it is served at.
    ports = hosts.filter(hosts.item_host.contains(":"))
    at_port = ports.inner_join(named, places.portless(ports.host_wide) == named.wide)
    found.append(at_port.mutate(agrees=ibis.literal(value=False)))
    reaching = named.filter(named.subdomains)
    for labels in domain_labels:
        parents = hosts.mutate(parent=places.parent(hosts.host_wide, labels))
        below = parents.inner_join(reaching, parents.parent == reaching.wide)
        below = below.filter(below.parent != below.host_wide)
        agrees = below.item_host.endswith(ibis.literal(".").concat(below.exact))
        found.append(below.mutate(agrees=agrees).drop("parent"))
    of_host = ibis.union(*found)
    of_host = of_host.filter(of_host.is_deny | of_host.agrees)
    of_host = of_host.select("item_host", "record_no", "matches", "agrees")
    everywhere = addresses.inner_join(of_host, addresses.host == of_host.item_host)
    return pairs(everywhere, everywhere.matches, everywhere.agrees)
