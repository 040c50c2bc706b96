"""Which certificate of a product's history a row is about.

Number, authority and year make a decision: numbers begin anew each year, so another day
in the same year corrects it. A row may be nearly about a known decision, which it
corrects, or about another one: a person says which of the two. Pure functions; the
merge itself is in `catalog.feed.merge.merge_values`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from catalog.feed.headings.column import ColumnPart, DecisionIs
from catalog.feed.rows.reading import Given, RowError, fold, of_part
from catalog.feed.rows.row import ProblemKind
from catalog.model.certificate import Certificate
from catalog.model.decision import same_number

ANSWER: Final = "decision_is"
"""The column in which a person says whether a row corrects a decision."""

_NAMING: Final = ("decision", "body", "decided_on", "year")
"""What tells certificates apart, by attribute."""

Values = Mapping[str, object]
"""The values of a row for a certificate, by attribute."""


class Near(StrEnum):
    """How a row differs from the one decision that it may correct."""

    YEAR = "year"
    """The same number of another year."""
    BODY = "body"
    """The same number of another authority, not on the same day."""
    NUMBER = "number"
    """Another number on the same day."""
    DAY = "day"
    """Another day of the same year, and one of the two lacks its number."""
    VOIDED = "voided"
    """It was entered by mistake, by a person's word."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that corrects a known decision, or brings another one.

    Attributes:
        near: How it differs from the known one.
        places: Which certificates of the history it may correct.
    """

    near: Near
    places: tuple[int, ...]


def recognise(known: Sequence[Certificate], given: Given) -> int | Doubt | None:
    """Return which of *known* a row is about; None if it is a new one.

    Raises:
        RowError: It may be about several of them.
    """
    if not known:
        return None
    values = of_part(given, ColumnPart.CERTIFICATE)
    found = _meant(known, given, values)
    if len(found) > 1:
        raise several()
    for place in found:
        silent = known[place].voided and "voided_by" not in values
        return Doubt(Near.VOIDED, (place,)) if silent else place
    near = {} if ANSWER in given else _near(known, values)
    return Doubt(next(iter(near.values())), tuple(near)) if near else None


def meant(known: Sequence[Certificate], given: Given) -> Sequence[int]:
    """Return which of *known* a row means, or corrects: several if equally close."""
    return _meant(known, given, of_part(given, ColumnPart.CERTIFICATE))


def _meant(known: Sequence[Certificate], given: Given, values: Values) -> Sequence[int]:
    same = [n for n, each in enumerate(known) if _is_same(each, values)]
    if same:
        return _closest(same, known, values)
    corrects = given.get(ANSWER) is DecisionIs.CORRECTION
    return list(_near(known, values)) if corrects else []


def _near(known: Sequence[Certificate], values: Values) -> dict[int, Near]:
    """Return which of *known* a row may correct, and how it differs from them."""
    return {
        n: how
        for n, each in enumerate(known)
        if not each.voided and (how := _nearly(each, values))
    }


def position_of(known: Sequence[Certificate], given: Given) -> int | None:
    """Return the result of `recognise`; a doubt is an error of the row.

    Raises:
        RowError: A person has to say which certificate is meant.
    """
    found = recognise(known, given)
    if isinstance(found, Doubt):
        raise question(found, known, given)
    return found


def needs_answer(history: Sequence[Certificate], place: int) -> bool:
    """Say whether a row about one of *history* would be asked about beside the rest."""
    each = history[place]
    return any(
        nearly(other, each) is not None for n, other in enumerate(history) if n != place
    )


def nearly(one: Certificate, other: Certificate) -> Near | None:
    """Say how one of two certificates may correct the other; None if they are apart."""
    return _nearly(one, {name: getattr(other, name) for name in _NAMING})


def question(doubt: Doubt, known: Sequence[Certificate], given: Given) -> RowError:
    """Return the question whether a row corrects a decision or brings another one."""
    certificate = known[doubt.places[0]]
    ours = shown(certificate)
    if doubt.near is Near.VOIDED:
        return _voided(certificate)
    why_vi, why_en = _WHY[doubt.near]
    column = COLUMNS_OF[doubt.near]
    return RowError(
        column=column if column in given else "decision",
        vi=f"{why_vi} ({ours}): chưa ghi giấy chứng nhận của dòng này. Nếu là đính"
        f" chính quyết định đó, ghi “đính chính” vào [[{ANSWER}]]; nếu là quyết định"
        " khác, ghi “mới”",
        en=f"{why_en} ({ours}): the row's certificate is not taken. If it corrects"
        f" that decision, write “đính chính” (correction) in [[{ANSWER}]]; if it is"
        " another one, “mới” (new)",
        kind=ProblemKind.QUESTION,
    )


def _voided(certificate: Certificate) -> RowError:
    """Return the question about a certificate that was entered by mistake."""
    ours, by, on = shown(certificate), certificate.voided_by, certificate.voided_on
    day, reason = f"{on:%d/%m/%Y}" if on else "?", certificate.void_reason
    return RowError(
        column="decision",
        vi=f"{ours} đã hủy bỏ vì ghi nhầm ({by}, {day}: {reason}): chưa ghi giấy"
        f" chứng nhận của dòng này. Nếu hủy nhầm, ghi XÓA vào"
        " [[voided_by]]; nếu không, bỏ nó khỏi bảng",
        en=f"{ours} was voided ({by}, {on}: {reason}): the row's certificate is not"
        " taken. If it is right after all, write XÓA (CLEAR) in [[voided_by]]; else"
        " take it out of the sheet",
        kind=ProblemKind.QUESTION,
    )


def nothing_to_void() -> RowError:
    """Return the question about a row that voids an unknown certificate."""
    return RowError(
        column="voided_by",
        vi="không có giấy chứng nhận nào như vậy để hủy bỏ: xem lại số và năm của quyết"
        " định",
        en="there is no such certificate to void: check the decision's number and year",
        kind=ProblemKind.QUESTION,
    )


def shown(certificate: Certificate) -> str:
    """Return how a certificate is called beside others: number, authority, day."""
    day = certificate.decided_on
    parts = (
        certificate.decision,
        certificate.body,
        f"{day:%d/%m/%Y}" if day else str(certificate.year or ""),
    )
    return ", ".join(filter(None, parts))


def _is_same(known: Certificate, values: Values) -> bool:
    """Say whether *values* are about *known*.

    Two decisions of one day on one product are one, where a number lacks.
    """
    number, day = _text(values, "decision"), _day(values)
    if known.decision and number:
        if not same_number(known.decision, number) or _years_differ(known, values):
            return False
        return not _bodies_differ(known, values) or _same_day(known, values)
    if known.decided_on is not None or day is not None:
        return known.decided_on == day
    return known.decision == number and known.year == values.get("year")


def _nearly(known: Certificate, values: Values) -> Near | None:
    """Say how *values*, which are not about *known*, may correct it."""
    number = _text(values, "decision")
    if known.decision and number:
        if same_number(known.decision, number):
            years, bodies = _years_differ(known, values), _bodies_differ(known, values)
            if years and bodies:
                return None
            return Near.YEAR if years else Near.BODY if bodies else None
        if _same_day(known, values) and not _bodies_differ(known, values):
            return Near.NUMBER
        return None
    day = _day(values)
    if known.decided_on is None or day is None or known.decided_on == day:
        return None
    in_one_year = known.decided_on.year == day.year
    return Near.DAY if in_one_year and not _bodies_differ(known, values) else None


def _closest(
    same: Sequence[int], known: Sequence[Certificate], values: Values
) -> Sequence[int]:
    """Return those that agree in more than number, authority and year."""
    for agree in (_voided_alike, _same_day, _spelled_alike):
        same = [n for n in same if agree(known[n], values)] or same
    return same


def several() -> RowError:
    """Return the fault of a row that may mean several decisions."""
    return RowError(
        column="decided_on",
        vi="nhiều quyết định cùng số: hãy ghi ngày quyết định",
        en="several decisions bear this number: write the date of the decision",
    )


def _voided_alike(known: Certificate, values: Values) -> bool:
    return known.voided is bool(values.get("voided_by"))


def _same_day(known: Certificate, values: Values) -> bool:
    return known.decided_on is not None and known.decided_on == _day(values)


def _spelled_alike(known: Certificate, values: Values) -> bool:
    return known.decision == _text(values, "decision")


def _years_differ(known: Certificate, values: Values) -> bool:
    """Say whether both are known to be of a year, and not of the same."""
    day = _day(values)
    ours = known.of_year
    theirs = values.get("year") if day is None else day.year
    return ours is not None and theirs is not None and ours != theirs


def _bodies_differ(known: Certificate, values: Values) -> bool:
    body = _text(values, "body")
    return bool(known.body and body) and fold(known.body) != fold(body)


def _text(values: Values, name: str) -> str:
    return str(values.get(name) or "")


def _day(values: Values) -> date | None:
    day = values.get("decided_on")
    assert day is None or isinstance(day, date)  # noqa: S101  (how the column reads)
    return day


COLUMNS_OF: Final = {
    Near.YEAR: "decided_on",
    Near.BODY: "body",
    Near.NUMBER: "decision",
    Near.DAY: "decided_on",
}
"""In which column a row differs from the decision that it may correct."""
_WHY: Final = {
    Near.YEAR: (
        "cùng số với quyết định đã ghi nhưng khác năm",
        "the number of a known decision, of another year",
    ),
    Near.BODY: (
        "cùng số với quyết định đã ghi nhưng khác cơ quan",
        "the number of a known decision, of another authority",
    ),
    Near.NUMBER: (
        "cùng ngày với quyết định đã ghi nhưng khác số",
        "the day of a known decision, with another number",
    ),
    Near.DAY: (
        "cùng năm với quyết định đã ghi nhưng khác ngày, và một bên không có số",
        "the year of a known decision, another day, and one of them has no number",
    ),
}
