"""A database that an earlier version wrote, and marketplaces that are as it says.

It stands as text in tests/data, and how it was made in the README there. It is put into
tables of its own version: an upgrade brings later ones.
"""

import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, inspect, text

from catalog.eligibility import load_rules
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import (
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    Seller,
    StarClaim,
    Variant,
)
from ocop_sync.service.deployment import Deployment, RunLimits, Site
from ocop_sync.store.db import schema, upgrade
from ocop_sync.store.db.database import Database
from ocop_sync.testing.memory import InMemoryMarketplace, offline_context
from tests.world import FakeTime, World

FOLDER = Path(__file__).parent / "data"
WRITTEN_AT = datetime(2024, 3, 3, 6, tzinfo=UTC)
"""When the last sync before the upgrade began."""

MEMORY = Account(key="memory", marketplace="memory", base_url="http://localhost")
OTHERS = tuple(
    Account(
        key=f"other-{n}",
        marketplace="other",
        base_url="http://localhost",
        seller_ref=f"CS-000{n}",
    )
    for n in (1, 2)
)
Shown = tuple[dict[str, RemoteListing], dict[str, str]]
"""What an account shows: listings by ref, and refs of what is reviewed by ticket."""
PER_SELLER = InMemoryMarketplace.having(account_per_seller=True)


@asynccontextmanager
async def open_stored_world(
    url: str, now: datetime = WRITTEN_AT
) -> AsyncIterator[World]:
    """Open a world of the accounts that the stored databases know; it is empty.

    One marketplace publishes at once, for all; the other reviews first, and has an
    account for each of two producers. Two products are a lot to take at once.
    """
    time, database = FakeTime(now), Database(url)
    markets: dict[str, InMemoryMarketplace] = {
        MEMORY.key: InMemoryMarketplace(MEMORY, offline_context(time)),
    }
    for account in OTHERS:
        context = offline_context(time)
        markets[account.key] = PER_SELLER(account, context, moderated=True)
    deployment = Deployment(
        database=database,
        rules=load_rules(),
        sites=(
            Site(MEMORY.marketplace, InMemoryMarketplace, [MEMORY]),
            Site(OTHERS[0].marketplace, PER_SELLER, OTHERS),
        ),
        open=lambda account: markets[account.key],
        clock=time,
        sleep=time.sleep,
        time=time.seconds,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="kiểm thử",
        limits=RunLimits(cool_down_s=10),
        budget=Budget(min_changes=1, share=0),
        retry=RetryPolicy(attempts=3),
    )
    try:
        yield World(database, time, deployment, markets)
    finally:
        await database.close()


async def inside(url: str, work: Any) -> Any:
    """Do *work* in one transaction of the database at *url*."""
    engine = schema.upgrading_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def load(url: str, version: str = "0002") -> None:
    """Make the database at *url* what a program of *version* has left.

    Whatever was in it is lost.
    """

    def make(connection: Connection) -> None:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            for name in inspect(connection).get_table_names():
                connection.exec_driver_sql(f'DROP TABLE "{name}"')
        else:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        config = upgrade.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        if not is_sqlite:  # the file's instants are in UTC and do not say so
            connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        for statement in _statements(version):
            connection.exec_driver_sql(statement)
        if not is_sqlite:
            _go_on_counting(connection)

    await inside(url, make)


def _statements(version: str) -> list[str]:
    """Return the statements of a stored database, one for each table."""
    dump = (FOLDER / f"database_{version}.sql").read_text(encoding="utf-8")
    return [each for each in dump.split("\n\n") if each.startswith("INSERT")]


def _go_on_counting(connection: Connection) -> None:
    """Have PostgreSQL number new rows behind those that are there."""
    serial = text(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'id'"
        " AND table_schema = 'public' AND column_default LIKE 'nextval%'"
    )
    for (table,) in connection.execute(serial).all():
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608
            f" (SELECT max(id) FROM {table})) FROM {table} LIMIT 1"
        )


@asynccontextmanager
async def open_upgraded(
    url: str, version: str = "0002", change: str = "", **passed: float
) -> AsyncIterator[World]:
    """Open a world with what *version* has stored, upgraded to the present one.

    Args:
        url: Address of a database; whatever is in it is lost.
        version: Of the tables.
        change: Statement that makes what is stored something else before.
        passed: Time since the last sync, as of `timedelta`.
    """
    await load(url, version)
    if change:
        await inside(url, lambda conn: conn.exec_driver_sql(change))
    shelves = await inside(url, shown_by)
    await schema.upgrade(url)
    async with open_stored_world(url, WRITTEN_AT + timedelta(**passed)) as world:
        await _fill(world, shelves)
        yield world


def stranger(title: str) -> Listing:
    """Return what somebody else has put on sale."""
    variant = Variant(sku="TAY-1", pack="Gói", price_vnd=50_000, stock=5)
    return Listing(
        client_ref="",
        seller_ref="",
        title=title,
        description="",
        category="C-I.3.c",
        variants=(variant,),
    )


async def _fill(world: World, shelves: Mapping[str, Shown]) -> None:
    """Have the marketplaces show what is stored, and keep no one of ours out."""
    async with world.database.read() as conn:
        sellers = (await conn.execute(_SELLERS)).all()
    for account, producer_id in sellers:
        shelf = world.markets[account].shelf
        shelf.sellers[producer_id] = Seller(client_ref=producer_id, name="")
    for account, (listings, tickets) in shelves.items():
        shelf = world.markets[account].shelf
        shelf.listings |= dict(sorted(listings.items()))
        shelf._tickets |= tickets
        shelf._made = 1000


_SELLERS = text(
    "SELECT account, producer_id FROM seller WHERE ref <> '' AND NOT stopped"
)
_LISTINGS = text(
    "SELECT product_id, account, ref, ticket, version, seller_ref, found, awaiting,"
    " sent, confirmed, edited, problems, doubled_ref FROM listing"
    " WHERE ref <> '' OR sent IS NOT NULL ORDER BY marketplace, product_id"
)
_STRANGERS = text("SELECT account, ref, state, title, seller_name FROM remote")
"""In words, not by the tables: those are newer than what is stored."""

_STATES = {
    "live": RemoteState.LIVE,
    "in_review": RemoteState.IN_REVIEW,
    "refused": RemoteState.REFUSED,
    "down_by_us": RemoteState.DOWN,
    "down_by_person": RemoteState.DOWN,
    "banned": RemoteState.BANNED,
}
"""What shows of each kind of find; what is absent shows not at all."""


def shown_by(connection: Connection) -> dict[str, Shown]:
    """Return what marketplaces show, by what is stored at version 0002.

    It is what the last read found, else what was confirmed, else what was sent.
    What has no outcome was applied.
    """
    found: dict[str, Shown] = {}
    made = 900
    for row in connection.execute(_LISTINGS).all():
        state = _STATES.get(row.found)
        if row.awaiting == "create":
            state, made = RemoteState.LIVE, made + 1
        if state is None:
            continue
        values = _shown(row)
        item = RemoteListing(
            ref=row.ref or f"M{made:06}",
            state=state,
            shown=_listing(row, values),
            version=row.version or "1",
            problems=tuple(Problem(**each) for each in _plain(row.problems) or ()),
        )
        listings, tickets = found.setdefault(row.account, ({}, {}))
        listings[item.ref] = item
        if row.doubled_ref:
            listings[row.doubled_ref] = replace(item, ref=row.doubled_ref)
        if row.ticket:
            tickets[row.ticket] = item.ref
    for row in connection.execute(_STRANGERS).all():
        listings, _ = found.setdefault(row.account, ({}, {}))
        listings[row.ref] = RemoteListing(
            ref=row.ref,
            state=RemoteState(row.state),
            shown=stranger(row.title),
            version="1",
            seller_name=row.seller_name,
        )
    return found


def _plain(document: Any) -> Any:
    """Return a document, which drivers hand out as text or as data."""
    return json.loads(document) if isinstance(document, str) else document


def _shown(row: Any) -> Mapping[str, Any]:
    sent, confirmed = _plain(row.sent), _plain(row.confirmed)
    if row.awaiting or row.found == "in_review":
        return dict(sent)
    return dict(
        _plain(row.edited) or (sent if confirmed is True else confirmed or sent)
    )


def _listing(row: Any, values: Mapping[str, Any]) -> Listing:
    """Return the listing of which version 0002 has stored *values*."""
    content = dict(values["content"])
    variants = [
        Variant(
            sku=sku,
            pack=pack,
            gtin=gtin,
            weight_g=weight_g,
            price_vnd=values["price"][sku],
            stock=values["stock"][sku],
        )
        for sku, (pack, gtin, weight_g) in content.pop("variants").items()
    ]
    content["attributes"] = tuple(
        (name, value) for name, value in content["attributes"]
    )
    content["pictures"] = tuple(content["pictures"])
    return Listing(
        client_ref=row.product_id,
        seller_ref=row.seller_ref,
        variants=tuple(variants),
        stars=_claim(values["stars"]),
        **content,
    )


def _claim(value: Mapping[str, Any]) -> StarClaim | None:
    if not value:
        return None
    end = date.fromisoformat(value["valid_to"]) if value["valid_to"] else None
    return StarClaim(stars=value["stars"], decision=value["decision"], valid_to=end)
