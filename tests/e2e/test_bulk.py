"""`ocop-sync products bulk`: prices and stock of many packs from a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.e2e.served import Desk, good

BY = ("--by", "Ng. Văn A")


@pytest.fixture
def known(desk: Desk) -> Desk:
    """Two products of two producers."""
    desk.import_(good(1), good(2))
    return desk


def sheet(desk: Desk, text: str) -> str:
    path = Path(desk.folder) / "gia.csv"
    path.write_text(text, "utf-8")
    return str(path)


def bulk(desk: Desk, file: str, *more: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code, and what became of each pack."""
    result = desk.run("products", "bulk", file, *BY, *more, "--json")
    items = json.loads(result.stdout)["items"]
    return result.exit_code, {each["sku"]: each for each in items}


def test_each_line_has_a_result_of_its_own(known: Desk) -> None:
    file = sheet(
        known,
        "mã hàng,giá,on_hand,quantity,reason\n"
        "SP-00001-1,46000,12,,\n"
        "SP-00002-1,450000,,,\n"
        "SP-00099-1,46000,,,\n",
    )

    code, found = bulk(known, file, "--reason", "bảng giá mới")
    shown = known.run("products", "show", "SP-00001").stdout
    (act,) = known.run_json("audit", "list", "--after", "1")["acts"]
    assert act["reason"] == "bảng giá mới"

    assert code == 3
    assert {sku: each["outcome"] for sku, each in found.items()} == {
        "SP-00001-1": "applied",
        "SP-00002-1": "held",
        "SP-00099-1": "not_found",
    }
    assert found["SP-00002-1"]["problem"]["before"] == 45_000
    assert "46.000 đồng; còn / left 12" in shown

    token = found["SP-00002-1"]["problem"]["token"]
    again = sheet(known, f"sku,price_vnd,token\nSP-00002-1,450000,{token}\n")
    assert bulk(known, again)[0] == 0


def test_a_line_whose_price_somebody_else_has_changed_is_not_taken(known: Desk) -> None:
    text = "sku,price_vnd,seen_price_vnd\nSP-00001-1,{},45000\nSP-00002-1,46000,45000\n"
    assert bulk(known, sheet(known, "sku,price_vnd\nSP-00001-1,47000\n"))[0] == 0

    code, found = bulk(known, sheet(known, text.format(48_000)))
    people = known.run("products", "bulk", sheet(known, text.format(49_000)), *BY)

    assert code == 1
    assert found["SP-00002-1"]["outcome"] == "applied"
    assert found["SP-00001-1"]["outcome"] == "changed_meanwhile"
    assert found["SP-00001-1"]["problem"]["before"] == 47_000
    assert "SP-00001-1: đã có người khác sửa / changed meanwhile" in people.stdout
    assert "47000" in people.stdout


def test_a_workbook_adjusts_stock_for_a_reason_and_people_read_what_came_of_it(
    known: Desk,
) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (("sku", "quantity", "reason"), ("SP-00001-1", 3, "broken")):
        page.append(row)
    path = Path(known.folder) / "hong.xlsx"
    book.save(path)

    done = known.run("products", "bulk", str(path), *BY)

    assert done.exit_code == 0
    assert "SP-00001-1: đã ghi / applied" in done.stdout
    (pack,) = known.run_json("products", "show", "SP-00001")["packs"]
    assert (pack["on_hand"], pack["left"]) == (20, 17)


def test_cells_that_cannot_be_read_are_named_and_nothing_is_entered(
    known: Desk,
) -> None:
    file = sheet(
        known,
        "sku,price_vnd\nSP-00001-1,rẻ\nSP-00002-1,46000\nSP-00002-1,47000\n,1\n",
    )

    result = known.run("products", "bulk", file, *BY)

    assert result.exit_code == 2
    for where in ("2.price_vnd", "4.sku", "5.sku"):
        assert where in result.stderr
    assert known.run_json("products", "show", "SP-00002")["packs"][0]["price_vnd"] == (
        45_000
    )


@pytest.mark.parametrize("text", ["price_vnd\n46000\n", "a,b\n1,2\n", "", "%PDF-1.7"])
def test_what_is_no_such_sheet_is_refused(known: Desk, text: str) -> None:
    result = known.run("products", "bulk", sheet(known, text), *BY)

    assert result.exit_code == 2
    assert " / " in result.stderr


def test_staff_who_act_for_a_producer_reach_its_packs_alone(known: Desk) -> None:
    text = "sku,on_hand\nSP-00001-1,7\nSP-00002-1,8\n"

    code, found = bulk(known, sheet(known, text), "--for", "CS-0001")

    assert code == 1
    assert found["SP-00001-1"]["outcome"] == "applied"
    assert found["SP-00002-1"]["outcome"] == "not_found"
    (act,) = known.run_json("audit", "list", "--after", "1")["acts"]
    assert (act["kind"], act["by"]["acts_for"]) == ("enter_offers", "CS-0001")
