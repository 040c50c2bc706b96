"""The budget: the removals that pass, and those that a person approves.

The removals of the last 24 hours and the approvals are the service's.
"""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.eligibility import Reason, Text
from ocop_sync.engine.approval.budget import (
    Budget,
    HeldCause,
    Removal,
    has_removals,
    hold_groups,
    is_exempt,
    removal_of,
)
from ocop_sync.engine.approval.review import Why
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import Found, Want
from ocop_sync.engine.wanted.origin import VANISHED, Cause
from ocop_sync.marketplace.listing import StarClaim
from tests.factories import AT
from tests.unit.engine.examples import (
    evaluated,
    make_listing,
    make_offer,
    make_reason,
    make_state,
    make_wanted,
    unwanted,
)

WEEK = timedelta(days=7)
BARE = make_listing(stars=None, pictures=())


def make_taking(product_id: str, cause: str, fingerprint_: str) -> Removal:
    return Removal(
        product_id=product_id,
        cause=Cause(cause),
        kinds=("withdraw",),
        why=Why(cause, Text("Mẫu", "Sample")),
        fingerprint=fingerprint_,
    )


def takings(**sizes: int) -> list[Removal]:
    """Return as many takings of each cause."""
    return [
        make_taking(f"{cause}-{n:03}", cause, f"{cause} {n}")
        for cause, size in sizes.items()
        for n in range(size)
    ]


def held(
    asked: list[Removal], allowance: int = 5, vanishing: int = 5
) -> dict[str, HeldCause]:
    """Return what is held, by cause."""
    groups = hold_groups(asked, allowance=allowance, vanishing=vanishing)
    assert len({group.cause for group in groups}) == len(groups)
    return {group.cause: group for group in groups}


# How much


@pytest.mark.parametrize(
    ("live", "taken", "vanished"),
    [
        *[(0, 5, 5), (1, 5, 5), (50, 5, 5), (59, 5, 5), (60, 6, 5), (69, 6, 5)],
        *[(119, 11, 5), (120, 12, 6), (267, 26, 13), (20_000, 2_000, 1_000)],
    ],
)
def test_a_tenth_or_five_may_be_taken_and_half_of_that_may_vanish(
    live: int, taken: int, vanished: int
) -> None:
    budget = Budget()

    assert (budget.allowance(live), budget.vanishing(live)) == (taken, vanished)


@given(st.integers(0, 100_000))
def test_no_listing_is_lost_in_rounding(live: int) -> None:
    assert Budget().allowance(live) == max(5, live // 10)
    assert Budget().vanishing(live) == max(5, live // 20)


def test_the_budget_is_counted_over_a_day() -> None:
    assert Budget() == Budget(
        window=timedelta(hours=24),
        min_changes=5,
        share=0.10,
        vanished_share=0.05,
        known_end=WEEK,
        approval_lasts=timedelta(hours=72),
    )


# Which groups


def test_what_fits_passes() -> None:
    assert held(takings(E04=5)) == {}
    assert held(takings(E04=3, E08=2)) == {}


def test_what_does_not_fit_is_held_whole() -> None:
    group = held(takings(E04=6))["E04"]

    assert group.hold is Hold.BUDGET
    assert group.product_ids == tuple(f"E04-{n:03}" for n in range(6))


@pytest.mark.parametrize(
    ("sizes", "allowance", "expected"),
    [
        pytest.param({"E08": 4, "E04": 3}, 5, {"E08"}, id="the smaller passes"),
        pytest.param({"E04": 4, "E08": 3}, 5, {"E04"}, id="whatever its name"),
        pytest.param({"E08": 3, "E04": 3}, 5, {"E08"}, id="then by name"),
        pytest.param({"A": 1, "B": 2, "C": 3, "D": 4}, 6, {"D"}, id="three fit"),
        pytest.param({"A": 1, "B": 9, "C": 4}, 5, {"B"}, id="the large one waits"),
        pytest.param({"A": 1}, 0, {"A"}, id="nothing is left"),
        pytest.param({"A": 1}, -3, {"A"}, id="more than that is gone"),
        pytest.param({"A": 2, "B": 1}, 1, {"A"}, id="one is left"),
    ],
)
def test_groups_pass_the_smallest_first(
    sizes: dict[str, int], allowance: int, expected: set[str]
) -> None:
    assert held(takings(**sizes), allowance).keys() == expected


groups_drawn = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(1, 9))


@given(groups_drawn, st.integers(-5, 30), st.randoms())
def test_what_passes_fits_and_no_smaller_group_is_held(
    sizes: dict[str, int], allowance: int, chance: random.Random
) -> None:
    asked = takings(**sizes)
    chance.shuffle(asked)

    stopped = held(asked, allowance)

    passed = {cause: size for cause, size in sizes.items() if cause not in stopped}
    assert sum(passed.values()) <= max(0, allowance)
    assert {c: len(g.product_ids) for c, g in stopped.items()} == {
        cause: size for cause, size in sizes.items() if cause in stopped
    }
    left = allowance - sum(passed.values())
    assert all(sizes[cause] > left for cause in stopped)
    assert max(passed.values(), default=0) <= min(
        (sizes[cause] for cause in stopped), default=99
    )


def test_what_vanished_has_a_gate_of_its_own() -> None:
    many = takings(**{VANISHED: 6})
    group = held(many, allowance=99)[VANISHED]

    assert (group.hold, len(group.product_ids)) == (Hold.VANISHED_MANY, 6)
    assert held(many, allowance=0, vanishing=6) == {}


def test_a_cause_that_must_be_asked_about_is_held_however_small() -> None:
    asked = takings(E04=1, E08=5)

    groups = hold_groups(asked, allowance=5, vanishing=5, must_ask={"E04"})

    assert [group.cause for group in groups] == ["E04"]


def test_creating_anew_uses_none_of_the_budget() -> None:
    asked = takings(**{VANISHED: 3, "E04": 5})

    assert held(asked, allowance=5) == {}
    assert held(takings(**{VANISHED: 9, "E04": 5}), allowance=5).keys() == {VANISHED}


# What a checksum stands for


def test_a_checksum_does_not_depend_on_the_order() -> None:
    asked = takings(E04=6)

    assert held(asked) == held(asked[::-1])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(takings(E04=7), id="one more product"),
        pytest.param([*takings(E04=6)[1:], *takings(E04=7)[6:]], id="another product"),
        pytest.param(
            [*takings(E04=5), make_taking("E04-005", "E04", "x")],
            id="something else is done",
        ),
    ],
)
def test_a_checksum_stands_for_each_product_and_what_is_done(
    other: list[Removal],
) -> None:
    assert held(other)["E04"].checksum != held(takings(E04=6))["E04"].checksum


# What is taken


@pytest.mark.parametrize("found", [Found.LIVE, Found.IN_REVIEW])
def test_a_withdrawal_takes_a_product(found: Found) -> None:
    taking = removal_of(evaluated(unwanted(), make_state(found=found)))

    assert taking is not None
    assert (taking.product_id, taking.cause) == ("SP-00001", "E04")


def test_a_product_is_taken_once_however_many_changes_it_needs() -> None:
    wanted = make_wanted(BARE, want=Want.WITHOUT_CLAIM, cause="E02@2024-02-28")
    evaluation = evaluated(wanted, make_state())

    taking = removal_of(evaluation)

    assert [planned.removes for planned in evaluation.changes] == [True, True]
    assert taking is not None
    assert taking.cause == "E02@2024-02-28"


@pytest.mark.parametrize(
    "listing",
    [
        make_listing(title="Khác"),
        make_listing(variants=(make_offer(price_vnd=1, stock=1),)),
        make_listing(stars=StarClaim(stars=3)),
    ],
    ids=["text", "price and fewer", "fewer stars"],
)
def test_what_only_changes_takes_nothing(listing: Any) -> None:
    assert removal_of(evaluated(make_wanted(listing), make_state())) is None


def test_what_is_held_or_done_takes_nothing() -> None:
    down = make_state(found=Found.DOWN_BY_US)

    assert removal_of(evaluated(make_wanted(), make_state())) is None
    assert removal_of(evaluated(unwanted(Want.OUT_OF_SCOPE), make_state())) is None
    assert removal_of(evaluated(unwanted(), down)) is None


def test_what_vanished_is_grouped_as_such() -> None:
    gone = make_state(found=Found.ABSENT, absent_reads=2)

    taking = removal_of(evaluated(make_wanted(cause="E04"), gone))

    assert taking is not None
    assert (taking.cause, taking.kinds) == (VANISHED, ("create",))
    assert taking.why.code == VANISHED


def test_what_takes_or_makes_anew_has_to_pass_the_gate() -> None:
    gone = make_state(found=Found.ABSENT, absent_reads=2)
    renamed = make_wanted(make_listing(title="Khác"))

    assert has_removals(evaluated(unwanted(), make_state()))
    assert has_removals(evaluated(make_wanted(), gone))
    assert not has_removals(evaluated(renamed, make_state()))


# What passes outside the budget


def exempt(
    reason: Reason | None, seen: datetime | None = None, *, by_person: bool = False
) -> bool:
    evaluation = evaluated(unwanted(reason=reason, by_person=by_person), make_state())
    return is_exempt(evaluation, seen, AT, Budget())


@pytest.mark.parametrize("reason", [make_reason("E15"), make_reason("E04"), None])
def test_what_a_person_entered_for_a_product_passes(reason: Reason | None) -> None:
    assert exempt(reason, by_person=True)


@pytest.mark.parametrize("seen", [None, AT - 9 * WEEK])
@pytest.mark.parametrize(
    "reason",
    [make_reason(code) for code in ("E00", "E03", "E04", "E11")] + [None],
    ids=str,
)
def test_all_else_is_counted(reason: Reason | None, seen: datetime | None) -> None:
    assert not exempt(reason, seen)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(None, False, id="never"),
        pytest.param(AT, False, id="today"),
        pytest.param(AT - WEEK + timedelta(seconds=1), False, id="a second too late"),
        pytest.param(AT - WEEK, True, id="for seven days"),
        pytest.param(AT - 9 * WEEK, True, id="for long"),
    ],
)
def test_an_end_passes_if_it_was_known_for_seven_days(
    seen: datetime | None, expected: bool
) -> None:
    assert exempt(make_reason("E02", key="ended"), seen) is expected
    assert not exempt(make_reason("E04", key="ended"), seen)


def test_how_long_an_end_must_be_known_can_be_set() -> None:
    evaluation = evaluated(
        unwanted(reason=make_reason("E02", key="ended")), make_state()
    )

    assert is_exempt(evaluation, AT, AT, Budget(known_end=timedelta(0)))


def test_a_certificate_that_begins_later_is_no_end_that_was_known() -> None:
    # A slip in an import can move every decision into the future.
    assert not exempt(make_reason("E02", key="not_yet"), AT - 9 * WEEK)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (None, True),
        (Hold.CLAIM_IN_NAME, True),
        (Hold.NO_CATEGORY, False),
        (Hold.NO_PRICE, False),
        (Hold.NO_STOCK_COUNT, False),
        (Hold.TITLE_TOO_LONG, False),
    ],
)
def test_what_goes_because_it_cannot_be_shown_is_no_end_that_was_known(
    problem: Hold | None, expected: bool
) -> None:
    # A category that is dropped by mistake would take every such listing at once.
    reason = make_reason("E02", key="ended")
    evaluation = evaluated(unwanted(reason=reason, problem=problem), make_state())

    assert is_exempt(evaluation, AT - 9 * WEEK, AT, Budget()) is expected


def test_zero_stock_that_was_counted_uses_no_budget() -> None:
    empty = make_listing(variants=(make_offer(stock=0),))
    sku = frozenset({"SP-00001-1"})

    counted = evaluated(make_wanted(empty), make_state())
    slipped = evaluated(make_wanted(empty, uncounted=sku), make_state())

    assert removal_of(counted) is None
    assert removal_of(slipped) is not None
