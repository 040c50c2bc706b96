"""Policies that a person sets go before settings, from the next run on."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.model.paper import PaperKind
from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.errors import (
    ConfigurationError,
    HeldPolicyError,
    NoSuchAccountError,
    NoSuchMarketplaceError,
    PlanError,
    PolicyFaultError,
)
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.decisions.approvals import approve
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.decisions.policies import (
    ALL,
    PolicyInForce,
    PolicySource,
    all_policies,
    policies_at,
)
from ocop_sync.service.decisions.policy_decisions import (
    PolicyDecision,
    PolicyEntry,
    set_policies,
)
from ocop_sync.service.decisions.policy_scope import scope_of
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.held import spent
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import policies
from ocop_sync.store.decisions.policies import Scope, SetPolicy
from tests.acts import acts_of
from tests.factories import NOT_SO, make_paper, person
from tests.held import list_held
from tests.world import World, listed

pytestmark = pytest.mark.postgresql

HERE = Scope("memory")
ACCOUNT = Scope("memory", "memory")
REF = "M000001"
WHY = "họp ngày 12/11"
BLOCKED = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def decide(
    world: World, scope: Scope = HERE, token: str = "", **values: Any
) -> PolicyDecision:
    """Set policies: `drift__price="repair"`."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    entry_ = PolicyEntry(
        scope=scope, values=named, by=person("Lan"), reason=WHY, token=token
    )
    return await set_policies(world.deployment, entry_)


async def decide_and_mean_it(
    world: World, scope: Scope = HERE, **values: Any
) -> PolicyDecision:
    with pytest.raises(HeldPolicyError) as held:
        await decide(world, scope, **values)
    return await decide(world, scope, held.value.token, **values)


async def in_force(
    deployment: Deployment, name: str, scope: Scope = HERE
) -> PolicyInForce:
    found = await policies_at(deployment, scope)
    (policy,) = (each for each in found.policies if each.name == name)
    return policy


def title(world: World) -> str:
    return world.market.shelf.listings[REF].shown.title


async def edited(world: World) -> None:
    await listed(world, 1)
    world.market.shelf.edit(REF, title="Sửa tay")
    world.time.pass_(hours=25)
    await world.sync()
    assert title(world) == "Sửa tay"


async def block(world: World, count: int) -> None:
    for n in range(1, count + 1):
        await world.change(f"SP-{n:05}", papers=BLOCKED)


async def test_what_a_person_sets_holds_from_the_next_run_on_and_goes_back(
    world: World,
) -> None:
    await edited(world)

    await decide_and_mean_it(world, drift__content="repair")
    await world.sync()

    assert title(world) == "Măng khô Mẫu 1"
    await decide(world, drift__content=None)
    world.market.shelf.edit(REF, title="Lại sửa")
    world.time.pass_(hours=25)
    await world.sync()
    assert title(world) == "Lại sửa"


async def test_another_process_takes_it_at_its_next_run(world: World, url: str) -> None:
    await edited(world)
    theirs = Database(url)
    elsewhere = replace(world.deployment, database=theirs)

    entry_ = PolicyEntry(
        scope=HERE, values={"drift.content": "repair"}, by=person("Lan"), reason=WHY
    )
    with pytest.raises(HeldPolicyError) as held:
        await set_policies(elsewhere, entry_)
    await set_policies(elsewhere, replace(entry_, token=held.value.token))
    await sync(world.deployment)
    await theirs.close()

    assert title(world) == "Măng khô Mẫu 1"


async def test_a_larger_budget_lets_pass_what_was_held_and_a_smaller_one_holds(
    world: World,
) -> None:
    await listed(world, 8)
    await block(world, 6)
    await world.sync()
    assert world.written() == []

    decided = await decide_and_mean_it(world, safety__min_changes=6)
    await world.sync()

    (effect,) = decided.effects
    assert "6 products may be taken from sale in 24 h" in effect.en
    assert "before it was 5" in effect.en
    assert "6 wait for a person" in effect.en
    assert world.written() == ["withdraw"] * 6
    await decide(world, safety__min_changes=0, safety__share=0)
    await world.change("SP-00007", papers=BLOCKED)
    await world.sync()
    assert world.written() == []


async def test_the_budget_that_held_groups_are_shown_with_is_the_one_in_force(
    world: World,
) -> None:
    await listed(world, 8)
    await block(world, 6)
    await decide(world, safety__min_changes=2, safety__window_h=48)

    await world.sync()

    ((group, _),) = await list_held(world.deployment)
    told = (await spent(world.deployment))["memory"]
    assert (told.allowed, told.window_h) == (2, 48)
    await decide(world, safety__approval_h=1)
    approved = await approve(
        world.deployment, group.id, by=person("Lan"), reason="đúng"
    )
    assert approved.approved_until is not None
    assert (approved.approved_until - world.time()).total_seconds() == 3600


async def test_an_accounts_own_goes_before_its_marketplaces_and_that_before_all(
    world: World,
) -> None:
    found = []
    for scope, value in (
        (ALL, "repair"),
        (HERE, "accept"),
        (ACCOUNT, "ask"),
    ):
        try:
            await decide(world, scope, drift__price=value)
        except HeldPolicyError as error:
            await decide(world, scope, error.token, drift__price=value)
        policy = await in_force(world.deployment, "drift.price", ACCOUNT)
        site = (await as_decided(world.deployment)).site("memory")
        assert policy.value == site.policy_at("memory")[Facet.PRICE]
        assert policy.decided is not None
        found.append((policy.value, policy.decided.scope))

    assert found == [("repair", ALL), ("accept", HERE), ("ask", ACCOUNT)]
    site = (await as_decided(world.deployment)).site("memory")
    assert site.policy_at("another")[Facet.PRICE] is Policy.ACCEPT


async def test_each_value_says_where_it_comes_from(world: World) -> None:
    deployment = replace(
        world.deployment,
        named_policies=frozenset({("", "safety.share"), ("memory", "drift.stock")}),
    )
    await decide(world, drift__price=None, safety__approval_h=12)

    found = {e.name: e for e in (await policies_at(deployment, HERE)).policies}

    assert found["drift.price"] == PolicyInForce(
        name="drift.price", value="ask", source=PolicySource.DEFAULT
    )
    assert found["drift.stock"].source is PolicySource.SETTINGS
    assert found["safety.share"].source is PolicySource.SETTINGS
    assert found["safety.approval_h"] == PolicyInForce(
        name="safety.approval_h",
        value=12,
        source=PolicySource.PERSON,
        decided=SetPolicy(
            scope=HERE,
            name="safety.approval_h",
            value=12,
            by="Lan",
            at=world.time(),
            reason=WHY,
        ),
    )
    assert len(found) == 10


async def test_all_policies_name_what_is_set_for_what_is_no_longer_there(
    world: World,
) -> None:
    await decide(world, ALL, safety__approval_h=12)
    await decide(world, ACCOUNT, drift__price="ask")
    await decide(world, Scope("memory", "renamed"), drift__price=None)
    gone = SetPolicy(
        scope=Scope("closed"),
        name="drift.price",
        value="repair",
        by="Hoa",
        at=world.time(),
        reason="",
    )
    await world.database.write(lambda conn: policies.keep(conn, [gone]))

    found = await all_policies(world.deployment)

    assert [each.name for each in found.for_all.policies] == ["safety.approval_h"]
    assert [each.scope for each in found.marketplaces] == [HERE]
    assert [each.scope for each in found.accounts] == [ACCOUNT]
    assert found.unused == [gone]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("drift.content", "repair", "written over"),
        ("drift.content", "accept", "nobody is asked"),
        ("drift.stars", "ask", "until somebody decides"),
        ("drift.stars", "accept", "nobody is asked"),
        ("safety.share", 0.5, "without asking"),
        ("safety.window_h", 1, "in 1 h"),
        ("safety.vanished_share", 0.5, "made anew"),
        ("safety.known_end_days", 1, "known for 1 day "),
        ("safety.approval_h", 100, "holds for 100 h"),
    ],
)
async def test_what_protects_less_says_what_it_will_do_before_it_is_done(
    world: World, name: str, value: Any, told: str
) -> None:
    with pytest.raises(HeldPolicyError) as held:
        await decide(world, **{name.replace(".", "__"): value})

    ((_, en),) = held.value.effects
    assert told in en
    assert await acts_of(world.database) == []
    assert (await in_force(world.deployment, name)).source is PolicySource.DEFAULT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("drift.stock", "ask"),
        ("safety.share", 0.01),
        ("safety.window_h", 48),
        ("safety.known_end_days", 14),
    ],
)
async def test_what_protects_as_much_is_set_at_once(
    world: World, name: str, value: Any
) -> None:
    decided = await decide(world, **{name.replace(".", "__"): value})

    assert (decided.decided, decided.effects) == ([name], [])
    assert (await in_force(world.deployment, name)).value == value


async def test_an_effect_counts_the_edits_that_it_is_about(world: World) -> None:
    await edited(world)

    with pytest.raises(HeldPolicyError) as held:
        await decide(world, drift__content="repair")

    ((vi, en),) = held.value.effects
    assert "hiện có 1 chỗ sửa" in vi
    assert "there is 1 edit now" in en


async def test_a_token_confirms_one_change_and_no_other(world: World) -> None:
    with pytest.raises(HeldPolicyError) as held:
        await decide(world, safety__share=0.2)

    with pytest.raises(HeldPolicyError):
        await decide(world, token=held.value.token, safety__share=0.9)

    assert await acts_of(world.database) == []


async def test_to_let_go_of_a_policy_may_protect_less_as_well(world: World) -> None:
    await decide(world, safety__min_changes=0, safety__share=0)

    with pytest.raises(HeldPolicyError, match="before it was 0"):
        await decide(world, safety__min_changes=None)


async def test_each_decision_is_an_act_and_one_that_changes_nothing_is_none(
    world: World,
) -> None:
    await decide(world, ACCOUNT, drift__price="ask")
    await decide(world, ACCOUNT, drift__price="ask")
    await decide(world, safety__share=0.05)
    await decide(world, ACCOUNT, drift__price=None, drift__stars=None)

    here = {"marketplace": "memory"}
    assert await acts_of(world.database) == [
        ("set_policy", ["memory"], {"policy": "drift.price", **here, "value": "ask"}),
        ("set_policy", [], {"policy": "safety.share", **here, "value": "0.05"}),
        ("reset_policy", ["memory"], {"policy": "drift.price", **here}),
    ]


@pytest.mark.parametrize(
    ("scope", "name", "value", "told"),
    [
        (HERE, "drift.price", "often", "'repair', 'accept' or 'ask'"),
        (HERE, "safety.share", 1.5, "less than or equal to 1"),
        (HERE, "safety.share", "viele", "valid number"),
        (HERE, "safety.window_h", 1e300, "less than or equal to"),
        (HERE, "drift.at", "ask", "drift.price"),
        (HERE, "retry.attempts", 3, "safety.share"),
        (ACCOUNT, "safety.share", 0.1, "never set for one"),
    ],
)
async def test_a_value_is_taken_as_its_setting_takes_it(
    world: World, scope: Scope, name: str, value: Any, told: str
) -> None:
    with pytest.raises(PolicyFaultError) as error:
        await decide(world, scope, **{name.replace(".", "__"): value})

    ((of, what),) = error.value.faults
    assert of == name
    assert told in what
    assert await acts_of(world.database) == []


async def test_the_text_of_a_number_is_that_number(world: World) -> None:
    await decide(world, safety__share="0.05", safety__min_changes="3")

    assert (await in_force(world.deployment, "safety.share")).value == 0.05
    assert (await in_force(world.deployment, "safety.min_changes")).value == 3


@pytest.mark.parametrize(
    "more", [{"reason": " "}, {"by": person(" ")}], ids=["why", "who"]
)
async def test_nobody_sets_a_policy_without_a_name_and_a_reason(
    world: World, more: Any
) -> None:
    said = PolicyEntry(
        scope=HERE, values={"drift.price": "ask"}, by=person("Lan"), reason=WHY
    )

    with pytest.raises(PlanError):
        await set_policies(world.deployment, replace(said, **more))

    assert (await all_policies(world.deployment)).accounts == []


async def test_of_two_who_have_seen_the_same_one_is_told_to_look_again(
    world: World,
) -> None:
    seen = (await policies_at(world.deployment, HERE)).version
    said = PolicyEntry(
        scope=HERE, values={"safety.share": 0.05}, by=person("Lan"), reason=WHY
    )

    def ensure_seen(version: str) -> None:
        if version != seen:
            raise PlanError(version)

    await set_policies(world.deployment, said, ensure_seen)
    with pytest.raises(PlanError):
        await set_policies(world.deployment, said, ensure_seen)


async def test_a_stored_value_that_cannot_be_used_is_named_with_the_way_out(
    world: World,
) -> None:
    wrong = SetPolicy(
        scope=HERE,
        name="safety.share",
        value=7,
        by="Lan",
        at=world.time(),
        reason="",
    )
    await world.database.write(lambda conn: policies.keep(conn, [wrong]))

    with pytest.raises(
        ConfigurationError, match=r"policy reset safety.share --marketplace memory"
    ):
        await world.sync()

    await decide(world, safety__share=None)
    await world.sync()
    assert (await in_force(world.deployment, "safety.share")).value == 0.1


async def test_a_scope_is_one_that_is_set(world: World) -> None:
    deployment = world.deployment

    assert scope_of(deployment, "", "memory") == ACCOUNT
    assert scope_of(deployment, "memory", "") == HERE
    assert scope_of(deployment, "", "") == ALL
    with pytest.raises(NoSuchAccountError):
        scope_of(deployment, "", "voso")
    with pytest.raises(NoSuchMarketplaceError):
        scope_of(deployment, "voso", "")
