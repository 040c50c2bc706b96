"""Accounts that people work, over the API: batches out, files and words in."""

import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.app import make_app
from ocop_sync.api.routes.imports import CSV, XLSX
from ocop_sync.service.department import hand_downloads
from tests.acts import acts_of
from tests.api.served import PACE, Served, StandInAccess, ThroughFrames
from tests.hand_world import KEY, NAME, Desk, open_hand_world
from tests.kept_files import KeptFiles
from tests.pictures import make_picture
from tests.world import World, entry

PLACE: Final = f"/api/v1/accounts/{KEY}"
LOOKS: Final = "/api/v1/hand-accounts"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
async def world(
    kept_files: KeptFiles, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> AsyncIterator[World]:
    """A marketplace that people work, told to be empty, with a product to be listed."""
    monkeypatch.setattr("ocop_sync.store.db.database._sqlite", kept_files.open)
    with kept_files.database() as url:
        async with open_hand_world(url, desk.folder) as world:
            await world.save(entry(1))
            yield world


@pytest.fixture
async def served(world: World, aiohttp_client: AiohttpClient) -> Served:
    """The API over it, reached from everywhere: else nobody could open its pictures."""
    app = make_app(
        world.deployment,
        StandInAccess(),
        pace=PACE,
        long_work=ThroughFrames(world.deployment),
        public_url="https://ocop.example",
    )
    return Served(world, await aiohttp_client(app))


async def post(served: Served, path: str, status: int = 200, **more: Any) -> Any:
    answer = await served.call("POST", f"{PLACE}{path}", "operator", **more)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def tell(served: Served, content: bytes, asked: str = "", **more: Any) -> Any:
    headers = {"Content-Type": XLSX}
    path = f"/tellings{asked}"
    return await post(served, path, data=content, headers=headers, **more)


async def download(served: Served, path: str) -> bytes:
    answer = await served.call("GET", path, "operator")
    assert answer.status == 200, await answer.text()
    assert "attachment" in answer.headers["Content-Disposition"]
    return await answer.read()


async def synced(served: Served) -> None:
    served.world.time.pass_(minutes=1)
    await served.world.sync(follow_s=0)


async def stands(served: Served) -> Any:
    (found,) = (await served.get(LOOKS, "operator"))["accounts"]
    return found


async def closed(served: Served) -> Any:
    """Let an empty account be told of, and close what is to be listed as a batch."""
    await post(served, "/word", json={"word": "empty", "as_of": None})
    await synced(served)
    return await post(served, "/batches", 201)


async def test_a_batch_goes_out_comes_back_and_is_on_sale(
    served: Served, desk: Desk
) -> None:
    batch = await closed(served)
    out = await stands(served)
    filled = desk.filled(await download(served, batch["workbook"]))
    served.world.time.pass_(minutes=5)
    done = await tell(served, filled)
    again = await tell(served, filled)
    await synced(served)

    assert (batch["account"], batch["number"], batch["rows"]) == (KEY, 1, 1)
    assert [(e["number"], e["waiting"]) for e in out["batches"]] == [(1, 1)]
    assert out["told"]["word"] == "empty"
    assert (done["done"], done["faults"], again["done"], again["again"]) == (
        1,
        [],
        0,
        1,
    )
    assert (await stands(served))["batches"] == []
    status = await served.get("/api/v1/status", "operator")
    assert status["marketplaces"][NAME]["listed"] == 1
    acts = [kind for kind, _, _ in await acts_of(served.world.database)]
    assert acts == ["tell_account", "export_batch", "import_batch", "import_batch"]


async def test_the_own_list_of_the_marketplace_counts_as_a_whole_read(
    served: Served, desk: Desk
) -> None:
    batch = await closed(served)
    desk.filled(await download(served, batch["workbook"]))
    served.world.time.pass_(hours=1)
    exported = desk.exported()

    without = await tell(served, exported, status=409)
    at = served.world.time().isoformat().replace("+00:00", "Z")
    told = await tell(served, exported, f"?as_of={at}")

    assert without["code"] == "not_possible"
    assert (told["told"]["word"], told["told"]["listings"]) == (None, 1)
    assert (await stands(served))["told"]["as_of"] == at


async def test_a_fault_of_a_file_is_told_in_the_coordinates_of_its_sheet(
    served: Served, desk: Desk
) -> None:
    batch = await closed(served)
    workbook = await download(served, batch["workbook"])
    await tell(served, desk.filled(workbook))
    other = Desk(desk.folder)
    other.staff.made = 7  # they say that it is at another address
    told = await tell(served, other.filled(workbook))

    assert (told["done"], told["corrected"]) == (0, 0)
    [fault] = told["faults"]
    assert (fault["sheet"], fault["line"]) == ("Việc phải làm", 3)
    assert fault["column"].isalpha()
    assert fault["vi"] != fault["en"]


async def test_what_is_no_sheet_is_refused(served: Served) -> None:
    answer = await served.call(
        "POST",
        f"{PLACE}/tellings",
        "operator",
        data=b"\x00\x01",
        headers={"Content-Type": CSV},
    )

    assert answer.status == 422
    assert (await answer.json())["code"] == "feed_refused"


async def test_nothing_to_do_makes_no_batch(served: Served) -> None:
    problem = await post(served, "/batches", 409)

    assert problem["code"] == "not_possible"
    assert "chưa có việc nào" in problem["detail"]


async def test_a_batch_that_is_called_off_goes_into_the_next_one(
    served: Served,
) -> None:
    batch = await closed(served)
    off = await post(served, "/batches/1/call-off")
    gone = await served.call("GET", batch["workbook"], "operator")
    twice = await served.call("POST", f"{PLACE}/batches/1/call-off", "operator")
    after = await post(served, "/batches", 201)

    assert off == {"account": KEY, "number": 1, "open_again": 1}
    assert (gone.status, twice.status) == (404, 404)
    assert (after["number"], after["rows"]) == (2, 1)


async def test_pictures_of_a_batch_come_as_one_zip(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_picture(size=(800, 800))
    answer = await served.call(
        "POST",
        "/api/v1/products/SP-00001/pictures",
        "operator",
        data=content,
        headers={"Content-Type": "image/jpeg"},
    )
    assert answer.status == 201, await answer.text()
    batch = await closed(served)
    packed = zipfile.ZipFile(BytesIO(await download(served, batch["pictures_file"])))
    monkeypatch.setattr(hand_downloads, "MOST_PICTURE_BYTES", 10)
    large = await served.call("GET", batch["pictures_file"], "operator")

    names = packed.namelist()
    assert hand_downloads.ELSEWHERE in names
    pictures = [name for name in names if name.endswith(".jpg")]
    assert len(pictures) + 1 == len(names) == batch["pictures"]
    assert all(packed.read(name)[:2] == b"\xff\xd8" for name in pictures)
    listed = packed.read(hand_downloads.ELSEWHERE).decode()
    assert listed == "https://mau.example/1.jpg\n"
    assert large.status == 409


async def test_what_must_go_down_is_told_with_its_deadline(
    served: Served, desk: Desk
) -> None:
    batch = await closed(served)
    filled = desk.filled(await download(served, batch["workbook"]))
    await tell(served, filled)
    await synced(served)
    await served.world.change(paused=True)
    await synced(served)
    [due] = (await stands(served))["downs"]
    served.world.time.pass_(hours=25)
    [late] = (await stands(served))["downs"]

    assert (due["product"], due["is_overdue"], due["batch"]) == (
        "SP-00001",
        False,
        None,
    )
    assert late == due | {"is_overdue": True}


async def test_a_folder_that_cannot_be_read_is_not_named(
    served: Served, desk: Desk
) -> None:
    await closed(served)
    for each in desk.folder.iterdir():
        each.write_bytes(b"{")
    found = await stands(served)

    assert found["why"]
    assert str(desk.folder) not in str(found)
    answer = await served.call("POST", f"{PLACE}/batches", "operator")
    assert answer.status == 502
    assert str(desk.folder) not in await answer.text()


async def test_an_account_that_answers_by_itself_has_no_batches(
    served: Served,
) -> None:
    for path in ("batches", "batches/1/call-off", "word"):
        answer = await served.call(
            "POST",
            f"/api/v1/accounts/memory/{path}",
            "operator",
            json={"word": "empty", "as_of": None} if path == "word" else None,
        )
        assert answer.status == 404, path
