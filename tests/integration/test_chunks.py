"""What is asked for is found and changed, however many queries it takes."""

import pytest

from catalog.db import imports, reader
from catalog.db.chunks import CHUNK, chunks
from tests.catalog_database import import_rows, open_catalog

pytestmark = pytest.mark.postgresql

MANY = [f"không có {n}" for n in range(CHUNK - 1)]
"""One less than a query takes, and none of them is known."""


@pytest.mark.parametrize(
    ("many", "lengths"),
    [(0, []), (1, [1]), (CHUNK, [CHUNK]), (2 * CHUNK + 1, [CHUNK, CHUNK, 1])],
)
def test_pieces_are_as_large_as_one_query_takes(many: int, lengths: list[int]) -> None:
    assert [len(some) for some in chunks(range(many))] == lengths


async def test_what_stands_first_and_last_of_many_is_found(url: str) -> None:
    async with open_catalog(url) as conn:
        await import_rows(conn, {"name": "Món 1"}, {"name": "Món 2"})

        found = await reader.names_of(conn, ["SP-00001", *MANY, "SP-00002"])

    assert found == {"SP-00001": "Món 1", "SP-00002": "Món 2"}


async def test_what_stands_first_and_last_of_many_is_changed(url: str) -> None:
    rows = [{"name": f"Món {n}", "producer_name": f"Cơ sở Mẫu {n:03}"} for n in (1, 2)]
    async with open_catalog(url) as conn:
        await import_rows(conn, *({**row, "consent": "yes"} for row in rows))
        await import_rows(conn, *({**row, "consent": "no"} for row in rows))
        makers = ["CS-0001", *MANY, "CS-0002"]
        refusing = await imports.refusing(conn, makers)

        await imports.lift_consent_effects(conn, makers)

        left = await imports.refusing(conn, makers)
    assert (len(refusing), left) == (2, [])
