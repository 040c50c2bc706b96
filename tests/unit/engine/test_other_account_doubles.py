"""Two listings at different accounts: which one stays, and the plan for each.

That it is carried out is tested in tests/integration/test_other_account_doubles.py.
"""

from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.approval.budget import removal_of
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.plan.doubles import (
    fingerprint_of_kept,
    gone_on_at_other_account,
    kept_ref,
    left_behind,
    successor,
)
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.inferred_sales import dropped_there
from ocop_sync.engine.state.quarantine import Failure, Way
from ocop_sync.engine.state.state import Double, DriftDecision, DriftHistory, State
from ocop_sync.engine.state.stock import offered_at_most
from ocop_sync.engine.terms import Decision, Found, Want
from ocop_sync.marketplace.change import Kind
from tests.factories import AT
from tests.unit.engine.examples import (
    evaluated,
    make_listing,
    make_offer,
    make_state,
    make_wanted,
)

REF, AWAY = "M000001", "shop-2"
SKU = make_offer().sku


def make_double(n: int = 5, **differences: Any) -> Double:
    values = facet_values(make_listing(variants=(make_offer(stock=n),)))
    double = Double(account=AWAY, ref=REF, found=Found.LIVE, values=values)
    return replace(double, **differences)


def doubled(*doubles: Double, **differences: Any) -> State:
    """Return the state of a product with one listing here and others elsewhere."""
    doubles = doubles or (make_double(),)
    given = {
        "other_account_doubles": doubles,
        "doubled_ref": f"{AWAY}/{doubles[0].ref}",
    }
    return make_state(
        make_listing(variants=(make_offer(stock=5),)), **given | differences
    )


def keeping(name: str) -> DriftHistory:
    return DriftHistory(
        decisions={
            DriftKind.DOUBLED: DriftDecision(
                ours=True, fingerprint=fingerprint_of_kept(name)
            )
        }
    )


def planned(evaluation: Evaluation) -> list[tuple[str, str, bool]]:
    return [
        (each.change.kind.value, each.account, each.removes)
        for each in evaluation.other_account_changes
    ]


def test_the_other_one_stops_selling_as_long_as_the_first_one_sells() -> None:
    evaluation = evaluated(make_wanted(), doubled())

    assert planned(evaluation) == [("set_stock", AWAY, False)]
    assert removal_of(evaluation) is None


@pytest.mark.parametrize(
    ("state", "double"),
    [
        pytest.param({"found": Found.DOWN_BY_PERSON}, {}, id="the first is down"),
        pytest.param({"unreadable": "?"}, {}, id="the first cannot be read"),
        pytest.param({"awaiting": Kind.WITHDRAW}, {}, id="the first may be down"),
        pytest.param(
            {"found": Found.IN_REVIEW, "confirmed": None}, {}, id="the first is new"
        ),
        pytest.param({}, {"pending": True}, id="something has no answer"),
        pytest.param({}, {"values": {}}, id="nothing of it is known"),
        pytest.param({"past": keeping(f"{AWAY}/{REF}")}, {}, id="it was chosen"),
    ],
)
def test_nothing_stops_selling_unless_another_goes_on(
    state: dict[str, Any], double: dict[str, Any]
) -> None:
    evaluation = evaluated(make_wanted(), doubled(make_double(**double), **state))

    assert evaluation.other_account_changes == ()


def test_what_a_verdict_ends_it_ends_at_both_and_asks_once() -> None:
    wanted = make_wanted(want=Want.NOT_LISTED)
    both = evaluated(wanted, doubled())
    left = evaluated(wanted, doubled(found=Found.DOWN_BY_US))

    assert planned(both) == planned(left) == [("withdraw", AWAY, True)]
    one, other = removal_of(both), removal_of(left)
    assert one is not None
    assert other is not None
    assert one.fingerprint == other.fingerprint


def test_a_listing_without_an_answer_keeps_the_other_one_on_sale_no_longer() -> None:
    """The account of the first one may be down for days."""
    state = doubled(awaiting=Kind.WITHDRAW, sent_at=AT)

    evaluation = evaluated(make_wanted(want=Want.NOT_LISTED), state)

    assert evaluation.decision is Decision.READ_BACK
    assert planned(evaluation) == [("withdraw", AWAY, True)]


def test_what_the_catalog_does_not_know_is_left() -> None:
    assert (
        evaluated(make_wanted(want=Want.NO_PRODUCT), doubled()).other_account_changes
        == ()
    )


def test_what_fails_again_and_again_there_keeps_nothing_back_here() -> None:
    failure = Failure(
        of="other", way=Way.REFUSED, error="", times=9, at=AT, words="", owed=True
    )
    state = doubled(make_double(failures={Kind.SET_STOCK: failure}))

    evaluation = evaluated(make_wanted(), state)

    assert planned(evaluation) == [("set_stock", AWAY, False)]
    assert evaluation.changes == evaluated(make_wanted(), doubled()).changes


def test_what_they_offer_is_added_up() -> None:
    assert offered_at_most(doubled(make_double(7))) == {SKU: 12}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (REF, REF),
        (f"memory/{REF}", REF),
        (f"{AWAY}/{REF}", f"{AWAY}/{REF}"),
        ("M9", ""),
    ],
)
def test_a_word_is_bound_to_account_and_listing(name: str, kept: str) -> None:
    assert kept_ref(doubled(past=keeping(name))) == kept


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [
        pytest.param({}, False, id="it sells"),
        pytest.param({"found": Found.DOWN_BY_PERSON}, True, id="taken down"),
        pytest.param({"found": Found.BANNED}, True, id="banned"),
        pytest.param(
            {"found": Found.ABSENT, "absent_reads": 1}, False, id="missed once"
        ),
        pytest.param({"found": Found.ABSENT, "absent_reads": 2}, True, id="gone"),
        pytest.param(
            {"found": Found.BANNED, "awaiting": Kind.UPDATE}, False, id="no answer"
        ),
        pytest.param(
            {"found": Found.BANNED, "past": keeping(REF)}, False, id="it was chosen"
        ),
        pytest.param({"past": keeping(f"{AWAY}/{REF}")}, True, id="other was chosen"),
    ],
)
def test_another_one_is_gone_on_with_once_it_is_certain(
    state: dict[str, Any], goes_on: bool
) -> None:
    assert (successor(doubled(**state)) is not None) is goes_on


@pytest.mark.parametrize(
    "double", [{"pending": True}, {"found": Found.IN_REVIEW}], ids=["pending", "review"]
)
def test_what_may_not_sell_is_not_gone_on_with(double: dict[str, Any]) -> None:
    state = doubled(make_double(**double), found=Found.BANNED)

    assert successor(state) is None


def test_what_is_gone_on_with_is_as_it_was_known_and_the_rest_stays_second() -> None:
    more = make_double(0, ref="M000009")
    before = doubled(make_double(3), more, doubles=(make_double(account=""),))

    after = gone_on_at_other_account(
        before, make_double(3), seller_ref="CS-0002", known_at=AT
    )

    assert (after.account, after.ref, after.seller_ref) == (AWAY, REF, "CS-0002")
    assert after.shown == make_double(3).values
    assert after.doubles == (replace(more, account=""),)
    assert [(d.account, d.ref) for d in left_behind(before)] == [("memory", REF)] * 2


def test_what_is_off_sale_is_left_behind_and_no_second() -> None:
    assert left_behind(doubled(found=Found.BANNED)) == ()


@pytest.mark.parametrize(
    ("before", "shows", "gone"),
    [
        pytest.param(make_double(5), 3, {SKU: 2}, id="sold"),
        pytest.param(make_double(5), 5, {}, id="as it was"),
        pytest.param(make_double(5), 9, {}, id="more"),
        pytest.param(make_double(5, pending=True), 0, {}, id="stopped by us"),
        pytest.param(make_double(5, pending=True), 3, {SKU: 2}, id="not stopped yet"),
        pytest.param(make_double(5, found=Found.IN_REVIEW), 3, {}, id="in review"),
    ],
)
def test_less_than_was_known_counts_as_sold(
    before: Double, shows: int, gone: dict[str, int]
) -> None:
    assert dropped_there(before, make_double(shows)) == gone
