"""The parts that settings turn into.

The use of settings is tested with each use case.
"""

from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from catalog.eligibility import Text
from ocop_sync.bootstrap import open_deployment
from ocop_sync.bootstrap.accounts import sites_of
from ocop_sync.clock import Time
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace import registry
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.registry import GROUP, available
from ocop_sync.settings import (
    AccountSettings,
    BreakerSettings,
    DatabaseSettings,
    DriftSettings,
    PolicySettings,
    RetrySettings,
    RulesSettings,
    SafetySettings,
    Settings,
    SyncSettings,
)
from tests.simple_marketplace import SimpleMarketplace
from tests.world import FakeTime


class ShopOptions(BaseModel):
    shop_id: int


class Optional(SimpleMarketplace):
    name = "optional"
    options_model = ShopOptions


def account(**differences: Any) -> AccountSettings:
    values = {
        "key": "postmart",
        "marketplace": "postmart",
        "base_url": "http://127.0.0.1:9101",
    }
    return AccountSettings(**values | differences)


def shop(code: str, **differences: Any) -> AccountSettings:
    values = {"key": f"voso:{code}", "marketplace": "voso", "seller_ref": code}
    return account(**values | differences)


def settings(folder: Path, *accounts: AccountSettings, **groups: Any) -> Settings:
    database = DatabaseSettings(url=f"sqlite:///{folder}/ocop.db")
    return Settings(database=database, accounts=accounts, **groups)


async def test_accounts_become_marketplaces_in_order_of_their_names(
    tmp_path: Path,
) -> None:
    made = settings(tmp_path, shop("CS-0002"), account(), shop("CS-0001"))

    async with open_deployment(made) as deployment:
        names = [(site.name, list(site.accounts)) for site in deployment.sites]

    assert names == [
        ("postmart", ["postmart"]),
        ("voso", ["voso:CS-0002", "voso:CS-0001"]),
    ]


async def test_an_account_is_opened_once_and_keeps_its_token(tmp_path: Path) -> None:
    async with open_deployment(settings(tmp_path, account())) as deployment:
        one = deployment.open(deployment.account("postmart"))

        assert deployment.open(deployment.account("postmart")) is one


async def test_every_account_has_a_quota_of_its_own(tmp_path: Path) -> None:
    made = settings(tmp_path, shop("CS-0001"), shop("CS-0002"))

    async with open_deployment(made) as deployment:
        quotas = {
            id(deployment.open(each).context.quota)
            for each in deployment.site("voso").accounts.values()
        }

    assert len(quotas) == 2


@pytest.mark.parametrize(
    ("differences", "per_s", "burst"),
    [
        pytest.param({}, 50, 10, id="as the marketplace allows"),
        pytest.param({"calls_per_s": 5, "burst": 2}, 5, 2, id="as the settings say"),
    ],
)
async def test_the_pace_of_an_account_is_set(
    tmp_path: Path, differences: dict[str, float], per_s: float, burst: int
) -> None:
    async with open_deployment(settings(tmp_path, account(**differences))) as made:
        quota = made.open(made.account("postmart")).context.quota

    assert quota._interval_s == pytest.approx(1.03 / per_s)
    assert quota._burst == burst


async def test_waits_and_paces_go_by_the_time_that_is_given(tmp_path: Path) -> None:
    passing = FakeTime()
    time = Time(clock=passing, seconds=passing.seconds, sleep=passing.sleep)
    made = settings(tmp_path, account(calls_per_s=1, burst=1))

    async with open_deployment(made, time=time) as deployment:
        begun, monotonic = deployment.clock(), deployment.time()
        await deployment.pause(3)
        paused = deployment.clock() - begun
        quota = deployment.open(deployment.account("postmart")).context.quota
        for _ in range(3):
            await quota.take()

    assert paused == timedelta(seconds=3)
    assert deployment.time() - monotonic > 3 + 2
    assert quota._time() == passing.seconds()


async def test_every_group_of_settings_reaches_the_deployment(tmp_path: Path) -> None:
    made = settings(
        tmp_path,
        rules=RulesSettings(accept_published=True, trace_hosts=("khac.example",)),
        sync=SyncSettings(
            read_whole_every_h=2,
            slice_changes=3,
            slice_seconds=4,
            lease_s=50,
            concurrency=6,
        ),
        retry=RetrySettings(
            attempts=2,
            first_wait_s=1,
            longest_wait_s=3,
            longest_asked_s=4,
            give_up_after_s=5,
        ),
        breaker=BreakerSettings(failures=7, cool_down_s=8),
        safety=SafetySettings(
            window_h=12, min_changes=1, share=0.2, known_end_days=3, vanished_share=0.3
        ),
    )

    async with open_deployment(made) as deployment:
        limits, budget = deployment.limits, deployment.budget
        retry = deployment.retry

    assert deployment.rules.accept_published
    assert deployment.rules.tables.trace_hosts == {"khac.example"}
    assert limits.read_whole_every == timedelta(hours=2)
    assert (limits.slice_changes, limits.slice_time) == (3, timedelta(seconds=4))
    assert (limits.lease_lasts, limits.concurrency) == (timedelta(seconds=50), 6)
    assert (limits.breaker_failures, limits.cool_down_s) == (7, 8)
    assert (budget.window, budget.min_changes) == (timedelta(hours=12), 1)
    assert (budget.share, budget.vanished_share) == (0.2, 0.3)
    assert budget.known_end == timedelta(days=3)
    assert (retry.attempts, retry.first_wait_s, retry.longest_wait_s) == (2, 1, 3)
    assert (retry.longest_asked_s, retry.give_up_after_s) == (4, 5)


@pytest.mark.parametrize(
    ("accounts", "named"),
    [
        pytest.param([account(marketplace="x")], "'x'", id="unknown marketplace"),
        pytest.param([shop("")], "seller_ref", id="a shop of nobody"),
        pytest.param(
            [account(seller_ref="CS-1")], "seller_ref", id="a department of one"
        ),
        pytest.param(
            [account(), account(key="hai")], "postmart và hai", id="two of everybody"
        ),
        pytest.param(
            [shop("CS-1"), shop("CS-1", key="hai")], "hai", id="two of one producer"
        ),
    ],
)
def test_accounts_that_could_not_work_are_refused(
    accounts: list[AccountSettings], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        sites_of(accounts)


def test_a_policy_for_a_marketplace_that_there_is_not_is_refused() -> None:
    drift = DriftSettings(at={"posmart": PolicySettings(price="repair")})

    with pytest.raises(ConfigurationError, match="posmart"):
        sites_of([account()], drift)


def test_a_policy_of_one_marketplace_goes_before_that_of_all() -> None:
    drift = DriftSettings(
        price="accept", at={"postmart": PolicySettings(content="repair")}
    )

    (site,) = sites_of([account()], drift)

    assert site.policy == {
        Facet.CONTENT: "repair",
        Facet.PRICE: "accept",
        Facet.STOCK: "repair",
        Facet.STARS: "repair",
    }


@pytest.mark.parametrize(("lease_s", "is_enough"), [(39.9, False), (40, True)])
async def test_a_lease_is_longer_than_the_calls_made_under_it(
    tmp_path: Path, lease_s: float, is_enough: bool
) -> None:
    made = settings(tmp_path, account(), sync=SyncSettings(lease_s=lease_s))

    if not is_enough:
        with pytest.raises(ConfigurationError, match=r"sync\.lease_s"):
            await open_and_close(made)
        return
    await open_and_close(made)


async def open_and_close(made: Settings) -> None:
    async with open_deployment(made):
        pass


async def test_a_simulated_marketplace_elsewhere_is_refused_at_the_start(
    tmp_path: Path,
) -> None:
    made = settings(tmp_path, account(base_url="http://postmart.example"))

    with pytest.raises(ConfigurationError, match="tài khoản postmart"):
        await open_and_close(made)


async def test_an_account_may_have_its_own_number_of_calls_side_by_side(
    tmp_path: Path,
) -> None:
    made = settings(
        tmp_path,
        shop("CS-0001", concurrency=2),
        shop("CS-0002"),
        sync=SyncSettings(concurrency=6),
    )

    async with open_deployment(made) as deployment:
        found = [deployment.concurrency_of(f"voso:CS-000{n}") for n in (1, 2)]

    assert found == [2, 6]


async def test_an_account_with_wrong_options_takes_nothing_from_the_others(
    tmp_path: Path,
) -> None:
    wrong = shop("CS-0002", options={"shop_id": 7})
    made = settings(tmp_path, shop("CS-0001"), wrong).read_from(Path("ocop.toml"))

    async with open_deployment(made) as deployment:
        (site,) = deployment.chosen(["voso"])
        (lost,) = deployment.unusable.values()

        assert list(site.accounts) == ["voso:CS-0001"]
    assert lost.key == "voso:CS-0002"
    assert lost.why.startswith("ocop.toml: accounts[1].options.shop_id: ")
    assert lost.todo == Text(
        "Sửa thiết lập được nêu", "Put right the setting that is named"
    )


async def test_options_reach_the_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("optional", f"{__name__}:Optional", GROUP)
    monkeypatch.setattr(registry, "_installed", lambda: (point,))
    made = settings(tmp_path, account(marketplace="optional", options={"shop_id": 7}))

    async with open_deployment(made) as deployment:
        opened = deployment.open(deployment.account("postmart"))

    assert opened.account.options == ShopOptions(shop_id=7)


async def test_an_account_that_is_set_up_wrongly_keeps_no_other_back(
    tmp_path: Path,
) -> None:
    shops = [shop("CS-1"), shop("CS-2"), shop("CS-2", key="hai"), shop("", key="ba")]
    away = shop("CS-3", base_url="http://voso.example")
    odd = account(key="x", marketplace="xa")
    made = settings(tmp_path, *shops, away, account(), odd)

    async with open_deployment(made) as deployment:
        kept = {key for site in deployment.sites for key in site.accounts}
        lost = deployment.unusable

    assert kept == {"voso:CS-1", "postmart"}
    assert sorted(lost) == ["ba", "hai", "voso:CS-2", "voso:CS-3", "x"]
    assert "voso:CS-2 và hai" in lost["hai"].why
    assert "'xa'" in lost["x"].why
    assert f"đang có: {', '.join(available())}" in lost["x"].why
    assert str(lost["ba"].todo).startswith("Sửa thiết lập")
