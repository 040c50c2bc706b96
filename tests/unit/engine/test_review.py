"""What a print stands for: all that a person is shown, and never stock."""

from typing import Any

import pytest

from catalog.eligibility import Finding, Outcome, Text
from ocop_sync.engine.decide import Found, Want
from ocop_sync.engine.diff import Judgement
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.review import VANISHED, checksum, why_of
from ocop_sync.engine.safety import Taking, taking_of
from ocop_sync.engine.state import State
from ocop_sync.engine.wanted import Wanted
from ocop_sync.marketplace.listing import Listing, StarClaim
from tests.unit.engine.examples import (
    judged,
    make_listing,
    make_offer,
    make_reason,
    make_state,
    make_wanted,
    unwanted,
)

SKU = frozenset({"SP-00001-1"})
ENDED = make_reason("E02", key="ended")


def taken(wanted: Wanted, state: State | None = None) -> Taking:
    """Return what is taken, of a product that is live as it should be by default."""
    taking = taking_of(judged(wanted, state or make_state()))
    assert taking is not None
    return taking


def with_stock(count: int, **differences: Any) -> Listing:
    return make_listing(variants=(make_offer(stock=count),), **differences)


def unclaimed(listing: Listing | None = None, **differences: Any) -> Wanted:
    """Return the wish that takes the claim off; pictures show the mark."""
    bare = listing or make_listing(stars=None, pictures=())
    given = {"want": Want.WITHOUT_CLAIM, "reason": ENDED, "cause": "E02@2024-02-28"}
    return make_wanted(bare, **given | differences)


def emptied(listing: Listing | None = None, **differences: Any) -> Wanted:
    """Return the wish that sets a stock to zero which nobody has counted."""
    return make_wanted(listing or with_stock(0), uncounted=SKU, **differences)


# What has changed does not fit any more


@pytest.mark.parametrize(
    "differences",
    [
        pytest.param({"product_id": "SP-00002"}, id="product"),
        pytest.param({"cause": "E02"}, id="cause"),
        pytest.param({"reason": make_reason("E02")}, id="reason"),
        pytest.param({"reason": make_reason("E04", key="expired")}, id="its finding"),
        pytest.param(
            {"reason": make_reason("E04", outcome=Outcome.OUT_OF_SCOPE)},
            id="its outcome",
        ),
        pytest.param({"problem": Hold.NO_PRICE, "cause": "no_price"}, id="a problem"),
    ],
)
def test_a_withdrawal_for_another_reason_is_another(differences: Any) -> None:
    assert taken(unwanted(**differences)).print != taken(unwanted()).print


def test_what_was_seen_is_part_of_the_reason() -> None:
    text = Text("Thiếu giấy mẫu", "Lacks the sample paper")
    finding = Finding(outcome=Outcome.BLOCK, seen=text, todo=text)
    other = make_reason("E04", _finding=finding)

    assert taken(unwanted(reason=other)).print != taken(unwanted()).print


@pytest.mark.parametrize(
    "shown",
    [
        make_listing(title="Khác"),
        make_listing(description="Khác."),
        make_listing(category="C-II"),
        make_listing(attributes=()),
        make_listing(pictures=()),
        make_listing(trace_url=""),
        make_listing(variants=(make_offer(pack="Gói 1 kg"),)),
        make_listing(stars=StarClaim(stars=3)),
        make_listing(stars=None),
    ],
    ids=[
        "title",
        "description",
        "category",
        "attributes",
        "pictures",
        "page",
        "packs",
        "stars",
        "none",
    ],
)
def test_another_listing_that_is_lost_is_another_withdrawal(shown: Listing) -> None:
    assert taken(unwanted(), make_state(shown)).print != taken(unwanted()).print


@pytest.mark.parametrize(
    "shown",
    [
        make_listing(title="Khác", stars=None, pictures=()),
        make_listing(stars=None),
    ],
    ids=["text", "pictures"],
)
def test_another_text_without_the_claim_is_another(shown: Listing) -> None:
    assert taken(unclaimed(shown)).print != taken(unclaimed()).print


def test_other_stars_beside_what_is_taken_are_another() -> None:
    three = with_stock(0, stars=StarClaim(stars=3))

    assert taken(emptied(three)).print != taken(emptied()).print


def test_what_is_taken_is_part_of_it() -> None:
    reason: dict[str, Any] = {"reason": ENDED, "cause": "E02@2024-02-28"}
    bare = with_stock(0, stars=None, pictures=())

    kinds = [
        taken(unwanted(**reason)),
        taken(unclaimed(bare, uncounted=SKU)),
        taken(
            emptied(bare, **reason), make_state(with_stock(9, stars=None, pictures=()))
        ),
    ]

    assert [each.kinds for each in kinds] == [
        ("withdraw",),
        ("set_stars", "set_stock", "update"),
        ("set_stock",),
    ]
    assert len({each.print for each in kinds}) == 3


def gone() -> State:
    return make_state(found=Found.ABSENT, absent_reads=2)


def test_another_listing_made_anew_is_another() -> None:
    one = taken(make_wanted(), gone())

    assert one.kinds == ("create",)
    assert taken(make_wanted(make_listing(title="Khác")), gone()).print != one.print
    assert taken(make_wanted(make_listing(stars=None)), gone()).print != one.print


# Sales go on


@pytest.mark.parametrize("count", [0, 1, 9, 10_000])
def test_stock_is_no_part_of_a_withdrawal(count: int) -> None:
    state = make_state(with_stock(count))

    assert taken(unwanted(), state).print == taken(unwanted()).print


@pytest.mark.parametrize("count", [0, 1, 9, 10_000])
def test_stock_is_no_part_of_a_claim_off(count: int) -> None:
    fewer = with_stock(count, stars=None, pictures=())

    assert taken(unclaimed(fewer, uncounted=SKU)).print == taken(unclaimed()).print


@pytest.mark.parametrize("count", [1, 9, 10_000])
def test_what_is_lost_of_a_stock_is_no_part_of_setting_it_to_zero(count: int) -> None:
    state = make_state(with_stock(count))

    assert taken(emptied(), state).print == taken(emptied()).print


@pytest.mark.parametrize("count", [0, 1, 10_000])
def test_stock_is_no_part_of_what_is_made_anew(count: int) -> None:
    one = taken(make_wanted(), gone())

    assert taken(make_wanted(with_stock(count)), gone()).print == one.print


def test_a_price_is_no_part_of_what_is_taken() -> None:
    dearer = make_listing(variants=(make_offer(price_vnd=50_000),))

    assert taken(unwanted(), make_state(dearer)).print == taken(unwanted()).print


# What is under way stays what it is


@pytest.mark.parametrize(
    "half",
    [make_listing(stars=None), make_listing(pictures=())],
    ids=["the stars are off", "the pictures are off"],
)
def test_a_claim_that_is_half_off_is_the_same(half: Listing) -> None:
    rest = taken(unclaimed(), make_state(half))

    assert rest.kinds != taken(unclaimed()).kinds
    assert rest.print == taken(unclaimed()).print


def test_a_listing_that_leaves_its_review_is_the_same() -> None:
    reviewed = make_state(found=Found.IN_REVIEW, confirmed=None)

    assert taken(unwanted(), reviewed).print == taken(unwanted()).print


def test_values_in_another_order_are_the_same() -> None:
    state = make_state()
    assert state.sent is not None
    turned = {name: dict(reversed(v.items())) for name, v in state.sent.items()}

    other = make_state(sent=turned, confirmed=turned)

    assert taken(unwanted(), other).print == taken(unwanted()).print


# Why, in words


def why(judgement: Judgement) -> tuple[str, str]:
    found = why_of(judgement)
    return found.code, found.seen.en


def test_a_rule_says_why() -> None:
    assert why(judged(unwanted(), make_state())) == ("E04", "Has no sample paper")


def test_what_cannot_be_shown_says_so() -> None:
    wish = unwanted(reason=ENDED, problem=Hold.NO_PRICE, cause="no_price")

    assert why(judged(wish, make_state())) == ("no_price", "No price is known")


def test_a_zero_that_nobody_counted_says_so() -> None:
    code, seen = why(judged(emptied(), make_state()))

    assert (code, "without the time of a count" in seen) == ("catalog", True)


def test_what_vanished_says_so() -> None:
    assert why(judged(make_wanted(), gone()))[0] == VANISHED


# All of a group


def test_a_checksum_stands_for_every_print_in_order() -> None:
    prints = ["a", "b", "c"]

    others = [["a", "b"], ["a", "b", "d"], ["b", "a", "c"], ["ab", "c"], []]

    assert checksum(iter(prints)) == checksum(prints)
    assert checksum(prints) not in {checksum(other) for other in others}
