"""Papers that staff record, correct, end and attest, one by one and in bulk."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, Final

import pytest

from catalog.commands.paper_entry import PaperAct, PaperEntry
from catalog.commands.papers import PapersEntered, PaperSubjects
from catalog.db import reader
from catalog.errors import (
    AttestationError,
    FieldsError,
    HeldPapersError,
    NotInCatalogError,
)
from catalog.imports.confirmation import Confirmation
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.undo.undo import undo_import
from catalog.values import replace
from ocop_sync.service.department.papers import LackFilter, enter
from ocop_sync.service.producer.changes import Doing
from tests.acts import acts_of
from tests.catalog_database import import_rows
from tests.factories import AT, NOT_SO, SEEN, make_paper, person
from tests.held import list_held
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

TODAY: Final = date(2024, 3, 1)
FOOD: Final = PaperKind.FOOD_SAFETY
LEAD: Final = Doing(by=person("Bà Mẫu"), reach=WHOLE_CATALOG)
HELD: Final = Attested(value=Fact.YES, by="Bà Mẫu", on=TODAY)
UNKNOWN: Final = (make_paper(PaperKind.DECLARATION),)
"""All that a product needs, but for the food-safety paper."""
DETAILS: Final[dict[str, Any]] = {
    "number": "12/2024/ATTP",
    "issued_on": date(2024, 2, 1),
    "expires_on": date(2027, 1, 31),
}


def said(act: PaperAct, **more: Any) -> PaperEntry:
    return PaperEntry(**{"act": act, "kind": FOOD, **more})


async def enter_(
    world: World,
    entered: PaperEntry,
    subjects: PaperSubjects | LackFilter,
    doing: Doing = LEAD,
) -> PapersEntered:
    rules = world.deployment.rules
    return await enter(
        world.database, entered, subjects, doing, rules=rules, clock=world.time
    )


def of(*ids: str, producer: str = "") -> PaperSubjects:
    return PaperSubjects(products=ids, producer=producer)


async def confirmed(
    world: World, entered: PaperEntry, subjects: PaperSubjects | LackFilter
) -> PapersEntered:
    """Enter what is held, with its token."""
    with pytest.raises(HeldPapersError) as held:
        await enter_(world, entered, subjects)
    return await enter_(world, replace(entered, token=held.value.token), subjects)


async def papers_of(world: World, product_id: str = "SP-00001") -> dict[str, Paper]:
    async with world.database.read() as conn:
        item, _ = (await reader.get(conn, [product_id]))[product_id]
    return {each.kind.value: each for each in item.papers}


async def foods(world: World, *numbers: int) -> list[Fact]:
    """Return the answers about the food-safety paper of some products."""
    found = [await papers_of(world, f"SP-{n:05}") for n in numbers]
    return [
        papers.get("food_safety", make_paper(FOOD, UNATTESTED)).held.value
        for papers in found
    ]


async def test_a_product_that_lacks_a_paper_is_listed_by_the_next_sync_once_it_is_seen(
    world: World,
) -> None:
    await world.save(entry(1, papers=UNKNOWN))
    await world.sync()
    before = world.written()

    found = await enter_(world, said(PaperAct.ADD, values=DETAILS), of("SP-00001"))
    await world.sync()

    assert before == []
    assert found.changed == ["SP-00001"]
    assert (await papers_of(world))["food_safety"] == Paper(
        kind=FOOD, held=HELD, **DETAILS
    )
    assert world.written() == ["put_seller", "create"]
    assert await acts_of(world.database) == [
        ("add_paper", ["SP-00001"], {"paper": "food_safety"})
    ]


async def test_a_paper_of_a_producer_is_one_of_each_of_its_products(
    world: World,
) -> None:
    maker = entry(1)[1]
    await world.save(
        (entry(1, papers=UNKNOWN)[0], maker),
        (entry(2, papers=UNKNOWN, producer_id="CS-0001")[0], maker),
        entry(3, papers=UNKNOWN),
    )

    found = await enter_(world, said(PaperAct.ADD), of(producer="CS-0001"))

    assert found.changed == ["SP-00001", "SP-00002"]
    assert await foods(world, 1, 2, 3) == [Fact.YES, Fact.YES, Fact.UNKNOWN]
    (act,) = await acts_of(world.database)
    assert act[2] == {"paper": "food_safety", "producer": "CS-0001"}


async def test_what_takes_a_product_off_sale_is_told_first_and_needs_its_token(
    world: World,
) -> None:
    await listed(world, 1)
    ending = said(PaperAct.END, reason="cơ quan cấp thu hồi")

    with pytest.raises(HeldPapersError) as held:
        await enter_(world, ending, of("SP-00001"))
    await world.sync()
    left_alone = world.written()
    found = await enter_(world, replace(ending, token=held.value.token), of("SP-00001"))
    await world.sync()

    (taken,) = held.value.takes
    assert (held.value.taken, taken.product_id, taken.since) == (1, "SP-00001", TODAY)
    assert left_alone == []
    assert found.taken == 1
    assert world.written() == ["withdraw"]
    kept = (await papers_of(world))["food_safety"]
    assert (kept.held, kept.expires_on) == (SEEN, date(2024, 2, 29))


@pytest.mark.parametrize(
    ("entered", "since"),
    [
        (said(PaperAct.ATTEST, held=Fact.NO), TODAY),
        (said(PaperAct.ADD, values={"expires_on": date(2024, 2, 1)}), TODAY),
        (said(PaperAct.CORRECT, values={"expires_on": date(2024, 1, 1)}), TODAY),
        (said(PaperAct.END, last_day=date(2024, 4, 30)), date(2024, 5, 1)),
    ],
    ids=["not there", "ended when recorded", "ended as corrected", "ends later"],
)
async def test_whatever_takes_now_or_later_is_told_with_its_day(
    world: World, entered: PaperEntry, since: date
) -> None:
    paper = make_paper(FOOD, expires_on=date(2027, 1, 1))
    await world.save(entry(1, papers=(paper, *UNKNOWN)))

    with pytest.raises(HeldPapersError) as held:
        await enter_(world, entered, of("SP-00001"))

    assert [each.since for each in held.value.takes] == [since]
    assert (await papers_of(world))["food_safety"] == paper


async def test_a_paper_that_no_rule_asks_for_is_ended_without_a_token(
    world: World,
) -> None:
    quality = make_paper(PaperKind.QUALITY_SYSTEM)
    await world.save(entry(1, papers=(make_paper(FOOD), quality, *UNKNOWN)))

    entered = PaperEntry(act=PaperAct.END, kind=PaperKind.QUALITY_SYSTEM)
    found = await enter_(world, entered, of("SP-00001"))

    assert (found.changed, found.taken) == (["SP-00001"], 0)


async def test_papers_that_end_count_in_the_budget_under_the_rule_that_asks_for_them(
    world: World,
) -> None:
    await listed(world, 8)
    six = of(*(f"SP-{n:05}" for n in range(1, 7)))

    await confirmed(world, said(PaperAct.ATTEST, held=Fact.NO), six)
    await world.sync()

    assert world.written() == []
    ((group, products),) = await list_held(world.deployment)
    assert (group.cause, len(products)) == ("E04", 6)


async def test_a_token_confirms_nothing_once_a_paper_has_changed(world: World) -> None:
    await world.save(entry(1), entry(2))
    both, refused = of("SP-00001", "SP-00002"), said(PaperAct.ATTEST, held=Fact.NO)
    with pytest.raises(HeldPapersError) as held:
        await enter_(world, refused, both)

    await world.change("SP-00002", papers=(make_paper(FOOD, expires_on=AT.date()),))
    again = replace(refused, token=held.value.token)
    with pytest.raises(HeldPapersError) as moved:
        await enter_(world, again, both)
    other = replace(again, seen_on=date(2024, 2, 1), token=moved.value.token)
    with pytest.raises(HeldPapersError):
        await enter_(world, other, both)

    assert await foods(world, 1, 2) == [Fact.YES, Fact.YES]


async def test_a_token_confirms_nothing_once_more_is_taken_than_was_told(
    world: World,
) -> None:
    # Of no known set, so that no rule asks for the paper when it is told.
    await world.save(entry(1, set_code=""), entry(2, set_code=""))
    both, refused = of("SP-00001", "SP-00002"), said(PaperAct.ATTEST, held=Fact.NO)
    with pytest.raises(HeldPapersError) as held:
        await enter_(world, refused, both)
    for id_ in both.products:
        await world.change(id_, set_code="I.3.c")

    with pytest.raises(HeldPapersError) as again:
        await enter_(world, replace(refused, token=held.value.token), both)

    assert (held.value.taken, again.value.taken) == (0, 2)
    assert await foods(world, 1, 2) == [Fact.YES, Fact.YES]


def maker_in(n: int, commune: str) -> Any:
    item, maker = entry(n, papers=UNKNOWN)
    assert maker is not None
    place = replace(maker.address, commune_code=commune)
    return item, replace(maker, address=place)


async def test_all_that_lack_a_paper_in_a_commune_are_counted_then_attested_at_once(
    world: World,
) -> None:
    await world.save(
        maker_in(1, "06652"),
        maker_in(2, "06652"),
        maker_in(3, "06661"),
        entry(4, papers=(make_paper(FOOD, NOT_SO), *UNKNOWN)),
    )
    where = LackFilter(state="unknown", commune="06652")
    seen = said(PaperAct.ATTEST, seen_on=date(2024, 2, 20))

    with pytest.raises(HeldPapersError) as told:
        await enter_(world, seen, where)
    before = await foods(world, 1, 2, 3, 4)
    found = await enter_(world, replace(seen, token=told.value.token), where)

    assert (told.value.changed, told.value.taken) == (2, 0)
    assert [id_ for id_, _ in told.value.names] == ["SP-00001", "SP-00002"]
    assert before == [Fact.UNKNOWN, Fact.UNKNOWN, Fact.UNKNOWN, Fact.NO]
    assert found.changed == ["SP-00001", "SP-00002"]
    assert await foods(world, 1, 2, 3, 4) == [
        *(Fact.YES, Fact.YES),
        *(Fact.UNKNOWN, Fact.NO),
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (LackFilter(), ["SP-00001", "SP-00002"]),
        (LackFilter(state="missing"), ["SP-00003"]),
        (LackFilter(state="expired"), ["SP-00004"]),
        (LackFilter(producer="CS-0002"), ["SP-00002"]),
        (LackFilter(products=["SP-00001-1", "SP-00003"]), ["SP-00001"]),
        (LackFilter(source="bảng mẫu"), ["SP-00002"]),
    ],
    ids=["unknown", "missing", "expired", "producer", "products", "source"],
)
async def test_lacking_products_are_found_as_missing_papers_names_them(
    world: World, where: LackFilter, expected: Sequence[str]
) -> None:
    ended = make_paper(FOOD, expires_on=date(2024, 1, 31))
    await world.save(
        entry(1, papers=UNKNOWN),
        entry(2, papers=UNKNOWN),
        entry(3, papers=(make_paper(FOOD, NOT_SO), *UNKNOWN)),
        entry(4, papers=(ended, *UNKNOWN)),
        entry(5, papers=(make_paper(FOOD),)),  # lacks another paper
    )
    row = {"product_id": "SP-00002", "name": "Măng khô Mẫu 2"}
    await world.database.write(lambda conn: import_rows(conn, row, now=AT))

    with pytest.raises(HeldPapersError) as told:
        await enter_(world, said(PaperAct.ATTEST, values={"expires_on": None}), where)

    assert [id_ for id_, _ in told.value.names] == expected


async def test_of_many_one_that_is_not_there_keeps_all_as_they_are(
    world: World,
) -> None:
    await world.save(entry(1, papers=UNKNOWN))

    with pytest.raises(NotInCatalogError, match="SP-00009"):
        await enter_(world, said(PaperAct.ATTEST), of("SP-00001", "SP-00009"))

    with pytest.raises(NotInCatalogError, match="CS-0009"):
        await enter_(world, said(PaperAct.ATTEST), of(producer="CS-0009"))
    assert await foods(world, 1) == [Fact.UNKNOWN]


async def test_a_paper_that_has_ended_does_not_end_again_on_another_day(
    world: World,
) -> None:
    ended = make_paper(FOOD, expires_on=date(2024, 1, 31))
    await world.save(entry(1, papers=(ended, *UNKNOWN)))

    found = await enter_(world, said(PaperAct.END), of("SP-00001"))

    assert found == PapersEntered()
    assert (await papers_of(world))["food_safety"] == ended


async def test_staff_who_act_for_a_producer_reach_its_products_alone(
    world: World,
) -> None:
    await world.save(entry(1, papers=UNKNOWN), entry(2, papers=UNKNOWN))
    doing = replace(LEAD, reach=Reach.of(["CS-0001"]))

    for subjects in (of("SP-00002"), of(producer="CS-0002")):
        with pytest.raises(NotInCatalogError):
            await enter_(world, said(PaperAct.ATTEST), subjects, doing)
    with pytest.raises(HeldPapersError) as told:
        await enter_(world, said(PaperAct.ATTEST), LackFilter(), doing)

    assert [id_ for id_, _ in told.value.names] == ["SP-00001"]


async def test_a_correction_changes_what_was_wrong_and_keeps_who_has_seen_it(
    world: World,
) -> None:
    await world.save(entry(1))

    await enter_(
        world,
        said(PaperAct.CORRECT, values={"number": "  7/ATTP ", "issued_on": AT.date()}),
        of("SP-00001"),
    )

    assert (await papers_of(world))["food_safety"] == Paper(
        kind=FOOD, held=SEEN, number="7/ATTP", issued_on=AT.date()
    )


@pytest.mark.parametrize("act", [PaperAct.CORRECT, PaperAct.END])
async def test_a_paper_of_which_nothing_is_known_is_not_corrected_or_ended(
    world: World, act: PaperAct
) -> None:
    await world.save(entry(1, papers=UNKNOWN))

    with pytest.raises(FieldsError, match="papers add"):
        await enter_(world, said(act, values={"number": "7"}), of("SP-00001"))


async def test_products_without_the_paper_are_counted_where_others_have_it(
    world: World,
) -> None:
    await world.save(entry(1), entry(2, papers=UNKNOWN))
    number = said(PaperAct.CORRECT, values={"number": "7/ATTP"})

    found = await confirmed(world, number, of("SP-00001", "SP-00002"))

    assert (found.changed, found.without) == (["SP-00001"], 1)


async def test_another_paper_that_gives_way_is_counted(world: World) -> None:
    await world.save(entry(1))

    found = await enter_(world, said(PaperAct.ADD, values=DETAILS), of("SP-00001"))

    assert (found.replaced, found.taken) == (1, 0)


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        (said(PaperAct.ADD, seen_on=date(2024, 3, 2)), "seen_on"),
        (said(PaperAct.ADD, values={"issued_on": date(2024, 3, 2)}), "issued_on"),
        (said(PaperAct.ADD, values={"number": "7" * 101}), "number"),
        (said(PaperAct.CORRECT), "number"),
        (said(PaperAct.CORRECT, values={"issued_on": TODAY}), "expires_on"),
        (said(PaperAct.END, last_day=date(2023, 12, 31)), "last_day"),
    ],
    ids=["seen tomorrow", "issued tomorrow", "long", "nothing", "order", "too early"],
)
async def test_what_cannot_be_is_named_and_nothing_is_written(
    world: World, entered: PaperEntry, field: str
) -> None:
    paper = replace(make_paper(FOOD), issued_on=date(2024, 1, 1))
    paper = replace(paper, expires_on=date(2024, 2, 20))
    await world.save(entry(1, papers=(paper, *UNKNOWN)))

    with pytest.raises(FieldsError) as refused:
        await enter_(world, entered, of("SP-00001"))

    assert [each.field for each in refused.value.problems] == [field]
    assert (await papers_of(world))["food_safety"] == paper


async def test_it_is_said_who_has_seen_a_paper_and_of_what(world: World) -> None:
    await world.save(entry(1))

    nobody = replace(LEAD, by=person(" "))
    with pytest.raises(AttestationError):
        await enter_(world, said(PaperAct.ATTEST), of("SP-00001"), nobody)
    for subjects in (of(), of("SP-00001", producer="CS-0001")):
        with pytest.raises(FieldsError, match="say of what"):
            await enter_(world, said(PaperAct.ATTEST), subjects)


async def test_the_same_again_changes_nothing_and_is_no_act(world: World) -> None:
    await world.save(entry(1))
    await enter_(world, said(PaperAct.ADD, values=DETAILS), of("SP-00001"))

    found = await enter_(world, said(PaperAct.ADD, values=DETAILS), of("SP-00001"))

    assert found == PapersEntered()
    assert len(await acts_of(world.database)) == 1


TEA: Final = {"product_id": "SP-00001", "name": "Măng khô Mẫu 1"}


async def imported(world: World, **values: str) -> None:
    await world.database.write(
        lambda conn: import_rows(conn, {**TEA, **values}, now=world.time())
    )


async def effects(world: World) -> list[str]:
    async with world.database.read() as conn:
        item, _ = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    return [each.key for each in item.effects]


async def test_a_person_who_attests_stands_for_it_and_no_longer_the_sheet(
    world: World,
) -> None:
    await world.save(entry(1), *(entry(n) for n in range(2, 5)))
    await imported(world, food_safety="no", declaration="no")
    before = await effects(world)

    await enter_(world, said(PaperAct.ATTEST, held=Fact.NO), of("SP-00001"))
    number = PaperEntry(
        act=PaperAct.CORRECT, kind=PaperKind.DECLARATION, values={"number": "7"}
    )
    await enter_(world, number, of("SP-00001"))

    assert sorted(before) == ["declaration", "food_safety"]
    assert await effects(world) == ["declaration"]  # its number says nothing of that


async def test_an_undone_import_leaves_a_paper_that_a_person_has_corrected(
    world: World,
) -> None:
    await world.save(entry(1))
    await imported(world, food_safety_number="1/ATTP", declaration_number="2/CB")
    number = said(PaperAct.CORRECT, values={"number": "3/ATTP"})
    await enter_(world, number, of("SP-00001"))

    how: Any = {"rules": world.deployment.rules, "now": world.time()}
    look = await world.database.write(partial(undo_import, number=1, **how))
    how["confirmed"] = Confirmation(token=look.token, by=person("Ông Mẫu"))
    report = await world.database.write(partial(undo_import, number=1, **how))

    found = await papers_of(world)
    assert [each.since and each.since.by for each in report.stays] == ["Bà Mẫu"]
    assert (found["food_safety"].number, found["declaration"].number) == ("3/ATTP", "")


async def test_a_number_in_a_sheet_is_kept_of_a_paper_that_nobody_has_attested(
    world: World,
) -> None:
    await world.save(entry(1, papers=UNKNOWN))

    await imported(
        world, food_safety_number="12/ATTP", food_safety_issued_on="2024-02-01"
    )
    before = (await papers_of(world))["food_safety"]
    await enter_(world, said(PaperAct.ATTEST), of("SP-00001"))

    known: Any = {"number": "12/ATTP", "issued_on": date(2024, 2, 1)}
    assert before == Paper(kind=FOOD, held=UNATTESTED, **known)
    assert (await papers_of(world))["food_safety"] == replace(before, held=HELD)
