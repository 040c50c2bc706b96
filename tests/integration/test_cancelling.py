"""All runs at a place are asked to end: also those that hold no account yet."""

from functools import partial
from typing import Any, Final

import pytest

from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.claims.claimant import LEASE, Claimant
from ocop_sync.service.decisions.cancellations import cancel
from ocop_sync.service.queries.requests import request_of
from ocop_sync.service.requests.claim import claim_next
from ocop_sync.service.requests.run_requests import WantedRun, request_run
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind, RunRequest
from ocop_sync.worker import Wake
from tests.acts import acts_of
from tests.factories import person
from tests.world import World, listed

pytestmark = pytest.mark.postgresql

BY: Final[Any] = {"by": person("Bà Mẫu")}


async def look(world: World) -> None:
    """Carry out what was asked for, as a worker does."""
    await RequestedRuns(AtWork(deployment=world.deployment), Wake()).look()


async def ask(world: World) -> RunRequest:
    return await request_run(world.deployment, WantedRun(kind=RunKind.SYNC), **BY)


async def stands(world: World, id_: str) -> RunRequest:
    found = await request_of(world.deployment, id_)
    assert found is not None
    return found.request


async def claim_and_die(world: World) -> None:
    """Claim what waits as a process that dies at once."""
    claimant = Claimant(holder="chết", token="chết", now=world.time())  # noqa: S106
    await world.database.write(
        partial(claim_next, claimant=claimant, deployment=world.deployment)
    )


async def test_to_end_all_runs_ends_one_that_was_asked_for_and_has_not_begun(
    world: World,
) -> None:
    asked = await ask(world)

    found = await cancel(world.deployment, "memory", **BY)
    await look(world)

    assert ([each.id for each in found.requested], found.wider) == ([asked.id], [])
    assert not found.requested[0].token
    stood = await stands(world, asked.id)
    assert (stood.outcome, stood.tries) == (RequestOutcome.CANCELLED, 0)
    assert world.market.log == []
    acts = [each for each in await acts_of(world.database) if each[0] == "cancel_runs"]
    assert acts == [("cancel_runs", [], {"runs": asked.id})]


async def test_a_run_that_was_claimed_and_holds_no_account_yet_ends_as_cancelled(
    world: World,
) -> None:
    await listed(world, 1)
    asked = await ask(world)
    await claim_and_die(world)
    world.market.log.clear()

    found = await cancel(world.deployment, **BY)
    world.time.pass_(seconds=2 * LEASE.total_seconds())
    await look(world)

    assert [bool(each.token) for each in found.requested] == [True]
    assert (await stands(world, asked.id)).outcome is RequestOutcome.CANCELLED
    assert world.market.log == []


async def test_a_run_for_further_places_is_named_and_goes_on(two: World) -> None:
    asked = await ask(two)
    at_other = await cancel(two.deployment, "other", **BY)

    assert (at_other.requested, [each.id for each in at_other.wider]) == (
        [],
        [asked.id],
    )
    assert (await stands(two, asked.id)).cancelled_at is None
    assert "cancel_runs" not in [each[0] for each in await acts_of(two.database)]
    everywhere = await cancel(two.deployment, **BY)
    assert [each.id for each in everywhere.requested] == [asked.id]
