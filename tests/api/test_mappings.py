"""Mappings over the API: staff see them, admins set them and go back."""

from datetime import date
from typing import Any, Final

import pytest

from ocop_sync.api.forms import mappings as forms
from ocop_sync.marketplace import mapping as model
from tests.acts import acts_of
from tests.api.served import Served
from tests.factories import make_certificate
from tests.world import entry, listed

PATH: Final = "/api/v1/marketplaces/memory/mapping"


async def put(
    served: Served, body: Any, *, match: str = "*", path: str = PATH
) -> tuple[int, Any]:
    answer = await served.call(
        "PUT", path, "admin", json=body, headers={"If-Match": match}
    )
    return answer.status, await answer.json()


async def in_force(served: Served) -> Any:
    return (await served.get(PATH, "operator"))["mapping"]


async def test_a_mapping_that_is_set_holds_with_the_next_run_and_goes_back(
    served: Served,
) -> None:
    await listed(served.world, 1)
    before = await in_force(served)
    changed = {**before, "categories": {**before["categories"], "I.3.c": "KHÁC"}}

    status, found = await put(served, changed)
    await served.world.sync()

    assert (status, found["is_default"], found["set_by"]) == (200, False, "admin")
    assert await in_force(served) == changed
    (listing,) = served.world.market.shelf.of("SP-00001")
    assert listing.shown.category == "KHÁC"
    answer = await served.call("DELETE", PATH, "admin", headers={"If-Match": "*"})
    assert (await answer.json())["is_default"] is True
    assert await in_force(served) == before
    assert await acts_of(served.world.database) == [
        ("set_mapping", [], {"marketplace": "memory"}),
        ("reset_mapping", [], {"marketplace": "memory"}),
    ]


async def test_the_mapping_in_force_set_once_more_is_no_act(served: Served) -> None:
    assert (await put(served, await in_force(served)))[0] == 200

    assert await acts_of(served.world.database) == []


async def test_of_two_who_have_read_the_same_the_second_is_told(
    served: Served,
) -> None:
    match = (await served.call("GET", PATH, "admin")).headers["ETag"]
    body = await in_force(served)

    first = await put(served, {**body, "mapping_version": 7}, match=match)
    second = await put(served, {**body, "mapping_version": 8}, match=match)
    reset = await served.call("DELETE", PATH, "admin", headers={"If-Match": match})
    bare = await served.call("PUT", PATH, "admin", json=body)

    assert [first[0], second[0], reset.status, bare.status] == [200, 412, 412, 428]
    assert (await in_force(served))["mapping_version"] == 7


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": {"max_length": 0}}, "/title/max_length"),
        ({"fallback_category": " a"}, "/fallback_category"),
        ({"fallback_category": "\u00a0"}, "/fallback_category"),
        ({"base_url": "http://localhost"}, "/base_url"),
    ],
)
async def test_a_fault_names_its_field(
    served: Served, changes: Any, pointer: str
) -> None:
    status, told = await put(served, {**await in_force(served), **changes})

    assert (status, told["code"]) == (422, "invalid")
    assert [each["pointer"] for each in told["errors"]] == [pointer]


async def test_the_mapping_of_another_marketplace_is_not_taken(
    served: Served,
) -> None:
    status, told = await put(served, {**await in_force(served), "marketplace": "voso"})

    assert (status, told["code"]) == (409, "not_taken")
    assert [each["pointer"] for each in told["errors"]] == ["/marketplace"]


async def test_a_set_that_there_is_not_is_refused(served: Served) -> None:
    body = {**await in_force(served), "categories": {"IX.9": "a"}}

    assert (await put(served, body))[0] == 422


async def test_a_marketplace_that_is_not_installed_is_not_found(
    served: Served,
) -> None:
    path = "/api/v1/marketplaces/lazada/mapping"
    body = {**await in_force(served), "marketplace": "lazada"}

    answer = await served.call("GET", path, "admin")

    assert (answer.status, (await put(served, body, path=path))[0]) == (404, 404)


@pytest.mark.parametrize(
    ("form", "of"),
    [
        (forms.MappingForm, model.ListingMapping),
        (forms.TextRulesForm, model.TextRules),
        (forms.PictureRulesForm, model.PictureRules),
    ],
)
def test_the_form_has_the_keys_and_defaults_of_the_mapping(form: Any, of: Any) -> None:
    assert {name: each.default for name, each in form.model_fields.items()} == {
        name: each.default for name, each in of.model_fields.items()
    }


async def test_a_mapping_by_which_products_can_be_listed_no_more_is_told_first(
    served: Served,
) -> None:
    await listed(served.world, 2)
    await served.world.save(entry(3, paused=True))
    before = await in_force(served)
    bare = {**before, "categories": {}, "fallback_category": None}

    status, held = await put(served, bare)
    wrong = await put(served, bare, path=f"{PATH}?confirm=abc123")
    untouched = await in_force(served)
    taken, found = await put(served, bare, path=f"{PATH}?confirm={held['token']}")

    assert (status, held["code"], wrong[0]) == (409, "mapping_held", 409)
    assert [each["en"] for each in held["effects"]] == [
        "2 products can be listed no more, held from now on: SP-00001, SP-00002",
        "2 listings on sale with content that is not put right",
    ]
    assert untouched == before
    assert (taken, found["mapping"]["categories"]) == (200, {})
    assert await acts_of(served.world.database) == [
        ("set_mapping", [], {"marketplace": "memory"})
    ]


async def test_a_token_confirms_just_the_products_and_the_mapping_that_were_told(
    served: Served,
) -> None:
    await listed(served.world, 1)
    bare = {**await in_force(served), "categories": {}, "fallback_category": None}
    token = (await put(served, bare))[1]["token"]
    await served.world.save(entry(2))
    more = await put(served, bare, path=f"{PATH}?confirm={token}")
    other = {**bare, "mapping_version": 9}

    assert (more[0], more[1]["token"] != token) == (409, True)
    answer = await put(served, other, path=f"{PATH}?confirm={more[1]['token']}")
    assert answer[0] == 409


async def test_a_listing_without_claim_that_can_be_kept_no_more_is_withdrawn(
    served: Served,
) -> None:
    await listed(served.world, 1)
    ended = make_certificate(decided_on=date(2020, 1, 1))
    await served.world.change(certificates=(ended,))
    await served.world.sync()
    bare = {**await in_force(served), "categories": {}, "fallback_category": None}

    held = (await put(served, bare))[1]
    await put(served, bare, path=f"{PATH}?confirm={held['token']}")
    await served.world.sync()

    assert held["effects"][-1]["en"] == "1 listing withdrawn"


async def test_to_go_back_is_told_first_as_well(served: Served) -> None:
    long = {**await in_force(served), "title": {"max_length": 100_000}}
    assert (await put(served, long))[0] == 200
    await served.world.save(entry(1, name="Măng khô Mẫu " + "rất " * 300))
    reset = await served.call("DELETE", PATH, "admin", headers={"If-Match": "*"})

    held = await reset.json()
    assert (reset.status, held["code"]) == (409, "mapping_held")
    assert held["effects"][0]["en"].startswith("1 product can")
    answer = await served.call(
        "DELETE",
        f"{PATH}?confirm={held['token']}",
        "admin",
        headers={"If-Match": "*"},
    )
    assert (await answer.json())["is_default"] is True
