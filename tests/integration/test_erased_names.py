"""The name of an erased person is nowhere: every table is gone through.

A row stands in each table, with the name in each column that may hold one; and each
column that may hold text is said to be such a one, or to name nobody.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.types import TypeDecorator

from catalog.db import tables as catalog_tables
from catalog.db.erased_names import IN_CATALOG
from catalog.model.actor import Actor, ActorKind
from ocop_sync.service.decisions.pauses import pause_accounts, pauses_at
from ocop_sync.service.identity import people
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.role import Role
from ocop_sync.store import tables as store_tables
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import METADATA
from ocop_sync.store.idempotency_keys import KeyState
from ocop_sync.store.identity.erased_names import IN_STORE
from tests.factories import AT
from tests.identity import BOSS, Office, open_office
from tests.world import World

pytestmark = pytest.mark.postgresql

NAME: Final = "Nguyễn Thị Mẫu Đức"
WORDS: Final = "lý do riêng của người ấy"
TABLES: Final = tuple(table for each in METADATA for table in each.sorted_tables)

NAMES_NOBODY: Final = {
    "adjustment": "sku reason",
    "api_key": "id name role digest replaced_by",  # its purpose, and no person
    "catalog_counter": "name",
    "catalog_import": "source file",
    "certificate": "product_id evidence decision body year_means revoked_by source",
    "change": "run_id marketplace account subject kind before after outcome detail",
    "change_delay": "marketplace product_id facet fingerprint outcome",
    "column_answer": "source heading means",
    "confirmation": "source token",
    "confirmed_end": "product_id ends_on",
    "coverage_interval": "marketplace product_id counted rule hold word commune"
    " product_set producer_kind later_counted later_rule",
    "elsewhere": "account ref marketplace product_id found shown refused failures",
    "erasure": "producer_id ended",
    "field_change": "entity subject key field",
    # The names of products, and of producers, which are erased with them.
    "former_mark": "product_id producer_id name",
    "heartbeat": "name holder doing",
    "held": "marketplace cause hold checksum state",
    "held_member": "product_id kinds why seen_vi seen_en fingerprint reask_reason",
    "idempotency_key": "scope key fingerprint state headers",
    "import_effect": "product_id kind key",
    "import_file": "content_hash part",  # the sheet as it came; for 30 days
    "import_report": "source file outcome content_hash producers",
    "installation": "place",
    "key_producer": "key_id producer_id",
    "last_run": "account marketplace run_id outcome error todo unread sales_unread"
    " cause",
    "listing": "*",  # of the marketplace, and of the catalog's public values
    "mapping": "marketplace mapping",
    "named": "account ref kind",
    "naming": "source product_id",
    "notice": "message_id kind key part details",
    "notice_delivery": "sender state error",
    "paper": "product_id kind held number",
    "picture": "hash content",
    "picture_use": "hash product_id",
    "policy": "marketplace account name value",
    "product": "*",  # what its producer has made public
    "push": "account digest",
    "remote": "account ref client_ref state title seller_name seller_ref packs",
    "remote_key": "account key ref",
    "retry": "marketplace product_id",
    "plan": "state marketplaces unusable scope checksum run",
    "plan_change": "*",  # as the ledger has it, of sellers their ids
    "run_event": "run kind account data",
    "run_request": "id kind marketplaces holder token outcome reason",
    "settled_range": "marketplace after_id end_id digest",
    "run": "id account marketplace holder outcome",
    "sale": "channel order_line sku",
    "schedule": "name kind cron",
    "schedule_run": "holder token outcome reason",
    "seller": "account producer_id marketplace ref sent_fingerprint"
    " confirmed_fingerprint refused_fingerprint submitted_fingerprint problems",
    "snapshot": "marketplace counts",
    "source": "name",
    "source_file": "file source",
    "twin": "marketplace product_id account ref agrees_on state",
    "work_count": "counted account marketplace outcome",
    "variant": "product_id sku gtin pack net_quantity",
    "account": "key marketplace event_cursor holder token",
    "drift": "marketplace account product_id kind field expected found decision"
    " decision_fingerprint",
    "producer": "id name name_folded sort_key kind certified_address"
    " certified_old_commune_code certified_commune_code address old_commune_code"
    " commune_code consent identity_ready",  # erased as the producer's
}
"""The columns of each table that hold no name of a member of staff."""

ERASED_BY_ID: Final = {
    "act": "actor_digest acts_for kind subjects refs note_digest previous hash",
    "act_note": "reason origin salt",
    "actor": "kind ref name os_user salt",
    "person": "id name sign_in_name password_hash role",
    "person_producer": "person_id producer_id",
    "session": "person_id digest device",
    "sign_in_link": "person_id producer_id digest device",
}
"""The tables that name persons by id: see `test_identity.py`."""


def holds_text(column: Column[Any]) -> bool:
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, String | JSON | LargeBinary)


def places() -> set[Column[Any]]:
    found = {store_tables.idempotency_key.c.body}
    for each in (IN_CATALOG, IN_STORE):
        found |= {*each.names, *each.sentences, *each.told, *each.facts}
        found |= {word for words in each.names.values() for word in words}
    return found


def unsaid() -> Iterator[str]:
    said = {**NAMES_NOBODY, **ERASED_BY_ID}
    for table in TABLES:
        nobody = said.get(table.name, "").split()
        for column in table.columns:
            known = column in places() or column.name in nobody or nobody == ["*"]
            if holds_text(column) and not known:
                yield str(column)


def test_every_column_that_may_hold_a_name_is_erased_or_said_to_hold_none() -> None:
    assert list(unsaid()) == []


def value_of(column: Column[Any]) -> Any:
    """Return a value that fits: the same everywhere, so that rows refer to others."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, JSON):
        return {"by": "x"}
    if column.name == "revision":
        return 99  # no other product's
    for types, value in (
        (Boolean, False),
        (Float, 1.0),
        (Integer, 1),
        (LargeBinary, b"x"),
        (DateTime, AT),
        (Date, AT.date()),
    ):
        if isinstance(kind, types):
            return value
    return "x"


def named(column: Column[Any]) -> Any:
    """Return a value of a column that may hold the name, with the name."""
    if column is store_tables.change.c.why:
        return f"E04: hết hạn (nhóm 3, {NAME} duyệt: {WORDS})"
    if column in IN_CATALOG.told:
        return {"told": [f"danh mục đang có «5», {NAME} sửa"]}
    if isinstance(column.type, JSON):
        return {"voided_by": NAME, "void_reason": WORDS, "by": f"{NAME} (import a)"}
    if column.name in {"body", "detail"}:
        return f'{{"by":"{NAME}"}}'
    return WORDS if "reason" in column.name else NAME


async def fill(database: Database) -> None:
    """Put a row into each table, with the name wherever one may stand."""

    async def store(conn: Any) -> None:
        for table in TABLES:
            row = {each.name: value_of(each) for each in table.columns}
            if table.name not in ERASED_BY_ID and not await is_there(conn, table, row):
                await conn.execute(insert(table), row)
        for column in places():
            table = column.table
            assert isinstance(table, Table)
            await conn.execute(update(table).values({column.name: named(column)}))
        key = store_tables.idempotency_key
        await conn.execute(update(key).values(state=KeyState.DONE.value))

    await database.write(store)


async def is_there(conn: Any, table: Table, row: dict[str, Any]) -> bool:
    keys = table.primary_key.columns
    same = select(*keys).where(*(each == row[each.name] for each in keys))
    return (await conn.execute(same)).first() is not None


async def holding(database: Database, *words: str) -> list[str]:
    """Return the columns in which any of *words* stands."""
    found = []
    async with database.read() as conn:
        for table in TABLES:
            for row in (await conn.execute(select(table))).mappings():
                found += [
                    f"{table.name}.{name}"
                    for name, value in row.items()
                    if any(word in str(value) for word in words)
                ]
    return sorted(found)


@pytest.fixture
async def office(url: str) -> AsyncIterator[Office]:
    office = await open_office(url)
    yield office
    await office.close()


async def test_the_name_of_an_erased_person_and_its_words_are_nowhere(
    office: Office,
) -> None:
    added = await office.add(NAME, Role.ADMIN)
    at_the_desk = Actor(kind=ActorKind.COMMAND_LINE, name=NAME, os_user="nva")
    other = await office.add("Người Mẫu 2", by=at_the_desk)
    await fill(office.database)
    before = await holding(office.database, NAME, WORDS)

    await people.erase_person(office.identity, added.id, by=BOSS)

    assert {str(each) for each in places()} <= set(before)
    assert await holding(office.database, NAME, WORDS, "nva") == []
    async with office.database.read() as conn:
        account = (await conn.execute(select(store_tables.account))).one()
        kept = (await conn.execute(select(store_tables.idempotency_key))).one()
        why = await conn.scalar(select(store_tables.change.c.why))
        problem = await conn.scalar(select(catalog_tables.import_problem.c.told))
        said = await conn.scalar(select(catalog_tables.field_change.c.personal_after))
    assert (account.paused_by, account.pause_reason) == (added.id, "")
    assert (kept.state, kept.body) == (KeyState.ERASED.value, None)
    assert why == "E04: hết hạn (nhóm 3)"
    assert said == {
        "voided_by": added.id,
        "void_reason": "",
        "by": f"{added.id} (import a)",
    }
    assert problem == {"told": [f"danh mục đang có «5», {added.id} sửa"]}
    assert (await people.one_person(office.identity, other.id)).name == "Người Mẫu 2"


async def test_a_name_stays_that_somebody_else_bears(office: Office) -> None:
    added = await office.add(NAME)
    await people.add_person(
        office.identity,
        name=NAME,
        role=Role.PRODUCER,
        producers=["CS-0001"],
        by=BOSS,
    )
    await fill(office.database)
    before = await holding(office.database, NAME)

    await people.erase_person(office.identity, added.id, by=BOSS)

    gone = {"person.name"}
    assert set(before) - set(await holding(office.database, NAME)) <= gone


async def test_the_name_of_a_producer_that_is_a_persons_stays_in_its_history(
    office: Office,
) -> None:
    added = await office.add(NAME)
    await fill(office.database)
    changed = catalog_tables.field_change
    values = {"before": {"name": NAME}, "after": {"name": "Cơ sở Mẫu 009"}}
    await office.database.write(
        lambda conn: conn.execute(update(changed).values(values))
    )

    await people.erase_person(office.identity, added.id, by=BOSS)

    async with office.database.read() as conn:
        assert await conn.scalar(select(changed.c.before)) == {"name": NAME}


async def test_a_name_before_an_import_and_short_ones_in_sentences(
    office: Office,
) -> None:
    added = await office.add("An")
    await fill(office.database)
    changed = catalog_tables.field_change

    async def say(conn: Any) -> None:
        await conn.execute(delete(catalog_tables.confirmation))
        await conn.execute(update(changed).values(changed_by="An (import so-nn)"))
        run = store_tables.run
        await conn.execute(update(run).values(detail="đơn vị An Bình / An Binh"))

    await office.database.write(say)
    await people.erase_person(office.identity, added.id, by=BOSS)

    async with office.database.read() as conn:
        by = await conn.scalar(select(changed.c.changed_by))
        detail = await conn.scalar(select(store_tables.run.c.detail))
    assert by == f"{added.id} (import so-nn)"
    assert detail == "đơn vị An Bình / An Binh"


async def test_a_pause_of_an_erased_person_goes_on_and_names_its_id(
    world: World,
) -> None:
    identity = Identity(database=world.database, clock=world.time)
    added = await people.add_person(
        identity,
        name=NAME,
        role=Role.OPERATOR,
        password="ba con cò bay lả",  # noqa: S106  (of nobody)
        by=BOSS,
    )
    me = Actor(kind=ActorKind.PERSON, name=NAME, ref=added.id)
    await pause_accounts(world.deployment, ["memory"], by=me, reason=WORDS)

    await people.erase_person(identity, added.id, by=BOSS)

    (pause,) = await pauses_at(world.deployment)
    assert (pause.by, pause.reason) == (added.id, "")
