"""Advice is added to a marketplace's words, as far as its code and field tell."""

import re
from pathlib import Path

import pytest

from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.reasons.reason import held_of, of_obstacle
from ocop_sync.engine.reasons.remedy import REMEDIES, todo_of
from ocop_sync.marketplace.listing import Problem
from tests.unit.engine.examples import make_state

ROOT = Path(__file__).parents[3]


def problem(code: str = "", field: str = "", message: str = "Lời của sàn") -> Problem:
    return Problem(code=code, message=message, field=field)


ASKED_FOR = {
    "price_too_low of price": (problem("price_too_low", "price"), "price"),
    "images[2]": (problem("picture", "images[2]"), "picture"),
    "IMAGE_TOO_SMALL": (problem("IMAGE_TOO_SMALL", "IMAGES"), "picture"),
    "a paper, of the claim": (problem("PAPER_MISSING", "OCOP"), "held retry"),
    "a wrong claim": (problem("OCOP_INVALID", "OCOP"), "stars"),
    "a claim that was right": (problem("OCOP_INVALID", "OCOP"), "held retry"),
    "a pack's price": (problem("invalid_type", "variants[0].price_vnd"), "price"),
    "a pack": (problem("SKU_NOT_FOUND", "VARIANTS"), "SKU"),
    "CAT_ID": (problem("CAT_ID_REJECTED", "CAT_ID"), "category"),
    "a forbidden word in a description": (
        problem("forbidden_word", "description"),
        "forbidden",
    ),
    "a duplicate": (problem("duplicate_sku", "sku"), "twins"),
    "locked": (problem("PRODUCT_LOCKED"), "lift"),
    "a seller": (problem("invalid_format", "commune_code"), "profile"),
    "a name": (problem("NAME_REJECTED", "NAME"), "name"),
    "only a field": (problem("422", "description"), "description"),
    "stock": (problem("STOCK_RESERVED", "VARIANTS"), "stock"),
}


@pytest.mark.parametrize("what", ASKED_FOR)
def test_what_to_do_follows_from_code_and_field(what: str) -> None:
    refusal, word = ASKED_FOR[what]

    todo = todo_of([refusal])

    assert todo is not None
    assert word in todo.en


def test_a_sellers_problem_names_no_command_for_products() -> None:
    todo = todo_of([problem("PAPER_MISSING")], of_seller=True)

    assert todo is not None
    assert "ocop-sync" not in todo.en


def test_what_nobody_knows_gets_the_advice_of_the_hold() -> None:
    state = make_state(problems=(problem("MODERATOR"),))

    reason = of_obstacle(held_of(Hold.REFUSED, state, group=None, seller=()))

    assert todo_of([problem("MODERATOR")]) is None
    assert reason.todo == HOLD_WORDS[Hold.REFUSED].todo


@pytest.mark.parametrize("hold", [Hold.REFUSED, Hold.CHANGE_REFUSED, Hold.BANNED])
def test_the_words_of_the_marketplace_stay_and_what_to_do_is_added(hold: Hold) -> None:
    said = (problem("IMAGE_BLURRED", "IMAGES", "Ảnh mờ"), problem("price", "price"))

    reason = of_obstacle(
        held_of(hold, make_state(problems=said), group=None, seller=())
    )

    assert reason.seen.vi.endswith(
        "(ảnh (IMAGES): «Ảnh mờ»; giá (price): «Lời của sàn»)"
    )
    assert "Thay ảnh" in reason.todo.vi
    assert "xem lại giá" in reason.todo.vi
    assert "Replace the picture" in reason.todo.en


def test_a_refused_seller_is_told_what_to_do_as_well() -> None:
    said = [problem("invalid_format", "commune_code")]

    held = held_of(Hold.SELLER_REFUSED, make_state(), group=None, seller=iter(said))

    assert "profile" in of_obstacle(held).todo.en


def test_the_same_is_not_said_twice() -> None:
    twice = todo_of([problem("price_too_low", "price"), problem("price", "price")])

    assert twice is not None
    assert "; " not in twice.en


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda each: min(each.words))
def test_every_remedy_is_worded_in_both_languages(remedy: object) -> None:
    todo = next(each.todo for each in REMEDIES if each is remedy)

    assert todo.vi != todo.en
    assert not {todo.vi[-1], todo.en[-1]} & set(".;:")


def test_every_command_that_is_advised_exists() -> None:
    advised = {
        name
        for each in REMEDIES
        for name in re.findall(r"`ocop-sync (\w+) [^`]+`", each.todo.en)
    }

    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert advised == {"twins", "mapping"}
    assert all(f"`ocop-sync {name} " in operations for name in advised)
