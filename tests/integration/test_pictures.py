"""Uploaded pictures: of which product they are, who sees them, when they are erased."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.pictures import (
    MOST_PICTURES,
    PictureEdit,
    ProductPictures,
    add_picture,
    id_of,
    mark_picture,
    move_pictures,
    order_pictures,
    pictures_of,
    remove_picture,
)
from catalog.db import reader
from catalog.db.acts import recorded_acts
from catalog.db.history import Author
from catalog.db.pictures import erase_unused_pictures
from catalog.db.provenance import provenance_of
from catalog.db.tables import picture, picture_use
from catalog.db.writer import save
from catalog.errors import (
    AttestationError,
    CatalogError,
    ChangedMeanwhileError,
    NotInCatalogError,
)
from catalog.model.fact import Fact
from catalog.model.product import Picture, Size
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.pictures.kept import KeptPicture
from catalog.pictures.unfit import Unfit, UnfitPictureError
from catalog.values import replace
from ocop_sync.engine.facet import Values
from ocop_sync.engine.state.state import Double, State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Create
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.result import Result
from ocop_sync.service.pictures.upload import Uploads, upload_picture
from ocop_sync.service.queries.explain import explain
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.listings.served_pictures import content_of, may_be_seen
from ocop_sync.store.tables import elsewhere
from tests.catalog_database import NOW, import_rows
from tests.factories import make_producer, make_product, person
from tests.world import World, entry, open_world

AT_US = "https://ocop.mau.example"
ONE, TWO, THREE = (
    KeptPicture.of(b"\xff\xd8\xff" + each * 50, 640, 480) for each in (b"1", b"2", b"3")
)
ADDRESS = f"{AT_US}/pictures/{ONE.hash}.jpg"
EDIT = PictureEdit(by=person("Bà Mẫu"))
BY: Mapping[str, Any] = {"edit": EDIT, "now": NOW}
THEIRS = Reach.of(["CS-0001"])
OTHERS = Reach.of(["CS-0002"])


async def add(
    conn: AsyncConnection,
    kept: KeptPicture = ONE,
    mark: Fact = Fact.UNKNOWN,
    code: str = "SP-00001",
    now: datetime = NOW,
    **differences: Any,
) -> ProductPictures:
    return await add_picture(
        conn,
        code,
        kept,
        public_url=AT_US,
        shows_ocop_mark=mark,
        edit=replace(EDIT, **differences),
        now=now,
    )


async def keep(conn: AsyncConnection, **differences: Any) -> None:
    """Save one product, without pictures, and its producer."""
    item = make_product(**{"pictures": ()} | differences)
    await save(conn, [(item, make_producer())], by=Author("thử", NOW))


async def kept(conn: AsyncConnection) -> set[str]:
    """Return the hashes of the pictures that are kept."""
    return set(await conn.scalars(select(picture.c.hash)))


def ids(found: ProductPictures) -> list[str]:
    return [each.id for each in found.pictures]


async def acts(conn: AsyncConnection) -> list[tuple[str, str, list[str]]]:
    """Return what was done by whom to what, as the audit has it."""
    return [
        (each.entry.kind, each.by.name, list(each.entry.subjects))
        for page in [page async for page in recorded_acts(conn)]
        for each in page
    ]


# Adding, ordering, marking, removing


@pytest.mark.postgresql
async def test_an_uploaded_picture_is_one_of_the_product_with_its_size_and_mark(
    conn: AsyncConnection,
) -> None:
    here = Picture(url="https://mau.example/1.jpg", shows_ocop_mark=Fact.NO)
    await keep(conn, pictures=(here,))
    before = await reader.current_revision(conn)

    found = await add(conn, mark=Fact.YES, code="SP-00001-1")

    product = (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]
    mine = Picture(url=ADDRESS, shows_ocop_mark=Fact.YES, size=Size(640, 480))
    assert product.pictures == (here, mine)
    assert product.revision == found.revision == before + 1
    assert ids(found) == [id_of(here), ONE.hash]
    assert [each.uploaded for each in found.pictures] == [False, True]
    assert await kept(conn) == {ONE.hash}
    assert await content_of(conn, ONE.hash, WHOLE_CATALOG) == ONE.content
    touch = (await provenance_of(conn, ["SP-00001"])).of("SP-00001", "", "pictures")
    assert touch is not None
    assert touch.by == "Bà Mẫu"
    assert await acts(conn) == [("add_picture", "Bà Mẫu", ["SP-00001"])]


async def test_an_unknown_mark_stays_unknown_until_somebody_says(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    first = await add(conn)

    again = await add(conn, mark=Fact.NO)
    third = await add(conn)

    marks = [found.pictures[0].shows_ocop_mark for found in (first, again, third)]
    assert marks == [Fact.UNKNOWN, Fact.NO, Fact.NO]
    assert ids(third) == [ONE.hash]
    assert third.revision == again.revision == first.revision + 1


@pytest.mark.postgresql
async def test_pictures_are_put_in_order_marked_and_taken_out(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    for each in (ONE, TWO, THREE):
        await add(conn, each)

    ordered = await order_pictures(
        conn,
        "SP-00001",
        [THREE.hash[:8], f"{AT_US}/pictures/{ONE.hash}.jpg"],
        **BY,
    )
    marked = await mark_picture(conn, "SP-00001", TWO.hash, Fact.NO, **BY)
    left = await remove_picture(conn, "SP-00001", THREE.hash, **BY)

    assert ids(ordered) == [THREE.hash, ONE.hash, TWO.hash]
    marks = [each.shows_ocop_mark for each in marked.pictures]
    assert marks == [Fact.UNKNOWN, Fact.UNKNOWN, Fact.NO]
    assert ids(left) == [ONE.hash, TWO.hash]
    assert await pictures_of(conn, "SP-00001") == left
    kinds = [kind for kind, *_ in await acts(conn)]
    assert kinds[3:] == ["order_pictures", "mark_picture", "remove_picture"]


Change = Callable[[AsyncConnection], Awaitable[object]]


@pytest.mark.parametrize(
    "change",
    [
        partial(add, kept=ONE),
        partial(order_pictures, code="SP-00001", order=[ONE.hash], **BY),
        partial(
            mark_picture,
            code="SP-00001",
            which=ONE.hash,
            shows_ocop_mark=Fact.UNKNOWN,
            **BY,
        ),
    ],
    ids=["add", "order", "mark"],
)
async def test_what_changes_nothing_is_no_act_and_no_revision(
    conn: AsyncConnection, change: Change
) -> None:
    await keep(conn)
    await add(conn)
    before = (await reader.current_revision(conn), await acts(conn))

    await change(conn)

    assert (await reader.current_revision(conn), await acts(conn)) == before


@pytest.mark.parametrize(
    ("which", "says"),
    [
        pytest.param(TWO.hash, "đúng một ảnh", id="another picture"),
        pytest.param(ONE.hash[:7], "đúng một ảnh", id="too short a name"),
        pytest.param("", "đúng một ảnh", id="no name"),
        pytest.param("https://mau.example/9.jpg", "đúng một ảnh", id="an address"),
    ],
)
async def test_a_picture_that_is_not_there_is_refused(
    conn: AsyncConnection, which: str, says: str
) -> None:
    await keep(conn)
    await add(conn)

    for change in (
        remove_picture(conn, "SP-00001", which, **BY),
        mark_picture(conn, "SP-00001", which, Fact.NO, **BY),
        order_pictures(conn, "SP-00001", [which], **BY),
    ):
        with pytest.raises(CatalogError, match=says):
            await change
    assert ids(await pictures_of(conn, "SP-00001")) == [ONE.hash]


async def test_a_picture_named_twice_in_an_order_is_refused(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await add(conn)

    with pytest.raises(CatalogError, match="hai lần"):
        await order_pictures(conn, "SP-00001", [ONE.hash, ONE.hash[:9]], **BY)


async def test_a_product_takes_no_more_pictures_than_a_sheet_may_name(
    conn: AsyncConnection,
) -> None:
    many = [Picture(url=f"https://mau.example/{n}.jpg") for n in range(MOST_PICTURES)]
    await keep(conn, pictures=tuple(many))

    with pytest.raises(CatalogError, match="20"):
        await add(conn)
    assert await kept(conn) == set()


async def test_nobody_without_a_name_and_nobody_from_elsewhere_changes_any(
    conn: AsyncConnection,
) -> None:
    await keep(conn)

    with pytest.raises(AttestationError):
        await add(conn, by=person(" "))
    with pytest.raises(NotInCatalogError):
        await add(conn, code="SP-00009")
    with pytest.raises(NotInCatalogError):
        await add(conn, reach=OTHERS)
    with pytest.raises(NotInCatalogError):
        await pictures_of(conn, "SP-00001", OTHERS)
    assert ids(await add(conn, reach=THEIRS)) == [ONE.hash]


@pytest.mark.postgresql
async def test_an_edit_from_an_older_revision_shows_what_is_there(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    seen = (await pictures_of(conn, "SP-00001")).revision
    await add(conn, seen=seen)

    with pytest.raises(ChangedMeanwhileError):
        await add(conn, TWO, seen=seen)
    assert await kept(conn) == {ONE.hash}


async def test_a_file_that_cannot_be_taken_changes_nothing(world: World) -> None:
    await world.save(entry(1))

    class Refusing:
        async def reencode(self, content: bytes) -> KeptPicture:
            del content
            raise UnfitPictureError(Unfit.DAMAGED)

    upload = partial(
        upload_picture,
        world.deployment.database,
        Uploads(decoder=Refusing(), public_url=AT_US),
        content=b"x",
        shows_ocop_mark=Fact.UNKNOWN,
        edit=EDIT,
        clock=world.time,
    )
    with pytest.raises(UnfitPictureError):
        await upload(code="SP-00001")
    with pytest.raises(NotInCatalogError):  # told before any work was done
        await upload(code="SP-00009")


# Sheets name them as any other


@pytest.mark.postgresql
async def test_a_sheet_keeps_orders_and_drops_uploaded_pictures(
    conn: AsyncConnection,
) -> None:
    row = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001"}
    await import_rows(conn, row)
    await add(conn)
    await add(conn, TWO)
    two = f"{AT_US}/pictures/{TWO.hash}.jpg"

    exported: dict[str, Any] = {"stamp": NOW, "now": NOW + timedelta(hours=1)}
    await import_rows(conn, row | {"pictures": f"{two} {ADDRESS}"}, **exported)
    swapped = ids(await pictures_of(conn, "SP-00001"))
    exported = {"stamp": exported["now"], "now": NOW + timedelta(hours=2)}
    await import_rows(conn, row | {"pictures": two}, **exported)

    assert swapped == [TWO.hash, ONE.hash]
    uses = await conn.execute(
        select(picture_use.c.hash).where(picture_use.c.removed_at.is_(None))
    )
    assert set(uses.scalars()) == {TWO.hash}
    assert await kept(conn) == {ONE.hash, TWO.hash}


# Erasing


async def count(conn: AsyncConnection) -> tuple[int, int]:
    """Return how many pictures are kept, and of how many uses it is known."""
    found = [
        await conn.scalar(select(func.count()).select_from(each))
        for each in (picture, picture_use)
    ]
    return int(found[0] or 0), int(found[1] or 0)


@pytest.mark.postgresql
async def test_a_picture_that_no_product_has_is_erased_after_thirty_days(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await add(conn)
    await remove_picture(conn, "SP-00001", ONE.hash, **BY)

    await erase_unused_pictures(conn, NOW + timedelta(days=30, microseconds=-1))
    before = await count(conn)
    await erase_unused_pictures(conn, NOW + timedelta(days=30))

    assert (before, await count(conn)) == ((1, 1), (0, 0))


async def test_one_that_came_back_or_that_another_product_has_stays(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    other = make_product(id="SP-00002", name="Chè Mẫu", pictures=(), variants=())
    await save(conn, [(other, None)], by=Author("thử", NOW))
    for each in (ONE, TWO):
        await add(conn, each)
    await add(conn, TWO, code="SP-00002")
    for each in (ONE, TWO):
        await remove_picture(conn, "SP-00001", each.hash, **BY)
    await add(conn, ONE, now=NOW + timedelta(days=1))

    await erase_unused_pictures(conn, NOW + timedelta(days=99))

    assert await kept(conn) == {ONE.hash, TWO.hash}


async def test_each_sync_erases_what_is_over(world: World) -> None:
    await world.save(entry(1))
    await world.deployment.database.write(partial(add, now=world.time.now))
    remove = partial(
        remove_picture,
        code="SP-00001",
        which=ONE.hash,
        edit=EDIT,
        now=world.time.now,
    )
    await world.deployment.database.write(remove)
    world.time.pass_(hours=24 * 31)

    await world.sync()

    assert await world.deployment.database.fetch(kept) == set()


# Who may see one


@pytest.mark.postgresql
async def test_everybody_sees_a_picture_once_a_listing_with_it_was_sent(
    world: World,
) -> None:
    await world.save(entry(1))
    database = world.deployment.database
    await database.write(partial(add, now=world.time.now))
    seen = partial(database.fetch, content_of, ONE.hash)
    before = await seen()

    await world.sync()

    (shown,) = world.market.shelf.of("SP-00001")
    assert shown.shown.pictures[-1] == ADDRESS
    assert (before, await seen()) == (None, ONE.content)
    assert await database.fetch(may_be_seen, ONE.hash)


@pytest.mark.postgresql
async def test_before_that_only_staff_and_its_producer_see_it(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await add(conn)

    found = [
        await content_of(conn, ONE.hash, reach)
        for reach in (WHOLE_CATALOG, THEIRS, OTHERS, Reach.of(()))
    ]
    assert found == [ONE.content, ONE.content, None, None]
    assert await content_of(conn, TWO.hash, WHOLE_CATALOG) is None


async def test_a_listing_that_was_never_sent_shows_nothing(world: World) -> None:
    await world.save(entry(1))
    await world.database.write(partial(add, now=world.time.now))
    state = State(product_id="SP-00001", marketplace="memory", account="memory")
    record = Record(state=state)
    await world.database.write(lambda conn: records.save(conn, [record]))

    assert await world.database.fetch(content_of, ONE.hash) is None


async def open_to_all(world: World, kept: KeptPicture = ONE) -> bool:
    return await world.database.fetch(may_be_seen, kept.hash)


async def with_picture(world: World, kept: KeptPicture = ONE) -> None:
    """Put a product on sale with an uploaded picture."""
    await world.save(entry(1))
    await world.database.write(partial(add, kept=kept, now=world.time.now))
    await world.sync()


async def replaced(world: World) -> None:
    """Let the second picture take the place of the first."""
    await world.database.write(partial(add, kept=TWO, now=world.time.now))
    remove = partial(
        remove_picture,
        code="SP-00001",
        which=ONE.hash,
        edit=EDIT,
        now=world.time.now,
    )
    await world.database.write(remove)


@pytest.mark.postgresql
async def test_a_replaced_picture_is_open_until_the_marketplace_shows_the_new_one(
    world: World,
) -> None:
    await with_picture(world)
    await replaced(world)
    removed = await open_to_all(world), await open_to_all(world, TWO)

    world.time.pass_(minutes=1)
    await world.sync()
    sent = await open_to_all(world), await open_to_all(world, TWO)
    world.time.pass_(hours=25)
    await world.sync()  # the account is read whole
    shown = await open_to_all(world), await open_to_all(world, TWO)

    assert removed == (True, False)
    assert sent == (True, True)
    assert shown == (False, True)
    assert await world.database.fetch(content_of, ONE.hash, THEIRS) == ONE.content


@pytest.mark.postgresql
async def test_a_new_picture_is_open_before_the_call_that_sends_it(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.database.write(partial(add, now=world.time.now))
    fetched: list[bool] = []
    create = world.market.create

    async def fetching(changes: Sequence[Create]) -> Sequence[Result]:
        fetched.append(await open_to_all(world))
        return await create(changes)

    world.market.create = fetching  # type: ignore[method-assign]
    await world.sync()

    assert fetched == [True]


@pytest.mark.postgresql
async def test_a_picture_of_a_listing_that_was_taken_off_is_not_open(
    world: World,
) -> None:
    await with_picture(world)
    before = await open_to_all(world)

    await world.change(paused=True)
    await world.sync()
    paused = await open_to_all(world)
    await world.change(paused=False)
    await world.sync()

    assert (before, paused, await open_to_all(world)) == (True, False, True)


USES: Values = {Facet.CONTENT: {"pictures": [ADDRESS]}}
BARE: Values = {Facet.CONTENT: {"pictures": []}}
DOUBLE = Double(ref="m-2", found=Found.LIVE, values=USES)


@pytest.mark.parametrize(
    "known",
    [
        {"sent": USES},
        {"confirmed": USES},  # the new one is in review still
        {"confirmed": BARE, "edited": USES},  # somebody has put it back there
        {"confirmed": BARE, "doubles": (DOUBLE,)},
        {"confirmed": USES, "found": Found.UNREADABLE},
    ],
    ids=["sent", "confirmed", "edited there", "double", "unreadable"],
)
async def test_whatever_shows_a_picture_or_may_show_it_keeps_it_open(
    world: World, known: dict[str, Any]
) -> None:
    await world.save(entry(1))
    await world.database.write(partial(add, now=world.time.now))
    at: dict[str, Any] = {"sent": BARE, "found": Found.LIVE, "sent_at": NOW}
    state = State(
        product_id="SP-00001",
        marketplace="memory",
        account="memory",
        read_at=NOW,
        **at | known,
    )
    keep_state = partial(records.save, records=[Record(state=state)])
    await world.database.write(keep_state)
    shown = await open_to_all(world)
    gone = replace(state, found=Found.DOWN_BY_PERSON)
    await world.database.write(partial(records.save, records=[Record(state=gone)]))

    assert (shown, await open_to_all(world)) == (True, False)


@pytest.mark.postgresql
async def test_a_double_at_another_account_keeps_its_picture_open(
    world: World,
) -> None:
    await with_picture(world)
    await world.change(paused=True)
    await world.sync()
    before = await open_to_all(world)
    row = {
        "account": "other",
        "ref": "m-9",
        "marketplace": "memory",
        "product_id": "SP-00001",
        "found": Found.LIVE.value,
        "shown": {"content": {"pictures": [ADDRESS]}},
        "pending": False,
        "refused": {},
    }
    await world.database.write(lambda conn: conn.execute(insert(elsewhere), row))

    assert (before, await open_to_all(world)) == (False, True)


async def test_a_picture_that_was_put_in_review_is_open_to_who_reviews_it(
    url: str,
) -> None:
    async with open_world(url, moderated=True) as world:
        await with_picture(world)

        assert (await world.record()).state.found is Found.IN_REVIEW
        assert await open_to_all(world)


# Moving


@pytest.mark.postgresql
async def test_the_addresses_follow_a_service_that_has_moved(
    conn: AsyncConnection,
) -> None:
    elsewhere = Picture(url="https://mau.example/1.jpg", shows_ocop_mark=Fact.NO)
    await keep(conn, pictures=(elsewhere,))
    await add(conn)
    by = person("Bà Mẫu")

    moved = await move_pictures(
        conn, public_url="https://moi.mau.example", by=by, now=NOW
    )
    again = await move_pictures(
        conn, public_url="https://moi.mau.example", by=by, now=NOW
    )

    found = [each.url for each in (await pictures_of(conn, "SP-00001")).pictures]
    assert found == [
        elsewhere.url,
        f"https://moi.mau.example/pictures/{ONE.hash}.jpg",
    ]
    assert (moved, again) == (["SP-00001"], [])
    assert await content_of(conn, ONE.hash, THEIRS) == ONE.content


# No list reads the bytes


async def test_the_catalog_is_read_without_the_bytes_of_its_pictures(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await add(conn)
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    engine = conn.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        _ = [page async for page in reader.pages(conn)]
        await pictures_of(conn, "SP-00001")
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert sent
    assert not [each for each in sent if "content" in each]


# No address of a picture is fetched


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_address_of_a_picture_is_ever_called(world: World, host: str) -> None:
    called: list[object] = []

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database, there = world.deployment.database, f"http://{host}:{port}"
    row = {
        "name": "Trà hoa vàng Mẫu",
        "producer_name": "Cơ sở Mẫu 001",
        "pictures": f"{there}/1.jpg",
    }
    async with server:
        await database.write(lambda conn: import_rows(conn, row, now=world.time.now))
        product = await database.fetch(pictures_of, "SP-00001")
        await database.write(
            lambda conn: add_picture(
                conn,
                "SP-00001",
                ONE,
                public_url=there,
                shows_ocop_mark=Fact.NO,
                edit=EDIT,
                now=world.time.now,
            )
        )
        pictures = (Picture(url=f"{there}/2.jpg", shows_ocop_mark=Fact.NO),)
        await world.save(entry(7, pictures=pictures))
        await world.sync()
        entries = list((await database.fetch(reader.get, ["SP-00007"])).values())
        await explain(world.deployment, "memory", entries)

    (shown,) = world.market.shelf.of("SP-00007")
    assert shown.shown.pictures == (f"{there}/2.jpg",)
    assert [each.url for each in product.pictures] == [f"{there}/1.jpg"]
    assert called == []
