"""The keys of calls that may be repeated, in the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.api.kept_keys import KEPT_FOR, KeptKeys
from ocop_sync.api.key_quota import KeyQuota
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


async def test_calls_of_a_process_that_has_died_are_settled_by_the_next_one(
    world: World,
) -> None:
    keys = KeptKeys(world.database, world.time)
    done = replace(USE, key="done")
    await keys.begin(done)
    await keys.finish(done, ANSWER)
    await keys.begin(USE)

    assert await KeptKeys(world.database, world.time).fail_all_under_way() == 1

    with pytest.raises(ProblemError, match="idempotency_outcome_unknown"):
        await keys.begin(USE)
    assert await keys.begin(done) == ANSWER


async def test_an_answer_that_was_erased_is_told_so_and_its_call_is_not_made_again(
    world: World,
) -> None:
    keys = KeptKeys(world.database, world.time)
    under_way, failed = replace(USE, key="under way"), replace(USE, key="failed")
    for each in (USE, under_way, failed):
        await keys.begin(each)
    await keys.finish(USE, ANSWER)
    await keys.fail(failed)

    await world.database.write(idempotency_keys.erase_answers)
    await keys.finish(under_way, ANSWER)  # it may have read what was erased

    for each in (USE, under_way):
        with pytest.raises(ProblemError, match="answer_erased"):
            await keys.begin(each)
    with pytest.raises(ProblemError, match="idempotency_outcome_unknown"):
        await keys.begin(failed)
    stored = [
        await world.database.fetch(idempotency_keys.find, each.scope, each.key)
        for each in (USE, under_way)
    ]
    assert [(each and each.body, each and each.headers) for each in stored] == [
        *((None, None), (None, None))
    ]


@pytest.mark.parametrize(
    ("lasted_s", "told"), [(0, "5"), (60, "5"), (61, "840"), (870, "31"), (900, "1")]
)
async def test_a_key_in_use_says_when_it_is_known_what_became_of_its_call(
    world: World, lasted_s: int, told: str
) -> None:
    keys = KeptKeys(world.database, world.time)
    await keys.begin(USE)
    world.time.pass_(seconds=lasted_s)

    with pytest.raises(ProblemError, match="idempotency_key_in_use") as caught:
        await keys.begin(USE)

    assert caught.value.headers["Retry-After"] == told


async def test_old_keys_are_forgotten_with_their_answers(world: World) -> None:
    keys = KeptKeys(world.database, world.time)
    await keys.begin(USE)
    await keys.finish(USE, ANSWER)

    async def forget(conn: AsyncConnection) -> None:
        later = world.time() + timedelta(seconds=1)
        await idempotency_keys.forget_before(conn, later)

    await world.database.write(forget)

    assert await keys.begin(USE) is None


async def test_only_so_many_keys_of_one_caller_are_kept(world: World) -> None:
    keys = KeptKeys(world.database, world.time, KeyQuota(most_keys=2))
    for n in range(2):
        await keys.begin(replace(USE, key=f"k{n}"))
        await keys.finish(replace(USE, key=f"k{n}"), ANSWER)
        world.time.pass_(seconds=60)

    with pytest.raises(ProblemError, match="idempotency_keys_full") as caught:
        await keys.begin(replace(USE, key="k2"))

    wait_s = int(caught.value.headers["Retry-After"])
    assert KEPT_FOR - timedelta(seconds=121) <= timedelta(seconds=wait_s) < KEPT_FOR
    assert await keys.begin(replace(USE, key="k1")) == ANSWER, "it is given again"
    assert await keys.begin(replace(USE, scope="person:2")) is None
    world.time.pass_(seconds=wait_s)
    assert await keys.begin(replace(USE, key="k2")) is None, "the oldest is forgotten"


async def test_only_so_much_of_the_answers_of_one_caller_is_kept(world: World) -> None:
    quota = KeyQuota(most_text=2 * len(ANSWER.body))
    keys = KeptKeys(world.database, world.time, quota)
    for n in range(2):
        await keys.begin(replace(USE, key=f"k{n}"))
        await keys.finish(replace(USE, key=f"k{n}"), ANSWER)

    with pytest.raises(ProblemError, match="idempotency_keys_full"):
        await keys.begin(replace(USE, key="k2"))


async def test_what_another_process_keeps_of_a_caller_counts(world: World) -> None:
    for n in range(2):
        other = KeptKeys(world.database, world.time)
        await other.begin(replace(USE, key=f"k{n}"))

    keys = KeptKeys(world.database, world.time, KeyQuota(most_keys=2))

    with pytest.raises(ProblemError, match="idempotency_keys_full"):
        await keys.begin(replace(USE, key="k2"))


async def test_a_key_that_is_freed_leaves_room(world: World) -> None:
    keys = KeptKeys(world.database, world.time, KeyQuota(most_keys=1))
    for n in range(3):
        use = replace(USE, key=f"k{n}")
        assert await keys.begin(use) is None
        await keys.release(use)
