"""The use cases answer whoever calls them, a command or a server, in one JSON form."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.api.forms.held import group_head_form, held_form, member_form
from ocop_sync.api.forms.status import status_form
from ocop_sync.api.forms.twins import twin_form
from ocop_sync.errors import PlanError
from ocop_sync.marketplace.mapping import ListingMapping, TextRules
from ocop_sync.service.decisions.mappings import adapter_of, replace_mapping
from ocop_sync.service.json.writer import json_document, json_text
from ocop_sync.service.plan.preview import preview
from ocop_sync.service.plan.scope import EVERYTHING
from ocop_sync.service.queries.drift import open_drift
from ocop_sync.service.queries.held import all_held, group_and_members
from ocop_sync.service.queries.status import status
from ocop_sync.service.queries.twins import all_twins
from ocop_sync.service.run.run_rating import RunRating
from ocop_sync.service.sync.check_accounts import (
    AccountChecks,
    Checked,
    check_accounts,
)
from ocop_sync.service.sync.rated_sync import reconcile_once, sync_once
from tests.factories import NOT_SO, make_paper, person
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

REF = "M000001"
UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), make_paper(PaperKind.DECLARATION))


def formed(result: object) -> dict[str, Any]:
    """Return the JSON form of *result*, as it is read again."""
    form = json.loads(json_text(result))
    assert isinstance(form, dict)
    return form


async def previewed(world: World) -> tuple[RunRating, dict[str, Any]]:
    """Return the outcome and the form of what the next sync would do."""
    pieces: list[str] = []
    found = await preview(world.deployment, EVERYTHING, lambda _: None)
    with json_document(pieces.append) as document:
        found.write_json(document, lambda _: None)
    return found.rating, json.loads("".join(pieces))


async def test_a_sync_and_what_is_asked_after_it_need_no_command_line(
    world: World,
) -> None:
    await world.save(entry(1))

    planned, plan = await previewed(world)
    done = await sync_once(world.deployment)
    stands = await status(world.deployment, products=True)

    assert (planned, done.rating) == (RunRating.DONE, RunRating.DONE)
    changes = plan["marketplaces"]["memory"]["changes"]
    assert [each["kind"] for each in changes] == ["put_seller", "create"]
    assert changes[0]["why"]["seen"].keys() == {"vi", "en"}
    assert formed(done)["writes"] == done.report.writes > 0
    form = status_form(stands, shows_words=True)
    assert form.marketplaces["memory"].listable == 1
    assert form.not_withdrawn == ()
    assert stands.products == []


async def test_what_waits_for_a_person_is_an_outcome_and_has_a_form(
    world: World,
) -> None:
    entries = [entry(n) for n in range(1, 9)]
    await world.save(*entries)
    await sync_once(world.deployment)
    await world.save(*[(replace(p, papers=UNSAFE), maker) for p, maker in entries])

    planned, _ = await previewed(world)
    done = await sync_once(world.deployment)
    held = formed(held_form(await all_held(world.deployment)))
    found = await group_and_members(world.deployment, held["groups"][0]["id"])
    form = group_head_form(found).json_form()
    members = [member_form(each) async for each in found.members()]

    assert (planned, done.rating) == (RunRating.HELD, RunRating.HELD)
    assert held["budgets"]["memory"]["waiting"] == 8
    assert form["group"] == held["groups"][0]
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
    assert done.rating is RunRating.DONE
    assert list(form) == ["report", "findings", "report_only"]
    assert form["findings"][0]["marketplace"] == "memory"


async def test_what_was_edited_there_has_a_form(world: World) -> None:
    await world.save(entry(1))
    await sync_once(world.deployment)
    world.market.shelf.edit(REF, title="Măng của tôi")
    world.time.pass_(hours=25)
    await reconcile_once(world.deployment, report_only=True)

    found = formed(await open_drift(world.deployment))

    assert found["simulated"] is True
    (row,) = found["drift"]
    assert (row["kind"], row["field"]) == ("edited", "content.title")
    assert row["found"] == "Măng của tôi"


async def test_a_possible_twin_has_a_form_with_the_names_of_the_catalog(
    world: World,
) -> None:
    await world.save(entry(1))
    await sync_once(world.deployment)
    (ours,) = world.market.shelf.of("SP-00001")
    pack = replace(ours.shown.variants[0], sku="TAY-1", gtin="")
    theirs = replace(ours.shown, client_ref="", seller_ref="", variants=(pack,))
    world.market.shelf.add(replace(theirs, title="Chả mực giã tay Mẫu Hạ"))
    world.time.pass_(hours=25)
    await world.save(entry(2, name="Chả mực giã tay Mẫu Hạ"))
    await sync_once(world.deployment)

    found = await all_twins(world.deployment)

    row = twin_form(found.twins[0]).json_form()
    assert (row["product_id"], row["state"]) == ("SP-00002", "open")
    assert list(row)[-2:] == ["product_name", "producer_name"]
    assert row["product_name"] == "Chả mực giã tay Mẫu Hạ"
    assert row["producer_name"] == "Cơ sở Mẫu 002"
    assert (found.simulated, found.doubled) == (True, [])


async def test_what_checks_of_accounts_have_shown_is_an_outcome(world: World) -> None:
    works = AccountChecks(checks=await check_accounts(world.deployment))
    wrong = [replace(each, result=Checked.MISCONFIGURED) for each in works.checks]

    assert works.rating is RunRating.DONE
    assert AccountChecks(checks=wrong).rating is RunRating.MISCONFIGURED
    some = AccountChecks(checks=[*works.checks, *wrong])
    assert some.rating is RunRating.FAILED
    assert formed(works)["accounts"]["memory"]["result"] == "ok"


async def test_a_mapping_is_replaced_only_by_another(world: World) -> None:
    own = adapter_of("postmart").mapping
    shorter = own.model_copy(update={"title": TextRules(max_length=7)})

    async def replaced(new: ListingMapping) -> Sequence[str] | None:
        return await replace_mapping(
            world.database, "postmart", new, by=person("Bà Mẫu"), clock=world.time
        )

    assert await replaced(own) is None
    longest = own.title.max_length
    assert await replaced(shorter) == [f"title.max_length: {longest} -> 7"]
    assert await replaced(shorter) is None
