"""What the department sees of everything: its worklist, the audit, erasures."""

from typing import Any

import pytest

from ocop_sync.service.decisions.pauses import pause_accounts
from tests.api.served import Served
from tests.factories import make_variant, person
from tests.world import entry

UNPRICED = {
    n: (make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=None),) for n in range(1, 6)
}


@pytest.fixture
async def waiting(served: Served) -> Served:
    """Five products that are held, as none of them has a price."""
    entries = [entry(n, variants=packs) for n, packs in UNPRICED.items()]
    await served.world.save(*entries)
    await served.world.sync()
    return served


async def test_the_worklist_comes_in_pages_and_is_counted_whole(
    waiting: Served,
) -> None:
    whole = await waiting.get("/api/v1/worklist", "operator")
    pages: list[Any] = []
    cursor = ""
    while True:
        query = {"limit": "2", "cursor": cursor}
        page = await waiting.get("/api/v1/worklist", "operator", params=query)
        pages.append(page["items"])
        assert page["counts"] == whole["counts"]
        if (cursor := page["next"] or "") == "":
            break

    assert [len(each) for each in pages] == [2, 2, 1]
    assert [each for page in pages for each in page] == whole["items"]
    counts = {each["kind"]: each["count"] for each in whole["counts"]}
    assert counts.pop("product_held") == 5
    assert set(counts.values()) == {0}


async def test_the_worklist_is_narrowed_as_its_page_is(waiting: Served) -> None:
    world = waiting.world
    by = person("Ng. Văn A")
    await pause_accounts(world.deployment, ["memory"], by=by, reason="thử")
    await world.save(entry(6, papers=()))

    async def found(**query: str) -> tuple[list[str], dict[str, int]]:
        told = await waiting.get("/api/v1/worklist", "operator", params=query)
        counts = {each["kind"]: each["count"] for each in told["counts"]}
        return [each["kind"] for each in told["items"]], counts

    every, counts = await found()
    paused, of_paused = await found(kind="account_paused")
    today, _ = await found(when="today")
    there, _ = await found(marketplace="memory")
    one, of_one = await found(producer="CS-0001")
    nowhere, _ = await found(commune="06733")
    elsewhere, _ = await found(marketplace="memory", producer="CS-0006")

    assert {"account_paused", "product_held", "paper_unknown"} <= {*every}
    assert (paused, of_paused) == (["account_paused"], counts)
    assert [*today] == [each for each in every if each != "paper_unknown"]
    assert set(there) == {"account_paused", "product_held"}
    assert one == ["product_held"]
    assert (of_one["product_held"], sum(of_one.values())) == (1, 1)
    assert (nowhere, elsewhere) == ([], [])


async def test_a_cursor_of_another_form_is_refused(waiting: Served) -> None:
    made = await waiting.get("/api/v1/expiring", "operator", params={"limit": "1"})
    assert made["next"] is None

    answer = await waiting.call(
        "GET", "/api/v1/worklist", "operator", params={"cursor": "QUJD"}
    )

    assert answer.status == 422


async def test_every_act_is_told_to_admins_in_pages(waiting: Served) -> None:
    for paused in (True, False, True):
        await waiting.call(
            "PUT", "/api/v1/products/SP-00001/pause", "admin", json={"paused": paused}
        )

    first = await waiting.get("/api/v1/audit", "admin", params={"limit": "2"})
    second = await waiting.get(
        "/api/v1/audit", "admin", params={"limit": "2", "cursor": first["next"]}
    )
    head = await waiting.get("/api/v1/audit/head", "admin")

    acts = first["items"] + second["items"]
    assert [each["kind"] for each in acts] == ["pause", "resume", "pause"]
    assert second["next"] is None
    assert head == {"last": acts[-1]["n"], "head": acts[-1]["hash"]}
    assert acts[0]["by"]["name"] == "admin"


async def test_the_history_of_a_product_comes_in_pages(waiting: Served) -> None:
    await waiting.call(
        "PUT", "/api/v1/products/SP-00001/pause", "operator", json={"paused": True}
    )
    whole = await waiting.get("/api/v1/history/SP-00001", "operator")
    first = await waiting.get(
        "/api/v1/history/SP-00001", "operator", params={"limit": "1"}
    )
    rest = await waiting.get(
        "/api/v1/history/SP-00001", "operator", params={"cursor": first["next"]}
    )

    assert whole["of"] == {"id": "SP-00001", "name": "Măng khô Mẫu 1", "sku": ""}
    assert whole["items"][0]["field"] == "paused"
    assert whole["items"][0]["by"]["name"] == "operator"
    assert first["items"] + rest["items"] == whole["items"]
    assert (first["is_whole"], rest["is_whole"]) == (None, True)


async def test_an_erasure_waits_until_it_is_due_and_is_confirmed_once(
    waiting: Served,
) -> None:
    confirm = "/api/v1/producers/CS-0001/erasure"
    await waiting.call(
        "PUT",
        "/api/v1/producers/CS-0001/consent",
        "operator",
        json={"consent": False},
        headers={"If-Match": "*"},
    )
    early = await waiting.call("POST", confirm, "operator")
    waiting.world.time.pass_(hours=73)
    (asked,) = (await waiting.get("/api/v1/erasures", "operator"))["erasures"]

    done = await waiting.call("POST", confirm, "operator")
    again = await waiting.call("POST", confirm, "operator")

    assert early.status == 422
    assert (asked["producer"], asked["is_due"]) == ("CS-0001", True)
    assert (done.status, await done.json()) == (
        200,
        {"producer": "CS-0001", "people": 0},
    )
    assert again.status == 422
    assert (await waiting.get("/api/v1/erasures", "operator")) == {
        "erasures": [],
        "next": None,
    }


async def test_erasures_come_in_pages_the_first_due_first(waiting: Served) -> None:
    await waiting.world.save(entry(2), entry(3))
    for producer in ("CS-0003", "CS-0001", "CS-0002"):
        await waiting.call(
            "PUT",
            f"/api/v1/producers/{producer}/consent",
            "operator",
            json={"consent": False},
            headers={"If-Match": "*"},
        )
        waiting.world.time.pass_(hours=1)

    async def page(**query: str) -> dict[str, Any]:
        found: dict[str, Any] = await waiting.get(
            "/api/v1/erasures", "operator", params=query
        )
        return found

    whole, first = await page(), await page(limit="2")
    rest = await page(cursor=first["next"])

    assert [each["producer"] for each in whole["erasures"]] == [
        *("CS-0003", "CS-0001", "CS-0002")
    ]
    assert whole["next"] is None
    assert len(first["erasures"]) == 2
    assert first["erasures"] + rest["erasures"] == whole["erasures"]
    assert rest["next"] is None
