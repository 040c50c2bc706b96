"""A page that is longer than is read is read in smaller pieces, whole all the same."""

import pytest

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.listing import RemoteListing
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


async def read_all(market: Market) -> list[str]:
    """Read every page; return the refs as they came."""
    found, cursor = [], None
    for _ in range(60):
        page = await market.adapter.page(cursor)
        found += [item.ref for item in page.items]
        cursor = page.next
        if cursor is None:
            return found
    raise AssertionError(found)


@at_both
@pytest.mark.parametrize("held", [10, 2, 1])
async def test_every_listing_of_a_page_that_is_too_long_is_read(
    opened: Open, monkeypatch: pytest.MonkeyPatch, name: str, held: int
) -> None:
    traits = traits_of(name)
    monkeypatch.setattr(traits.longest_answer, traits.long_pages[held])
    market = await opened(name)
    refs = await published(market, 51)

    found = await read_all(market)
    read = await market.adapter.read(refs)
    skus = [f"SP-{n:05d}-1" for n in range(1, 52)]
    by_sku = await market.adapter.find(skus=skus)

    assert sorted(set(found)) == sorted(refs)
    assert all(isinstance(each, RemoteListing) for each in read)
    assert {each.ref for each in by_sku} == set(refs)


@at_both
async def test_one_listing_that_is_too_long_by_itself_is_an_error(
    opened: Open, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(traits_of(name).longest_answer, 4_000)
    market = await opened(name)
    await published(market, 3)

    with pytest.raises(AnswerTooLongError):
        await read_all(market)
