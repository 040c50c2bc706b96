"""Estimate the cost of a sync at an account: calls, reads, minutes.

Writes are counted by the adapter. Reads are an estimate. Sales are read in each sync. A
whole read takes as many pages as listings are known there. A listing that is put on
sale is followed once and read once, and a new one is looked up once more. An unanswered
change is looked up by both of its names. Where nothing can be searched for, all pages
are read once instead. A feature that a marketplace does not offer costs nothing, and
signing in is not counted. Both share the quota, and accounts are worked on side by
side.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.plan.spool import Spool

_ON_SALE = (Kind.CREATE, Kind.REPUBLISH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of a sync at one account.

    Attributes:
        account: Key of the account.
        calls: Calls that write.
        reads: Calls that read, about.
        minutes: How long they take at the account's quota, rounded up to a tenth;
            None if it has none.
    """

    account: str
    calls: int
    reads: int
    minutes: float | None


def costs_of(
    deployment: Deployment,
    site: Site,
    spool: Spool[Any],
    *,
    keys: Collection[str],
    whole: Collection[str],
    known: Mapping[str, int],
    awaiting: Mapping[str, int],
) -> list[Cost]:
    """Return the cost of a sync at each account.

    Args:
        deployment: The deployment.
        site: The marketplace.
        spool: The changes there.
        keys: The accounts that are planned for.
        whole: Accounts that are read whole first.
        known: How many listings are known at each account.
        awaiting: How many products are without an outcome at each account.
    """
    found, can = list[Cost](), site.adapter.capabilities
    for key in sorted(keys):
        account = site.accounts[key]
        calls, kinds = site.adapter.calls(spool.changes_at(key)), spool.kinds(key)
        put_on_sale, new = sum(kinds[kind] for kind in _ON_SALE), kinds[Kind.CREATE]
        listed, lost = known.get(key, 0), awaiting.get(key, 0)
        reads = math.ceil(max(listed, 1) / can.page_size) * (key in whole)
        reads += can.has_events
        reads += _looks(can, put_on_sale=put_on_sale, new=new, lost=lost)
        if (new or lost) and not can.has_search:
            reads += math.ceil((listed + new) / can.page_size)
        rate = deployment.open(account).context.quota.calls_per_s
        minutes = math.ceil((calls + reads) / rate / 6) / 10 if rate else None
        found.append(Cost(account=key, calls=calls, reads=reads, minutes=minutes))
    return found


def _looks(can: Capabilities, *, put_on_sale: int, new: int, lost: int) -> int:
    """Return how many calls look up sent and unanswered changes."""
    looked_up = math.ceil((put_on_sale + lost) / can.read_batch)
    again = looked_up if can.has_reviews else math.ceil(lost / can.read_batch)
    return looked_up + again + math.ceil(new / can.read_batch)
