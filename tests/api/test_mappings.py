"""Mappings over the API: staff see them, admins set them and go back."""

from typing import Any, Final

import pytest

from ocop_sync.api.forms import mappings as forms
from ocop_sync.marketplace import mapping as model
from tests.acts import acts_of
from tests.api.served import Served
from tests.world import listed

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
