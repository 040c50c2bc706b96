"""Values of a product that people edit: its producer's texts, its official values.

They are the columns of sheets, by the same names, and are read as cells are: a value
that an import refuses is refused here, too. An empty text clears a field. Texts are the
producer's own (`catalog.model.ownership`); official values are the department's, who
are asked first where buyers would lose something by them. Price, stock, pictures, a
stop, the stock policy and another producer have use cases of their own. Functions over
a connection in a transaction of the caller; none of them commits.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.confirmed import ensure_confirmed
from catalog.commands.field_reader import FieldReader, Fields, by_path
from catalog.commands.meanwhile import Field, ensure_as_seen
from catalog.commands.named_alike import ensure_name_of_its_own
from catalog.commands.own import own_product
from catalog.commands.taken_from_buyers import taken_from_buyers
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.former_marks import keep_former_product
from catalog.db.history import Author
from catalog.db.reader import get
from catalog.db.writer import lock, save
from catalog.eligibility import Rules
from catalog.errors import FieldProblem
from catalog.feed.cells.cell import show
from catalog.feed.headings.column import COLUMNS, Column, ColumnPart
from catalog.feed.identify.code_spelling import fold_pack
from catalog.feed.merge.ownership_guard import owner_of
from catalog.feed.rows.assignment import put
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.ownership import Owner
from catalog.model.product import Entry, Product, Variant
from catalog.model.reach import WHOLE_CATALOG, Reach

_ELSEWHERE: Final = frozenset({"price_vnd", "on_hand", "stock_policy", "paused"})
_BLANK: Final[Mapping[ColumnPart, Product | Variant]] = {
    ColumnPart.PRODUCT: Product(id="", name=""),
    ColumnPart.VARIANT: Variant(sku=""),
}


def _editable(part: ColumnPart, owner: Owner) -> dict[str, Column]:
    return {
        name: column
        for name, column in COLUMNS.items()
        if column.part is part
        and owner_of(column) is owner
        and name not in _ELSEWHERE | {"sku", "counted_at"}
    }


PRODUCT_TEXTS: Final[Fields] = _editable(ColumnPart.PRODUCT, Owner.PRODUCER)
"""What may be edited of a product, by the names of sheets."""

PACK_TEXTS: Final[Fields] = _editable(ColumnPart.VARIANT, Owner.PRODUCER)
"""The same of a pack."""

OFFICIAL: Final[Fields] = _editable(ColumnPart.PRODUCT, Owner.DEPARTMENT)
"""The values of a product that the department alone edits."""

_BLANKS: Final = {
    name: column.value_of(_BLANK[column.part])
    for name, column in {**PRODUCT_TEXTS, **PACK_TEXTS}.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """Values that somebody gives, as texts; "" clears a field.

    Attributes:
        product: Of the product, by a name of `PRODUCT_TEXTS`.
        packs: Of its packs, by SKU and a name of `PACK_TEXTS`.
        official: Of the product, by a name of `OFFICIAL`.
        token: Confirms an edit that was held; "" if it is not confirmed.
    """

    product: Mapping[str, str] = field(default_factory=dict)
    packs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    official: Mapping[str, str] = field(default_factory=dict)
    token: str = ""


NOT_OWN: Final = (
    "không có ô này, hoặc không phải của cơ sở: chỉ cơ quan quản lý sửa được",
    "no such field, or not the producer's own: the department alone changes it",
)
DOUBLED: Final = (
    "đã có quy cách khác cùng tên: đặt tên khác",
    "another pack is called so: choose another name",
)


def read_texts(
    reader: FieldReader, said: Mapping[str, str], known: Fields, place: str = ""
) -> dict[str, object]:
    """Return the values of texts by their attributes; faults are noted."""
    read = reader.read(said, known, place=place, unknown=NOT_OWN, blanks=_BLANKS)
    return by_path(read, known)


def note_doubled_packs(reader: FieldReader, variants: tuple[Variant, ...]) -> None:
    """Note packs of one product that are called alike: sheets name them so."""
    names = Counter(fold_pack(each.pack) for each in variants)
    for each in variants:
        if names[fold_pack(each.pack)] > 1:
            reader.note(f"{each.sku}.pack", DOUBLED)


async def edit_text(
    conn: AsyncConnection,
    code: str,
    edit: TextEdit,
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
    seen: int | None = None,
    rules: Rules | None = None,
) -> bool:
    """Change values of a product and its packs; return whether any differs.

    Either all of it counts or none. *code* is the id of the product or one of its SKUs,
    *seen* the revision that the edit was made from, if it is known. *rules* are needed
    for official values.

    Raises:
        NotInCatalogError: There is no such product within *reach*.
        FieldsError: Values cannot be taken; all are named.
        ChangedMeanwhileError: A field that it changes has changed since *seen*.
        HeldEditError: It takes something from buyers, and is not confirmed.
        AttestationError: It is not said who.
    """
    who = required(by.name, "phải ghi tên người sửa / say who edits")
    await lock(conn)
    known = await own_product(conn, code, reach)
    edited = _edited(known, edit, may_all=reach == WHOLE_CATALOG)
    changed = dict(_changes(known, edited))
    await ensure_as_seen(conn, known.id, known.revision, seen, changed)
    if not changed:
        return False
    official = {path for sku, path in changed if not sku} & _OFFICIAL_PATHS
    if official:
        maker = (await get(conn, [known.id]))[known.id][1]
        await ensure_name_of_its_own(conn, known, maker, edited)
        questions = _taken((known, maker), edited, now, rules)
        ensure_confirmed(questions, edit.token, _in_words(known, edited, changed))
    fields = " ".join(f"{sku}.{path}" if sku else path for sku, path in changed)
    kind = "edit_product" if official else "edit_text"
    done = Act(by=by, kind=kind, at=now, subjects=[known.id], refs={"fields": fields})
    author = Author(who, now, await record_act(conn, done))
    await save(conn, [(edited, None)], by=author)
    if edited.name != known.name:
        await keep_former_product(conn, known.id, known.producer_id, known.name)
    return True


_OFFICIAL_PATHS: Final = frozenset(column.path for column in OFFICIAL.values())


def _taken(
    known: Entry, edited: Product, now: datetime, rules: Rules | None
) -> list[FieldProblem]:
    if rules is None:
        message = "official values are edited by the rules of the deployment"
        raise ValueError(message)
    return taken_from_buyers([(known, (edited, known[1]))], now, rules)


def _in_words(known: Product, edited: Product, changed: Mapping[Field, object]) -> Any:
    """Return the edit as a token has it: each field, as it was and as it will be."""
    after = dict(_changes(edited, known))
    return known.id, [(*each, show(changed[each]), show(after[each])) for each in after]


def _edited(known: Product, edit: TextEdit, *, may_all: bool) -> Product:
    """Return *known* with the values of *edit*; `FieldsError` if some are wrong."""
    reader = FieldReader()
    values = read_texts(reader, edit.product, PRODUCT_TEXTS)
    theirs: Fields = OFFICIAL if may_all else {}
    official = reader.read(edit.official, theirs, unknown=NOT_OWN)
    values |= by_path(official, OFFICIAL)
    variants = {each.sku: each for each in known.variants}
    for sku, said in edit.packs.items():
        if sku not in variants:
            reader.note(sku, _NO_PACK)
            continue
        given = read_texts(reader, said, PACK_TEXTS, f"{sku}.")
        variants[sku] = put(variants[sku], given)
    edited: Product = put(known, {**values, "variants": tuple(variants.values())})
    if any("pack" in said for said in edit.packs.values()):
        note_doubled_packs(reader, edited.variants)
    reader.ensure_right()
    return edited


_NO_PACK: Final = (
    "sản phẩm này không có quy cách mang mã đó",
    "the product has no such pack",
)


def _changes(known: Product, edited: Product) -> Iterator[tuple[Field, object]]:
    """Yield the fields that differ, each with its known value."""
    yield from _differing("", known, edited, {**PRODUCT_TEXTS, **OFFICIAL})
    for was, now in zip(known.variants, edited.variants, strict=True):
        yield from _differing(was.sku, was, now, PACK_TEXTS)


def _differing(
    sku: str, known: Any, edited: Any, columns: Fields
) -> Iterator[tuple[Field, object]]:
    for column in columns.values():
        before = column.value_of(known)
        if before != column.value_of(edited):
            yield (sku, column.path), before
