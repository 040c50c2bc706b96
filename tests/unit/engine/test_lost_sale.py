"""Stock that was sold while the outcome of a change was unknown.

A sale between a write and its read-back must not be sold a second time. Other
transitions by an answer or a read are tested in test_transitions.py.
"""

from typing import Any

import pytest

from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.after_read import after_read, is_applied
from ocop_sync.engine.plan.transitions import after_intent, after_result
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Listing
from ocop_sync.marketplace.result import Applied, Submitted
from tests.factories import AT
from tests.unit.engine.examples import (
    edited_there,
    evaluated,
    kinds_of,
    make_change,
    make_listing,
    make_offer,
    make_remote,
    make_state,
    make_wanted,
    never_sent,
    packs,
)


def next_sent(wanted: Wanted, state: State, **known: bool) -> State:
    """Return the state in which the next change has been sent, without an answer."""
    planned = evaluated(wanted, state, **known).changes[0]
    return after_intent(state, planned.change, planned.values, "memory", AT)


def read(before: State, shown: Listing, **differences: Any) -> State:
    remote = make_remote(shown, **differences)
    return after_read(before, remote, facet_values(shown), AT)


def answered(wanted: Wanted, state: State) -> State:
    """Return the state after the next change was sent and applied."""
    change = evaluated(wanted, state).changes[0].change
    return after_result(next_sent(wanted, state), change, Applied("M000001"))


@pytest.mark.parametrize(
    ("found", "written", "waits"),
    [
        pytest.param(10, [], False, id="applied"),
        pytest.param(9, [], True, id="applied, and one sold"),
        pytest.param(8, ["set_stock"], False, id="not applied"),
        pytest.param(11, ["set_stock"], False, id="raised by somebody"),
    ],
)
def test_a_lost_stock_is_not_put_back_where_it_was_sold(
    found: int, written: list[str], waits: bool
) -> None:
    wanted = make_wanted(packs(A=10))
    lost = next_sent(wanted, make_state(packs(A=8)))

    after = read(lost, packs(A=found))

    evaluation = evaluated(wanted, after)
    assert (kinds_of(evaluation), evaluation.waits) == (written, waits)
    assert after.shown["stock"] == {"A": found}
    assert after.awaiting is None


def test_a_new_count_does_not_end_what_waits_for_sales() -> None:
    lost = next_sent(make_wanted(packs(A=10)), make_state(packs(A=8)))
    sold = read(lost, packs(A=9))
    counted = make_wanted(packs(A=12))

    assert evaluated(counted, sold).changes == ()
    (planned,) = evaluated(counted, sold, sales_known=True).changes
    assert planned.values["stock"] == {"A": 12}


def test_each_pack_has_its_own_outcome() -> None:
    wanted = make_wanted(packs(A=10, B=5, C=7))
    lost = next_sent(wanted, make_state(packs(A=8, B=5, C=3)))

    after = read(lost, packs(A=9, B=4, C=3))

    assert after.confirmed is not None
    assert after.confirmed["stock"] == {"A": 10, "B": 5, "C": 3}
    (planned,) = evaluated(wanted, after).changes
    assert planned.values["stock"] == {"A": 9, "B": 4, "C": 7}


def test_a_lost_change_of_a_count_is_told_from_what_showed_before() -> None:
    wanted = make_wanted(packs(A=10))
    sold = make_state(packs(A=8), edited=facet_values(packs(A=6)))
    lost = next_sent(wanted, sold, sales_known=True)

    untouched, applied = read(lost, packs(A=6)), read(lost, packs(A=8))

    assert kinds_of(evaluated(wanted, untouched, sales_known=True)) == ["set_stock"]
    assert kinds_of(evaluated(wanted, applied)) == []
    assert (untouched.confirmed or {})["stock"] == {"A": 8}
    assert (applied.confirmed or {})["stock"] == {"A": 10}


def test_a_lost_new_listing_that_sold_is_not_filled_up() -> None:
    wanted = make_wanted(packs(A=10))
    lost = next_sent(wanted, never_sent())

    after = read(lost, packs(A=9))

    assert kinds_of(evaluated(wanted, after)) == []
    assert after.shown["stock"] == {"A": 9}


def test_what_was_made_anew_is_not_compared_with_its_former_life() -> None:
    wanted = make_wanted(packs(A=10))
    gone = make_state(packs(A=8), found=Found.ABSENT, absent_reads=2)

    after = read(next_sent(wanted, gone), packs(A=8))

    assert kinds_of(evaluated(wanted, after)) == []


def test_a_submitted_listing_that_sold_before_it_was_read_is_not_filled_up() -> None:
    wanted = make_wanted(packs(A=10))
    sent = next_sent(wanted, never_sent())
    in_review = after_result(sent, make_change(Kind.CREATE), Submitted("T-1"))

    after = read(in_review, packs(A=9))

    assert kinds_of(evaluated(wanted, after)) == []


def test_a_lost_new_pack_that_sold_is_not_filled_up() -> None:
    wanted = make_wanted(packs(A=10, B=5))
    lost = next_sent(wanted, make_state(packs(A=10)))

    after = read(lost, packs(A=10, B=4))

    assert lost.awaiting is Kind.UPDATE
    assert kinds_of(evaluated(wanted, after)) == []
    assert after.confirmed is not None
    assert after.confirmed["stock"] == {"A": 10, "B": 5}


@pytest.mark.parametrize(
    ("found", "known"),
    [
        pytest.param(packs(A=10), {"A": 10}, id="applied"),
        pytest.param(packs(A=10, B=4), {"A": 10, "B": 5}, id="not applied"),
    ],
)
def test_a_pack_that_goes_is_known_until_it_is_gone(
    found: Listing, known: dict[str, int]
) -> None:
    lost = next_sent(make_wanted(packs(A=10)), make_state(packs(A=10, B=5)))

    after = read(lost, found)

    assert after.confirmed is not None
    assert after.confirmed["stock"] == known


def test_raising_one_pack_does_not_put_back_what_was_sold_of_another() -> None:
    wanted = make_wanted(packs(A=8, B=7))
    sold = make_state(packs(A=8, B=5), edited=facet_values(packs(A=6, B=5)))

    after = answered(wanted, sold)

    assert after.shown["stock"] == {"A": 6, "B": 7}
    assert kinds_of(evaluated(wanted, after)) == []
    assert evaluated(wanted, after).waits


def test_a_new_pack_does_not_hide_that_a_price_was_edited() -> None:
    two = make_listing(variants=(make_offer(), make_offer(sku="SP-00001-2")))
    dearer = make_listing(variants=(make_offer(price_vnd=60_000),))

    after = answered(make_wanted(two), edited_there(dearer))

    evaluation = evaluated(make_wanted(two), after)
    assert (kinds_of(evaluation), evaluation.hold) == ([], Hold.EDITED_THERE)


def test_a_lost_change_does_not_hide_what_was_edited_before() -> None:
    wish = make_listing(variants=(make_offer(stock=12),))
    wanted = make_wanted(wish)
    lost = next_sent(wanted, edited_there(make_listing(title="Sửa")))

    after = read(lost, make_listing(title="Sửa", variants=wish.variants))

    evaluation = evaluated(wanted, after)
    assert lost.awaiting is Kind.SET_STOCK
    assert (evaluation.decision, evaluation.hold) == (
        Decision.REPAIR,
        Hold.EDITED_THERE,
    )
    assert kinds_of(evaluation) == []


@pytest.mark.parametrize(
    ("found", "applied"),
    [(10, True), (9, True), (8, False)],
    ids=["there", "there, and one sold", "as before"],
)
def test_what_a_read_says_of_a_lost_stock(found: int, applied: bool) -> None:
    lost = next_sent(make_wanted(packs(A=10)), make_state(packs(A=8)))

    assert is_applied(lost, read(lost, packs(A=found))) is applied
