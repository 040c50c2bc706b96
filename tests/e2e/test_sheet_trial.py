"""Fifty products, three batches and a few days, as a member of staff lives them.

Rows are refused, one product loses its certificate and one its price while batches are
out, a batch comes back in part and in another order, one comes twice. In the end what
stands at the marketplace is right, and each product stands there once.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ocop_sync.marketplace.listing import RemoteListing, RemoteState
from tests.e2e.by_hand import BY, NAME, HandDesk, open_hand_desk, put, sheets_in
from tests.e2e.served import good

PRODUCTS = 50
REVOKED, PRICED, SOLD_OUT = "SP-00002", "SP-00004", "SP-00006"
CURED, GIVEN_UP = "SP-00003", "SP-00005"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[HandDesk]:
    with open_hand_desk(tmp_path) as opened:
        opened.enter(*(good(n) for n in range(1, PRODUCTS + 1)))
        yield opened


def sync(desk: HandDesk) -> str:
    """Let a day go on; refusals make a sync end with 1."""
    desk.time.pass_(minutes=5)
    return desk.run("sync", "--follow", "0").output


def ticket_of(file: Path, product: str) -> str:
    """Return the row of a product in a batch."""
    for sheet in sheets_in(file):
        place = [each.text for each in sheet.headings].index("Mã tham chiếu")
        for row in sheet.rows:
            if row[place] == product:
                return str(row[0])
    raise AssertionError(product)


def torn(file: Path, keep: int) -> Path:
    """Keep the first lines of a filled-in batch, in another order, a column moved."""
    book = load_workbook(file)
    for page in book.worksheets:
        note, headings, *rows = [list(row) for row in page.iter_rows(values_only=True)]
        rows = rows[:keep]
        rows.sort(key=lambda row: str(row[0])[::-1])
        page.delete_rows(1, page.max_row)
        for number, row in enumerate([note, headings, *rows], start=1):
            moved = enumerate([*row[1:], row[0]])
            put(page, number, {n: str(each) for n, each in moved if each is not None})
    part = file.with_name("mot-phan.xlsx")
    book.save(part)
    return part


def there(desk: HandDesk) -> dict[str, RemoteListing]:
    """Return what stands at the marketplace, by our reference; each once."""
    held = desk.staff.holds()
    assert max(Counter(e.shown.client_ref for e in held).values(), default=0) <= 1
    return {each.shown.client_ref: each for each in held}


def figures(desk: HandDesk) -> dict[str, int]:
    found = desk.run_json("status")["marketplaces"][NAME]
    names = ("listed", "in_review", "refused", "pending", "unconfirmed", "held")
    return {name: found[name] for name in names if found[name]}


def test_what_stands_there_is_right_in_the_end(desk: HandDesk) -> None:
    # Monday: the account is new. The first batch is handed out.
    desk.well("sheet", "import", "--empty", *BY)
    sync(desk)
    assert figures(desk) == {"in_review": 20, "pending": 30}
    first = desk.export()
    sync(desk)
    assert figures(desk) == {"in_review": 40, "pending": 10}

    # In the evening a part of it comes back, in another order, with two refusals.
    for product, why in ((CURED, "mô tả quá ngắn"), (GIVEN_UP, "không bán mặt hàng")):
        desk.staff.refuses[ticket_of(first, product)] = why
    filled = desk.filled(first, "lo-1.xlsx")
    told = desk.well("sheet", "import", str(torn(filled, keep=15)), *BY)
    assert "xong / done: 13; không được / refused: 2" in told
    assert "mô tả quá ngắn" in sync(desk)
    assert figures(desk) == {"listed": 13, "in_review": 25, "refused": 2, "pending": 10}

    # Tuesday: one that is listed loses its certificate, two others change.
    desk.time.pass_(hours=14)
    desk.revoke(REVOKED)
    desk.well("products", "edit", CURED, "--set", "description", "Măng rừng khô.", *BY)
    desk.well("products", "price", f"{PRICED}-1", "47000", *BY)
    desk.well("products", "count", f"{SOLD_OUT}-1", "0", *BY)
    now = desk.time().isoformat()
    desk.well("sheet", "import", str(desk.exported()), "--as-of", now, *BY)
    sync(desk)
    (account,) = desk.run_json("sheet", "status")["accounts"]
    (down,) = account["downs"]
    assert (down["product"], down["batch"], down["is_overdue"]) == (
        *(REVOKED, None),
        False,
    )

    # The second batch: what must go down stands first, on a sheet of its own.
    second = desk.export()
    assert [each.name for each in sheets_in(second)] == ["Phải gỡ", "Việc phải làm"]
    rows = sheets_in(second)[1].rows
    assert str(rows[0][1]) == "Sửa tồn kho"
    assert len({row[0] for row in rows}) <= 20

    # Nobody does anything for two days: it is overdue, and the status says so first.
    desk.time.pass_(hours=30)
    assert "QUÁ HẠN / OVERDUE" in desk.well("sheet", "status").splitlines()[1]

    # Thursday: the second batch comes, twice, and the rest of the first.
    filled_second = desk.filled(second, "lo-2.xlsx")
    for file in (filled_second, filled_second, filled):
        desk.well("sheet", "import", str(file), *BY)
    now = desk.time().isoformat()
    desk.well("sheet", "import", str(desk.exported()), "--as-of", now, *BY)
    sync(desk)
    assert there(desk)[REVOKED].state is RemoteState.DOWN

    # The third batch takes the rest, and the one that was cured.
    sync(desk)
    third = desk.export()
    desk.well("sheet", "import", str(desk.filled(third, "lo-3.xlsx")), *BY)
    now = desk.time().isoformat()
    desk.well("sheet", "import", str(desk.exported()), "--as-of", now, *BY)
    sync(desk)

    ensure_right(desk)
    assert figures(desk) == {"listed": 48, "refused": 1}
    assert "nothing to do" in sync(desk)


def ensure_right(desk: HandDesk) -> None:
    """See that what stands there is what the catalog wants."""
    held = there(desk)
    live = {ref for ref, each in held.items() if each.state is RemoteState.LIVE}
    every = {f"SP-{n:05}" for n in range(1, PRODUCTS + 1)}
    assert live == every - {REVOKED, GIVEN_UP}
    assert held[CURED].shown.description == "Măng rừng khô."
    assert held[PRICED].shown.variants[0].price_vnd == 47_000
    assert held[SOLD_OUT].shown.variants[0].stock == 0
    assert all(held[ref].shown.stars for ref in live)
