"""What is refused of a decision on certificates, and what a person is asked.

Pure. A refusal says what cannot be; a doubt may be right, and is asked about: it is
taken once somebody has read it and confirms the act.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.eligibility.authority import authority_of
from catalog.eligibility.rule import Tables
from catalog.eligibility.verdict import Text
from catalog.feed.identify.recognition import nearly, shown
from catalog.model.certificate import Certificate, Term, Validity
from catalog.model.decision import read_number
from catalog.model.fact import Fact


class RefusedActError(Exception):
    """An act that cannot be, upon one product.

    Attributes:
        vi: Why, and what to do instead, in Vietnamese.
        en: The same in English.
    """

    def __init__(self, *, vi: str, en: str) -> None:
        super().__init__(vi, en)
        self.vi = vi
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an act is weighed by.

    Attributes:
        tables: The dated tables: who grants how many stars, for how long.
        today: The day in Vietnam.
        who: Who acts, cleaned.
    """

    tables: Tables
    today: date
    who: str

    @property
    def validity(self) -> Validity:
        """For how long certificates are valid."""
        return self.tables.validity


def doubts_of_decision(new: Certificate, ground: Ground) -> Iterator[Text]:
    """Yield what is doubtful of a recognising decision by itself."""
    day, number = new.decided_on, read_number(new.decision)
    if day is None:
        return
    if day > ground.today:
        yield Text(
            f"ngày quyết định {day:%d/%m/%Y} chưa đến: trước ngày đó chưa được tính",
            f"the decision is of {day.isoformat()}, a day to come: it does not count"
            " before",
        )
    term = ground.validity.of(new)
    if term is not None and term.last < ground.today:
        yield Text(
            f"quyết định ngày {day:%d/%m/%Y} đã hết hạn từ hết ngày"
            f" {term.last:%d/%m/%Y}",
            f"a decision of {day.isoformat()} ended with {term.last.isoformat()}",
        )
    if number is not None and number.year not in (None, day.year):
        yield Text(
            f"số {new.decision} ghi năm {number.year}, ngày quyết định lại của năm"
            f" {day.year}",
            f"the number {new.decision} names the year {number.year}, its day is of"
            f" {day.year}",
        )
    yield from _doubts_of_body(new, ground)


def _doubts_of_body(new: Certificate, ground: Ground) -> Iterator[Text]:
    """Yield the doubt whether who is said to have decided could (E01)."""
    day, stars = new.decided_on, new.stars
    if day is None or stars is None or not new.body:
        return
    granting = ground.tables.bodies.at(day)
    right = "" if granting is None else granting.get(stars, "")
    if right and right != new.body:
        yield Text(
            f"{stars} sao ngày {day:%d/%m/%Y} thuộc cấp {right}, đang ghi cấp"
            f" {new.body}",
            f"on {day.isoformat()} {stars} stars were for the level {right}, not"
            f" {new.body}",
        )
    named = authority_of(new, ground.tables.bodies)
    if named and named not in (right, new.body):
        yield Text(
            f"số {new.decision} là của cấp {named}, đang ghi cấp {new.body}",
            f"the number {new.decision} is one of the level {named}, not {new.body}",
        )


def doubts_beside(
    new: Certificate, others: Iterable[Certificate], ground: Ground
) -> Iterator[Text]:
    """Yield what is doubtful of a certificate beside the *others* of its product."""
    mine = ground.validity.of(new)
    for each in others:
        if nearly(each, new) is not None:
            yield Text(
                f"sản phẩm đã có quyết định gần giống ({shown(each)}): nếu là chính"
                " quyết định đó thì đính chính (certificates correct)",
                f"the product has a decision much like it ({shown(each)}): if it is"
                " that one, correct it (certificates correct)",
            )
        theirs = ground.validity.of(each)
        if mine is not None and _overlap(mine, theirs, each):
            yield _words_of_overlap(new, each, theirs)


def _overlap(mine: Term, theirs: Term | None, other: Certificate) -> bool:
    """Say whether both may be in force on one day."""
    if theirs is None:
        return True
    last = theirs.last
    if other.revoked_on is not None:
        last = min(last, other.revoked_on)
    return mine.granted_from <= last and theirs.granted_from <= mine.last


def _words_of_overlap(new: Certificate, old: Certificate, term: Term | None) -> Text:
    if term is None or not term.known:
        return Text(
            f"chưa rõ giấy chứng nhận đang ghi ({shown(old) or 'không số'}) có hiệu lực"
            " từ ngày nào, nên có thể trùng thời hạn",
            f"it is not known when the certificate that is there"
            f" ({shown(old) or 'no number'}) is in force: the two may overlap",
        )
    day = new.decided_on or term.granted_from
    later = max(day, term.granted_from)
    return Text(
        f"trùng thời hạn với {shown(old)} (còn hạn đến hết ngày {term.last:%d/%m/%Y}):"
        f" từ ngày {later:%d/%m/%Y} tính theo quyết định ra sau",
        f"it overlaps with {shown(old)}, in force through {term.last.isoformat()}: from"
        f" {later.isoformat()} on the later of the two counts",
    )


def in_force_on(
    day: date, history: Sequence[Certificate], validity: Validity
) -> Certificate | None:
    """Return a certificate that is surely in force on *day*; None if none is."""
    for each in history:
        term = validity.of(each)
        is_valid = term is not None and term.valid_on(day) is Fact.YES
        if is_valid and each.revoked_by_day(day) is Fact.NO:
            return each
    return None


def counting(history: Iterable[Certificate]) -> list[Certificate]:
    """Return the certificates that may grant stars: no voided one."""
    return [each for each in history if not each.voided and each.starred is not Fact.NO]
