"""The evidence for the certificates of one feed, gathered and reported.

Filled-in and missing parts are reported once for the whole feed; who took a decision is
asked once for each, not once for each row.
"""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Final

from catalog.counted import counted
from catalog.db.overflow import Overflow
from catalog.eligibility.authority import BODY_ONLY, DecisionKey, key_of
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind, RowPlace
from catalog.feed.rows.table import Note
from catalog.model.certificate import Certificate, Evidence

_SHOWN: Final = 8
_FEW_UNDATED: Final = 5
"""Revoking decisions without a day, up to which it is only said; more are asked."""
_LACKS: Final = {
    "decision": ("số", "number"),
    "body": ("cơ quan", "authority"),
    "decided_on": ("ngày", "day"),
}


@dataclass(slots=True)
class Rows:
    """Rows, of which the first few are named.

    Attributes:
        first: The first few.
        count: How many there are.
        several: They stand in several sheets.
    """

    first: list[RowPlace] = field(default_factory=list)
    count: int = 0
    several: bool = False

    def add(self, where: RowPlace) -> None:
        """Add one more."""
        self.several |= bool(self.first) and where[0] != self.first[0][0]
        if self.count < _SHOWN:
            self.first.append(where)
        self.count += 1

    def __str__(self) -> str:
        """Name the first few, with their sheets if there are several."""
        named = [f"{sheet}!{n}" if self.several else str(n) for sheet, n in self.first]
        more = f" … ({self.count})" if self.count > _SHOWN else ""
        return ", ".join(named) + more


@dataclass(slots=True)
class Asked:
    """A decision of which nobody knows who took it.

    Attributes:
        number: Its number as the first row has it.
        row: The first row that names it.
        rows: All rows that do.
        products: Ids of the products that they are about.
    """

    number: str
    row: FeedRow
    rows: list[RowPlace] = field(default_factory=list)
    products: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Stated:
    """A decision of which rows say who took it.

    Attributes:
        number: Its number as the first row has it.
        day: Its day.
        bodies: The authorities that they state, each with the rows.
    """

    number: str
    day: date
    bodies: dict[str, Rows] = field(default_factory=dict)


@dataclass(slots=True)
class Proofs:
    """The evidence that the rows of one feed bring.

    Attributes:
        today: The day in Vietnam: of decisions up to it, rows are not remembered.
        unproven: The missing parts of certificates' decisions, by row.
        overruled: How many of them are said to be a decision.
        reported: Rows with a whole decision that is said to be published only.
        derived: How many certificates got which authority from number and day.
        answered: The same, from other certificates of the same decision.
        asked: The decisions of which the authority is not known.
        decided: The rows of each decision, by its number and day.
        undated: Rows with a revoking decision of which the day is not known.
        stated: Who took each decision by the rows that say so, and which rows.
        at_odds: Of which decision the catalog holds another authority as well, by
            the rows that state theirs: the decision, and all that is known.
    """

    today: date = date.min
    unproven: dict[RowPlace, tuple[str, ...]] = field(default_factory=dict)
    overruled: int = 0
    reported: Rows = field(default_factory=Rows)
    derived: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    asked: dict[DecisionKey, Asked] = field(default_factory=dict)
    decided: dict[tuple[str, date], Rows] = field(default_factory=dict)
    undated: Rows = field(default_factory=Rows)
    stated: Overflow[tuple[str, str], Stated] = field(default_factory=Overflow)
    at_odds: list[tuple[Stated, Sequence[str]]] = field(default_factory=list)
    _stated_days: set[date] = field(default_factory=set)
    _revoking: list[FeedRow] = field(default_factory=list)
    _lacking: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _first: FeedRow | None = None

    def note(
        self, row: FeedRow, said: RowDraft, made: RowDraft, product_id: str
    ) -> None:
        """Remember the evidence of a row's certificate."""
        place = made.place
        if place is None:
            return
        self._first = self._first or row
        certificate = made.product.certificates[place]
        if certificate.voided:
            return
        if certificate.revoked_by and certificate.revoked_on is None:
            self.undated.add(row.where)
            if "revoked_by" in said.given:
                self._revoking.append(row)
        self._state(row, said, certificate)
        day, where = certificate.decided_on, row.where
        if day is not None and day > self.today:
            self.decided.setdefault((certificate.decision, day), Rows()).add(where)
        if certificate.body != said.product.certificates[place].body:
            self.derived[certificate.body] += 1
        if not certificate.lacks:
            if certificate.evidence is Evidence.PUBLISHED:
                self.reported.add(where)
        elif said.given.get("evidence") is not Evidence.PUBLISHED:
            lacks = certificate.lacks
            self.unproven[where] = self._lacking.setdefault(lacks, lacks)
            self.overruled += "evidence" in said.given
            self._ask(row, certificate, product_id)

    def _state(self, row: FeedRow, said: RowDraft, certificate: Certificate) -> None:
        key, day = key_of(certificate), certificate.decided_on
        if key is None or day is None or not said.given.get("body"):
            return
        kept = key[0], day.isoformat()
        stated = self.stated.get(kept) or Stated(certificate.decision, day)
        stated.bodies.setdefault(certificate.body, Rows()).add(row.where)
        self.stated[kept] = stated
        self._stated_days.add(day)

    @property
    def days(self) -> set[date]:
        """Return the days of the decisions of which to find out who took them."""
        return {day for _, day in self.asked} | self._stated_days

    def compare(self, known: Mapping[DecisionKey, Sequence[str]]) -> None:
        """Note of which decisions several authorities are known by now."""
        for (number, day), bodies in known.items():
            stated = self.stated.get((number, day.isoformat()))
            if stated is not None and len(bodies) > 1:
                self.at_odds.append((stated, bodies))
        self.at_odds.sort(key=lambda each: next(iter(each[0].bodies.values())).first)

    def _ask(self, row: FeedRow, certificate: Certificate, product_id: str) -> None:
        key = key_of(certificate)
        if key is not None and certificate.lacks == BODY_ONLY:
            asked = self.asked.setdefault(key, Asked(certificate.decision, row))
            asked.rows.append(row.where)
            asked.products.add(product_id)

    def answer(self, bodies: Mapping[DecisionKey, str]) -> set[str]:
        """Drop questions that other certificates of the same decision answer.

        Returns:
            Ids of the products whose certificates take it over.
        """
        products: set[str] = set()
        for key in bodies.keys() & self.asked.keys():
            asked = self.asked.pop(key)
            products |= asked.products
            for where in asked.rows:
                self.unproven.pop(where, None)
        return products

    def questions(
        self, known: Mapping[DecisionKey, Sequence[str]]
    ) -> Iterator[Problem]:
        """Ask who took each decision, where nobody or several are known to."""
        for key, asked in self.asked.items():
            day, rows = key[1], _some(asked.rows)
            why = _unknown_body(asked.number, day, known.get(key, ()))
            yield asked.row.problem(
                column="body",
                vi=f"quyết định {asked.number} ngày {day:%d/%m/%Y} (dòng {rows}):"
                f" {why.vi}",
                en=f"decision {asked.number} of {day.isoformat()} (rows {rows}):"
                f" {why.en}",
                kind=ProblemKind.QUESTION,
            )

    def undated_question(self) -> Iterator[Problem]:
        """Ask about revoking decisions without a day, where many rows have one."""
        if self._are_many_revoked:
            said = self._of_undated()
            yield self._revoking[0].problem(
                column="revoked_by", vi=said.vi, en=said.en, kind=ProblemKind.QUESTION
            )

    @property
    def _are_many_revoked(self) -> bool:
        return len(self._revoking) > _FEW_UNDATED

    def notes(self, today: date) -> Iterator[Note]:
        """Report the filled-in authorities, and the certificates without proof."""
        for body, count in sorted(self.derived.items()):
            yield Note(
                vi=f"{count} giấy chứng nhận: cơ quan quyết định là “{body}”, suy ra từ"
                " số và ngày quyết định",
                en=f"{counted(count, 'certificate')}: decided at the level {body},"
                " as number and"
                " day of the decision leave no other",
            )
        for body, count in sorted(self.answered.items()):
            yield Note(
                vi=f"{count} giấy chứng nhận: cơ quan quyết định là “{body}”, như đã"
                " ghi cho cùng quyết định",
                en=f"{counted(count, 'certificate')}: decided at the level {body},"
                " as is known of"
                " the same decision",
            )
        if self.unproven:
            yield self._of_unproven()
        if self.reported.count:
            yield self._of_reported()
        if self.undated.count and not self._are_many_revoked:
            yield self._of_undated()
        for stated, bodies in self.at_odds:
            vi, en = _of_two_bodies(stated, bodies)
            yield self._said(vi=vi, en=en)
        yield from self._of_days_ahead(today)

    def _said(self, *, vi: str, en: str) -> Note:
        """Return a note that names columns as the sheet of the first row does."""
        row = self._first or FeedRow(number=0, cells={})
        vi, en = row.named(vi, en)
        return Note(vi=vi, en=en)

    def _of_unproven(self) -> Note:
        count = len(self.unproven)
        rows = _some(list(self.unproven), is_counted=True)
        lacks = Counter(chain.from_iterable(self.unproven.values()))
        lacking = [f"{_LACKS[name][0]} {lacks[name]}" for name in _LACKS]
        lacking_en = [f"{_LACKS[name][1]} {lacks[name]}" for name in _LACKS]
        over, over_en = "", ""
        if self.overruled:
            over = f", {self.overruled} dòng dù ghi “quyết định”"
            over_en = f", {self.overruled} of them though they say decision"
        return Note(
            vi=f"{count} dòng ({rows}): chưa đủ quyết định công nhận (thiếu"
            f" {', '.join(lacking)}), chỉ tính là tin công bố{over}. Bổ sung theo"
            " ocop-sync missing-papers",
            en=f"{counted(count, 'row')} ({rows}): no whole recognising decision"
            " (lacking"
            f" {', '.join(lacking_en)}), taken as published only{over_en}. Complete"
            " them by ocop-sync missing-papers",
        )

    def _of_days_ahead(self, today: date) -> Iterator[Note]:
        for (number, day), rows in sorted(self.decided.items()):
            if day <= today:
                continue
            name = number or "-"
            yield Note(
                vi=f"dòng {rows}: quyết định {name} ngày {day:%d/%m/%Y} chưa đến"
                " ngày, chưa có hiệu lực trước đó; quyết định đang có hiệu lực vẫn"
                " giữ. Xem lại ngày có đúng không",
                en=f"rows {rows}: decision {name} is of {day.isoformat()}, a day"
                " to come: it is not in force before, and what is in force stays so."
                " Check the day",
            )

    def _of_undated(self) -> Note:
        rows = self.undated
        return self._said(
            vi=f"dòng {rows}: có quyết định thu hồi nhưng chưa có ngày, nên chưa rõ"
            " giấy chứng nhận còn hiệu lực không: chưa gỡ tin đang bán, cũng không"
            " đăng mới. Ghi ngày vào [[revoked_on]]",
            en=f"rows {rows}: a revoking decision without its day, so it is not known"
            " whether the certificate is in force: what is on sale stays, and nothing"
            " is listed anew. Write the day in [[revoked_on]]",
        )

    def _of_reported(self) -> Note:
        rows = self.reported
        return self._said(
            vi=f"dòng {rows}: có đủ số, cơ quan và ngày quyết định nhưng [[evidence]]"
            " ghi tin công bố, nên chưa tính là quyết định. Đã xem quyết định thì ghi"
            " “quyết định”",
            en=f"rows {rows}: number, authority and day are known, but [[evidence]]"
            " says published, so it is no decision yet. Write “quyết định” (decision)"
            " if it was seen",
        )


def _of_two_bodies(stated: Stated, known: Sequence[str]) -> tuple[str, str]:
    """Say that a sheet names another authority for a decision than is known."""
    number, day = stated.number, stated.day
    said_vi = "; ".join(f"“{b}” ở dòng {rows}" for b, rows in stated.bodies.items())
    said_en = "; ".join(f"“{b}” in rows {rows}" for b, rows in stated.bodies.items())
    both = ", ".join(known)
    return (
        (
            f"quyết định {number} ngày {day:%d/%m/%Y}: bảng ghi cơ quan {said_vi},"
            f" nhưng danh mục đang có nhiều cơ quan ({both}) cho cùng quyết định. Đã"
            " lấy theo bảng; xem lại [[body]], sửa nơi ghi sai"
        ),
        (
            f"decision {number} of {day.isoformat()}: the sheet says {said_en}, while"
            f" the catalog has several authorities for it ({both}). The"
            " sheet's is taken; check [[body]], and correct it where it is wrong"
        ),
    )


def _some(rows: Sequence[RowPlace], *, is_counted: bool = False) -> str:
    """Name the first few rows, with their sheets if there are several.

    How many there are is said as well, unless it *is counted* beside it.
    """
    several = len({sheet for sheet, _ in rows}) > 1
    named = [f"{sheet}!{n}" if several else str(n) for sheet, n in rows[:_SHOWN]]
    if len(rows) <= _SHOWN:
        return ", ".join(named)
    return ", ".join(named) + (", …" if is_counted else f" … ({len(rows)})")


def _unknown_body(number: str, day: date, stored: Sequence[str]) -> Note:
    """Say why nobody knows who took a decision, with the advice for it."""
    both = ", ".join(stored)
    if both:
        return Note(
            vi=f"đang lưu các cơ quan khác nhau ({both}), nên chưa đủ căn cứ. Sửa"
            " [[body]] ở dòng ghi sai, hoặc ghi cơ quan ở từng dòng này",
            en=f"different authorities are stored ({both}), so it proves nothing yet."
            " Correct [[body]] where it is wrong, or write it in each of these rows",
        )
    command = (
        f"ocop-sync certificates authority {shlex.quote(number)} --day {day:%d/%m/%Y}"
        " --level CẤP --by TÊN"
    )
    return Note(
        vi="chưa rõ cấp nào ban hành, nên chưa đủ căn cứ. Ghi huyện, tỉnh hoặc trung"
        f" ương vào [[body]] ở một dòng (hoặc: `{command}`);"
        " các dòng cùng quyết định theo đó, lần sau không hỏi lại",
        en="who took it is not known, so it proves nothing yet. Write huyện, tỉnh or"
        f" trung ương in [[body]] in one row (or: `{command}`); all"
        " rows of the decision follow, and it is not asked again",
    )
