"""Certificates that an earlier version took for decisions, upgraded.

The stored database is told of in tests/data/README.md; its products SP-00001 to
SP-00006 have less than a whole decision, and counted as certified.
"""

from collections.abc import Mapping

import pytest
from sqlalchemy import text

from catalog.commands.certificate_history import amendments_of
from catalog.db import reader
from catalog.db.provenance import NOTHING_KNOWN
from catalog.eligibility import Standing, Verdict, evaluate
from catalog.model.certificate import Certificate, Evidence
from catalog.model.fact import Fact
from catalog.queries.worklists import lacks
from ocop_sync.marketplace.listing import StarClaim
from ocop_sync.store.db import schema
from tests.stored import inside, load, open_upgraded
from tests.world import World

pytestmark = pytest.mark.postgresql

HALF = [f"SP-0000{n}" for n in range(1, 7)]
WHOLE = "SP-00011"


async def certificates(world: World, id_: str) -> tuple[Certificate, ...]:
    """Return the certificates of a product."""
    async with world.database.read() as conn:
        return (await reader.get(conn, [id_]))[id_][0].certificates


async def verdicts(world: World) -> Mapping[str, Verdict]:
    """Return the present verdicts."""
    rules, now = world.deployment.rules, world.time()
    async with world.database.read() as conn:
        entries = [each async for page in reader.pages(conn) for each in page]
    return {entry[0].id: evaluate(*entry, now, rules) for entry in entries}


async def test_less_than_a_whole_decision_is_published(url: str) -> None:
    async with open_upgraded(url) as world:
        found = {id_: (await certificates(world, id_))[0] for id_ in HALF}
        (whole,) = await certificates(world, WHOLE)

    assert {each.evidence for each in found.values()} == {Evidence.PUBLISHED}
    assert [each.decision for each in found.values()] == [
        "",
        "",
        "",
        "",
        "",
        "002/QĐ-UBND",
    ]
    assert whole.evidence is Evidence.DECISION


async def test_words_that_stood_for_a_number_are_kept_in_the_source(url: str) -> None:
    async with open_upgraded(url) as world:
        sources = [(await certificates(world, id_))[0].source for id_ in HALF]

    said = "số quyết định từng ghi / number once given: "
    assert sources == ["", "", f"{said}Đang trình", f"{said}nt", f"{said}10/5/2023", ""]


async def test_what_was_changed_stands_in_the_history(url: str) -> None:
    async with open_upgraded(url) as world, world.database.read() as conn:
        (said,) = await amendments_of(conn, "SP-00003")
        untouched = await amendments_of(conn, WHOLE)

    assert said.who.startswith("nâng cấp / upgrade ")
    assert said.before == {"evidence": "decision", "decision": "Đang trình"}
    assert said.after["evidence"] == "published"
    assert list(untouched) == []


async def test_they_are_certified_no_more_and_listed_with_what_they_lack(
    url: str,
) -> None:
    async with open_upgraded(url) as world:
        found = await verdicts(world)
        async with world.database.read() as conn:
            entries = await reader.get(conn, HALF)

    papers = world.deployment.rules.tables.papers
    lacking = {
        id_: [
            each.paper.en.partition(": ")[2]
            for each in lacks(entry, found[id_], NOTHING_KNOWN, papers)
            if each.rule == "E02"
        ]
        for id_, entry in entries.items()
    }
    assert {found[id_].certified for id_ in HALF} == {Fact.UNKNOWN}
    assert {found[id_].standing for id_ in HALF} == {Standing.UNKNOWN}
    assert (
        lacking
        == {
            "SP-00001": [""],  # only a year is known
            **{id_: ["lacks number, authority"] for id_ in HALF[1:5]},
            "SP-00006": ["lacks authority"],
        }
    )


async def test_what_is_live_keeps_its_claim_until_a_person_has_looked(
    url: str,
) -> None:
    on_sale = "UPDATE certificate SET body = '' WHERE product_id = 'SP-00012'"
    async with open_upgraded(url, change=on_sale, minutes=10) as world:
        before = claims(world, "SP-00012")

        await world.sync()

        assert claims(world, "SP-00012") == before
        assert len(before) == len([each for each in before if each]) > 0
        assert (await verdicts(world))["SP-00012"].certified is Fact.UNKNOWN


def claims(world: World, id_: str) -> list[StarClaim | None]:
    """Return the claims that show of a product."""
    return [
        listing.shown.stars
        for market in world.markets.values()
        for listing in market.shelf.listings.values()
        if listing.shown.client_ref == id_
    ]


async def test_an_upgrade_of_many_certificates_changes_them_all(url: str) -> None:
    await load(url)
    more = text(
        "INSERT INTO certificate SELECT product_id, n + 100 * :k, stars, evidence,"
        " decision, body, decided_on, year, year_means, revoked_by, revoked_on,"
        " revocation_proposed, potential_5, source FROM certificate WHERE n < 100"
    )
    for k in range(1, 30):
        await inside(url, lambda conn, k=k: conn.execute(more, {"k": k}))
    count = text(
        "SELECT count(*) FROM certificate WHERE evidence = 'decision'"
        " AND (body = '' OR decided_on IS NULL OR decision IN ('', 'nt'))"
    )

    await schema.upgrade(url)

    assert await inside(url, lambda conn: conn.execute(count).scalar()) == 0
