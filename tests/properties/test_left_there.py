"""What a person leaves as it was edited there is at rest, and nothing else is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.properties import settled
from tests.properties.province import Province, Stage
from tests.properties.shared import Shared

ID = "SP-00001"


@pytest.fixture(scope="module")
def stage(shared: Shared) -> Iterator[Stage]:
    stage = Stage(shared)
    yield stage
    stage.close()


def edited(stage: Stage, what: str) -> Province:
    """Somebody has edited a listing there, and it was read."""
    province = Province(stage)
    province.open()
    province.put_on_sale()
    shelf = province.markets["other"].shelf
    (found,) = shelf.of(ID)
    dear = tuple(replace(each, price_vnd=44_000) for each in found.shown.variants)
    edits: dict[str, dict[str, Any]] = {
        "price": {"variants": dear},
        "title": {"title": "Măng của tôi"},
    }
    shelf.edit(found.ref, **edits[what])
    province.time.pass_(hours=25)
    province.sync_now()
    return province


def differing(province: Province) -> list[str]:
    market = province.markets["other"]
    sight = province.run(settled.look(province.world, market))
    return list(settled.out_of_sync(sight, province.world, province.watch))


@pytest.mark.parametrize("what", ["price", "title"])
def test_all_comes_to_rest_once_a_person_leaves_what_was_edited(
    stage: Stage, what: str
) -> None:
    province = edited(stage, what)
    province.run(province.decide_drift(0, ours=False))

    province.run(province.come_to_rest())

    assert province.watch.left


@pytest.mark.parametrize(
    ("what", "field"), [("price", "price"), ("title", "content.title")]
)
def test_what_nobody_leaves_is_not_at_rest(stage: Stage, what: str, field: str) -> None:
    province = edited(stage, what)
    province.run(province.decide_drift(0, ours=False))
    province.sync_now()
    assert differing(province) == []

    province.watch.left.clear()

    said = f"not as wanted, and not held: {ID} at other: ['{field}']"
    assert differing(province) == [said]
