"""A page that is longer than is read is read in smaller pieces, whole all the same."""

from typing import Final

import pytest

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.http import HttpClient
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.port import Page
from ocop_sync.marketplace.stray_answers import open_session
from tests.adapters.calls import Market, Open
from tests.adapters.test_http import Peer, answer, listening
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


@at_both
async def test_only_an_answer_of_one_listing_is_read_to_its_end(
    opened: Open, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(traits_of(name).longest_answer, 4_000)
    asked, send = list[tuple[bool, bool]](), HttpClient.send

    async def noted(self: HttpClient, *args: object, **more: object) -> object:
        try:
            return await send(self, *args, **more)  # type: ignore[arg-type]
        except AnswerTooLongError as error:
            asked.append((more["with_ends"] is True, error.ends is not None))
            raise

    monkeypatch.setattr(HttpClient, "send", noted)
    market = await opened(name)
    (_, _, long) = await published(market, 3)

    (odd,) = await market.adapter.read([long])

    assert isinstance(odd, Unreadable)
    assert asked == [(False, False)] * 3 + [(True, True)]


LONG: Final = f'"text": "{"x" * 9_000}"'
OWN: Final = '"<ref>": 7, "<ours>": "SP-00001"'
OTHER: Final = '"<ref>": 9, "<ours>": "SP-00009"'
NAMED: Final = ("7", "SP-00001")
NAMELESS: Final = ("", "")

LISTINGS: Final = {
    "first": (f"{{{OWN}, {LONG}}}", NAMED),
    "last": (f"{{{LONG}, {OWN}}}", NAMED),
    "in the middle": (f"{{{LONG}, {OWN}, {LONG}}}", NAMELESS),
    "in a number that is cut": (
        f'{{"a": "{"x" * 3_800}", "b": <fill>, "<ref>": 1234567, {LONG}}}',
        NAMELESS,
    ),
    "behind a nested object": (f'{{"a": {{{OTHER}}}, {OWN}, {LONG}}}', NAMED),
    "before a nested object": (f'{{{LONG}, {OWN}, "a": [{{{OTHER}}}]}}', NAMED),
    "only in a nested object": (f'{{"a": {{{OTHER}}}, {LONG}}}', NAMELESS),
    "only in a nested object at the end": (
        f'{{{LONG}, "a": {{{OTHER}}}}}',
        NAMELESS,
    ),
    "only in a nested list": (f'{{"a": [{{{OTHER}}}], {LONG}}}', NAMELESS),
    "only in a nested list at the end": (f'{{{LONG}, "a": [{{{OTHER}}}]}}', NAMELESS),
    "in the middle, behind a nested object": (
        f'{{"a": {{{OTHER}}}, {LONG}, {OWN}, {LONG}, "b": {{{OTHER}}}}}',
        NAMELESS,
    ),
    "behind texts with quotes and brackets": (
        (
            r'{"a": "\"<ref>\": 9, {[\\", "k\"<ref>": 9, "b": ["}]\\\"", "{"], '
            f"{OWN}, {LONG}}}"
        ),
        NAMED,
    ),
    "only in names and texts": (
        rf'{{{LONG}, "b": "}}], \"<ref>\": 9", "k \"<ref>": 9}}',
        NAMELESS,
    ),
    "in another listing before it": (f"{{{OTHER}}}, {{{LONG}}}", NAMELESS),
    "in another listing behind it": (
        f"{{{LONG}}}, {{{LONG}, {OTHER}}}",
        NAMELESS,
    ),
    "in another listing at the end": (
        f"{{{LONG}, {OWN}}}, {{{OTHER}}}",
        NAMELESS,
    ),
    "in another list behind it": (
        f'{{{LONG}, "a": "]}}"}}], "others": [{{{LONG}, {OTHER}}}',
        NAMELESS,
    ),
    "of another type": (f'{{"<ref>": true, "<ours>": "SP 1", {LONG}}}', NAMELESS),
}


async def too_long(name: str, listing: str) -> AnswerTooLongError:
    """Return the error of a page with that listing alone."""
    begins, ends = traits_of(name).around
    ref, ours = traits_of(name).own_names
    text = begins + listing.replace("<ref>", ref).replace("<ours>", ours) + ends
    # The first end of the answer is cut here, within a number.
    text = text.replace("<fill>", "1" * (3_997 - text.find("1234567") + len("<fill>")))
    async with (
        open_session() as session,
        listening(Peer(answer(200, text.encode()))) as peer,
    ):
        http = HttpClient(
            session, peer.url, timeout_s=10, loopback_only=True, max_bytes=4_000
        )
        with pytest.raises(AnswerTooLongError) as caught:
            await http.send("GET", "/", write=False, with_ends=True)
    return caught.value


@at_both
@pytest.mark.parametrize(("listing", "named"), LISTINGS.values(), ids=LISTINGS)
async def test_a_listing_that_is_too_long_is_named_only_by_its_own_values(
    name: str, listing: str, named: tuple[str, str]
) -> None:
    error = await too_long(name, listing)

    odd, _ = traits_of(name).read_long(error)

    assert (odd.ref, odd.client_ref) == named


@at_both
async def test_the_next_page_is_not_found_within_a_listing(
    name: str,
) -> None:
    traits = traits_of(name)
    nested = f'"a": {{{traits.other_end}}}'
    plain = await too_long(name, f"{{{LONG}}}")

    error = await too_long(name, f"{{{nested}, {LONG}, {nested}}}")

    assert traits.read_long(error)[1] == traits.read_long(plain)[1]
