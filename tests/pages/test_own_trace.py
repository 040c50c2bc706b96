"""The QR code of a product's traceability page: drawn as it is read, or why not."""

import re

import pytest
import segno

from ocop_sync.pages.qr_code import QrCode, qr_of
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.pages.parsed import Element
from tests.pages.visits import look, signed_in
from tests.world import World, entry

PAGE = "https://qn.check.net.vn/mau/1"
ONE = "/p/SP-00001"
QR = f"{ONE}/qr"
BOX = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\3z")


def black_in(size: int, path: str) -> list[list[int]]:
    """Return the modules of a code as they are drawn, 1 for a black one."""
    rows = [[0] * size for _ in range(size)]
    boxes = BOX.findall(path)
    assert "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in boxes) == path
    for x, y, n in (map(int, each) for each in boxes):
        rows[y][x : x + n] = [1] * n
    return rows


def drawn_on(page: Element) -> list[list[int]]:
    svg = page.one("svg", class_="qr")
    size = int(svg.one("rect").attributes["width"])
    assert svg.attributes["viewbox"] == f"0 0 {size} {size}"
    return black_in(size, svg.one("path").attributes["d"])


@pytest.mark.parametrize("path", [ONE, QR])
async def test_a_product_shows_the_code_of_its_traceability_page(
    door: Door, world: World, path: str
) -> None:
    await world.save(entry(1, trace_url=PAGE))

    page = await look(await signed_in(door, Role.PRODUCER), path)

    code = segno.make_qr(PAGE, error="m")
    assert drawn_on(page) == [list(row) for row in code.matrix_iter(border=4)]
    assert "Măng khô Mẫu 1" in page.one("svg", class_="qr").attributes["aria-label"]
    assert page.one("a", href=PAGE).text == PAGE


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("", "chưa có địa chỉ trang truy xuất"),
        ("http://qn.check.net.vn/mau/1", "phải bắt đầu bằng https://"),
        ("https://khac.example/<mau>", "chưa biết trang truy xuất này"),
        (PAGE + "?" + "đ" * 1200, "dài quá"),
    ],
)
@pytest.mark.parametrize("path", [ONE, QR])
async def test_where_there_is_no_code_it_is_said_why(
    door: Door, world: World, path: str, held: str, said: str
) -> None:
    await world.save(entry(1, trace_url=held))

    page = await look(await signed_in(door, Role.PRODUCER), path)

    assert page.all("svg", class_="qr") == []
    assert said in page.text
    if "dài" not in said:
        assert held in page.text


async def test_nobody_sees_the_code_of_anothers_product(door: Door) -> None:
    await look(await signed_in(door, Role.PRODUCER), "/p/SP-00002/qr", 404)


def test_an_address_with_marks_is_in_the_code_as_utf_8() -> None:
    address = f"{PAGE}?mê"

    found = qr_of(address)

    code = segno.make_qr(address, error="m", encoding="utf-8")
    assert isinstance(found, QrCode)
    drawn = black_in(found.size, found.path)
    assert drawn == [list(row) for row in code.matrix_iter(border=4)]
