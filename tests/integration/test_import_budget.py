"""A sheet's removals count in the budget until a person confirms them.

The effects of a change are tested in `tests/unit/catalog/test_effects.py`, the question
about many in `tests/integration/test_catalog_import_many.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import attest, update
from catalog.commands.certify.which import Which
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.service.decisions import approvals
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries.held import cause_in_words, held_groups
from tests.catalog_database import import_rows
from tests.certified import revoke, void
from tests.factories import AT, make_certificate, person
from tests.held import list_held
from tests.world import World, entry

Row = Mapping[str, object]

COUNT = 3
"""So many products lose something; the budget allows two."""

REVOKES = {
    "decision": "001/QĐ-MẪU",
    "decided_on": "2023-05-10",
    "revoked_by": "009/QĐ-UBND",
    "revoked_on": "2024-02-01",
}
ENDS = {
    "decision": "001/QĐ-MẪU",
    "decided_on": "2021-02-10",
    "decision_is": "đính chính",
}
VOIDS = {
    "decision": "001/QĐ-MẪU",
    "decided_on": "2023-05-10",
    "voided_by": "Bà Mẫu",
    "void_reason": "ghi nhầm",
}
KINDS: dict[str, tuple[Row, str, list[str]]] = {
    "revoked": (REVOKES, "revoked", ["withdraw"]),
    "revoked without a number": (
        {**REVOKES, "revoked_by": ""},
        "revoked",
        ["withdraw"],
    ),
    "stopped": ({"paused": "yes"}, "stopped", ["withdraw"]),
    "consent": ({"consent": "no"}, "consent", ["withdraw", "stop_seller"]),
    "ended": (ENDS, "ended", ["set_stars"]),
    "voided": (VOIDS, "ended", ["set_stars"]),
    "a paper not held": ({"food_safety": "no"}, "paper", ["withdraw"]),
    "a paper that is over": (
        {"food_safety_expires_on": "2024-02-01"},
        "paper",
        ["withdraw"],
    ),
    "counted zero": (
        {"on_hand": 0, "counted_at": (AT + timedelta(minutes=1)).isoformat()},
        "emptied",
        ["set_stock"],
    ),
    "all of it reserved": ({"reserved": 20}, "emptied", ["set_stock"]),
}
"""A row, the kind of effect that it has, and what is sent for it."""


@pytest.fixture
async def shop(world: World) -> World:
    """Ten products on sale, and a budget of two."""
    world.deployment = replace(world.deployment, budget=Budget(min_changes=2))
    await world.save(*(entry(n) for n in range(1, 11)))
    await world.sync()
    world.time.pass_(minutes=5)
    return world


def rows(cells: Row, count: int = COUNT) -> list[Row]:
    return [
        {"product_id": f"SP-{n:05}", "sku": f"SP-{n:05}-1", **cells}
        for n in range(1, count + 1)
    ]


async def take_in(world: World, sheet: Sequence[Row], **options: Any) -> ImportReport:
    """Import a sheet that was exported a minute ago."""
    given: dict[str, Any] = {
        "source": "thu-hoi.csv",
        "stamp": AT + timedelta(minutes=1),
        **options,
    }

    async def work(conn: AsyncConnection) -> ImportReport:
        return await import_rows(conn, *sheet, now=world.time(), **given)

    report = await world.database.write(work)
    assert [str(each) for each in report.problems] == []
    return report


def by_person(report: ImportReport) -> Confirmation:
    return Confirmation(token=report.token, by=person("Bà Mẫu"))


async def causes(world: World) -> list[tuple[str, int]]:
    """Return the cause and the size of each held group."""
    held = await list_held(world.deployment)
    return [(group.cause, group.size) for group, _ in held]


def without_claim(world: World) -> int:
    """Return of how many listings the claim is gone."""
    listings = world.market.shelf.listings.values()
    return sum(each.shown.stars is None for each in listings)


@pytest.mark.parametrize(("cells", "kind", "sent"), KINDS.values(), ids=KINDS)
async def test_what_a_sheet_takes_is_held_as_one_group_until_its_import_is_confirmed(
    shop: World, cells: Row, kind: str, sent: list[str]
) -> None:
    sheet = rows(cells)
    report = await take_in(shop, sheet)

    await shop.sync()
    assert (report.held, report.takes) == ([], {kind: COUNT})
    assert (shop.written(), await causes(shop)) == ([], [("import:1", COUNT)])

    again = await take_in(shop, sheet)
    confirmed = await take_in(shop, sheet, confirmed=by_person(report))
    await shop.sync()

    assert (again.token, again.takes) == (report.token, {kind: COUNT})
    assert (confirmed.token, confirmed.takes, confirmed.changed) == ("", {}, [])
    assert sorted(shop.written()) == sorted(sent * COUNT)
    assert await causes(shop) == []


@pytest.mark.parametrize(("cells", "kind", "sent"), KINDS.values(), ids=KINDS)
async def test_what_a_person_confirms_at_once_uses_no_budget(
    shop: World, cells: Row, kind: str, sent: list[str]
) -> None:
    sheet = rows(cells)
    looked = await take_in(shop, sheet, check=True)
    report = await take_in(shop, sheet, confirmed=by_person(looked))
    await take_in(shop, rows({"paused": "yes"}, 10)[8:], source="khác.csv")

    await shop.sync()

    assert (looked.takes, report.takes) == ({kind: COUNT}, {})
    # Two more, by another sheet: the budget is whole for them.
    assert sorted(shop.written()) == sorted(sent * COUNT + ["withdraw"] * 2)


@pytest.mark.parametrize(("cells", "kind", "sent"), KINDS.values(), ids=KINDS)
async def test_few_that_a_sheet_takes_go_and_use_up_the_budget(
    shop: World, cells: Row, kind: str, sent: list[str]
) -> None:
    report = await take_in(shop, rows(cells, 2))
    await shop.sync()
    # A seller waits for a person's word in any case.
    assert (report.takes, shop.written()) == ({kind: 2}, sent[:1] * 2)

    await take_in(shop, rows({"paused": "yes"}, 10)[8:], source="khác.csv")
    await shop.sync()

    assert (shop.written(), await causes(shop)) == ([], [("import:2", 2)])


async def test_a_group_of_an_import_passes_once_a_person_approves_it(
    shop: World,
) -> None:
    await take_in(shop, rows(REVOKES))
    await shop.sync()
    ((group, _),) = await list_held(shop.deployment)

    await approvals.approve(
        shop.deployment, group.id, by=person("Bà Mẫu"), reason="đúng"
    )
    await shop.sync()

    assert shop.written() == ["withdraw"] * COUNT


@pytest.mark.parametrize("confirmed", [False, True], ids=["nobody", "a person"])
@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(ENDS, id="a day that is over"),
        pytest.param({**ENDS, "decided_on": "2021-03-05"}, id="a day that comes"),
    ],
)
async def test_an_end_that_a_sheet_entered_never_becomes_known_by_standing(
    shop: World, cells: Row, confirmed: bool
) -> None:
    looked = await take_in(shop, rows(cells), check=True)
    word = by_person(looked) if confirmed else None
    await take_in(shop, rows(cells), confirmed=word)
    await shop.sync()
    for _ in range(3):
        shop.time.pass_(days=8)
        await shop.sync()

    if not confirmed:
        assert await causes(shop) == [("import:1", COUNT)]
    assert without_claim(shop) == (COUNT if confirmed else 0)


async def test_an_end_that_is_filled_in_never_becomes_known_by_standing(
    world: World,
) -> None:
    world.deployment = replace(world.deployment, budget=Budget(min_changes=2))
    undated = make_certificate(decided_on=None)
    await world.save(*(entry(n) for n in range(1, 5)))
    await world.sync()
    for n in range(1, 5):
        await world.change(f"SP-{n:05}", certificates=(undated,))
    cells = {"decision": "001/QĐ-MẪU", "decided_on": "2021-03-20"}

    report = await take_in(world, rows(cells))
    for _ in range(4):
        await world.sync()
        world.time.pass_(days=8)

    # It has a date for the first time, and is still in force: nothing is asked.
    assert (report.held, report.takes) == ([], {"ended": COUNT})
    assert await causes(world) == [("import:1", COUNT)]


async def test_a_zero_is_not_hidden_behind_an_end_that_was_known(world: World) -> None:
    world.deployment = replace(world.deployment, budget=Budget(min_changes=2))
    ends = make_certificate(decided_on=date(2021, 3, 5))
    await world.save(*(entry(n, certificates=(ends,)) for n in range(1, 5)))
    await world.sync()
    world.time.pass_(days=8)
    await world.sync()
    assert "set_stars" in world.written()
    zero = {"on_hand": 0, "counted_at": world.time().isoformat()}

    await take_in(world, rows(zero), stamp=world.time())
    await world.sync()

    assert (world.written(), await causes(world)) == ([], [("import:1", COUNT)])


async def test_sales_empty_a_shop_without_using_the_budget(shop: World) -> None:
    count = {"on_hand": 1, "counted_at": shop.time().isoformat()}
    await take_in(shop, rows(count))
    await shop.sync()
    for n in range(1, COUNT + 1):
        (found,) = shop.market.shelf.of(f"SP-{n:05}")
        shop.market.shelf.sell(found.ref, f"SP-{n:05}-1", 1, f"D-{n}")

    await shop.sync()

    assert await causes(shop) == []


async def test_the_act_of_a_person_is_no_sheets_word(shop: World) -> None:
    await take_in(shop, rows(REVOKES))
    await shop.sync()
    assert await causes(shop) == [("import:1", COUNT)]
    ids = [f"SP-{n:05}" for n in range(1, COUNT + 1)]

    async def act(conn: AsyncConnection) -> Sequence[str]:
        day, by, number = date(2024, 2, 1), "Bà Mẫu", "009/QĐ-UBND"
        return await revoke(conn, ids, number, day, by=person(by), now=shop.time())

    changed = await shop.database.write(act)
    await shop.sync()

    assert changed == ids
    assert (shop.written(), await causes(shop)) == (["withdraw"] * COUNT, [])


@pytest.mark.parametrize("what", ["pause", "consent", "paper", "stock"])
async def test_a_person_who_says_the_same_by_command_stands_for_it(
    shop: World, what: str
) -> None:
    cells, sent = {
        "pause": (KINDS["stopped"][0], "withdraw"),
        "consent": (KINDS["consent"][0], "withdraw"),
        "paper": (KINDS["a paper not held"][0], ""),
        "stock": (KINDS["counted zero"][0], "set_stock"),
    }[what]
    await take_in(shop, rows(cells))
    await shop.sync()
    shop.time.pass_(minutes=1)
    now, by = shop.time(), "Bà Mẫu"

    async def act(conn: AsyncConnection) -> None:
        for n in range(1, COUNT + 1):
            id_ = f"SP-{n:05}"
            if what == "pause":
                assert await update.pause(conn, id_, True, by=person(by), now=now)
            elif what == "stock":
                await update.set_stock(conn, f"{id_}-1", 0, now, by=person(by), now=now)
            else:
                of: dict[str, Any] = {"product_ids": [id_]}
                fact: Any = (
                    PaperKind.FOOD_SAFETY
                    if what == "paper"
                    else attest.ProducerFact.CONSENT
                )
                on = now.date()
                await attest.attest(
                    conn,
                    what=[fact],
                    value=Fact.NO,
                    by=person(by),
                    on=on,
                    now=now,
                    **of,
                )

    await shop.database.write(act)
    await shop.sync()

    # A paper is the rule's cause again, whoever has seen that it is missing.
    held = [("E04", COUNT)] if what == "paper" else []
    written = [each for each in shop.written() if each != "stop_seller"]
    assert written == ([sent] * COUNT if sent else [])
    assert await causes(shop) == held


async def test_a_seller_is_not_closed_on_the_word_of_a_sheet(shop: World) -> None:
    sheet = rows({"consent": "no"})
    report = await take_in(shop, sheet)
    await shop.sync()
    assert await shop.answers("stop_seller") == []

    await take_in(shop, sheet, confirmed=by_person(report))
    await shop.sync()

    assert len(await shop.answers("stop_seller")) == COUNT


async def test_what_a_sheet_takes_back_is_no_longer_held(shop: World) -> None:
    await take_in(shop, rows({"paused": "yes"}))
    await shop.sync()
    await take_in(shop, rows({"paused": "no"}))
    await shop.sync()
    assert await causes(shop) == []
    ids = [f"SP-{n:05}" for n in range(1, COUNT + 1)]

    async def stop(conn: AsyncConnection) -> None:
        for id_ in ids:
            await update.pause(conn, id_, True, by=person("Bà Mẫu"), now=shop.time())

    await shop.database.write(stop)
    await shop.sync()

    assert shop.written() == ["withdraw"] * COUNT


async def test_a_group_and_a_plan_name_the_import(shop: World) -> None:
    await take_in(shop, rows(KINDS["counted zero"][0]), file="dem.xlsx")
    (planned,) = await plan(shop.deployment)
    await shop.sync()

    (group,) = await held_groups(shop.deployment)

    assert [each.cause for each in planned.held] == ["import:1"]
    assert group.import_ is not None
    assert str(cause_in_words(group.import_)) == (
        "lần nạp 1: dem.xlsx, 01/03/2024 / import 1: dem.xlsx, 2024-03-01"
    )
    assert group.why.code == "import:1"


async def test_what_a_person_voids_by_name_uses_no_budget(shop: World) -> None:
    which = Which(decision="001/QĐ-MẪU")

    async def work(conn: AsyncConnection) -> None:
        for n in range(1, COUNT + 1):
            said: Any = {
                "by": person("Bà Mẫu"),
                "reason": "ghi nhầm",
                "now": shop.time(),
            }
            await void(conn, f"SP-{n:05}", which, **said)

    await shop.database.write(work)
    await shop.sync()

    assert shop.written() == ["set_stars"] * COUNT
    assert await causes(shop) == []
    assert without_claim(shop) == COUNT
