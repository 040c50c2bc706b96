"""Make a database by running the product, and write it down as text.

It is run once for each version whose databases are to be upgraded, with that version's
code: `python -m tests.data.make_database` writes database_NNNN.sql. Everything in it is
made up. The purpose of each product stands beside it.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from catalog.db.counters import PRODUCER, PRODUCT, raise_to
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from catalog.model.certificate import Certificate, Evidence
from catalog.model.paper import PaperKind
from catalog.model.product import Entry, Label, StockPolicy
from ocop_sync.errors import CallRefusedError, UnavailableError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions import approvals
from ocop_sync.service.decisions.drift_decisions import decide_drift
from ocop_sync.service.decisions.mappings import replace_mapping
from ocop_sync.service.decisions.retry_requests import try_again
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.store.db import schema
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer
from tests.catalog_database import as_csv
from tests.factories import (
    AT,
    NOT_SO,
    make_certificate,
    make_mapping,
    make_paper,
    make_producer,
    make_product,
    make_variant,
    person,
)
from tests.held import list_held
from tests.stored import FOLDER, WRITTEN_AT, open_stored_world, stranger
from tests.world import World

ALWAYS = 10_000
SOURCE = "bang-mau.csv"
WHO = "Bà Mẫu"
LATER = Refused((Problem(code="reserved", message="Đơn hàng đang giữ"),), for_now=True)
TOO_BAD = CallRefusedError("không đọc được", code="BODY_INVALID")
BLURRED = Problem(code="photo", message="Ảnh mờ", field="pictures")
BAD_WORDS = Refused((Problem(code="words", message="Từ cấm", field="title"),))

ROWS: Sequence[dict[str, object]] = [
    {"stars": 4, "year": 2023},
    {"stars": 4, "decided_on": "2023-05-10"},
    {"stars": 4, "decided_on": "2023-05-10", "decision": "Đang trình"},
    {"stars": 3, "decided_on": "2023-05-10", "decision": "nt"},
    {"stars": 3, "decided_on": "2023-05-10", "decision": "10/5/2023"},
    {"stars": 4, "decided_on": "2023-05-10", "decision": "002/QĐ-UBND"},
]
"""What a sheet says of the certificates of SP-00001 and those behind it."""


def rows(**cells: object) -> list[dict[str, object]]:
    """Return the sheet, with *cells* in each row."""
    common = {
        "producer_name": "Cơ sở Mẫu 010",
        "producer_kind": "HTX",
        "producer_consent": "yes",
        "producer_consent_by": WHO,
        "producer_consent_on": "2024-01-15",
        "set_code": "I.3.c",
        "food_safety": "yes",
        "food_safety_by": WHO,
        "food_safety_on": "2024-01-15",
        "declaration": "yes",
        "declaration_by": WHO,
        "declaration_on": "2024-01-15",
        "pack": "Gói 200 g",
        "price_vnd": 30_000,
        "on_hand": 8,
        "counted_at": "2024-03-01T08:00:00+07:00",
        "pictures": "https://mau.example/2.jpg",
        "pictures_show_mark": "no",
    }
    return [
        {"name": f"Ruốc Mẫu {n}", **common, **row, **cells}
        for n, row in enumerate(ROWS, 1)
    ]


def product(n: int, producer: int = 3, **differences: Any) -> Entry:
    """Return product *n* with as little text as there can be."""
    maker = make_producer(id=f"CS-{producer:04}", name=f"Cơ sở Mẫu {producer:03}")
    made = make_product(
        **{
            "id": f"SP-{n:05}",
            "name": f"Măng Mẫu {n}",
            "producer_id": maker.id,
            "label": Label(net_quantity="500 g"),
            "description": f"Măng {n}.",
            "trace_url": "",
            "variants": (make_variant(sku=f"SP-{n:05}-1", gtin=""),),
        }
        | differences
    )
    return made, maker


def certified(*certificates: Certificate) -> dict[str, Any]:
    return {"certificates": certificates}


PRODUCTS: dict[int, Entry] = {
    # At both marketplaces: CS-0001 and CS-0002 have accounts at the one that reviews.
    11: product(
        11,
        1,
        label=make_product().label,
        trace_url=make_product().trace_url,
        variants=(
            make_variant(sku="SP-00011-1"),
            make_variant(sku="SP-00011-2", gtin="", pack="Gói 1 kg", weight_g=None),
        ),
    ),
    12: product(12, 1, stock_policy=StockPolicy.MIRROR),
    13: product(13, 1),  # in review at the other
    14: product(14, 1),  # refused at the other
    15: product(15, 2),
    16: product(16, 2),  # taken down by a person at the other
    # At one marketplace.
    17: product(17),  # two of ours
    18: product(18),  # its title was edited there
    19: product(19),  # its price was edited there, and a person leaves it so
    20: product(20),  # taken down by a person
    21: product(21),  # banned
    22: product(22),  # a twin holds it
    23: product(23),  # held: withdrawals above the budget
    24: product(24),  # the same
    25: product(25),  # approved, and failing
    26: product(26),  # the same
    27: product(27),  # refused by a person: stock to zero
    28: product(28),  # the same
    29: product(29, **certified(make_certificate(evidence=Evidence.PUBLISHED))),
    30: product(
        30,
        **certified(
            make_certificate(
                stars=3, decision="09/QĐ-MẪU", decided_on=date(2020, 5, 10)
            ),
            make_certificate(),
        ),
    ),
    31: product(31, **certified(make_certificate(decided_on=date(2021, 3, 1)))),
    32: product(32, papers=()),  # a fact is unknown
    33: product(33),  # its price is lost
    34: product(34),  # a price without an answer
    35: product(35),  # created without an answer
    36: product(36),  # quarantined
    37: product(37),  # its update was refused
    38: product(38, 4),  # its producer was refused
    39: product(39),  # moved to another producer
    40: product(40, set_code="VI.1"),  # a service
    41: product(41),  # revoked
    42: product(42),  # its stars were edited, and put right
    43: product(43, 5),  # its producer withdraws consent
}


async def taken_in(world: World, *, confirmed: bool = False, **cells: object) -> None:
    """Import the sheet; *confirmed*: a person confirms what it holds."""

    async def take(conn: Any, word: Confirmation | None = None) -> ImportReport:
        feed = open_feed(as_csv(*rows(**cells)))
        return await import_feed(
            conn, feed.rows, now=world.time(), source=SOURCE, confirmed=word
        )

    report = await world.database.write(take)
    if confirmed:
        word = Confirmation(token=report.token, by=person(WHO))
        report = await world.database.write(lambda conn: take(conn, word))
    if not report.written or report.problems:
        raise RuntimeError(report)


async def changed(world: World, n: int, **differences: Any) -> None:
    await world.change(f"SP-{n:05}", **differences)


def pack(n: int, **differences: Any) -> tuple[Any, ...]:
    return (make_variant(sku=f"SP-{n:05}-1", gtin="", **differences),)


def ref_of(world: World, n: int, account: str = "memory") -> str:
    return world.markets[account].shelf.of(f"SP-{n:05}")[0].ref


async def group_of(world: World, cause: str) -> int:
    """Return the number of the group that is held for *cause*."""
    held = await list_held(world.deployment)
    (number,) = [group.id for group, _ in held if group.cause == cause]
    return number


async def first_day(world: World) -> None:
    """Put on sale what can be; the other marketplace decides on it."""
    market = world.market
    await world.database.write(lambda conn: raise_to(conn, PRODUCER, 9))
    await taken_in(world)
    last = max(PRODUCTS)
    await world.database.write(lambda conn: raise_to(conn, PRODUCT, last))
    mapping = make_mapping(marketplace="other", mapping_version=2)
    await replace_mapping(
        world.database,
        "other",
        mapping,
        by=person(WHO),
        clock=world.deployment.clock,
        adapter=InMemoryMarketplace,
    )
    await world.save(*(PRODUCTS[n] for n in PRODUCTS if n != 35))
    market.shelf.add(stranger(PRODUCTS[22][0].name), seller_name="Cơ sở Mẫu khác")
    market.script("put_sellers", BAD_WORDS, client_ref="CS-0004", times=ALWAYS)
    await world.sync()
    for account in ("other-1", "other-2"):
        shelf = world.markets[account].shelf
        for ref, item in list(shelf.listings.items()):
            if item.shown.client_ref == "SP-00014":
                shelf.refuse(
                    ref, Problem(code="photo", message="Ảnh mờ", field="pictures")
                )
            elif item.shown.client_ref != "SP-00013":
                shelf.approve(ref)
    world.time.pass_(minutes=10)
    await world.sync()


async def second_day(world: World) -> None:
    """People edit at the marketplace, and the catalog changes."""
    world.time.pass_(hours=25)
    shelf = world.market.shelf
    shelf.add(shelf.listings[ref_of(world, 17)].shown)
    shelf.edit(ref_of(world, 18), title="Măng của tôi")
    shelf.edit(ref_of(world, 42), stars=None)
    shown = shelf.listings[ref_of(world, 19)].shown.variants
    shelf.edit(ref_of(world, 19), variants=(replace(shown[0], price_vnd=9_000),))
    shelf.take_down(ref_of(world, 20))
    shelf.ban(ref_of(world, 21), Problem(code="law", message="Vi phạm quy định"))
    shelf.sell(ref_of(world, 12), "SP-00012-1", 3, "DH-1")
    shelf.sell(ref_of(world, 11), "SP-00011-2", 1, "DH-2")
    world.markets["other-2"].shelf.take_down(ref_of(world, 16, "other-2"))
    revoked = make_certificate(revoked_by="05/QĐ-MẪU", revoked_on=date(2024, 2, 20))
    await changed(world, 41, certificates=(revoked,))
    unsafe = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    undeclared = (
        make_paper(PaperKind.FOOD_SAFETY),
        make_paper(PaperKind.DECLARATION, NOT_SO),
    )
    for n in (23, 24):
        await changed(world, n, papers=unsafe)
    for n in (25, 26):
        await changed(world, n, papers=undeclared)
    for n in (27, 28):
        await changed(world, n, variants=pack(n, on_hand=0, counted_at=None))
    await changed(world, 33, variants=pack(33, price_vnd=None))
    refuses = make_producer(id="CS-0005", name="Cơ sở Mẫu 005", consent=NOT_SO)
    await world.save((PRODUCTS[43][0], refuses), product(39, 6))
    await taken_in(world, confirmed=True, price_vnd=300_000)
    await world.sync()
    by_cause = {
        str(group.cause): group for group, _ in await list_held(world.deployment)
    }
    await approvals.refuse(
        world.deployment, by_cause["catalog"].id, by=person(WHO), reason="đếm lại"
    )
    (edited,) = [
        each
        for each in await list_drift(world.deployment)
        if (each.product_id, each.field) == ("SP-00019", "price")
    ]
    await decide_drift(world.deployment, edited.id, ours=False, by=person(WHO))


async def third_day(world: World) -> None:
    """What fails, what is refused, what has no answer when the program ends."""
    market = world.market
    await changed(world, 36, variants=pack(36, price_vnd=77_000))
    market.script("set_price", TOO_BAD, client_ref="SP-00036", times=ALWAYS)
    await changed(world, 37, description="Từ cấm.")
    market.script("update", BAD_WORDS, client_ref="SP-00037", times=ALWAYS)
    for _ in range(3):
        world.time.pass_(minutes=10)
        await world.sync()
    await try_again(world.deployment, "memory", ["SP-00037"], by=person(WHO))
    world.time.now = WRITTEN_AT
    await changed(world, 34, variants=pack(34, price_vnd=55_000))
    await world.save(PRODUCTS[35])
    market.script("set_price", LostAnswer(), client_ref="SP-00034")
    market.script("create", LostAnswer(), client_ref="SP-00035")
    for method in ("read", "find"):
        market.script(method, UnavailableError("bảo trì"), times=ALWAYS)
    await world.sync()
    by_cause = {
        str(group.cause): group for group, _ in await list_held(world.deployment)
    }
    await approvals.approve(
        world.deployment, by_cause["E05"].id, by=person(WHO), reason="đã xem"
    )


async def make(url: str) -> None:
    """Make the database at *url*, of the present version."""
    await schema.upgrade(url)
    async with open_stored_world(url, AT) as world:
        await first_day(world)
        await second_day(world)
        await third_day(world)


def dump(file: Path) -> Iterator[str]:
    """Yield the rows of a database as statements, one for each table.

    Both databases read them: truth values are words, and documents plain text.
    """
    with sqlite3.connect(file) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
        ).fetchall()
        # Producers before their products: what is referred to comes first.
        first = ("producer", "product")
        names = sorted((name for (name,) in tables), key=lambda n: (n not in first, n))
        for name in names:
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            found = connection.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608
            if found:
                titles = ", ".join(f'"{each[1]}"' for each in columns)
                lines = ",\n".join(
                    "(" + ", ".join(map(literal, row, (c[2] for c in columns))) + ")"
                    for row in sorted(found, key=repr)
                )
                yield f'INSERT INTO "{name}" ({titles}) VALUES\n{lines}'


def literal(value: object, type_: str) -> str:
    """Return *value* of a column of *type_* as both databases write it."""
    if value is None:
        return "NULL"
    if type_ == "BOOLEAN":
        return "TRUE" if value else "FALSE"
    if type_ == "JSON":
        value = json.dumps(json.loads(str(value)), ensure_ascii=False)
    if isinstance(value, int | float):
        return repr(value)
    text = str(value).replace("'", "''")
    if "\n\n" in text:
        raise ValueError(text)
    return f"'{text}'"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "made.db"
        asyncio.run(make(f"sqlite:///{file}"))
        version = schema.VERSIONS[-1]
        target = FOLDER / f"database_{version}.sql"
        target.write_text("\n\n".join(dump(file)) + "\n", encoding="utf-8")
        sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()
