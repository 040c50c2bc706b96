"""Reasons of the verdict, the mapping and the marketplace stand in one list."""

from typing import Any

import pytest

from catalog.eligibility import Outcome, Verdict, evaluate, load_rules
from catalog.model.product import Label
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.reasons.reason import (
    MAPPING_CODES,
    Wait,
    at_place,
    held_of,
    of_obstacle,
    of_wait,
    reasons_of,
)
from ocop_sync.engine.state.quarantine import Failure, Way
from ocop_sync.engine.wanted.wanted import Obstacle
from ocop_sync.marketplace.listing import Problem
from tests.factories import (
    AT,
    NOT_SO,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
)
from tests.unit.engine.examples import (
    edited_there,
    make_listing,
    make_offer,
    make_state,
)

RULES = load_rules()


def verdict(**differences: object) -> Verdict:
    return evaluate(make_product(**differences), make_producer(), AT, RULES)


def test_all_reasons_stand_in_one_list_what_stops_it_first() -> None:
    ended = make_certificate(decided_on=AT.date().replace(year=2020))
    found = reasons_of(
        verdict(
            certificates=(ended,),
            papers=tuple(
                make_paper(each.kind, NOT_SO) for each in make_product().papers
            ),
            label=Label(),
        ),
        [Obstacle(Hold.TITLE_TOO_LONG, "31 > 30"), Obstacle(Hold.NO_PRICE)],
        Obstacle(Hold.REFUSED, "«Ảnh mờ»"),
        Wait.IN_REVIEW,
    )

    assert [(each.code, each.outcome) for each in found] == [
        ("E04", "block"),
        ("E05", "block"),
        ("M02", "hold"),
        ("no_price", "hold"),
        ("refused", "hold"),
        ("E02", "no_ocop_claim"),
        ("in_review", "wait"),
        ("E06", "warn"),
    ]


def test_each_reason_says_what_was_seen_and_what_to_do() -> None:
    (found,) = reasons_of(verdict(), [Obstacle(Hold.TITLE_TOO_LONG, "31 > 30")])

    words = HOLD_WORDS[Hold.TITLE_TOO_LONG]
    assert (found.seen.vi, found.seen.en) == (
        f"{words.seen.vi} (31 > 30)",
        f"{words.seen.en} (31 > 30)",
    )
    assert found.todo == words.todo


@pytest.mark.parametrize("hold", sorted({*MAPPING_CODES, Hold.NO_PRICE}))
def test_what_is_seen_anew_is_not_repeated_as_it_was_stored(hold: Hold) -> None:
    assert reasons_of(verdict(), (), Obstacle(hold)) == ()


def test_an_unknown_fact_is_named_by_its_rule() -> None:
    found = reasons_of(verdict(papers=()), (), Obstacle(Hold.UNKNOWN_FACT))

    assert [(each.code, each.known) for each in found] == [
        ("E04", False),
        ("E05", False),
    ]


def test_only_what_nothing_stops_waits_for_the_next_sync() -> None:
    price = [Obstacle(Hold.NO_PRICE)]

    assert [r.code for r in reasons_of(verdict(), wait=Wait.PENDING)] == ["pending"]
    assert [r.code for r in reasons_of(verdict(), price, wait=Wait.PENDING)] == [
        "no_price"
    ]
    assert [r.code for r in reasons_of(verdict(), price, wait=Wait.IN_REVIEW)] == [
        "no_price",
        "in_review",
    ]


WORDS = (Problem(code="x", message="Ảnh mờ"), Problem(code="y", message=""))
HELD: dict[str, tuple[Hold, dict[str, Any], str]] = {
    "refused": (Hold.REFUSED, {"problems": WORDS}, "«Ảnh mờ; y»"),
    "refused without a word": (Hold.REFUSED, {}, ""),
    "a change refused": (Hold.CHANGE_REFUSED, {"problems": WORDS}, "«Ảnh mờ; y»"),
    "banned": (Hold.BANNED, {"problems": WORDS}, "«Ảnh mờ; y»"),
    "a twin": (Hold.TWIN, {"twin_ref": "M7"}, "M7"),
    "its reference elsewhere": (Hold.UNLIKE, {"twin_ref": "M7"}, "M7"),
    "doubled": (Hold.DOUBLED, {"doubled_ref": "M2"}, "M000001, M2"),
    "moved": (Hold.MOVED, {"seller_ref": "CS-0009"}, "CS-0009"),
    "taken down": (Hold.TAKEN_DOWN, {}, "M000001"),
    "nothing to name": (Hold.ORPHAN, {"problems": WORDS}, ""),
}


@pytest.mark.parametrize("what", HELD)
def test_a_hold_is_told_with_what_is_known_of_it(what: str) -> None:
    hold, differences, measured = HELD[what]
    state = make_state(**differences)

    assert held_of(hold, state, group=None, seller=())[:2] == (hold, measured)


def test_a_group_is_named_by_its_number_and_a_seller_by_its_refusal() -> None:
    state = make_state()

    assert held_of(Hold.BUDGET, state, group=7, seller=()).measured == "#7"
    seller = held_of(Hold.SELLER_REFUSED, state, group=None, seller=WORDS)
    assert seller.measured == "«Ảnh mờ; y»"


def test_an_edit_there_is_told_with_what_stood_and_what_stands() -> None:
    edit = make_listing(
        title="Tên khác", variants=(make_offer(price_vnd=9), make_offer(sku="MỚI"))
    )

    found = held_of(Hold.EDITED_THERE, edited_there(edit), group=None, seller=())

    assert "title: Măng khô Mẫu → Tên khác" in found.measured
    assert "SP-00001-1: 45000 → 9" in found.measured
    assert "decision" not in found.measured


def test_a_long_edit_is_cut() -> None:
    edit = make_listing(description="x" * 61)

    found = held_of(Hold.EDITED_THERE, edited_there(edit), group=None, seller=())

    assert found.measured.endswith(f" → {'x' * 60}…")
    assert facet_values(edit) == edited_there(edit).edited


@pytest.mark.parametrize("wait", Wait)
def test_what_is_waited_for_is_worded_in_both_languages(wait: Wait) -> None:
    found = of_wait(wait)

    assert found.code == wait
    assert found.seen.vi != found.seen.en != ""
    assert found.outcome == "wait"


def test_no_code_of_a_marketplace_is_one_of_a_rule() -> None:
    codes = [of_obstacle(Obstacle(hold)).code for hold in Hold]

    assert len({*codes, *RULES.rules}) == len(Hold) + len(RULES.rules)
    assert {each.value for each in Outcome}.isdisjoint({"hold", "wait"})


def _failed(way: Way) -> Any:
    failure = Failure(of="a", error="e", way=way, words="HTTP 502", times=3, at=AT)
    state = make_state(failures={"set_price": failure})
    return of_obstacle(held_of(Hold.QUARANTINED, state, group=None, seller=()))


@pytest.mark.parametrize("way", [Way.UNANSWERED, Way.NOT_TAKEN])
def test_what_nobody_answered_is_not_called_a_complaint_of_the_marketplace(
    way: Way,
) -> None:
    reason = at_place(_failed(way), "voso", "SP-00001")

    assert reason.seen.vi.endswith("(«HTTP 502»)")
    assert "theo lời sàn" not in reason.todo.vi
    assert "mạng hoặc sàn không trả lời" in reason.todo.vi
    assert "`ocop-sync held retry voso SP-00001 --by TÊN`" in reason.todo.en


def test_what_the_marketplace_refused_three_times_asks_for_what_it_says() -> None:
    assert "theo lời sàn" in _failed(Way.REFUSED).todo.vi
