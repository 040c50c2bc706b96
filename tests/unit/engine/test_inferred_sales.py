"""Inferred sales: the sold stock where nobody tells of sales."""

from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import Values, facet_values
from ocop_sync.engine.state.inferred_sales import (
    came_late,
    dropped,
    not_raised,
    taken_off,
)
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from tests.unit.engine.examples import make_listing, make_state, never_sent

SKU = "SP-00001-1"


def values(stock: int) -> Values:
    return {**facet_values(make_listing()), "stock": {SKU: stock}}


def known(stock: int, sent: int | None = None, **differences: Any) -> State:
    """Return a listing that shows *stock*; *sent* has no answer, if it is given."""
    state = make_state(
        sent=values(stock if sent is None else sent), confirmed=values(stock)
    )
    return replace(
        state, awaiting=None if sent is None else Kind.SET_STOCK, **differences
    )


def read(before: State, stock: int, **differences: Any) -> State:
    """Return the state after a read that shows *stock*."""
    after = replace(before, awaiting=None, edited=values(stock))
    return replace(after, **differences)


def gone(before: State, stock: int, **differences: Any) -> int:
    return dropped(before, read(before, stock, **differences)).get(SKU, 0)


@pytest.mark.parametrize(("shown", "lost"), [(17, 3), (20, 0), (25, 0), (0, 20)])
def test_what_is_missing_since_the_last_write_was_sold(shown: int, lost: int) -> None:
    assert gone(known(20), shown) == lost


def test_what_is_missing_since_the_last_read_was_sold() -> None:
    assert gone(known(20, edited=values(17)), 16) == 1


@pytest.mark.parametrize(
    ("was", "sent", "shown", "lost"),
    [
        pytest.param(20, 10, 10, 0, id="lowered"),
        pytest.param(20, 10, 20, 0, id="not lowered"),
        pytest.param(20, 10, 15, 5, id="not lowered, and 5 sold"),
        pytest.param(20, 10, 8, 12, id="2 sold after it was lowered, or 12 before"),
        pytest.param(10, 20, 20, 0, id="raised"),
        pytest.param(10, 20, 10, 0, id="not raised"),
        pytest.param(10, 20, 15, 5, id="raised, and 5 sold"),
        pytest.param(10, 20, 8, 12, id="12 sold after it was raised, or 2 before"),
        pytest.param(10, 20, 25, 0, id="raised by somebody else"),
    ],
)
def test_after_a_lost_answer_as_much_counts_as_may_have_been_sold(
    was: int, sent: int, shown: int, lost: int
) -> None:
    assert gone(known(was, sent), shown) == lost


@pytest.mark.parametrize(
    "differences",
    [
        {"found": Found.IN_REVIEW},
        {"found": Found.ABSENT},
        {"confirmed": None},
        {"ref": "M000009"},
    ],
    ids=["in review", "gone", "never on sale", "another listing"],
)
def test_what_tells_nothing_of_sales_counts_as_none(
    differences: dict[str, Any],
) -> None:
    assert gone(known(20), 5, **differences) == 0


def test_of_what_was_never_sent_nothing_was_sold() -> None:
    assert dropped(never_sent(), read(known(20), 5)) == {}


def test_what_was_written_down_as_sold_is_no_edit() -> None:
    after = taken_off(read(known(20), 17), {SKU: 3}, 7)

    assert (after.edited, after.sales_seen) == (None, 7)
    assert after.confirmed == after.sent == values(17)


def test_what_was_sold_unseen_is_lowered_and_not_raised() -> None:
    state = known(7, capped=frozenset({SKU}))

    assert not_raised(state, {SKU: 9}) == {SKU: 7}
    assert not_raised(state, {SKU: 5}) == {SKU: 5}
    assert not_raised(state, {"LA-1": 5}) == {"LA-1": 5}
    assert not_raised(replace(state, capped=frozenset()), {SKU: 9}) == {SKU: 9}


def test_what_shows_as_it_was_sent_once_and_thought_lost_is_no_sale() -> None:
    before = known(30, lost={f"stock.{SKU}": [12]})
    after = read(before, 12)

    assert (gone(before, 12), came_late(before, after)) == (0, frozenset({SKU}))
    left = taken_off(after, came_late(before, after))
    assert (left.confirmed, left.edited) == (values(12), None)
    assert (gone(before, 11), came_late(before, read(before, 11))) == (19, frozenset())
    assert came_late(known(30), after) == frozenset()
