"""A database that an earlier version wrote goes on as if nothing had happened.

How it was made, and the content of each product in it, are in tests/data/README.md.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from ocop_sync.service.queries.coverage_figures import coverage_of
from ocop_sync.store.db import schema, upgrade
from ocop_sync.store.db.schema import Tables
from ocop_sync.store.decisions import drift
from tests.stored import inside, load, open_upgraded
from tests.world import World

pytestmark = pytest.mark.postgresql

OWED: Mapping[str, set[str]] = {
    # Approved by a person before the upgrade, and not sent yet.
    "SP-00025": {"withdraw"},
    "SP-00026": {"withdraw"},
    # There twice: one goes on selling, and the other one offers nothing.
    "SP-00017": {"set_stock"},
}
"""What a sync behind the upgrade sends, by product; what is not here is in order.

Whoever changes what a situation asks for adds here what that is, and why.
"""


async def drift_in(world: World) -> list[tuple[str, str, str]]:
    """Return what is open in the ledger of drift: product, kind, field."""
    async with world.database.read() as conn:
        found = await drift.listed(conn, ["memory", "other"])
    return [(each.product_id, each.kind.value, each.field) for each in found]


def sent(world: World) -> dict[str, set[str]]:
    """Return what was sent since the last sync began, by product or producer."""
    found = defaultdict[str, set[str]](set)
    for market in world.markets.values():
        for change in market.written():
            found[change.client_ref].add(change.kind.value)
    return dict(found)


async def holds(url: str) -> dict[tuple[str, str], str]:
    """Return why what is held is held, by marketplace and product."""
    query = text("SELECT marketplace, product_id, hold FROM listing")
    rows = await inside(url, lambda conn: conn.execute(query).all())
    return {(row.marketplace, row.product_id): row.hold for row in rows if row.hold}


async def test_it_becomes_just_what_the_tables_say(url: str) -> None:
    await load(url)

    await schema.upgrade(url)

    differences = await inside(
        url,
        lambda conn: compare_metadata(
            MigrationContext.configure(conn),
            schema.METADATA,  # type: ignore[arg-type]  # several are taken, too
        ),
    )
    assert differences == []
    assert await schema.look(url) is Tables.CURRENT


async def test_every_row_is_kept(url: str) -> None:
    await load(url)
    names = text("SELECT count(*) FROM listing"), text("SELECT count(*) FROM product")
    before = [await inside(url, lambda c, n=n: c.execute(n).scalar()) for n in names]

    await schema.upgrade(url)

    after = [await inside(url, lambda c, n=n: c.execute(n).scalar()) for n in names]
    assert before == after
    assert min(before) > 30


@pytest.mark.parametrize("reads_whole", [False, True], ids=["no read", "read whole"])
async def test_nothing_counts_as_edited_and_nothing_is_written(
    url: str, reads_whole: bool
) -> None:
    async with open_upgraded(url, minutes=10) as world:
        every = timedelta(minutes=1 if reads_whole else 60 * 24)
        limits = replace(world.deployment.limits, read_whole_every=every)
        world.deployment = replace(world.deployment, limits=limits)
        before, held = await drift_in(world), await holds(url)

        await world.sync()

        assert sent(world) == OWED
        assert await drift_in(world) == before
        gone = {product for product, kinds in OWED.items() if "withdraw" in kinds}
        assert await holds(url) == {k: v for k, v in held.items() if k[1] not in gone}


async def test_the_first_run_begins_the_interval_of_every_product(url: str) -> None:
    query = text(
        "SELECT count(*) FROM listing LEFT JOIN coverage_interval AS kept"
        " ON kept.marketplace = listing.marketplace"
        " AND kept.product_id = listing.product_id AND kept.ended_at IS NULL"
        " WHERE kept.began_at IS NULL OR kept.counted <> listing.counted"
    )
    async with open_upgraded(url, minutes=10) as world:
        before = await coverage_of(world.deployment)

        await world.sync()

        assert await inside(url, lambda conn: conn.execute(query).scalar()) == 0
        after = await coverage_of(world.deployment)
        assert (list(before.cells), before.not_known) == ([], ["memory", "other"])
        assert min(each.figures["certified"].value for each in after.cells) > 20
        assert min(after.history_began.values()) >= before.at


async def test_a_second_listing_elsewhere_is_read_after_the_upgrade(url: str) -> None:
    """What an earlier version said of it in the row of its product."""
    await load(url)
    said = text(
        "UPDATE listing SET doubled_ref = 'memory/R/9'"
        " WHERE marketplace = 'memory' AND product_id = 'SP-00011'"
    )
    await inside(url, lambda conn: conn.execute(said))

    await schema.upgrade(url)

    query = text("SELECT account, ref, product_id, read_at, pending FROM elsewhere")
    [row] = await inside(url, lambda conn: conn.execute(query).all())
    assert tuple(row) == ("memory", "R/9", "SP-00011", None, False)


RENAMED = {
    "listing": (
        "settled_print, stale, product_id",
        "settled_fingerprint, must_reread, product_id",
    ),
    "drift": (
        "said, said_by, said_at, said_print, id",
        "decision, decided_by, decided_at, decision_fingerprint, id",
    ),
    "seller": (
        "sent_print, confirmed_print, refused_print, submitted_print, producer_id",
        (
            "sent_fingerprint, confirmed_fingerprint, refused_fingerprint,"
            " submitted_fingerprint, producer_id"
        ),
    ),
    "held_member": ("print, anew, product_id", "fingerprint, reask_reason, product_id"),
    "account": ("heard_at, key", "sales_known_at, key"),
    "retry": ("heard_at, id", "read_at, id"),
    "change": ("takes, n, run_id", "removes, n, run_id"),
    "last_run": ("unheard, account", "sales_unread, account"),
}
"""Columns of version 0023, by table, and the same ones of 0024, in that order."""

A_LAST_RUN = (
    "INSERT INTO last_run (account, marketplace, run_id, began_at, outcome, error,"
    " writes, failed, unread, unheard) VALUES ('memory', 'memory', 'R1',"
    " '2026-11-20 01:00:00+00:00', 'died', '', 0, 0, '', 'nobody answers')"
)
"""The version of the file had none yet."""


async def test_a_renamed_column_keeps_its_values(url: str) -> None:
    await load(url)
    await inside(url, lambda conn: upgrade_to(conn, "0023"))
    await inside(url, lambda conn: conn.execute(text(A_LAST_RUN)))
    before = {table: await rows(url, table, was) for table, (was, _) in RENAMED.items()}

    await schema.upgrade(url)

    after = {table: await rows(url, table, is_) for table, (_, is_) in RENAMED.items()}
    assert after == before
    assert all(before.values())


async def test_what_stands_in_the_ledger_is_counted(url: str) -> None:
    await load(url)

    await schema.upgrade(url)

    counted = "counted, account, marketplace, outcome, n"
    counts = await rows(url, "work_count", counted)
    n, by = "count(*)", "GROUP BY account, marketplace"
    expected = [
        *await rows(url, f"change {by}", f"'sent', account, marketplace, '', {n}"),
        *await rows(
            url,
            f"change WHERE outcome IS NOT NULL {by}, outcome",
            f"'outcome', account, marketplace, outcome, {n}",
        ),
        *await rows(
            url,
            f"run WHERE ended_at IS NOT NULL {by}, outcome",
            f"'run', account, marketplace, outcome, {n}",
        ),
    ]
    assert counts == sorted(expected, key=repr)
    assert {kind for kind, *_ in counts} == {"sent", "outcome", "run"}


async def rows(url: str, table: str, columns: str) -> list[tuple[object, ...]]:
    """Return the values of *columns*, in the order of the rows."""
    query = text(f"SELECT {columns} FROM {table}")  # noqa: S608  (names of our own)
    found = await inside(url, lambda conn: conn.execute(query).all())
    return sorted((tuple(row) for row in found), key=repr)


def upgrade_to(connection: Connection, version: str) -> None:
    config = upgrade.configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, version)
