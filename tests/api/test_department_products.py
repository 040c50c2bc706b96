"""Products and producers over the API, as the department enters and edits them."""

from typing import Any

import pytest

from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.api.served import Served
from tests.world import entry

PRODUCTS = "/api/v1/products"
ONE = f"{PRODUCTS}/SP-00001"
PRODUCERS = "/api/v1/producers"
NEW = {
    "producer": "CS-0001",
    "official": {"name": "Nước mắm Mẫu", "set_code": "I.3.a"},
    "texts": {"origin": "Cô Tô"},
    "packs": [{"pack": "Chai 500 ml"}],
}


@pytest.fixture
async def office(served: Served) -> Served:
    """Two products, each of a producer of its own."""
    await served.world.save(entry(1), entry(2))
    return served


async def send(
    office: Served,
    method: str,
    path: str,
    body: Any,
    role: str = "operator",
    **more: str,
) -> tuple[int, Any]:
    headers = {"If-Match": "*", **more}
    answer = await office.call(method, path, role, json=body, headers=headers)
    return answer.status, await answer.json()


async def test_products_are_searched_without_accents_and_narrowed(
    office: Served,
) -> None:
    await office.world.save(entry(3, name="Nước mắm Đảo Mẫu", set_code="I.3.a"))
    await office.world.sync()

    async def found(role: str = "operator", **query: str) -> list[str]:
        told = await office.get(PRODUCTS, role, params=query)
        return [each["id"] for each in told["items"]]

    assert await found(q="nuoc mam DAO") == ["SP-00003"]
    assert await found(q="co so mau 002") == ["SP-00002"]
    assert await found(set="I.3.a", stars="4", shown_at="memory") == ["SP-00003"]
    assert await found(shown_nowhere="true") == []
    assert await found(not_shown_at="elsewhere") == [f"SP-0000{n}" for n in (1, 2, 3)]
    assert await found(q="mau", producer="CS-0001") == ["SP-00001"]
    assert await found("producer:CS-0001", q="mau") == ["SP-00001"]
    assert await found("producer:CS-0001", q="nuoc mam") == []
    first = await office.get(PRODUCTS, "operator", params={"q": "mau", "limit": "2"})
    rest = await office.get(
        PRODUCTS, "operator", params={"q": "mau", "limit": "2", "cursor": first["next"]}
    )
    assert [each["id"] for each in rest["items"]] == ["SP-00003"]


async def test_a_product_is_added_and_shown_as_it_is_read(office: Served) -> None:
    answer = await office.call("POST", PRODUCTS, "operator", json=NEW)

    made = await answer.json()
    assert answer.status == 201, made
    read = await office.call("GET", f"{PRODUCTS}/{made['id']}", "operator")
    assert await read.json() == made
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert (made["name"], made["official"]["set_code"]) == ("Nước mắm Mẫu", "I.3.a")
    assert made["texts"]["origin"] == "Cô Tô"
    assert [each["texts"]["pack"] for each in made["packs"]] == ["Chai 500 ml"]
    assert made["producer"]["id"] == "CS-0001"


async def test_all_faults_of_a_new_product_are_told_where_they_stand(
    office: Served,
) -> None:
    body = {
        **NEW,
        "official": {"set_code": "không có"},
        "texts": {"trace_url": "x"},
        "packs": [{"gtin": "1"}],
    }

    status, refused = await send(office, "POST", PRODUCTS, body)

    assert (status, refused["code"]) == (409, "not_taken")
    assert [each["pointer"] for each in refused["errors"]] == [
        "/official/name",
        "/official/set_code",
        "/texts/trace_url",
        "/packs/0/gtin",
    ]


async def test_what_is_asked_comes_with_a_token_that_confirms_it(
    office: Served,
) -> None:
    near = {**NEW, "official": {"name": "Măng khô Mẫuu 1"}}

    status, held = await send(office, "POST", PRODUCTS, near)
    taken, made = await send(office, "POST", PRODUCTS, near | {"token": held["token"]})

    assert (status, held["code"]) == (409, "edit_held")
    (question,) = held["questions"]
    assert question["field"] == "name"
    assert "SP-00001" in question["vi"]
    assert (taken, made["name"]) == (201, "Măng khô Mẫuu 1")


async def test_official_values_are_the_departments_alone(office: Served) -> None:
    body = {"official": {"name": "Măng Mẫu"}}

    status, refused = await send(office, "PATCH", ONE, body, "producer")
    taken, edited = await send(office, "PATCH", ONE, body)

    assert (status, refused["errors"][0]["pointer"]) == (409, "/official/name")
    assert (taken, edited["name"]) == (200, "Măng Mẫu")


async def test_an_official_value_that_changed_meanwhile_is_told(
    office: Served,
) -> None:
    read = await office.call("GET", ONE, "operator")
    seen = {"If-Match": read.headers["ETag"]}
    await send(office, "PATCH", ONE, {"official": {"name": "Măng Mẫu"}})

    status, refused = await send(
        office, "PATCH", ONE, {"official": {"name": "Măng nứa"}}, **seen
    )

    assert (status, refused["code"]) == (412, "changed_meanwhile")
    (changed,) = refused["changed"]
    assert (changed["pointer"], changed["value"]) == ("/official/name", "Măng Mẫu")


async def test_a_product_moves_and_its_producers_see_it_so(office: Served) -> None:
    path = f"{ONE}/producer"
    bare = await office.call("PUT", path, "operator", json={"producer": "CS-0002"})

    status, moved = await send(office, "PUT", path, {"producer": "CS-0002"})
    missing, _ = await send(office, "PUT", path, {"producer": "CS-0009"})

    assert bare.status == 428
    assert (status, moved["producer"]["id"]) == (200, "CS-0002")
    assert missing == 404
    for role, seen in {"producer": 404, "producer:CS-0002": 200}.items():
        assert (await office.call("GET", ONE, role)).status == seen


async def test_a_pack_is_added_and_a_second_of_that_name_refused(
    office: Served,
) -> None:
    path, body = f"{ONE}/packs", {"texts": {"pack": "Hộp 1 kg"}}

    status, pack = await send(office, "POST", path, body)
    again, refused = await send(office, "POST", path, body)

    assert (status, pack["sku"], pack["available"]) == (201, "SP-00001-2", 0)
    assert (again, refused["errors"][0]["pointer"]) == (409, "/texts/pack")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", PRODUCTS, NEW, 403),
        ("PATCH", ONE, {"official": {"name": "Mẫu"}}, 409),
        ("PUT", f"{ONE}/producer", {"producer": "CS-0002"}, 403),
        ("POST", f"{ONE}/packs", {"texts": {"pack": "Hộp"}}, 403),
        ("GET", PRODUCERS, None, 403),
        ("POST", PRODUCERS, {"values": {"producer_name": "Mẫu"}}, 403),
        ("PATCH", f"{PRODUCERS}/CS-0001", {"values": {"producer_name": "Mẫu"}}, 403),
    ],
)
async def test_who_acts_for_a_producer_does_nothing_of_the_departments(
    door: Door, method: str, path: str, body: Any, status: int
) -> None:
    key = await door.key(Role.OPERATOR)
    headers = {"If-Match": "*", "Acts-For": "CS-0001"}
    sent = {} if body is None else {"json": body}

    answer = await door.bearer(key, path, method=method, headers=headers, **sent)

    assert answer.status == status, await answer.text()


# Producers


async def test_a_producer_is_added_edited_and_listed(office: Served) -> None:
    body = {"values": {"producer_name": "HTX Mẫu Hai", "producer_kind": "HTX"}}
    added = await office.call("POST", PRODUCERS, "operator", json=body)
    made = await added.json()
    path = f"{PRODUCERS}/{made['id']}"

    edited = await office.call(
        "PATCH",
        path,
        "operator",
        json={"values": {"address": "Thôn Mẫu Hai"}},
        headers={"If-Match": added.headers["ETag"]},
    )

    assert (added.status, edited.status) == (201, 200), await edited.text()
    read = await office.get(path, "operator")
    assert read["values"]["address"] == "Thôn Mẫu Hai"
    assert (read["name"], read["products"]) == ("HTX Mẫu Hai", 0)
    listed = await office.get(PRODUCERS, "operator", params={"limit": 1})
    assert [each["id"] for each in listed["items"]] == ["CS-0001"]
    assert listed["next"]


async def test_a_producer_sees_itself_with_its_places_and_no_other(
    office: Served,
) -> None:
    own = await office.get(f"{PRODUCERS}/CS-0001", "producer")
    other = await office.call("GET", f"{PRODUCERS}/CS-0002", "producer")

    assert "Thôn Mẫu" in own["values"]["address"]
    assert (own["products"], other.status) == (1, 404)


async def test_an_edit_of_a_producer_is_compared_field_by_field(
    office: Served,
) -> None:
    path = f"{PRODUCERS}/CS-0001"
    read = await office.call("GET", path, "operator")
    seen = {"If-Match": read.headers["ETag"]}
    await send(office, "PATCH", path, {"values": {"address": "Thôn Mẫu Hai"}})

    status, refused = await send(
        office, "PATCH", path, {"values": {"address": "Thôn Mẫu Ba"}}, **seen
    )
    other, _ = await send(
        office, "PATCH", path, {"values": {"producer_name": "Cơ sở Mẫu Một"}}, **seen
    )

    assert (status, refused["code"]) == (412, "changed_meanwhile")
    (changed,) = refused["changed"]
    assert changed["pointer"] == "/values/address"
    assert changed["value"] == "Thôn Mẫu Hai"
    assert other == 200


async def test_a_place_in_another_province_is_refused_where_it_stands(
    office: Served,
) -> None:
    body = {"values": {"address": "Phường Mẫu, tỉnh Hải Dương"}}

    status, refused = await send(office, "PATCH", f"{PRODUCERS}/CS-0001", body)

    assert (status, refused["code"]) == (409, "not_taken")
    (fault,) = refused["errors"]
    assert fault["pointer"] == "/values/address"
    assert "Hải Dương" in str(fault)
