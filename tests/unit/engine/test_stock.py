"""The differences of stock that sales explain, and how much may be offered."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.product import StockPolicy
from catalog.model.sale import Sold
from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stock import (
    CLOCKS_DIFFER,
    offered_at_most,
    oversells,
    raised,
    shows_as_left,
    stock_at_after_read,
    stock_at_after_write,
    stock_to_write,
    with_doubtful,
    with_doubts,
    with_sales,
)
from ocop_sync.engine.terms import Found
from ocop_sync.engine.wanted.draft import share_of
from ocop_sync.marketplace.change import Kind
from tests.factories import AT, make_product, make_variant
from tests.unit.engine.examples import edited_there, make_state, never_sent, packs

MINUTE = timedelta(minutes=1)
WRITTEN = {"A": AT, "B": AT}


def sold(
    quantity: int = 3,
    *,
    after: timedelta = MINUTE,
    n: int = 1,
    sku: str = "A",
    channel: str = "memory",
) -> Sold:
    return Sold(n, channel, sku, quantity, AT + after, AT + after)


def stock_of(state: State) -> object:
    return (state.confirmed or {}).get("stock")


def test_what_was_sold_since_a_stock_was_written_is_missing_there() -> None:
    state = make_state(packs(A=10, B=5), stock_at=WRITTEN)

    after = with_sales(state, [sold(3)])

    assert stock_of(after) == {"A": 7, "B": 5}
    assert (after.sent or {})["stock"] == {"A": 7, "B": 5}
    assert (after.edited, after.must_reread, after.sales_seen) == (None, True, 1)


@pytest.mark.parametrize(
    ("sale", "left"),
    [
        pytest.param(sold(after=-MINUTE), 10, id="before it was written: written over"),
        pytest.param(sold(after=timedelta(0)), 10, id="as it was written"),
        pytest.param(sold(channel="other"), 10, id="at another account"),
        pytest.param(sold(sku="Z"), 10, id="of a pack that is not known there"),
        pytest.param(sold(25), 0, id="more than there was"),
        pytest.param(sold(n=0), 10, id="taken off before"),
    ],
)
def test_a_sale_that_takes_nothing_off(sale: Sold, left: int) -> None:
    state = make_state(packs(A=10), stock_at=WRITTEN)

    assert stock_of(with_sales(state, [sale])) == {"A": left}


def test_a_sale_that_a_read_has_shown_already_explains_what_it_showed() -> None:
    state = edited_there(packs(A=7), stock_at=WRITTEN, read_at=AT + 2 * MINUTE)
    state = replace(state, confirmed=facet_values(packs(A=10)))

    after = with_sales(state, [sold(3)])

    assert (after.edited, stock_of(after)) == (None, {"A": 7})


def test_a_sale_after_a_read_is_missing_from_what_it_showed_as_well() -> None:
    state = edited_there(packs(A=8), stock_at=WRITTEN, read_at=AT)
    state = replace(state, confirmed=facet_values(packs(A=10)))

    after = with_sales(state, [sold(3)])

    assert after.edited is not None
    assert (after.edited["stock"], stock_of(after)) == ({"A": 5}, {"A": 7})


def test_a_sale_before_what_was_sent_last_is_no_part_of_it() -> None:
    state = replace(
        make_state(packs(A=10), stock_at=WRITTEN, awaiting=Kind.SET_STOCK),
        sent=facet_values(packs(A=20)),
        sent_at=AT + 2 * MINUTE,
    )

    after = with_sales(state, [sold(3)])

    assert (stock_of(after), (after.sent or {})["stock"]) == ({"A": 7}, {"A": 20})


def test_a_sale_after_what_was_sent_last_is_missing_from_it_as_well() -> None:
    state = replace(
        make_state(packs(A=10), stock_at=WRITTEN, awaiting=Kind.SET_STOCK),
        sent=facet_values(packs(A=20)),
        sent_at=AT,
    )

    after = with_sales(state, [sold(3)])

    assert (stock_of(after), (after.sent or {})["stock"]) == ({"A": 7}, {"A": 17})


def test_what_was_sent_last_without_its_stock_does_not_hide_a_sale_before() -> None:
    state = make_state(packs(A=10), stock_at=WRITTEN, sent_at=AT + 2 * MINUTE)

    after = with_sales(state, [sold(3)])

    assert (after.sent or {})["stock"] == {"A": 7}


def test_a_listing_that_was_never_confirmed_may_have_been_sold() -> None:
    state = make_state(
        packs(A=10), found=Found.IN_REVIEW, confirmed=None, edited=None, sent_at=AT
    )

    after = with_sales(state, [sold(3)])

    assert ((after.sent or {})["stock"], after.confirmed) == ({"A": 7}, None)


def test_a_sale_counts_once() -> None:
    once = with_sales(make_state(packs(A=10), stock_at=WRITTEN), [sold(3)])

    assert with_sales(once, [sold(3)]) == once


def test_a_sale_soon_after_a_write_may_have_come_before_it() -> None:
    state = make_state(packs(A=10), stock_at=WRITTEN)
    soon, later = sold(after=MINUTE), sold(after=MINUTE * 1.01)

    assert stock_of(with_sales(state, [soon], doubt=CLOCKS_DIFFER)) == {"A": 10}
    assert stock_of(with_sales(state, [later], doubt=CLOCKS_DIFFER)) == {"A": 7}


def test_nothing_is_known_of_what_was_never_sent() -> None:
    assert with_sales(never_sent(), [sold()]) == never_sent()


@given(st.permutations([sold(n=n, after=MINUTE * n, quantity=n) for n in range(1, 5)]))
def test_sales_may_become_known_in_any_order(sales: list[Sold]) -> None:
    state = make_state(packs(A=30), stock_at=WRITTEN)

    assert stock_of(with_sales(state, sales)) == {"A": 20}


@pytest.mark.parametrize(
    ("state", "most"),
    [
        pytest.param(make_state(packs(A=5)), {"A": 5}, id="live"),
        pytest.param(make_state(packs(A=5), found=Found.DOWN_BY_US), {}, id="down"),
        pytest.param(never_sent(), {}, id="never sent"),
        pytest.param(
            make_state(
                packs(A=5), awaiting=Kind.SET_STOCK, sent=facet_values(packs(A=9))
            ),
            {"A": 9},
            id="raised, perhaps",
        ),
        pytest.param(
            make_state(
                packs(A=5), awaiting=Kind.SET_STOCK, sent=facet_values(packs(A=2))
            ),
            {"A": 5},
            id="lowered, perhaps",
        ),
        pytest.param(
            never_sent(awaiting=Kind.CREATE, sent=facet_values(packs(A=9))),
            {"A": 9},
            id="made, perhaps",
        ),
        pytest.param(
            never_sent(found=Found.IN_REVIEW, sent=facet_values(packs(A=9))),
            {"A": 9},
            id="in review",
        ),
        pytest.param(edited_there(packs(A=50)), {"A": 50}, id="raised by somebody"),
    ],
)
def test_the_most_that_may_be_on_offer(state: State, most: dict[str, int]) -> None:
    assert offered_at_most(state) == most


def test_a_pack_counts_that_only_shows_or_was_only_sent() -> None:
    sent = facet_values(packs(B=7, C=0))
    state = replace(make_state(packs(A=0, B=3), found=Found.IN_REVIEW), sent=sent)

    assert offered_at_most(state) == {"A": 0, "B": 7, "C": 0}
    assert offered_at_most(replace(state, sent=None)) == {"A": 0, "B": 3}


def test_a_pack_that_does_not_show_is_raised_by_its_first_one() -> None:
    state = make_state(packs(A=5))

    assert raised(state, Kind.UPDATE, facet_values(packs(A=5, B=1))) == {"B": 1}


@pytest.mark.parametrize(
    ("kind", "found", "expected"),
    [
        (Kind.SET_STOCK, Found.LIVE, {"B": 9}),
        (Kind.UPDATE, Found.LIVE, {"B": 9}),
        (Kind.SET_PRICE, Found.LIVE, {}),
        (Kind.WITHDRAW, Found.LIVE, {}),
        (Kind.REPUBLISH, Found.DOWN_BY_US, {"A": 5, "B": 9}),
        (Kind.CREATE, Found.ABSENT, {"A": 5, "B": 9}),
    ],
)
def test_what_a_change_offers_more_of(
    kind: Kind, found: Found, expected: dict[str, int]
) -> None:
    state = make_state(packs(A=5, B=5), found=found)

    assert raised(state, kind, facet_values(packs(A=5, B=9))) == expected


SECONDS = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("after", "gone", "left"),
    [
        pytest.param(-MINUTE, 0, 0, id="a minute before: written over"),
        pytest.param(-SECONDS, 3, 0, id="just before"),
        pytest.param(timedelta(0), 3, 0, id="as it was written"),
        pytest.param(SECONDS, 0, 3, id="just after"),
        pytest.param(MINUTE, 0, 3, id="a minute after"),
        pytest.param(2 * MINUTE, 0, 0, id="long after: taken off"),
    ],
)
@pytest.mark.parametrize("known", ["written", "read", "sent"])
def test_a_sale_at_about_the_time_of_a_write_leaves_in_doubt_what_shows(
    known: str, after: timedelta, gone: int, left: int
) -> None:
    state = {
        "written": make_state(packs(A=10), stock_at=WRITTEN),
        "read": replace(
            edited_there(packs(A=10), read_at=AT, stock_at={"A": AT - 9 * MINUTE}),
            confirmed=facet_values(packs(A=20)),
        ),
        "sent": make_state(
            packs(A=10), found=Found.IN_REVIEW, confirmed=None, sent_at=AT
        ),
    }[known]
    sale = sold(after=after)
    state = with_sales(state, [sale])

    doubted = with_doubts(state, [sale, sold(channel="other", after=after)])

    expected = ({"A": gone} if gone else {}, {"A": left} if left else {})
    assert (doubted.perhaps_sold, doubted.perhaps_left) == expected


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"must_reread": False}, id="read since the sale was heard of"),
        pytest.param({"read_at": AT + 61 * MINUTE}, id="read long after the write"),
        pytest.param({"sales_seen": 0}, id="the sale was not taken into account"),
    ],
)
def test_what_is_not_in_doubt(known: dict[str, Any]) -> None:
    given: dict[str, Any] = {"must_reread": True, "sales_seen": 1, "stock_at": WRITTEN}
    state = make_state(packs(A=10), **given | known)

    assert with_doubts(state, [sold(after=SECONDS), sold(after=-SECONDS)]) == state


def test_what_may_have_been_sold_is_raised_if_it_is_written_again() -> None:
    state = make_state(packs(A=5, B=1), perhaps_sold={"A": 2, "B": 3})

    assert raised(state, Kind.SET_STOCK, facet_values(packs(A=4))) == {"A": 4}
    assert raised(state, Kind.SET_STOCK, facet_values(packs(A=3, B=0))) == {}
    assert raised(state, Kind.UPDATE, facet_values(packs(A=5, B=1))) == {}


def test_what_may_not_have_been_sold_may_be_on_offer() -> None:
    state = make_state(packs(A=5, B=1), perhaps_left={"A": 2})

    assert offered_at_most(state) == {"A": 7, "B": 1}


@pytest.mark.parametrize(
    ("policy", "here", "elsewhere", "too_much"),
    [
        (StockPolicy.SPLIT, 12, 8, False),
        (StockPolicy.SPLIT, 12, 9, True),
        (StockPolicy.SPLIT, 21, 0, True),
        (StockPolicy.MIRROR, 20, 20, False),
        (StockPolicy.MIRROR, 21, 0, True),
    ],
)
def test_more_than_there_is(
    policy: StockPolicy, here: int, elsewhere: int, too_much: bool
) -> None:
    product = make_product(
        stock_policy=policy, variants=(make_variant(sku="A", on_hand=20),)
    )

    assert oversells(product, {"A": here}, {"A": elsewhere}) is too_much


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 5))
def test_shares_are_even_and_come_to_what_is_available(
    on_hand: int, sold_since: int, count: int
) -> None:
    pack = make_variant(on_hand=on_hand, sold=sold_since)
    places = [f"san-{n}" for n in range(count)]

    first, *others = [share_of(pack, StockPolicy.SPLIT, p, places) for p in places]

    assert first + sum(others) == pack.available == max(0, on_hand - sold_since)
    assert all(0 <= first - each < count for each in others)
    assert len(set(others)) <= 1


@given(*[st.integers(0, 9)] * 3)
def test_what_may_have_been_sold_is_raised_only_once_sales_are_known(
    wanted: int, there: int, left: int
) -> None:
    state = edited_there(packs(A=there))
    state = replace(state, confirmed=facet_values(packs(A=left)))

    unknown = stock_to_write(state, {"A": wanted}, sales_known=False)
    known = stock_to_write(state, {"A": wanted}, sales_known=True)

    assert known == {"A": wanted}
    assert unknown["A"] <= wanted
    assert unknown["A"] <= there or there >= left


def test_what_was_not_sold_is_written_without_waiting_for_sales() -> None:
    state = make_state(
        confirmed=facet_values(packs(A=5, B=5)),
        edited=facet_values(packs(A=5, B=4, C=0, D=3)),
    )

    to_write = stock_to_write(
        state, {"A": 9, "B": 9, "C": 9, "D": 9, "E": 9}, sales_known=False
    )

    assert to_write == {"A": 9, "B": 4, "C": 9, "D": 9, "E": 9}


def test_a_pack_that_nobody_else_offers_and_one_that_the_catalog_lacks() -> None:
    product = make_product(variants=(make_variant(sku="A", on_hand=20),))

    assert not oversells(product, {"A": 20, "Z": 99}, {})
    assert oversells(product, {"Z": 99, "A": 21}, {})


LATER, NOW = AT + MINUTE, AT + 5 * MINUTE


@pytest.mark.parametrize(
    ("before", "since"),
    [
        pytest.param({}, {"A": LATER, "B": AT, "C": LATER}, id="raised, kept, new"),
        pytest.param(
            {"edited": facet_values(packs(A=10, B=4, C=1))},
            {"A": AT, "B": LATER},
            id="put back, and left as somebody has set it",
        ),
        pytest.param(
            {"confirmed": None, "stock_at": {}},
            {"A": LATER, "B": LATER, "C": LATER},
            id="made",
        ),
        pytest.param({"sent": None}, WRITTEN, id="nothing sent"),
        pytest.param({"sent_at": None}, WRITTEN, id="sent nobody knows when"),
    ],
)
def test_since_when_what_was_applied_is_as_written(
    before: dict[str, object], since: dict[str, object]
) -> None:
    given: dict[str, object] = {
        "stock_at": WRITTEN,
        "sent": facet_values(packs(A=10, B=5, C=1)),
        "sent_at": LATER,
    }

    state = make_state(packs(A=8, B=5), **given | before)

    assert stock_at_after_write(state) == since


@pytest.mark.parametrize(
    ("before", "since"),
    [
        pytest.param({}, {"A": LATER, "B": AT, "C": NOW}, id="A raised, and that lost"),
        pytest.param({"awaiting": None}, {"A": AT, "B": AT, "C": NOW}, id="answered"),
        pytest.param(
            {"sent_at": None}, {"A": AT, "B": AT, "C": NOW}, id="sent nobody knows when"
        ),
        pytest.param(
            {"edited": facet_values(packs(A=10, B=3, C=1))},
            {"A": AT, "B": LATER, "C": NOW},
            id="B put back, and that lost",
        ),
        pytest.param(
            {"confirmed": None, "stock_at": {}},
            {"A": LATER, "B": LATER, "C": LATER},
            id="made, and that lost",
        ),
    ],
)
def test_since_when_what_a_read_shows_is_as_written(
    before: dict[str, object], since: dict[str, object]
) -> None:
    given: dict[str, object] = {
        "stock_at": WRITTEN,
        "sent": facet_values(packs(A=10, B=5, C=1)),
        "sent_at": LATER,
        "awaiting": Kind.SET_STOCK,
    }
    state = make_state(packs(A=8, B=5, C=1), **given | before)
    shown = facet_values(packs(A=10, B=4, C=1))

    assert stock_at_after_read(state, shown, shown, NOW) == since


RAISE_LOST = make_state(
    packs(A=8),
    stock_at={"A": AT},
    sent=facet_values(packs(A=10)),
    sent_at=LATER,
    awaiting=Kind.SET_STOCK,
)
"""Sent 10 where 8 had been left, without an answer."""


def test_a_lost_stock_that_was_not_applied_is_as_it_was_before() -> None:
    shown = facet_values(packs(A=8))

    assert stock_at_after_read(RAISE_LOST, shown, shown, NOW) == {"A": AT}
    assert stock_at_after_read(RAISE_LOST, None, shown, NOW) == {"A": AT}


def test_a_lost_stock_may_have_been_applied_where_a_read_shows_none() -> None:
    left = facet_values(packs(A=8))
    shown = {facet: value for facet, value in left.items() if facet != "stock"}

    assert stock_at_after_read(RAISE_LOST, left, shown, NOW) == {"A": LATER}


def test_nothing_is_known_of_a_stock_that_is_not_managed() -> None:
    values = {k: v for k, v in facet_values(packs(A=8)).items() if k != "stock"}
    state = make_state(
        confirmed=values, sent=values, sent_at=LATER, awaiting=Kind.SET_PRICE
    )

    assert stock_of(with_sales(state, [sold()])) is None
    assert stock_at_after_write(state) == {}
    assert stock_at_after_read(state, values, values, NOW) == {}
    assert stock_to_write(state, {"A": 8}, sales_known=False) == {"A": 8}
    assert offered_at_most(state) == {}
    assert raised(state, Kind.UPDATE, values) == {}
    assert raised(state, Kind.UPDATE, facet_values(packs(A=8))) == {"A": 8}


def test_the_first_stock_of_what_was_not_managed_is_as_found() -> None:
    values = {k: v for k, v in facet_values(packs(A=8)).items() if k != "stock"}
    state = make_state(
        confirmed=values, sent=values, sent_at=LATER, awaiting=Kind.SET_PRICE
    )
    managed = facet_values(packs(A=8))

    assert stock_at_after_read(state, managed, values, NOW) == {"A": NOW}


def test_a_time_is_no_reason_to_take_off_what_was_never_written() -> None:
    state = make_state(packs(A=10), stock_at={})

    assert stock_of(with_sales(state, [sold()])) == {"A": 10}
    assert with_sales(state, [sold()]).must_reread


@pytest.mark.parametrize(
    ("sale", "left"),
    [
        pytest.param(sold(after=timedelta(0)), 7, id="as it was written"),
        pytest.param(sold(after=-CLOCKS_DIFFER), 7, id="a minute before"),
        pytest.param(sold(after=-2 * CLOCKS_DIFFER), 10, id="long before"),
        pytest.param(sold(after=MINUTE), 10, id="after: taken off before"),
        pytest.param(sold(1, after=timedelta(0)), 9, id="fewer than are missing"),
        pytest.param(sold(8, after=timedelta(0)), 7, id="more than are missing"),
        pytest.param(sold(after=timedelta(0), channel="other"), 10, id="elsewhere"),
        pytest.param(sold(after=timedelta(0), sku="Z"), 10, id="of another pack"),
    ],
)
def test_a_sale_in_doubt_explains_what_is_missing(sale: Sold, left: int) -> None:
    state = edited_there(packs(A=7, B=9), stock_at=WRITTEN | {"Z": AT})
    state = replace(state, confirmed=facet_values(packs(A=10, B=5)))

    assert stock_of(with_doubtful(state, [sale])) == {"A": left, "B": 5}


def test_of_all_sales_those_in_doubt_explain_what_is_missing() -> None:
    state = edited_there(packs(A=7, B=2), stock_at=WRITTEN)
    state = replace(state, confirmed=facet_values(packs(A=10, B=5)))
    at_once = timedelta(0)
    elsewhere = sold(after=at_once, channel="other")

    after = with_doubtful(
        state, [elsewhere, sold(2, after=at_once), sold(3, after=at_once, sku="B")]
    )

    assert stock_of(after) == {"A": 8, "B": 2}


def test_a_sale_in_doubt_explains_a_pack_that_does_not_show() -> None:
    state = edited_there(packs(B=5), stock_at=WRITTEN)
    state = replace(state, confirmed=facet_values(packs(A=2, B=5)))

    after = with_doubtful(state, [sold(3, after=timedelta(0))])

    assert stock_of(after) == {"A": 0, "B": 5}


def test_a_sale_in_doubt_explains_nothing_of_what_shows_more() -> None:
    state = edited_there(packs(A=9), stock_at=WRITTEN)
    state = replace(state, confirmed=facet_values(packs(A=5)))

    assert stock_of(with_doubtful(state, [sold(after=timedelta(0))])) == {"A": 5}


@pytest.mark.parametrize(
    "state", [make_state(), never_sent()], ids=["as left", "never sent"]
)
def test_where_nothing_is_missing_no_sale_is_in_doubt(state: State) -> None:
    assert with_doubtful(state, [sold(after=timedelta(0))]) is state


@pytest.mark.parametrize(
    ("known", "as_left"),
    [
        ({}, True),
        ({"found": Found.ABSENT}, False),
        ({"awaiting": Kind.SET_STOCK}, False),
        ({"edited": facet_values(packs(A=1))}, False),
        ({"must_reread": True}, False),
        ({"perhaps_left": {"A": 1}}, False),
    ],
)
def test_what_is_known_to_have_changed_by_sales_alone(
    known: dict[str, Any], as_left: bool
) -> None:
    assert shows_as_left(make_state(**known)) is as_left
