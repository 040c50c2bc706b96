"""While an import asks about a name among many known ones, other tasks go on."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog import turns
from catalog.feed.identify.name_places import NamePlaces
from catalog.names.name_tokens import Spelling
from catalog.turns import LONGEST_S
from tests.catalog_database import import_rows

STEP_S = LONGEST_S / 5
"""What it takes to give one name its places."""
MANY = 40
MAKER = "HTX Mẫu 001"


class Slow:
    """Names that take time to get their places; nothing else does.

    Attributes:
        now: Seconds.
        longest: How long another task waited at most.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.longest = 0.0
        monkeypatch.setattr(turns, "monotonic", lambda: self.now)
        monkeypatch.setattr(turns, "_turn", turns._Turn())  # none of another time
        real = NamePlaces.put

        def slow(places: NamePlaces, id_: str, owner: str, name: Spelling) -> None:
            self.now += STEP_S
            real(places, id_, owner, name)

        monkeypatch.setattr(NamePlaces, "put", slow)

    async def watch(self) -> None:
        """Note how long another task waits for its turn."""
        last = self.now
        while True:
            await asyncio.sleep(0)
            self.longest = max(self.longest, self.now - last)
            last = self.now


@pytest.mark.parametrize(
    ("maker", "names"),
    [
        pytest.param(MAKER, MANY, id="of a known producer"),
        pytest.param("", MANY, id="of nobody"),
        pytest.param("HTX Mơ Xanh", 2 * MANY, id="of a new producer"),
    ],
)
async def test_others_go_on_while_names_are_made_ready_to_be_asked_for(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch, maker: str, names: int
) -> None:
    known = [
        {"name": f"Chè Mẫu {n}", "producer_name": f"HTX Mẫu {n % MANY:03}"}
        for n in range(MANY)
    ]
    await import_rows(conn, *known, source="a")
    slow = Slow(monkeypatch)
    watching = asyncio.create_task(slow.watch())

    report = await import_rows(
        conn, {"name": "Rượu mơ", "producer_name": maker}, source="b"
    )

    watching.cancel()
    assert len(report.created) == 1
    assert slow.now > 100 + names * STEP_S  # all names got their places
    assert slow.longest <= LONGEST_S + STEP_S
