"""Papers of many products attested at once: the list, what it does, and a reason.

The form carries the papers as they were seen: whoever comes second attests nothing, and
is shown who was first. What takes products off sale is told before it is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.commands.paper_entry import EXPIRES_ON, SEEN_ON, PaperAct, PaperEntry
from catalog.commands.papers import PaperSubjects
from catalog.eligibility import Text
from catalog.errors import FieldsError, HeldPapersError
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.errors import StalePlanError
from ocop_sync.pages.decision_forms import FIELD, Fault, faulty
from ocop_sync.pages.typed_days import typed_day
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import ATTEST, PAPERS
from ocop_sync.service.department.papers import (
    ChosenPapers,
    chosen_papers,
    enter,
)
from ocop_sync.service.producer.changes import Doing

_MOST: Final = 200
"""Products that are attested at once."""
_ANSWERS: Final = {"yes": Fact.YES, "no": Fact.NO}
_NO_DAY: Final = Text(
    "Ghi ngày như 05/12/2026, hoặc để trống.",
    "Write the day as 2026-12-05, or leave it empty.",
)


class AttestQuery(Model):
    """Which paper of which products."""

    paper: PaperKind
    """The kind of paper."""
    product: Annotated[tuple[Identifier, ...], Field(max_length=_MOST)] = ()
    """The codes of the products."""

    @property
    def address(self) -> str:
        """Return the address of just these."""
        chosen = [("product", each) for each in self.product]
        return f"{ATTEST}?{urlencode([('paper', self.paper.value), *chosen])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A form that was sent, and attested nothing.

    Attributes:
        status: The status of the page that says so.
        faults: What is to be corrected.
        held: What it takes from buyers, to be confirmed.
        is_stale: The papers have changed since they were seen.
    """

    status: int
    faults: tuple[Fault, ...] = ()
    held: HeldPapersError | None = None
    is_stale: bool = False


async def show_chosen(visit: Visit) -> web.Response:
    """Show the chosen products, and what can be attested of them."""
    as_department(visit.asker)
    return await _page(visit, None)


async def attest_chosen(visit: Visit) -> web.Response:
    """Attest the paper of all of them, or say what is to be done first."""
    by, query, form = as_department(visit.asker), visit.query(AttestQuery), visit.form
    if not query.product:
        return see(PAPERS)
    if (attempt := faulty(form, _ANSWERS)) is not None:
        return await _page(visit, Attestation(status=422, faults=attempt.faults))
    days, faults = _days(form)
    if faults:
        return await _page(visit, Attestation(status=422, faults=faults))
    is_there = form["answer"] == "yes"
    last = days[EXPIRES_ON] if is_there else None
    entry = PaperEntry(
        act=PaperAct.ATTEST,
        kind=query.paper,
        held=_ANSWERS[form["answer"]],
        values={EXPIRES_ON: last} if last else {},
        seen_on=days[SEEN_ON],
        token=form.get("token", ""),
    )
    try:
        count = await _enter(visit, entry, Doing(by=by, reach=WHOLE_CATALOG))
    except (HeldPapersError, StalePlanError, FieldsError) as error:
        return await _page(visit, _refused(error))
    return see(f"{PAPERS}?{urlencode({'done': count})}")


def _refused(error: Exception) -> Attestation:
    if isinstance(error, HeldPapersError):
        return Attestation(status=409, held=error)
    if isinstance(error, FieldsError):
        told = tuple((each.field, Text(each.vi, each.en)) for each in error.problems)
        return Attestation(status=422, faults=told)
    return Attestation(status=409, is_stale=True)


async def _enter(visit: Visit, entry: PaperEntry, doing: Doing) -> int:
    """Enter the paper; what takes nothing from buyers needs no second word.

    The page has named every product already.
    """
    deployment, query = visit.deployment, visit.query(AttestQuery)

    def ensure_seen(version: str) -> None:
        if version != visit.form.get("seen", ""):
            message = "giấy tờ đã khác lúc xem / the papers are not what was seen"
            raise StalePlanError(message)

    async def attempt(token: str) -> int:
        found = await enter(
            deployment.database,
            replace(entry, token=token),
            PaperSubjects(products=query.product),
            doing,
            rules=deployment.rules,
            clock=deployment.clock,
            ensure_seen=ensure_seen,
        )
        return len(found.changed)

    try:
        return await attempt(entry.token)
    except HeldPapersError as error:
        if error.taken:
            raise
        return await attempt(error.token)


def _days(
    form: Mapping[str, str],
) -> tuple[Mapping[str, date | None], tuple[Fault, ...]]:
    """Return the days that were typed, and what is wrong with them."""
    typed = {name: form.get(name, "").strip() for name in (SEEN_ON, EXPIRES_ON)}
    days = {name: typed_day(text) for name, text in typed.items()}
    wrong = [name for name, text in typed.items() if text and days[name] is None]
    return days, tuple((name, _NO_DAY) for name in wrong)


async def _page(visit: Visit, attempt: Attestation | None) -> web.Response:
    query, deployment = visit.query(AttestQuery), visit.deployment
    if not query.product:
        return see(PAPERS)
    chosen: ChosenPapers = await deployment.database.fetch(
        chosen_papers, query.product, kind=query.paper
    )
    form = visit.form if attempt else {}
    values = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": {name: form.get(name, "") for name in (FIELD, SEEN_ON, EXPIRES_ON)},
        "answered": form.get("answer", ""),
        "chosen": chosen,
        "paper": deployment.rules.tables.papers[query.paper],
        "papers": PAPERS,
        "address": query.address,
    }
    status = attempt.status if attempt else 200
    return visit.page("attested_papers.html", status=status, values=values)


PAGES: Final = (
    PageRoute("GET", ATTEST, STAFF, show_chosen),
    PageRoute("POST", ATTEST, STAFF, attest_chosen),
)
