"""Imports that were made, over the API: what they changed, and one taken back."""

from collections.abc import Mapping
from typing import Any

import pytest

from ocop_sync.api.routes.imports import CSV
from tests.api.served import Served
from tests.catalog_database import as_csv
from tests.world import entry

PAST = "/api/v1/past-imports"
ROW = {"sku": "SP-00001-1", "description": "Măng núi phơi nắng"}


async def send(
    served: Served, *rows: Mapping[str, object], **query: Any
) -> tuple[int, Any]:
    answer = await served.call(
        "POST",
        "/api/v1/imports",
        "operator",
        data=as_csv(*rows).getvalue(),
        headers={"Content-Type": CSV},
        params={"source": "so", **query},
    )
    return answer.status, await answer.json()


async def undo(served: Served, number: int, token: str = "") -> tuple[int, Any]:
    answer = await served.call(
        "POST", f"{PAST}/{number}/undo", "operator", json={"confirm": token}
    )
    return answer.status, await answer.json()


@pytest.fixture
async def imported(served: Served) -> Served:
    """Two imports have changed two products."""
    await served.world.save(*(entry(n, description="") for n in (1, 2)))
    rows = [{**ROW, "sku": f"SP-{n:05}-1"} for n in (1, 2)]
    await send(served, *rows)
    await send(served, *({**row, "description": "Măng rừng"} for row in rows))
    return served


async def test_imports_and_their_changes_come_in_pages(imported: Served) -> None:
    whole = (await imported.get(PAST, "operator"))["items"]
    first = await imported.get(PAST, "operator", params={"limit": "1"})
    second = await imported.get(PAST, "operator", params={"cursor": first["next"]})
    changes = await imported.get(f"{PAST}/2", "operator")
    one = await imported.get(f"{PAST}/2", "operator", params={"limit": "1"})
    rest = await imported.get(
        f"{PAST}/2", "operator", params={"cursor": one["next"], "limit": "200"}
    )

    assert [each["id"] for each in whole] == [2, 1]
    assert first["items"] + second["items"] == whole
    assert changes["import"] == whole[0]
    assert one["changes"] + rest["changes"] == changes["changes"]
    said = {each["field"]: each["after"] for each in changes["changes"]}
    assert said["description"] == "Măng rừng"


async def test_an_import_is_taken_back_with_the_token_that_was_told(
    imported: Served,
) -> None:
    status, told = await undo(imported, 2)
    stale = await undo(imported, 2, "0" * 12)
    done = await undo(imported, 2, told["token"])
    again = await undo(imported, 2)
    product = await imported.get("/api/v1/products/SP-00001", "operator")

    assert (status, told["written"], told["import_id"]) == (200, False, None)
    assert told["back_count"] == len(told["back"]) > 0
    assert (stale[1]["written"], stale[1]["stale"]) == (False, True)
    assert (done[0], done[1]["written"], done[1]["import_id"]) == (200, True, 3)
    assert again[0] == 404
    assert product["texts"]["description"] == "Măng núi phơi nắng"


async def test_a_heading_that_nobody_knows_is_answered_with_the_sheet(
    served: Served,
) -> None:
    await served.world.save(entry(1, description=""))
    row = {"sku": "SP-00001-1", "Lời rao": "Măng núi phơi nắng"}

    _, asked = await send(served, row)
    status, told = await send(served, row, columns="Lời rao=description")
    wrong = await send(served, row, columns="Lời rao=khong-co")

    assert asked["totals"]["changed"] == 0
    assert (status, told["totals"]["changed"]) == (201, 1)
    assert wrong[0] == 422
    product = await served.get("/api/v1/products/SP-00001", "operator")
    assert product["texts"]["description"] == "Măng núi phơi nắng"


async def test_nothing_runs_that_could_be_ended(served: Served) -> None:
    path = "/api/v1/runs/cancellation"
    answers = [
        await served.call("POST", path, "operator", json=body)
        for body in ({}, {"at": "memory"}, {"at": "khong-co"})
    ]

    assert [each.status for each in answers] == [200, 200, 404]
    assert await answers[0].json() == {
        "accounts": [],
        "requests": [],
        "wider": [],
    }
