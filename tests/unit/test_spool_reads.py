"""The order of a plan costs one statement, however many products change."""

import sqlite3

import pytest

from catalog.db.temporary import open_unnamed
from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.marketplace.change import SetPrice
from ocop_sync.service.plan import spool
from ocop_sync.service.plan.spool import Spool, Spooled


def test_the_order_of_changes_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def watched(script: str) -> sqlite3.Connection:
        found = open_unnamed(script)
        found.set_trace_callback(read.append)
        return found

    monkeypatch.setattr(spool, "open_unnamed", watched)
    one, many = _spool(products=1), _spool(products=20)

    counts = []
    for each in (one, many):
        lines = each.lines
        read.clear()
        made = len(list(lines))
        counts.append(len(read) - made)  # each line is a statement of its own

    assert counts[0] == counts[1]


def _spool(products: int) -> Spool[str]:
    made = Spool[str]()
    made.add(
        Spooled(
            product_id=f"SP-{product}",
            n=n,
            urgency=Urgency.PRICE,
            since=0.0,
            account="a",
            seller=None,
            needs_approval=False,
            change=SetPrice(client_ref="SP-1", ref="1", prices={"SP-1-1": 1000}),
            line=f"{product} {n}",
        )
        for product in range(products)
        for n in range(1 + product % 2)
    )
    return made
