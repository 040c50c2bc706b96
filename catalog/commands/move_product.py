"""A product that gets another producer, by the department.

Its listings stand under the old seller until somebody decides about them
(`ocop_sync.engine.plan`): sellers are not renamed by guess. Functions over a connection
in a transaction of the caller; none of them commits.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.confirmed import ensure_confirmed
from catalog.commands.meanwhile import ensure_as_seen
from catalog.commands.named_alike import ask_about_new_owner
from catalog.commands.own import own_producer, own_product
from catalog.commands.taken_from_buyers import taken_from_buyers
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.former_marks import keep_former_product
from catalog.db.history import Author
from catalog.db.reader import get, products_by_producer
from catalog.db.writer import lock, save
from catalog.eligibility import Rules
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace


async def move_product(
    conn: AsyncConnection,
    code: str,
    producer_id: str,
    *,
    by: Actor,
    now: datetime,
    rules: Rules,
    token: str = "",
    seen: int | None = None,
) -> bool:
    """Give a product another producer; return whether that is another one.

    *code* is the id of the product or one of its SKUs, *seen* its revision as it was
    seen, if that is known.

    Raises:
        NotInCatalogError: There is no such product, or no such producer.
        ChangedMeanwhileError: It has got another producer since *seen*.
        HeldEditError: It takes the product from buyers, or the producer has one of that
            name, and *token* does not confirm it.
        AttestationError: It is not said who.
    """
    who = required(by.name, "phải ghi tên người chuyển / say who moves it")
    await lock(conn)
    known = await own_product(conn, code, WHOLE_CATALOG)
    maker = await own_producer(conn, producer_id, WHOLE_CATALOG)
    if known.producer_id == maker.id:
        return False
    owner = {("", "producer_id"): known.producer_id or ""}
    await ensure_as_seen(conn, known.id, known.revision, seen, owner)
    before = (await get(conn, [known.id]))[known.id]
    moved = replace(known, producer_id=maker.id)
    questions = [
        *ask_about_new_owner(known, await _products_of(conn, maker.id)),
        *taken_from_buyers([(before, (moved, maker))], now, rules),
    ]
    ensure_confirmed(questions, token, (known.id, known.producer_id, maker.id))
    refs = {"from": known.producer_id or "", "to": maker.id}
    done = Act(by=by, kind="move_product", at=now, subjects=[known.id], refs=refs)
    author = Author(who, now, await record_act(conn, done))
    await save(conn, [(moved, None)], by=author)
    await keep_former_product(conn, known.id, known.producer_id, known.name)
    return True


async def _products_of(conn: AsyncConnection, producer_id: str) -> list[Product]:
    """Return the products of a producer, some dozens."""
    found: list[Product] = []
    for some in chunks(await products_by_producer(conn, [producer_id])):
        found += [item for item, _ in (await get(conn, some)).values()]
    return found
