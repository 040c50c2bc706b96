"""Producers as the department keeps them: seen, entered, edited.

What is allowed, and what is asked first, is decided in `catalog.commands.producers`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import producers as commands
from catalog.commands.own import own_producer
from catalog.commands.producers import ProducerEdit
from catalog.db.chunks import CHUNK
from catalog.db.producer_changes import last_change_of
from catalog.db.producer_pages import count_products, producer_ids_after
from catalog.db.reader import get_producers
from catalog.model.actor import Actor
from catalog.model.producer import Producer
from catalog.model.reach import WHOLE_CATALOG, Reach
from ocop_sync.service.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProducer:
    """A producer among others.

    Attributes:
        producer: The producer.
        products: How many products it has.
    """

    producer: Producer
    products: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerPage:
    """Some producers, by id.

    Attributes:
        producers: The producers.
        last: The id of the last one; None if no further page follows.
    """

    producers: Sequence[ListedProducer]
    last: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptProducer:
    """One producer, as it stands.

    Attributes:
        listed: The producer, with its number of products.
        version: The number of its last change.
        is_changed: Whether an act has just changed it.
    """

    listed: ListedProducer
    version: int
    is_changed: bool = False


async def one_producer(
    conn: AsyncConnection, producer_id: str, *, reach: Reach, is_changed: bool = False
) -> KeptProducer:
    """Return a producer.

    Raises:
        NotInCatalogError: There is none within *reach*.
    """
    found = await own_producer(conn, producer_id, reach)
    counts = await count_products(conn, [found.id])
    return KeptProducer(
        listed=ListedProducer(producer=found, products=counts.get(found.id, 0)),
        version=await last_change_of(conn, found.id),
        is_changed=is_changed,
    )


async def producers_after(
    conn: AsyncConnection, after: str, *, limit: int
) -> ProducerPage:
    """Return at most *limit* producers behind the id *after*, "" for the first."""
    ids = await producer_ids_after(conn, after, limit + 1)
    shown = ids[:limit]
    found = await get_producers(conn, shown)
    counts = await count_products(conn, shown)
    return ProducerPage(
        producers=[
            ListedProducer(producer=found[id_], products=counts.get(id_, 0))
            for id_ in shown
        ],
        last=shown[-1] if len(ids) > limit else None,
    )


async def all_producers(conn: AsyncConnection) -> AsyncIterator[ListedProducer]:
    """Return every producer by id, to be read over the connection."""
    return _each(conn)


async def _each(conn: AsyncConnection) -> AsyncIterator[ListedProducer]:
    after: str | None = ""
    while after is not None:
        page = await producers_after(conn, after, limit=CHUNK)
        for each in page.producers:
            yield each
        after = page.last


async def add_producer(
    deployment: Deployment, new: ProducerEdit, by: Actor
) -> KeptProducer:
    """Add a producer; return it. Errors: `catalog.commands.producers`."""

    async def work(conn: AsyncConnection) -> KeptProducer:
        now, communes = deployment.clock(), deployment.communes
        id_ = await commands.add_producer(conn, new, by=by, now=now, communes=communes)
        return await one_producer(conn, id_, reach=WHOLE_CATALOG, is_changed=True)

    return await deployment.database.write(work)


async def edit_producer(
    deployment: Deployment,
    producer_id: str,
    edit: ProducerEdit,
    by: Actor,
    seen: int | None = None,
) -> KeptProducer:
    """Edit a producer; return it as it is then. Errors: `catalog.commands.producers`.

    *seen* is the version that the edit was made from; None if it is not known.
    """

    async def work(conn: AsyncConnection) -> KeptProducer:
        is_changed = await commands.edit_producer(
            conn,
            producer_id,
            edit,
            by=by,
            now=deployment.clock(),
            communes=deployment.communes,
            seen=seen,
        )
        return await one_producer(
            conn, producer_id, reach=WHOLE_CATALOG, is_changed=is_changed
        )

    return await deployment.database.write(work)
