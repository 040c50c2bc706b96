"""`ocop-sync certificates`, as people and machines use it."""

from datetime import date, timedelta

import click
import pytest

from catalog.values import replace
from ocop_sync.cli.app.param_types import Day
from tests.e2e.served import Desk, good, today


def test_a_corrected_day_is_shown_with_who_has_corrected_it(desk: Desk) -> None:
    desk.import_(good(1))
    day = f"{today() - timedelta(days=50):%Y-%m-%d}"
    number = desk.run_json("certificates", "show", "SP-00001")["certificates"][0]
    words = ("--decision", number["decision"], "--day", day, "--by", "Bà Mẫu")

    result = desk.run("certificates", "correct", "SP-00001-1", *words)

    shown = desk.run_json("certificates", "show", "SP-00001")
    assert result.exit_code == 0
    assert "SP-00001" in result.stdout
    assert [each["decided_on"] for each in shown["certificates"]] == [day]
    (change,) = shown["changes"]
    assert change["who"] == "Bà Mẫu"
    assert change["before"] == {"decided_on": number["decided_on"]}
    assert change["after"] == {"decided_on": day}
    text = desk.run("certificates", "show", "SP-00001").stdout
    before, after = [
        f"Ngày quyết định {date.fromisoformat(each):%d/%m/%Y}"
        for each in (number["decided_on"], day)
    ]
    assert f"Bà Mẫu: {before} → {after}" in text
    assert "còn hạn / valid" in text


def test_an_unknown_product_or_decision_is_named(desk: Desk) -> None:
    desk.import_(good(1))
    by = ("--by", "Bà Mẫu", "--day", "2024-01-02")

    nobody = desk.run("certificates", "show", "SP-00009")
    other = desk.run(
        "certificates", "correct", "SP-00001", "--decision", "9/QĐ-UBND", *by
    )

    assert (nobody.exit_code, other.exit_code) == (2, 2)
    assert "SP-00009" in nobody.stderr
    assert "001/QĐ-MẪU" in other.stderr


def test_a_sheet_with_another_day_is_confirmed_by_its_token(desk: Desk) -> None:
    sheet = "name,producer_name,stars,decision,decided_on\nChè Mẫu,HTX Mẫu,4,7/QĐ-UBND,"
    path = desk.folder / "bang.csv"
    path.write_text(f"{sheet}2024-04-03\n", "utf-8")
    desk.run("import", str(path))
    path.write_text(f"{sheet}2024-03-04\n", "utf-8")

    asked = desk.run("import", str(path))
    token = asked.stderr.partition("--confirm ")[2].split()[0]
    confirmed = desk.run("import", str(path), "--confirm", token, "--by", "Bà Mẫu")

    assert (asked.exit_code, confirmed.exit_code) == (3, 0)
    assert "đổi chỗ" in asked.stderr
    (change,) = desk.run_json("certificates", "show", "SP-00001")["changes"]
    assert change["who"] == "Bà Mẫu (import bang.csv)"


def test_a_voided_certificate_takes_the_claim_and_a_restored_one_gives_it_back(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    desk.run("sync", "--follow", "60")
    words = ("SP-00001", "--decision", "001/QĐ-MẪU", "--by", "Bà Mẫu")

    voided = desk.confirm("certificates", "void", *words, "--reason", "ghi nhầm")
    shown = desk.run("certificates", "show", "SP-00001").stdout
    sheet = desk.run("import", str(desk.write_catalog(good(1))))
    desk.run("sync", "--follow", "60")
    without = desk.postmart.ours()["SP-00001"]
    desk.run("certificates", "restore", *words, "--reason", "đúng ra")
    desk.run("sync", "--follow", "60")
    again = desk.postmart.ours()["SP-00001"]

    assert voided.exit_code == 0
    assert "đã hủy bỏ / voided" in shown
    assert "ghi nhầm" in shown
    assert sheet.exit_code == 3
    assert "Bà Mẫu" in sheet.stderr
    assert "001/QĐ-MẪU" not in str(without)
    assert "001/QĐ-MẪU" in str(again)
    assert "(đúng ra)" in desk.run("certificates", "show", "SP-00001").stdout


def test_the_authority_that_an_import_asks_for_is_said_once(desk: Desk) -> None:
    head = "name,producer_name,stars,decision,decided_on\n"
    rows = [f"Chè Mẫu {n},HTX Mẫu,3,7/QĐ-UBND,2024-04-03\n" for n in (1, 2)]
    path = desk.folder / "bang.csv"
    path.write_text(head + "".join(rows), "utf-8")

    asked = desk.run("import", str(path))
    lacking = desk.run("certificates", "show", "SP-00002").stdout
    words = ("7/QĐ-UBND", "--day", "2024-04-03", "--level", "huyện", "--by", "Bà Mẫu")
    said = desk.run("certificates", "authority", *words)
    again = desk.run("import", str(path))

    assert (asked.exit_code, said.exit_code, again.exit_code) == (3, 0, 0)
    assert asked.stderr.count("certificates authority") == 2  # in two languages
    assert "published only" in lacking
    assert "2 sản phẩm / products: SP-00001, SP-00002" in said.stdout
    shown = desk.run_json("certificates", "show", "SP-00002")["certificates"]
    assert (shown[0]["body"], shown[0]["evidence"]) == ("huyện", "decision")


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("06/04/2024", "2024-04-06"),
        ("6-4-2024", "2024-04-06"),
        ("ngày 6 tháng 4 năm 2024", "2024-04-06"),
        ("2024-04-06", "2024-04-06"),
        ("45388", None),
        ("4/13/2024", None),
        ("6/4/24", None),
    ],
)
def test_a_day_is_written_as_in_a_sheet(said: str, day: str | None) -> None:
    context = click.Context(click.Command("x"))

    try:
        found = f"{Day().convert(said, None, context):%Y-%m-%d}"
    except click.BadParameter:
        found = None

    assert found == day


def test_a_certificate_goes_its_way_from_the_grant_to_the_revocation(
    desk: Desk,
) -> None:
    """What the department decides is on sale at both marketplaces by the next sync."""
    desk.write_settings(producers=["CS-0001"])
    (one, maker), (two, _) = (good(n, certificates=()) for n in (1, 2))
    desk.import_((one, maker), (replace(two, producer_id="CS-0001"), maker))
    desk.run("sync", "--follow", "60")
    by = ("--by", "Bà Mẫu")
    both = desk.folder / "ds.csv"
    both.write_text("Mã sản phẩm\nSP-00001\nSP-00002\n", "utf-8")
    granted = today() - timedelta(days=3 * 365 - 30)
    days = [f"{granted:%d/%m/%Y}", f"{today():%d/%m/%Y}"]

    def shown(id_: str) -> list[tuple[str, int]]:
        desk.run("sync", "--follow", "60")
        found = [mock.ours()[id_] for mock in (desk.postmart, desk.voso)]
        return [(each["state"], each["ocop"]["stars"]) for each in found]

    first = ("--decision", "21/QĐ-UBND", "--day", days[0], "--stars", "4")
    told = desk.run("certificates", "grant", "--file", str(both), *first, *by)
    before = desk.postmart.ours()
    desk.confirm("certificates", "grant", "--file", str(both), *first, *by)
    listed = shown("SP-00001")
    ends = desk.run_json("expiring")
    later = ("--decision", "22/QĐ-BNN", "--day", days[1], "--stars", "5")
    desk.confirm("certificates", "reassess", "SP-00001", *later, *by)
    raised = shown("SP-00001")
    left = desk.run_json("expiring")
    gone = ("--decision", "23/QĐ-UBND", "--day", days[1])
    effect = desk.run("certificates", "revoke", "SP-00002", *gone, *by).stdout
    desk.confirm("certificates", "revoke", "SP-00002", *gone, *by)

    assert told.exit_code == 3
    assert "cấp 4 sao theo quyết định 21/QĐ-UBND" in told.stdout
    assert (before, listed, raised) == ({}, [("live", 4)] * 2, [("live", 5)] * 2)
    assert [each["product"] for each in ends["rows"]] == ["SP-00001", "SP-00002"]
    assert [each["product"] for each in left["rows"]] == ["SP-00002"]
    assert "postmart: gỡ 1 tin đang bán" in effect
    assert "voso: gỡ 1 tin đang bán" in effect
    assert {state for state, _ in shown("SP-00002")} == {"down"}
    acts = desk.run_json("audit", "list", "--after", "1")["acts"]
    assert [each["kind"] for each in acts] == [
        "grant_certificate",
        "reassess_certificate",
        "revoke",
    ]


def test_an_act_tells_machines_what_it_does_before_and_after(desk: Desk) -> None:
    desk.import_(good(1))
    words = ("SP-00001", "--decision", "9/QĐ-UBND", "--day", f"{today():%d/%m/%Y}")
    revoke = ("certificates", "revoke", *words, "--by", "Bà Mẫu")

    held = desk.run_json(*revoke)["held"]
    checked = desk.run_json(*revoke, "--check")
    done = desk.run_json(*revoke, "--confirm", held["token"])
    again = desk.run(*revoke)

    assert (checked["act"], checked["token"]) == (None, held["token"])
    assert checked["effects"] == held["effects"]
    assert (done["act"], done["products"][0]["listings"]) == (2, "withdrawn")
    assert (again.exit_code, "nothing to do" in again.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(("--day", "01/01/2020"), "trước ngày công nhận", id="too early"),
        pytest.param(("--day", "01/01/2020", "--file", "x.csv"), "x.csv", id="no file"),
    ],
)
def test_an_act_that_cannot_be_is_wrong_input(
    desk: Desk, words: tuple[str, ...], why: str
) -> None:
    desk.import_(good(1))
    act = ("certificates", "revoke", "SP-00001", "--decision", "9/QĐ-UBND")

    result = desk.run(*act, *words, "--by", "Bà Mẫu")

    assert (result.exit_code, why in result.stderr) == (2, True)


def test_an_act_for_no_product_is_wrong_input(desk: Desk) -> None:
    words = ("--decision", "9/QĐ-UBND", "--day", "01/01/2026", "--by", "Bà Mẫu")

    result = desk.run("certificates", "revoke", *words)

    assert result.exit_code == 2
    assert "--file" in result.stderr
