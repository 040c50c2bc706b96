"""What is done before each picture of the guides: a visit of the demonstration.

Every person, product and paper on them is made up, and everything happens in a copy.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from playwright.sync_api import Page

from ocop_sync.service.identity.role import Role
from tests.pages.chromium import NARROW, WIDE

MAKER: Final = "MAU-CS-0002"
"""The fictitious producer whose phone is shown: nine products, in several states."""
SHEET: Final = "danh-muc-mau.xlsx"
"""The workbook that is sent, in the folder of the demonstration's copy."""
_PRODUCT: Final = "MAU-00013"
_OWN: Final = "MAU-00002"
_SETTLED: Final = "networkidle"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a guide.

    Attributes:
        role: Who looks; a producer has come by a link.
        act: Leads to the page. It is given the page and the demonstration's folder.
        height: How much of the page is shown, in pixels from its top.
    """

    role: Role
    act: Callable[[Page, Path], None]
    height: int

    @property
    def width(self) -> int:
        """Return its width in pixels."""
        return (NARROW if self.role is Role.PRODUCER else WIDE)[0]


def write_sheet(folder: Path) -> None:
    """Write the demonstration's sheet as a workbook, with what a clerk gets wrong.

    A price has lost three zeros, a star does not exist, and two prices are new.
    """
    with (folder / "mau.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    stars, price = rows[0].index("stars"), rows[0].index("price_vnd")
    rows[2][price] = rows[2][price][:-3]
    rows[3][stars] = "6"
    rows[5][price], rows[8][price] = "95000", "89000"
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Sản phẩm"
    for row in rows:
        page.append(row)
    book.save(folder / SHEET)


def visit(path: str) -> Callable[[Page, Path], None]:
    """Return what goes to *path* and does nothing else."""

    def go(page: Page, _: Path) -> None:
        page.goto(path)

    return go


def _send(page: Page, folder: Path) -> None:
    page.goto("/imports")
    page.get_by_label("Tệp bảng").set_input_files(folder / SHEET)
    page.get_by_text("Nguồn và trang tính").click()
    page.get_by_label("Bảng này của nguồn").select_option("mau.csv")
    page.get_by_role("button", name="Gửi bảng").click()
    page.get_by_role("heading", name="Nếu nạp").wait_for(timeout=120_000)


def _take_back(page: Page, folder: Path) -> None:
    _send(page, folder)
    page.get_by_label("Lý do").fill("Phòng kinh tế gửi giá mới, đã gọi hỏi lại")
    page.get_by_role("button", name="Nạp").first.click()
    page.get_by_role("heading", name="Đã nạp").wait_for(timeout=120_000)
    page.get_by_role("link", name="Hoàn tác lần nạp này").click()
    page.get_by_role("heading", name="Hoàn tác").wait_for()


def _plan(page: Page, _: Path) -> None:
    page.goto("/plans")
    page.get_by_role("button", name="Lập kế hoạch").click()
    page.get_by_role("heading", name="Kế hoạch số").wait_for(timeout=120_000)


def _first_of(kind: str) -> Callable[[Page, Path], None]:
    """Return what opens the first thing of *kind* on the worklist."""

    def go(page: Page, _: Path) -> None:
        page.goto(f"/worklist?kind={kind}")
        page.locator(".task a.button").first.click()
        page.get_by_label("Lý do").wait_for()

    return go


def _schedule(page: Page, _: Path) -> None:
    page.goto("/schedules/_new")
    page.locator("input[name=name]").fill("dong-bo-sang")
    page.get_by_role("button", name="Xem các lần chạy tới").click()
    page.get_by_text("Lịch này chạy").wait_for()


def _price(page: Page, price: str) -> None:
    page.goto(f"/p/{_OWN}")
    page.get_by_label("Giá (đ)").fill(price)
    page.get_by_role("button", name="Lưu giá và số lượng").click()


def _asked(page: Page, _: Path) -> None:
    _price(page, "17.900")
    page.get_by_text("Chưa lưu gì").wait_for()


def _saved(page: Page, _: Path) -> None:
    _price(page, "189.000")
    page.get_by_text("Đã lưu.").wait_for()


PICTURES: Final[Mapping[str, Picture]] = {
    "staff-worklist": Picture(Role.OPERATOR, visit("/worklist"), 900),
    "staff-product": Picture(Role.OPERATOR, visit(f"/products/{_PRODUCT}"), 1000),
    "staff-paper": Picture(Role.OPERATOR, visit(f"/products/{_PRODUCT}/papers"), 900),
    "staff-decision": Picture(
        Role.OPERATOR, visit(f"/products/{_PRODUCT}/certify"), 800
    ),
    "staff-accounts": Picture(Role.OPERATOR, visit("/accounts"), 700),
    "staff-plan": Picture(Role.OPERATOR, _plan, 900),
    "staff-import": Picture(Role.OPERATOR, _send, 1100),
    "staff-undo": Picture(Role.OPERATOR, _take_back, 800),
    "staff-schedule": Picture(Role.ADMIN, _schedule, 900),
    "staff-drift": Picture(Role.OPERATOR, _first_of("drift_asked"), 660),
    "staff-twin": Picture(Role.OPERATOR, _first_of("twin"), 700),
    "staff-report": Picture(Role.OPERATOR, visit("/report"), 900),
    "staff-people": Picture(Role.ADMIN, visit("/people"), 520),
    "staff-key": Picture(Role.ADMIN, visit("/keys/_new"), 800),
    "public": Picture(Role.OPERATOR, visit("/public"), 800),
    "phone-cards": Picture(Role.PRODUCER, visit("/p"), 900),
    "phone-why": Picture(Role.PRODUCER, visit(f"/p/{_PRODUCT}"), 740),
    "phone-price": Picture(Role.PRODUCER, _asked, 900),
    "phone-saved": Picture(Role.PRODUCER, _saved, 1060),
    "phone-pictures": Picture(Role.PRODUCER, visit(f"/p/{_OWN}/pictures"), 900),
    "phone-pause": Picture(Role.PRODUCER, visit(f"/p/{_OWN}/pause"), 640),
}
"""The pictures of both guides by name, in the order in which they are taken."""


def shoot(picture: Picture, folder: Path) -> Callable[[Page], bytes]:
    """Return what leads a page there, and takes the picture."""

    def take(page: Page) -> bytes:
        picture.act(page, folder)
        page.wait_for_load_state(_SETTLED)
        page.evaluate("scrollTo(0, 0)")
        return page.screenshot()

    return take
