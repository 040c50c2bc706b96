"""States, pages and events in `docs/mocks/postmart.md`, each row tried on the mock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.adapters.documents import (
    Row,
    codes_in,
    number_in,
    read_table,
)
from tests.adapters.postmart.conftest import OpenBench
from tests.adapters.postmart.shop import CLAIM, SELLER, SUBMIT, Shop, codes_of, sign_in

STATES: Final = read_table(
    "postmart",
    "call",
    *("in review", "`approved`", "`rejected`"),
    *("`unpublished`", "`cancelled`", "`banned`"),
)
QUERIES: Final = read_table(
    "postmart", "call", "parameter", "missing or empty", "least", "most", "above it"
)
EVENTS: Final = read_table("postmart", "type", "")
CALLS: Final[Mapping[str, Callable[[str, str], tuple[str, str, Any]]]] = {
    "`content`": lambda path, _: ("PUT", f"{path}/content", {"name": "Khác"}),
    "`prices`": lambda path, _: ("PATCH", f"{path}/prices", {"prices": []}),
    "`inventory`": lambda path, _: ("POST", f"{path}/inventory", {"inventory": []}),
    "`PUT ocop-claim`": lambda path, _: ("PUT", f"{path}/ocop-claim", CLAIM),
    "`DELETE ocop-claim`": lambda path, _: ("DELETE", f"{path}/ocop-claim", None),
    "`unpublish`": lambda path, _: ("POST", f"{path}/unpublish", {}),
    "`cancel`": lambda _, track: ("POST", f"{SUBMIT}/{track}/cancel", None),
    "`publish`": lambda path, _: ("POST", f"{path}/publish", None),
    "the seller's `stop`": lambda *_: ("POST", "/v1/sellers/CS-1/stop", {}),
    "the seller's `PUT`": lambda *_: ("PUT", "/v1/sellers/CS-1", SELLER),
}


@pytest.mark.parametrize("row", STATES, ids=lambda row: row["call"].strip("`"))
async def test_each_call_does_to_each_state_what_its_cell_says(
    shop: Shop, row: Row
) -> None:
    states = [name for name in row if name != "call"]
    for column in states:
        await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
        path, track = await shop.made(column.strip("`"))
        before = await shop.shown(path)
        method, called, body = CALLS[row["call"]](path, track)
        sku = before["variants"][0]["sku"]
        if body and "prices" in body:
            body = {"prices": [{"sku": sku, "price": 6_000}]}
        if body and "inventory" in body:
            body = {"inventory": [{"sku": sku, "quantity": 1}]}

        status, answer = await shop.ask(method, called, body)

        after = await shop.shown(path)
        grown = " +1" if after["version"] == before["version"] + 1 else ""
        assert grown or after["version"] == before["version"]
        state = "in review" if after["state"].endswith("ing") else after["state"]
        state = "in review" if after["state"].endswith("approve") else state
        if status == 409:
            assert (codes_of(answer), after) == ({state}, before)
        elif "sellers" not in called:
            assert answer.get("state", after["state"]) == after["state"]
        assert f"{status} {state}{grown}" == row[column], column


async def test_a_reopened_seller_has_its_products_down(shop: Shop) -> None:
    path, _ = await shop.made("approved")
    refused, _ = await shop.made("rejected")
    await shop.ask("POST", "/v1/sellers/CS-1/stop", {})

    stopped = [
        await shop.ask("POST", f"{path}/publish"),
        await shop.ask("PUT", f"{refused}/content", {"name": "Khác"}),
        await shop.ask("POST", f"{refused}/publish"),
        await shop.ask("POST", SUBMIT, shop.body()),
    ]
    claimed, _ = await shop.ask("PUT", f"{path}/ocop-claim", CLAIM)
    await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
    shown = await shop.shown(path)
    published, answer = await shop.ask("POST", f"{path}/publish")

    assert [status for status, _ in stopped] == [422] * 4
    assert all(codes_of(answer) == {"seller_stopped"} for _, answer in stopped)
    assert (claimed, shown["state"]) == (200, "unpublished")
    assert (published, answer["state"]) == (200, "approved")


async def test_what_a_person_made_without_a_seller_can_be_published_again(
    opened: OpenBench,
) -> None:
    bench = await opened(seed=1)
    shop = Shop(bench=bench, token=await sign_in(bench))
    [first, *_] = (await shop.ask("GET", "/v1/products"))[1]["data"]
    path = f"/v1/products/{first['id']}"
    await shop.ask("POST", f"{path}/unpublish", {})

    status, answer = await shop.ask("POST", f"{path}/publish")

    assert (status, answer["state"]) == (200, "approved")


@pytest.mark.parametrize(
    "row", QUERIES, ids=lambda row: "?".join(codes_in(row["call"] + row["parameter"]))
)
async def test_each_parameter_takes_what_its_row_says(
    opened: OpenBench, row: Row
) -> None:
    bench = await opened(seed=1)
    shop = Shop(bench=bench, token=await sign_in(bench))
    await bench.control("hand_made", names=["Mẫu"] * 20, skus=[])
    for ref in range(40_001, 40_007):
        await bench.control("edit", ref=str(ref), changes={"name": "Khác"})
    call, name = codes_in(row["call"])[0], codes_in(row["parameter"])[0]

    async def asked(value: str) -> tuple[int, Any]:
        return await shop.ask("GET", f"{call}?{name}={value}")

    plain = await shop.ask("GET", call)
    assert await asked("") == plain
    if "values" in row["most"]:
        most = number_in(row["most"].split()[0])
        assert (await asked(",".join(["40001"] * most)))[0] == 200
        status, answer = await asked(",".join(["40001"] * (most + 1)))
        assert (status, codes_of(answer)) == (422, set(codes_in(row["above it"])))
        found = plain[1].get("paging", {"total": 0})["total"]
        assert found == {"all": 60, "none": 0}[row["missing or empty"]]
        return
    default, least = number_in(row["missing or empty"]), number_in(row["least"])
    assert await asked(str(default)) == plain
    for below in (str(least - 1), "9" * 16, "-" + "9" * 20):
        status, answer = await asked(below)
        assert (status, codes_of(answer)) == (422, {"out_of_range"}), below
    for odd in ("hai", "1.0", "1e3", "%2B1", "%201", "%D9%A3", "null"):
        status, answer = await asked(odd)
        assert (status, codes_of(answer)) == (422, {"invalid_type"}), odd
    status, answer = await asked("999999999999999")
    assert status == 200
    match row["above it"], row["most"]:
        case "an empty page", _:
            assert (answer["data"], answer["paging"]["to"]) == ([], 0)
            assert answer["paging"]["last_page"] == 3
        case "cut", "the newest event":
            assert answer == {"events": [], "ack_id": 6}
        case "cut", full:
            assert answer == (await asked(full))[1]
            held = answer.get("paging", {"per_page": int(full)})["per_page"]
            assert held == int(full)


async def test_of_several_filters_the_first_counts(opened: OpenBench) -> None:
    bench = await opened(seed=1)
    shop = Shop(bench=bench, token=await sign_in(bench))
    [sku] = [v["sku"] for v in (await shop.find(ids="40002"))[0]["variants"]]

    found = await shop.find(ids=f"40001,40001,404&client_refs=SP-1&skus={sku}")
    second = await shop.find(client_refs=f"SP-1&skus={sku}&ids=")
    third = await shop.find(skus=sku)

    assert [each["id"] for each in found] == [40001]
    assert [each["id"] for each in second] == []
    assert [each["id"] for each in third] == [40002]


async def test_each_type_of_event_is_told_and_no_call_tells_one(shop: Shop) -> None:
    refs = {state: (await shop.made(state))[0] for state in ("in review", "approved")}
    for path in (refs["approved"], (await shop.made("rejected"))[0]):
        await shop.ask("PUT", f"{path}/content", {"name": "Khác"})
        await shop.ask("PUT", f"{path}/ocop-claim", CLAIM)
        await shop.ask("POST", f"{path}/unpublish", {})
        await shop.ask("POST", f"{path}/publish")
    await shop.ask("POST", "/v1/sellers/CS-1/stop", {})
    await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
    await shop.ask("POST", f"{refs['approved']}/publish")
    _, by_calls = await shop.ask("GET", "/v1/events")
    ref = refs["approved"].rpartition("/")[2]
    sku = (await shop.shown(refs["approved"]))["variants"][0]["sku"]
    await shop.bench.control("sell", ref=ref, sku=sku, quantity=2)
    await shop.bench.control("edit", ref=ref, changes={"name": "Sửa tay"})
    for act, more in (("take_down", {}), ("ban", {"reason": "Lý do."}), ("delete", {})):
        await shop.bench.control(act, ref=ref, **more)
    _, feed = await shop.ask("GET", f"/v1/events?ack_id={by_calls['ack_id']}")

    reviews = [each["type"] for each in by_calls["events"]]
    assert reviews == ["product.approved", "product.rejected"]
    told = {each["type"] for each in feed["events"]} | set(reviews)
    assert told == {code for row in EVENTS for code in codes_in(row["type"])}
    sold, *others = feed["events"]
    assert (sold["sku"], sold["quantity"]) == (sku, 2)
    assert sold["order_line"]
    for each in others:
        assert (each["sku"], each["quantity"], each["order_line"]) == ("", 0, "")
    for each in feed["events"]:
        assert datetime.fromisoformat(each["at"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
async def test_events_are_acknowledged_by_get_alone(shop: Shop, method: str) -> None:
    await shop.made("approved")

    status, _ = await shop.ask(method, "/v1/events?ack_id=1")

    assert status == 405
    _, feed = await shop.ask("GET", "/v1/events")
    assert [each["id"] for each in feed["events"]] == [1]


async def test_an_acknowledgement_of_what_has_not_happened_loses_nothing(
    shop: Shop,
) -> None:
    await shop.made("approved")
    _, empty = await shop.ask("GET", "/v1/events?ack_id=900")

    await shop.made("approved")
    _, feed = await shop.ask("GET", f"/v1/events?ack_id={empty['ack_id']}")

    assert empty == {"events": [], "ack_id": 1}
    assert [each["id"] for each in feed["events"]] == [2]
