"""The keys of calls that may be repeated, in the database."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.api.kept_keys import KeptKeys
from ocop_sync.api.typed.idempotency import KeptAnswer, KeyUse
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.store import idempotency_keys
from tests.world import World

pytestmark = pytest.mark.postgresql

USE = KeyUse(scope="person:1", key="k", fingerprint="f")
ANSWER = KeptAnswer(
    status=201, headers={"Content-Type": "application/json"}, body='"chè"'.encode()
)


async def test_an_answer_comes_back_as_it_was_kept(world: World) -> None:
    keys = KeptKeys(world.database, world.time)
    assert await keys.begin(USE) is None
    await keys.finish(USE, ANSWER)

    assert await keys.begin(USE) == ANSWER


async def test_a_key_that_was_freed_is_as_one_that_was_never_used(
    world: World,
) -> None:
    keys = KeptKeys(world.database, world.time)
    await keys.begin(USE)
    await keys.release(USE)

    assert await keys.begin(USE) is None


async def test_a_key_whose_call_has_failed_stays_taken(world: World) -> None:
    keys = KeptKeys(world.database, world.time)
    await keys.begin(USE)
    await keys.fail(USE)

    with pytest.raises(ProblemError, match="idempotency_outcome_unknown"):
        await keys.begin(USE)


async def test_old_keys_are_forgotten_with_their_answers(world: World) -> None:
    keys = KeptKeys(world.database, world.time)
    await keys.begin(USE)
    await keys.finish(USE, ANSWER)

    async def forget(conn: AsyncConnection) -> None:
        later = world.time() + timedelta(seconds=1)
        await idempotency_keys.forget_before(conn, later)

    await world.database.write(forget)

    assert await keys.begin(USE) is None
