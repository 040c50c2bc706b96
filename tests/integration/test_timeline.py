"""The timeline of a product, pack or producer: what changed, who did it, and why."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update
from catalog.commands.certify.which import Which
from catalog.db.acts import erase_actor
from catalog.db.history import erase_old_values
from catalog.db.retention import KEPT_FOR
from catalog.db.tables import actor
from catalog.db.timeline import PastChange, TimelineSubject
from catalog.errors import NotInCatalogError
from catalog.model.reach import Reach
from catalog.queries.timeline import timeline_page, whole_timeline
from tests.catalog_database import NOW, import_rows
from tests.certified import void
from tests.factories import person

pytestmark = pytest.mark.postgresql

TEA = {"name": "Trà Mẫu", "producer_name": "Cơ sở Mẫu 001", "price_vnd": 50_000}
DECIDED = {"decision": "7/QĐ-UBND", "decided_on": "2024-04-03", "stars": 3}
ONE, SKU, OTHER = "SP-00001", "SP-00001-1", "SP-00001-2"
LATER = NOW + timedelta(hours=1)
BY: dict[str, Any] = {"by": person("Bà Mẫu", os_user="lan"), "now": LATER}


async def live(conn: AsyncConnection) -> None:
    """Import a product, import it anew with a second pack, and change it by hand."""
    await import_rows(conn, {**TEA, **DECIDED})
    again = {**TEA, **DECIDED, "description": "Bà Mẫu kể"}
    await import_rows(conn, again, {**TEA, "pack": "To"}, file="hai.csv")
    await update.set_price(conn, SKU, 60_000, **BY)
    await void(conn, ONE, Which(decision="7/QĐ-UBND"), reason="nhầm", **BY)


def in_short(changes: list[PastChange]) -> list[tuple[str, str, str]]:
    wheres = [each.change.where for each in changes]
    return [(each.entity.value, each.key, each.field) for each in wheres]


async def page_of(conn: AsyncConnection, code: str) -> list[PastChange]:
    return list((await timeline_page(conn, code)).changes)


async def test_of_a_product_each_change_is_told_the_latest_first(
    conn: AsyncConnection,
) -> None:
    await live(conn)

    found = await page_of(conn, ONE)

    assert in_short(found) == [
        ("certificate", "0", "void"),
        ("variant", SKU, "price_vnd"),
        ("variant", OTHER, ""),
        ("product", "", "description"),
        ("product", "", ""),
    ]
    assert [each.at for each in found] == [LATER, LATER, NOW, NOW, NOW]


async def test_with_each_stands_who_did_it_by_which_act_and_why(
    conn: AsyncConnection,
) -> None:
    await live(conn)

    voided, priced, _, imported, _ = await page_of(conn, ONE)

    assert voided.by is not None
    assert (voided.by.name, voided.by.os_user) == ("Bà Mẫu", "lan")
    assert (voided.kind, voided.reason) == ("void_certificate", "nhầm")
    assert (voided.import_id, voided.act) == (None, (priced.act or 0) + 1)
    assert (priced.change.before, priced.change.after) == (50_000, 60_000)
    assert (imported.kind, imported.import_id, imported.file) == (
        "import",
        2,
        "hai.csv",
    )
    assert voided.revision is not None
    assert priced.revision is not None
    assert voided.revision > priced.revision


async def test_of_a_pack_only_its_own_changes_are_told_and_how_it_came(
    conn: AsyncConnection,
) -> None:
    await live(conn)

    page = await timeline_page(conn, SKU)

    assert page.of == TimelineSubject(ONE, "Trà Mẫu", SKU)
    assert in_short(list(page.changes)) == [
        ("variant", SKU, "price_vnd"),
        ("product", "", ""),
    ]


async def test_of_a_producer_the_changes_of_the_producer_are_told(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, TEA)
    await import_rows(conn, {**TEA, "address": "Nhà bà Mẫu"}, now=LATER)

    moved, made = await page_of(conn, "CS-0001")

    assert moved.change.after["address"] == "Nhà bà Mẫu"
    assert (made.change.where.field, made.revision) == ("", None)


async def test_pages_follow_each_other_to_the_making(conn: AsyncConnection) -> None:
    await live(conn)
    whole = await page_of(conn, ONE)

    first = await timeline_page(conn, ONE, size=2)
    second = await timeline_page(conn, ONE, size=2, before=first.next)
    third = await timeline_page(conn, ONE, size=2, before=second.next)
    pack = await timeline_page(conn, SKU, size=1)
    behind = await timeline_page(conn, SKU, size=1, before=pack.next)

    assert [*first.changes, *second.changes, *third.changes] == whole
    assert [first.is_whole, second.is_whole, third.is_whole] == [None, None, True]
    assert third.next is None
    assert (behind.next, behind.is_whole) == (None, True)
    assert [e async for e in (await whole_timeline(conn, ONE)).changes] == whole


async def test_a_history_that_began_later_than_its_subject_says_so(
    conn: AsyncConnection,
) -> None:
    await live(conn)
    first = await timeline_page(conn, ONE, size=4)

    before_any = await timeline_page(conn, ONE, before=1)

    assert len(first.changes) == 4
    assert (before_any.changes, before_any.is_whole) == ([], False)


async def test_what_was_erased_says_so(conn: AsyncConnection) -> None:
    await live(conn)
    (lan,) = await conn.execute(select(actor.c.id).where(actor.c.name == "Bà Mẫu"))

    await erase_old_values(conn, LATER + KEPT_FOR)
    await erase_actor(conn, [lan.id])
    voided, priced, pack, described, made = await page_of(conn, ONE)

    assert [voided.change.erased, described.change.erased] == [True, True]
    assert described.change.after is None
    assert [each.change.erased for each in (priced, pack, made)] == [False] * 3
    assert [each.is_forgotten for each in (voided, priced, pack)] == [True, True, False]
    assert voided.by is not None
    assert (voided.by.name, voided.reason) == ("", "")


async def test_what_is_out_of_reach_is_not_there(conn: AsyncConnection) -> None:
    await live(conn)

    for code in (ONE, SKU, "CS-0001", "SP-99999"):
        with pytest.raises(NotInCatalogError):
            await timeline_page(conn, code, reach=Reach.of(["CS-0002"]))
    assert (await timeline_page(conn, SKU, reach=Reach.of(["CS-0001"]))).changes
