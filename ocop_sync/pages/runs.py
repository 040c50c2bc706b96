"""The runs that there were, and a new one: said what it will do, then asked for.

It is the list of `ocop-sync runs list` and of the API, by sync. A run that somebody
asked for and that found nothing to do stands in the list of requests alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple
from urllib.parse import urlencode

from aiohttp import web
from pydantic import AwareDatetime, Field

from catalog.eligibility import Text
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.access.reach import as_department, ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.forms.runs import request_form, run_form
from ocop_sync.api.typed.cursor import read_cursor, write_cursor
from ocop_sync.api.typed.values import Date, Model
from ocop_sync.errors import RunRequestedError
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.filters import ALL, Filter, filter_of, narrowed_address
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import RUNS
from ocop_sync.pages.run_file import RUNS_FILE, ChosenRuns
from ocop_sync.pages.sent_words import (
    ENDINGS,
    counts_words,
    standing_of,
    work_words,
    worst_of,
)
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.queries.accounts import accounts_seen
from ocop_sync.service.queries.held import held_groups
from ocop_sync.service.queries.requests import (
    SeenRequest,
    open_requests,
    request_of,
    requests_page,
)
from ocop_sync.service.queries.run_list import ListedSync, RunFilter, syncs_page
from ocop_sync.service.requests.run_requests import WantedRun, request_run

START: Final = f"{RUNS}/start"
_SIZE: Final = 50
"""Runs at accounts on one page."""
_NAMED: Final = 5
"""Accounts of a sync that its row names."""


class Place(NamedTuple):
    """The place of a run in a list: when it began or was asked for, and its id."""

    at: AwareDatetime
    id: str


class RunsQuery(Model):
    """Which runs."""

    only: Literal["asked"] | None = None
    """Only those that somebody has asked for; the next two do not narrow these."""
    outcome: (
        Literal["running", "done", "failed", "stopped", "cancelled", "died"] | None
    ) = None
    """Only those that have ended so."""
    day: Date | None = None
    """Only those that began on this day."""
    after: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """The place of the last one of the page before."""

    @property
    def which(self) -> RunFilter:
        """Return which runs are asked for."""
        return RunFilter(ending=self.outcome, day=self.day)

    @property
    def narrows(self) -> bool:
        """Say whether the list of those that nobody need have asked for is narrowed."""
        return self.only is None and self.which != RunFilter()

    def address(self, last: Place | None = None, list_id: str = "") -> str:
        """Return the address of the first page of this list, or of the next one."""
        chosen = self.model_dump(exclude={"after"}, exclude_none=True)
        if last is not None:
            chosen["after"] = write_cursor(list_id, last)
        return f"{RUNS}?{urlencode(chosen)}" if chosen else RUNS


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One sync of the list.

    Attributes:
        id: Its id.
        at: When it began, or was asked for.
        work: What it was to do; None if nobody has asked for it.
        by: Who has asked; "" if that is not known.
        state: How it stands or has ended.
        places: The marketplaces.
        accounts: Names of the first accounts, each with how its run has ended.
        more: How many more accounts there are.
        counts: How many changes came to what.
        plan: The plan that it carries out; None if it carries out none.
        is_part: Others of its accounts stand on the page before or after.
    """

    id: str
    at: datetime
    work: Text | None
    by: str
    state: tuple[Text, Kind]
    places: Sequence[Text]
    accounts: Sequence[tuple[str, tuple[Text, Kind]]] = ()
    more: int = 0
    counts: Sequence[tuple[int, Text, Kind]] = ()
    plan: int | None = None
    is_part: bool = False

    @property
    def href(self) -> str:
        """Return its address."""
        return f"{RUNS}/{self.id}"


async def show_runs(visit: Visit) -> web.Response:
    """Show the runs, the latest first; those that wait or go on stand on top."""
    ensure_whole(visit.asker)
    if address := narrowed_address(visit.request, texts=("day",)):
        return see(address)
    query, deployment = visit.query(RunsQuery), visit.deployment
    list_id = "asked" if query.only else f"runs {query.outcome} {query.day}"
    after = read_cursor(query.after, list_id, Place) if query.after else None
    if query.only:
        asked = await requests_page(deployment, after=after, size=_SIZE)
        rows = [_asked_row(visit, each) for each in asked.requests]
        last, count = asked.last, len(rows)
    else:
        found = await syncs_page(deployment, query.which, after=after, size=_SIZE)
        rows = [_sync_row(visit, each) for each in found.syncs]
        last, count = found.last, found.runs
    going = await open_requests(deployment)
    values = {
        "query": query,
        "going": [_asked_row(visit, each) for each in going],
        "rows": rows,
        "count": count,
        "first": query.address() if query.after else "",
        "following": query.address(Place(*last), list_id) if last else "",
        "filters": [_filter(query)],
        "files": file_links(visit),
        "address": RUNS,
        "asked": f"{RUNS}?only=asked",
        "start": START,
    }
    return visit.page("runs.html", simulated=deployment.simulated, values=values)


def _filter(query: RunsQuery) -> Filter:
    endings = ("running", "done", "failed", "stopped", "cancelled", "died")
    options = [(name, ENDINGS[name][0]) for name in endings]
    return filter_of("outcome", Text("Kết quả", "Outcome"), options, query.outcome)


def _asked_row(visit: Visit, seen: SeenRequest) -> RunRow:
    form = request_form(seen)
    return RunRow(
        id=form.run,
        at=form.asked_at,
        work=work_words(form),
        by=form.asked_by,
        state=ENDINGS[standing_of(form)],
        places=_places(visit, form.marketplaces),
        plan=form.plan,
    )


def _sync_row(visit: Visit, found: ListedSync) -> RunRow:
    runs = [run_form(each, shows_error=False) for each in found.runs]
    form = None if found.request is None else request_form(found.request)
    standing = standing_of(form) if form else worst_of(each.outcome for each in runs)
    counts: dict[str, int] = {}
    for each in runs:
        for outcome, n in each.changes.items():
            counts[outcome] = counts.get(outcome, 0) + n
    return RunRow(
        id=found.id,
        at=min(each.started_at for each in runs),
        work=None if form is None else work_words(form),
        by=form.asked_by if form else "",
        state=ENDINGS[standing],
        places=_places(visit, sorted({each.marketplace for each in runs})),
        accounts=[(each.account, ENDINGS[each.outcome]) for each in runs[:_NAMED]],
        more=max(0, len(runs) - _NAMED),
        counts=counts_words(counts),
        plan=form.plan if form else None,
        is_part=found.is_part,
    )


def _places(visit: Visit, names: Sequence[str]) -> list[Text]:
    names = names or [site.name for site in visit.deployment.sites]
    return [place_words(visit.deployment, each) for each in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceToRun:
    """A marketplace at which a run may be asked for, and what it does not do there.

    Attributes:
        name: Its name, as it is chosen.
        words: What people call it.
        accounts: How many accounts there are.
        paused: Those that nothing is written to.
        held: How many groups wait for a person there, of which nothing is sent.
    """

    name: str
    words: Text
    accounts: int
    paused: Sequence[str]
    held: int


async def show_start(visit: Visit) -> web.Response:
    """Say what a run would do, before it is asked for."""
    as_department(visit.asker)
    return await _start_page(visit)


async def start(visit: Visit) -> web.Response:
    """Ask for a run; while another one has not ended there, that one is shown."""
    by, form = as_department(visit.asker), visit.form
    names = {site.name for site in visit.deployment.sites}
    work, place = form.get("work", ""), form.get("marketplace", "")
    if work not in _WORKS:
        return await _start_page(visit, fault="work")
    if place not in {ALL, *names}:
        return await _start_page(visit, fault="marketplace")
    wanted = WantedRun.of(
        work.removesuffix(_ONLY),
        () if place == ALL else (place,),
        report_only=work.endswith(_ONLY),
    )
    try:
        request = await request_run(visit.deployment, wanted, by=by)
    except RunRequestedError as error:
        before = await request_of(visit.deployment, error.run)
        return await _start_page(visit, before=before)
    return see(f"{RUNS}/{request.id}")


async def _start_page(
    visit: Visit, *, fault: str = "", before: SeenRequest | None = None
) -> web.Response:
    deployment = visit.deployment
    accounts = await accounts_seen(deployment, WHOLE_CATALOG)
    groups = await held_groups(deployment)
    places = [
        PlaceToRun(
            name=site.name,
            words=place_words(deployment, site.name),
            accounts=len(site.accounts),
            paused=[
                each.status.key
                for each in accounts
                if each.status.marketplace == site.name and each.status.pause
            ],
            held=sum(
                each.group.marketplace == site.name and each.state == "open"
                for each in groups
            ),
        )
        for site in deployment.sites
    ]
    values = {
        "places": places,
        "works": list(_WORKS.items()),
        "place": visit.form.get("marketplace", ALL),
        "work": visit.form.get("work", "sync"),
        "everywhere": ALL,
        "faults": [(fault, _FAULTS[fault])] if fault else [],
        "before": None if before is None else _asked_row(visit, before),
        "start": START,
        "address": RUNS,
    }
    status = 409 if before else 422 if fault else 200
    return visit.page(
        "run_start.html",
        simulated=deployment.simulated,
        status=status,
        values=values,
    )


_ONLY: Final = "-only"
_WORKS: Final = {
    "sync": Text(
        "Đồng bộ: gửi lên sàn những gì danh mục đã đổi",
        "Sync: send what has changed in the catalog",
    ),
    "reconcile": Text(
        "Đối soát: đọc lại mọi tin trên sàn, rồi sửa chỗ khác danh mục",
        "Reconcile: read every listing, and put right what differs",
    ),
    f"reconcile{_ONLY}": Text(
        "Đối soát, chỉ báo: đọc lại mọi tin, không gửi gì",
        "Reconcile, and only report: nothing is sent",
    ),
}
_FAULTS: Final = {
    "work": Text("Chọn việc phải làm.", "Say what is to be done."),
    "marketplace": Text("Chọn một sàn trong danh sách.", "Choose one of the list."),
}

PAGES: Final = (
    PageRoute("GET", RUNS, STAFF, show_runs),
    PageRoute("GET", START, STAFF, show_start),
    PageRoute("POST", START, STAFF, start, makes=True),
)


def _chosen_of(visit: Visit) -> ChosenRuns:
    ensure_whole(visit.asker)
    query = visit.query(RunsQuery)
    return ChosenRuns(only_asked=query.only is not None, which=query.which)


FILES: Final = list_routes(RUNS, STAFF, RUNS_FILE, _chosen_of)
"""The same list as files."""
