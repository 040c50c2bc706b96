"""One run, or one sync with all its accounts: how far it is, what failed, its changes.

While it goes on, htmx asks for the part that changes, every two seconds; a link does
the same without a script. The page itself is of `ocop-sync runs show` and the API.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, NamedTuple
from urllib.parse import urlencode

from aiohttp import web
from pydantic import AwareDatetime, Field

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.forms.run_events import RunProgressForm, run_event_form
from ocop_sync.api.forms.runs import (
    LedgerLineForm,
    RunForm,
    RunHeadForm,
    ledger_line_form,
    run_head_form,
)
from ocop_sync.api.typed.cursor import read_cursor, write_cursor
from ocop_sync.api.typed.values import WHOLE, Identifier, Model
from ocop_sync.errors import PlanError
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.change_file import RUN_CHANGES_FILE, ChosenChanges
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.filters import Filter, filter_of, narrowed_address
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import RUNS
from ocop_sync.pages.sent_words import (
    ANSWERS,
    CHANGE_WORDS,
    ENDINGS,
    FACET_WORDS,
    Difference,
    differences,
    reason_words,
    said_words,
    standing_of,
    todo_words,
    why_words,
    work_words,
    worst_of,
)
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.queries.run_list import changes_of_run, kinds_of_run, run_seen
from ocop_sync.service.queries.sent import ChangeOutcome
from ocop_sync.service.requests.last_told import last_told
from ocop_sync.service.requests.run_requests import cancel_run
from ocop_sync.service.run.facet_counts import counted_by_facet

_NAMED: Final = 20
"""Accounts that are shown before the others are asked for."""
_SIZE: Final = 50
"""Changes on one page."""


class Place(NamedTuple):
    """The place of a change in the ledger."""

    sent_at: AwareDatetime
    run_id: str
    n: int


After = Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_-]*$")]


class RunPath(Model):
    """Which run."""

    run: Identifier
    """Its id; without ":" that of a whole sync."""

    @property
    def address(self) -> str:
        """Return its address."""
        return f"{RUNS}/{self.run}"


class RunQuery(Model):
    """Which of the changes that failed, and what has just been done."""

    after: After = ""
    """The place of the last one of the page before."""
    said: Annotated[int, Field(ge=0), WHOLE] = 0
    """How many failures the page that is there has told of."""
    over: Literal["cancel"] | None = None
    """What came too late."""
    accounts: Literal["all"] | None = None
    """Every account, and not the first ones alone."""


class ChangesQuery(Model):
    """Which changes."""

    outcome: ChangeOutcome | None = None
    """Only those to which that came."""
    after: After = ""
    """The place of the last one of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """How far the run is at one account.

    Attributes:
        name: The account.
        place: Its marketplace.
        state: How the run there stands or has ended.
        told: What it has told last; None if it has told nothing that is kept.
        counts: Of the ledger, how many changes came to what.
    """

    name: str
    place: Text
    state: tuple[Text, Kind]
    told: RunProgressForm | None
    counts: Mapping[str, int]

    @property
    def failed(self) -> int:
        """Return how many changes came to nothing."""
        return sum(self.counts.get(name, 0) for name in _FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A sent change in sentences.

    Attributes:
        line: The change.
        what: What it was to do.
        place: Where.
        answer: What came of it, and what that means.
        said: What was said to it; None if nothing was.
        is_quoted: These are the marketplace's own words.
        why: Why it was sent.
        todo: What to do about it; None if it has not failed.
        differences: What it has written.
    """

    line: LedgerLineForm
    what: Text
    place: Text
    answer: tuple[Text, Kind]
    said: Text | None
    is_quoted: bool
    why: Text
    todo: Text | None
    differences: Sequence[Difference]


async def show_run(visit: Visit) -> web.Response:
    """Show a run; htmx gets the part that changes while it goes on."""
    as_department(visit.asker)
    path, query, deployment = (
        visit.path(RunPath),
        visit.query(RunQuery),
        visit.deployment,
    )
    list_id = f"failed {path.run}"
    after = read_cursor(query.after, list_id, Place) if query.after else None
    found = await run_seen(deployment, path.run, after=after, size=_SIZE)
    head = run_head_form(
        found.failed.simulated, found.runs, found.request, shows_error=False
    )
    told = {
        each.account: each.progress
        for each in map(run_event_form, await last_told(deployment, path.run))
        if each.account is not None
    }
    kinds = await kinds_of_run(deployment, path.run)
    standing = _standing(head, path.run)
    is_going = standing in _GOING
    last = found.failed.last
    accounts = _accounts(visit, head, told)
    failed = sum(each.failed for each in accounts)
    values = {
        "head": head,
        "path": path,
        "work": work_words(head.request) if head.request else None,
        "standing": ENDINGS[standing],
        "is_going": is_going,
        "accounts": accounts if query.accounts else accounts[:_NAMED],
        "more": [] if query.accounts else _counted(accounts[_NAMED:]),
        "sum": _sum(accounts),
        "facets": [(FACET_WORDS[e.facet], e) for e in counted_by_facet(kinds)],
        "kinds": [(CHANGE_WORDS[e], kinds[e]) for e in CHANGE_WORDS if e in kinds],
        "answers": {
            name: words
            for name, words in ANSWERS.items()
            if any(name in each for each in kinds.values())
        },
        "failed": failed,
        "says_failed": visit.is_part and 0 < failed != query.said,
        "reason": reason_words(head.request.reason) if head.request else None,
        "rows": [_row(visit, ledger_line_form(e)) for e in found.failed.rows],
        "over": query.over,
        "first": path.address if query.after else "",
        "following": _more(path.address, list_id, Place(*last)) if last else "",
        "runs": RUNS,
    }
    if not visit.is_part:
        return visit.page("run.html", simulated=head.simulated, values=values)
    part = visit.page("run_part.html", values=values)
    if not is_going:  # the rest of the page changes as well
        part.headers["HX-Refresh"] = "true"
    return part


async def cancel(visit: Visit) -> web.Response:
    """Ask a run to end at its next step."""
    by, path = as_department(visit.asker), visit.path(RunPath)
    try:
        await cancel_run(visit.deployment, path.run, by=by)
    except PlanError:  # it has ended
        return see(f"{path.address}?over=cancel")
    return see(path.address)


async def show_changes(visit: Visit) -> web.Response:
    """Show what a run has sent: each change with its answer and its reason."""
    as_department(visit.asker)
    if address := narrowed_address(visit.request):
        return see(address)
    path, query, deployment = (
        visit.path(RunPath),
        visit.query(ChangesQuery),
        visit.deployment,
    )
    address, list_id = f"{path.address}/changes", f"changes {path.run} {query.outcome}"
    after = read_cursor(query.after, list_id, Place) if query.after else None
    found = await changes_of_run(
        deployment, path.run, query.outcome, after=after, size=_SIZE
    )
    chosen = {"outcome": query.outcome} if query.outcome else {}
    begin = f"{address}?{urlencode(chosen)}" if chosen else address
    last = found.last
    values = {
        "path": path,
        "rows": [_row(visit, ledger_line_form(each)) for each in found.rows],
        "filters": [_filter(query)],
        "files": file_links(visit),
        "address": address,
        "first": begin if query.after else "",
        "following": _more(begin, list_id, Place(*last)) if last else "",
    }
    return visit.page("run_changes.html", simulated=found.simulated, values=values)


_GOING: Final = frozenset({"waiting", "dead", "running"})
_FAILED: Final = ("refused", "unknown", "not_sent")


def _standing(head: RunHeadForm, id_: str) -> str:
    """Return how the run stands; of one account of it, by the ledger alone."""
    if head.request is not None and ":" not in id_:
        return standing_of(head.request)
    return worst_of(each.outcome for each in head.runs)


def _accounts(
    visit: Visit, head: RunHeadForm, told: Mapping[str, RunProgressForm | None]
) -> list[AccountRow]:
    return [
        AccountRow(
            name=each.account,
            place=place_words(visit.deployment, each.marketplace),
            state=ENDINGS[each.outcome],
            told=told.get(each.account),
            counts=each.changes,
        )
        for each in sorted(head.runs, key=_order_of)
    ]


def _order_of(run: RunForm) -> tuple[bool, bool, bool, str, str]:
    """Let what has failed, goes on or was sent to stand first."""
    failed = any(run.changes.get(name) for name in _FAILED)
    is_going = run.outcome == "running"
    has_failed = failed or ENDINGS[run.outcome][1] == "wrong"
    return not has_failed, not is_going, not run.changes, run.marketplace, run.account


def _counted(rows: Sequence[AccountRow]) -> list[tuple[int, Text]]:
    """Return how many accounts stand how."""
    counts = Counter(each.state[0] for each in rows)
    return [(n, words) for words, n in counts.items()]


def _sum(accounts: Sequence[AccountRow]) -> Mapping[str, int]:
    """Return how many changes were sent, and how many are left as far as is known."""
    left = [each.told.left for each in accounts if each.told is not None]
    return {
        "sent": sum(sum(each.counts.values()) for each in accounts),
        "left": sum(n for n in left if n is not None),
    }


def _row(visit: Visit, line: LedgerLineForm) -> ChangeRow:
    outcome = line.outcome or ChangeOutcome.OPEN.value
    return ChangeRow(
        line=line,
        what=CHANGE_WORDS[line.kind],
        place=place_words(visit.deployment, line.marketplace),
        answer=ANSWERS[outcome],
        said=said_words(line.words, outcome),
        is_quoted=outcome == ChangeOutcome.REFUSED,
        why=why_words(line.why, visit.deployment.rules),
        todo=todo_words(outcome),
        differences=differences(line.kind, line.before, line.after),
    )


def _filter(query: ChangesQuery) -> Filter:
    failed = (ChangeOutcome.FAILED.value, Text("Không thành", "Came to nothing"))
    options = [failed, *((name, ANSWERS[name][0]) for name in _ASKED)]
    return filter_of("outcome", Text("Kết quả", "Outcome"), options, query.outcome)


_ASKED: Final = ("refused", "unknown", "not_sent", "applied", "submitted", "open")


def _more(address: str, list_id: str, place: Place) -> str:
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode({'after': write_cursor(list_id, place)})}"


_CHANGES: Final = f"{RUNS}/{{run}}/changes"
PAGES: Final = (
    PageRoute("GET", f"{RUNS}/{{run}}", STAFF, show_run),
    PageRoute("GET", _CHANGES, STAFF, show_changes),
    PageRoute("POST", f"{RUNS}/{{run}}/cancellation", STAFF, cancel),
)


def _changes_of(visit: Visit) -> ChosenChanges:
    as_department(visit.asker)
    outcome = visit.query(ChangesQuery).outcome
    return ChosenChanges(run=visit.path(RunPath).run, outcome=outcome)


FILES: Final = list_routes(_CHANGES, STAFF, RUN_CHANGES_FILE, _changes_of)
"""The changes of a run as files."""
