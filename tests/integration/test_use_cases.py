"""The use cases answer whoever calls them, a command or a server, in one JSON form."""

import json
from dataclasses import replace
from typing import Any

import pytest

from catalog.paper import PaperKind
from ocop_sync.errors import PlanError
from ocop_sync.service.plan.json_stream import json_document, json_text
from ocop_sync.service.plan.preview import preview
from ocop_sync.service.queries.held import all_held, group_and_members
from ocop_sync.service.queries.status import status
from ocop_sync.service.run.run_outcome import RunOutcome
from ocop_sync.service.sync.once import reconcile_once, sync_once
from tests.factories import NOT_SO, make_paper
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), make_paper(PaperKind.DECLARATION))


def formed(result: object) -> dict[str, Any]:
    """Return the JSON form of *result*, as it is read again."""
    form = json.loads(json_text(result))
    assert isinstance(form, dict)
    return form


async def previewed(world: World) -> tuple[RunOutcome, dict[str, Any]]:
    """Return the outcome and the form of what the next sync would do."""
    pieces: list[str] = []
    found = await preview(world.deployment, (), lambda _: None)
    with json_document(pieces.append) as document:
        found.write_json(document, lambda _: None)
    return found.outcome, json.loads("".join(pieces))


async def test_a_sync_and_what_is_asked_after_it_need_no_command_line(
    world: World,
) -> None:
    await world.save(entry(1))

    planned, plan = await previewed(world)
    done = await sync_once(world.deployment)
    stands = formed(await status(world.deployment, products=True))

    assert (planned, done.outcome) == (RunOutcome.DONE, RunOutcome.DONE)
    changes = plan["marketplaces"]["memory"]["changes"]
    assert [each["kind"] for each in changes] == ["put_seller", "create"]
    assert changes[0]["why"]["seen"].keys() == {"vi", "en"}
    assert formed(done)["writes"] == done.report.writes > 0
    assert stands["marketplaces"]["memory"]["listable"] == 1
    assert stands["accounts"][0]["last_run"]["outcome"] == "done"
    assert stands["products"] == []


async def test_what_waits_for_a_person_is_an_outcome_and_has_a_form(
    world: World,
) -> None:
    entries = [entry(n) for n in range(1, 9)]
    await world.save(*entries)
    await sync_once(world.deployment)
    await world.save(*[(replace(p, papers=UNSAFE), maker) for p, maker in entries])

    planned, _ = await previewed(world)
    done = await sync_once(world.deployment)
    held = formed(await all_held(world.deployment))
    found = await group_and_members(world.deployment, held["groups"][0]["id"])
    members = [each async for page in found.pages for each in page]

    assert (planned, done.outcome) == (RunOutcome.HELD, RunOutcome.HELD)
    assert held["budgets"]["memory"]["waiting"] == 8
    assert formed(found)["group"] == held["groups"][0]
    assert [formed(each)["product"] for each in members] == sorted(
        product.id for product, _ in entries
    )


async def test_a_group_that_is_not_there_is_said_to_whoever_asks(world: World) -> None:
    with pytest.raises(PlanError, match="không có nhóm 7"):
        await group_and_members(world.deployment, 7)


async def test_a_reconciliation_has_an_outcome_and_a_form(world: World) -> None:
    await world.save(entry(1))
    await sync_once(world.deployment)

    done = await reconcile_once(world.deployment, report_only=True)

    form = formed(done)
    assert done.outcome is RunOutcome.DONE
    assert list(form) == ["report", "findings", "report_only"]
    assert form["findings"][0]["marketplace"] == "memory"
