"""The marketplaces' own count agrees with eligibility, product by product.

A made-up catalog is synced through the real adapters with every mock marketplace, over
HTTP. It is told once, in the fixture `story`: a first sync, one in which nothing has
changed, one after certificates have ended and prices have changed, and another in which
nothing has changed. The decisions of a sync in single cases are tested in
`tests/integration`.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.eligibility import Standing, Verdict
from catalog.model.fact import Fact
from catalog.model.product import Entry, Product
from catalog.values import replace
from ocop_sync.testing.mocks.mock import open_mock
from tests.e2e.fair import (
    Fair,
    Seen,
    has_account_per_seller,
    make_catalog,
    open_fair,
)
from tests.e2e.served import NAMES

LATER_DAYS = 200

MOMENTS = ("first", "again", "later", "later again")
CLAIM = re.compile(r"ocop|[345]\s*sao|(ba|bốn|năm) sao|[★⭐]", re.IGNORECASE)

at_both = pytest.mark.parametrize("name", NAMES)
whenever = pytest.mark.parametrize("moment", MOMENTS)


@dataclass(frozen=True, kw_only=True)
class Story:
    """What was seen.

    Attributes:
        catalog: The products, by id, as they were at the end.
        namesake: A product whose name a listing made by hand has as well.
        seen: What each marketplace said, by its name and the moment.
        bodies: What the API of each was sent, by its name.
    """

    catalog: Mapping[str, Entry]
    namesake: str
    seen: Mapping[tuple[str, str], Seen]
    bodies: Mapping[str, list[bytes]]


async def tell(folder: Path) -> Story:
    seen: dict[tuple[str, str], Seen] = {}
    async with open_fair(folder, make_catalog()) as fair:
        namesake = await make_namesakes(fair)

        async def look(moment: str) -> None:
            seen.update({(name, moment): await fair.see(name) for name in NAMES})

        await look("before")
        await sync_twice(fair, look, MOMENTS[:2])
        await rate(fair)
        await fair.save(*map(dearer, fair.catalog.values()))
        fair.time.pass_(days=LATER_DAYS)
        await sync_twice(fair, look, MOMENTS[2:])
        bodies = {name: stand.bodies for name, stand in fair.stands.items()}
        return Story(catalog=fair.catalog, namesake=namesake, seen=seen, bodies=bodies)


async def sync_twice(fair: Fair, look: Any, moments: tuple[str, ...]) -> None:
    for moment in moments:
        await fair.sync()
        await look(moment)
        fair.time.pass_(hours=25)  # the next one reads everything again


async def make_namesakes(fair: Fair) -> str:
    """Give a listing by hand the name of a product of ours, at each marketplace."""
    verdicts = fair.evaluate()
    rightful = [sellable(fair.catalog, verdicts, name) for name in NAMES]
    product, producer = fair.catalog[max(set.intersection(*rightful))]
    assert producer is not None
    for name, stand in fair.stands.items():
        names = [product.name, "Bánh gai mẫu"]
        shop = {"code": producer.id} if has_account_per_seller(name) else {}
        await stand.post("hand_made", names=names, **shop)
    return product.id


async def rate(fair: Fair) -> None:
    """Let buyers rate every listing that clients have made."""
    for name, stand in fair.stands.items():
        rating = open_mock(name).rating
        for ref in (await fair.see(name)).ours:
            await stand.post("edit", ref=ref, changes={rating: 2.5})


def dearer(entry: Entry) -> Entry:
    product, producer = entry
    variants = [
        replace(pack, price_vnd=pack.price_vnd and pack.price_vnd + 1_000)
        for pack in product.variants
    ]
    text = f"{product.description}\nNay đóng gói mới."
    return replace(product, variants=tuple(variants), description=text), producer


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return asyncio.run(tell(tmp_path_factory.mktemp("fair")))


def sellable(
    catalog: Mapping[str, Entry], verdicts: Mapping[str, Verdict], name: str
) -> set[str]:
    """Return the products that may be listed and lack nothing that selling takes."""
    return {
        id_
        for id_, (product, producer) in catalog.items()
        if verdicts[id_].standing is Standing.LISTED
        and any(
            pack.price_vnd and pack.on_hand is not None for pack in product.variants
        )
        and (producer is not None or not has_account_per_seller(name))
    }


def has_clean_picture(product: Product) -> bool:
    marks = [picture.shows_ocop_mark for picture in product.pictures]
    return not marks or Fact.NO in marks


@at_both
@whenever
def test_what_may_be_listed_is_live_and_of_the_rest_what_only_lost_its_claim(
    story: Story, name: str, moment: str
) -> None:
    seen, first = story.seen[name, moment], story.seen[name, "first"]
    wanted = sellable(story.catalog, seen.verdicts, name) - {story.namesake}
    bare = {
        id_
        for id_ in first.live
        if seen.verdicts[id_].standing is Standing.WITHOUT_CLAIM
        and has_clean_picture(story.catalog[id_][0])
    }
    kept = {i for i in first.live if seen.verdicts[i].standing is Standing.UNKNOWN}

    assert set(seen.live) == wanted | bare | kept
    assert seen.counts["ours_by_state"]["live"] == len(seen.live)


@at_both
@whenever
def test_a_claim_says_what_the_certificate_says_field_by_field(
    story: Story, name: str, moment: str
) -> None:
    seen = story.seen[name, moment]
    claims = {id_: row["ocop"] for id_, row in seen.live.items()}

    assert claims == {id_: claim_of(seen.verdicts[id_]) for id_ in seen.live}
    assert len([claim for claim in claims.values() if claim]) > 15


def claim_of(verdict: Verdict) -> dict[str, Any] | None:
    if verdict.certified is not Fact.YES:
        return None
    assert verdict.certificate is not None
    ends_on = verdict.claim_ends_on
    return {
        "stars": verdict.stars,
        "decision": verdict.certificate.decision,
        "valid_to": ends_on.isoformat() if ends_on else None,
    }


@at_both
@whenever
def test_stars_are_counted_by_the_marketplace_as_eligibility_counts_them(
    story: Story, name: str, moment: str
) -> None:
    seen = story.seen[name, moment]
    stars = [
        str(seen.verdicts[id_].stars)
        for id_ in seen.live
        if seen.verdicts[id_].certified is Fact.YES
    ]

    assert seen.counts["live_with_stars"] == {n: stars.count(n) for n in set(stars)}


@at_both
@pytest.mark.parametrize("moment", MOMENTS[2:])
def test_of_a_claim_that_has_ended_no_word_is_left(
    story: Story, name: str, moment: str
) -> None:
    seen = story.seen[name, moment]
    bare = [id_ for id_, row in seen.live.items() if row["ocop"] is None]

    left = {id_: words_of_a_claim(story, seen, id_) for id_ in bare}
    assert len(bare) >= 5
    assert [id_ for id_, texts in left.items() if texts] == []


def words_of_a_claim(story: Story, seen: Seen, id_: str) -> list[str]:
    """Return the texts of a listing in which something still claims OCOP."""
    product, _ = story.catalog[id_]
    said = [each.decision for each in product.certificates]
    said += [day for each in product.certificates for day in ends_of(each.decided_on)]
    return [
        text
        for text in texts_of(seen.live[id_]["own"])
        if CLAIM.search(text) or any(word and word in text for word in said)
    ]


def ends_of(decided_on: date | None) -> list[str]:
    """Return how the end of a certificate of 36 months may be written."""
    if decided_on is None:
        return []
    return [
        f"{decided_on:%d/%m}/{decided_on.year + 3}",
        f"{decided_on.year + 3}-{decided_on:%m-%d}",
    ]


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text inside a JSON value; keys are no texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each)


@at_both
def test_before_its_end_each_claim_stands_in_the_text_as_the_producer_wrote_it(
    story: Story, name: str
) -> None:
    seen = story.seen[name, "first"]

    claimless = [i for i in seen.live if not words_of_a_claim(story, seen, i)]
    assert claimless == []


@at_both
@whenever
def test_what_others_entered_by_hand_is_neither_doubled_nor_touched(
    story: Story, name: str, moment: str
) -> None:
    before, seen = story.seen[name, "before"], story.seen[name, moment]

    assert seen.by_hand == before.by_hand
    assert len(before.by_hand) > 20
    assert (seen.counts["doubled"], seen.counts["touched"]) == ([], [])
    assert [id_ for id_, rows in seen.ours.items() if len(rows) != 1] == []


@at_both
@whenever
def test_beside_a_listing_of_the_same_name_none_is_put(
    story: Story, name: str, moment: str
) -> None:
    product, _ = story.catalog[story.namesake]
    seen = story.seen[name, moment]

    assert any(json.dumps(product.name) in row for row in seen.by_hand)
    assert story.namesake not in seen.ours


@at_both
@pytest.mark.parametrize("moment", ["again", "later again"])
def test_a_sync_after_which_nothing_changed_sends_no_write(
    story: Story, name: str, moment: str
) -> None:
    asked = story.seen[name, moment].asked

    assert set(asked) & set(open_mock(name).writes) == set()
    assert asked  # everything was read again


@at_both
def test_prices_arrive_where_they_are_shown(story: Story, name: str) -> None:
    listed = sellable(story.catalog, story.seen[name, "later"].verdicts, name)
    shown = {
        pack["sku"]: pack["price_vnd"]
        for id_, row in story.seen[name, "later"].live.items()
        for pack in row["variants"]
        if id_ in listed
    }

    assert shown == {
        pack.sku: pack.price_vnd
        for id_ in listed - {story.namesake}
        for pack in story.catalog[id_][0].variants
    }


@at_both
def test_the_buyers_rating_is_never_written(story: Story, name: str) -> None:
    rated = story.seen[name, "first"].ours
    later = story.seen[name, "later again"].ours

    assert not any(b"rating" in body.lower() for body in story.bodies[name])
    assert {later[id_][0]["rating_average"] for id_ in rated} == {2.5}
    assert any(
        later[id_][0]["api_writes"] > rated[id_][0]["api_writes"] for id_ in rated
    )


@at_both
async def test_of_creates_whose_answers_are_lost_one_listing_each_is_left(
    tmp_path: Path, name: str
) -> None:
    async with open_fair(tmp_path, make_catalog(30)) as fair:
        await fair.stands[name].post(
            "faults", operation=open_mock(name).creates, fault="lose_answer", count=4
        )
        await fair.sync()
        await fair.sync()
        seen = await fair.see(name)

        calls = (await fair.stands[name].look("log"))["calls"]
        assert [each["fault"] for each in calls].count("lose_answer") == 4
        assert seen.counts["doubled"] == []
        assert set(seen.live) == sellable(fair.catalog, seen.verdicts, name)
