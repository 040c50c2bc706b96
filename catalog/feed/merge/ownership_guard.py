"""Guard the fields that are not an import's to change.

These are the producers' fields, and those of the department that somebody of it has
entered by hand: an older sheet must not bring back what was corrected. Nor is a
producer's consent, once the producer has withdrawn it: no sheet gives it back
(`catalog.feed.merge.withdrawn`).

A sheet cannot know the changes after its export. It may fill empty fields, and change
fields that have not changed since its stamp, or that it changed last itself; anything
else stays, and a person is shown both values. A sheet without a stamp was never
exported: it may change the values that it brought itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from catalog.db.field_changes import OF_PRODUCER, Touch
from catalog.db.provenance import NOTHING_KNOWN, Provenance
from catalog.feed.cells.cell import show
from catalog.feed.headings.column import COLUMNS, Column, ColumnPart
from catalog.feed.headings.display import author_in_words, in_message
from catalog.feed.merge.newer_attestation import AttestedConflict, attested_conflicts
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.merge.withdrawn import (
    Withdrawn,
    WithdrawnConflict,
    withdrawn_conflicts,
)
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind, shorten
from catalog.feed.write.to_rows import value_in
from catalog.model.fact import Fact
from catalog.model.ownership import PRODUCT_FIELDS, VARIANT_FIELDS, Owner
from catalog.model.product import Product
from catalog.vietnam_time import VIETNAM, moment

PICTURES: Final = "pictures"
"""The field that both columns of pictures belong to."""


def field_of(column: Column) -> str:
    """Return the field, as `catalog.model.ownership` names it, that *column* holds."""
    return PICTURES if column.part is ColumnPart.PICTURES else column.path


def owner_of(column: Column) -> Owner:
    """Return whose word counts for *column*."""
    fields = VARIANT_FIELDS if column.part is ColumnPart.VARIANT else PRODUCT_FIELDS
    if column.part not in {ColumnPart.VARIANT, ColumnPart.PRODUCT, ColumnPart.PICTURES}:
        return Owner.DEPARTMENT
    return fields.get(field_of(column), Owner.DEPARTMENT)


_GUARDED: Final = MappingProxyType(
    {
        name: (field_of(column), column.part is ColumnPart.VARIANT)
        for name, column in COLUMNS.items()
        if owner_of(column) is not Owner.DEPARTMENT
    }
)
_ENTERED: Final = MappingProxyType(
    {
        name: column
        for name, column in COLUMNS.items()
        if column.part in {ColumnPart.PRODUCT, ColumnPart.PRODUCER}
        and owner_of(column) is Owner.DEPARTMENT
        and column.path != "id"
        and not name.startswith(("consent", "identity_ready"))
    }
)
"""What the department enters by hand, of a product and of its producer."""
_OWNER: Final = "producer_id"
_RECOGNISED: Final = frozenset({"stars", "body"})
"""What the department decides of a certificate, and a sheet may say otherwise."""
_COUNTED: Final = frozenset({"on_hand", "reserved"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that stays as it is, though the sheet says something else.

    Attributes:
        column: The column.
        key: Of which product or pack, by id or SKU.
        ours: The value in the catalog.
        touch: When and by whom that was last changed.
    """

    column: str
    key: str
    ours: object
    touch: Touch

    def at(self, row: FeedRow, *, stamped: bool) -> Problem:
        """Return it as a problem of *row*."""
        by, ours = (
            author_in_words(self.touch.by),
            shorten(in_message(self.column, self.ours)),
        )
        at = self.touch.at.astimezone(VIETNAM)
        held_vi = f'đang lưu "{ours}", do {by} ghi lúc {moment(at)}'
        held_en = f'the catalog holds "{ours}", by {self.touch.by}, {at:%Y-%m-%d %H:%M}'
        why_vi = "sau khi xuất bảng này" if stamped else "không phải từ bảng này"
        why_en = "after this sheet was exported" if stamped else "not by this sheet"
        return row.problem(
            column=self.column,
            vi=f"{held_vi}, {why_vi}: giữ nguyên. Muốn đổi thì xuất bảng mới rồi sửa",
            en=f"{held_en}, {why_en}: it stays. To change it, export anew and edit",
            kind=ProblemKind.CONFLICT,
            known=show(self.ours),
        )


@dataclass(frozen=True, slots=True)
class Guard:
    """One sheet, and the fields that it may change.

    Attributes:
        author: Under which name the sheet's changes are kept.
        stamp: When it was exported; None if it never was.
        provenance: Who last changed which field of the known products.
        withdrawn: The producers that have withdrawn their consent.
        recognitions: Who decided or corrected a certificate by hand, by product and
            place.
    """

    author: str
    stamp: datetime | None
    provenance: Provenance = NOTHING_KNOWN
    withdrawn: Withdrawn = field(default_factory=dict)
    recognitions: Mapping[tuple[str, int], Touch] = field(default_factory=dict)

    def conflicts(
        self, made: RowDraft
    ) -> Iterator[Conflict | WithdrawnConflict | AttestedConflict]:
        """Return the changes of *made* that are not permitted."""
        if made.known is None and made.known_maker is None:
            return  # all of it is new
        yield from withdrawn_conflicts(made, self.withdrawn)
        yield from attested_conflicts(made, self.stamp)
        yield from self._entered(made)
        yield from self._decided(made)
        product = made.known
        if product is None:
            return
        for name in _GUARDED.keys() & made.given.keys():
            field, of_variant = _GUARDED[name]
            column, variant = COLUMNS[name], made.known_variant
            if of_variant and variant is None:
                continue
            # A count says itself when it was made: newer ones win, see `merge_values`.
            if name in _COUNTED and _is_count(made):
                continue
            ours = column.value_of(variant) if of_variant else value_in(column, product)
            if ours == made.given[name] or _is_empty(ours):
                continue
            sku = variant.sku if of_variant and variant is not None else ""
            touch = self.provenance.of(product.id, sku, field)
            if touch is not None and not self._may_change(touch):
                key = sku or product.id
                yield Conflict(column=name, key=key, ours=ours, touch=touch)

    def _entered(self, made: RowDraft) -> Iterator[Conflict]:
        """Yield the changes of values that were entered by hand."""
        product, maker = made.known, made.known_maker
        for name in _ENTERED.keys() & made.given.keys():
            column = _ENTERED[name]
            is_makers = column.part is ColumnPart.PRODUCER
            owner = maker if is_makers else product
            if owner is None:
                continue
            ours = column.value_of(owner)
            if ours == made.given[name] or _is_empty(ours):
                continue
            field = column.path.partition(".")[0] if is_makers else column.path
            part = OF_PRODUCER if is_makers else ""
            touch = self.provenance.of(owner.id, part, field)
            if touch is not None and touch.is_entered and not self._may_change(touch):
                yield Conflict(column=name, key=owner.id, ours=ours, touch=touch)

    def _decided(self, made: RowDraft) -> Iterator[Conflict]:
        """Yield the changes of certificates that were decided or corrected by hand.

        Another day or number is asked about in any case.
        """
        if made.known is None or not self.recognitions:
            return
        place = made.known_certificate
        if place is None:
            return
        touch = self.recognitions.get((made.known.id, place))
        if touch is None or self._may_change(touch):
            return
        for name in _RECOGNISED & made.given.keys():
            ours = getattr(made.known.certificates[place], name)
            if ours != made.given[name] and not _is_empty(ours):
                yield Conflict(column=name, key=made.known.id, ours=ours, touch=touch)

    def keeps_owner(self, product: Product) -> Conflict | None:
        """Return why a product stays with its producer, whatever the sheet says.

        Somebody has moved it by hand since; None if the sheet may move it.
        """
        touch = self.provenance.of(product.id, "", _OWNER)
        if touch is None or not touch.is_entered or self._may_change(touch):
            return None
        ours = product.producer_id
        return Conflict(column=_OWNER, key=product.id, ours=ours, touch=touch)

    def _may_change(self, touch: Touch) -> bool:
        if touch.by == self.author:
            return True
        return self.stamp is not None and touch.at <= self.stamp


def _is_count(made: RowDraft) -> bool:
    """Say whether the row holds a count with its time, or one that lacks it."""
    return "counted_at" in made.given or made.given.get("on_hand") is not None


def _is_empty(value: object) -> bool:
    """Say whether nothing is known; no and 0 are something."""
    if isinstance(value, tuple):
        return all(each is Fact.UNKNOWN for each in value)
    return value is None or value == ""
