"""When a listing is looked up again, and which late values count as ours.

That somebody does so is tested in tests/integration/test_looking.py.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.plan.after_read import after_read
from ocop_sync.engine.plan.transitions import after_intent
from ocop_sync.engine.state.look_up import (
    AGAIN_AFTER,
    after_look,
    is_told_by,
    to_look_up,
)
from ocop_sync.engine.state.state import Look, State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Listing, RemoteState, StarClaim
from tests.factories import AT
from tests.unit.engine.examples import (
    evaluated,
    kinds_of,
    make_change,
    make_listing,
    make_offer,
    make_remote,
    make_state,
    make_wanted,
    never_sent,
)

LATER = AT + timedelta(seconds=13)


def read(before: State, shown: Listing, **differences: Any) -> State:
    remote = make_remote(shown, **differences)
    return after_read(before, remote, facet_values(shown), AT)


def lost(kind: Kind, was: Listing, sent: Listing) -> State:
    """Return the state once *sent* has had no answer, and *was* has shown since."""
    change = make_change(kind, sent)
    before = after_intent(make_state(was), change, facet_values(sent), "memory", AT)
    return read(before, was)


def then_left(state: State, shown: Listing) -> State:
    """Return the state after another change was answered, which left *shown*."""
    values = facet_values(shown)
    return replace(state, sent=values, confirmed=values)


def test_a_create_is_looked_up_once_its_lag_is_over_and_once_more() -> None:
    made = to_look_up(never_sent(), LATER)
    early = after_look(made, LATER - timedelta(seconds=1))
    once = after_look(made, LATER)
    twice = after_look(once, LATER + AGAIN_AFTER)

    assert (made.look, made.look_at) == (Look.FIRST, LATER)
    assert early == made
    assert (once.look, once.look_at) == (Look.LAST, LATER + AGAIN_AFTER)
    assert (twice.look, twice.look_at) == (None, None)


@pytest.mark.parametrize("is_there", [True, False])
def test_what_was_read_back_is_looked_up_later(is_there: bool) -> None:
    sent = after_intent(
        never_sent(),
        make_change(Kind.CREATE),
        facet_values(make_listing()),
        "memory",
        AT,
    )

    state = after_read(
        sent,
        make_remote() if is_there else None,
        facet_values(make_listing()),
        AT,
    )

    assert (state.look, state.look_at) == (Look.LAST, AT + AGAIN_AFTER)


def test_what_had_its_answer_is_not_looked_up() -> None:
    state = read(make_state(), make_listing())

    assert (state.look, state.lost) == (None, {})


@pytest.mark.parametrize(
    ("kind", "was", "sent", "then"),
    [
        pytest.param(
            Kind.SET_PRICE,
            make_listing(variants=(make_offer(price_vnd=50_000),)),
            make_listing(variants=(make_offer(price_vnd=60_000),)),
            make_listing(variants=(make_offer(price_vnd=70_000),)),
            id="price",
        ),
        pytest.param(
            Kind.SET_STOCK,
            make_listing(variants=(make_offer(stock=9),)),
            make_listing(variants=(make_offer(stock=7),)),
            make_listing(variants=(make_offer(stock=2),)),
            id="stock",
        ),
        pytest.param(
            Kind.UPDATE,
            make_listing(title="Măng"),
            make_listing(title="Măng khô"),
            make_listing(title="Măng khô loại một"),
            id="a field of the content",
        ),
        pytest.param(
            Kind.SET_STARS,
            make_listing(stars=StarClaim(stars=3)),
            make_listing(stars=StarClaim(stars=4, valid_to=date(2027, 1, 1))),
            make_listing(stars=None),
            id="stars",
        ),
    ],
)
def test_what_we_sent_and_comes_late_was_edited_by_nobody(
    kind: Kind, was: Listing, sent: Listing, then: Listing
) -> None:
    state = then_left(lost(kind, was, sent), then)

    late = read(state, sent)

    assert late.edited is None
    evaluation = evaluated(make_wanted(then), late)
    assert (kinds_of(evaluation), evaluation.hold) == ([kind.value], None)


def test_of_stock_that_came_late_some_may_have_been_sold() -> None:
    was, sent, then, shows = (
        make_listing(variants=(make_offer(stock=n),)) for n in (9, 7, 2, 5)
    )
    state = then_left(lost(Kind.SET_STOCK, was, sent), then)

    late = read(state, shows)

    assert late.edited is None
    assert late.stock_at == {make_offer().sku: AT}


@pytest.mark.parametrize("shows", [1, 8])
def test_other_stock_is_not_what_came_late(shows: int) -> None:
    """Less may have been sold; more than was sent is somebody else's."""
    was, sent, then, now = (
        make_listing(variants=(make_offer(stock=n),)) for n in (9, 7, 2, shows)
    )
    state = then_left(lost(Kind.SET_STOCK, was, sent), then)

    assert read(state, now).edited is not None


def test_another_value_than_the_lost_one_was_edited_there() -> None:
    was, sent, then, now = (
        make_listing(variants=(make_offer(price_vnd=n),))
        for n in (50_000, 60_000, 70_000, 44_000)
    )

    state = read(then_left(lost(Kind.SET_PRICE, was, sent), then), now)

    assert evaluated(make_wanted(then), state).hold == "edited_there"


def test_all_that_was_lost_is_remembered_until_the_last_look() -> None:
    listings = [
        make_listing(variants=(make_offer(price_vnd=n),)) for n in (50, 60, 65, 60, 70)
    ]
    state = make_state(listings[0])
    for sent in listings[1:4]:
        change, values = make_change(Kind.SET_PRICE, sent), facet_values(sent)
        state = after_intent(state, change, values, "memory", AT)
        state = read(state, listings[0])

    sku = make_offer().sku
    assert state.lost == {f"price.{sku}": [65, 60]}
    assert after_look(state, AT + AGAIN_AFTER).lost == {}


def test_a_withdrawal_that_comes_late_is_ours() -> None:
    before = after_intent(
        make_state(),
        make_change(Kind.WITHDRAW),
        facet_values(make_listing()),
        "memory",
        AT,
    )
    on_sale = read(before, make_listing())

    late = read(on_sale, make_listing(), state=RemoteState.DOWN)
    after = read(make_state(), make_listing(), state=RemoteState.DOWN)

    assert (on_sale.found, late.found) == (Found.LIVE, Found.DOWN_BY_US)
    assert after.found is Found.DOWN_BY_PERSON


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("of_state", "shows_at", "is_told"),
    [
        pytest.param({}, None, True, id="never sent"),
        pytest.param({}, AT, True, id="all shows"),
        pytest.param({}, AT + SECOND, False, id="may not show yet"),
        pytest.param({"absent_reads": 1, "read_at": AT}, None, False, id="same read"),
        pytest.param(
            {"absent_reads": 1, "read_at": AT - SECOND}, None, True, id="another read"
        ),
        pytest.param({"look_at": AT}, AT, True, id="due before it"),
        pytest.param({"look_at": AT + SECOND}, AT, False, id="due since"),
        pytest.param({"look_at": AT + 9 * SECOND}, AT, True, id="not due yet"),
    ],
)
def test_an_old_reading_tells_only_of_what_could_show_and_was_not_missed(
    of_state: dict[str, Any], shows_at: datetime | None, is_told: bool
) -> None:
    state = replace(State(product_id="SP-00001", marketplace="voso"), **of_state)

    now = AT + 5 * SECOND
    assert is_told_by(AT, state, shows_at=shows_at, now=now) is is_told
