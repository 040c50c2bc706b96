"""What a marketplace has refused to do, and when it is asked again.

What becomes of refused facets and new listings is tested in test_diff.py.
"""

from dataclasses import replace

import pytest

from catalog.eligibility import Finding, Outcome, Text
from ocop_sync.engine.decide import Found
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.outcome import after_intent, after_result
from ocop_sync.engine.state import State
from ocop_sync.engine.wanted import Wanted
from ocop_sync.marketplace.result import Refused
from tests.factories import AT
from tests.unit.engine.examples import (
    WORDS,
    judged,
    kinds_of,
    make_listing,
    make_reason,
    make_state,
    make_wanted,
    unwanted,
)


def refuse_first(wanted: Wanted, state: State) -> State:
    """Return the state once the marketplace has refused what is due."""
    planned = judged(wanted, state).changes[0]
    sent = after_intent(state, planned.change, planned.values, "memory", AT)
    return after_result(sent, planned.change, Refused(WORDS))


@pytest.mark.parametrize(
    ("wanted", "state", "kind"),
    [
        (unwanted(), make_state(), "withdraw"),
        (unwanted(), make_state(found=Found.IN_REVIEW, ticket="T-1"), "withdraw"),
        (make_wanted(), make_state(found=Found.DOWN_BY_US), "republish"),
    ],
)
def test_what_is_refused_as_such_is_not_asked_again(
    wanted: Wanted, state: State, kind: str
) -> None:
    free, held = judged(wanted, state), judged(wanted, refuse_first(wanted, state))

    assert (kinds_of(free), free.hold) == ([kind], None)
    assert (kinds_of(held), held.hold) == ([], Hold.CHANGE_REFUSED)


def test_a_refused_withdrawal_is_asked_again_for_another_reason() -> None:
    refused = refuse_first(unwanted(), make_state())
    text = Text("Đã tạm ngừng", "Paused")
    finding = Finding(outcome=Outcome.BLOCK, seen=text, todo=text)

    judgement = judged(unwanted(reason=make_reason(_finding=finding)), refused)

    assert kinds_of(judgement) == ["withdraw"]


def test_a_refused_cancelling_does_not_keep_what_was_approved_on_sale() -> None:
    in_review = make_state(found=Found.IN_REVIEW, ticket="T-1")
    refused = refuse_first(unwanted(), in_review)

    judgement = judged(unwanted(), replace(refused, found=Found.LIVE, ticket=""))

    assert kinds_of(judgement) == ["withdraw"]


def test_a_refused_republication_is_asked_again_once_it_would_show_something_else() -> (
    None
):
    refused = refuse_first(make_wanted(), make_state(found=Found.DOWN_BY_US))
    corrected = facet_values(make_listing(title="Sửa"))

    judgement = judged(
        make_wanted(make_listing(title="Sửa")),
        replace(refused, sent=corrected, confirmed=corrected),
    )

    assert kinds_of(judgement) == ["republish"]
