"""A day of the department over the API alone ends as the same day at the command line.

One script of acts, two drivers. Each has marketplaces, settings and a database of its
own; afterwards all that stands is compared: catalog, listings, history, figures, held
groups and products, drift, and the audit but for from where it was done, and ids.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import pytest
from aiohttp.test_utils import TestClient, TestServer

from catalog.model.paper import PaperKind
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.app import make_app
from ocop_sync.bootstrap import open_deployment
from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.settings import load_settings
from ocop_sync.store.db.schema import upgrade
from ocop_sync.worker import Wake
from tests.api.served import PACE, Client, StandInAccess, ThroughFrames
from tests.e2e.conftest import show_soon
from tests.e2e.served import SECRETS, Desk, good, open_desk
from tests.factories import NOT_SO, make_paper
from tests.postgres import NoServerError, running_server

pytestmark = pytest.mark.slow

WHO: Final = "operator"
ADMIN: Final = "admin"
MANY: Final = 24
"""Products of the day: enough that some removals wait for a person."""
SHEET: Final = "danh-muc.csv"
UNSAFE: Final = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
FOLLOW_S: Final = 90
WHY: Final = "đã xem từng sản phẩm"
WITHDRAWN: Final = "99/QĐ-UBND"


class Driver(Protocol):
    """Whoever carries the day's acts out: over the API, or at the command line."""

    def import_(self, file: Path, *, column: str = "", token: str = "") -> Any:
        """Import a sheet; return its report."""

    def sync(self) -> None:
        """Keep all marketplaces right."""

    def plan(self) -> Any:
        """Make a plan of that; return it with its changes."""

    def approve_plan(self, number: int) -> None:
        """Approve a plan as it was read."""

    def carry_out(self, number: int) -> None:
        """Have a plan carried out."""

    def held(self) -> Any:
        """Return all that is held."""

    def approve(self, group: Mapping[str, Any]) -> None:
        """Let a group pass, as it was seen."""

    def retry(self, marketplace: str, product: str) -> None:
        """Have a refused change sent again."""

    def drift(self) -> Any:
        """Return what somebody has edited there."""

    def keep_ours(self, drift: int) -> None:
        """Let ours stand."""

    def allow_at_most(self, products: int) -> None:
        """Set how many products may be taken from buyers unseen."""

    def count(self, product: str, on_hand: int) -> None:
        """Enter how much there is of a product's only pack."""

    def revoke(self, *products: str) -> None:
        """Revoke their recognition; what that takes is seen first, and meant."""

    def undo(self, number: int) -> None:
        """Take an import back; what that takes is seen first, and meant."""

    def coverage(self) -> Any:
        """Return the figures of today."""


async def work(deployment: Deployment) -> None:
    """Let a worker look once, and finish what it has begun."""
    at_work = AtWork(deployment=deployment, follow_for=timedelta(seconds=FOLLOW_S))
    await RequestedRuns(at_work, Wake()).look()


@dataclass
class AtCommandLine:
    """Commands, one after the other."""

    desk: Desk

    def import_(self, file: Path, *, column: str = "", token: str = "") -> Any:
        answer = ("--column", column) if column else ()
        confirm = ("--confirm", token, "--by", WHO) if token else ()
        return self.desk.run_json("import", str(file), *answer, *confirm)

    def sync(self) -> None:
        done = self.desk.run("sync", "--follow", str(FOLLOW_S))
        assert done.exit_code in {0, 1, 3}, done.output

    def plan(self) -> Any:
        made = self.desk.run_json("plan", "make", "--by", WHO)
        return self.desk.run_json("plan", "show", str(made["id"]))

    def approve_plan(self, number: int) -> None:
        self._act("plan", "approve", str(number), "--reason", WHY)

    def carry_out(self, number: int) -> None:
        self._act("plan", "carry-out", str(number))

        async def look() -> None:
            time = self.desk.time.for_commands()
            settings = load_settings(self.desk.settings)
            async with open_deployment(settings, time=time) as deployment:
                await work(deployment)

        asyncio.run(look())

    def held(self) -> Any:
        return self.desk.run_json("held", "list")

    def approve(self, group: Mapping[str, Any]) -> None:
        seen = ("--checksum", group["checksum"])
        self._act("held", "approve", str(group["id"]), *seen, "--reason", WHY)

    def retry(self, marketplace: str, product: str) -> None:
        self._act("held", "retry", marketplace, product)

    def drift(self) -> Any:
        return self.desk.run_json("drift", "list")["drift"]

    def keep_ours(self, drift: int) -> None:
        self._act("drift", "ours", str(drift))

    def allow_at_most(self, products: int) -> None:
        words = ("safety.min_changes", str(products), "--reason", WHY)
        self._act("marketplaces", "policy", "set", *words, by=ADMIN)

    def count(self, product: str, on_hand: int) -> None:
        self._act("products", "count", f"{product}-1", str(on_hand))

    def revoke(self, *products: str) -> None:
        day = f"{day_in_vietnam(self.desk.time()):%d/%m/%Y}"
        words = ("--decision", WITHDRAWN, "--day", day, "--by", WHO)
        done = self.desk.confirm("certificates", "revoke", *products, *words)
        assert done.exit_code == 0, done.output

    def undo(self, number: int) -> None:
        words = ("import", "undo", str(number))
        token = self.desk.run_json(*words)["token"]
        self._act(*words, "--confirm", token)

    def coverage(self) -> Any:
        return self.desk.run_json("coverage")

    def _act(self, *words: str, by: str = WHO) -> None:
        done = self.desk.run(*words, "--by", by)
        assert done.exit_code == 0, done.output


@dataclass
class OverTheApi:
    """Calls of the API, which is served in this process."""

    desk: Desk
    runner: asyncio.Runner
    client: Client
    deployment: Deployment
    calls: int = 0

    def import_(self, file: Path, *, column: str = "", token: str = "") -> Any:
        query = {"name": file.name}
        query |= {"columns": column} if column else {}
        query |= {"confirm": token} if token else {}
        return self._call(
            "POST",
            "imports",
            params=query,
            data=file.read_bytes(),
            headers={"Content-Type": "text/csv"},
        )

    def sync(self) -> None:
        self._call("POST", "runs", json={"kind": "sync"})
        self.runner.run(work(self.deployment))

    def plan(self) -> Any:
        made = self._call("POST", "plans", json={})
        return self._call("GET", f"plans/{made['id']}?limit=200")

    def approve_plan(self, number: int) -> None:
        self._call("POST", f"plans/{number}/approval", json={"reason": WHY})

    def carry_out(self, number: int) -> None:
        self._call("POST", f"plans/{number}/run")
        self.runner.run(work(self.deployment))

    def held(self) -> Any:
        return self._call("GET", "held?limit=200")

    def approve(self, group: Mapping[str, Any]) -> None:
        body = {"checksum": group["checksum"], "reason": WHY}
        self._call("POST", f"held/{group['id']}/approval", json=body)

    def retry(self, marketplace: str, product: str) -> None:
        body = {"marketplace": marketplace, "products": [product]}
        self._call("POST", "held/retries", json=body)

    def drift(self) -> Any:
        return self._call("GET", "drift")["items"]

    def keep_ours(self, drift: int) -> None:
        self._call("POST", f"drift/{drift}/decision", json={"stays": "ours"})

    def allow_at_most(self, products: int) -> None:
        body = {"reason": WHY, "safety": {"min_changes": products}}
        any_ = {"If-Match": "*"}
        self._call("PATCH", "policies", role=ADMIN, json=body, headers=any_)

    def count(self, product: str, on_hand: int) -> None:
        path = f"products/{product}/packs/{product}-1/stock"
        self._call("PUT", path, json={"on_hand": on_hand})

    def revoke(self, *products: str) -> None:
        day = day_in_vietnam(self.desk.time()).isoformat()
        body = {"products": products, "decision": WITHDRAWN, "day": day}
        told = self._call("POST", "certificates/revoke", json=body, status=409)
        self._call("POST", "certificates/revoke", json=body | {"token": told["token"]})

    def undo(self, number: int) -> None:
        path = f"past-imports/{number}/undo"
        told = self._call("POST", path, json={})
        done = self._call("POST", path, json={"confirm": told["token"]})
        assert (told["written"], done["written"]) == (False, True)

    def coverage(self) -> Any:
        return self._call("GET", "coverage")

    def _call(
        self, method: str, path: str, *, role: str = WHO, status: int = 0, **more: Any
    ) -> Any:
        self.calls += 1
        headers = {"Authorization": f"Bearer {role}"} | more.pop("headers", {})
        if method == "POST":
            headers["Idempotency-Key"] = f"trong-ngay-{self.calls:04}"

        async def answered() -> Any:
            url = f"/api/v1/{path}"
            async with self.client.request(
                method, url, headers=headers, **more
            ) as answer:
                text = await answer.text()
                expected = {status} if status else {200, 201, 202}
                assert answer.status in expected, (method, path, text)
                return json.loads(text)

        return self.runner.run(answered())


@contextmanager
def over_the_api(desk: Desk) -> Iterator[OverTheApi]:
    """Serve the API over the settings of *desk*."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> tuple[Client, Deployment]:
            settings, time = load_settings(desk.settings), desk.time.for_commands()
            deployment = await stack.enter_async_context(
                open_deployment(settings, time=time)
            )
            long_work = ThroughFrames(deployment)
            app = make_app(deployment, StandInAccess(), pace=PACE, long_work=long_work)
            client = await stack.enter_async_context(TestClient(TestServer(app)))
            return client, deployment

        try:
            yield OverTheApi(desk, runner, *runner.run(begin()))
        finally:
            runner.run(stack.aclose())


# The day


def priced(n: int, price_vnd: int) -> Any:
    """Return product *n* at another price."""
    product, producer = good(n)
    packs = tuple(replace(each, price_vnd=price_vnd) for each in product.variants)
    return replace(product, variants=packs), producer


def with_a_slip(sheet: Path) -> Path:
    """Spell the heading of a sheet's prices as a clerk does who is in a hurry."""
    text = sheet.read_text("utf-8-sig")
    head, rest = text.split("\n", 1)
    assert "price_vnd" in head, head
    path = sheet.parent / "nham" / sheet.name  # of the same name: the same source
    path.parent.mkdir()
    path.write_text(head.replace("price_vnd", "price_vndd") + "\n" + rest, "utf-8")
    return path


def work_through_the_day(desk: Desk, driver: Driver, told: list[Any]) -> None:
    """Carry out all that the department does on that day.

    *told* gets answers that the department goes by, in the form that both drivers have.
    """
    morning = desk.write_catalog(*map(good, range(1, MANY + 1)), name=SHEET)
    asked = with_a_slip(morning)
    first = driver.import_(asked)
    assert first["problems"], "nothing is asked about"
    driver.import_(asked, column="price_vndd=price_vnd")
    driver.sync()

    # Somebody has edited a price there.
    desk.time.pass_(hours=25)
    changes = {"variants": [{"sku": "SP-00002-1", "price": 1_234_000}]}
    desk.postmart.post("edit", ref="SP-00002", changes=changes)
    driver.sync()
    (drift,) = driver.drift()
    told.append(drift)
    driver.keep_ours(drift["id"])
    driver.sync()

    # A price that nobody believes is held until somebody stands for it; and then the
    # marketplace complains of it, and is asked once more.
    noon = desk.write_catalog(
        good(1), good(2), priced(3, 990_000), *map(good, range(4, MANY + 1)), name=SHEET
    )
    doubted = driver.import_(noon)
    confirmed = driver.import_(noon, token=doubted["token"])
    assert (doubted["import_id"], confirmed["import_id"]) == (None, 3)
    prices = {"operation": "PATCH /v1/products/*/prices", "count": 1}
    desk.postmart.post("faults", **prices, fault="refuse", about="price")
    plan = driver.plan()
    told.append(plan["items"])
    driver.approve_plan(plan["id"])
    driver.carry_out(plan["id"])
    held = driver.held()
    (refused,) = (e for e in held["products"] if e["marketplace"] == "postmart")
    driver.retry("postmart", refused["product"])
    driver.sync()

    # A decision revokes the recognition of some products.
    driver.revoke("SP-00005", "SP-00006")
    driver.sync()

    # Some are sold out, at their producers' word.
    for n in (17, 18):
        driver.count(f"SP-{n:05}", 0)
    driver.sync()

    # From now on one product is as much as may be taken from buyers unseen; and some
    # have lost a paper, says a sheet.
    driver.allow_at_most(1)
    evening = desk.write_catalog(
        good(1),
        good(2),
        priced(3, 990_000),
        *map(good, range(4, 9)),
        *(good(n, papers=UNSAFE) for n in range(9, 13)),
        *map(good, range(13, MANY + 1)),
        name=SHEET,
    )
    lost = driver.import_(evening)
    driver.sync()
    (group,) = driver.held()["groups"]
    told.append(group)
    driver.approve(group)
    driver.sync()

    # It was last year's sheet.
    driver.undo(lost["import_id"])
    driver.sync()
    told.append(driver.coverage())


# What stands at its end

_INSTANT: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:\d\d)?"
_OF_A_DAY: Final = {
    *("as_of", "at", "made_at", "opened_at", "since", "kept_until", "due", "submitted"),
    *("read_at", "counted_at", "first_seen_at", "last_seen_at", "key", "times"),
    *("CREATED_AT", "UPDATED_AT"),
    *("n", "id", "ref", "act", "run", "run_id", "revision", "version", "track_id"),
    *("checksum", "token", "hash", "before_hash", "report_id", "origin", "os_user"),
}
"""Values that two days never share: instants, ids, hashes, from where it was done, and
how many reads have shown a difference."""


def without(value: Any) -> Any:
    """Return *value* without what two days never share."""
    if isinstance(value, Mapping):
        kept = ((name, each) for name, each in value.items() if name not in _OF_A_DAY)
        return {name: without(each) for name, each in kept}
    if isinstance(value, list | tuple):
        return [without(each) for each in value]
    return re.sub(_INSTANT, "TIME", value) if isinstance(value, str) else value


def named(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an act of the audit, or a change of the history, with a name alone.

    Who imports at the command line is asked for one only where something is held.
    """
    is_known = row["by"] and row["kind"] != "import"
    return {**row, "by": row["by"]["name"] if is_known else ""}


def state_of(desk: Desk, told: Sequence[Any]) -> dict[str, Any]:
    """Return all that stands after the day, and what was told, by what it is."""
    products = [f"SP-{n:05}" for n in range(1, MANY + 1)]
    export = desk.run("export", "-").stdout.splitlines()
    history = {code: desk.run_json("history", code)["changes"] for code in products}
    state = {
        "told": told,
        "catalog": [line for line in export if "SP-" in line],
        "listings": {name: mock.ours() for name, mock in desk.mocks.items()},
        "history": {code: list(map(named, rows)) for code, rows in history.items()},
        "held": desk.run_json("held", "list"),
        "drift": desk.run_json("drift", "list"),
        "figures": desk.run_json("status")["marketplaces"],
        "coverage": desk.run_json("coverage"),
        # Of a slice that is sent at once, any may be first.
        "ledger": sorted(
            tuple(row[name] or "" for name in ("subject", "kind", "outcome", "why"))
            for row in desk.run_json("ledger")["changes"]
        ),
        "audit": [
            named(each)
            for each in desk.run_json("audit", "list")["acts"]
            # At the command line a run is a process of its own, and no act.
            if each["kind"] != "start_run"
        ],
    }
    found: dict[str, Any] = without(state)
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Sequence[str]]:
    """Addresses of two databases, with all tables."""
    if request.param == "sqlite":
        yield [f"sqlite:///{tmp_path}/{name}/ocop.db" for name in ("api", "command")]
        return
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except NoServerError as error:
            pytest.skip(str(error))
        urls = [stack.enter_context(server.empty_database()) for _ in range(2)]
        for url in urls:
            asyncio.run(upgrade(url))
        yield urls


@contextmanager
def desk_at(folder: Path, database: str) -> Iterator[Desk]:
    """Open a desk whose settings name *database*."""
    folder.mkdir()
    with open_desk(folder) as desk:
        desk.write_settings(producers=["CS-0003"])
        text = desk.settings.read_text("utf-8")
        own = f"sqlite:///{folder}/ocop.db"
        assert own in text
        desk.settings.write_text(text.replace(own, database), "utf-8")
        yield desk


def test_a_day_over_the_api_alone_ends_as_at_the_command_line(
    tmp_path: Path, databases: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    show_soon(monkeypatch, call_timeout_s=8)
    told: dict[str, list[Any]] = {"api": [], "command": []}
    states = {}

    with desk_at(tmp_path / "api", databases[0]) as desk:
        with over_the_api(desk) as driver:
            work_through_the_day(desk, driver, told["api"])
        states["api"] = state_of(desk, told["api"])
    with desk_at(tmp_path / "command", databases[1]) as desk:
        work_through_the_day(desk, AtCommandLine(desk), told["command"])
        states["command"] = state_of(desk, told["command"])

    for what, there in states["command"].items():
        assert states["api"][what] == there, what
    kinds = {row["kind"] for row in states["api"]["audit"]}
    assert kinds >= {"import", "decide_drift", "retry", "revoke", "approve_group"}
    assert kinds >= {"set_policy", "set_stock", "undo_import"}
    outcomes = {outcome for _, _, outcome, _ in states["api"]["ledger"]}
    assert {"applied", "refused"} <= outcomes
    figures = states["api"]["figures"]["postmart"]
    assert figures["certified"] == MANY - 2, "two are revoked"
