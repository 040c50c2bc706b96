"""Consent that a producer gives and withdraws, and the erasure that follows."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.consent import consent_of, give_consent, withdraw_consent
from catalog.commands.price import PriceEntry, enter_price
from catalog.commands.stock import CountEntry, enter_count
from catalog.db import reader
from catalog.db.acts import recorded_acts
from catalog.db.history import Author
from catalog.db.imports import confirm_held, list_imports
from catalog.db.pictures import keep_picture
from catalog.db.provenance import provenance_of
from catalog.db.tables import picture
from catalog.db.writer import in_order, save, save_producers
from catalog.eligibility import load_rules
from catalog.errors import ErasureError, NotInCatalogError
from catalog.feed.rows.row import ProblemKind
from catalog.imports.confirmation import Confirmation
from catalog.imports.evaluated_file import FileToImport
from catalog.imports.import_file import import_file
from catalog.model.actor import Actor, ActorKind
from catalog.model.erasure import ErasureEnd
from catalog.model.fact import Attested, Fact
from catalog.model.producer import Address, Producer, ProducerKind
from catalog.model.product import Label, Picture, Size
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.pictures.kept import KeptPicture
from catalog.queries.audit import verify_audit
from catalog.undo.undo import undo_import
from catalog.values import replace
from ocop_sync.api.forms.consent import erasures_form
from ocop_sync.service.identity import people
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.role import Role
from ocop_sync.service.producer.erasure import asked_erasures, confirm_erasure
from ocop_sync.store import idempotency_keys
from ocop_sync.store.db.schema import METADATA
from ocop_sync.store.idempotency_keys import KeyState
from tests.catalog_database import NOW, as_csv, import_rows
from tests.factories import make_producer, make_product, person
from tests.world import World, entry

BOTH = ["SP-00001", "SP-00002"]
HOME = "Số 7, thôn Mẫu Xa"
HER = "Trần Thị Mẫu Danh"
OWN = Reach.of(["CS-0001"])
SHE = Actor(kind=ActorKind.PERSON, name=HER, ref="NV-00001", origin="máy của bà")
STAFF = person("Ng. Văn A")
DUE = NOW + timedelta(hours=72)
BY: Mapping[str, Any] = {"reach": OWN, "by": SHE, "now": NOW}


def pictures_of(*kept: KeptPicture) -> tuple[Picture, ...]:
    """Return uploaded pictures as a product has them."""
    return tuple(
        Picture(url=f"https://mau.example/pictures/{each.hash}.jpg") for each in kept
    )


def household(**differences: Any) -> Producer:
    """Return a household that is called after a person, and lives where it sells."""
    values: dict[str, Any] = {
        "name": f"Hộ {HER}",
        "kind": ProducerKind.HOUSEHOLD,
        "address": Address(text=HOME, commune_code="06886"),
        "certified_address": Address(text=f"{HOME}, cũ", old_commune_code="06853"),
    }
    return make_producer(**{**values, **differences})


async def keep(conn: AsyncConnection, **differences: Any) -> None:
    """Save a product and its household."""
    await save(
        conn, [(make_product(), household(**differences))], by=Author("thử", NOW)
    )


async def maker_of(conn: AsyncConnection) -> Producer:
    """Return the household as it is kept."""
    return (await reader.get_producers(conn, ["CS-0001"]))["CS-0001"]


async def withdraw(conn: AsyncConnection) -> None:
    await withdraw_consent(conn, "CS-0001", **BY)


async def erase(conn: AsyncConnection, **other: Any) -> int:
    return await confirm_erasure(conn, "CS-0001", **{"by": STAFF, "now": DUE, **other})


@pytest.mark.postgresql
async def test_withdrawn_consent_asks_for_an_erasure_after_72_hours(
    conn: AsyncConnection,
) -> None:
    await keep(conn)

    found = await withdraw_consent(conn, "CS-0001", **BY)

    assert found == await consent_of(conn, "CS-0001", reach=OWN)
    assert found.value is Fact.NO
    assert found.erasure is not None
    assert (found.erasure.withdrawn_at, found.erasure.due_at) == (NOW, DUE)
    (asked,) = await asked_erasures(conn, now=DUE - timedelta(seconds=1))
    assert (asked.producer_id, asked.name, asked.is_due) == (
        "CS-0001",
        f"Hộ {HER}",
        False,
    )
    (asked,) = await asked_erasures(conn, now=DUE)
    assert asked.is_due


async def test_a_second_withdrawal_does_not_put_the_erasure_off(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await withdraw(conn)
    later = {**BY, "now": NOW + timedelta(hours=5)}

    found = await withdraw_consent(conn, "CS-0001", **later)

    assert found.erasure is not None
    assert found.erasure.due_at == DUE


async def test_consent_given_anew_takes_the_erasure_back(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await withdraw(conn)

    found = await give_consent(conn, "CS-0001", **BY)

    assert found.value is Fact.YES
    assert found.erasure is not None
    assert found.erasure.ended is ErasureEnd.CONSENT_GIVEN
    assert await asked_erasures(conn, now=DUE) == []
    with pytest.raises(ErasureError):
        await erase(conn)


async def test_consent_is_the_producers_own(conn: AsyncConnection) -> None:
    await keep(conn)
    other = {**BY, "reach": Reach.of(["CS-0002"])}

    with pytest.raises(NotInCatalogError):
        await withdraw_consent(conn, "CS-0001", **other)
    with pytest.raises(NotInCatalogError):
        await give_consent(conn, "CS-0001", **other)
    with pytest.raises(NotInCatalogError):
        await consent_of(conn, "CS-0001", reach=other["reach"])


async def test_the_consent_of_a_producer_without_products_is_an_act_as_well(
    conn: AsyncConnection,
) -> None:
    await save_producers(conn, [household()], by=Author("thử", NOW))

    await withdraw(conn)

    (page,) = [page async for page in recorded_acts(conn)]
    assert [(each.entry.kind, each.entry.subjects) for each in page] == [
        ("attest", ["CS-0001"])
    ]


async def test_the_sale_stops_with_the_next_sync(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    by: Any = {**BY, "now": world.time()}
    await world.database.write(lambda conn: withdraw_consent(conn, "CS-0001", **by))

    await world.sync()

    assert "withdraw" in world.written()
    assert world.market.shelf.of("SP-00001")[0].state != "live"


@pytest.mark.parametrize(
    "difference",
    [
        pytest.param({"now": DUE - timedelta(seconds=1)}, id="too early"),
        pytest.param({"by": person(" ")}, id="by nobody"),
    ],
)
async def test_an_erasure_needs_its_time_and_a_person(
    conn: AsyncConnection, difference: dict[str, Any]
) -> None:
    await keep(conn)
    await withdraw(conn)

    with pytest.raises(Exception, match=r"not before|say who"):
        await erase(conn, **difference)

    assert (await maker_of(conn)).address.text == HOME


async def test_nothing_is_erased_that_nobody_asked_for(conn: AsyncConnection) -> None:
    await keep(conn)

    with pytest.raises(ErasureError):
        await erase(conn)


async def everything(conn: AsyncConnection) -> str:
    """Return all that stands in the database."""
    tables: list[Table] = [t for meta in METADATA for t in meta.sorted_tables]
    rows = [(await conn.execute(select(table))).all() for table in tables]
    return repr(rows)


SHEET = {
    "product_id": "SP-00001",
    "sku": "SP-00001-1",
    "producer_id": "CS-0001",
    "address": f"{HOME}, mới",
    "on_hand": 4,
    "counted_at": "2026-11-24T10:00:00",
    "declaration_number": f"01/{HER}/2026",
}
"""It moves her home, has a later count than hers, and names her as who declares."""


async def live_through(conn: AsyncConnection) -> None:
    """Let a producer's person do things, and others say things about the producer."""
    said = Attested(value=Fact.YES, by=HER, on=NOW.date())
    await keep(conn, consent=said, identity_ready=said)
    await enter_price(conn, PriceEntry(sku="SP-00001-1", price_vnd=50_000), **BY)
    counted = CountEntry(sku="SP-00001-1", on_hand=5, counted_at=NOW)
    await enter_count(conn, counted, **BY)
    await import_rows(conn, SHEET, source="bảng mẫu", now=NOW + timedelta(hours=2))
    held: Any = {"columns": [{"examples": [f"CS-0001: “” → “{HOME}, cũ”", HOME, HER]}]}
    await confirm_held(conn, held, source="b", token="", who="Ng. Văn A", now=NOW)
    row = {"name": f"Mứt của {HER}", "producer_name": f"Hộ {HER}", "stars": 9}
    sheet = FileToImport(stream=as_csv(row), name="so.csv", source="so")
    await import_file(conn, sheet, now=NOW)
    await idempotency_keys.take(conn, "person:NV-00001", "k", "f", NOW)
    told: Any = {"status": 200, "headers": {}, "body": f'{{"address": "{HOME}"}}'}
    await idempotency_keys.settle(conn, "person:NV-00001", "k", KeyState.DONE, **told)
    await withdraw(conn)


@pytest.mark.postgresql
async def test_no_value_that_is_erased_is_left_anywhere(world: World) -> None:
    identity = Identity(database=world.database, clock=lambda: NOW)
    await world.save((make_product(), household()))
    served: Any = {"role": Role.PRODUCER, "producers": ["CS-0001"], "by": STAFF}
    she = await people.add_person(identity, name=HER, **served)
    assert she.id == SHE.ref
    await world.database.write(live_through)
    async with world.database.read() as conn:
        before = await everything(conn)
    assert all(each in before for each in (HER, HOME, SHE.origin))

    assert await world.database.write(erase) == 1

    async with world.database.read() as conn:
        left = await everything(conn)
        maker = await maker_of(conn)
        audit = await verify_audit(conn)
    assert not [each for each in (HER, HOME, SHE.origin) if each in left]
    assert maker.name == "Hộ kinh doanh CS-0001"
    assert (maker.address.commune_code, maker.certified_address.old_commune_code) == (
        "06886",
        "06853",
    )
    assert (maker.consent.value, maker.consent.by) == (Fact.NO, "")
    assert audit.faults == []


@pytest.mark.postgresql
async def test_texts_and_pictures_of_its_products_go_and_those_of_others_stay(
    conn: AsyncConnection,
) -> None:
    hers, shared = (
        KeptPicture(hash=letter * 64, size=Size(1, 1), content=b"x") for letter in "ab"
    )
    for each in (hers, shared):
        await keep_picture(conn, each, now=NOW)
    told = f"Bà {HER} phơi ở {HOME}"
    texts: Any = {
        "description": told,
        "trace_url": "https://mau.example/ba-mau",
        "label": Label(origin=told, warnings=told),
    }
    own = make_product(pictures=pictures_of(hers, shared), **texts)
    other = make_product(
        id="SP-00002", producer_id="CS-0002", variants=(), pictures=pictures_of(shared)
    )
    await save(
        conn,
        [(own, household()), (other, make_producer(id="CS-0002"))],
        by=Author("thử", NOW),
    )
    await withdraw(conn)

    await erase(conn)

    found = {id_: each[0] for id_, each in (await reader.get(conn, BOTH)).items()}
    assert found["SP-00001"] == replace(
        in_order(own),
        description="",
        trace_url="",
        label=Label(),
        pictures=(),
        revision=found["SP-00001"].revision,
    )
    assert found["SP-00002"].pictures == other.pictures
    assert list(await conn.scalars(select(picture.c.hash))) == [shared.hash]
    assert told not in await everything(conn)


async def test_what_goes_and_what_stays_is_told_beforehand(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await withdraw(conn)

    form = erasures_form(await asked_erasures(conn, now=NOW))

    (asked,) = form.erasures
    assert "ảnh" in " ".join(each.vi for each in asked.goes)
    assert "148/QĐ-TTg" in " ".join(each.en for each in asked.stays)


async def test_the_name_of_a_firm_is_that_of_no_person(conn: AsyncConnection) -> None:
    await keep(conn, name="Công ty Mẫu", kind=ProducerKind.FIRM)
    await withdraw(conn)

    await erase(conn)

    found = await maker_of(conn)
    assert (found.name, found.address.text) == ("Công ty Mẫu", "")


async def test_what_others_did_and_what_is_public_stays(conn: AsyncConnection) -> None:
    await keep(conn)
    other: Any = {"reach": WHOLE_CATALOG, "by": STAFF, "now": NOW}
    await enter_price(conn, PriceEntry(sku="SP-00001-1", price_vnd=50_000), **other)
    before = (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]
    await withdraw(conn)

    await erase(conn)

    after = (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]
    assert (after.name, after.certificates) == (before.name, before.certificates)
    known = await provenance_of(conn, ["SP-00001"])
    touch = known.of("SP-00001", "SP-00001-1", "price_vnd")
    assert touch is not None
    assert touch.by == "Ng. Văn A"


async def test_who_serves_another_producer_too_is_not_erased(world: World) -> None:
    identity = Identity(database=world.database, clock=lambda: NOW)
    await world.save((make_product(), household()), entry(2))
    both = ["CS-0001", "CS-0002"]
    served: Any = {"role": Role.PRODUCER, "producers": both, "by": STAFF}
    she = await people.add_person(identity, name=HER, **served)
    await world.database.write(withdraw)

    assert await world.database.write(erase) == 0

    (found,) = await people.all_people(identity)
    assert (found.id, found.name) == (she.id, HER)


async def test_syncs_go_on_after_an_erasure(world: World) -> None:
    await world.save((entry(1)[0], household()))
    await world.sync()
    world.time.now = NOW
    await world.database.write(withdraw)
    await world.sync()
    await world.database.write(erase)

    report = await world.sync()

    assert not report.failures
    assert world.written() == []


async def test_a_sheet_does_not_give_consent_back(conn: AsyncConnection) -> None:
    await keep(conn)
    await withdraw(conn)
    row = {"product_id": "SP-00001", "producer_id": "CS-0001", "consent": "có"}

    report = await import_rows(conn, {**row, "consent_by": "Lan"}, source="bảng mẫu")

    found = await consent_of(conn, "CS-0001", reach=OWN)
    assert found.value is Fact.NO
    told = {each.column: each.kind for each in report.problems}
    assert told["consent"] is ProblemKind.CONFLICT


async def test_a_sheet_may_speak_of_consent_again_once_it_was_given_anew(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await withdraw(conn)
    await give_consent(conn, "CS-0001", **BY)
    row = {"product_id": "SP-00001", "producer_id": "CS-0001", "consent_by": "Lan"}

    report = await import_rows(conn, {**row, "consent": "có"}, source="bảng mẫu")

    assert report.problems == []


async def test_after_an_erasure_a_sheet_names_who_consents_anew(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await withdraw(conn)
    await erase(conn)
    await give_consent(conn, "CS-0001", **{**BY, "now": DUE})
    row = {"product_id": "SP-00001", "producer_id": "CS-0001", "address": HOME}

    report = await import_rows(conn, row, source="bảng mẫu", now=DUE)

    assert report.problems == []
    assert (await maker_of(conn)).address.text == HOME


async def test_a_sheet_does_not_bring_back_what_was_erased(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await withdraw(conn)
    await erase(conn)
    row = {"product_id": "SP-00001", "producer_id": "CS-0001", "address": HOME}

    report = await import_rows(
        conn, {**row, "producer_name": f"Hộ {HER}"}, source="bảng mẫu"
    )

    found = await maker_of(conn)
    assert (found.name, found.address.text) == ("Hộ kinh doanh CS-0001", "")
    assert {each.column for each in report.problems} >= {"address", "producer_name"}
    assert f"Hộ {HER}" not in await everything(conn)


async def test_an_import_is_undone_after_an_erasure_without_what_was_erased(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    sheet = {**SHEET, "address": f"{HOME}, mới", "ocop_code": "QN-1"}
    await import_rows(conn, sheet, source="bảng mẫu", now=NOW + timedelta(hours=2))
    await withdraw(conn)
    await erase(conn)
    (made,) = await list_imports(conn, limit=1)
    undo = partial(undo_import, conn, made.id, now=DUE, rules=load_rules())

    seen = await undo()
    await undo(confirmed=Confirmation(token=seen.token, by=STAFF))

    product = (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]
    assert product.ocop_code == ""
    assert (await maker_of(conn)).address.text == ""
