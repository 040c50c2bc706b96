"""How well listings made by hand are found again, on labelled pairs.

The way is that of a sync: keys in the database, candidates by keys, a score, the
threshold. The floors are the measured values, less one pair.
"""

import csv
import re
import unicodedata
from collections import Counter
from importlib.resources import files

import pytest

from benchmarks.adoption import Pair, measure, read_pairs
from tests.world import World

PAIRS = read_pairs()
SAME = {
    *("no_accents", "abbreviation", "word_order", "other_pack", "marketing"),
    *("typo", "caps", "nfd", "shortened", "maker_in_title"),
}
NOT_SAME = {"other_maker", "other_product", "other_variety", "similar_name"}


def ids(pairs: list[Pair]) -> list[str]:
    return [pair.pair for pair in pairs]


def test_there_are_enough_pairs_of_every_kind() -> None:
    kinds = {
        same: Counter(pair.kind for pair in PAIRS if pair.same is same)
        for same in (True, False)
    }

    assert len(PAIRS) >= 300
    assert (set(kinds[True]), set(kinds[False])) == (SAME, NOT_SAME)
    assert min(kinds[True].values()) >= 5
    assert min(kinds[False].values()) >= 30


def test_no_pair_is_there_twice_and_what_shows_a_product_is_labelled_so() -> None:
    texts = Counter((p.wish, p.title, p.seller, p.seller_pack) for p in PAIRS)
    products = {pair.wish for pair in PAIRS}

    assert [text for text, times in texts.items() if times > 1] == []
    assert ids([p for p in PAIRS if p.same is not (p.shown == p.wish)]) == []
    assert ids([p for p in PAIRS if p.shows and p.shown not in products]) == []


def test_decomposed_names_are_decomposed() -> None:
    wrong = [
        pair
        for pair in PAIRS
        if (pair.kind == "nfd") is unicodedata.is_normalized("NFC", pair.title)
    ]

    assert ids(wrong) == []


def test_the_real_names_are_those_that_reports_print() -> None:
    text = files("catalog").joinpath("data/quang_ninh_public.csv").read_text("utf-8")
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    public = {(row["name"], row["producer_name"]) for row in rows}

    chosen = {pair.wish for pair in PAIRS if pair.part == "chosen"}

    assert chosen - public == set()


def test_nothing_is_made_up_about_a_real_producer() -> None:
    telling = re.compile(
        r"\d{6}|\d ?(đồng|vnd|k)\b|giá \d|₫|hotline|zalo", re.IGNORECASE
    )

    assert ids([p for p in PAIRS if telling.search(f"{p.title} {p.seller}")]) == []


@pytest.mark.parametrize("strangers", [0, 400])
async def test_what_was_measured_is_kept(world: World, strangers: int) -> None:
    figures = await measure(world.database, PAIRS, strangers)

    chosen, check = figures["chosen"], figures["check"]
    assert (chosen.pairs, check.pairs) == (147, 66)
    assert chosen.found >= 144
    assert chosen.precision >= 0.91
    assert check.found >= 64
    assert check.precision >= 0.96
