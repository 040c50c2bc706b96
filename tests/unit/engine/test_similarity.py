"""How alike two names are, one thing at a time; names here are made up.

How well all of it goes on real names is measured in
tests/integration/test_adoption.py.
"""

from itertools import permutations

import pytest

from ocop_sync.engine.matching.producer import Kinship, kinship
from ocop_sync.engine.matching.similarity import HOLDS, Offer, compare, keys_of
from ocop_sync.engine.matching.title import read_packs, read_title
from tests.unit.engine.examples import make_listing, make_offer

OURS = Offer(
    title="Chả mực giã tay Mẫu Hạ",
    maker="Công ty TNHH MTV Thương mại Hải sản Mẫu",
    seller_ref="CS-0001",
    packs=("Gói 500 g",),
)


def score(title: str, maker: str = "", *packs: str, seller_ref: str = "") -> int:
    found = Offer(title=title, maker=maker, seller_ref=seller_ref, packs=packs)
    return compare(OURS, found).score


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("CHẢ MỰC GIÃ TAY MẪU HẠ", id="capitals"),
        pytest.param("Cha muc gia tay Mau Ha", id="no accents"),
        pytest.param("Mẫu Hạ - chả mực giã tay", id="another order"),
        pytest.param("[HOT] Chả mực giã tay Mẫu Hạ chính hãng, giá rẻ", id="praise"),
        pytest.param("Chả mực giã tay Mẫu Hạ OCOP 4 sao", id="a claim"),
        pytest.param("Combo 3 hộp chả mực giã tay Mẫu Hạ 200g", id="a pack"),
        pytest.param("Chả mực giã tay Mẫu Hạ (HTX Lạ)", id="in another's words"),
    ],
)
def test_what_is_around_a_name_takes_nothing_from_it(title: str) -> None:
    alike = compare(Offer(title=OURS.title), Offer(title=title))

    assert alike.score == 100
    assert alike.agrees_on == ("name",)


def test_an_unaccented_word_is_no_other_and_another_accent_is() -> None:
    coconut, pineapple = Offer(title="Mứt dừa Mẫu"), Offer(title="Mứt dứa Mẫu")
    bare = Offer(title="Mứt dua Mẫu")

    assert compare(coconut, bare).score == compare(pineapple, bare).score == 100
    assert compare(coconut, pineapple).score < 90


@pytest.mark.parametrize(
    ("slip", "other"),
    [
        pytest.param("Chả mực giã tay Mãu Hạ", "Chả mực giã tay Mẫu", id="accent"),
        pytest.param("Chả mực dã tay Mẫu Hạ", "Chả mực xay Mẫu Hạ", id="as it sounds"),
        pytest.param("Chả mựcc giã tay Mẫu Hạ", "Chả cá giã tay Mẫu Hạ", id="a letter"),
        pytest.param("Chả mực giãtay Mẫu Hạ", "Chả mực giã Mẫu Hạ", id="a space"),
    ],
)
def test_a_slip_of_the_pen_is_likelier_than_another_word(slip: str, other: str) -> None:
    assert score(slip) > score(other)
    assert score(slip) >= HOLDS


def test_a_number_is_never_a_slip_of_the_pen() -> None:
    strong = Offer(title="Rượu Mẫu Hạ 39 độ")

    assert compare(strong, Offer(title="Rượu Mẫu Hạ 29 độ")).score < 80


def test_a_word_that_comes_first_says_what_the_thing_is() -> None:
    duck = Offer(title="Vịt trời Mẫu Hạ")

    first = compare(duck, Offer(title="Trứng vịt trời Mẫu Hạ")).score
    last = compare(duck, Offer(title="Vịt trời Mẫu Hạ nướng")).score

    assert first < last


def test_a_word_in_the_place_of_another_costs_more_than_one_left_out() -> None:
    left_out = score("Chả mực Mẫu Hạ")
    swapped = score("Chả mực hấp chín Mẫu Hạ")

    assert swapped < left_out


@pytest.mark.parametrize(
    ("maker", "kin"),
    [
        pytest.param("Cty TNHH MTV TM Hải sản Mẫu", Kinship.SAME, id="abbreviated"),
        pytest.param("CTY TNHH HAI SAN MAU", Kinship.SAME, id="without its trade"),
        pytest.param("Hải sản Mẫu Official", Kinship.SAME, id="its shop"),
        pytest.param("Chợ quê", Kinship.UNKNOWN, id="a shop"),
        pytest.param("", Kinship.UNKNOWN, id="nobody"),
        pytest.param("HTX Hải sản Mẫu", Kinship.UNKNOWN, id="another legal form"),
        pytest.param("HTX Rau quả Lạ", Kinship.OTHER, id="another maker"),
        pytest.param("Cty CP Dược liệu Xa", Kinship.OTHER, id="another firm"),
    ],
)
def test_only_a_name_with_a_legal_form_is_surely_another_maker_s(
    maker: str, kin: Kinship
) -> None:
    assert kinship(OURS.maker, maker) is kin


def test_a_brand_in_brackets_is_a_name_of_its_own() -> None:
    maker = "Công ty TNHH Sản xuất Thủy sản Mẫu (Mauvabi)"

    assert kinship(maker, "MAUVABI OFFICIAL") is Kinship.SAME


def test_the_same_name_of_another_maker_is_not_alike_enough() -> None:
    same = "Chả mực giã tay Mẫu Hạ"

    assert score(same, "Cty TNHH Hải sản Mẫu") == 100
    assert score(same, "HTX Rau quả Lạ") < HOLDS
    assert score(f"{same} - HTX Rau quả Lạ", "Chợ quê") < HOLDS
    assert score(same, "Gian hàng", seller_ref="CS-0002") < HOLDS


def test_a_maker_s_own_reference_says_more_than_a_shop_s_name() -> None:
    near = "Chả mực Mẫu Hạ"

    assert score(near, "HTX Rau quả Lạ", seller_ref="CS-0001") > score(near)


def test_a_title_that_names_our_maker_is_likelier() -> None:
    near = "Chả mực giã tay"

    assert score(f"{near} Hải sản Mẫu", "Chợ quê") > score(near, "Chợ quê")


def test_another_pack_is_a_weaker_match_and_not_another_name() -> None:
    same = score("Chả mực Mẫu Hạ 0,5 kg")
    unsaid = score("Chả mực Mẫu Hạ")
    other = score("Chả mực Mẫu Hạ 1kg")

    assert same > unsaid > other
    assert score(f"{OURS.title} 1kg") >= HOLDS


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("500g", {"500 g"}),
        ("Hộp 0,5 kg", {"500 g"}),
        ("gói 500 gram", {"500 g"}),
        ("GÓI 500GR", {"500 g"}),
        ("1.000g", {"1000 g"}),
        ("1 lít", {"1000 ml"}),
        ("can 1.5L", {"1500 ml"}),
        ("24 chai x 330ml", {"330 ml"}),
        ("0.500 kg", {"500 g"}),
        ("10 quả", set()),
        ("29 độ", set()),
        ("B12g5", set()),
    ],
)
def test_packs_are_read_as_they_are_written(text: str, amounts: set[str]) -> None:
    assert read_packs(text) == amounts
    assert read_title(f"Măng khô Mẫu {text}").packs == amounts


def test_an_order_of_words_that_differs_hides_no_name() -> None:
    wanted = keys_of(make_listing(title="Măng khô rừng Mẫu"), "")

    for words in permutations(["măng", "khô", "rừng", "mẫu"]):
        assert wanted & keys_of(make_listing(title=" ".join(words), variants=()), "")


def test_one_word_that_is_misspelt_hides_no_name() -> None:
    wanted = keys_of(make_listing(title="Nấm kim châm", variants=()), "")

    for slip in ("Nắmm kim châm", "Nấm kjm châm", "Nấm kim chấn"):
        assert wanted & keys_of(make_listing(title=slip, variants=()), "")


def test_a_listing_without_sku_or_gtin_shares_none_with_another() -> None:
    bare = make_offer(sku="", gtin="")

    keys = keys_of(make_listing(title="", variants=(bare,)), "")

    assert keys == frozenset()


def test_a_title_of_any_length_has_a_bounded_number_of_keys() -> None:
    title = " ".join(f"lạ{n}" for n in range(100_000))

    assert len(keys_of(make_listing(title=title), "")) < 60


@pytest.mark.parametrize("title", ["", "500g", "!!!", "\u0301", "x" * 10_000])
def test_a_title_that_says_nothing_is_like_nothing(title: str) -> None:
    assert score(title) == 0
    assert compare(Offer(title=title), OURS).score == 0
