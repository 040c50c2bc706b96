"""What a monitoring system reads of the service, as the database knows it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from catalog.model.paper import PaperKind
from ocop_sync.errors import OutcomeUnknownError, PlanError, UnavailableError
from ocop_sync.metrics.families import simulated_by
from ocop_sync.metrics.names import COUNTERS, GAUGES
from ocop_sync.metrics.of_process import ProcessMetrics
from ocop_sync.metrics.port import KEPT_S, metrics_app
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.run.heartbeat import Pulse
from ocop_sync.service.schedules.schedules import pause_schedule
from ocop_sync.store.runs import accounts, ledger
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.runs.ledger import OpenedRun
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant, person
from tests.integration.schedule_bench import BY, Bench, Work
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

LASTS = timedelta(minutes=1)
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)

Told = Mapping[str, float]
"""The value of each metric, by its name and those labels that tell something."""

_PLAIN = {"account", "marketplace", "simulated"}


async def answered(world: World) -> str:
    """Return what is told to whoever asks for metrics now, in a process that begins."""
    app = metrics_app(world.deployment, ProcessMetrics())
    async with TestClient(TestServer(app)) as client, client.get("/metrics") as answer:
        assert answer.status == 200
        return await answer.text()


async def told(world: World) -> Told:
    return values(await answered(world))


def values(text: str) -> Told:
    return {
        " ".join(
            [sample.name, *(v for k, v in sample.labels.items() if k not in _PLAIN)]
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def price(world: World, price_vnd: int) -> None:
    pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=price_vnd)
    await world.change(variants=(pack,))


async def test_runs_and_changes_are_counted_for_good_by_outcome(world: World) -> None:
    await listed(world, 2)

    found = await told(world)

    assert found["ocop_sync_database_up"] == 1
    assert found["ocop_sync_changes_sent_total"] == 4  # sellers, too
    assert found["ocop_sync_change_outcomes_total applied"] == 4
    assert found["ocop_sync_change_outcomes_total refused"] == 0
    runs = found["ocop_sync_runs_total done"]
    stamp = world.time().timestamp()
    assert found["ocop_sync_account_good_run_timestamp_seconds"] == stamp
    assert found["ocop_sync_account_whole_read_timestamp_seconds"] == pytest.approx(
        stamp, abs=60
    )

    world.time.pass_(hours=2)
    await world.sync()

    found = await told(world)
    assert found["ocop_sync_change_outcomes_total applied"] == 4
    assert found["ocop_sync_runs_total done"] == runs + 1
    assert found["ocop_sync_account_good_run_timestamp_seconds"] == (
        world.time().timestamp()
    )


async def test_a_lost_answer_counts_as_unknown_and_again_once_it_is_read(
    world: World,
) -> None:
    await listed(world, 1)
    await price(world, 77_000)
    world.market.script("set_price", OutcomeUnknownError("mất"), times=9)
    await world.sync()
    lost = await told(world)
    world.market.forget_scripts()
    world.time.pass_(hours=1)
    await world.sync()
    found = await told(world)

    unknown = "ocop_sync_change_outcomes_total unknown"
    assert lost[unknown] >= 1
    outcomes = [v for k, v in found.items() if "change_outcomes_total" in k]
    assert sum(outcomes) == found["ocop_sync_changes_sent_total"] + found[unknown]


async def test_a_run_that_died_counts_once_another_has_its_account(
    world: World,
) -> None:
    await listed(world, 1)
    before = await told(world)

    async def die(conn: Any) -> None:
        lease = Lease(token="t", holder="chết", lasts=LASTS)  # noqa: S106  (a name)
        await accounts.take(conn, ["memory"], lease, world.time())
        opened = OpenedRun("t:memory", "memory", "memory", "chết", world.time())
        await ledger.open_runs(conn, [opened])

    await world.database.write(die)
    world.time.pass_(minutes=10)
    await world.sync()

    found = await told(world)
    died = "ocop_sync_runs_total died"
    assert (before[died], found[died]) == (0, 1)


async def test_the_last_sign_of_life_of_a_worker_is_told(world: World) -> None:
    before = await told(world)
    pulse = Pulse(world.deployment, "một", timedelta(minutes=1))
    await pulse.beat()

    name = "ocop_sync_worker_heartbeat_timestamp_seconds"
    assert name not in before
    assert (await told(world))[name] == world.time().timestamp()


async def test_an_account_that_fails_says_since_when_and_one_that_works_does_not(
    world: World,
) -> None:
    await listed(world, 1)
    assert "ocop_sync_account_failing_since_timestamp_seconds" not in await told(world)
    world.market.script("read_page", UnavailableError("x"), times=100)
    world.market.script("events", UnavailableError("x"), times=100)
    world.time.pass_(hours=25)
    began = world.time().timestamp()
    await world.sync()

    found = await told(world)

    assert found["ocop_sync_account_failing_since_timestamp_seconds"] == began
    assert found["ocop_sync_call_retries_total"] == 2


async def test_a_paused_account_and_held_products_are_told(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 21)))
    await world.sync()
    world.time.pass_(hours=25)
    await world.sync()
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)
    await world.sync()
    (key,) = world.deployment.sites[0].accounts
    await pause_accounts(world.deployment, [key], by=person("Ng. Văn A"), reason="thử")

    found = await told(world)

    assert found["ocop_sync_account_paused"] == 1
    assert found["ocop_sync_held_products"] == 6
    assert found["ocop_sync_held_groups"] == 1
    assert found["ocop_sync_held_group_oldest_timestamp_seconds"] > 0


async def test_products_are_told_as_the_last_run_has_counted_them(
    world: World,
) -> None:
    assert "ocop_sync_products certified" not in await told(world)
    await listed(world, 2)
    await world.save(entry(3, papers=WITHOUT_PAPER))
    world.time.pass_(minutes=1)
    await world.sync()

    found = await told(world)

    assert found["ocop_sync_products certified"] == 3
    assert found["ocop_sync_products listable"] == 2
    assert found["ocop_sync_products listed"] == 2
    assert found["ocop_sync_products held"] == 0


async def test_drift_that_is_open_is_told_by_kind(world: World) -> None:
    await listed(world, 2)
    (there,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(there.ref, title="Tên khác hẳn")
    world.time.pass_(hours=25)
    await world.sync()

    found = await told(world)

    assert found["ocop_sync_drift_open edited"] == 1


async def test_freshness_is_told_of_the_changes_that_a_read_has_shown(
    world: World,
) -> None:
    await listed(world, 1)
    await price(world, 77_000)

    found = await told(world)

    assert found["ocop_sync_freshness_changes"] == 1
    assert found["ocop_sync_freshness_seconds 0.99"] < 60
    assert found["ocop_sync_changes_open"] == 0
    await world.sync()
    assert (await told(world))["ocop_sync_changes_open"] == 1


async def test_ends_of_certificates_are_told_and_then_the_claims_still_shown(
    world: World,
) -> None:
    for n, day in ((1, date(2021, 3, 20)), (2, date(2021, 4, 20))):
        await world.save(entry(n, certificates=(make_certificate(decided_on=day),)))
    await world.sync()

    found = await told(world)

    ends = {days: found[f"ocop_sync_claims_ending {days}"] for days in (7, 30, 60, 90)}
    assert ends == {7: 0, 30: 1, 60: 2, 90: 2}
    assert found["ocop_sync_claims_ended_shown"] == 0

    world.time.pass_(days=40)  # and no run

    found = await told(world)
    assert found["ocop_sync_claims_ended_shown"] == 1
    assert found["ocop_sync_claims_ending 30"] == 1


async def test_calls_within_the_quota_are_counted_by_the_process(world: World) -> None:
    await listed(world, 1)
    quota = world.market.context.quota
    before = await told(world)
    await quota.take(3)
    quota.told(used=4, size=10)

    found = await told(world)

    name = "ocop_sync_quota_calls_total"
    assert found[name] == before[name] + 3
    assert "ocop_sync_quota_used_ratio" not in before
    assert found["ocop_sync_quota_used_ratio"] == 0.4


async def test_no_metric_names_a_product_or_a_person(world: World) -> None:
    await listed(world, 2)
    await price(world, 77_000)
    await world.sync()

    text = await answered(world)

    labels = {
        (label, value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for label, value in sample.labels.items()
    }
    assert {value for label, value in labels if label == "simulated"} == {"true"}
    assert {"account", "marketplace", "outcome"} <= {label for label, _ in labels}
    for word in ("SP-0", "CS-0", "Măng", "Mẫu", "kiểm thử"):
        assert word not in text


async def test_the_database_is_asked_once_in_some_seconds(world: World) -> None:
    await listed(world, 1)
    app = metrics_app(world.deployment, ProcessMetrics())
    async with TestClient(TestServer(app)) as client:

        async def applied() -> float:
            answer = await client.get("/metrics")
            found = values(await answer.text())
            return found["ocop_sync_change_outcomes_total applied"]

        await applied()
        await price(world, 77_000)
        await world.sync()
        world.time.pass_(seconds=KEPT_S - 6)
        kept = await applied()
        world.time.pass_(seconds=KEPT_S)

        assert (kept, await applied()) == (2, 3)


async def test_a_schedule_tells_when_it_is_due_and_how_its_runs_end(
    world: World,
) -> None:
    bench = Bench(world, Work())
    await bench.add()
    first = world.time().timestamp() + 3600
    named = "ocop_sync_schedule_{} gio sync"
    last_run = "ocop_sync_schedule_last_run {} gio sync"

    before = await told(world)
    assert before[named.format("due_timestamp_seconds")] == first
    assert last_run.format("done") not in before

    async def run_at(hours: float, error: Exception | None) -> Told:
        world.time.pass_(hours=hours)
        bench.work.error = error
        await bench.look(bench.process())
        return await told(world)

    await run_at(1, PlanError("x"))
    failed = await run_at(1, PlanError("x"))
    assert failed[named.format("failing_runs")] == 2
    assert failed[last_run.format("failed")] == 1
    assert failed[last_run.format("done")] == 0
    assert failed[named.format("due_timestamp_seconds")] == first + 2 * 3600
    ended_at = named.format("last_run_timestamp_seconds")
    assert failed[ended_at] == world.time().timestamp()

    done = await run_at(1, None)
    assert done[named.format("failing_runs")] == 0
    assert done[last_run.format("done")] == 1

    world.time.pass_(hours=2)  # nothing runs: what is due lies behind
    late = await told(world)
    assert late[named.format("due_timestamp_seconds")] == first + 3 * 3600
    assert await run_at(0, PlanError("x"))
    await pause_schedule(bench.office, "gio", **BY)
    paused = await told(world)
    assert paused[named.format("paused")] == paused[named.format("failing_runs")] == 1
    assert named.format("due_timestamp_seconds") not in paused


async def test_without_a_database_the_process_still_tells_what_it_knows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        message = "x"
        raise UnavailableError(message)

    monkeypatch.setattr(world.database, "read", broken)

    found = await told(world)

    assert found["ocop_sync_database_up"] == 0
    assert "ocop_sync_held_products" not in found
    assert "ocop_sync_call_retries_total" in found


async def test_every_metric_that_has_a_name_can_be_told(world: World) -> None:
    """A rule for an alert may name each of them."""
    labels = {keys for _, keys in (*GAUGES.values(), *COUNTERS.values())}

    assert simulated_by(world.deployment) == {"memory": "true"}
    assert {key for keys in labels for key in keys} == _PLAIN | {
        *("outcome", "kind", "quantile", "within_days", "counted"),
        *("schedule", "work"),
    }
