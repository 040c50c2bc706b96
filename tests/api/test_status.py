"""How everything stands, over the API: figures, alarms, workers."""

from datetime import timedelta
from typing import Any, Final, get_args

import pytest

from ocop_sync.api.routes import status as route
from ocop_sync.cli.monitor import WORDS
from ocop_sync.errors import AuthenticationError
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.queries.monitor import AlarmCode
from ocop_sync.service.run.heartbeat import Pulse
from ocop_sync.store.runs.heartbeats import Doing
from tests.api.served import Served
from tests.factories import person
from tests.world import entry

STATUS: Final = "/api/v1/status"
MONITOR: Final = "/api/v1/monitor"
WORKERS: Final = "/api/v1/workers"
TOLD: Final = "http://localhost https://cong-rieng.example/api /run/secrets/memory"
"""An error that says what nobody may read at a distance."""


async def texts_of(served: Served, *paths: str) -> list[str]:
    answers = [await served.call("GET", path, "admin") for path in paths]
    assert [each.status for each in answers] == [200] * len(paths)
    return [await each.text() for each in answers]


async def alarms(served: Served, query: str = "") -> dict[str, Any]:
    found = await served.get(f"{MONITOR}{query}", "operator")
    return {each["code"]: each for each in found["alarms"]}


@pytest.fixture
async def late(served: Served) -> Served:
    """Two listings that may not be on sale, at an account that cannot be used."""
    await served.world.save(entry(1), entry(2))
    await served.world.sync()
    for call in ("check", "page", "events", "withdraw"):
        served.world.market.script(call, AuthenticationError(TOLD), times=99)
    for code in ("SP-00001", "SP-00002"):
        await served.world.change(code, paused=True)
    for _ in range(2):
        await served.world.sync()
        served.world.time.pass_(hours=1)
    return served


async def test_figures_and_accounts_are_told_as_the_last_run_left_them(
    served: Served,
) -> None:
    await served.world.save(entry(1), entry(2, papers=()))
    await served.world.sync()

    found = await served.get(STATUS, "operator")

    figures = found["marketplaces"]["memory"]
    assert (figures["certified"], figures["listed"], figures["held"]) == (2, 1, 1)
    assert [each["key"] for each in found["accounts"]] == ["memory"]
    assert found["oldest_count_at"] == found["accounts"][0]["worked_at"]
    assert found["counts"] == {
        "not_withdrawn": 0,
        "not_lowered": 0,
        "unlike": 0,
        "accounts": 1,
    }


async def test_what_is_on_sale_wrongly_is_named_and_all_of_it_counted(
    late: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "_MOST", 1)

    found = await late.get(STATUS, "operator")

    assert [each["product"] for each in found["not_withdrawn"]] == ["SP-00001"]
    assert found["counts"]["not_withdrawn"] == 2


async def test_alarms_are_told_with_how_bad_it_is(late: Served) -> None:
    found = await late.get(MONITOR, "operator")

    codes = [each["code"] for each in found["alarms"]]
    assert (found["level"], found["code"], found["failing"]) == ("CRITICAL", 2, 1)
    assert codes[0] in {"not_withdrawn", "failing"}
    assert {"not_withdrawn", "failing"} <= set(codes)


async def test_what_is_an_alarm_is_told_by_who_asks(served: Served) -> None:
    await served.world.save(entry(1))
    await served.world.sync()
    served.world.time.pass_(minutes=10)

    assert await alarms(served) == {}
    assert set(await alarms(served, "?old_after=5")) == {"counts_old"}


async def test_no_answer_names_an_address_or_where_secrets_are_kept(
    late: Served,
) -> None:
    lost = Unusable(
        key="hong", marketplace="memory", seller_ref="", why=TOLD, of_settings=True
    )
    deployment = late.world.deployment
    object.__setattr__(deployment, "unusable", {"hong": lost})

    texts = await texts_of(late, STATUS, MONITOR, "/api/v1/held", "/api/v1/worklist")

    private = ("localhost", "cong-rieng", "/run/secrets")
    assert [[each for each in private if each in text] for text in texts] == [[]] * 4
    assert (await alarms(late))["failing"]["why"] is None


async def test_a_pause_is_an_alarm_with_its_reason(served: Served) -> None:
    await served.world.sync()
    await pause_accounts(
        served.world.deployment, ["memory"], by=person("Trần Mẫu"), reason="sàn lỗi"
    )

    assert "sàn lỗi" in (await alarms(served))["paused"]["why"]


async def test_workers_are_told_by_their_last_sign_of_life(served: Served) -> None:
    deployment = served.world.deployment
    pulse = Pulse(deployment, "may-1", timedelta(minutes=1))
    await pulse.beat()
    served.world.time.pass_(minutes=10)
    other = Pulse(deployment, "may-2", timedelta(minutes=1))
    other.turn_to(Doing.SYNCING)
    await other.beat()

    found = (await served.get(WORKERS, "operator"))["workers"]

    assert [(e["worker"], e["healthy"], e["trouble"]) for e in found] == [
        ("may-2", True, None),
        ("may-1", False, "silent"),
    ]
    assert found[0]["doing"] == "syncing"


def test_every_alarm_has_words_for_a_monitor() -> None:
    assert set(WORDS) == set(get_args(AlarmCode))
