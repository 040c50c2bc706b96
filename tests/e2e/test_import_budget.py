"""A column that is filled in every row, in the output of import, sync and held list."""

from datetime import timedelta

from catalog.model.product import Entry
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from tests.e2e.served import Desk, good, today


def revoked(count: int, of: int) -> list[Entry]:
    day = day_in_vietnam(today()) - timedelta(days=1)
    found = []
    for n in range(1, of + 1):
        product, maker = good(n)
        (certificate,) = product.certificates
        if n <= count:
            certificate = replace(certificate, revoked_by="9/QĐ-UBND", revoked_on=day)
        found.append((replace(product, certificates=(certificate,)), maker))
    return found


def test_a_column_that_is_filled_in_every_row_takes_nothing_off_sale(
    desk: Desk,
) -> None:
    desk.import_(*[good(n) for n in range(1, 13)])
    desk.run("sync")
    file = str(desk.write_catalog(*revoked(12, 12)))

    asked = desk.run("import", file)
    synced = desk.run("sync")
    token = desk.run_json("import", file, "--check")["token"]
    sure = desk.run("import", file, "--confirm", token, "--by", "Bà Mẫu")
    desk.run("sync")

    assert (asked.exit_code, synced.exit_code, sure.exit_code) == (3, 0, 0)
    assert "12 trên 12 sản phẩm của nguồn danh-muc.csv trong 24 giờ" in asked.stderr
    assert "thu hồi 12; quyết định: 9/QĐ-UBND" in asked.stderr
    assert "SP-00001 Măng khô Mẫu 1" in asked.stderr
    assert f"--confirm {token}" in asked.stderr
    assert {row["state"] for row in desk.postmart.ours().values()} == {"down"}


def test_few_go_within_the_budget_and_are_named_with_their_import(desk: Desk) -> None:
    desk.write_settings(more="safety.min_changes = 2")
    desk.import_(*[good(n) for n in range(1, 13)])
    desk.run("sync")
    file = desk.write_catalog(*revoked(4, 12))

    taken = desk.run("import", str(file))
    held = desk.run("sync")
    said = " ".join(desk.run("held", "list").stdout.split())
    (group,) = desk.run_json("held", "list")["groups"]

    assert (taken.exit_code, held.exit_code) == (0, 3)
    assert "thu hồi / revoked: 4 sản phẩm / products" in taken.stderr
    assert "LẦN NẠP 2 LẤY KHỎI NGƯỜI MUA / IMPORT 2 TAKES" in taken.stderr
    assert "--confirm" in taken.stderr
    assert (group["cause"], group["size"]) == ("import:2", 4)
    assert (group["import"]["id"], group["import"]["file"]) == (2, "danh-muc.csv")
    day = day_in_vietnam(today())
    assert f"lần nạp 2: danh-muc.csv, {day:%d/%m/%Y}" in said
    assert f"import 2: danh-muc.csv, {day.isoformat()}" in said


def test_a_token_is_said_to_be_used_or_not(desk: Desk) -> None:
    desk.import_(*[good(n) for n in range(1, 4)])
    file = str(desk.write_catalog(*revoked(1, 3)))
    desk.run("import", file)
    token = desk.run_json("import", file, "--check")["token"]
    words = ("import", file, "--confirm", token, "--by", "Bà Mẫu")

    used, unused = desk.run(*words), desk.run(*words)

    assert (used.exit_code, unused.exit_code) == (0, 0)
    assert "Bà Mẫu đã xác nhận" in used.stdout
    assert "không có gì phải làm" not in used.stdout
    assert "mã không dùng đến" in unused.stdout


def test_an_end_that_lies_ahead_is_said_without_an_alarm(desk: Desk) -> None:
    path, head = desk.folder / "bang.csv", "name,producer_name,stars,decision,body"
    row = "Chè Mẫu,HTX Mẫu,4,7/QĐ-UBND,tỉnh"
    path.write_text(f"{head}\n{row}\n", "utf-8")
    desk.run("import", str(path))
    day = today() - timedelta(days=30)
    path.write_text(f"{head},decided_on\n{row},{day:%d/%m/%Y}\n", "utf-8")

    result = desk.run("import", str(path))

    assert result.exit_code == 0
    assert "LẤY KHỎI NGƯỜI MUA" not in result.stderr
    assert "Lần nạp 2 ghi ngày còn ở phía trước: chưa lấy gì" in result.stderr
    assert "nothing is taken yet" in result.stderr
