"""While an import asks about a name among many known ones, other tasks go on."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.feed.identify.name_places import NamePlaces
from catalog.turns import LONGEST_S
from tests.catalog_database import import_rows
from tests.slow_steps import STEP_S, SlowSteps

MANY = 40
MAKER = "HTX Mẫu 001"


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
    slow = SlowSteps(monkeypatch, NamePlaces, "put")
    watching = asyncio.create_task(slow.watch())

    report = await import_rows(
        conn, {"name": "Rượu mơ", "producer_name": maker}, source="b"
    )

    watching.cancel()
    assert len(report.created) == 1
    assert slow.now > 100 + names * STEP_S  # all names got their places
    assert slow.longest <= LONGEST_S + STEP_S
