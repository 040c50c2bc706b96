"""A desk whose marketplace people work; its staff get files, and fill them in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from adapters.sheet.examples import PostmartSheet
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.marketplace.by_hand import Cell, HandSheet, Heading
from tests.contract.staff import Staff
from tests.e2e.served import Desk, PassingTime
from tests.migrated import put_database

NAME = PostmartSheet.name
BY = ("--by", "Cán bộ Mẫu")


@dataclass
class HandDesk(Desk):
    """A desk with one account, and the folder of that account."""

    staff: Staff = field(default_factory=lambda: Staff(PostmartSheet.template))

    @property
    def kept(self) -> Path:
        """The folder of the account."""
        return self.folder / "lo"

    def write_hand_settings(self, more: str = "") -> None:
        """Write the settings."""
        lines = [
            f'database.url = "sqlite:///{self.folder}/ocop.db"',
            more,
            "[[accounts]]",
            f'key = "{NAME}"',
            f'marketplace = "{NAME}"',
            'base_url = "https://san.example"',
            f'options.folder = "{self.kept}"',
            "options.rows_a_day = 20",
        ]
        self.settings.write_text("\n".join(lines), "utf-8")

    def revoke(self, product: str) -> None:
        """Enter a revocation of yesterday, and confirm what it takes from buyers."""
        day = day_in_vietnam(self.time()) - timedelta(days=1)
        words = ("certificates", "revoke", product, "--decision", "9/QĐ-MẪU")
        self.confirm(*words, "--day", day.isoformat(), *BY)

    def well(self, *words: str) -> str:
        """Run a command that must end well; return what it prints."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def export(self) -> Path:
        """Hand a batch out; return its workbook."""
        before = set(self.kept.glob("*.xlsx"))
        self.well("sheet", "export", *BY)
        (new,) = set(self.kept.glob("*.xlsx")) - before
        return new

    def filled(self, file: Path, name: str = "xong.xlsx") -> Path:
        """Let staff carry a batch out and fill its workbook in."""
        sheets = sheets_in(file)
        book = load_workbook(file)
        for sheet, table in zip(sheets, self.staff.fill(sheets), strict=True):
            page = book[sheet.name]
            for line in table.lines[1:]:
                put(page, line.number, line.cells)
        book.save(self.folder / name)
        return self.folder / name

    def exported(self, name: str = "cua-san.xlsx") -> Path:
        """Let staff download the marketplace's own export."""
        book = Workbook()
        page = book.active
        assert isinstance(page, Worksheet)
        for line in self.staff.export().lines:
            put(page, line.number, line.cells)
        book.save(self.folder / name)
        return self.folder / name


def put(page: Worksheet, number: int, cells: Mapping[int, str]) -> None:
    """Type cells in that are empty."""
    for column, text in cells.items():
        cell = page.cell(number, column + 1)
        if cell.value in (None, ""):
            cell.value = text


def sheets_in(file: Path) -> list[HandSheet]:
    """Return the sheets of a workbook as people see them."""
    found = []
    for page in load_workbook(file).worksheets:
        note, headings, *rows = page.iter_rows(values_only=True)
        cells: list[tuple[Cell, ...]] = [tuple(map(seen, row)) for row in rows]
        found.append(
            HandSheet(
                name=page.title,
                note=str(note[0]),
                headings=tuple(Heading(text=str(each)) for each in headings),
                rows=tuple(cells),
            )
        )
    return found


def seen(value: object) -> Cell:
    """Return a cell as people see it."""
    if value is None or isinstance(value, str | int):
        return value
    return str(value)


@contextmanager
def open_hand_desk(folder: Path) -> Iterator[HandDesk]:
    """Open a desk with an empty database, and an account that people work."""
    put_database(folder / "ocop.db")
    desk = HandDesk(folder, {}, PassingTime())
    desk.kept.mkdir()
    desk.write_hand_settings()
    yield desk
