"""A world with one account that people work, and the people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from adapters.sheet.examples import PostmartSheet
from catalog.values import replace
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.options import read_options
from ocop_sync.service.deployment import Site
from ocop_sync.testing.memory import offline_context
from tests.contract.staff import Staff
from tests.e2e.by_hand import put, sheets_in
from tests.world import World, open_world

NAME = PostmartSheet.name
KEY = "hand"


@dataclass
class Desk:
    """The people who work it.

    Attributes:
        folder: The folder of the account.
        staff: What they keep at the marketplace.
    """

    folder: Path
    staff: Staff = field(default_factory=lambda: Staff(PostmartSheet.template))

    def filled(self, workbook: bytes) -> bytes:
        """Carry a batch out, and fill its workbook in."""
        file = self.folder / "from-afar.xlsx"
        file.write_bytes(workbook)
        sheets = sheets_in(file)
        book = load_workbook(file)
        file.unlink()
        for sheet, table in zip(sheets, self.staff.fill(sheets), strict=True):
            for line in table.lines[1:]:
                put(book[sheet.name], line.number, line.cells)
        return _saved(book)

    def exported(self) -> bytes:
        """Download the marketplace's own list."""
        book = Workbook()
        page = book.active
        assert isinstance(page, Worksheet)
        for line in self.staff.export().lines:
            put(page, line.number, line.cells)
        return _saved(book)


def _saved(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@asynccontextmanager
async def open_hand_world(url: str, folder: Path) -> AsyncIterator[World]:
    """Open a world whose one marketplace people work, in *folder*."""
    values = {"folder": str(folder), "rows_a_day": 20}
    account = Account(
        key=KEY,
        marketplace=NAME,
        base_url="https://san.example",
        options=read_options(PostmartSheet, values),
    )
    async with open_world(url) as world:
        sheet = PostmartSheet(account, offline_context(world.time))
        site = Site(NAME, PostmartSheet, [account])
        world.deployment = replace(
            world.deployment, sites=(site,), open=lambda _: sheet
        )
        yield world
