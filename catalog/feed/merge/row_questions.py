"""The questions about single rows, and the values that are left out meanwhile.

Each is asked once in an import, however many rows repeat the value. Questions between
rows are found before (`catalog.feed.compare`).
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from catalog.db.overflow import Marked
from catalog.feed.compare.stated_form import ask_about_form, contradicted
from catalog.feed.headings.column import ColumnPart
from catalog.feed.identify.identity import fold_maker
from catalog.feed.identify.recognition import (
    Doubt,
    Near,
    nothing_to_void,
    recognise,
)
from catalog.feed.identify.recognition import question as decision_question
from catalog.feed.merge.bulk_change_check import HeldPrice, ImportTally
from catalog.feed.merge.earlier_rows import EarlierRows, Subject, certificate_at
from catalog.feed.merge.merge_values import CountIs
from catalog.feed.merge.newer_attestation import AttestedConflict
from catalog.feed.merge.ownership_guard import Guard
from catalog.feed.merge.price import doubt, question
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.merge.withdrawn import WithdrawnConflict
from catalog.feed.rows.reading import Given, names_of
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.model.producer import Producer
from catalog.model.product import Product, Variant
from catalog.vietnam_time import VIETNAM, moment

Named = tuple[str, int, str, str]
"""The key of a problem among all others: sheet, row, column, and its words."""


@dataclass(slots=True)
class RowQuestions:
    """The questions of one import so far.

    Attributes:
        tally: Its changes; held prices are noted there.
        earlier: The columns that earlier rows have given.
        fresh: Ids and SKUs that this import has made.
        doubts: The questions that a person's token settles.
    """

    tally: ImportTally
    earlier: EarlierRows
    fresh: Container[str]
    doubts: Marked[Named]
    _asked: set[tuple[str, str, object]] = field(default_factory=set)

    def without_doubt(
        self, row: FeedRow, given: Given, known: Product | None
    ) -> tuple[Given, list[Problem]]:
        """Leave out an ambiguous certificate, and ask a person which one it is."""
        names = names_of(given, ColumnPart.CERTIFICATE)
        if known is None or not names:
            return given, []
        found = recognise(known.certificates, given)
        voids = given.get("voided_by") and known.id not in self.fresh
        if voids and not isinstance(found, int):
            asked = nothing_to_void()
        elif isinstance(found, Doubt):
            asked = decision_question(found, known.certificates, given)
        else:
            return given, []
        rest = {name: given[name] for name in given.keys() - names}
        said = (known.id, "decision", tuple(sorted((n, given[n]) for n in names)))
        if said in self._asked or self._voids(known, found):
            return rest, []
        self._asked.add(said)
        return rest, [asked.at(row)]

    def without_form(
        self, row: FeedRow, given: Given, maker: Producer | None
    ) -> tuple[Given, list[Problem]]:
        """Leave out a legal form that the producer's name contradicts, and ask."""
        columns = contradicted(given, maker)
        if not columns:
            return given, []
        rest = {name: given[name] for name in given.keys() - columns}
        key = fold_maker(str(given.get("producer_name") or (maker and maker.name)))
        said = (
            key,
            "producer_kind",
            tuple(str(given[name]) for name in sorted(columns)),
        )
        if said in self._asked:
            return rest, []
        self._asked.add(said)
        return rest, [ask_about_form(row, given, maker, columns)]

    def without_owner(
        self,
        row: FeedRow,
        given: Given,
        known: Product | None,
        maker_id: str | None,
        guard: Guard,
    ) -> tuple[Given, list[Problem]]:
        """Leave out another producer of a product that was moved by hand since."""
        owner = None if known is None else known.producer_id
        if known is None or owner is None or owner == maker_id:
            return given, []
        conflict = guard.keeps_owner(known)
        if conflict is None:
            return given, []
        theirs = names_of(given, ColumnPart.PRODUCER)
        rest = {name: given[name] for name in given.keys() - theirs}
        said = (known.id, conflict.column, maker_id)
        if said in self._asked:
            return rest, []
        self._asked.add(said)
        return rest, [conflict.at(row, stamped=guard.stamp is not None)]

    def _voids(self, known: Product, found: int | Doubt | None) -> bool:
        """Say whether an earlier row of this sheet has voided the certificate."""
        if not isinstance(found, Doubt) or found.near is not Near.VOIDED:
            return False
        about = Subject(known.id, certificate_at(found.places[0]))
        return self.earlier.has(about, "voided_by")

    def held_back(
        self, row: FeedRow, made: RowDraft, guard: Guard
    ) -> tuple[dict[str, object], list[Problem]]:
        """Return the values that stay, though *made* would change them, and why."""
        kept: dict[str, object] = {}
        told: list[Problem] = []
        for conflict in guard.conflicts(made):
            kept[conflict.column] = conflict.ours
            said = (conflict.key, conflict.column, made.given[conflict.column])
            if said not in self._asked:
                self._asked.add(said)
                stamped = guard.stamp is not None
                if isinstance(conflict, AttestedConflict):
                    told += [conflict.at_row(row)] if conflict.is_told else []
                elif isinstance(conflict, WithdrawnConflict):
                    told.append(conflict.at_row(row))
                else:
                    told.append(conflict.at(row, stamped=stamped))
        known = made.known_variant
        price = made.given.get("price_vnd")
        before = None if known is None else known.price_vnd
        if "price_vnd" not in kept and isinstance(price, int) and doubt(price, before):
            if known is not None and self._has_priced(made, known):
                held = self.tally.prices.get(known.sku)
                if held is None or held.after != price:
                    return kept, told  # it contradicts an earlier row
            kept["price_vnd"] = before
        return kept, told

    def _has_priced(self, made: RowDraft, known: Variant) -> bool:
        """Say whether an earlier row of this sheet has given the price of a pack."""
        return self.earlier.has(Subject(made.product.id, known.sku), "price_vnd")

    def ask_about_count(
        self, row: FeedRow, given: Given, made: RowDraft
    ) -> list[Problem]:
        """Return the question which of two counts of one time is right."""
        known = made.known_variant
        if made.count_is is not CountIs.DISPUTED or known is None:
            return []
        said = (known.sku, "on_hand", given["on_hand"])
        if said in self._asked:
            return []
        self._asked.add(said)
        return [_which_count(row, known)]

    def ask_about_price(
        self, row: FeedRow, said: RowDraft, made: RowDraft, product: Product
    ) -> list[Problem]:
        """Hold a doubtful price of the row, and return the question about it."""
        price, variant = said.given.get("price_vnd"), made.variant
        if variant is None or not isinstance(price, int):
            return []
        before = variant.price_vnd
        why = doubt(price, before)
        sku = variant.sku or product.variants[-1].sku
        if why is None or sku in self.tally.prices:
            return []
        self.tally.prices[sku] = HeldPrice(
            product_id=product.id,
            sku=sku,
            before=before,
            after=price,
            called=f"dòng / row {row.number} {row.called}" if sku in self.fresh else "",
        )
        asked = [question(row, why, before)]
        self.note_doubts(asked)
        return asked

    def note_doubts(self, asked: Iterable[Problem]) -> None:
        """Remember the questions that a person's token settles."""
        for each in asked:
            self.doubts.add(named(each))


def named(problem: Problem) -> Named:
    """Return the key that tells a problem from all others."""
    return problem.sheet, problem.row, problem.column, problem.vi


def _which_count(row: FeedRow, known: Variant) -> Problem:
    """Return the question whether *row* or the *known* count of one time is right.

    No sheet can tell: one of them is wrong, or somebody has counted anew and left the
    old time. The known one stays.
    """
    at = known.counted_at
    assert at is not None  # noqa: S101  (else there is no same time)
    when = at.astimezone(VIETNAM)
    return row.problem(
        column="on_hand",
        vi=f"đang lưu {known.on_hand}, cùng thời điểm đếm {moment(at)}: số nào"
        f" đúng? Giữ {known.on_hand}. Nếu đã đếm lại, ghi thời điểm đếm mới vào"
        " [[counted_at]]; nếu không, sửa số cho giống",
        en=f"the catalog holds {known.on_hand}, counted at the same time,"
        f" {when:%Y-%m-%d %H:%M} in Vietnam: which one is right? {known.on_hand} stays."
        " If it was counted anew, write when in [[counted_at]]; else mend the number",
        kind=ProblemKind.QUESTION,
        known=str(known.on_hand),
    )
