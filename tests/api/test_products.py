"""Products over the API: read by all, changed by their producers and by staff."""

from typing import Any

import pytest

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.reach import doing_of, reach_of
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.api.served import Served
from tests.factories import NOT_SO, make_paper, person
from tests.world import entry

HERS = "/api/v1/products/SP-00001"
PACK = f"{HERS}/packs/SP-00001-1"
NO_PAPERS = tuple(make_paper(each.kind, NOT_SO) for each in entry()[0].papers)

WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", "", {"texts": {"origin": "Ba Chẽ"}}),
    ("PUT", "/packs/{sku}/price", {"price_vnd": 50_000}),
    ("PUT", "/packs/{sku}/stock", {"on_hand": 5}),
    ("POST", "/packs/{sku}/stock/adjustments", {"quantity": 1, "reason": "broken"}),
    ("PUT", "/pause", {"paused": True}),
    ("PUT", "/stock-policy", {"stock_policy": "mirror"}),
]


@pytest.fixture
async def own(served: Served) -> Served:
    """A product of the producer who calls, and one of another."""
    await served.world.save(entry(1), entry(2))
    return served


async def send(
    own: Served, method: str, path: str, body: Any, role: str = "producer"
) -> Any:
    """Make a call that names the present version; return status and JSON."""
    tag = {"If-Match": "*"}
    answer = await own.call(method, path, role, json=body, headers=tag)
    return answer.status, await answer.json()


async def test_a_producer_sees_its_own_products_and_staff_see_all(own: Served) -> None:
    for role, ids in {
        "producer": ["SP-00001"],
        "producer:CS-0002": ["SP-00002"],
        "producer:CS-0009": [],
        "operator": ["SP-00001", "SP-00002"],
        "viewer": ["SP-00001", "SP-00002"],
    }.items():
        found = await own.get("/api/v1/products", role)
        assert [each["id"] for each in found["items"]] == ids, role
        assert found["next"] is None


@pytest.mark.parametrize(
    ("role", "ids"),
    [("operator", ["SP-00002"]), ("producer:CS-0002", ["SP-00002"]), ("producer", [])],
)
async def test_the_products_of_one_producer_are_listed_within_reach(
    own: Served, role: str, ids: list[str]
) -> None:
    asked = {"producer": "CS-0002"}

    found = await own.get("/api/v1/products", role, params=asked)

    assert [each["id"] for each in found["items"]] == ids


async def test_products_come_page_by_page(own: Served) -> None:
    await own.world.save(*(entry(n) for n in range(3, 6)))
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        found = await own.get("/api/v1/products", "viewer", params=query)
        seen += [each["id"] for each in found["items"]]
        cursor = found["next"]

    assert seen == [f"SP-{n:05}" for n in range(1, 6)]


async def test_nobodys_contacts_are_shown_to_anybody(own: Served) -> None:
    for role in ("viewer", "operator", "producer"):
        answer = await own.call("GET", HERS, role)
        text = await answer.text()
        assert "Thôn Mẫu" not in text
        assert "Phòng Mẫu" not in text


async def test_a_pack_under_another_product_is_not_found(own: Served) -> None:
    path = "/api/v1/products/SP-00002/packs/SP-00001-1/price"

    status, _ = await send(own, "PUT", path, {"price_vnd": 50_000}, "operator")

    assert status == 404
    found = await own.get(HERS, "viewer")
    assert found["packs"][0]["price_vnd"] == 45_000


@pytest.mark.parametrize("write", WRITES, ids=lambda each: each[1] or "text")
async def test_an_own_product_is_changed(
    own: Served, write: tuple[str, str, dict[str, Any]]
) -> None:
    method, path, body = write
    before = await own.get(HERS, "producer")

    whole = f"{HERS}{path}".format(sku="SP-00001-1")
    status, _ = await send(own, method, whole, body)

    assert status == 200
    assert (await own.get(HERS, "producer"))["revision"] > before["revision"]


async def test_an_edit_names_the_version_that_it_was_made_from(own: Served) -> None:
    read = await own.call("GET", HERS, "producer")
    body = {"texts": {"origin": "Ba Chẽ"}}
    bare = await own.call("PATCH", HERS, "producer", json=body)
    seen = {"If-Match": read.headers["ETag"]}
    first = await own.call("PATCH", HERS, "producer", json=body, headers=seen)
    body = {"texts": {"origin": "Cô Tô"}}

    second = await own.call("PATCH", HERS, "operator", json=body, headers=seen)

    assert (bare.status, first.status, second.status) == (428, 200, 412)
    refused = await second.json()
    assert refused["code"] == "changed_meanwhile"
    assert [(e["pointer"], e["value"]) for e in refused["changed"]] == [
        ("/texts/origin", "Ba Chẽ")
    ]
    now = {"If-Match": first.headers["ETag"]}
    third = await own.call("PATCH", HERS, "operator", json=body, headers=now)
    assert third.status == 200
    assert (await third.json())["texts"]["origin"] == "Cô Tô"


async def test_a_stock_policy_names_the_version_that_it_was_chosen_from(
    own: Served,
) -> None:
    path = f"{HERS}/stock-policy"
    mirror, split = {"stock_policy": "mirror"}, {"stock_policy": "split"}
    read = await own.call("GET", HERS, "producer")
    seen = {"If-Match": read.headers["ETag"]}
    bare = await own.call("PUT", path, "producer", json=mirror)
    await send(own, "PUT", f"{PACK}/stock", {"on_hand": 5})

    first = await own.call("PUT", path, "producer", json=mirror, headers=seen)
    second = await own.call("PUT", path, "operator", json=split, headers=seen)
    now = {"If-Match": first.headers["ETag"]}
    third = await own.call("PUT", path, "operator", json=split, headers=now)

    # The count between the two refuses nothing: it is another field.
    assert (bare.status, first.status, second.status) == (428, 200, 412)
    assert third.status == 200
    refused = await second.json()
    assert refused["code"] == "changed_meanwhile"
    assert [(e["pointer"], e["value"]) for e in refused["changed"]] == [
        ("/stock_policy", "mirror")
    ]


async def test_a_sale_is_stopped_whatever_others_have_changed(own: Served) -> None:
    read = await own.call("GET", HERS, "producer")
    await send(own, "PUT", f"{HERS}/pause", {"paused": False}, "operator")
    stale = {"If-Match": read.headers["ETag"]}

    for headers in ({}, stale):
        stopped = await own.call(
            "PUT", f"{HERS}/pause", "producer", json={"paused": True}, headers=headers
        )
        assert stopped.status == 200


async def test_an_etag_that_we_never_gave_matches_nothing(own: Served) -> None:
    body = {"texts": {"origin": "Ba Chẽ"}}

    answer = await own.call(
        "PATCH", HERS, "producer", json=body, headers={"If-Match": '"abc"'}
    )

    assert answer.status == 412


async def test_an_etag_from_before_a_backup_was_restored_matches_nothing(
    own: Served,
) -> None:
    now = (await own.get(HERS, "producer"))["revision"]
    ahead = {"If-Match": f'"r{now + 1}"'}
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", HERS, {"texts": {"origin": "Ba Chẽ"}}),
        ("PUT", f"{PACK}/price", {"price_vnd": 50_000}),
        ("PUT", f"{HERS}/stock-policy", {"stock_policy": "mirror"}),
    ]

    for method, path, body in changes:
        answer = await own.call(method, path, "producer", json=body, headers=ahead)
        assert (answer.status, (await answer.json())["revision"]) == (412, now)


async def test_texts_that_are_refused_are_named_where_they_stand(own: Served) -> None:
    packs = {"SP-00001-1": {"gtin": "1"}, "SP-00002-1": {"pack": "Gói"}}
    body = {"texts": {"trace_url": "ftp://x", "origin": "Mẫu"}, "packs": packs}

    status, problem = await send(own, "PATCH", HERS, body)

    assert (status, problem["code"]) == (409, "not_taken")
    assert sorted(each["pointer"] for each in problem["errors"]) == [
        "/SP-00002-1",
        "/packs/SP-00001-1/gtin",
        "/texts/trace_url",
    ]
    assert all(each["detail_vi"] and each["detail_en"] for each in problem["errors"])


@pytest.mark.parametrize("field", ["name", "stars", "price_vnd"])
async def test_fields_of_others_cannot_be_edited(own: Served, field: str) -> None:
    status, _ = await send(own, "PATCH", HERS, {"texts": {field: "5"}})

    assert status == 422


async def test_a_held_price_comes_with_the_old_one_and_a_token(own: Served) -> None:
    status, held = await send(own, "PUT", f"{PACK}/price", {"price_vnd": 450_000})

    assert (status, held["code"]) == (409, "price_held")
    assert (held["before"], held["after"]) == (45_000, 450_000)
    body = {"price_vnd": 450_000, "token": held["token"]}
    status, pack = await send(own, "PUT", f"{PACK}/price", body)
    assert (status, pack["price_vnd"]) == (200, 450_000)


async def test_stock_is_counted_and_adjusted(own: Served) -> None:
    await send(own, "PUT", f"{PACK}/stock", {"on_hand": 12})
    adjustments = f"{PACK}/stock/adjustments"
    body = {"quantity": 2, "reason": "sold_elsewhere"}

    status, pack = await send(own, "POST", adjustments, body)
    too_many = await send(
        own, "POST", adjustments, {"quantity": 99, "reason": "broken"}
    )
    old = {"on_hand": 3, "counted_at": "2001-01-01T00:00:00Z"}
    older = await send(own, "PUT", f"{PACK}/stock", old)

    assert (status, pack["on_hand"], pack["left"]) == (200, 12, 10)
    assert (too_many[0], too_many[1]["code"]) == (409, "stock_too_low")
    assert too_many[1]["left"] == 10
    assert (older[0], older[1]["code"]) == (409, "older_count")


async def test_mirror_is_named_as_able_to_oversell(own: Served) -> None:
    path = f"{HERS}/stock-policy"
    _, mirror = await send(own, "PUT", path, {"stock_policy": "mirror"})
    _, split = await send(own, "PUT", path, {"stock_policy": "split"})

    assert "more may be sold" in mirror["warning"]["en"]
    assert split["warning"] is None


async def test_why_a_product_is_not_on_sale_is_told(own: Served) -> None:
    await own.world.save(entry(1, papers=NO_PAPERS))
    await own.world.sync()

    found = await own.get(f"{HERS}/why", "producer")

    (there,) = found["marketplaces"]
    assert (there["state"], there["simulated"]) == (
        "not_eligible",
        InMemoryMarketplace.capabilities.simulated,
    )
    assert [each["code"] for each in there["reasons"]] == ["E04", "E05"]
    assert there["reasons"][0]["who"] == "producer"
    assert there["reasons"][0]["todo"]["vi"]


async def test_many_packs_have_a_result_each(own: Served) -> None:
    items = [
        {"sku": "SP-00001-1", "price": {"price_vnd": 50_000}, "stock": {"on_hand": 7}},
        {"sku": "SP-00002-1", "price": {"price_vnd": 50_000}},
    ]
    path = "/api/v1/bulk/stock-and-price"

    status, done = await send(own, "POST", path, {"items": items})
    _, held = await send(
        own, "POST", path, {"items": [{**items[0], "price": {"price_vnd": 1_000_000}}]}
    )

    assert status == 200
    assert [(each["sku"], each["outcome"]) for each in done["items"]] == [
        ("SP-00001-1", "applied"),
        ("SP-00002-1", "not_found"),
    ]
    assert done["items"][1]["problem"]["code"] == "not_found"
    (refused,) = held["items"]
    assert (refused["outcome"], refused["problem"]["before"]) == ("held", 50_000)
    assert refused["problem"]["token"]


async def test_a_pack_that_is_refused_among_many_says_why(own: Served) -> None:
    count = {"sku": "SP-00001-1", "stock": {"on_hand": 7}}
    both = {**count, "adjustment": {"quantity": 1, "reason": "made"}}
    path = "/api/v1/bulk/stock-and-price"

    told = [
        (await send(own, "POST", path, {"items": items}))[1]["items"][0]
        for items in ([count, count], [both], [{"sku": "SP-00001-1"}])
    ]

    assert {each["outcome"] for each in told} == {"refused"}
    assert [each["problem"]["detail_en"] for each in told] == [
        "this SKU is named twice",
        "a count and an adjustment do not go together",
        "neither a price nor stock",
    ]
    assert told[0]["problem"]["detail_vi"] == "mã này có hai lần"


@pytest.mark.parametrize("price", [52_000, 900_000])
async def test_a_price_that_was_changed_since_it_was_seen_is_told_of_each_pack(
    own: Served, price: int
) -> None:
    path = "/api/v1/bulk/stock-and-price"
    (read,) = (await own.get("/api/v1/products/SP-00001", "producer"))["packs"]
    seen = {"sku": "SP-00001-1", "seen_price_vnd": read["price_vnd"]}
    mine = {**seen, "price": {"price_vnd": 50_000}}
    theirs = {**seen, "price": {"price_vnd": price}, "stock": {"on_hand": 3}}

    _, first = await send(own, "POST", path, {"items": [mine]})
    _, again = await send(own, "POST", path, {"items": [mine]})
    _, second = await send(own, "POST", path, {"items": [theirs]})

    assert [each["items"][0]["outcome"] for each in (first, again, second)] == [
        "applied",
        "unchanged",
        "changed_meanwhile",
    ]
    told = second["items"][0]["problem"]
    assert (told["code"], told["before"]) == ("changed_meanwhile", 50_000)
    assert "50000" in told["detail_vi"]
    assert "50000" in told["detail_en"]
    (pack,) = (await own.get("/api/v1/products/SP-00001", "producer"))["packs"]
    assert (pack["price_vnd"], pack["on_hand"]) == (50_000, read["on_hand"])

    now = {**theirs, "seen_price_vnd": 50_000, "price": {"price_vnd": 52_000}}
    _, taken = await send(own, "POST", path, {"items": [now]})
    assert taken["items"][0]["outcome"] == "applied"


async def test_more_packs_than_one_call_takes_are_refused(own: Served) -> None:
    items = [{"sku": f"SP-{n:05}-1"} for n in range(501)]

    status, _ = await send(
        own, "POST", "/api/v1/bulk/stock-and-price", {"items": items}
    )

    assert status == 422


async def test_consent_is_read_and_answered_by_its_producer(own: Served) -> None:
    path = "/api/v1/producers/CS-0001/consent"
    before = await own.get(path, "producer")

    status, after = await send(own, "PUT", path, {"consent": False})
    other, _ = await send(own, "PUT", path, {"consent": True}, "producer:CS-0002")
    hidden = await own.call("GET", path, "producer:CS-0002")

    assert (before["consent"], before["erasure"]) == ("yes", None)
    assert (status, after["consent"], after["erasure"]["ended"]) == (200, "no", "")
    assert (other, hidden.status) == (404, 404)


async def test_an_answer_about_consent_names_the_one_that_was_read(
    own: Served,
) -> None:
    path = "/api/v1/producers/CS-0001/consent"
    read = await own.call("GET", path, "producer")
    seen = {"If-Match": read.headers["ETag"]}
    no, yes = {"consent": False}, {"consent": True}

    bare = await own.call("PUT", path, "producer", json=no)
    first = await own.call("PUT", path, "producer", json=no, headers=seen)
    second = await own.call("PUT", path, "operator", json=yes, headers=seen)
    kept = await own.get(path, "producer")
    now = {"If-Match": first.headers["ETag"]}
    third = await own.call("PUT", path, "operator", json=yes, headers=now)

    assert (bare.status, first.status, second.status) == (428, 200, 412)
    assert kept["consent"] == "no"
    assert (third.status, (await third.json())["consent"]) == (200, "yes")
    assert len({each.headers["ETag"] for each in (read, first, third)}) == 3


def test_a_person_without_a_name_acts_by_the_id() -> None:
    nameless = Asker(actor=person("", ref="NV-00007"), role="producer")
    for_one = Asker(actor=person("Lan", acts_for="CS-0002"), role="operator")

    assert doing_of(nameless).by.name == "NV-00007"
    assert not reach_of(nameless).holds("CS-0001")
    assert reach_of(for_one).holds("CS-0002")
    assert not reach_of(for_one).holds("CS-0001")
