"""A change that fails three times the same way is held, until its cause has changed."""

from dataclasses import replace

import pytest

from ocop_sync.engine.terms import Found
from ocop_sync.errors import (
    CallRefusedError,
    MarketplaceError,
    OutcomeUnknownError,
    PlanError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions.retry_requests import try_again
from ocop_sync.service.run.overdue import overdue
from ocop_sync.testing.memory import Fault, LostAnswer
from tests.acts import acts_of
from tests.factories import make_variant, person
from tests.world import World, entry, listed

LATER = Refused((Problem(code="reserved", message="Đơn hàng đang giữ"),), for_now=True)
TOO_BAD = CallRefusedError("không đọc được", code="BODY_INVALID")
LOST = LostAnswer(applied=False)
ALWAYS = 10_000


async def change_price(world: World, price: int, product_id: str = "SP-00001") -> None:
    variant = make_variant(sku=f"{product_id}-1", gtin="", price_vnd=price)
    await world.change(product_id, variants=(variant,))


async def sync_later(world: World, times: int = 1) -> list[str]:
    """Sync some times, a minute between; return what was sent, in order."""
    sent: list[str] = []
    for _ in range(times):
        world.time.pass_(minutes=1)
        await world.sync()
        sent += world.written()
    return sent


async def quarantine_price(world: World, fault: Fault = TOO_BAD) -> None:
    await listed(world)
    await change_price(world, 77_000)
    world.market.script("set_price", fault, client_ref="SP-00001", times=ALWAYS)
    await sync_later(world, 4)
    assert (await world.record()).hold == "quarantined"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(TOO_BAD, id="refused with its whole call"),
        pytest.param(LATER, id="refused for now"),
        pytest.param(LOST, id="never answered"),
    ],
)
async def test_what_fails_three_times_alike_is_no_longer_sent(
    world: World, fault: Fault
) -> None:
    await listed(world)
    await change_price(world, 77_000)
    world.market.script("set_price", fault, client_ref="SP-00001", times=ALWAYS)

    sent = await sync_later(world, 8)

    assert sent == ["set_price"] * 3
    assert (await world.record()).hold == "quarantined"


async def test_a_call_that_is_never_taken_in_is_quarantined_for_its_item(
    world: World,
) -> None:
    await listed(world)
    await change_price(world, 77_000)
    down = UnavailableError("bảo trì")
    world.market.script("set_price", down, client_ref="SP-00001", times=ALWAYS)
    sent = []
    for count in range(1, 7):
        # The account is well: others have their answers.
        other = make_variant(sku="SP-00002-1", gtin="", on_hand=count)
        await world.change("SP-00002", variants=(other,))
        sent.append((await sync_later(world)).count("set_price"))

    assert [n > 0 for n in sent] == [True] * 3 + [False] * 3
    assert (await world.record()).hold == "quarantined"


async def test_the_hold_says_the_words_of_the_marketplace(world: World) -> None:
    await quarantine_price(world, LATER)
    failures = (await world.record()).state.failures

    assert [each.words for each in failures.values()] == ["Đơn hàng đang giữ"]


async def test_what_is_quarantined_keeps_back_nothing_else(world: World) -> None:
    await quarantine_price(world)
    variant = make_variant(
        sku="SP-00001-1", gtin="", price_vnd=77_000, on_hand=1, reserved=0, buffer=0
    )
    await world.change(variants=(variant,))
    await change_price(world, 88_000, "SP-00002")

    assert sorted(await sync_later(world)) == ["set_price", "set_stock"]
    assert world.market.shelf.of("SP-00001")[0].shown.variants[0].stock == 1


async def test_it_is_sent_again_when_what_is_sent_has_changed(world: World) -> None:
    await quarantine_price(world)
    await change_price(world, 78_000)

    assert await sync_later(world) == ["set_price"]
    assert (await world.record()).hold is None


async def test_another_price_that_is_taken_ends_the_quarantine(world: World) -> None:
    await quarantine_price(world)
    world.market._scripts.clear()
    await change_price(world, 78_000)

    await sync_later(world)

    record = await world.record()
    assert (record.hold, record.state.failures) == (None, {})


async def test_what_is_refused_for_now_is_asked_again_after_an_hour(
    world: World,
) -> None:
    await quarantine_price(world, LATER)
    world.time.pass_(hours=1)
    assert await sync_later(world, 3) == ["set_price"]
    world.market._scripts.clear()
    world.time.pass_(hours=1)

    assert await sync_later(world) == ["set_price"]
    assert (await world.record()).hold is None


async def test_only_the_culprit_among_lost_answers_is_quarantined(
    world: World,
) -> None:
    await listed(world, 10)
    for n in range(1, 11):
        await change_price(world, 70_000 + n, f"SP-{n:05}")
    # As long as it is in a call, nothing of that call is done, and no answer comes.
    lost = OutcomeUnknownError("mất")
    world.market.script("set_price", lost, client_ref="SP-00004", times=ALWAYS)

    await sync_later(world, 6)

    held = {n for n in range(1, 11) if (await world.record(f"SP-{n:05}")).hold}
    assert held == {4}
    prices = [
        world.market.shelf.of(f"SP-{n:05}")[0].shown.variants[0].price_vnd
        for n in range(1, 11)
        if n != 4
    ]
    assert prices == [70_000 + n for n in range(1, 11) if n != 4]


async def test_what_was_done_without_an_answer_has_not_failed(world: World) -> None:
    await listed(world)
    await change_price(world, 77_000)
    world.market.script("set_price", LostAnswer(applied=True))

    assert await sync_later(world, 2) == ["set_price"]
    record = await world.record()
    assert (record.hold, record.state.failures) == (None, {})


async def test_a_create_that_never_gets_an_answer_is_quarantined(world: World) -> None:
    await world.save(entry(1), entry(2))
    world.market.script("create", LOST, client_ref="SP-00001", times=ALWAYS)
    await sync_later(world, 5)

    assert await sync_later(world) == []
    assert (await world.record()).hold == "quarantined"
    assert len(world.market.shelf.of("SP-00002")) == 1


async def test_a_listing_is_not_republished_while_what_comes_first_is_quarantined(
    world: World,
) -> None:
    await listed(world, 2)
    await world.change(paused=True)
    await world.sync()
    variant = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000)
    await world.change(paused=False, variants=(variant,))
    world.market.script("set_price", TOO_BAD, client_ref="SP-00001", times=ALWAYS)

    sent = await sync_later(world, 6)

    assert sent == ["set_price"] * 3
    assert (await world.record()).state.found == "down_by_us"


@pytest.mark.parametrize(
    "error",
    [RateLimitedError("chậm"), UnavailableError("nghỉ"), OutcomeUnknownError("mất")],
)
async def test_an_account_that_is_down_quarantines_nothing(
    world: World, error: MarketplaceError
) -> None:
    await listed(world, 8)
    for n in range(1, 9):
        await change_price(world, 70_000 + n, f"SP-{n:05}")
    world.market.script("set_price", error, times=ALWAYS)
    world.market.script("set_stock", error, times=ALWAYS)
    await sync_later(world, 5)
    world.market._scripts.clear()

    assert await sync_later(world) == ["set_price"] * 8


@pytest.mark.postgresql
async def test_a_person_has_it_sent_again(world: World) -> None:
    await quarantine_price(world)
    world.market._scripts.clear()
    await try_again(world.deployment, "memory", ["SP-00001"], by=person("Ng. Văn A"))

    assert await sync_later(world, 2) == ["set_price"]
    record = await world.record()
    assert (record.hold, record.state.failures) == (None, {})
    told = ("retry", ["SP-00001"], {"marketplace": "memory"})
    assert await acts_of(world.database) == [told]


async def test_what_was_refused_outright_is_sent_again_for_a_person(
    world: World,
) -> None:
    await listed(world)
    await change_price(world, 77_000)
    refusal = replace(LATER, for_now=False)
    world.market.script("set_price", refusal, client_ref="SP-00001")
    assert await sync_later(world, 3) == ["set_price"]
    await try_again(world.deployment, "memory", ["SP-00001"], by=person("Ng. Văn A"))

    assert await sync_later(world, 2) == ["set_price"]
    assert (await world.record()).hold is None


async def test_a_persons_word_counts_once(world: World) -> None:
    await quarantine_price(world)
    await try_again(world.deployment, "memory", ["SP-00001"], by=person("Ng. Văn A"))

    assert await sync_later(world, 8) == ["set_price"] * 3
    assert (await world.record()).hold == "quarantined"


@pytest.mark.parametrize(
    ("codes", "by"), [(["SP-00002"], "A"), (["SP-404"], "A"), (["SP-00001"], " ")]
)
async def test_only_what_failed_is_tried_again_and_only_for_somebody(
    world: World, codes: list[str], by: str
) -> None:
    await quarantine_price(world)
    with pytest.raises(PlanError):
        await try_again(world.deployment, "memory", codes, by=person(by))

    assert await sync_later(world) == []


async def test_an_account_that_recovers_has_another_try_at_what_failed_there(
    world: World,
) -> None:
    await listed(world, 4)
    await change_price(world, 77_000)
    await change_price(world, 78_000, "SP-00002")
    # It takes nothing in, though each call has its answer: no breaker opens.
    world.market.script("set_price", TOO_BAD, times=ALWAYS)
    await sync_later(world, 5)
    held = [(await world.record(f"SP-0000{n}")).hold for n in (1, 2)]
    assert held == ["quarantined", "quarantined"]
    world.market._scripts.clear()
    await world.change("SP-00003", description="Măng ngọt.")

    assert await sync_later(world) == ["update"]
    assert await sync_later(world) == ["set_price", "set_price"]


async def test_one_culprit_at_a_well_account_stays_quarantined(world: World) -> None:
    await quarantine_price(world)
    await world.change("SP-00003", description="Măng ngọt.")

    assert await sync_later(world, 3) == ["update"]


@pytest.mark.parametrize("for_now", [True, False])
async def test_what_is_still_on_sale_as_its_withdrawal_fails_is_named(
    world: World, for_now: bool
) -> None:
    await listed(world)
    await world.change(paused=True)
    refusal = replace(LATER, for_now=for_now)
    world.market.script("withdraw", refusal, times=ALWAYS)
    await sync_later(world, 4)

    [stuck] = (await overdue(world.deployment)).not_withdrawn

    assert (stuck.marketplace, stuck.product_id) == ("memory", "SP-00001")
    assert stuck.title == "Măng khô Mẫu 1"
    assert "Đơn hàng đang giữ" in stuck.reason.seen.vi
    assert (await world.record()).state.found is Found.LIVE
    world.market._scripts.clear()
    await try_again(world.deployment, "memory", ["SP-00001"], by=person("Ng. Văn A"))
    await sync_later(world)
    assert list((await overdue(world.deployment)).not_withdrawn) == []
