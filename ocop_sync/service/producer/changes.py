"""Changes of products within somebody's reach, each in one transaction.

What is allowed, and what is refused, is decided in `catalog.commands`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.consent import (
    Consent,
    consent_of,
    give_consent,
    withdraw_consent,
)
from catalog.commands.edit_text import TextEdit, edit_text
from catalog.commands.offers import MOST, OfferEntry, OfferResult, enter_offers
from catalog.commands.own import own_pack, own_product
from catalog.db.chunks import chunks
from catalog.db.packs import Pack
from catalog.db.writer import lock
from catalog.errors import NotInCatalogError
from catalog.model.actor import Actor
from catalog.model.product import Entry
from catalog.model.reach import Reach
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.products import one_product
from ocop_sync.store.db.database import Database

UseCase = Callable[..., Awaitable[object]]
"""A use case over a connection; it takes `reach`, `by` and `now` by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Who changes something, and what they reach.

    Attributes:
        by: Who acts.
        reach: Whose products they may change.
    """

    by: Actor
    reach: Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A product as it is after an act.

    Attributes:
        entry: The product, with its producer.
        is_changed: Whether it was otherwise before.
    """

    entry: Entry
    is_changed: bool


async def edit_product(
    deployment: Deployment, code: str, edit: TextEdit, doing: Doing, seen: int | None
) -> Edited:
    """Edit values of a product; return it as it is then. Errors: `edit_text`."""

    async def work(conn: AsyncConnection) -> Edited:
        by, reach, now = doing.by, doing.reach, deployment.clock()
        is_changed = await edit_text(
            conn,
            code,
            edit,
            reach=reach,
            by=by,
            now=now,
            seen=seen,
            rules=deployment.rules,
        )
        entry = await one_product(conn, code, reach=reach)
        return Edited(entry=entry, is_changed=is_changed)

    return await deployment.database.write(work)


async def change_pack(
    deployment: Deployment, code: str, sku: str, use_case: UseCase, doing: Doing
) -> Pack:
    """Carry *use_case* out on a pack of the product *code*; return the pack then.

    Raises:
        NotInCatalogError: The product has no such pack; nothing was changed.
        CatalogError: As of *use_case*.
    """

    async def work(conn: AsyncConnection) -> Pack:
        by, reach = doing.by, doing.reach
        await use_case(conn, reach=reach, by=by, now=deployment.clock())
        pack = await own_pack(conn, sku, reach)
        if code not in (pack.product_id, sku):
            raise NotInCatalogError([code])
        return pack

    return await deployment.database.write(work)


async def change_product(
    deployment: Deployment, code: str, use_case: UseCase, doing: Doing
) -> int:
    """Carry *use_case* out on a product; return its revision then.

    Errors are those of *use_case*.
    """

    async def work(conn: AsyncConnection) -> int:
        by, reach = doing.by, doing.reach
        await use_case(conn, code, reach=reach, by=by, now=deployment.clock())
        return (await own_product(conn, code, reach)).revision

    return await deployment.database.write(work)


async def change_offers(
    deployment: Deployment, entries: Sequence[OfferEntry], doing: Doing
) -> list[OfferResult]:
    """Take prices and stock of many packs in; errors: `enter_offers`."""
    by, reach = doing.by, doing.reach
    return await deployment.database.write(
        lambda conn: enter_offers(
            conn, entries, reach=reach, by=by, now=deployment.clock()
        )
    )


async def enter_all_offers(
    database: Database,
    entries: Sequence[OfferEntry],
    doing: Doing,
    clock: Callable[[], datetime],
) -> list[OfferResult]:
    """Take prices and stock of any number of packs in, some hundred at a time.

    Those that were taken stay so, whatever comes later. Errors: `enter_offers`.
    """
    results: list[OfferResult] = []
    for some in chunks(entries, MOST):
        work = partial(_enter_some, entries=some, doing=doing, clock=clock)
        results += await database.write(work)
    return results


async def _enter_some(
    conn: AsyncConnection,
    entries: Sequence[OfferEntry],
    doing: Doing,
    clock: Callable[[], datetime],
) -> list[OfferResult]:
    by, reach = doing.by, doing.reach
    return await enter_offers(conn, entries, reach=reach, by=by, now=clock())


async def answer_consent(
    deployment: Deployment,
    producer_id: str,
    consents: bool,
    doing: Doing,
    ensure: Callable[[Consent], None],
) -> Consent:
    """Give the consent of a producer, or withdraw it; return how it stands then.

    *ensure* is shown how it stands before, and raises if that is not as it was seen.

    Raises:
        NotInCatalogError: There is no such producer within reach.
        AttestationError: It is not said who.
    """
    answer = give_consent if consents else withdraw_consent
    by, reach = doing.by, doing.reach

    async def work(conn: AsyncConnection) -> Consent:
        await lock(conn)  # or somebody else might answer between the two
        ensure(await consent_of(conn, producer_id, reach=reach))
        return await answer(
            conn, producer_id, reach=reach, by=by, now=deployment.clock()
        )

    return await deployment.database.write(work)
