"""The command line and the API show the same values: each view in one table, tried.

A command with `--json` and the route for the same question are asked of one database,
at one instant. What they write is equal, but for the pages in which a list comes. A
command or a route that is added gets its row, or the reason why it stands alone.
"""

import asyncio
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import click
import pytest
from aiohttp.test_utils import TestClient, TestServer

from catalog.model.paper import PaperKind
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync import bootstrap
from ocop_sync.api.app import OPERATIONS, PUBLIC_OPERATIONS, make_app
from ocop_sync.cli.app.commands import Commands
from ocop_sync.settings import load_settings
from tests.api.served import PACE, StandInAccess
from tests.e2e.conftest import show_soon
from tests.e2e.served import SECRETS, Desk, PassingTime, good, open_desk, today
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant

DAY: Final = "{day}"
"""Stands in a row for the day at which all is asked."""
RUN: Final = "{run}"
"""Stands in a row for the run in which something failed."""


@dataclass(frozen=True)
class Pair:
    """A command and the route for the same question.

    Attributes:
        words: The command, without `--json`.
        path: The address.
        command: The command's name, without arguments.
        route: The operation's id.
        rows: The keys of the list, at the command line and over the API; "" if the
            answer is no list in pages.
        alone: Keys, in any place, that one of them alone fills, with the reason.
        is_part: The command tells much more; the list alone is the same.
    """

    words: str
    path: str
    command: str
    route: str
    rows: tuple[str, str] = ("", "")
    alone: dict[str, str] = field(default_factory=dict)
    is_part: bool = False


def pair(
    command: str,
    more: str,
    route: str,
    path: str,
    rows: str = "",
    **alone: str,
) -> Pair:
    """Return a row; *more* are the arguments, *rows* the list's key in the command."""
    return Pair(
        words=f"{command} {more}".strip(),
        path=f"/api/v1/{path}",
        command=command,
        route=route,
        rows=(rows, "items") if rows else ("", ""),
        alone=alone,
    )


NAMES_ADDRESSES: Final = "the words of an error may name an address of ours"

PAIRS: Final = (
    pair("marketplaces", "", "list_marketplaces", "marketplaces"),
    pair("marketplaces list", "", "list_marketplaces", "marketplaces"),
    pair("marketplaces policy show", "", "list_policies", "policies"),
    pair(
        "marketplaces policy show",
        "--marketplace postmart",
        "get_marketplace_policies",
        "marketplaces/postmart/policies",
    ),
    pair(
        "marketplaces policy show",
        "--account postmart",
        "get_account_policies",
        "accounts/postmart/policies",
    ),
    pair("mapping show", "postmart", "get_mapping", "marketplaces/postmart/mapping"),
    pair("mapping show", "voso", "get_mapping", "marketplaces/voso/mapping"),
    pair("coverage", "", "get_coverage", "coverage"),
    pair("coverage", "--by stars", "get_coverage", "coverage?by=stars"),
    pair(
        "coverage",
        f"--history {DAY} {DAY}",
        "get_coverage_history",
        f"coverage/history?first={DAY}&last={DAY}",
    ),
    pair(
        "coverage",
        "postmart --list certified",
        "list_counted_products",
        "coverage/products?marketplace=postmart&figure=certified",
        "products",
    ),
    pair(
        "coverage",
        "--as-of 2080-01-01",
        "list_drops_out",
        "coverage/drops-out?as_of=2080-01-01",
        "drops_out",
    ),
    pair("coverage", "--ends", "list_coming_ends", "coverage/ends", "rows"),
    pair("coverage", "--claims-ended", "list_claims_ended", "coverage/claims-ended"),
    pair("coverage", "--published", "list_published_figures", "coverage/published"),
    pair("coverage", "--freshness", "get_freshness", "coverage/freshness"),
    pair("coverage", "--freshness 30", "get_freshness", "coverage/freshness?days=30"),
    pair("products list", "", "list_products", "products", "products"),
    pair(
        "products list",
        "--producer CS-0001",
        "list_products",
        "products?producer=CS-0001",
        "products",
    ),
    pair("products show", "SP-00001", "get_product", "products/SP-00001"),
    pair("products why", "SP-00002", "get_why", "products/SP-00002/why"),
    pair("pictures list", "SP-00001", "list_pictures", "products/SP-00001/pictures"),
    pair(
        "certificates list",
        "",
        "list_certificates",
        "certificates",
        "certificates",
    ),
    pair(
        "certificates list",
        "--state valid --stars 4 --level tỉnh --decision 1/QĐ-MẪU"
        " --ends-from 2000-01-01 --ends-to 2089-01-01",
        "list_certificates",
        "certificates?state=valid&stars=4&level=t%E1%BB%89nh&decision=1/Q%C4%90-M%E1%BA%AAU"
        "&ends_from=2000-01-01&ends_to=2089-01-01",
        "certificates",
    ),
    pair(
        "certificates show",
        "SP-00001",
        "get_certificates",
        "products/SP-00001/certificates",
    ),
    pair("people list", "", "list_people", "people"),
    pair(
        "people sessions",
        "NV-00001",
        "list_person_sessions",
        "people/NV-00001/sessions",
    ),
    pair("keys list", "", "list_keys", "keys"),
    pair("producers links", "", "list_links", "links", "links"),
    pair("producers links", "CS-0001", "list_links", "links?producer=CS-0001", "links"),
    pair("producers list", "", "list_producers", "producers", "producers"),
    pair("producers show", "CS-0001", "get_producer", "producers/CS-0001"),
    pair("papers list", "", "list_papers", "papers", "products"),
    pair(
        "papers list",
        "--producer CS-0001",
        "list_producer_papers",
        "producers/CS-0001/papers",
        "products",
    ),
    pair("consent show", "CS-0004", "get_consent", "producers/CS-0004/consent"),
    pair("consent erasures", "", "list_erasures", "erasures"),
    pair("import reports", "", "list_imports", "imports", "reports"),
    pair("expiring", "", "list_expiring", "expiring", "rows"),
    pair("expiring", "--days 400", "list_expiring", "expiring?days=400", "rows"),
    pair("missing-papers", "", "list_missing_papers", "missing-papers", "rows"),
    pair(
        "missing-papers",
        f"--as-of {DAY}",
        "list_missing_papers",
        f"missing-papers?as_of={DAY}",
        "rows",
    ),
    pair("worklist", "", "list_work", "worklist", "items"),
    pair(
        "worklist",
        "--marketplace postmart --today",
        "list_work",
        "worklist?marketplace=postmart&when=today",
        "items",
    ),
    pair(
        "history",
        "SP-00001",
        "get_history",
        "history/SP-00001",
        "changes",
        is_whole="told of a page, where it is the last one",
    ),
    Pair(
        words="held list",
        path="/api/v1/held",
        command="held list",
        route="list_held",
        rows=("products", "products"),
    ),
    Pair(
        words="held show 1",
        path="/api/v1/held/1",
        command="held show",
        route="get_held_group",
        rows=("members", "members"),
    ),
    pair("import list", "", "list_past_imports", "past-imports", "imports"),
    Pair(
        words="import show 1",
        path="/api/v1/past-imports/1",
        command="import show",
        route="get_past_import",
        rows=("changes", "changes"),
    ),
    pair(
        "status",
        "",
        "get_status",
        "status",
        words=NAMES_ADDRESSES,
        unusable=NAMES_ADDRESSES,
    ),
    pair("status", "--monitor", "get_alarms", "monitor", why=NAMES_ADDRESSES),
    pair(
        "status",
        "--monitor --longer-than 1 --old-after 1",
        "get_alarms",
        "monitor?longer_than=1&old_after=1",
        why=NAMES_ADDRESSES,
    ),
    Pair(
        words="status --products",
        path="/api/v1/accounts",
        command="status",
        route="list_accounts",
        rows=("accounts", "accounts"),
        alone={"words": NAMES_ADDRESSES},
        is_part=True,
    ),
    Pair(
        words="eligibility",
        path="/api/v1/eligibility",
        command="eligibility",
        route="list_eligibility",
        rows=("products", "products"),
        alone={"counts": "known once all products were gone through"},
    ),
    Pair(
        words="eligibility --marketplace postmart",
        path="/api/v1/eligibility?marketplace=postmart",
        command="eligibility",
        route="list_eligibility",
        rows=("products", "products"),
        alone={"counts": "known once all products were gone through"},
    ),
    pair("drift list", "", "list_drift", "drift", "drift"),
    pair("notices list", "", "list_notices", "notices", "notices"),
    pair("notices show", "1", "get_notice", "notices/1"),
    pair("twins list", "", "list_twins", "twins", "twins"),
    pair("twins list", "--all", "list_twins", "twins?all=true", "twins"),
    pair("plan list", "", "list_all_plans", "plans", "plans"),
    Pair(
        words="plan show 1",
        path="/api/v1/plans/1",
        command="plan show",
        route="get_plan",
        rows=("items", "items"),
    ),
    pair("runs list", "", "list_runs", "runs", "runs", error=NAMES_ADDRESSES),
    Pair(
        words=f"runs show {RUN}",
        path=f"/api/v1/runs/{RUN}",
        command="runs show",
        route="get_run",
        rows=("failed", "failed"),
        alone={"error": NAMES_ADDRESSES},
    ),
    pair("ledger", "", "list_ledger", "ledger", "changes"),
    pair(
        "ledger",
        "--product SP-00001 --kind create",
        "list_ledger",
        "ledger?product=SP-00001&kind=create",
        "changes",
    ),
    pair("audit list", "", "list_acts", "audit", "acts"),
    pair("audit head", "", "get_audit_head", "audit/head"),
    pair("audit verify", "", "verify_acts", "audit/verification"),
    pair(
        "audit verify",
        f"--head {'0' * 64}",
        "verify_acts",
        f"audit/verification?head={'0' * 64}",
    ),
    pair("eligibility", "--explain-rules", "list_rules", "eligibility/rules"),
    pair("schedule list", "", "list_all_schedules", "schedules"),
    pair("sheet status", "", "list_hand_accounts", "hand-accounts"),
    Pair(
        words="import report 2",
        path="/api/v1/imports/2",
        command="import report",
        route="get_import",
        rows=("problems", "problems"),
    ),
)

_AN_ACT: Final = "an act with its result, no view"
_OF_THE_COMPUTER: Final = "about this computer, for who runs the service there"

COMMANDS_ALONE: Final = {
    "certificates correct": _AN_ACT,
    "certificates grant": _AN_ACT,
    "certificates reassess": _AN_ACT,
    "certificates restore": _AN_ACT,
    "certificates revoke": _AN_ACT,
    "certificates undo": _AN_ACT,
    "certificates void": _AN_ACT,
    "db current": _OF_THE_COMPUTER,
    "health": _OF_THE_COMPUTER,
    "import": _AN_ACT,
    "import undo": _AN_ACT,
    "products bulk": _AN_ACT,
    "keys add": _AN_ACT,
    "keys rotate": _AN_ACT,
    "marketplaces check": _AN_ACT,
    "marketplaces pause": _AN_ACT,
    "marketplaces resume": _AN_ACT,
    "marketplaces policy set": _AN_ACT,
    "marketplaces policy reset": _AN_ACT,
    "notices test": _AN_ACT,
    "papers add": _AN_ACT,
    "papers attest": _AN_ACT,
    "papers correct": _AN_ACT,
    "papers end": _AN_ACT,
    "pictures add": _AN_ACT,
    "pictures mark": _AN_ACT,
    "pictures order": _AN_ACT,
    "pictures remove": _AN_ACT,
    "producers add": _AN_ACT,
    "producers edit": _AN_ACT,
    "producers link": _AN_ACT,
    "products add": _AN_ACT,
    "products add-pack": _AN_ACT,
    "products edit": _AN_ACT,
    "products move": _AN_ACT,
    "plan": _AN_ACT,
    "reconcile": _AN_ACT,
    "plan approve": _AN_ACT,
    "plan carry-out": _AN_ACT,
    "plan make": _AN_ACT,
    "plan refuse": _AN_ACT,
    "runs start": _AN_ACT,
    "runs follow": "goes on; `test_follow.py` holds it against the route",
    "schedule add": _AN_ACT,
    "schedule edit": _AN_ACT,
    "sheet export": "an act: over the API a batch is closed, and downloaded",
    "sheet import": _AN_ACT,
    "sync": _AN_ACT,
}
"""The commands with `--json` that no route answers, each with its reason."""

ROUTES_ALONE: Final = {
    "get_account": "one row of `status`",
    "get_schedule": "one of those of `schedule list`",
    "get_schedule_timing": "its times in `schedule list`, for their ETag",
    "get_schedule_times": "`schedule add --check`",
    "get_live": "for whoever watches the service",
    "get_ready": "for whoever watches the service",
    "list_workers": "each is `health --name`; `test_status.py` holds them together",
    "get_person": "one of `people list`, for its ETag",
    "get_product_papers": "one of `papers list`, for its ETag",
    "get_me": "who calls; the command line has nobody signed in",
    "list_sessions": "the caller's own ones",
    "get_shown_picture": "a file",
    "get_kept_picture": "a file",
    "follow_run": "goes on: `runs follow`",
    "export_whole_catalog": "a file: `export`",
    "get_empty_sheet": "a file: `template`",
    "get_expiring_table": "a file: `expiring --out`",
    "get_missing_papers_table": "a file: `missing-papers --out`",
    "get_batch_workbook": "a file: `sheet export` writes it",
    "get_batch_pictures": "a file: `sheet export` writes them one by one",
    "get_annotated_import": "a file: `import report --annotate`",
    "get_public_coverage": "figures for everybody: fewer values, by intent",
    "list_public_products": "products for everybody: fewer values, by intent",
}
"""The GET routes that no command answers, each with its reason."""


EMPTY: Final[frozenset[str]] = frozenset()
"""Lists that are empty here."""


class StillTime(PassingTime):
    """The computer's time until a test says that it stands."""

    still: datetime | None = None

    def __call__(self) -> datetime:
        return self.still or super().__call__()


def _with_json(group: click.Group, before: str = "") -> Iterator[str]:
    """Yield the names of the commands that write JSON."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        full = f"{before} {name}".strip()
        # Danger: `import FILE` is what the group itself does.
        shown = getattr(command, "itself", command)
        if any(each.name == "as_json" for each in shown.params):
            yield full
        if isinstance(command, click.Group):
            yield from _with_json(command, full)


def test_every_command_with_json_has_a_row_or_a_reason() -> None:
    every = set(_with_json(click.Group(commands=Commands())))

    paired = {each.command for each in PAIRS}
    assert paired.isdisjoint(COMMANDS_ALONE)
    assert every == paired | COMMANDS_ALONE.keys()


def test_every_route_that_reads_has_a_row_or_a_reason() -> None:
    every = {e.id for e in OPERATIONS + PUBLIC_OPERATIONS if e.method == "GET"}

    paired = {each.route for each in PAIRS}
    assert paired.isdisjoint(ROUTES_ALONE)
    assert every == paired | ROUTES_ALONE.keys()


@dataclass(frozen=True)
class Asked:
    """A desk with something of everything, and what the API answers there.

    Attributes:
        values: What stands in rows for a value that only the desk knows.
        answers: The answers of all routes, by address.
    """

    desk: Desk
    values: Mapping[str, str]
    answers: Mapping[str, Any]

    def fill_in(self, text: str) -> str:
        return filled(text, self.values)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a row's text with what only the desk knows."""
    for name, value in values.items():
        text = text.replace(name, value)
    return text


NOTICES_GO: Final = {
    "OCOP_SYNC_WEBHOOK__URL": "http://127.0.0.1:9/",
    "OCOP_SYNC_WEBHOOK__SECRET__ENV": "OCOP_TEST_WEBHOOK",
}
"""A way for notices: nothing is recorded without one. No worker sends any."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Something of everything, at one instant; every route is asked."""
    with pytest.MonkeyPatch.context() as patch:
        show_soon(patch, call_timeout_s=8)
        for name, value in (SECRETS | NOTICES_GO).items():
            patch.setenv(name, value)
        with open_desk(tmp_path_factory.mktemp("desk")) as desk:
            time = desk.time = StillTime()
            fill(desk)
            time.pass_(minutes=5)
            time.still = time()
            failed = desk.run_json("ledger", "--outcome", "failed")["changes"]
            day = f"{time.still + timedelta(hours=7):%Y-%m-%d}"
            values = {DAY: day, RUN: failed[0]["run"] if failed else "-"}
            yield Asked(desk, values, asyncio.run(answers(desk, values)))


def fill(desk: Desk) -> None:
    """Have something of everything: on sale, held, edited there, doubtful, failed."""
    by, why = ("--by", "Ng. Văn A"), ("--reason", "họp")
    policy = ("marketplaces", "policy", "set")
    unsafe = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    soon = day_in_vietnam(today()) - timedelta(days=3 * 365 - 20)
    products = [
        *(good(n) for n in range(1, 4)),
        good(4, certificates=(make_certificate(decided_on=soon),)),
        good(5, paused=True),
        good(6, variants=(make_variant(sku="SP-00006-1", gtin="", price_vnd=None),)),
        good(7),
    ]
    wrong = desk.folder / "sai.csv"
    wrong.write_text("product_id,price_vnd\nSP-00001,rẻ\n", "utf-8")
    desk.write_settings(more="safety.min_changes = 1")
    desk.postmart.post("hand_made", names=["Măng khô Mẫu 7"], skus=["KHO-1"])
    ran(desk, "import", str(desk.write_catalog(*products)))
    ran(desk, "import", str(wrong))
    ran(desk, "sync")
    for words in (
        ("consent", "withdraw", "CS-0004", *by),
        ("products", "price", "SP-00001-1", "46000", *by),
        (*policy, "safety.share", "0.05", "--marketplace", "postmart", *by, *why),
        ("keys", "add", "Bảng", "--role", "viewer", *by),
        ("people", "add", "Lê B", "--role", "admin", "--make-password", *by),
        ("producers", "link", "CS-0001", *by),
    ):
        ran(desk, *words)
    of = ("SP-00001", "--decision", "001/QĐ-MẪU", *by, *why)
    assert desk.confirm("certificates", "void", *of).exit_code == 0
    ran(desk, "certificates", "restore", *of)
    desk.postmart.post("edit", ref="SP-00001", changes={"name": "Sửa"})
    prices = "PATCH /v1/products/*/prices"
    desk.postmart.post("faults", operation=prices, fault="too_long", size=1)
    desk.enter(*((replace(p, papers=unsafe), maker) for p, maker in products[1:3]))
    ran(desk, "plan", "make", *by)
    ran(desk, "reconcile")
    ran(desk, "runs", "start", "sync", *by)


def ran(desk: Desk, *words: str) -> None:
    """Run a command that ends in any way but wrong use."""
    result = desk.run(*words)
    assert result.exit_code in {0, 1, 3}, result.output


async def answers(desk: Desk, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer of each route in the table, whole, by its address."""
    found: dict[str, Any] = {}
    async with bootstrap.open_deployment(
        load_settings(desk.settings), time=desk.time.for_commands()
    ) as deployment:
        app = make_app(deployment, StandInAccess(), pace=PACE)
        async with TestClient(TestServer(app)) as client:
            for path in {filled(each.path, values) for each in PAIRS}:
                headers = {"Authorization": "Bearer admin"}
                async with client.get(path, headers=headers) as answer:
                    assert answer.status == 200, (path, await answer.text())
                    found[path] = await answer.json()
    return found


def without(value: Any, keys: Container[str]) -> Any:
    """Return a value of JSON without *keys*, in any place."""
    if isinstance(value, list):
        return [without(each, keys) for each in value]
    if isinstance(value, dict):
        return {k: without(each, keys) for k, each in value.items() if k not in keys}
    return value


@pytest.mark.parametrize("row", PAIRS, ids=lambda each: each.words)
def test_a_command_and_its_route_show_the_same(asked: Asked, row: Pair) -> None:
    told = asked.desk.run_json(*asked.fill_in(row.words).split())
    answer = dict(asked.answers[asked.fill_in(row.path)])

    told_rows, answer_rows = (
        each.pop(key) if key else []
        for each, key in zip((told, answer), row.rows, strict=True)
    )
    assert answer.pop("next", None) is None, "the list of the test is one page"
    if not row.is_part:
        assert without(told, row.alone) == without(answer, row.alone)
    assert without(told_rows, row.alone) == without(answer_rows, row.alone)
    assert told or told_rows
    if row.rows[0] and row.words not in EMPTY:
        assert told_rows, "a list of which nothing is shown proves nothing"
