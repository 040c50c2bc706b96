"""The audit: one entry for each act, in a chain that shows what was changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update as commands
from catalog.commands.attest import attest
from catalog.commands.certify.which import Which
from catalog.db import acts
from catalog.db.acts import Recorded, erase_actor, head, record_act, recorded_acts
from catalog.db.audit_chain import FIRST
from catalog.db.history import Author
from catalog.db.tables import act, act_note, actor
from catalog.db.writer import save
from catalog.imports.answers import answer_authority
from catalog.imports.confirmation import Confirmation
from catalog.model.act import Act
from catalog.model.actor import Actor, ActorKind
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.queries.audit import AuditFault, verify_audit
from tests.catalog_database import NOW, import_rows
from tests.certified import restore, revoke, void
from tests.factories import make_certificate, make_producer, make_product, person
from tests.world import World

LAN = person("Bà Mẫu", os_user="lan", origin="192.0.2.7")
SEVEN = {"decision": "7/QĐ-UBND", "body": ""}
TEA = {"name": "Trà Mẫu", "producer_name": "Cơ sở Mẫu 001", "stars": 4}

pytestmark = pytest.mark.postgresql


async def recorded(conn: AsyncConnection) -> Sequence[Recorded]:
    """Return all acts."""
    return [each async for page in recorded_acts(conn) for each in page]


async def record_three(conn: AsyncConnection) -> None:
    """Record three acts, the first and the last with a reason."""
    for n, by in enumerate((LAN, person("Ông Mẫu"), LAN)):
        at = NOW + timedelta(minutes=n)
        reason = "" if n == 1 else f"lý do {n}"
        done = Act(by=by, kind=f"act_{n}", at=at, subjects=["SP-00001"], reason=reason)
        await record_act(conn, done)


async def faults(conn: AsyncConnection) -> list[tuple[int, AuditFault]]:
    """Return all faults of the audit."""
    found = await verify_audit(conn)
    return [(each.n, each.fault) for each in found.faults]


async def test_an_act_is_told_as_it_was_recorded(conn: AsyncConnection) -> None:
    done = Act(
        by=replace(LAN, acts_for="CS-00001"),
        kind="set_price",
        at=NOW,
        subjects=["SP-00001"],
        refs={"sku": "SP-00001-1"},
        reason="giá mới",
    )
    await record_act(conn, done)

    (found,) = await recorded(conn)
    assert (found.entry.n, found.entry.at, found.entry.previous) == (1, NOW, FIRST)
    assert (found.entry.kind, found.entry.subjects) == ("set_price", ["SP-00001"])
    assert (found.by, found.reason) == (done.by, "giá mới")
    assert await head(conn) == (1, found.hash)


async def test_an_untouched_audit_is_whole(conn: AsyncConnection) -> None:
    await record_three(conn)

    found = await verify_audit(conn)

    assert found.whole
    assert (found.entries, found.last, found.erased) == (3, 3, 0)
    assert found.head == (await head(conn))[1]


async def test_an_empty_audit_is_whole_unless_a_head_was_kept(
    conn: AsyncConnection,
) -> None:
    assert (await verify_audit(conn)).whole
    assert (await verify_audit(conn, FIRST)).whole
    assert not (await verify_audit(conn, "1" * 64)).whole


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", NOW + timedelta(days=1)),
        ("acts_for", "CS-00002"),
        ("kind", "another"),
        ("subjects", ["SP-00002"]),
        ("refs", {"sku": "SP-00001-2"}),
        ("note_digest", "0" * 64),
        ("hash", "0" * 64),
    ],
)
async def test_a_changed_entry_shows(
    conn: AsyncConnection, column: str, value: Any
) -> None:
    await record_three(conn)
    await conn.execute(update(act).where(act.c.n == 2).values({column: value}))

    assert (2, AuditFault.CHANGED) in await faults(conn)


async def test_another_actor_under_an_entry_shows(conn: AsyncConnection) -> None:
    await record_three(conn)
    first = (await recorded(conn))[0].entry.actor_id
    await conn.execute(update(act).where(act.c.n == 2).values(actor_id=first))

    assert (2, AuditFault.CHANGED) in await faults(conn)


async def test_a_name_that_was_changed_shows(conn: AsyncConnection) -> None:
    await record_three(conn)
    change = update(actor).where(actor.c.name == "Ông Mẫu").values(name="Bà Mẫu")
    await conn.execute(change)

    assert await faults(conn) == [(2, AuditFault.ACTOR_CHANGED)]


@pytest.mark.parametrize("column", ["reason", "origin"])
async def test_a_note_that_was_changed_shows(
    conn: AsyncConnection, column: str
) -> None:
    await record_three(conn)
    change = update(act_note).where(act_note.c.act == 1).values({column: "khác"})
    await conn.execute(change)

    assert await faults(conn) == [(1, AuditFault.NOTE_CHANGED)]


async def test_an_entry_that_is_gone_shows(conn: AsyncConnection) -> None:
    await record_three(conn)
    await conn.execute(delete(act).where(act.c.n == 2))

    assert await faults(conn) == [(3, AuditFault.MISSING)]


async def test_an_entry_that_was_written_anew_shows_at_the_next(
    conn: AsyncConnection,
) -> None:
    await record_three(conn)
    second = (await recorded(conn))[1].entry
    forged = replace(second, kind="another")
    values = {"kind": "another", "hash": forged.hash()}
    await conn.execute(update(act).where(act.c.n == 2).values(values))

    assert await faults(conn) == [(3, AuditFault.NOT_LINKED)]


async def test_a_cut_off_end_shows_by_the_head_that_was_kept(
    conn: AsyncConnection,
) -> None:
    await record_three(conn)
    _, kept = await head(conn)
    await conn.execute(delete(act_note).where(act_note.c.act == 3))
    await conn.execute(delete(act).where(act.c.n == 3))

    assert (await verify_audit(conn)).whole
    found = await verify_audit(conn, kept)
    assert not found.whole
    assert not found.has_expected


async def test_an_earlier_head_still_fits_once_more_has_come(
    conn: AsyncConnection,
) -> None:
    await record_three(conn)
    _, kept = await head(conn)
    await record_three(conn)

    assert (await verify_audit(conn, kept)).whole


async def test_names_and_reasons_can_be_erased_and_the_chain_holds(
    conn: AsyncConnection,
) -> None:
    await record_three(conn)
    who = (await recorded(conn))[0].entry.actor_id

    await erase_actor(conn, [who])

    first, second, third = await recorded(conn)
    for each in (first, third):
        assert (each.by.name, each.by.os_user, each.by.origin) == ("", "", "")
        assert each.reason == ""
    assert second.by.name == "Ông Mẫu"
    found = await verify_audit(conn)
    assert (found.whole, found.erased) == (True, 2)


async def test_somebody_without_a_name_is_not_taken_for_an_erased_one(
    conn: AsyncConnection,
) -> None:
    nobody = Actor(kind=ActorKind.COMMAND_LINE)
    await record_act(conn, Act(by=person("Lan"), kind="a", at=NOW))
    await erase_actor(conn, [(await recorded(conn))[0].entry.actor_id])
    await record_act(conn, Act(by=nobody, kind="b", at=NOW))

    first, second = await recorded(conn)
    assert first.entry.actor_id != second.entry.actor_id
    found = await verify_audit(conn)
    assert (found.whole, found.erased) == (True, 1)


async def test_the_same_reason_has_another_digest_each_time(
    conn: AsyncConnection,
) -> None:
    salts = count()
    for _ in range(2):
        done = Act(by=LAN, kind="a", at=NOW, reason="vì thế")
        await record_act(conn, done, new_salt=lambda: f"{next(salts):032x}")

    first, second = await recorded(conn)
    assert first.entry.note_digest != second.entry.note_digest


async def test_acts_are_read_page_by_page(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PAGE", 2)
    await record_three(conn)

    pages = [page async for page in recorded_acts(conn)]
    assert [[each.entry.n for each in page] for page in pages] == [[1, 2], [3]]
    assert [each.entry.n for page in pages for each in page][2:] == [
        each.entry.n async for page in recorded_acts(conn, 2) for each in page
    ]


async def test_writers_at_once_make_one_chain(world: World) -> None:
    database = world.database

    async def act_of(n: int) -> None:
        done = Act(by=person(f"người {n}"), kind="a", at=NOW)
        await database.write(lambda conn: record_act(conn, done))

    await asyncio.gather(*(act_of(n) for n in range(8)))

    async with database.read() as conn:
        found = await verify_audit(conn)
    assert (found.whole, found.entries) == (True, 8)


# The acts


async def kinds(conn: AsyncConnection) -> list[str]:
    """Return the names of all acts."""
    return [each.entry.kind for each in await recorded(conn)]


async def test_each_act_on_the_catalog_is_one_entry_of_its_own(
    conn: AsyncConnection,
) -> None:
    certificate = make_certificate(decided_on=date(2024, 4, 3), **SEVEN)
    tea = make_product(certificates=(certificate,))
    await save(conn, [(tea, make_producer())], by=Author("thử", NOW))
    sku, which = tea.variants[0].sku, Which(decision="7/QĐ-UBND")
    day, how = NOW.date(), dict[str, Any](by=LAN, now=NOW)
    of = dict[str, Any](what=[PaperKind.FOOD_SAFETY], product_ids=["SP-00001"], on=day)

    await commands.set_price(conn, sku, 91_000, **how)
    await commands.set_stock(conn, sku, 17, NOW, **how)
    await commands.pause(conn, "SP-00001", True, **how)
    await commands.pause(conn, "SP-00001", False, **how)
    await attest(conn, value=Fact.NO, **of, **how)
    decided = certificate.decided_on
    assert decided is not None
    await answer_authority(conn, "7/QĐ-UBND", decided, "tỉnh", **how)
    await void(conn, "SP-00001", which, reason="nhầm", **how)
    await restore(conn, "SP-00001", which, reason="đúng", **how)
    await revoke(conn, ["SP-00001"], "9/QĐ-UBND", day, **how)

    assert await kinds(conn) == [
        *("set_price", "set_stock", "pause", "resume", "attest", "answer_authority"),
        *("void_certificate", "restore_certificate", "revoke"),
    ]
    assert {tuple(each.entry.subjects) for each in await recorded(conn)} == {
        ("SP-00001",)
    }
    assert {each.by for each in await recorded(conn)} == {LAN}


async def test_an_act_that_changes_nothing_is_none(conn: AsyncConnection) -> None:
    tea = make_product()
    await save(conn, [(tea, make_producer())], by=Author("thử", NOW))
    pack = tea.variants[0]
    assert pack.price_vnd is not None

    await commands.set_price(conn, pack.sku, pack.price_vnd, by=LAN, now=NOW)
    await commands.pause(conn, "SP-00001", False, by=LAN, now=NOW)

    assert await kinds(conn) == []


async def test_an_import_names_who_has_made_it_and_who_has_confirmed_it(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, TEA, by=person("", os_user="so-nong-nghiep"))
    stop = {**TEA, "paused": "x"}
    token = (await import_rows(conn, stop, check=True)).token
    await import_rows(conn, stop, confirmed=Confirmation(token=token, by=LAN))

    made, confirmed = await recorded(conn)
    assert made.entry.refs == {"import": "1"}
    assert (made.by.os_user, confirmed.by) == ("so-nong-nghiep", LAN)


async def test_a_checked_import_is_no_act(conn: AsyncConnection) -> None:
    await import_rows(conn, TEA, check=True)

    assert await kinds(conn) == []
