"""Sheets that are taken out over the API: the catalog, worklists, one to fill in."""

import asyncio
import csv
import json
import os
from io import BufferedReader, BytesIO, FileIO, StringIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientResponse

from catalog.queries.export import export_catalog
from catalog.spreadsheet.workbook import open_workbook
from ocop_sync.api.routes.imports import CSV, XLSX
from ocop_sync.api.typed import file_sending
from ocop_sync.api.typed.body import JSON
from ocop_sync.api.typed.file_sending import StoredFile
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.serving import serving
from tests.api import sample
from tests.api.sample import EVERYBODY, HandTime, sample_app
from tests.api.served import Served
from tests.world import entry

EXPORT: Final = "/api/v1/catalog-export"
TEMPLATE: Final = "/api/v1/catalog-template"


@pytest.fixture
async def two(served: Served) -> Served:
    """Two products, of which the second lacks its papers."""
    await served.world.save(entry(1), entry(2, name="=Chè Mẫu", papers=()))
    return served


async def fetched(served: Served, path: str, media_type: str) -> ClientResponse:
    answer = await served.call("GET", path, "operator")
    assert answer.status == 200, await answer.text()
    assert answer.content_type == media_type
    assert len(await answer.read()) == answer.content_length
    return answer


async def sheets_in(answer: ClientResponse) -> list[str]:
    book = open_workbook(BytesIO(await answer.read()))
    return [each.name for each in book.sheets]


async def catalog_as(served: Served, kind: str) -> bytes:
    """Return the catalog as the command line writes it, at the world's time."""
    out, now = BytesIO(), served.world.time()
    async with served.world.database.read() as conn:
        await export_catalog(conn, stream=out, kind=kind, now=now)
    return out.getvalue()


async def imported(served: Served, content: bytes, media_type: str) -> Any:
    answer = await served.call(
        "POST",
        "/api/v1/imports?name=danh-muc.xlsx",
        "operator",
        data=content,
        headers={"Content-Type": media_type},
    )
    assert answer.status == 201, await answer.text()
    return await answer.json()


@pytest.mark.parametrize(
    ("kind", "media_type"), [("csv", CSV), ("json", JSON), ("xlsx", XLSX)]
)
async def test_the_catalog_is_the_file_that_the_command_line_writes(
    two: Served, kind: str, media_type: str
) -> None:
    answer = await fetched(two, f"{EXPORT}?format={kind}", media_type)

    content = await answer.read()
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename*=UTF-8''danh-muc.{kind}"
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    if kind == "xlsx":  # it holds the time at which it was packed
        report = await imported(two, content, media_type)
        totals = report["totals"]
        assert (totals["rows"], totals["created"], totals["changed"]) == (2, 0, 0)
    else:
        assert content == await catalog_as(two, f".{kind}")
    if kind == "json":
        assert "SP-00002" in str(json.loads(content))


async def test_only_the_length_is_told_to_who_asks_for_the_head(two: Served) -> None:
    path = f"{EXPORT}?format=csv"
    answer = await two.call("HEAD", path, "admin")

    assert (answer.status, await answer.read()) == (200, b"")
    assert answer.content_length == len(await catalog_as(two, ".csv"))


@pytest.mark.parametrize("kind", ["pdf", "XLSX", ""])
async def test_another_kind_of_file_is_refused(two: Served, kind: str) -> None:
    answer = await two.call("GET", f"{EXPORT}?format={kind}", "admin")

    assert answer.status == 422
    assert "format" in await answer.text()


async def test_the_empty_sheet_has_headings_and_an_example_that_is_not_imported(
    two: Served,
) -> None:
    answer = await fetched(two, TEMPLATE, XLSX)

    content = await answer.read()
    assert "Hướng dẫn" in await sheets_in(answer)
    report = await imported(two, content, XLSX)
    assert (report["outcome"], report["totals"]["created"]) == ("unchanged", 0)


async def test_worklists_are_tables_with_all_that_the_lists_hold(two: Served) -> None:
    lacks = await two.get("/api/v1/missing-papers", "operator")
    answer = await fetched(two, "/api/v1/missing-papers/table?format=csv", CSV)

    text = (await answer.read()).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))[1:]
    assert [row[0] for row in rows] == [each["product"] for each in lacks["items"]]
    assert {row[1] for row in rows} == {"'=Chè Mẫu"}
    assert {row[-2] for row in rows} == {"SP-00002-1"}


async def test_ends_are_as_many_days_ahead_as_is_asked_and_of_the_asked_day(
    two: Served,
) -> None:
    path = "/api/v1/expiring/table?format=csv&days={}&as_of={}"
    for days, day in ((3660, "2024-06-01"), (0, "2024-06-01"), (3660, "2089-01-01")):
        answer = await fetched(two, path.format(days, day), CSV)
        listed = await two.get(f"/api/v1/expiring?days={days}&as_of={day}", "operator")
        lines = (await answer.read()).decode().splitlines()
        assert len(lines) == 1 + len(listed["items"])


async def test_a_workbook_of_a_worklist_is_one(two: Served) -> None:
    answer = await fetched(two, "/api/v1/missing-papers/table", XLSX)

    assert await sheets_in(answer) == ["Thiếu giấy tờ"]


async def test_nothing_of_a_sheet_stays_on_disk(
    two: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    await fetched(two, f"{EXPORT}?format=csv", CSV)

    assert os.listdir(tmp_path) == []  # noqa: PTH208 (no coroutine may wait for a disk)


class Watched(FileIO):
    """A file that tells when it is closed."""

    def __init__(self, path: Path) -> None:
        self.is_closed = asyncio.Event()
        super().__init__(path)

    def close(self) -> None:
        super().close()
        self.is_closed.set()


async def test_who_takes_nothing_of_a_file_is_cut_off_and_the_file_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, size = tmp_path / "to.bin", 30_000_000
    path.write_bytes(bytes(size))
    file = Watched(path)

    @operation("GET", "/big", summary="A", allowed=EVERYBODY, media_types=["a/b"])
    async def get_big() -> StoredFile:
        stream = BufferedReader(file)
        return StoredFile(file=stream, size=size, media_type="a/b", name="to.bin")

    monkeypatch.setattr(file_sending, "PIECE_WITHIN_S", 0.0)
    monkeypatch.setattr(sample, "OPERATIONS", (get_big,))
    async with serving(sample_app(HandTime()), "127.0.0.1", 0) as url:
        port = urlsplit(url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        await file.is_closed.wait()
        writer.close()

    assert not reader.at_eof()


async def test_a_sheet_of_products_is_read_as_the_list_of_a_decision(
    two: Served,
) -> None:
    async def read(content: bytes) -> tuple[int, Any]:
        answer = await two.call(
            "POST",
            "/api/v1/product-lists",
            "operator",
            data=content,
            headers={"Content-Type": CSV},
        )
        return answer.status, await answer.json()

    listed = await read("STT,Mã sản phẩm\n1,SP-00002\n2,SP-00001\n".encode())
    empty = await read(b"\n")

    assert listed == (200, {"products": ["SP-00002", "SP-00001"]})
    assert (empty[0], empty[1]["code"]) == (422, "feed_refused")
