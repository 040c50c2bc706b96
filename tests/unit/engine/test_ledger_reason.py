"""Reasons in the ledger are sentences, also where no rule is behind a change."""

import pytest

from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.reasons.ledger_reason import (
    in_words,
    names_rule,
    reason_of_seller,
    reason_without_rule,
)
from ocop_sync.marketplace.change import StopSeller
from tests.unit.engine.examples import (
    evaluated,
    make_listing,
    make_offer,
    make_state,
    make_wanted,
    never_sent,
)

NOTHING_MORE = "nothing more exact was stored"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        pytest.param("catalog", NOTHING_MORE, id="catalog"),
        pytest.param("catalog (nhóm 3)", f"{NOTHING_MORE} (nhóm 3)", id="approved"),
        pytest.param("E11", "the producer withdrew its consent", id="consent"),
        pytest.param("import:4", "lần nạp 4 / import 4", id="import"),
        pytest.param("no_picture", HOLD_WORDS[Hold.NO_PICTURE].seen.en, id="hold"),
        pytest.param("E04: Không có giấy", "E04: Không có giấy", id="a rule's"),
        pytest.param("lời nào đó", "lời nào đó", id="words"),
    ],
)
def test_what_earlier_versions_stored_is_told_in_words(stored: str, said: str) -> None:
    assert in_words(stored).endswith(said)


def test_a_second_listing_stays_named_before_its_reason() -> None:
    assert in_words("tin trùng P-9: catalog").startswith("tin trùng P-9: theo danh mục")


def test_a_rules_reason_is_told_from_all_others() -> None:
    assert names_rule("E04: Không có giấy")
    assert names_rule("tin trùng P-9: E02: hết hạn")
    assert not names_rule("catalog")
    assert not names_rule(in_words("catalog"))


def reasons(evaluation: Evaluation) -> list[str]:
    return [reason_without_rule(evaluation, each) for each in evaluation.changes]


def test_a_change_that_no_rule_asks_for_says_what_was_otherwise_there() -> None:
    dearer = make_listing(variants=(make_offer(price_vnd=50_000, stock=9),))

    said = reasons(evaluated(make_wanted(dearer), make_state()))
    (created,) = reasons(evaluated(make_wanted(), never_sent()))

    assert [each.partition(" / ")[2] for each in said] == [
        "the stock there was not its share: a count, sales or another share",
        "the price there was not the catalog's",
    ]
    assert created.endswith("the catalog lets it be sold, and there was no listing")


def test_what_an_import_or_a_hold_causes_names_it() -> None:
    dearer = make_listing(variants=(make_offer(price_vnd=50_000),))
    by_import = evaluated(make_wanted(dearer, cause="import:3"), make_state())
    by_hold = evaluated(make_wanted(dearer, cause="no_picture"), make_state())

    assert reasons(by_import) == ["lần nạp 3 / import 3"]
    assert reasons(by_hold)[0].endswith(HOLD_WORDS[Hold.NO_PICTURE].seen.en)


def test_a_sellers_change_says_why() -> None:
    stop = StopSeller(client_ref="CS-0001", reason="Mẫu")

    assert reason_of_seller(stop).startswith("E11: ")
