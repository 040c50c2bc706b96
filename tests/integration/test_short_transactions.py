"""A first sync has the lock of the database for a short time each."""

from collections.abc import Sequence
from typing import Any

import pytest

from ocop_sync.service.evaluate.store_cases import store_cases
from ocop_sync.service.sync import store_and_gate
from tests.world import World, entry


async def test_a_page_of_cases_is_stored_in_several_transactions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = list[int]()

    async def noted(
        conn: Any, site: Any, cases: Sequence[Any], *more: Any, **by: Any
    ) -> None:
        sizes.append(len(cases))
        await store_cases(conn, site, cases, *more, **by)

    monkeypatch.setattr(store_and_gate, "store_cases", noted)
    monkeypatch.setattr(store_and_gate, "_AT_ONCE", 2)
    await world.save(*(entry(n) for n in range(1, 6)))

    await world.sync()

    assert sizes[:3] == [2, 2, 1]
    assert len(world.market.shelf.listings) == 5
