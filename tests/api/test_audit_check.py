"""The audit checked over the API: whole, or part by part."""

from typing import Any, Final

import pytest
from sqlalchemy import update

from catalog.db import acts
from catalog.db.audit_chain import FIRST
from catalog.db.tables import act
from ocop_sync.service.queries import audit_check
from tests.api.served import Served

PATH: Final = "/api/v1/audit/verification"


@pytest.fixture
async def three(served: Served) -> Served:
    """Three acts: a pause, its end, a pause."""
    for paused in (True, False, True):
        body = {"paused": paused, "reason": "sàn lỗi"}
        path = "/api/v1/accounts/memory/pause"
        assert (await served.call("PUT", path, "operator", json=body)).status == 200
    return served


async def checked(served: Served, **query: Any) -> Any:
    params = {name: str(value) for name, value in query.items()}
    return await served.get(PATH, "operator", params=params)


async def test_the_whole_audit_is_checked_against_a_head_that_was_kept(
    three: Served,
) -> None:
    head = await three.get("/api/v1/audit/head", "operator")

    found = await checked(three, head=head["head"])
    other = await checked(three, head="1" * 64)

    assert (found["whole"], found["entries"], found["is_end"]) == (True, 3, True)
    assert (found["last"], found["head"]) == (head["last"], head["head"])
    assert (other["whole"], other["has_expected"]) == (False, False)


async def test_a_long_audit_is_checked_part_by_part(
    three: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_check, "MOST_ENTRIES", 1)
    monkeypatch.setattr(acts, "PAGE", 1)

    parts = [await checked(three)]
    while not parts[-1]["is_end"]:
        last, head = parts[-1]["last"], parts[-1]["head"]
        parts.append(await checked(three, after=last, before_head=head))

    assert [each["last"] for each in parts] == [1, 2, 3]
    assert all(each["whole"] for each in parts)
    forged = await checked(three, after=1, before_head=FIRST)
    assert [each["fault"] for each in forged["faults"]] == ["not_linked"]


async def test_an_act_that_was_changed_is_named(three: Served) -> None:
    forging = update(act).where(act.c.n == 2).values(kind="other")
    await three.world.database.write(lambda conn: conn.execute(forging))

    found = await checked(three)

    assert (found["whole"], found["faults"]) == (False, [{"n": 2, "fault": "changed"}])
