"""A marketplace's complaint, with the field in words that a clerk knows."""

import pytest

from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.reason import held_of, of_obstacle
from ocop_sync.engine.state.problem_words import as_stored, as_text
from ocop_sync.marketplace.listing import Problem
from tests.unit.engine.examples import make_state

FIELDS = {
    "name": "tên sản phẩm (name)",
    "images[2]": "ảnh (images[2])",
    "variants[0].price_vnd": "giá (variants[0].price_vnd)",
    "VARIANTS[1].SKU": "mã hàng (VARIANTS[1].SKU)",
    "seller.address": "địa chỉ cơ sở (seller.address)",
    "x_11": "x_11",
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_called_as_a_person_calls_it(field: str) -> None:
    said = as_text([Problem(code="x", message="Sai", field=field)])

    assert said.vi == f"{FIELDS[field]}: «Sai»"


def test_a_complaint_without_field_or_words_is_told_as_it_is() -> None:
    problems = [Problem(code="NAME_BAD", message=""), Problem(code="", message="Mờ")]

    assert as_text(problems).en == "«NAME_BAD»; «Mờ»"
    assert as_stored(problems) == "NAME_BAD; Mờ"
    assert (
        as_stored([Problem(code="", message="Mờ", field="images[0]")])
        == "images[0]: Mờ"
    )


def test_a_held_refusal_names_its_field_in_each_language() -> None:
    problem = Problem(code="TOO_LONG", message="Quá 120 ký tự", field="name")
    held = held_of(Hold.REFUSED, make_state(problems=(problem,)), group=None, seller=())

    seen = of_obstacle(held).seen

    assert seen.vi.endswith("(tên sản phẩm (name): «Quá 120 ký tự»)")
    assert seen.en.endswith("(product name (name): «Quá 120 ký tự»)")
