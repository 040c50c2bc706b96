"""What has come of submissions is evaluated while others are asked about, each once."""

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.sync import confirm


class FakeRun:
    """As much of a run as following needs."""

    site = SimpleNamespace(name="memory")

    async def fetch(self, _: object, __: str, ids: Sequence[str]) -> dict[str, str]:
        return {id_: id_ for id_ in ids}

    async def begin(self) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "late",
    [{}, {"b": 1, "c": 2, "d": 3}, {"a": 9, "b": 3, "c": 5, "d": 4}],
    ids=["together", "one by one", "in another order"],
)
async def test_each_that_is_decided_is_evaluated_once(
    late: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated = list[list[str]]()

    async def follow(_: object, found: Sequence[str]) -> dict[str, str]:
        (id_,) = found
        for _ in range(late.get(id_, 0)):
            await asyncio.sleep(0)
        return {id_: "decided"}

    async def evaluate(_: object, ids: Sequence[str], **more: Any) -> list[str]:
        evaluated.append(list(ids))
        for _ in range(4):  # others are answered meanwhile
            await asyncio.sleep(0)
        assert more["read"] == {id_: (id_, "decided") for id_ in ids}
        return [f"ask {id_}" for id_ in ids]

    monkeypatch.setattr(confirm, "AT_ONCE", 2)
    monkeypatch.setattr(confirm, "follow", follow)
    monkeypatch.setattr(confirm, "evaluate_again", evaluate)
    followed = confirm._Followed(cast("AccountRun", FakeRun()))
    await asyncio.gather(*(followed.follow([id_]) for id_ in "abcd"))

    assert max(map(len, evaluated)) <= 2
    assert sorted(id_ for ids in evaluated for id_ in ids) == list("abcd")
    assert followed.changed == 4
    assert sorted(map(str, followed.asked)) == [f"ask {id_}" for id_ in "abcd"]
