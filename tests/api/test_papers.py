"""Papers over the API: the acts of staff, what is told first, and what is refused."""

from typing import Any, Final

import pytest

from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import PaperKind
from catalog.model.producer import Address
from tests.api.served import Served
from tests.factories import make_paper, make_producer
from tests.world import entry

PAPERS: Final = "/api/v1/papers"
OF_PRODUCT: Final = "/api/v1/products/SP-00001/papers"
OF_PRODUCER: Final = "/api/v1/producers/CS-0001/papers"
UNSEEN: Final = (
    make_paper(PaperKind.FOOD_SAFETY, UNATTESTED),
    make_paper(PaperKind.DECLARATION),
)


async def send(
    served: Served, method: str, path: str, body: Any, **headers: str
) -> tuple[int, Any]:
    answer = await served.call(method, path, "operator", json=body, headers=headers)
    return answer.status, await answer.json()


async def food(served: Served) -> Any:
    found = await served.get(OF_PRODUCT, "operator")
    return next(e for e in found["papers"] if e["kind"] == "food_safety")


async def test_a_recorded_paper_is_shown_with_all_that_is_known_of_it(
    served: Served,
) -> None:
    await served.world.save(entry(1, papers=UNSEEN))
    details = {"number": "1/ATTP", "issued_on": "2024-02-01", "expires_on": None}

    status, told = await send(
        served,
        "POST",
        PAPERS,
        {"kind": "food_safety", "products": ["SP-00001"]} | details,
    )

    assert (status, told["changed"], told["products"]) == (200, 1, ["SP-00001"])
    shown = await food(served)
    assert {**shown, "name": None} == {
        "kind": "food_safety",
        "name": None,
        "held": "yes",
        "seen_by": "operator",
        "seen_on": "2024-03-01",
        **details,
    }


async def test_what_takes_off_sale_is_told_and_done_with_its_token(
    served: Served,
) -> None:
    await served.world.save(entry(1))
    body = {"kind": "food_safety", "producer": "CS-0001", "reason": "thu hồi"}

    status, told = await send(served, "POST", f"{PAPERS}/end", body)
    again, done = await send(
        served, "POST", f"{PAPERS}/end", body | {"token": told["token"]}
    )

    assert (status, told["code"]) == (409, "papers_held")
    product = {"product": "SP-00001", "name": "Măng khô Mẫu 1"}
    assert told["products"] == [product]
    assert told["takes"] == [product | {"since": "2024-03-01"}]
    assert (again, done["taken"]) == (200, 1)


async def test_papers_are_attested_in_bulk_after_their_count_was_shown(
    served: Served,
) -> None:
    await served.world.save(entry(1, papers=UNSEEN), entry(2, papers=UNSEEN), entry(3))
    body = {"kind": "food_safety", "value": "yes", "where": {}}

    status, told = await send(served, "POST", f"{PAPERS}/attest", body)
    again, done = await send(
        served, "POST", f"{PAPERS}/attest", body | {"token": told["token"]}
    )
    nothing, left = await send(served, "POST", f"{PAPERS}/attest", body)

    assert (status, told["changed"], told["taken"]) == (409, 2, 0)
    assert (again, done["products"]) == (200, ["SP-00001", "SP-00002"])
    assert (nothing, left["changed"]) == (200, 0)


@pytest.mark.parametrize("path", [OF_PRODUCT, OF_PRODUCER])
async def test_of_two_who_correct_what_they_have_read_the_second_is_told(
    served: Served, path: str
) -> None:
    await served.world.save(entry(1))
    answer = await served.call("GET", path, "operator")
    match = answer.headers["ETag"]
    body = {"kind": "food_safety", "number": "7/ATTP"}

    first, _ = await send(served, "PATCH", path, body, **{"If-Match": match})
    second, told = await send(
        served, "PATCH", path, body | {"number": "8"}, **{"If-Match": match}
    )

    assert (first, second, told["code"]) == (200, 412, "changed_meanwhile")
    assert (await food(served))["number"] == "7/ATTP"


async def test_a_correction_leaves_what_it_does_not_name_and_null_clears(
    served: Served,
) -> None:
    known = make_paper(PaperKind.FOOD_SAFETY, expires_on=None)
    await served.world.save(entry(1, papers=(known, UNSEEN[1])))
    some, star = {"kind": "food_safety"}, {"If-Match": "*"}

    await send(
        served,
        "PATCH",
        OF_PRODUCT,
        some | {"number": "7", "issued_on": "2024-02-01"},
        **star,
    )
    await send(served, "PATCH", OF_PRODUCT, some | {"issued_on": None}, **star)

    shown = await food(served)
    assert (shown["number"], shown["issued_on"]) == ("7", None)
    assert shown["seen_by"] == "Phòng Mẫu"


async def test_a_value_that_cannot_be_is_named_by_its_place(served: Served) -> None:
    await served.world.save(entry(1))
    body = {"kind": "food_safety", "products": ["SP-00001"], "seen_on": "2024-03-02"}

    status, told = await send(served, "POST", PAPERS, body)

    assert (status, told["code"]) == (409, "not_taken")
    assert [each["pointer"] for each in told["errors"]] == ["/seen_on"]


async def test_products_with_their_papers_come_in_pages(served: Served) -> None:
    await served.world.save(*(entry(n) for n in range(1, 4)))

    for path, expected in (
        (PAPERS, ["SP-00001", "SP-00002", "SP-00003"]),
        (OF_PRODUCER, ["SP-00001"]),
    ):
        found, cursor = [], ""
        while cursor is not None:
            page = await served.get(f"{path}?limit=2&cursor={cursor}", "operator")
            found += [each["product"] for each in page["items"]]
            cursor = page["next"]
        assert found == expected


async def test_missing_papers_are_narrowed_as_their_page_is(served: Served) -> None:
    absent = make_paper(PaperKind.FOOD_SAFETY, held=Attested(value=Fact.NO))
    declared = make_paper(PaperKind.DECLARATION)
    address = Address(text="Thôn Mẫu", commune_code="06733")
    there = make_producer(id="CS-0002", address=address, certified_address=address)
    product, _ = entry(2, papers=(absent, declared))
    await served.world.save(entry(1, papers=()), (product, there), entry(3))

    async def found(**query: str) -> list[tuple[str, str]]:
        path = "/api/v1/missing-papers"
        told = await served.get(path, "operator", params=query)
        return [(each["product"], each["paper"]["en"]) for each in told["items"]]

    every = await found()
    two = [each for each in every if each[0] == "SP-00002"]
    food = [each for each in every if each[1] == two[0][1]]

    assert (len(two), len(food), len(every)) == (1, 2, 3)
    assert await found(state="missing") == two
    assert await found(state="unknown") == [each for each in every if each not in two]
    assert await found(paper="food_safety") == food
    assert await found(commune="06733") == await found(producer="CS-0002") == two
    assert await found(paper="food_safety", producer="CS-0001") == food[:1]
    assert await found(paper="alcohol_licence") == []
    answer = await served.call("GET", "/api/v1/missing-papers?paper=none", "operator")
    assert answer.status == 422
