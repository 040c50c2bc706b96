"""An edit of somebody at the marketplace is not written over unasked.

The answer to an edit of a live listing is tested in test_diff.py.
"""

import pytest

from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim
from tests.unit.engine.examples import (
    edited_there,
    evaluated,
    kinds_of,
    make_listing,
    make_offer,
    make_wanted,
)

TITLE = make_listing(title="Sửa")
PRICE = make_listing(variants=(make_offer(price_vnd=60_000),))
STARS = make_listing(stars=StarClaim(stars=5))


@pytest.mark.parametrize("edit", [TITLE, PRICE], ids=["content", "price"])
def test_what_is_down_and_was_edited_there_is_asked_about(edit: Listing) -> None:
    state = edited_there(edit, found=Found.DOWN_BY_US)

    evaluation = evaluated(make_wanted(), state)

    assert evaluation.decision is Decision.REPUBLISH
    assert (evaluation.changes, evaluation.hold) == ((), Hold.EDITED_THERE)


def test_what_is_down_is_put_right_where_nobody_has_to_be_asked() -> None:
    state = edited_there(STARS, found=Found.DOWN_BY_US)

    evaluation = evaluated(make_wanted(), state)

    assert (kinds_of(evaluation), evaluation.hold) == (["set_stars", "republish"], None)


def test_what_is_submitted_again_does_not_put_back_what_was_sold() -> None:
    state = edited_there(
        make_listing(variants=(make_offer(stock=7),)),
        found=Found.REFUSED,
        refused={"create": "earlier"},
    )

    evaluation = evaluated(make_wanted(), state)

    assert (kinds_of(evaluation), evaluation.hold) == (["update"], None)


def test_an_edit_that_is_as_wanted_is_not_asked_about() -> None:
    state = edited_there(TITLE, found=Found.DOWN_BY_US)

    evaluation = evaluated(make_wanted(TITLE), state)

    assert (kinds_of(evaluation), evaluation.hold) == (["republish"], None)


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [(Policy.ACCEPT, ["republish"]), (Policy.REPAIR, ["update", "republish"])],
)
def test_what_is_down_goes_up_by_the_policy_of_what_was_edited(
    policy: Policy, kinds: list[str]
) -> None:
    state = edited_there(TITLE, found=Found.DOWN_BY_US)

    evaluation = evaluated(
        make_wanted(), state, policy={**DEFAULT_POLICY, Facet.CONTENT: policy}
    )

    assert (kinds_of(evaluation), evaluation.hold) == (kinds, None)
