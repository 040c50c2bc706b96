"""The acts that a marketplace has refused, and when they are sent again.

Refused facets and new listings are tested in test_diff.py.
"""

import pytest

from catalog.eligibility import Finding, Outcome, Text
from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.transitions import after_intent, after_result
from ocop_sync.engine.state.fingerprints import fingerprint_of_new
from ocop_sync.engine.state.refusal import noted
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.result import Refused
from tests.factories import AT
from tests.unit.engine.examples import (
    WORDS,
    evaluated,
    kinds_of,
    make_change,
    make_listing,
    make_reason,
    make_state,
    make_wanted,
    unwanted,
)


def refuse_first(wanted: Wanted, state: State) -> State:
    """Return the state once the marketplace has refused what is due."""
    planned = evaluated(wanted, state).changes[0]
    sent = after_intent(
        state,
        planned.change,
        planned.values,
        "memory",
        AT,
        mapping_version=wanted.mapping_version,
    )
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
    free, held = (
        evaluated(wanted, state),
        evaluated(wanted, refuse_first(wanted, state)),
    )

    assert (kinds_of(free), free.hold) == ([kind], None)
    assert (kinds_of(held), held.hold) == ([], Hold.CHANGE_REFUSED)


def test_a_refused_withdrawal_is_asked_again_for_another_reason() -> None:
    refused = refuse_first(unwanted(), make_state())
    text = Text("Đã tạm ngừng", "Paused")
    finding = Finding(outcome=Outcome.BLOCK, seen=text, todo=text)

    evaluation = evaluated(unwanted(reason=make_reason(_finding=finding)), refused)

    assert kinds_of(evaluation) == ["withdraw"]


def test_a_refused_cancelling_does_not_keep_what_was_approved_on_sale() -> None:
    in_review = make_state(found=Found.IN_REVIEW, ticket="T-1")
    refused = refuse_first(unwanted(), in_review)

    evaluation = evaluated(unwanted(), replace(refused, found=Found.LIVE, ticket=""))

    assert kinds_of(evaluation) == ["withdraw"]


def test_a_refused_republication_is_asked_again_once_it_would_show_something_else() -> (
    None
):
    refused = refuse_first(make_wanted(), make_state(found=Found.DOWN_BY_US))
    corrected = facet_values(make_listing(title="Sửa"))

    evaluation = evaluated(
        make_wanted(make_listing(title="Sửa")),
        replace(refused, sent=corrected, confirmed=corrected),
    )

    assert kinds_of(evaluation) == ["republish"]


@pytest.mark.parametrize(
    ("sent_by", "wanted_by", "decision"),
    [
        pytest.param(1, 1, Hold.REFUSED, id="the same mapping"),
        pytest.param(1, 2, Decision.RESUBMIT, id="a new version"),
        pytest.param(2, 1, Decision.RESUBMIT, id="back to the version before"),
        pytest.param(0, 1, Hold.REFUSED, id="never sent by us, but adopted"),
    ],
)
def test_a_refused_listing_is_submitted_again_by_another_mapping(
    sent_by: int, wanted_by: int, decision: Decision
) -> None:
    wanted = make_wanted(mapping_version=wanted_by)
    fingerprint_ = noted(fingerprint_of_new(facet_values(make_listing())), sent_by)
    state = make_state(found=Found.REFUSED, refused={"create": fingerprint_})

    assert evaluated(wanted, state).decision is decision


def refuse_until_nothing_is_due(wanted: Wanted, state: State) -> tuple[State, int]:
    """Let the marketplace refuse all that is sent; count what is."""
    for sent in range(9):
        if not evaluated(wanted, state).changes:
            return state, sent
        state = refuse_first(wanted, state)
    return state, 9


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        (make_wanted(make_listing(title="Sửa")), make_state()),
        (unwanted(), make_state()),
        (make_wanted(), make_state(found=Found.DOWN_BY_US)),
    ],
    ids=["update", "withdraw", "republish"],
)
def test_a_new_mapping_has_what_was_refused_sent_once_more(
    wanted: Wanted, state: State
) -> None:
    first, second = (replace(wanted, mapping_version=version) for version in (1, 2))

    refused, sent = refuse_until_nothing_is_due(first, state)
    again, sent_again = refuse_until_nothing_is_due(second, refused)
    _, sent_at_last = refuse_until_nothing_is_due(second, again)

    assert (sent, sent_again, sent_at_last) == (1, 1, 0)


OF_LISTINGS = sorted(frozenset(Kind) - {Kind.PUT_SELLER, Kind.STOP_SELLER})


@pytest.mark.parametrize("kind", OF_LISTINGS)
def test_what_is_sent_is_noted_with_the_mapping_that_made_it(kind: Kind) -> None:
    before, values = make_state(mapping_version=1), facet_values(make_listing())

    after = after_intent(
        before, make_change(kind), values, "memory", AT, mapping_version=2
    )

    assert after.mapping_version == 2
