"""How a reason is worded, and when two reasons are the same.

Which reasons a product has is in test_eligibility.py.
"""

from datetime import date

from catalog.eligibility.verdict import Finding, Outcome, Reason, Standing, Text
from catalog.values import replace

ENDED = Finding(
    outcome=Outcome.BLOCK,
    seen=Text("{paper} hết hạn ngày {day}", "{paper} ended on {day}"),
    todo=Text("Gia hạn {paper}", "Renew {paper}"),
)
REASON = Reason(
    "E04",
    Outcome.BLOCK,
    True,
    "ended",
    (("paper", Text("Giấy mẫu", "the sample")), ("day", date(2024, 3, 2))),
    ENDED,
)


def test_what_was_seen_and_what_to_do_name_the_details_in_both_languages() -> None:
    assert REASON.seen == Text(
        "Giấy mẫu hết hạn ngày 02/03/2024", "the sample ended on 2024-03-02"
    )
    assert REASON.todo == Text("Gia hạn Giấy mẫu", "Renew the sample")


def test_several_values_stand_with_commas_between() -> None:
    fields = (Text("định lượng", "net quantity"), Text("xuất xứ", "origin"))
    lacking = Text("thiếu {fields}", "lacks {fields}")

    assert lacking.filled((("fields", fields),)) == Text(
        "thiếu định lượng, xuất xứ", "lacks net quantity, origin"
    )


def test_a_reason_stays_the_same_when_its_wording_changes() -> None:
    reworded = replace(REASON, _finding=replace(ENDED, todo=Text("Xin lại", "Ask")))

    assert reworded == REASON
    assert repr(reworded) == repr(REASON)


def test_databases_and_reports_hold_these_words() -> None:
    assert [*Standing] == [
        "listed",
        "without_claim",
        "not_listed",
        "out_of_scope",
        "unknown",
    ]
