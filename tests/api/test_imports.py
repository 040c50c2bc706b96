"""Sheets sent over the API: imported, reported, given back annotated."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest

from catalog.db import reader
from catalog.db.kept_reports import erase_reports
from catalog.model.product import Product
from catalog.spreadsheet.workbook import open_workbook
from catalog.values import replace
from ocop_sync.api.routes.imports import CSV, MOST_BYTES, XLSX
from tests.api.served import Served
from tests.catalog_database import as_csv
from tests.world import entry

Row = Mapping[str, object]

IMPORTS = "/api/v1/imports"
HERS = {"sku": "SP-00001-1", "price_vnd": 46_000}


@pytest.fixture
async def own(served: Served) -> Served:
    """Two products of the producer who calls, and one of another."""
    (_, maker), (third, _) = entry(1), entry(3)
    hers = replace(third, producer_id="CS-0001")
    await served.world.save(entry(1), entry(2), (hers, maker))
    return served


async def stored(own: Served, id_: str) -> Product:
    async with own.world.database.read() as conn:
        return (await reader.get(conn, [id_]))[id_][0]


async def send(
    own: Served, *rows: Row, role: str = "producer", **query: str
) -> tuple[int, Any]:
    """Send a sheet; return status and JSON."""
    content, headers = as_csv(*rows).getvalue(), {"Content-Type": CSV}
    answer = await own.call(
        "POST", IMPORTS, role, data=content, headers=headers, params=query
    )
    return answer.status, await answer.json()


async def problems_of(own: Served, number: int, **more: Any) -> list[Any]:
    found = await own.get(f"{IMPORTS}/{number}", more.pop("role", "producer"), **more)
    return list(found["problems"])


async def test_a_producers_sheet_changes_its_own_product(own: Served) -> None:
    status, report = await send(own, {**HERS, "description": "Măng núi phơi nắng"})

    item = await stored(own, "SP-00001")
    assert (status, report["outcome"]) == (201, "written")
    assert report["totals"]["changed"] == 1
    assert item.variants[0].price_vnd == 46_000
    assert item.description == "Măng núi phơi nắng"
    found = await own.get(f"{IMPORTS}/{report['id']}", "producer")
    assert found == {"report": report, "problems": [], "next": None}


async def test_a_product_of_another_is_told_of_as_one_that_nobody_has(
    own: Served,
) -> None:
    before = await stored(own, "SP-00002")
    other, maker = entry(2)
    assert maker is not None

    _, report = await send(
        own,
        {"product_id": "SP-00002", "description": "x"},
        {"product_id": "SP-00099", "description": "x"},
        {"name": other.name, "producer_name": maker.name, "description": "x"},
        {"name": "Món không ai có", "description": "x"},
    )

    problems = await problems_of(own, report["id"])
    assert [each["row"] for each in problems] == [2, 3, 4, 5]
    assert len({each["en"] for each in problems}) == 1
    assert "no such product among those of the producer" in problems[0]["en"]
    assert await stored(own, "SP-00002") == before
    assert report["outcome"] == "unchanged"


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"stars": 5}, id="stars"),
        pytest.param({"decision": "99/QĐ-UBND", "year": 2026}, id="certificate"),
        pytest.param({"food_safety": "no"}, id="paper"),
        pytest.param({"consent": "no"}, id="consent"),
        pytest.param({"address": "Nơi khác"}, id="profile"),
        pytest.param({"producer_name": "Cơ sở khác"}, id="producer"),
        pytest.param({"name": "Tên khác"}, id="official name"),
        pytest.param({"reserved": 3}, id="promised to buyers"),
        pytest.param({"pack": "Gói mới", "sku": ""}, id="new pack"),
    ],
)
async def test_the_fields_of_the_department_are_named_problems(
    own: Served, cells: Row
) -> None:
    before = await stored(own, "SP-00001")

    _, report = await send(own, {"product_id": "SP-00001", **HERS, **cells})

    (problem,) = await problems_of(own, report["id"])
    assert problem["kind"] == "wrong"
    assert "department" in problem["en"]
    assert await stored(own, "SP-00001") == before


async def test_values_of_the_department_that_stay_as_they_are_are_no_problem(
    own: Served,
) -> None:
    item, maker = entry(1)
    assert maker is not None
    row = {"product_id": item.id, "name": item.name, "producer_name": maker.name}

    _, report = await send(own, {**row, **HERS, "consent": "yes"})

    assert await problems_of(own, report["id"]) == []
    assert (await stored(own, "SP-00001")).variants[0].price_vnd == 46_000


async def test_no_product_is_missing_for_not_being_in_a_producers_sheet(
    own: Served,
) -> None:
    await send(own, HERS, {"product_id": "SP-00003", "description": "x"})

    _, report = await send(own, {**HERS, "price_vnd": 46_500})

    assert report["outcome"] == "written"
    assert (await stored(own, "SP-00003")).not_in_source_since is None


async def test_a_doubtful_price_waits_until_it_is_confirmed(own: Served) -> None:
    dear = {**HERS, "price_vnd": 450_000}
    _, report = await send(own, dear)
    kept = (await stored(own, "SP-00001")).variants[0].price_vnd

    _, confirmed = await send(own, dear, confirm=report["token"])

    (problem,) = await problems_of(own, report["id"])
    assert (problem["kind"], kept) == ("question", 45_000)
    assert confirmed["outcome"] == "written"
    assert (await stored(own, "SP-00001")).variants[0].price_vnd == 450_000


async def test_a_sheet_is_looked_at_first_and_then_taken_with_its_token(
    own: Served,
) -> None:
    dear = {**HERS, "price_vnd": 450_000}

    _, looked = await send(own, dear, preview="true")
    kept = (await stored(own, "SP-00001")).variants[0].price_vnd
    _, taken = await send(own, dear, confirm=looked["token"])

    assert (looked["outcome"], looked["import_id"]) == ("previewed", None)
    assert (taken["outcome"], kept) == ("written", 45_000)
    assert (await stored(own, "SP-00001")).variants[0].price_vnd == 450_000


async def test_reports_are_those_of_the_producer_or_of_all_for_staff(
    own: Served,
) -> None:
    _, hers = await send(own, HERS)
    _, theirs = await send(own, {"sku": "SP-00001-1"}, role="operator", source="so")
    nowhere = await own.call("GET", f"{IMPORTS}/999", "producer")
    missing = {**await nowhere.json(), "request_id": ""}

    for number, role in ((hers["id"], "producer:CS-0002"), (theirs["id"], "producer")):
        for end in ("", "/annotated"):
            answer = await own.call("GET", f"{IMPORTS}/{number}{end}", role)
            told = {**await answer.json(), "request_id": ""}
            told.pop("instance", None)
            assert answer.status == 404
            assert told == {k: v for k, v in missing.items() if k != "instance"}
    for number in (hers["id"], theirs["id"]):
        assert (await own.get(f"{IMPORTS}/{number}", "operator"))["report"]


async def test_problems_come_page_by_page(own: Served) -> None:
    rows = [{"name": f"Món {n}", "description": "x"} for n in range(5)]
    _, report = await send(own, *rows)
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        found = await own.get(f"{IMPORTS}/{report['id']}", "producer", params=query)
        seen += [each["row"] for each in found["problems"]]
        cursor = found["next"]

    assert seen == [2, 3, 4, 5, 6]
    assert report["problems"] == 5


async def test_nothing_that_a_report_says_names_a_command(own: Served) -> None:
    rows = [{"sku": "SP-00001-1", "Giá bánn": 46_000, "stars": 9}]

    status, report = await send(own, *rows, role="operator", name="giá.csv")
    problems = await problems_of(own, report["id"], role="operator")

    said = [*report["notes"], *(each["vi"] + each["en"] for each in problems)]
    assert status == 201
    assert any("giá.csv" in each for each in said)
    assert any('`columns` "Giá bánn=' in each for each in said)
    assert not any("--" in each or "ocop-sync" in each for each in said)


async def test_the_annotated_sheet_is_fetched_later(own: Served) -> None:
    _, report = await send(own, {"sku": "SP-00001-1", "stars": 9})

    answer = await own.call("GET", f"{IMPORTS}/{report['id']}/annotated", "producer")

    book = open_workbook(BytesIO(await answer.read()))
    cells = [
        v
        for sheet in book.sheets
        for line in sheet.lines()
        for v in line.cells.values()
    ]
    assert (answer.status, answer.content_type) == (200, XLSX)
    assert "Lỗi cần sửa" in cells


async def test_what_is_no_sheet_is_refused_and_nothing_is_kept(own: Served) -> None:
    for content, kind, status in (
        (b"x", "application/pdf", 415),
        (b"PK\x03\x04 no workbook", XLSX, 422),
    ):
        headers = {"Content-Type": kind}
        answer = await own.call(
            "POST", IMPORTS, "producer", data=content, headers=headers
        )
        assert answer.status == status, await answer.text()

    assert (await own.call("GET", f"{IMPORTS}/1", "operator")).status == 404


async def test_a_sheet_that_is_too_large_is_refused_before_it_is_read(
    own: Served,
) -> None:
    headers = {"Content-Type": CSV, "Content-Length": str(MOST_BYTES + 1)}

    answer = await own.call("POST", IMPORTS, "producer", data=b"x", headers=headers)

    assert answer.status == 413


async def test_a_call_that_is_repeated_with_its_key_imports_once(own: Served) -> None:
    headers = {"Content-Type": CSV, "Idempotency-Key": "a" * 20}
    content = as_csv(HERS).getvalue()
    sent = {"data": content, "headers": headers}

    first = await own.call("POST", IMPORTS, "producer", **sent)
    again = await own.call("POST", IMPORTS, "producer", **sent)

    assert await first.json() == await again.json()
    assert (await own.call("GET", f"{IMPORTS}/2", "operator")).status == 404


async def test_a_producer_lists_its_own_reports_and_staff_all(own: Served) -> None:
    await send(own, {**HERS, "description": "Một"})
    await send(own, {**HERS, "description": "Hai"}, role="operator", source="sở")
    await send(own, {"sku": "SP-00002-1", "price_vnd": 1}, role="producer:CS-0002")
    await send(own, {**HERS, "description": "Ba"})

    theirs = await own.get(IMPORTS, "producer")
    every = await own.get(IMPORTS, "operator")
    first = await own.get(IMPORTS, "operator", params={"limit": "3"})
    second = await own.get(IMPORTS, "operator", params={"cursor": first["next"]})

    assert [each["id"] for each in theirs["items"]] == [4, 1]
    assert [each["id"] for each in every["items"]] == [4, 3, 2, 1]
    assert every["items"][0]["outcome"] == "written"
    assert first["items"] + second["items"] == every["items"]
    report = await own.get(f"{IMPORTS}/4", "producer")
    assert report["report"] == theirs["items"][0]


async def test_what_is_erased_of_a_report_is_null_in_the_list(own: Served) -> None:
    await send(own, {**HERS, "description": "Một"})
    now = own.world.time()
    await own.world.database.write(lambda conn: erase_reports(conn, now))

    (report,) = (await own.get(IMPORTS, "producer"))["items"]

    assert (report["totals"], report["problems"], report["held"]) == (None, None, [])
    assert report["erased_at"] == f"{now:%Y-%m-%dT%H:%M:%SZ}"
