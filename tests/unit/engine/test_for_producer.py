"""Reasons as producers read them: no command, and who is to act."""

from dataclasses import replace

import pytest

from catalog.eligibility import Text, load_rules
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.for_producer import Doer, ProducerReason, for_producer
from ocop_sync.engine.reasons.reason import (
    Reason,
    Wait,
    of_obstacle,
    of_wait,
    with_trouble,
)
from ocop_sync.engine.reasons.remedy import REMEDIES
from ocop_sync.engine.wanted.wanted import Obstacle
from ocop_sync.marketplace.listing import Problem

_OF_STAFF = ("`", "ocop-sync", "held retry", "TÊN", "MÃ-SP")


def words(reason: ProducerReason) -> str:
    """Return all words of the advice."""
    return f"{reason.todo.vi} {reason.todo.en}"


@pytest.mark.parametrize("hold", list(Hold))
def test_the_advice_for_a_hold_names_no_command_of_staff(hold: Hold) -> None:
    found = for_producer(of_obstacle(Obstacle(hold)))

    assert found.code == of_obstacle(Obstacle(hold)).code
    assert not any(each in words(found) for each in _OF_STAFF)


def test_no_advice_for_a_refusal_names_a_command_of_staff() -> None:
    for remedy in REMEDIES:
        problem = Problem(code=remedy.words[0], message="x")
        refused = of_obstacle(Obstacle(Hold.REFUSED, "", (problem,)))
        assert not any(each in words(for_producer(refused)) for each in _OF_STAFF)


def test_advice_for_just_what_a_marketplace_names_is_kept() -> None:
    problem = Problem(code="image", message="Ảnh mờ")
    refused = of_obstacle(Obstacle(Hold.REFUSED, "«Ảnh mờ»", (problem,)))

    found = for_producer(refused)

    assert found.todo == refused.todo
    assert "Ảnh mờ" in found.seen.vi
    assert found.who is Doer.PRODUCER


def test_every_rule_has_an_advice_of_its_own_or_the_general_one() -> None:
    rule = Reason(
        code="E99",
        outcome="block",
        known=True,
        seen=Text("thấy", "seen"),
        todo=Text("`lệnh`", "`command`"),
    )
    general = for_producer(rule)

    assert general.who is Doer.DEPARTMENT
    for code in load_rules().rules:
        found = for_producer(replace(rule, code=code))
        assert (found.seen, "`" in words(found)) == (rule.seen, False)


def test_trouble_of_an_account_is_told_without_its_cause() -> None:
    waits = of_wait(Wait.PENDING)
    failing = with_trouble(waits, "voso:CS-04", Text("Sửa", "Mend"))

    plain, troubled = for_producer(waits), for_producer(failing)

    assert (plain.who, troubled.who) == (Doer.NOBODY, Doer.DEPARTMENT)
    assert "voso:CS-04" not in str(troubled)
    assert troubled.seen.en.startswith(plain.seen.en)


@pytest.mark.parametrize("wait", [Wait.IN_REVIEW, Wait.SELLER_IN_REVIEW])
def test_a_review_is_for_the_marketplace_to_end(wait: Wait) -> None:
    assert for_producer(of_wait(wait)).who is Doer.MARKETPLACE
