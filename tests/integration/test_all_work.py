"""All that waits for a person, in one list, the most urgent first."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from catalog.commands.consent import withdraw_consent
from catalog.db.kept_reports import keep_report
from catalog.imports.kept_import import Outcome
from catalog.model.paper import PaperKind
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace
from catalog.vietnam_time import start_of
from ocop_sync.api.forms.accounts import account_form
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.errors import AuthenticationError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions.drift_decisions import decide_drift
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.decisions.restoring import note_restored
from ocop_sync.service.department.all_work import AllWork, all_work
from ocop_sync.service.queries.account_status import account_statuses
from ocop_sync.service.queries.monitor import watch
from ocop_sync.service.queries.status import status
from ocop_sync.service.queries.twins import list_doubled
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant, person
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), make_paper(PaperKind.DECLARATION))
BY = person("Ng. Văn A")


def some(found: AllWork) -> dict[str, int]:
    """Return the counts that are not 0."""
    return {kind.value: count for kind, count in found.counts.items() if count}


async def test_nothing_waits_where_all_is_well(world: World) -> None:
    await listed(world)

    found = await all_work(world.deployment)

    assert (found.items, some(found)) == ([], {})
    assert list(found.counts) == list(WorkKind)


async def test_a_product_that_waits_with_a_group_is_the_groups(world: World) -> None:
    await listed(world, 8)
    await world.save(
        *((replace(p, papers=UNSAFE), m) for p, m in map(entry, range(1, 9)))
    )
    await world.sync()

    found = await all_work(world.deployment)

    assert some(found) == {"on_sale_wrongly": 8, "group_held": 1, "paper_blocks": 8}
    kinds = [each.kind for each in found.items]
    assert kinds == sorted(kinds, key=list(WorkKind).index)
    (group,) = (each for each in found.items if each.kind is WorkKind.GROUP_HELD)
    assert (group.number, group.size, group.marketplace) == (1, 8, "memory")
    first = found.items[0]
    assert (first.subject, first.name) == ("SP-00001", "Măng khô Mẫu 1")


async def test_a_held_product_has_its_reason_and_an_account_its_pause(
    world: World,
) -> None:
    unpriced = (make_variant(sku="SP-00001-1", gtin="", price_vnd=None),)
    await world.save(entry(1, variants=unpriced), entry(2))
    await world.sync()
    keys = ["memory"]
    await pause_accounts(world.deployment, keys, by=BY, reason="Kiểm kê")

    paused, held = (await all_work(world.deployment)).items

    assert (paused.kind, paused.subject) == (WorkKind.ACCOUNT_PAUSED, "memory")
    assert paused.since == world.time()
    assert (held.kind, held.subject) == (WorkKind.PRODUCT_HELD, "SP-00001")
    assert "price" in held.seen.en


async def test_the_failing_account_is_named_without_the_words_of_its_error(
    world: World,
) -> None:
    await world.save(entry(1))
    wrong = AuthenticationError("sai mật khẩu")
    world.market.script("page", wrong, times=9)
    await world.sync()

    (failing,) = (
        each
        for each in (await all_work(world.deployment)).items
        if each.kind is WorkKind.ACCOUNT_FAILING
    )

    assert failing.subject == "memory"
    assert failing.seen == WorkKind.ACCOUNT_FAILING.words
    assert failing.since is not None


async def test_an_account_that_works_is_not_failing_though_a_change_was_refused(
    world: World,
) -> None:
    await listed(world, 1)
    await world.change(description="Bản mới.")
    refusal = Refused((Problem(code="description_too_long", message="quá dài"),))
    world.market.script("update", refusal)
    await world.sync()

    (account,) = await account_statuses(world.deployment)
    found = await all_work(world.deployment)

    assert (account.is_failing, account.only_changes_fail) == (True, True)
    assert found.counts[WorkKind.ACCOUNT_FAILING] == 0


async def test_listings_that_vanish_at_once_wait_as_one_group(world: World) -> None:
    await listed(world, 8)
    for n in range(1, 8):
        (found,) = world.market.shelf.of(f"SP-{n:05}")
        world.market.shelf.delete(found.ref)
    for _ in range(2):
        world.time.pass_(hours=25)
        await world.sync()

    work = await all_work(world.deployment)

    assert some(work) == {"group_held": 1}
    assert work.items[0].size == 7


async def test_an_edit_there_that_a_person_is_asked_about_is_the_drifts(
    world: World,
) -> None:
    await listed(world, 1)
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(found.ref, title="Người khác sửa")
    world.time.pass_(hours=25)
    await world.sync()

    (asked,) = (await all_work(world.deployment)).items

    assert (asked.kind, asked.subject) == (WorkKind.DRIFT_ASKED, "SP-00001")
    assert asked.number == 1
    assert asked.since == world.time()


async def test_ends_are_told_by_their_day_and_late_ones_before_the_others(
    world: World,
) -> None:
    soon = make_certificate(decided_on=date(2021, 3, 20))
    later = make_certificate(decided_on=date(2021, 5, 1))
    await world.save(
        entry(1, certificates=(later,)), entry(2, certificates=(soon,)), entry(3)
    )
    await world.sync()

    first, second = (await all_work(world.deployment)).items

    assert (first.kind, first.subject) == (WorkKind.NOTICE_LATE, "SP-00002")
    assert (second.kind, second.subject) == (WorkKind.END_COMING, "SP-00001")
    assert second.due == start_of(date(2024, 5, 1))


async def test_an_import_waits_until_something_comes_of_its_source(
    world: World,
) -> None:
    async def keep(source: str, outcome: Outcome, **told: Any) -> None:
        values: dict[str, Any] = {
            "source": source,
            "file": f"{source}.csv",
            "outcome": outcome.value,
            "import_id": None,
            "content_hash": "a",
            "size": 1,
            "told": told,
        }
        await world.database.write(
            lambda conn: keep_report(conn, values, now=world.time())
        )

    await keep("so", Outcome.HELD)
    await keep("khác", Outcome.ASKED)
    await keep("so", Outcome.WRITTEN, rows_asked=0)
    await keep("xã", Outcome.WRITTEN, rows_asked=4)
    await keep("xã", Outcome.PREVIEWED)
    await keep("xã", Outcome.REFUSED)

    waits, asks = (await all_work(world.deployment)).items

    assert (waits.kind, waits.number) == (WorkKind.IMPORT_WAITS, 2)
    assert (waits.name, waits.since) == ("khác.csv", world.time())
    assert (asks.kind, asks.number, asks.size) == (WorkKind.IMPORT_ASKS, 4, 4)


async def test_whoever_acts_for_a_producer_sees_its_own_alone(world: World) -> None:
    await world.save(entry(1, papers=()), entry(2, papers=()))
    await world.sync()
    for maker in ("CS-0001", "CS-0002"):
        withdraw = partial(
            withdraw_consent,
            producer_id=maker,
            reach=WHOLE_CATALOG,
            by=BY,
            now=world.time(),
        )
        await world.database.write(withdraw)
    world.time.pass_(hours=73)
    await pause_accounts(world.deployment, ["memory"], by=BY, reason="Kiểm kê")

    whole = await all_work(world.deployment)
    own = await all_work(world.deployment, Reach.of(["CS-0001"]))

    assert {"SP-00001", "SP-00002", "CS-0002"} < {each.subject for each in whole.items}
    assert {each.subject for each in own.items} == {"SP-00001", "CS-0001"}
    assert own.counts[WorkKind.ERASURE_DUE] == 1
    assert whole.as_of == world.time()
    assert timedelta(hours=72) < whole.as_of - (own.items[0].since or whole.as_of)


async def test_an_account_that_waits_to_be_read_after_a_restore_stands_in_all_lists(
    world: World,
) -> None:
    await listed(world, 1)
    await note_restored(world.database, by=BY, now=world.time())
    (waits,) = (await all_work(world.deployment)).items
    (account,) = (await status(world.deployment)).seen
    at = world.time()
    world.time.pass_(minutes=31)
    alarms = [each.code for each in (await watch(world.deployment)).alarms]
    await world.sync()
    (read,) = (await status(world.deployment)).seen

    assert (waits.kind, waits.subject) == (WorkKind.ACCOUNT_UNREAD, "memory")
    assert waits.since == at
    shown = account_form(account, shows_words=False, shows_by=False)
    assert (shown.restored_at, "restored" in alarms) == (at, True)
    assert (read.status.restored_at, (await all_work(world.deployment)).items) == (
        None,
        [],
    )


@pytest.mark.parametrize("ours", [True, False])
async def test_an_edit_on_which_somebody_has_decided_waits_for_nobody(
    world: World, *, ours: bool
) -> None:
    await listed(world, 1)
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(found.ref, title="Người khác sửa")
    world.time.pass_(hours=25)
    await world.sync()
    await decide_drift(world.deployment, 1, ours=ours, by=BY)

    assert (await all_work(world.deployment)).items == []


async def test_a_product_with_two_listings_waits_once_under_their_number(
    world: World,
) -> None:
    world.market.deliver_twice()
    await world.save(entry(1))
    await world.sync()

    (found,) = (await all_work(world.deployment)).items

    assert (found.kind, found.subject) == (WorkKind.DOUBLED, "SP-00001")
    assert [found.number] == [
        each.number for each in await list_doubled(world.deployment)
    ]


async def test_an_ended_certificate_and_a_refused_listing_have_kinds_of_their_own(
    world: World,
) -> None:
    over = make_certificate(decided_on=date(2020, 3, 20))
    product, maker = entry(1)
    assert maker is not None
    there = replace(maker.address, commune_code="07081")
    await world.save(
        (replace(product, certificates=(over,)), replace(maker, address=there)),
        entry(2),
    )
    await world.sync()
    (found,) = world.market.shelf.of("SP-00002")
    world.market.shelf.refuse(found.ref, Problem(code="IMG", message="Ảnh nhỏ"))
    await world.sync()

    work = await all_work(world.deployment)

    refused, ended = work.items
    assert (refused.kind, refused.subject) == (WorkKind.LISTING_REFUSED, "SP-00002")
    assert (refused.producer, refused.commune) == ("CS-0002", "")
    assert (ended.kind, ended.subject) == (WorkKind.CERTIFICATE_ENDED, "SP-00001")
    assert (ended.producer, ended.commune) == ("CS-0001", "07081")
    assert ended.since == start_of(date(2023, 3, 21))
    assert work.producers == {"CS-0001": maker.name, "CS-0002": "Cơ sở Mẫu 002"}
