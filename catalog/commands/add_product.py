"""New products, and new packs of known ones, entered by the department.

What an import would ask about a new row is asked here. Nothing is on sale by that: a
certificate, papers, prices and counts have use cases of their own. Functions over a
connection in a transaction of the caller; none of them commits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.confirmed import ensure_confirmed
from catalog.commands.edit_text import (
    DOUBLED,
    OFFICIAL,
    PACK_TEXTS,
    PRODUCT_TEXTS,
    note_doubled_packs,
    read_texts,
)
from catalog.commands.field_reader import FieldReader, by_path
from catalog.commands.named_alike import ask_about_new_product
from catalog.commands.own import own_producer, own_product
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.counters import Mint, next_sku
from catalog.db.history import Author
from catalog.db.reader import get
from catalog.db.writer import lock, save
from catalog.feed.identify.code_spelling import fold_pack
from catalog.feed.identify.known_identities import identities_near
from catalog.feed.rows.assignment import put
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.product import Product, Variant
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace

MOST_PACKS: Final = 200
"""Of one product."""
MOST_NEW_PACKS: Final = 20
"""Of a new one; more are added one by one."""
_WHO: Final = "phải ghi tên người thêm / say who adds it"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product that somebody enters, its values as texts.

    Attributes:
        producer_id: Its producer, which the catalog has.
        official: Official values by a name of `OFFICIAL`; "name" is among them.
        texts: Texts by a name of `PRODUCT_TEXTS`.
        packs: Its packs, each by a name of `PACK_TEXTS`.
        token: Confirms one that was held; "" if it is not confirmed.
    """

    producer_id: str
    official: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)
    packs: Sequence[Mapping[str, str]] = ()
    token: str = ""


async def add_product(
    conn: AsyncConnection, new: NewProduct, *, by: Actor, now: datetime
) -> str:
    """Add a product to the catalog; return its id.

    Raises:
        NotInCatalogError: There is no such producer.
        FieldsError: Values cannot be taken, or the catalog has it already.
        HeldEditError: It is called nearly as a known one, and is not confirmed.
        AttestationError: It is not said who.
    """
    who = required(by.name, _WHO)
    await lock(conn)
    maker = await own_producer(conn, new.producer_id, WHOLE_CATALOG)
    item = _read(new)
    given = {"producer_id": maker.id, "name": item.name}
    given |= {"ocop_code": item.ocop_code} if item.ocop_code else {}
    identities = await identities_near(conn, maker, item.name, item.ocop_code)
    questions = ask_about_new_product(identities, given)
    ensure_confirmed(questions, new.token, sorted(given.items()))
    mint = await Mint.start(conn)
    # Danger: a product that is there already would be written over.
    while await get(conn, [id_ := mint.product_id("")]):
        pass
    item = replace(item, id=id_, producer_id=maker.id)
    item = replace(item, variants=tuple(_numbered(item)))
    done = Act(
        by=by,
        kind="add_product",
        at=now,
        subjects=[item.id],
        refs={"producer": maker.id},
    )
    author = Author(who, now, await record_act(conn, done))
    await save(conn, [(item, None)], by=author)
    await mint.finish(conn)
    return item.id


def _read(new: NewProduct) -> Product:
    """Return a product with the values of *new*; its packs have no SKU yet."""
    reader = FieldReader()
    if not new.official.get("name", "").strip():
        reader.note("name", _NO_NAME)
    official = {name: text for name, text in new.official.items() if text.strip()}
    values = by_path(reader.read(official, OFFICIAL), OFFICIAL)
    values |= read_texts(reader, new.texts, PRODUCT_TEXTS)
    packs = [
        _pack(reader, str(n), said) for n, said in enumerate(new.packs[:MOST_NEW_PACKS])
    ]
    if len(new.packs) > MOST_NEW_PACKS:
        reader.note("packs", _TOO_MANY_NEW)
    note_doubled_packs(reader, tuple(packs))
    reader.ensure_right()
    item: Product = put(Product(id="", name=""), values)
    return replace(item, variants=tuple(packs))


def _pack(reader: FieldReader, sku: str, said: Mapping[str, str]) -> Variant:
    values = read_texts(reader, said, PACK_TEXTS, f"{sku}.")
    pack: Variant = put(Variant(sku=sku), values)
    return pack


def _numbered(item: Product) -> Iterable[Variant]:
    """Return the packs of a new product, each with its SKU."""
    numbered: list[Variant] = []
    for each in item.variants:
        numbered.append(replace(each, sku=next_sku(item.id, numbered)))
    return tuple(numbered)


async def add_pack(
    conn: AsyncConnection,
    code: str,
    texts: Mapping[str, str],
    *,
    by: Actor,
    now: datetime,
) -> str:
    """Add a pack to a product; return its SKU.

    *code* is the id of the product or one of its SKUs. A pack is never taken out: its
    SKU stands in orders.

    Raises:
        NotInCatalogError: There is no such product.
        FieldsError: Values cannot be taken, or it has a pack of that name.
        AttestationError: It is not said who.
    """
    who = required(by.name, _WHO)
    await lock(conn)
    known = await own_product(conn, code, WHOLE_CATALOG)
    reader, sku = FieldReader(), next_sku(known.id, known.variants)
    pack = put(Variant(sku=sku), read_texts(reader, texts, PACK_TEXTS))
    if fold_pack(pack.pack) in {fold_pack(each.pack) for each in known.variants}:
        reader.note("pack", DOUBLED)
    if len(known.variants) >= MOST_PACKS:
        reader.note("packs", _TOO_MANY)
    reader.ensure_right()
    item = replace(known, variants=(*known.variants, pack))
    done = Act(by=by, kind="add_pack", at=now, subjects=[known.id], refs={"sku": sku})
    author = Author(who, now, await record_act(conn, done))
    await save(conn, [(item, None)], by=author)
    return sku


_NO_NAME: Final = ("hãy ghi tên chính thức", "write its official name")
_TOO_MANY_NEW: Final = (
    f"nhiều nhất {MOST_NEW_PACKS} quy cách một lần, thêm tiếp sau",
    f"{MOST_NEW_PACKS} packs at most, further ones are added later",
)
_TOO_MANY: Final = (
    f"nhiều nhất {MOST_PACKS} quy cách",
    f"{MOST_PACKS} packs at most",
)
