"""A push leads to a read of what it names: believed once, and never for a fact."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.postmart.adapter import Postmart
from adapters.postmart.mock import push as of_postmart
from adapters.postmart.mock.rows import Event as PostmartEvent
from adapters.voso.adapter import Voso
from adapters.voso.mock import push as of_voso
from adapters.voso.mock.rows import Event as VosoEvent
from catalog.db.tables import sale
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.port import Event, EventKind
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.take_push import (
    Push,
    PushCounts,
    PushOutcome,
    take_push,
)
from ocop_sync.service.sync.sync_changed import RegularSync
from ocop_sync.store.listings import records, seen_pushes
from ocop_sync.store.listings.records import Record
from ocop_sync.store.tables import named, push
from ocop_sync.testing.memory import offline_context
from tests.world import World, entry

REF, URL = "M000001", "https://ocop.mau.example/push/memory/memory"
Sent = tuple[Any, bytes]


def told(world: World, *, kind: EventKind = EventKind.BANNED, **more: Any) -> Event:
    """Return an event of now."""
    return Event(**{"kind": kind, "ref": REF, "at": world.time.now, **more})


async def take(
    world: World, sent: Sent, counts: PushCounts | None = None, **more: Any
) -> PushOutcome:
    """Let what a marketplace has sent come in."""
    headers, body = sent
    came = {
        "marketplace": "memory",
        "account": "memory",
        "url": URL,
        "headers": headers,
        "body": body,
    }
    return await take_push(
        world.deployment, Push(**came | more), counts or PushCounts()
    )


async def count(world: World, table: Any) -> int:
    async with world.database.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(table)) or 0)


def refs_read(world: World) -> list[str]:
    calls = [call.items for call in world.market.log if call.method == "read"]
    return [ref for items in calls for ref in items]


@pytest.fixture
async def listed(world: World) -> World:
    """One product on sale, and nothing to do."""
    await world.save(entry(1))
    for _ in range(2):
        await world.sync()
    return world


@pytest.mark.postgresql
async def test_a_push_leads_to_a_read_of_the_listing_as_soon_as_the_worker_is_woken(
    listed: World,
) -> None:
    regular = RegularSync(listed.deployment, follow_for=timedelta(0))
    await regular.whole()
    listed.market.shelf.take_down(REF)
    event = told(listed, kind=EventKind.DOWN)
    listed.market.log.clear()

    outcome = await take(listed, listed.market.push(URL, event))
    await regular.changed()

    assert outcome is PushOutcome.TAKEN
    assert REF in refs_read(listed)
    assert (await listed.record()).state.found is Found.DOWN_BY_PERSON


async def test_without_a_push_a_woken_worker_reads_nothing(listed: World) -> None:
    regular = RegularSync(listed.deployment, follow_for=timedelta(0))
    await regular.whole()
    listed.market.log.clear()

    assert await regular.changed() is None
    assert listed.market.log == []


@pytest.mark.postgresql
async def test_a_push_changes_nothing_by_its_own_content(listed: World) -> None:
    before = await listed.record()
    offer = {"sku": "SP-00001-1", "quantity": 20, "order_line": "DH-1"}
    sold = told(listed, kind=EventKind.SOLD, **offer)

    outcomes = [
        await take(listed, listed.market.push(URL, each))
        for each in (sold, told(listed))
    ]

    assert outcomes == [PushOutcome.TAKEN, PushOutcome.TAKEN]
    assert await listed.record() == before
    assert await count(listed, sale) == 0
    assert await count(listed, named) == 1


async def test_a_sale_in_a_push_is_a_hint_to_read_its_listing(listed: World) -> None:
    sold = told(
        listed, kind=EventKind.SOLD, sku="SP-00001-1", quantity=1, order_line="DH-1"
    )

    assert await take(listed, listed.market.push(URL, sold)) is PushOutcome.TAKEN


@pytest.mark.postgresql
async def test_a_push_that_comes_again_does_nothing_more(listed: World) -> None:
    sent, counts = listed.market.push(URL, told(listed)), PushCounts()
    first = await take(listed, sent, counts)
    await listed.sync()  # it is banned no more than before: read, and ticked off
    listed.time.pass_(hours=1)
    await listed.sync()
    rest = await count(listed, named)

    again = await take(listed, sent, counts)

    assert (first, again) == (PushOutcome.TAKEN, PushOutcome.KNOWN)
    assert (rest, await count(listed, named)) == (0, 0)
    assert counts.by_outcome == {PushOutcome.TAKEN: 1, PushOutcome.KNOWN: 1}


@pytest.mark.postgresql
async def test_an_old_push_is_not_believed_once_it_is_forgotten(
    listed: World,
) -> None:
    sent = listed.market.push(URL, told(listed))
    await take(listed, sent)
    listed.time.pass_(hours=24, minutes=11)
    await listed.sync()
    await listed.sync()
    rest = await count(listed, named)

    again = await take(listed, sent)
    await take(listed, listed.market.push(URL, told(listed)))

    assert again is PushOutcome.NOTHING_NEW
    assert rest == 0
    assert await count(listed, push) == 1, "the first one is forgotten"


FORGED: dict[str, Callable[[Sent], dict[str, Any]]] = {
    "no signature": lambda sent: {"sent": ({}, sent[1])},
    "another signature": lambda sent: {"sent": ({"X-Signature": "0" * 64}, sent[1])},
    "another content": lambda sent: {"sent": (sent[0], sent[1] + b" ")},
    "another address": lambda sent: {"sent": sent, "url": f"{URL}2"},
    "no such account": lambda sent: {"sent": sent, "account": "other"},
    "no such marketplace": lambda sent: {"sent": sent, "marketplace": "other"},
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_push_that_is_not_believed_is_counted_and_leaves_nothing(
    listed: World, how: str
) -> None:
    counts = PushCounts()
    forged = FORGED[how](listed.market.push(URL, told(listed)))

    outcome = await take(listed, counts=counts, **forged)

    assert outcome is PushOutcome.REFUSED
    assert counts.by_outcome == {PushOutcome.REFUSED: 1}
    assert (await count(listed, push), await count(listed, named)) == (0, 0)


async def test_a_push_that_an_adapter_fails_at_is_not_believed(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(listed.market, "verify_push", fail)

    assert await take(listed, ({}, b"")) is PushOutcome.REFUSED


async def test_a_signed_push_that_cannot_be_read_is_left_to_the_feed(
    listed: World,
) -> None:
    body = b"[{}]"
    headers = {"X-Signature": listed.market._signature(URL, body)}

    assert await take(listed, (headers, body)) is PushOutcome.NOTHING_NEW


async def test_a_listing_that_is_not_ours_is_not_read(listed: World) -> None:
    event = told(listed, ref="M999999")

    outcome = await take(listed, listed.market.push(URL, event))

    assert outcome is PushOutcome.NOTHING_NEW
    assert await count(listed, named) == 0


@pytest.mark.parametrize("hours", [-25, 1], ids=["long past", "yet to come"])
async def test_an_event_of_another_day_is_left_to_the_feed(
    listed: World, hours: int
) -> None:
    event = told(listed, at=listed.time.now + timedelta(hours=hours))

    outcome = await take(listed, listed.market.push(URL, event))

    assert outcome is PushOutcome.NOTHING_NEW
    assert await count(listed, push) == 0


async def test_a_burst_makes_no_more_rows_than_there_are_listings(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_pushes, "MOST", 20)
    counts = PushCounts()
    now = listed.time.now

    for n in range(1_000):
        event = told(listed, at=now - timedelta(milliseconds=n))
        sent = listed.market.push(URL, event, told(listed, ref=f"X{n}"))
        await take(listed, sent, counts)

    assert (await count(listed, push), await count(listed, named)) == (20, 1)
    assert counts.by_outcome == {PushOutcome.TAKEN: 20, PushOutcome.TOO_MANY: 980}


# As the marketplaces sign


BOTH = [
    pytest.param(Postmart, of_postmart, id="postmart"),
    pytest.param(Voso, of_voso, id="voso"),
]


def deployed(world: World, kind: type[Postmart | Voso]) -> Deployment:
    """Return a deployment with one account at that marketplace alone."""
    account = Account(key="a", marketplace=kind.name, base_url="http://127.0.0.1:9")
    adapter = kind(account, offline_context(world.time))
    return replace(
        world.deployment,
        sites=(Site(kind.name, kind, [account]),),
        open=lambda _: adapter,
    )


def signed(module: ModuleType, url: str, at: datetime, ref: int) -> Sent:
    """Return a push of that mock: a listing of ours is locked there."""
    if module is of_voso:
        row = VosoEvent(
            ID=1,
            SHOP_CODE="CS-0001",
            TYPE="BANNED",
            PRODUCT_ID=ref,
            AT=f"{at + timedelta(hours=7):%d/%m/%Y %H:%M:%S}",
            SKU="",
            QUANTITY=0,
            ORDER_LINE="",
        )
        body = of_voso.push_body([row])
        return of_voso.push_headers("secret secret", url, body), body
    event = PostmartEvent(
        id=1,
        type="product.banned",
        product_id=ref,
        at=at.isoformat(),
        sku="",
        quantity=0,
        order_line="",
    )
    body = of_postmart.push_body([event])
    headers = of_postmart.push_headers("secret client_secret", url, body, at)
    return headers, body


@pytest.mark.postgresql
@pytest.mark.parametrize(("kind", "module"), BOTH)
async def test_the_pushes_of_both_marketplaces_are_believed_once(
    world: World, kind: type[Postmart | Voso], module: ModuleType
) -> None:
    deployment = deployed(world, kind)
    url = f"https://ocop.mau.example/push/{kind.name}/a"
    state = State(
        product_id="SP-00001",
        marketplace=kind.name,
        account="a",
        ref="700001",
        found=Found.LIVE,
    )
    record = Record(state=state)
    await world.database.write(lambda conn: records.save(conn, [record]))

    async def take_it(sent: Sent, at: str = url) -> PushOutcome:
        headers, body = sent
        came = Push(
            marketplace=kind.name, account="a", url=at, headers=headers, body=body
        )
        return await take_push(deployment, came, PushCounts())

    sent = signed(module, url, world.time.now, 700_001)
    found = [
        await take_it(sent),
        await take_it(sent),
        await take_it((sent[0], sent[1].replace(b"700001", b"700002"))),
        await take_it(sent, f"{url}?x"),
        await take_it(signed(module, url, world.time.now, 700_009)),
    ]

    assert found == [
        PushOutcome.TAKEN,
        PushOutcome.KNOWN,
        PushOutcome.REFUSED,
        PushOutcome.REFUSED,
        PushOutcome.NOTHING_NEW,
    ]
    async with world.database.read() as conn:
        assert list(await conn.scalars(select(named.c.ref))) == ["700001"]


async def test_a_push_of_postmart_with_an_old_time_is_refused(world: World) -> None:
    deployment = deployed(world, Postmart)
    url = "https://ocop.mau.example/push/postmart/a"
    headers, body = signed(of_postmart, url, world.time.now, 700_001)
    world.time.pass_(minutes=6)

    came = Push(
        marketplace="postmart", account="a", url=url, headers=headers, body=body
    )

    assert await take_push(deployment, came, PushCounts()) is PushOutcome.REFUSED
