"""The order of a plan on disk is the one that a walk over all of it in memory gives."""

import heapq
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.marketplace.change import (
    PutSeller,
    SetPrice,
    StopSeller,
    Withdraw,
)
from ocop_sync.marketplace.listing import Seller
from ocop_sync.service.plan.spool import Spool, Spooled

ACCOUNTS = ("a", "b")
SELLERS = ("CS-1", "CS-2", "CS-3")

changes = st.builds(
    Spooled,
    product_id=st.sampled_from([f"SP-{n}" for n in range(1, 9)]),
    n=st.just(0),
    urgency=st.sampled_from(Urgency),
    since=st.sampled_from([0.0, 1.0, 2.0]),
    account=st.sampled_from(ACCOUNTS),
    seller=st.sampled_from([None, *SELLERS]),
    needs_approval=st.booleans(),
    change=st.sampled_from(
        [
            SetPrice(client_ref="SP-1", ref="1", prices={"SP-1-1": 1000}),
            Withdraw(client_ref="SP-1", ref="1", reason="hết hạn"),
        ]
    ),
    line=st.just(""),
)
sellers = st.tuples(
    st.sampled_from(ACCOUNTS),
    st.sampled_from([Urgency.WITHDRAW, Urgency.SELLER_FOR_CREATE, Urgency.SELLER]),
    st.sampled_from(SELLERS),
)
Sellers = Sequence[tuple[str, Urgency, str]]


def told(changes: Sequence[Spooled]) -> list[Spooled]:
    """Number the changes of each product, and give each its line."""
    places: dict[str, int] = {}
    since = {each.product_id: each.since for each in changes}
    found = []
    for each in changes:
        n = places[each.product_id] = places.get(each.product_id, -1) + 1
        found.append(
            Spooled(
                **{name: getattr(each, name) for name in Spooled.__slots__}
                | {"n": n, "since": since[each.product_id]}
                | {"line": f"{each.product_id} {n}"},
            )
        )
    return sorted(found, key=lambda each: each.product_id)


def in_memory(changes: Sequence[Spooled], sellers: Sellers) -> list[str]:
    """Return the lines as one would work them out who has room for all of it."""
    left = {
        (account, subject): (urgency, f"{account} {subject}")
        for account, urgency, subject in sellers
    }
    lines: list[str] = []

    def take(account: str, urgency: Urgency) -> None:
        found = [
            key for key, (how, _) in left.items() if (key[0], how) == (account, urgency)
        ]
        lines.extend(left.pop(key)[1] for key in found)

    of: dict[str, list[Spooled]] = {}
    for each in changes:
        of.setdefault(each.product_id, []).append(each)
    heap = [(some[0].urgency, 0, some[0].since, id_) for id_, some in of.items()]
    heapq.heapify(heap)
    sent = 0
    while heap:
        *_, id_ = heapq.heappop(heap)
        sent += 1
        each = of[id_].pop(0)
        if each.urgency is not Urgency.WITHDRAW:
            take(each.account, Urgency.WITHDRAW)
        waits = left.get((each.account, each.seller or ""))
        if waits and waits[0] is Urgency.SELLER_FOR_CREATE:
            take(each.account, Urgency.SELLER_FOR_CREATE)
        lines.append(str(each.line))
        if of[id_]:
            heapq.heappush(heap, (of[id_][0].urgency, sent, 0.0, id_))
    return lines + [line for _, line in sorted(left.values(), key=lambda each: each[0])]


@given(
    st.lists(changes, max_size=30),
    st.lists(sellers, max_size=6, unique_by=lambda each: (each[0], each[2])),
    st.sets(st.sampled_from([f"SP-{n}" for n in range(1, 9)])),
)
def test_lines_come_in_the_order_of_a_sync(
    changes: list[Spooled], sellers: Sellers, stopped: set[str]
) -> None:
    spool, made, sellers = (
        Spool[str](),
        told(changes),
        sorted(sellers, key=lambda e: e[0]),
    )
    spool.add(made)
    spool.drop(stopped)
    for account, urgency, subject in sellers:
        stops = urgency is Urgency.WITHDRAW
        change = (
            StopSeller(client_ref=subject, reason="rút đồng ý")
            if stops
            else PutSeller(
                client_ref=subject,
                seller=Seller(client_ref=subject, name="Cơ sở Mẫu 001"),
            )
        )
        spool.add_seller(account, urgency, change, f"{account} {subject}")
    kept = [
        each
        for each in made
        if not (each.needs_approval and each.product_id in stopped)
    ]

    expected = in_memory(kept, sellers)

    lines = spool.lines
    assert list(lines) == expected
    assert (len(lines), lines[:2]) == (len(expected), expected[:2])
    kinds = spool.kinds()
    assert kinds.total() == len(expected)
    for account in ACCOUNTS:
        there = spool.changes_at(account)
        of_listings = [each.change for each in kept if each.account == account]
        assert len(there) == len(list(there)) == spool.kinds(account).total()
        assert list(there)[len(there) - len(of_listings) :] == of_listings
