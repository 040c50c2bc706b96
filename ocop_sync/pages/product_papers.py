"""The papers of one product, entered by staff by form.

What takes the product from buyers is told first, with a button of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from aiohttp import web

from catalog.commands.paper_entry import (
    EXPIRES_ON,
    ISSUED_ON,
    LAST_DAY,
    NUMBER,
    SEEN_ON,
    PaperAct,
    PaperEntry,
)
from catalog.commands.papers import PaperSubjects
from catalog.eligibility import Text
from catalog.errors import FieldsError, HeldPapersError
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.pages.navigation import PRODUCTS
from ocop_sync.pages.product_words import FACTS, paper_words
from ocop_sync.pages.typed_days import typed_day
from ocop_sync.pages.visit import REASON, PageRoute, Visit, see
from ocop_sync.service.department.papers import enter
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.products import one_product

PAPERS_OF: Final = f"{PRODUCTS}/{{code}}/papers"

_SEEN, _NOT_THERE, _ENDED = "seen", "not_there", "ended"
_ACTS: Final[Mapping[str, Text]] = {
    _SEEN: Text("Đã thấy giấy, còn hiệu lực", "It was seen, and holds"),
    _NOT_THERE: Text("Cơ sở không có giấy này", "The producer does not have it"),
    _ENDED: Text("Giấy không còn hiệu lực", "It holds no longer"),
}
_KIND: Final = "kind"
_NO_KIND: Final = Text("Chọn loại giấy", "Choose the paper")
_NO_DAY: Final = Text(
    "Ghi ngày như 05/12/2026, hoặc để trống", "Enter the day as 05/12/2026, or none"
)
_NO_REASON: Final = Text(
    "Ghi lý do bằng một câu ngắn", "Say why, in one short sentence"
)
_FIELDS: Final = ("act", _KIND, NUMBER, ISSUED_ON, EXPIRES_ON, REASON)
_PLACES: Final = {LAST_DAY: EXPIRES_ON, SEEN_ON: ISSUED_ON}
"""The field of the form at which a fault of the use case is told."""

Fault = tuple[str, Text]


class PapersPath(Model):
    """Which product."""

    code: Identifier
    """Its code."""


async def show_papers(visit: Visit) -> web.Response:
    """Show the form of a paper."""
    as_department(visit.asker)
    return await _page(visit, await _product(visit))


async def enter_paper(visit: Visit) -> web.StreamResponse:
    """Enter a paper; what takes from buyers is told first."""
    by, product = as_department(visit.asker), await _product(visit)
    entry, faults = _read(visit.form)
    if entry is None:
        return await _page(visit, product, faults)
    deployment = visit.deployment
    try:
        await enter(
            deployment.database,
            entry,
            PaperSubjects(products=(product.id,)),
            Doing(by=by, reach=WHOLE_CATALOG),
            rules=deployment.rules,
            clock=deployment.clock,
        )
    except FieldsError as error:
        told = [
            (_PLACES.get(each.field, each.field), Text(_begun(each.vi), each.en))
            for each in error.problems
        ]
        return await _page(visit, product, told)
    except HeldPapersError as error:
        return await _page(visit, product, asked=error.token)
    return see(f"{PRODUCTS}/{product.id}?done=papers")


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _read(form: Mapping[str, str]) -> tuple[PaperEntry | None, list[Fault]]:
    """Return the entry that was typed, or what is wrong with it."""
    faults: list[Fault] = []
    days: dict[str, date | None] = {}
    for name in (ISSUED_ON, EXPIRES_ON):
        typed = form.get(name, "").strip()
        days[name] = typed_day(typed)
        if typed and days[name] is None:
            faults.append((name, _NO_DAY))
    if form.get(_KIND, "") not in set(PaperKind):
        faults.append((_KIND, _NO_KIND))
    act, reason = form.get("act", ""), form.get(REASON, "").strip()
    if act == _ENDED and not reason:
        faults.append((REASON, _NO_REASON))
    if faults or act not in _ACTS:
        return None, faults
    return _entry(form, act, PaperKind(form[_KIND]), days, reason), []


def _entry(
    form: Mapping[str, str],
    act: str,
    kind: PaperKind,
    days: Mapping[str, date | None],
    reason: str,
) -> PaperEntry:
    more: dict[str, Any] = {"kind": kind, "token": form.get("token", "")}
    if act == _ENDED:
        return PaperEntry(
            act=PaperAct.END, last_day=days[EXPIRES_ON], reason=reason, **more
        )
    if act == _NOT_THERE:
        return PaperEntry(act=PaperAct.ATTEST, held=Fact.NO, **more)
    values = {NUMBER: form.get(NUMBER, "").strip(), **days}
    return PaperEntry(act=PaperAct.ADD, values=values, **more)


async def _product(visit: Visit) -> Product:
    code = visit.path(PapersPath).code
    found = await visit.deployment.database.fetch(
        one_product, code, reach=WHOLE_CATALOG
    )
    return found[0]


async def _page(
    visit: Visit, product: Product, faults: Sequence[Fault] = (), *, asked: str = ""
) -> web.Response:
    """Return the form; *asked* is the token of what it would take from buyers."""
    typed = {name: visit.form.get(name, "") for name in _FIELDS}
    typed["act"] = typed["act"] or _SEEN
    kind = typed[_KIND]
    values = {
        "product": product,
        "asked": asked,
        "faults": faults,
        "typed": typed,
        "acts": list(_ACTS.items()),
        "kinds": [("", Text("–", "–"))]
        + [(each.value, paper_words(each)) for each in PaperKind],
        "paper": paper_words(PaperKind(kind)) if kind in set(PaperKind) else None,
        "papers": [
            (each, paper_words(each.kind), FACTS[each.held.value])
            for each in product.papers
        ],
        "address": f"{PRODUCTS}/{product.id}/papers",
        "product_address": f"{PRODUCTS}/{product.id}",
    }
    return visit.page(
        "product_papers.html",
        simulated=visit.deployment.simulated,
        status=422 if faults else 409 if asked else 200,
        values=values,
    )


PAGES: Final = (
    PageRoute("GET", PAPERS_OF, STAFF, show_papers),
    PageRoute("POST", PAPERS_OF, STAFF, enter_paper, makes=True),
)
