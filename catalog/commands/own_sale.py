"""How a producer's product is sold: paused or not, shared among marketplaces or not.

Functions over a connection in a transaction of the caller; none of them commits.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update
from catalog.commands.meanwhile import ensure_as_seen
from catalog.commands.own import own_product
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.history import Author
from catalog.db.writer import lock, save
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.product import StockPolicy
from catalog.model.reach import Reach
from catalog.values import replace

OVERSELLS = (
    "Mỗi sàn đều hiện toàn bộ số hàng, nên có thể bán nhiều hơn số có thật",
    "Every marketplace shows all of the stock: more may be sold than there is",
)
"""What `StockPolicy.MIRROR` may do, in Vietnamese and English."""


async def pause_own(
    conn: AsyncConnection,
    code: str,
    paused: bool,
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
) -> bool:
    """Stop the sale of a product, or let it go on; return whether it changed.

    It asks for no revision: whoever sees that goods must not be sold stops the sale
    without reading first, and whether it is stopped is told with each product.

    Raises:
        NotInCatalogError: There is no such product within *reach*.
        AttestationError: It is not said who.
    """
    await lock(conn)
    known = await own_product(conn, code, reach)
    return await update.pause(conn, known.id, paused, by=by, now=now)


async def choose_stock_policy(
    conn: AsyncConnection,
    code: str,
    policy: StockPolicy,
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
    seen: int | None = None,
) -> bool:
    """Choose how stock is shown on several marketplaces; return whether it changed.

    *seen* is the revision of the product that the choice was made from; None if it is
    not known.

    Raises:
        NotInCatalogError: There is no such product within *reach*.
        ChangedMeanwhileError: Another one was chosen since *seen*.
        AttestationError: It is not said who.
    """
    who = required(by.name, "phải ghi tên người chọn / say who chooses")
    await lock(conn)
    known = await own_product(conn, code, reach)
    if known.stock_policy is policy:
        return False
    values = {("", "stock_policy"): known.stock_policy.value}
    await ensure_as_seen(conn, known.id, known.revision, seen, values)
    entry = (replace(known, stock_policy=policy), None)
    refs = {"policy": policy.value}
    done = Act(by=by, kind="stock_policy", at=now, subjects=[known.id], refs=refs)
    author = Author(who, now, await record_act(conn, done))
    await save(conn, [entry], by=author)
    return True
