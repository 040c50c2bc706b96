"""Days of known certificates that a sheet moves.

They decide when a certificate is valid. The old day stays until a person has
confirmed the new one; a missing day that is filled in is not asked about.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from catalog.feed.headings.column import DecisionIs
from catalog.feed.identify.recognition import ANSWER, shown
from catalog.feed.merge.bulk_change_check import HeldDay, ImportTally
from catalog.feed.merge.earlier_rows import (
    EarlierRows,
    Subject,
    certificate_at,
    contradiction,
)
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.rows.reading import Given
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.model.certificate import Certificate
from catalog.model.fact import Fact
from catalog.model.product import Product

_DAYS: Final = {
    "decided_on": ("ngày quyết định", "the day of the decision"),
    "revoked_on": ("ngày thu hồi", "the day of the revocation"),
}
"""Columns, and attributes, of the days that decide, with their names."""


def moved_days(
    made: RowDraft, tally: ImportTally, earlier: EarlierRows
) -> list[HeldDay]:
    """Return the days of a known certificate that a row moves.

    Raises:
        RowError: An earlier row moves the same day to another one.
    """
    known, place = made.known, made.known_certificate
    if known is None or place is None:
        return []
    about, moved = Subject(known.id, certificate_at(place)), []
    for name in _DAYS:
        held_before = tally.days.get((known.id, place, name))
        if held_before is not None and name in made.given:
            if made.given[name] != held_before.after:
                raise contradiction(name)
            moved.append(held_before)
    for held in _corrections(known, place, made.given):
        if held not in moved and not earlier.has(about, held.column):
            moved.append(held)
    return moved


def _corrections(known: Product, place: int, given: Given) -> Iterator[HeldDay]:
    """Return the days that *given* moves, each asked about by itself.

    A certificate that grants no stars, or was voided, is never valid, on any day.
    """
    certificate = known.certificates[place]
    answered = given.get(ANSWER) is DecisionIs.CORRECTION
    if answered or certificate.voided or certificate.starred is Fact.NO:
        return
    for name in _DAYS:
        before, after = getattr(certificate, name), given.get(name)
        if before is not None and isinstance(after, date) and after != before:
            yield HeldDay(
                product_id=known.id,
                place=place,
                column=name,
                before=before,
                after=after,
            )


def ask_about_days(
    row: FeedRow, moved: Iterable[HeldDay], product: Product, tally: ImportTally
) -> list[Problem]:
    """Hold the days that *row* moves, and return the questions not asked before."""
    asked: list[Problem] = []
    for each in moved:
        key = (each.product_id, each.place, each.column)
        if key not in tally.days:
            tally.days[key] = each
            asked.append(_question(row, each, product.certificates[each.place]))
    return asked


def _question(row: FeedRow, moved: HeldDay, certificate: Certificate) -> Problem:
    before, after = moved.before, moved.after
    vi, en = _DAYS[moved.column]
    swapped = (before.day, before.month) == (after.month, after.day)
    hint_vi = ", ngày và tháng đổi chỗ cho nhau" if swapped else ""
    hint_en = ", day and month change places" if swapped else ""
    name = shown(certificate)
    return row.problem(
        column=moved.column,
        vi=f"{name}: {vi} đang lưu {before:%d/%m/%Y}, bảng ghi {after:%d/%m/%Y}"
        f"{hint_vi}. Giữ ngày cũ; nếu bảng đúng thì nạp lại với mã xác nhận, hoặc ghi"
        f" “đính chính” vào [[{ANSWER}]]",
        en=f"{name}: {en} is {before.isoformat()}, the sheet says {after.isoformat()}"
        f"{hint_en}. The old one stays; if the sheet is right, import again with the"
        f" token, or write “đính chính” (correction) in [[{ANSWER}]]",
        kind=ProblemKind.QUESTION,
        known=before.isoformat(),
    )
