"""The marketplace in memory: the promises that a test may rely on.

That it keeps the port's contract like every other adapter is tested with the
conformance kit; here are its scripts, the hands of people, and its log.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ocop_sync.errors import (
    AuthenticationError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.marketplace.change import (
    Change,
    Create,
    PutSeller,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import (
    Facet,
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    Seller,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.mapping import PictureRules, TextRules
from ocop_sync.marketplace.port import Event, EventKind
from ocop_sync.marketplace.quota import Quota
from ocop_sync.marketplace.result import Applied, Refused, Submitted, Unknown
from ocop_sync.testing.memory import (
    Fault,
    InMemoryMarketplace,
    LostAnswer,
    offline_context,
)
from tests.factories import GTIN, make_mapping
from tests.fake_loop import run_in_fake_time

NO = Refused((Problem(code="image", message="Ảnh không khớp"),))
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


def listing(number: int = 1, **fields: Any) -> Listing:
    return replace(
        Listing(
            client_ref=f"P{number}",
            seller_ref="CS-1",
            title=f"Sản phẩm mẫu {number}",
            description="",
            category="C-I.5.a",
            variants=(Variant(sku=f"S{number}", pack="Hộp", price_vnd=1000, stock=5),),
        ),
        **fields,
    )


def create(number: int = 1, **fields: Any) -> Create:
    made = listing(number, **fields)
    return Create(client_ref=made.client_ref, listing=made, key=f"K{number}")


async def opened(**arguments: Any) -> InMemoryMarketplace:
    """Return a marketplace with the one seller that `listing` names."""
    market = InMemoryMarketplace(context=offline_context(lambda: NOW), **arguments)
    seller = Seller(client_ref="CS-1", name="Cơ sở Mẫu 001")
    await market.put_sellers([PutSeller(client_ref="CS-1", seller=seller)])
    market.log.clear()
    return market


async def with_one(**arguments: Any) -> tuple[InMemoryMarketplace, str]:
    market = await opened(**arguments)
    await market.create([create()])
    market.log.clear()
    return market, market.shelf.of("P1")[0].ref


async def test_a_new_listing_is_live_and_found() -> None:
    market = await opened()
    result = await market.create([create()])
    found = await market.find(client_refs=["P1"])

    assert result == [Applied(found[0].ref, "1", RemoteState.LIVE)]
    assert isinstance(found[0], RemoteListing)
    assert (found[0].state, found[0].shown) == (RemoteState.LIVE, listing())


async def test_a_listing_needs_an_open_seller() -> None:
    market = InMemoryMarketplace()
    (result,) = await market.create([create()])

    assert isinstance(result, Refused)
    assert market.shelf.listings == {}


async def test_creating_twice_makes_two() -> None:
    market = await opened()
    await market.create([create()])
    await market.create([create()])

    assert len(await market.find(skus=["S1"])) == 2


async def test_where_keys_are_known_the_same_request_makes_one() -> None:
    market = await opened()
    market.shelf.knows_keys = True

    answers = [*await market.create([create()]), *await market.create([create()])]
    await market.create([replace(create(), key="another")])

    assert answers[0] == answers[1]
    assert len(await market.find(skus=["S1"])) == 2


async def test_what_is_delivered_twice_is_answered_once() -> None:
    market = await opened()
    market.deliver_twice()

    answers = await market.create([create()])

    assert len(answers) == 1
    assert len(market.shelf.of("P1")) == 2
    assert len(market.written()) == 1


class Moving:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def moving() -> tuple[InMemoryMarketplace, Moving]:
    """Return a marketplace with a listing, by a clock that a test moves."""
    clock = Moving()
    market = InMemoryMarketplace(context=offline_context(clock))
    seller = Seller(client_ref="CS-1", name="Cơ sở Mẫu 001")
    await market.put_sellers([PutSeller(client_ref="CS-1", seller=seller)])
    await market.create([create()])
    return market, clock


async def test_what_is_delivered_late_arrives_at_its_time() -> None:
    market, clock = await moving()
    market.deliver_late([create(2)], NOW + timedelta(seconds=10))

    clock.now = NOW + timedelta(seconds=9)
    early = await market.find(client_refs=["P2"])
    clock.now = NOW + timedelta(seconds=10)
    there = await market.find(client_refs=["P2"])
    again = await market.find(client_refs=["P2"])

    assert (early, len(there), len(again)) == ([], 1, 1)


async def test_reads_may_show_what_there_was_some_time_ago() -> None:
    market, clock = await moving()
    (ref,) = market.shelf.listings
    market.show_after(10)
    await market.set_price([SetPrice(client_ref="P1", ref=ref, prices={"S1": 7})])
    await market.create([create(2)])
    market.shelf.delete(ref)

    clock.now = NOW + timedelta(seconds=9)
    before = await market.read([ref])
    clock.now = NOW + timedelta(seconds=10)
    after = await market.page(None)

    shown = [each.shown for each in before if isinstance(each, RemoteListing)]
    assert [each.variants[0].price_vnd for each in shown] == [1000]
    assert [each.shown.client_ref for each in after.items] == ["P2"]


async def test_a_moderated_listing_waits_until_it_is_approved() -> None:
    market = await opened(moderated=True)
    (submitted,) = await market.create([create()])
    assert isinstance(submitted, Submitted)
    ref = market.shelf.of("P1")[0].ref
    waiting = await market.follow([submitted.ticket])
    market.shelf.approve(ref)

    assert waiting == [submitted]
    assert await market.follow([submitted.ticket]) == [Applied(ref, "2")]


async def test_a_refused_listing_is_submitted_again_by_an_update() -> None:
    market = await opened(moderated=True)
    (first,) = await market.create([create()])
    assert isinstance(first, Submitted)
    ref = market.shelf.of("P1")[0].ref
    market.shelf.refuse(ref, *NO.problems)
    refused = await market.follow([first.ticket])
    new = listing(title="Tên khác")
    again = await market.update(
        [Update(client_ref="P1", ref=ref, listing=new, fields=frozenset({"title"}))]
    )

    assert refused == [NO]
    assert isinstance(again[0], Submitted)
    assert market.shelf.listings[ref].state is RemoteState.IN_REVIEW


async def test_an_open_submission_is_cancelled_by_its_ticket() -> None:
    market = await opened(moderated=True)
    (submitted,) = await market.create([create()])
    assert isinstance(submitted, Submitted)
    await market.withdraw(
        [Withdraw(client_ref="P1", ref="", reason="", ticket=submitted.ticket)]
    )

    assert market.shelf.of("P1")[0].state is RemoteState.DOWN


async def test_each_change_touches_its_own_facet_only() -> None:
    market, ref = await with_one()
    new = listing(
        title="Mới",
        description="Mới",
        variants=(
            Variant(sku="S1", pack="Túi", price_vnd=1, stock=1),
            Variant(sku="S2", pack="Lọ", price_vnd=7, stock=2),
        ),
    )
    fields = frozenset({"title", "variants"})
    claim = StarClaim(stars=4)
    await market.update([Update(client_ref="P1", ref=ref, listing=new, fields=fields)])
    await market.set_price([SetPrice(client_ref="P1", ref=ref, prices={"S2": 2000})])
    await market.set_stock([SetStock(client_ref="P1", ref=ref, stocks={"S2": 9})])
    await market.set_stars([SetStars(client_ref="P1", ref=ref, stars=claim)])

    shown = market.shelf.listings[ref].shown
    assert (shown.title, shown.description, shown.stars) == ("Mới", "", claim)
    assert [(v.pack, v.price_vnd, v.stock) for v in shown.variants] == [
        ("Túi", 1000, 5),
        ("Lọ", 2000, 9),
    ]


async def test_withdrawing_and_republishing_twice_is_harmless() -> None:
    market, ref = await with_one()
    seen = []
    for _ in range(2):
        await market.withdraw([Withdraw(client_ref="P1", ref=ref, reason="")])
        seen.append(market.shelf.listings[ref])
    for _ in range(2):
        await market.republish([Republish(client_ref="P1", ref=ref)])
        seen.append(market.shelf.listings[ref])

    down, live = RemoteState.DOWN, RemoteState.LIVE
    assert [found.state for found in seen] == [down, down, live, live]
    assert [found.version for found in seen] == ["2", "2", "3", "3"]


async def test_nothing_brings_a_banned_listing_back() -> None:
    market, ref = await with_one()
    market.shelf.ban(ref)
    await market.withdraw([Withdraw(client_ref="P1", ref=ref, reason="")])
    (result,) = await market.republish([Republish(client_ref="P1", ref=ref)])

    assert isinstance(result, Refused)
    assert market.shelf.listings[ref].state is RemoteState.BANNED


async def test_a_stopped_seller_has_nothing_on_sale() -> None:
    market, ref = await with_one()
    stop = StopSeller(client_ref="CS-1", reason="")
    first = await market.stop_sellers([stop])

    assert await market.stop_sellers([stop]) == first == [Applied("S-CS-1")]
    assert market.shelf.listings[ref].state is RemoteState.DOWN
    assert isinstance((await market.create([create(2)]))[0], Refused)


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("set_price", SetPrice(client_ref="P1", ref="M000001", prices={"X": 1})),
        ("set_stock", SetStock(client_ref="P1", ref="M000001", stocks={"S1": -1})),
        ("set_stock", SetStock(client_ref="P9", ref="M9", stocks={})),
        ("withdraw", Withdraw(client_ref="P9", ref="M9", reason="")),
        ("withdraw", Withdraw(client_ref="P9", ref="", reason="", ticket="T9")),
        ("republish", Republish(client_ref="P9", ref="M9")),
        ("stop_sellers", StopSeller(client_ref="CS-9", reason="")),
    ],
)
async def test_what_makes_no_sense_is_refused(method: str, change: Change) -> None:
    market, _ = await with_one()
    before = dict(market.shelf.listings)
    (result,) = await getattr(market, method)([change])

    assert isinstance(result, Refused)
    assert market.shelf.listings == before


async def test_every_page_is_read_once() -> None:
    market = await opened()
    small = market.having(page_size=2)(context=market.context)
    small.shelf.sellers.update(market.shelf.sellers)
    await small.create([create(number) for number in range(1, 6)])
    pages = [await small.page(None)]
    while pages[-1].next is not None:
        pages.append(await small.page(pages[-1].next))

    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert len({item.ref for page in pages for item in page.items}) == 5


async def test_an_item_is_refused_without_harm_to_its_neighbours() -> None:
    market = await opened()
    market.script("create", NO, client_ref="P2")
    results = await market.create([create(1), create(2), create(3)])

    assert [type(result) for result in results] == [Applied, Refused, Applied]
    assert market.shelf.of("P2") == []


@pytest.mark.parametrize("applied", [True, False])
async def test_the_answer_to_a_whole_call_is_lost(applied: bool) -> None:
    market = await opened()
    market.script("create", LostAnswer(applied=applied))
    with pytest.raises(OutcomeUnknownError):
        await market.create([create()])

    assert bool(market.shelf.of("P1")) is applied


@pytest.mark.parametrize("applied", [True, False])
async def test_the_answer_for_one_item_is_lost(applied: bool) -> None:
    market = await opened()
    fault = LostAnswer(applied=applied, whole_call=False)
    market.script("create", fault, client_ref="P2")
    results = await market.create([create(1), create(2)])

    assert [type(result) for result in results] == [Applied, Unknown]
    assert bool(market.shelf.of("P2")) is applied


@pytest.mark.parametrize("error", [UnavailableError("a"), RateLimitedError("b")])
async def test_an_error_is_raised_as_often_as_scripted_and_applies_nothing(
    error: MarketplaceError,
) -> None:
    market = await opened()
    market.script("create", error, times=2)
    for _ in range(2):
        with pytest.raises(type(error)):
            await market.create([create()])
    assert market.shelf.listings == {}

    assert await market.create([create()]) == [
        Applied("M000001", "1", RemoteState.LIVE)
    ]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("page", [None]),
        ("read", [["M1"]]),
        ("find", []),
        ("follow", [["T1"]]),
        ("events", [None]),
    ],
)
async def test_reads_fail_when_scripted(method: str, arguments: Sequence[Any]) -> None:
    market = await opened()
    market.script(method, UnavailableError("bảo trì"))
    with pytest.raises(UnavailableError):
        await getattr(market, method)(*arguments)

    await getattr(market, method)(*arguments)


@pytest.mark.parametrize("fault", [UnavailableError("a"), LostAnswer()])
async def test_a_failure_after_the_first_batch_keeps_its_results(fault: Fault) -> None:
    first = await opened()
    single = first.having(write_batch={})(context=first.context)
    single.shelf.sellers.update(first.shelf.sellers)
    single.script("create", fault, client_ref="P2")
    results = await single.create([create(1), create(2), create(3)])

    assert [type(result) for result in results] == [Applied, Unknown, Unknown]
    assert len(single.log) == 2


async def test_reads_are_stale_for_as_long_as_scripted() -> None:
    market, ref = await with_one()
    market.go_stale(2)
    await market.withdraw([Withdraw(client_ref="P1", ref=ref, reason="")])
    seen = [(await market.read([ref]))[0] for _ in range(3)]

    states = [item.state for item in seen if isinstance(item, RemoteListing)]
    assert states == [RemoteState.LIVE, RemoteState.LIVE, RemoteState.DOWN]


async def test_what_people_do_is_seen_and_told() -> None:
    market, ref = await with_one()
    market.shelf.edit(ref, title="Sửa tay")
    market.shelf.sell(ref, "S1", 7, "D-1")
    market.shelf.take_down(ref)
    first = await market.events(None)
    market.shelf.delete(ref)

    kinds = [event.kind for event in first.items]
    assert kinds == [EventKind.EDITED, EventKind.SOLD, EventKind.DOWN]
    assert first.items[1] == Event(
        kind=EventKind.SOLD, ref=ref, at=NOW, sku="S1", quantity=7, order_line="D-1"
    )
    assert (await market.events(first.next)).items == ()
    assert await market.read([ref]) == [None]


async def test_a_sale_never_takes_stock_below_zero() -> None:
    market, ref = await with_one()
    market.shelf.sell(ref, "S1", 7, "D-1")

    assert market.shelf.listings[ref].shown.variants[0].stock == 0


async def test_a_foreign_listing_is_on_the_page() -> None:
    market = await opened()
    foreign = listing(client_ref="", seller_ref="")
    ref = market.shelf.add(foreign, seller_name="Người lạ mẫu")

    assert [item.ref for item in (await market.page(None)).items] == [ref]


async def test_every_call_and_every_change_is_counted() -> None:
    market = await opened()
    market.script("create", UnavailableError("a"))
    changes = [create(1), create(2)]
    with pytest.raises(UnavailableError):
        await market.create(changes)
    await market.create(changes)
    await market.read(["M1"])

    assert [call.method for call in market.log] == ["create", "create", "read"]
    assert market.written() == changes * 2


async def test_the_quota_is_asked_once_for_each_call() -> None:
    market = await opened()
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    quota = Quota(calls_per_s=1, time=lambda: 1.03 * len(waits), sleep=sleep)
    paced = InMemoryMarketplace(context=replace(market.context, quota=quota))
    await paced.create([create(number) for number in range(51)])
    await paced.page(None)

    assert (len(paced.log), len(waits)) == (3, 2)


def test_what_is_shown_keeps_to_the_limits() -> None:
    facets = frozenset(Facet) - {Facet.STARS}
    mapping = make_mapping(
        title=TextRules(max_length=3), pictures=PictureRules(max_count=1)
    )
    small = InMemoryMarketplace.having(mapping=mapping, facets=facets)
    shown = small.canonical(
        listing(title="Chè xanh", pictures=("a", "b"), stars=StarClaim(stars=3))
    )

    assert (shown.title, shown.pictures, shown.stars) == ("Chè", ("a",), None)


def test_what_there_is_no_place_for_is_not_shown() -> None:
    bare = InMemoryMarketplace.having(has_gtin=False, has_trace_page=False)
    offer = replace(listing().variants[0], gtin=GTIN)

    shown = bare.canonical(listing(variants=(offer,), trace_url="https://mau.example"))

    assert (shown.trace_url, shown.variants[0].gtin) == ("", "")


def test_calls_are_counted_by_kind_and_batch() -> None:
    creates = [create(number) for number in range(51)]
    stop = StopSeller(client_ref="CS-1", reason="")

    assert InMemoryMarketplace.calls([*creates, stop]) == 3
    assert InMemoryMarketplace.calls([]) == 0


EVENT = Event(kind=EventKind.BANNED, ref="M000001", at=NOW)


def test_a_signed_push_is_believed() -> None:
    market = InMemoryMarketplace()
    headers, body = market.push("http://127.0.0.1/push", EVENT)

    assert market.verify_push("http://127.0.0.1/push", headers, body) == (EVENT,)


@pytest.mark.parametrize("changed", ["url", "headers", "body"])
def test_a_push_that_was_tampered_with_is_not(changed: str) -> None:
    market = InMemoryMarketplace()
    headers, body = market.push("u", EVENT)
    arguments = {"url": "u", "headers": headers, "body": body}
    arguments[changed] = {"url": "v", "headers": {}, "body": body + b" "}[changed]

    with pytest.raises(AuthenticationError):
        market.verify_push(**arguments)  # type: ignore[arg-type] # by the table


def test_a_signed_push_that_cannot_be_read_is_a_protocol_error() -> None:
    market = InMemoryMarketplace()
    headers = {"X-Signature": market._signature("u", b"[{}]")}

    with pytest.raises(ProtocolError):
        market.verify_push("u", headers, b"[{}]")


@pytest.mark.parametrize(("compares", "stale"), [(True, True), (False, False)])
async def test_stock_meant_for_an_earlier_version_is_refused_where_versions_count(
    *, compares: bool, stale: bool
) -> None:
    kind = InMemoryMarketplace.having(compare_and_set=compares)
    market = kind(context=offline_context(lambda: NOW))
    seller = Seller(client_ref="CS-1", name="Cơ sở Mẫu 001")
    await market.put_sellers([PutSeller(client_ref="CS-1", seller=seller)])
    (made,) = await market.create([create()])
    assert isinstance(made, Applied)
    market.shelf.sell(made.ref, "S1", 1, "D-1")

    (late,) = await market.set_stock(
        [
            SetStock(
                client_ref="P1", ref=made.ref, stocks={"S1": 9}, version=made.version
            )
        ]
    )

    assert (isinstance(late, Refused) and late.version_conflict) is stale


def test_a_pause_that_is_asked_for_takes_nobodys_time() -> None:
    async def story() -> float:
        quota = offline_context().quota
        quota.pause(60)
        await quota.take()
        return asyncio.get_running_loop().time()

    assert run_in_fake_time(story()) == 0
