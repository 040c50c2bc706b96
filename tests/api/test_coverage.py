"""The figures of coverage over the API: each is as long as the list at its address."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.model.paper import PaperKind
from catalog.model.producer import Address
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.forms.coverage import FigureName
from ocop_sync.store.listings.coverage_days import FIGURES
from tests.api.served import Served
from tests.factories import NOT_SO, make_certificate, make_paper
from tests.world import World, entry

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def save_five(world: World) -> None:
    for n, commune, stars in (
        (1, "06733", 4),
        (2, "06733", 3),
        (3, "06760", 3),
        (4, "06760", 4),
        (5, "", 4),
    ):
        product, maker = entry(n, certificates=(make_certificate(stars=stars),))
        assert maker is not None
        there = replace(maker, address=Address(commune_code=commune))
        await world.save((replace(product, paused=n == 4), there))
    await world.sync()


async def walk(served: Served, address: str) -> list[str]:
    """Return the products of a list, two at a time."""
    found, cursor = list[str](), ""
    between = "&" if "?" in address else "?"
    while True:
        page = await served.get(f"{address}{between}limit=2&cursor={cursor}", "viewer")
        found += [each["product"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found


def figures(found: Any) -> list[Any]:
    return [figure for cell in found["cells"] for figure in cell["figures"]]


@pytest.mark.parametrize("by", ["", "commune", "stars", "set", "kind"])
@pytest.mark.parametrize("is_past", [False, True], ids=["now", "a past day"])
async def test_every_figure_is_as_long_as_the_list_at_its_address(
    served: Served, by: str, is_past: bool
) -> None:
    world = served.world
    await save_five(world)
    day = day_in_vietnam(world.time()).isoformat()
    if is_past:
        world.time.pass_(days=1)
        await world.change(papers=WITHOUT_PAPER)
        await world.sync()
    query = "&".join([f"day={day}"] * is_past + [f"by={by}"] * bool(by))

    found = await served.get(f"/api/v1/coverage?{query}", "viewer")

    assert found["day"] == day
    for figure in figures(found):
        listed = await walk(served, figure["list"])
        assert len(listed) == len(set(listed)) == figure["value"], figure
    whole = {f["name"]: 0 for f in figures(found)}
    for figure in figures(found):
        whole[figure["name"]] += figure["value"]
    assert (whole["certified"], whole["listed"], whole["blocked"]) == (5, 4, 1)


async def test_a_figure_has_its_denominator_its_words_and_says_it_is_simulated(
    served: Served,
) -> None:
    await save_five(served.world)

    found = await served.get("/api/v1/coverage", "viewer")

    (cell,) = found["cells"]
    (listed,) = [each for each in cell["figures"] if each["name"] == "listed"]
    assert (listed["value"], listed["of"], listed["share"]) == (4, 5, 0.8)
    assert set(listed["definition"]) == {"vi", "en"}
    assert cell["simulated"]
    assert found["claims_ended"]["value"] == 0
    assert found["claims_ended"]["list"] == "/api/v1/coverage/claims-ended"


async def test_figures_that_have_not_changed_are_answered_without_their_content(
    served: Served,
) -> None:
    await save_five(served.world)
    first = await served.call("GET", "/api/v1/coverage", "viewer")
    known = {"If-None-Match": first.headers["ETag"]}
    served.world.time.pass_(minutes=1)

    again = await served.call("GET", "/api/v1/coverage", "viewer", headers=known)
    await served.world.change(paused=True)
    await served.world.sync()
    changed = await served.call("GET", "/api/v1/coverage", "viewer", headers=known)

    assert (again.status, changed.status) == (304, 200)


async def test_who_drops_out_is_counted_with_its_list(served: Served) -> None:
    await save_five(served.world)
    address = "/api/v1/coverage?as_of=2029-01-01"

    found = (await served.get(address, "viewer"))["drops_out"]

    assert found["value"] == 4
    assert len(await walk(served, found["list"])) == 4


async def test_ends_come_in_pages_with_their_counts(served: Served) -> None:
    await save_five(served.world)
    served.world.time.pass_(days=365 * 2)

    found = await served.get("/api/v1/coverage/ends?limit=2", "viewer")

    counts = {each["days"]: each["value"] for each in found["within"]}
    assert counts.keys() == {30, 60, 90}
    assert len(await walk(served, "/api/v1/coverage/ends")) == counts[90]


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/coverage/products?marketplace=memory&figure=certified",
        "/api/v1/coverage/ends",
        "/api/v1/coverage/drops-out?as_of=2029-01-01",
    ],
)
async def test_each_page_of_a_list_says_whether_it_is_simulated(
    served: Served, address: str
) -> None:
    world, between = served.world, "&" if "?" in address else "?"
    await save_five(world)
    first = await served.get(f"{address}{between}limit=2", "viewer")
    (site,) = world.deployment.sites
    kind = type("Real", (site.adapter,), {})
    real = replace(site.adapter.capabilities, simulated=False)
    kind.capabilities = real  # type: ignore[attr-defined]
    site.adapter = kind

    later = await served.get(f"{address}{between}limit=2", "viewer")

    # What was counted while it was a mock stays so.
    assert first["simulated"]
    assert later["simulated"] is ("figure" in address)


async def test_history_has_a_day_for_each_and_says_what_is_not_known(
    served: Served,
) -> None:
    await save_five(served.world)
    today = day_in_vietnam(served.world.time())
    first = today - timedelta(days=1)

    found = await served.get(
        f"/api/v1/coverage/history?first={first}&last={today}", "viewer"
    )

    before, now = found["days"]
    assert (before["cells"], before["not_known"]) == ([], ["memory"])
    assert now["not_known"] == []
    assert len(now["cells"]) == 1


async def test_published_figures_stand_apart(served: Served) -> None:
    found = await served.get("/api/v1/coverage/published", "viewer")

    first, *_ = found["published"]
    assert (first["when"], first["listed"], first["of"]) == ("2022-06", 177, 267)


@pytest.mark.parametrize(
    "query",
    [
        "?day=2999-01-01",
        "?day=0001-01-01",
        "?as_of=2000-01-01",
        "?as_of=9999-12-31",
        "/history?first=2024-03-01&last=2024-02-01",
        "/history?first=0001-01-01&last=9999-12-31",
        "/products?marketplace=memory&figure=listed&day=0001-01-01",
    ],
)
async def test_a_day_of_which_nothing_can_be_told_is_not_there(
    served: Served, query: str
) -> None:
    answer = await served.call("GET", f"/api/v1/coverage{query}", "viewer")

    assert answer.status == 404
    assert (await answer.json())["code"] == "no_answer"


async def test_a_claim_that_has_ended_is_listed(served: Served) -> None:
    await save_five(served.world)
    served.world.time.pass_(days=365 * 4)

    found = await served.get("/api/v1/coverage/claims-ended", "viewer")

    assert found["simulated"]
    assert [each["product"] for each in found["listings"]] == [
        f"SP-0000{n}" for n in (1, 2, 3, 5)
    ]


async def test_claims_that_have_ended_come_in_pages(served: Served) -> None:
    await save_five(served.world)
    served.world.time.pass_(days=365 * 4)
    path = "/api/v1/coverage/claims-ended"

    whole = await served.get(path, "viewer")
    first = await served.get(path, "viewer", params={"limit": "3"})
    rest = await served.get(path, "viewer", params={"cursor": first["next"]})
    full = await served.get(path, "viewer", params={"limit": "4"})

    assert len(first["listings"]) == 3
    assert first["listings"] + rest["listings"] == whole["listings"]
    assert (whole["next"], rest["next"], full["next"]) == (None, None, None)


def test_the_document_names_every_figure() -> None:
    assert set(FigureName.__args__) == FIGURES.keys()  # type: ignore[attr-defined]


async def test_freshness_is_told_by_marketplace_and_facet(served: Served) -> None:
    await save_five(served.world)

    found = await served.get("/api/v1/coverage/freshness?days=1", "viewer")

    (one,) = found["marketplaces"]
    assert (one["marketplace"], one["simulated"]) == ("memory", True)
    assert (one["confirmed"]["count"], one["open"]) == (4, 0)
    assert [each["facet"] for each in one["by_facet"]] == ["sale"]
    assert one["confirmed"]["p99_s"] >= one["taken"]["p99_s"]
