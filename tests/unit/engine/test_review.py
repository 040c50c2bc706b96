"""The content of a fingerprint: all that a person is shown, and never stock."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.eligibility import Finding, Outcome, Text
from ocop_sync.engine.approval.budget import Removal, removal_of
from ocop_sync.engine.approval.review import (
    Reviewed,
    checksum,
    fingerprint_of_change,
    fingerprint_of_seller,
    is_stale,
    why_of,
)
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found, Want
from ocop_sync.engine.wanted.origin import VANISHED
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import PutSeller, StopSeller
from ocop_sync.marketplace.listing import Listing, Seller, StarClaim
from tests.unit.engine.examples import (
    evaluated,
    make_listing,
    make_offer,
    make_reason,
    make_state,
    make_wanted,
    never_sent,
    unwanted,
)

SKU = frozenset({"SP-00001-1"})
ENDED = make_reason("E02", key="ended")


def taken(wanted: Wanted, state: State | None = None) -> Removal:
    """Return what is taken, of a product that is live as it should be by default."""
    taking = removal_of(evaluated(wanted, state or make_state()))
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
    assert taken(unwanted(**differences)).fingerprint != taken(unwanted()).fingerprint


def test_what_was_seen_is_part_of_the_reason() -> None:
    text = Text("Thiếu giấy mẫu", "Lacks the sample paper")
    finding = Finding(outcome=Outcome.BLOCK, seen=text, todo=text)
    other = make_reason("E04", _finding=finding)

    assert taken(unwanted(reason=other)).fingerprint != taken(unwanted()).fingerprint


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
    assert (
        taken(unwanted(), make_state(shown)).fingerprint
        != taken(unwanted()).fingerprint
    )


@pytest.mark.parametrize(
    "shown",
    [
        make_listing(title="Khác", stars=None, pictures=()),
        make_listing(stars=None),
    ],
    ids=["text", "pictures"],
)
def test_another_text_without_the_claim_is_another(shown: Listing) -> None:
    assert taken(unclaimed(shown)).fingerprint != taken(unclaimed()).fingerprint


def test_other_stars_beside_what_is_taken_are_another() -> None:
    three = with_stock(0, stars=StarClaim(stars=3))

    assert taken(emptied(three)).fingerprint != taken(emptied()).fingerprint


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
    assert len({each.fingerprint for each in kinds}) == 3


def gone() -> State:
    return make_state(found=Found.ABSENT, absent_reads=2)


def test_another_listing_made_anew_is_another() -> None:
    one = taken(make_wanted(), gone())

    assert one.kinds == ("create",)
    assert (
        taken(make_wanted(make_listing(title="Khác")), gone()).fingerprint
        != one.fingerprint
    )
    assert (
        taken(make_wanted(make_listing(stars=None)), gone()).fingerprint
        != one.fingerprint
    )


# Sales go on


@pytest.mark.parametrize("count", [0, 1, 9, 10_000])
def test_stock_is_no_part_of_a_withdrawal(count: int) -> None:
    state = make_state(with_stock(count))

    assert taken(unwanted(), state).fingerprint == taken(unwanted()).fingerprint


@pytest.mark.parametrize("count", [0, 1, 9, 10_000])
def test_stock_is_no_part_of_a_claim_off(count: int) -> None:
    fewer = with_stock(count, stars=None, pictures=())

    assert (
        taken(unclaimed(fewer, uncounted=SKU)).fingerprint
        == taken(unclaimed()).fingerprint
    )


@pytest.mark.parametrize("count", [1, 9, 10_000])
def test_what_is_lost_of_a_stock_is_no_part_of_setting_it_to_zero(count: int) -> None:
    state = make_state(with_stock(count))

    assert taken(emptied(), state).fingerprint == taken(emptied()).fingerprint


@pytest.mark.parametrize("count", [0, 1, 10_000])
def test_stock_is_no_part_of_what_is_made_anew(count: int) -> None:
    one = taken(make_wanted(), gone())

    assert taken(make_wanted(with_stock(count)), gone()).fingerprint == one.fingerprint


def test_a_price_is_no_part_of_what_is_taken() -> None:
    dearer = make_listing(variants=(make_offer(price_vnd=50_000),))

    assert (
        taken(unwanted(), make_state(dearer)).fingerprint
        == taken(unwanted()).fingerprint
    )


# The fingerprints of a plan


def fingerprints(wanted: Wanted, state: State | None = None) -> dict[str, str]:
    """Return the fingerprint of each change, by its kind."""
    evaluation = evaluated(wanted, state or make_state())
    return {
        each.change.kind.value: fingerprint_of_change(evaluation, each)
        for each in evaluation.changes
    }


def down() -> State:
    return make_state(found=Found.DOWN_BY_US)


def offer(**differences: Any) -> Listing:
    return make_listing(variants=(make_offer(**differences),))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        pytest.param(
            "update",
            [make_wanted(make_listing(title="Mới"))],
            [make_wanted(make_listing(title="Mới hơn"))],
            id="what is written",
        ),
        pytest.param(
            "update",
            [make_wanted(make_listing(title="Mới"))],
            [
                make_wanted(make_listing(title="Mới")),
                make_state(make_listing(title="Cũ")),
            ],
            id="what it replaces",
        ),
        pytest.param(
            "set_price",
            [make_wanted(offer(price_vnd=1))],
            [make_wanted(offer(price_vnd=2))],
            id="price",
        ),
        pytest.param(
            "set_price",
            [make_wanted(offer(price_vnd=1))],
            [make_wanted(offer(price_vnd=1)), make_state(offer(price_vnd=9))],
            id="price that it replaces",
        ),
        pytest.param(
            "set_stars",
            [make_wanted(make_listing(stars=StarClaim(stars=3)))],
            [make_wanted(make_listing(stars=StarClaim(stars=5)))],
            id="stars",
        ),
        pytest.param(
            "withdraw",
            [unwanted()],
            [unwanted(), make_state(make_listing(title="Khác"))],
            id="what is lost",
        ),
        pytest.param(
            "withdraw", [unwanted()], [unwanted(reason=ENDED)], id="why it is lost"
        ),
        pytest.param(
            "create",
            [make_wanted(), never_sent()],
            [make_wanted(make_listing(title="Khác")), never_sent()],
            id="what is new",
        ),
        pytest.param(
            "create",
            [make_wanted(), never_sent()],
            [make_wanted(offer(price_vnd=1)), never_sent()],
            id="for how much",
        ),
        pytest.param(
            "create",
            [make_wanted(), never_sent()],
            [make_wanted(make_listing(stars=None)), never_sent()],
            id="with which stars",
        ),
        pytest.param(
            "republish",
            [make_wanted(), down()],
            [make_wanted(make_listing(title="Khác")), down()],
            id="what comes back",
        ),
        pytest.param(
            "republish",
            [make_wanted(), down()],
            [make_wanted(offer(price_vnd=1)), down()],
            id="for how much it comes back",
        ),
        pytest.param(
            "set_stock",
            [make_wanted(with_stock(0))],
            [emptied()],
            id="that it is taken from buyers",
        ),
        pytest.param(
            "set_stock",
            [make_wanted(with_stock(3))],
            [
                make_wanted(with_stock(3), product_id="SP-00002"),
                make_state(product_id="SP-00002"),
            ],
            id="product",
        ),
    ],
)
def test_another_change_is_not_what_was_reviewed(
    kind: str, one: list[Any], other: list[Any]
) -> None:
    assert fingerprints(*one)[kind] != fingerprints(*other)[kind]


@pytest.mark.parametrize("count", [1, 3, 10_000])
@pytest.mark.parametrize(
    ("kind", "state"),
    [("set_stock", make_state()), ("create", never_sent()), ("republish", down())],
)
def test_stock_is_in_no_print_of_a_plan(kind: str, state: State, count: int) -> None:
    one = fingerprints(make_wanted(with_stock(2)), state)[kind]

    assert fingerprints(make_wanted(with_stock(count)), state)[kind] == one


def test_changes_of_one_kind_are_none_of_another() -> None:
    wanted = make_wanted(
        make_listing(
            title="Khác", stars=StarClaim(stars=3), variants=(make_offer(price_vnd=1),)
        )
    )

    assert len({*fingerprints(wanted).values()}) == len(fingerprints(wanted)) == 3


def test_what_is_sent_first_changes_no_other_fingerprint() -> None:
    more = (make_offer(price_vnd=1), make_offer(sku="SP-00001-2"))
    wanted = make_wanted(make_listing(title="Khác", stars=None, variants=more))
    all_ = fingerprints(wanted)
    evaluation = evaluated(wanted, make_state())

    for planned in evaluation.changes:
        state = make_state(sent=planned.values, confirmed=planned.values)
        left = fingerprints(wanted, state)
        assert left.items() <= all_.items()
        assert planned.change.kind.value not in left


def test_a_seller_is_reviewed_with_its_profile() -> None:
    profile = Seller(
        client_ref="CS-0001", name="Cơ sở Mẫu", kind="HO", address="Xã Mẫu"
    )
    put = PutSeller(client_ref="CS-0001", seller=profile)
    others: list[PutSeller | StopSeller] = [
        PutSeller(client_ref="CS-0001", seller=replace(profile, name="Khác")),
        PutSeller(client_ref="CS-0002", seller=replace(profile, client_ref="CS-0002")),
        StopSeller(client_ref="CS-0001", reason="Mẫu"),
    ]

    assert fingerprint_of_seller(put) not in {
        fingerprint_of_seller(each) for each in others
    }


@pytest.mark.parametrize(
    ("misfits", "fitting", "stale"),
    [(0, 0, False), (0, 9, False), (1, 1, False), (2, 1, True), (1, 0, True)],
)
def test_a_plan_is_stale_when_more_than_half_of_it_does_not_fit(
    misfits: int, fitting: int, stale: bool
) -> None:
    assert is_stale(misfits, fitting) is stale


def test_what_is_reviewed_goes_once() -> None:
    wanted = make_wanted(make_listing(title="Khác"))
    evaluation = evaluated(wanted, make_state())
    (planned,) = evaluation.changes
    reviewed = Reviewed({("SP-00001", "update"): fingerprints(wanted)["update"]})
    assert reviewed.has(evaluation, planned)

    reviewed.sent(planned.change)

    assert not reviewed.has(evaluation, planned)
    assert (reviewed.remaining, list(reviewed.products())) == ((), [])


def test_what_comes_back_on_sale_goes_last() -> None:
    wanted = make_wanted(make_listing(title="Khác"))
    evaluation = evaluated(wanted, down())
    update, republish = evaluation.changes
    reviewed = Reviewed(
        {("SP-00001", "republish"): fingerprints(wanted, down())["republish"]}
    )

    assert reviewed.fits(evaluation, republish)
    assert not reviewed.has(evaluation, republish)
    assert not reviewed.has(evaluation, update)


# What is under way stays what it is


@pytest.mark.parametrize(
    "half",
    [make_listing(stars=None), make_listing(pictures=())],
    ids=["the stars are off", "the pictures are off"],
)
def test_a_claim_that_is_half_off_is_the_same(half: Listing) -> None:
    rest = taken(unclaimed(), make_state(half))

    assert rest.kinds != taken(unclaimed()).kinds
    assert rest.fingerprint == taken(unclaimed()).fingerprint


def test_a_listing_that_leaves_its_review_is_the_same() -> None:
    reviewed = make_state(found=Found.IN_REVIEW, confirmed=None)

    assert taken(unwanted(), reviewed).fingerprint == taken(unwanted()).fingerprint


def test_values_in_another_order_are_the_same() -> None:
    state = make_state()
    assert state.sent is not None
    turned = {name: dict(reversed(v.items())) for name, v in state.sent.items()}

    other = make_state(sent=turned, confirmed=turned)

    assert taken(unwanted(), other).fingerprint == taken(unwanted()).fingerprint


# Why, in words


def why(evaluation: Evaluation) -> tuple[str, str]:
    found = why_of(evaluation)
    return found.code, found.seen.en


def test_a_rule_says_why() -> None:
    assert why(evaluated(unwanted(), make_state())) == ("E04", "Has no sample paper")


def test_what_cannot_be_shown_says_so() -> None:
    wish = unwanted(reason=ENDED, problem=Hold.NO_PRICE, cause="no_price")

    assert why(evaluated(wish, make_state())) == ("no_price", "No price is known")


def test_a_zero_that_nobody_counted_says_so() -> None:
    code, seen = why(evaluated(emptied(), make_state()))

    assert (code, "without the time of a count" in seen) == ("catalog", True)


def test_what_vanished_says_so() -> None:
    assert why(evaluated(make_wanted(), gone()))[0] == VANISHED


# All of a group


def test_a_checksum_stands_for_every_print_in_order() -> None:
    fingerprints = ["a", "b", "c"]

    others = [["a", "b"], ["a", "b", "d"], ["b", "a", "c"], ["ab", "c"], []]

    assert checksum(iter(fingerprints)) == checksum(fingerprints)
    assert checksum(fingerprints) not in {checksum(other) for other in others}
