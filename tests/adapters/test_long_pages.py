"""A page that is longer than is read is read in smaller pieces, whole all the same."""

import pytest

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.port import Page
from tests.adapters.calls import Market, Open
from tests.adapters.traits import NAMES, traits_of

at_both = pytest.mark.parametrize("name", NAMES)


async def published(market: Market, number: int) -> list[str]:
    """Return the refs of so many listings of ours; the third is ten times as long."""
    await market.bench.publish(1)
    long = market.support.make_create(3, description="Mật ong. " * 600)
    others = [market.support.make_create(n) for n in range(4, number + 1)]
    await market.adapter.create([market.support.make_create(2), long, *others])
    rows = (await market.bench.look("state"))["listings"]
    return [row["ref"] for row in rows]


async def read_pages(market: Market) -> list[Page]:
    """Read every page, in the order in which they come."""
    pages, cursor = list[Page](), None
    for _ in range(60):
        pages.append(await market.adapter.page(cursor))
        cursor = pages[-1].next
        if cursor is None:
            return pages
    raise AssertionError(pages)


@at_both
@pytest.mark.parametrize("held", [10, 2, 1])
async def test_every_listing_of_a_page_that_is_too_long_is_read(
    opened: Open, monkeypatch: pytest.MonkeyPatch, name: str, held: int
) -> None:
    traits = traits_of(name)
    monkeypatch.setattr(traits.longest_answer, traits.long_pages[held])
    market = await opened(name)
    refs = await published(market, 51)

    found = [item.ref for page in await read_pages(market) for item in page.items]
    read = await market.adapter.read(refs)
    skus = [f"SP-{n:05d}-1" for n in range(1, 52)]
    by_sku = await market.adapter.find(skus=skus)

    assert sorted(set(found)) == sorted(refs)
    assert all(isinstance(each, RemoteListing) for each in read)
    assert {each.ref for each in by_sku} == set(refs)


@at_both
@pytest.mark.parametrize("number", [3, 5])
async def test_one_listing_that_is_too_long_by_itself_keeps_no_other_back(
    opened: Open, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    monkeypatch.setattr(traits_of(name).longest_answer, 4_000)
    market = await opened(name)
    refs = await published(market, number)
    long = refs[2]

    pages = await read_pages(market)
    read = await market.adapter.read(refs)
    found = await market.adapter.find(client_refs=["SP-00002", "SP-00003"])

    odd = {(each.ref, each.client_ref) for page in pages for each in page.unreadable}
    assert odd == {(long, "SP-00003")}
    assert {e.ref for page in pages for e in page.items} == {*refs} - {long}
    assert [isinstance(each, Unreadable) for each in read] == [r == long for r in refs]
    assert {each.ref for each in found} == {refs[1], long}
    reasons = {each.reason for each in read if isinstance(each, Unreadable)}
    assert all("4000 byte" in each for each in reasons)


@at_both
async def test_a_listing_whose_end_is_never_reached_is_an_error(
    opened: Open, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(traits_of(name).longest_answer, 4_000)
    monkeypatch.setattr("ocop_sync.marketplace.http._SKIPPED", 1)
    market = await opened(name)
    await published(market, 3)

    with pytest.raises(AnswerTooLongError):
        await read_pages(market)
