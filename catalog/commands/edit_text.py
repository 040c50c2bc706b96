"""Texts and other plain values of a product that are its producer's own.

They are the columns of sheets whose owner is the producer (`catalog.model.ownership`),
by the same names, and are read as cells are: a value that an import refuses is refused
here, too. An empty text clears a field. Price, stock, pictures, a stop and the stock
policy have use cases of their own. Functions over a connection in a transaction of the
caller; none of them commits.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.meanwhile import Field, ensure_as_seen
from catalog.commands.own import own_product
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.history import Author
from catalog.db.writer import lock, save
from catalog.errors import FieldProblem, FieldsError
from catalog.feed.cells.cell import CellError
from catalog.feed.headings.column import COLUMNS, Column, ColumnPart
from catalog.feed.identify.code_spelling import fold_pack
from catalog.feed.merge.ownership_guard import owner_of
from catalog.feed.rows.assignment import put
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.ownership import Owner
from catalog.model.product import Product, Variant
from catalog.model.reach import Reach

_ELSEWHERE: Final = frozenset({"price_vnd", "on_hand", "stock_policy", "paused"})
_BLANK: Final[Mapping[ColumnPart, Product | Variant]] = {
    ColumnPart.PRODUCT: Product(id="", name=""),
    ColumnPart.VARIANT: Variant(sku=""),
}


def _editable(part: ColumnPart) -> dict[str, Column]:
    return {
        name: column
        for name, column in COLUMNS.items()
        if column.part is part
        and owner_of(column) is Owner.PRODUCER
        and name not in _ELSEWHERE | {"sku", "counted_at"}
    }


PRODUCT_TEXTS: Final[Mapping[str, Column]] = _editable(ColumnPart.PRODUCT)
"""What may be edited of a product, by the names of sheets."""

PACK_TEXTS: Final[Mapping[str, Column]] = _editable(ColumnPart.VARIANT)
"""The same of a pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """Values that somebody gives, as texts; "" clears a field.

    Attributes:
        product: Of the product, by a name of `PRODUCT_TEXTS`.
        packs: Of its packs, by SKU and a name of `PACK_TEXTS`.
    """

    product: Mapping[str, str] = field(default_factory=dict)
    packs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """The values of an edit, and all that is wrong with them."""

    problems: list[FieldProblem] = field(default_factory=list)

    def values(
        self, said: Mapping[str, str], part: ColumnPart, place: str
    ) -> dict[str, object]:
        """Return the values of *said* by their paths; faults are noted."""
        known = PACK_TEXTS if part is ColumnPart.VARIANT else PRODUCT_TEXTS
        found: dict[str, object] = {}
        for name, text in said.items():
            column = known.get(name)
            if column is None:
                self._note(f"{place}{name}", *_NOT_OWN)
                continue
            try:
                given = text.strip()
                blank = column.value_of(_BLANK[part])
                found[column.path] = column.read(given) if given else blank
            except CellError as error:
                self._note(f"{place}{name}", error.vi, error.en)
        return found

    def note_doubled_packs(self, variants: tuple[Variant, ...]) -> None:
        """Note packs of one product that are called alike: sheets name them so."""
        names = Counter(fold_pack(each.pack) for each in variants)
        for each in variants:
            if names[fold_pack(each.pack)] > 1:
                self._note(f"{each.sku}.pack", *_DOUBLED)

    def _note(self, name: str, vi: str, en: str) -> None:
        self.problems.append(FieldProblem(name, vi, en))


_NOT_OWN: Final = (
    "không có ô này, hoặc không phải của cơ sở: chỉ cơ quan quản lý sửa được",
    "no such field, or not the producer's own: the department alone changes it",
)
_DOUBLED: Final = (
    "đã có quy cách khác cùng tên: đặt tên khác",
    "another pack is called so: choose another name",
)


async def edit_text(
    conn: AsyncConnection,
    code: str,
    edit: TextEdit,
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
    seen: int | None = None,
) -> bool:
    """Change the texts of a product and its packs; return whether any differs.

    Either all of it counts or none. *code* is the id of the product or one of its SKUs,
    *seen* the revision that the edit was made from, if it is known.

    Raises:
        NotInCatalogError: There is no such product within *reach*.
        FieldsError: Values cannot be taken; all are named.
        ChangedMeanwhileError: A field that it changes has changed since *seen*.
        AttestationError: It is not said who.
    """
    who = required(by.name, "phải ghi tên người sửa / say who edits")
    await lock(conn)
    known = await own_product(conn, code, reach)
    edited = _edited(known, edit)
    changed = dict(_changes(known, edited))
    await ensure_as_seen(conn, known.id, known.revision, seen, changed)
    if not changed:
        return False
    fields = " ".join(f"{sku}.{path}" if sku else path for sku, path in changed)
    done = Act(
        by=by, kind="edit_text", at=now, subjects=[known.id], refs={"fields": fields}
    )
    author = Author(who, now, await record_act(conn, done))
    await save(conn, [(edited, None)], by=author)
    return True


def _edited(known: Product, edit: TextEdit) -> Product:
    """Return *known* with the values of *edit*; `FieldsError` if some are wrong."""
    reading = _Reading()
    values = reading.values(edit.product, ColumnPart.PRODUCT, "")
    variants = {each.sku: each for each in known.variants}
    for sku, said in edit.packs.items():
        if sku not in variants:
            reading.problems.append(FieldProblem(sku, *_NO_PACK))
            continue
        given = reading.values(said, ColumnPart.VARIANT, f"{sku}.")
        variants[sku] = put(variants[sku], given)
    edited: Product = put(known, {**values, "variants": tuple(variants.values())})
    if any("pack" in said for said in edit.packs.values()):
        reading.note_doubled_packs(edited.variants)
    if reading.problems:
        raise FieldsError(reading.problems)
    return edited


_NO_PACK: Final = (
    "sản phẩm này không có quy cách mang mã đó",
    "the product has no such pack",
)


def _changes(known: Product, edited: Product) -> Iterator[tuple[Field, object]]:
    """Yield the fields that differ, each with its known value."""
    yield from _differing("", known, edited, PRODUCT_TEXTS)
    for was, now in zip(known.variants, edited.variants, strict=True):
        yield from _differing(was.sku, was, now, PACK_TEXTS)


def _differing(
    sku: str, known: Any, edited: Any, columns: Mapping[str, Column]
) -> Iterator[tuple[Field, object]]:
    for column in columns.values():
        before = column.value_of(known)
        if before != column.value_of(edited):
            yield (sku, column.path), before
