"""Imports that were made: `import list`, `show` and `undo`, beside `import FILE`."""

from pathlib import Path

from catalog.db.field_changes import WHOLE, Change, ChangedField, Entity
from catalog.values import replace
from ocop_sync.cli.views.import_changes import in_words
from tests.e2e.served import Desk, good


def test_imports_are_listed_and_shown_with_what_they_changed(desk: Desk) -> None:
    desk.write_settings(postmart=False)
    desk.import_(good(1), good(2))
    item, maker = good(1)
    (pack,) = item.variants
    dearer = replace(item, variants=(replace(pack, price_vnd=60_000),))
    desk.import_((dearer, maker), good(2))

    listed, shown = desk.run("import", "list"), desk.run("import", "show", "2")
    (latest, first) = desk.run_json("import", "list")["imports"]
    said = desk.run_json("import", "show", "2")

    assert (listed.exit_code, shown.exit_code) == (0, 0)
    assert "hoàn tác được đến / can be undone until" in listed.stdout
    assert "Báo cáo 2, giữ đến" in shown.stdout
    assert "ocop-sync import report 2" in " ".join(shown.stdout.split())
    assert (latest["id"], latest["created"], latest["changed"]) == (2, 0, 1)
    assert (first["id"], first["created"]) == (1, 2)
    assert (
        "SP-00001 Măng khô Mẫu 1: SP-00001-1: Giá bán (đồng) 45000 → 60000"
        in shown.stdout
    )
    (change,) = [each for each in said["changes"] if each["field"] == "price_vnd"]
    assert (change["key"], change["after"]) == ("SP-00001-1", 60_000)
    assert said["import"]["file"] == "danh-muc.csv"


def test_a_file_that_is_called_like_a_command_is_given_with_its_folder(
    desk: Desk,
) -> None:
    desk.write_settings(postmart=False)
    desk.write_catalog(good(1)).rename(Path(desk.folder) / "list")

    taken = desk.run("import", f"{desk.folder}/list")
    listed = desk.run("import", "list")

    assert "mới / new 1" in taken.stdout
    assert "list" in listed.stdout


def test_what_is_not_there_is_refused(desk: Desk) -> None:
    desk.write_settings(postmart=False)

    shown = desk.run("import", "show", "7")

    assert shown.exit_code == 2
    assert "không có lần nạp 7 (xem: ocop-sync import list)" in shown.stderr
    assert (
        "chưa có lần nạp nào / no import was made" in desk.run("import", "list").output
    )


def test_an_import_is_undone_once_a_person_has_seen_what_that_does(desk: Desk) -> None:
    desk.write_settings(postmart=False)
    desk.import_(good(1), good(2))
    item, maker = good(1)
    (pack,) = item.variants
    dearer = replace(item, variants=(replace(pack, price_vnd=60_000),))
    desk.import_((dearer, maker), good(2), good(3))

    seen = desk.run("import", "undo", "2")
    token = desk.run_json("import", "undo", "2")["token"]
    wrong = desk.run("import", "undo", "2", "--confirm", "x", "--by", "Bà Mẫu")
    done = desk.run("import", "undo", "2", "--confirm", token, "--by", "Bà Mẫu")
    again = desk.run("import", "undo", "2")
    listed = desk.run_json("import", "list")["imports"]

    assert (seen.exit_code, wrong.exit_code, done.exit_code) == (3, 3, 0)
    assert "CHƯA GHI GÌ / NOTHING WAS WRITTEN" in seen.stdout
    assert "SP-00001-1: Giá bán (đồng) 60000 → 45000" in seen.stdout
    assert "SP-00003 Măng khô Mẫu 3" in seen.stdout
    assert f"ocop-sync import undo 2 --confirm {token} --by TÊN" in seen.stdout
    assert "mã xác nhận không khớp" in wrong.stdout
    assert "ĐÃ HOÀN TÁC / UNDONE: lần nạp / import 2" in done.stdout
    assert again.exit_code == 2
    assert "lần nạp 2 đã được Bà Mẫu hoàn tác" in again.stderr
    assert [(each["id"], each["undoes"]) for each in listed][:2] == [(3, 2), (2, None)]
    assert "hoàn tác lần nạp 2 / undoes 2: Bà Mẫu" in desk.run("import", "list").stdout


def test_what_becomes_of_an_effect_is_said_in_words() -> None:
    where = ChangedField(Entity.EFFECT, "SP-00001", "emptied SP-00001-1 7", WHOLE)
    stood = {"stands": True, "confirmed_in": None}
    change = Change(where, stood, {**stood, "stands": False})

    assert in_words(change, {"SP-00001": "Trà Mẫu"}) == (
        "SP-00001 Trà Mẫu: lần nạp / import 7: hết hàng / out of stock SP-00001-1: còn"
        " hiệu lực / stands có / yes → không / no"
    )


def test_what_stays_is_named_with_who_has_changed_it(desk: Desk) -> None:
    desk.write_settings(postmart=False)
    desk.import_(good(1))
    item, maker = good(1)
    desk.import_((replace(item, set_code="I.1.b"), maker))
    desk.import_((replace(item, set_code="I.2.a"), maker))

    seen = desk.run("import", "undo", "2")
    (stays,) = desk.run_json("import", "undo", "2")["stays"]

    assert "giữ nguyên, vì đã có người đổi từ đó" in seen.stdout
    assert "(lần nạp / import 3: danh-muc.csv, " in seen.stdout
    assert (stays["left"], stays["now"]) == ("I.1.b", "I.2.a")
    assert stays["changed_by"] == "lần nạp / import 3: danh-muc.csv"


def test_a_report_is_told_again_and_its_annotated_copy_fetched(desk: Desk) -> None:
    desk.write_settings(postmart=False)
    sheet = Path(desk.folder) / "so.csv"
    sheet.write_text("name,producer_name,stars\nTrà Mẫu,Cơ sở Mẫu 001,9\n", "utf-8")
    taken = desk.run("import", str(sheet))
    sheet.unlink()

    listed = desk.run("import", "reports")
    told = desk.run("import", "report", "1", "--annotate", f"{desk.folder}/loi.xlsx")
    form = desk.run_json("import", "report", "1")

    assert taken.exit_code == 1
    assert "ocop-sync import report 1" in taken.stderr
    assert "nothing changed" in desk.run("import", "reports").stdout
    assert "so.csv" in listed.stdout
    assert told.exit_code == 0
    assert "dòng có lỗi / rows with problems 1" in told.stdout
    assert Path(desk.folder, "loi.xlsx").stat().st_size > 0
    assert form["report"]["problems"] == len(form["problems"]) == 1
    assert "không có báo cáo nạp 7" in desk.run("import", "report", "7").stderr
