"""A clerk hands rows out to people, and takes in what they have done."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ocop_sync.marketplace.listing import RemoteState
from tests.e2e.by_hand import BY, NAME, HandDesk, open_hand_desk, sheets_in
from tests.e2e.served import good
from tests.pictures import make_picture


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[HandDesk]:
    with open_hand_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def asked(desk: HandDesk) -> HandDesk:
    """Three products are to be listed at an account that is told to be empty."""
    desk.enter(*(good(n) for n in (1, 2, 3)))
    desk.well("sheet", "import", "--empty", *BY)
    desk.well("sync", "--follow", "0")
    return desk


def standing(desk: HandDesk) -> dict[str, Any]:
    (account,) = json.loads(desk.well("sheet", "status", "--json"))["accounts"]
    assert isinstance(account, dict)
    return account


def counted(desk: HandDesk) -> dict[str, int]:
    found = desk.run_json("status")["marketplaces"][NAME]
    return {name: found[name] for name in ("listed", "in_review", "refused", "pending")}


def test_nothing_is_asked_for_before_somebody_tells_what_is_there(
    desk: HandDesk,
) -> None:
    desk.enter(good(1))
    synced = desk.well("sync", "--follow", "0")

    assert "nothing to do" not in synced
    assert "There is no list of the marketplace yet; one is needed" in synced
    assert "nobody has told what is there" in desk.well("sheet", "status")
    assert "no row is open" in desk.well("sheet", "export", *BY)
    assert counted(desk)["pending"] == 1


def test_rows_go_out_come_back_and_are_listed(asked: HandDesk) -> None:
    assert counted(asked)["in_review"] == 3
    synced = asked.well("sync", "--follow", "0")
    assert "3 listings wait to be confirmed by a newer list" in synced
    assert "looked up again" not in synced
    file = asked.export()

    assert "1: còn 3/3 việc" in asked.well("sheet", "status")
    told = asked.well("sheet", "import", str(asked.filled(file)), *BY)
    assert "xong / done: 3" in told
    asked.well("sync", "--follow", "0")

    assert counted(asked)["listed"] == 3
    assert {each.state for each in asked.staff.holds()} == {RemoteState.LIVE}


def test_each_sheet_says_that_its_template_is_an_example(asked: HandDesk) -> None:
    for sheet in sheets_in(asked.export()):
        assert sheet.note.startswith("THÍ DỤ / EXAMPLE")


def test_a_batch_is_written_once_more_and_never_over_a_file(asked: HandDesk) -> None:
    first = asked.export()
    before = first.read_bytes()

    told = asked.well("sheet", "export", *BY)

    assert "ONCE MORE" in told
    second = asked.kept / f"{first.stem}-ban-2.xlsx"
    assert first.read_bytes() == before
    assert [each.rows for each in sheets_in(second)] == [
        each.rows for each in sheets_in(first)
    ]


def test_the_same_file_twice_is_nothing_new(asked: HandDesk) -> None:
    file = str(asked.filled(asked.export()))
    asked.well("sheet", "import", file, *BY)

    assert "đã biết / known: 3" in asked.well("sheet", "import", file, *BY)
    asked.well("sync", "--follow", "0")
    assert len(asked.staff.holds()) == 3


def test_a_contradiction_is_named_by_its_cell_and_not_taken(asked: HandDesk) -> None:
    file = asked.filled(asked.export())
    asked.well("sheet", "import", str(file), *BY)
    book = load_workbook(file)
    page = book["Việc phải làm"]
    headings = [cell.value for cell in page[2]]
    place = headings.index("Kết quả")
    page.cell(3, place + 1).value = "không được"
    page.cell(3, place + 2).value = "ảnh mờ"
    book.save(file)

    result = asked.run("sheet", "import", str(file), *BY)

    assert result.exit_code == 1
    column = page.cell(3, place + 1).coordinate
    assert f"Việc phải làm!{column}: " in result.output
    assert "--correct" in result.output
    asked.well("sheet", "import", str(file), "--correct", *BY)
    assert "ảnh mờ" in asked.run("sync", "--follow", "0").output
    assert (counted(asked)["listed"], counted(asked)["refused"]) == (2, 1)


def test_a_lost_batch_is_called_off_and_its_rows_go_out_again(asked: HandDesk) -> None:
    lost = sheets_in(asked.export())

    told = asked.well("sheet", "call-off", NAME, "1", *BY)

    assert "3 việc mở lại" in told
    again = sheets_in(asked.export())
    assert [row[0] for row in again[0].rows] == [row[0] for row in lost[0].rows]
    assert standing(asked)["open"] == 0
    gone = asked.run("sheet", "export", "--batch", "1", *BY)
    assert (gone.exit_code, "no batch 1" in gone.output) == (2, True)


def test_the_export_of_the_marketplace_is_a_whole_telling(asked: HandDesk) -> None:
    asked.filled(asked.export())  # carried out, and the sheet is lost

    nothing = asked.run("sheet", "import", str(asked.exported()), *BY)
    assert (nothing.exit_code, "--as-of" in nothing.output) == (2, True)
    now = asked.time().isoformat()
    told = asked.well("sheet", "import", str(asked.exported()), "--as-of", now, *BY)

    assert "3 tin" in told
    asked.well("sync", "--follow", "0")
    assert counted(asked)["listed"] == 3
    assert len(asked.staff.holds()) == 3


def test_an_account_with_listings_is_not_said_to_be_empty(asked: HandDesk) -> None:
    asked.well("sheet", "import", str(asked.filled(asked.export())), *BY)

    told = asked.run("sheet", "import", "--empty", *BY)

    assert (told.exit_code, "3 listings are known there" in told.output) == (2, True)
    asked.well("sheet", "import", "--complete", *BY)


def test_pictures_that_are_kept_here_lie_beside_the_workbook(desk: HandDesk) -> None:
    desk.write_hand_settings('serve.public_url = "https://ocop.example"')
    desk.enter(good(1))
    file = desk.folder / "anh.jpg"
    file.write_bytes(make_picture(size=(400, 400)))
    desk.well("pictures", "add", "SP-00001", str(file), "--mark", "no", *BY)
    desk.well("sheet", "import", "--empty", *BY)
    desk.well("sync", "--follow", "0")

    told = desk.well("sheet", "export", *BY)

    assert "1 ảnh / 1 picture" in told
    (kept,) = (desk.kept / f"{NAME}-lo-0001-anh").iterdir()
    (workbook,) = desk.kept.glob("*.xlsx")
    (sheet,) = sheets_in(workbook)
    assert kept.read_bytes().startswith(b"\xff\xd8")
    assert kept.name in str(sheet.rows)


def test_what_could_not_be_taken_down_is_asked_for_again(asked: HandDesk) -> None:
    asked.well("sheet", "import", str(asked.filled(asked.export())), *BY)
    asked.well("sync", "--follow", "0")
    asked.time.pass_(minutes=5)
    asked.revoke("SP-00001")
    asked.run("sync", "--follow", "0")
    (first,) = standing(asked)["downs"]
    asked.staff.refuses[first["ticket"]] = "sàn đang bảo trì"
    asked.time.pass_(minutes=5)
    asked.well("sheet", "import", str(asked.filled(asked.export())), *BY)
    assert standing(asked)["downs"] == []

    asked.time.pass_(minutes=5)
    asked.run("sync", "--follow", "0")

    (again,) = standing(asked)["downs"]
    assert again["ticket"] != first["ticket"]
    assert (again["product"], again["batch"]) == ("SP-00001", None)
    asked.time.pass_(minutes=5)
    asked.well("sheet", "import", str(asked.filled(asked.export())), *BY)
    asked.time.pass_(minutes=5)
    asked.well("sync", "--follow", "0")
    down = {e.shown.client_ref for e in asked.staff.holds() if e.state != "live"}
    assert down == {"SP-00001"}
    assert counted(asked)["listed"] == 2


def test_a_revocation_takes_back_what_nobody_has_seen(asked: HandDesk) -> None:
    asked.well("sheet", "import", str(asked.filled(asked.export())), *BY)
    asked.well("sync", "--follow", "0")
    asked.time.pass_(minutes=5)
    asked.well("products", "price", "SP-00001-1", "47000", *BY)
    asked.well("sync", "--follow", "0")
    asked.revoke("SP-00001")

    for _ in range(3):
        asked.time.pass_(minutes=5)
        assert "Không thành" not in asked.run("sync", "--follow", "0").output
    (sheet,) = sheets_in(asked.export())

    assert sheet.name == "Phải gỡ"
    (down,) = standing(asked)["downs"]
    assert [row[0] for row in sheet.rows] == [down["ticket"]]


def test_every_act_is_in_the_audit(asked: HandDesk) -> None:
    asked.well("sheet", "import", str(asked.filled(asked.export())), *BY)
    asked.well("sheet", "call-off", NAME, "1", *BY)

    kinds = [each["kind"] for each in asked.run_json("audit", "list")["acts"]]
    assert {"tell_account", "export_batch", "import_batch", "call_off_batch"} <= set(
        kinds
    )


def test_a_file_of_something_else_says_what_is_needed(desk: HandDesk) -> None:
    file = desk.folder / "khac.csv"
    file.write_text("ten,gia\nChè,1\n", "utf-8")

    told = desk.run("sheet", "import", str(file), *BY)

    assert told.exit_code == 1
    assert "“Mã việc”" in told.output
    assert "“Đường dẫn”" in told.output


def test_what_waits_for_people_is_told_with_what_to_do(asked: HandDesk) -> None:
    todo = "giao lô việc cho họ, rồi nạp bảng đã điền"
    asked.well("sheet", "import", str(asked.filled(asked.export())), *BY)
    asked.well("sync", "--follow", "0")
    assert todo not in " ".join(asked.well("status").split())
    asked.well("products", "pause", "SP-00001-1", *BY)

    synced = asked.run("sync", "--follow", "0").output

    assert "STILL ON SALE" in synced
    assert todo in " ".join(asked.run("status").output.split())
