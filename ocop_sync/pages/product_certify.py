"""A decision on the certificates of one product, by form: told first, entered then.

A slip in a certificate that is there is put right by `product_certificate`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from aiohttp import web

from catalog.commands.certificate_history import CertificateState, history_of
from catalog.commands.certify.acts import LEVELS, CertificateAct
from catalog.commands.certify.grant import Grant
from catalog.commands.certify.revocation import Revocation
from catalog.eligibility import Text
from catalog.model.product import Product
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.pages.certificate_entry import (
    GRANT,
    LEVEL_WORDS,
    LONGEST_NUMBER,
    REASSESS,
    REVOKE,
    Asked,
    product_of,
    tell_or_enter,
)
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.navigation import PRODUCTS
from ocop_sync.pages.typed_days import typed_day
from ocop_sync.pages.visit import PageRoute, Visit, see

CERTIFY: Final = f"{PRODUCTS}/{{code}}/certify"

_GRANT, _REASSESS, _REVOKE = "grant", "reassess", "revoke"
_ACTS: Final[Mapping[str, Text]] = {
    _GRANT: GRANT,
    _REASSESS: REASSESS,
    _REVOKE: REVOKE,
}
_BY_NUMBER: Final = Text("Theo số quyết định", "As its number says")
_NO_DECISION: Final = Text(
    "Ghi số quyết định, ví dụ 377/QĐ-UBND",
    "Enter the number of the decision, such as 377/QĐ-UBND",
)
_NO_DAY: Final = Text(
    "Ghi ngày như 05/12/2026, từ năm 2000 đến 2090",
    "Enter the day as 05/12/2026, from 2000 to 2090",
)
_NO_STARS: Final = Text("Chọn 3, 4 hoặc 5 sao", "Choose 3, 4 or 5 stars")
_FIELDS: Final = ("act", "decision", "day", "stars", "level")


class CertifyPath(Model):
    """Which product."""

    code: Identifier
    """Its code."""


async def show_certify(visit: Visit) -> web.Response:
    """Show the form of a decision."""
    as_department(visit.asker)
    return _page(visit, await product_of(visit, visit.path(CertifyPath).code))


async def certify(visit: Visit) -> web.StreamResponse:
    """Tell what a decision does; enter it once that was told."""
    as_department(visit.asker)
    product = await product_of(visit, visit.path(CertifyPath).code)
    act, faults = _read(visit.form)
    if act is None:
        return _page(visit, product, faults)
    found = await tell_or_enter(visit, product, act)
    if found is None:
        return see(f"{PRODUCTS}/{product.id}?done=certified")
    if isinstance(found, Asked):
        return _page(visit, product, asked=found)
    return _page(visit, product, [("decision", found)])


def _read(form: Mapping[str, str]) -> tuple[CertificateAct | None, list[Fault]]:
    """Return the act that was entered, or what is wrong with it."""
    kind, decision = form.get("act", ""), form.get("decision", "").strip()
    day, stars = typed_day(form.get("day", "")), form.get("stars", "")
    level = form.get("level", "")
    faults: list[Fault] = []
    if not decision or len(decision) > LONGEST_NUMBER or not decision.isprintable():
        faults.append(("decision", _NO_DECISION))
    if day is None or not date(2000, 1, 1) <= day <= date(2090, 12, 31):
        faults.append(("day", _NO_DAY))
    if kind != _REVOKE and stars not in {"3", "4", "5"}:
        faults.append(("stars", _NO_STARS))
    if faults or day is None or kind not in _ACTS or level not in {"", *LEVELS}:
        return None, faults
    if kind == _REVOKE:
        return Revocation(decision=decision, day=day, body=level), []
    renews = kind == _REASSESS
    return Grant(
        decision=decision, day=day, stars=int(stars), body=level, renews=renews
    ), []


def _page(
    visit: Visit,
    product: Product,
    faults: Sequence[Fault] = (),
    *,
    asked: Asked | None = None,
) -> web.Response:
    """Return the form, or what it does, for the one who entered it."""
    today = day_in_vietnam(visit.now)
    lines = history_of(product, visit.deployment.rules.tables.validity, today)
    is_valid = any(each.state is CertificateState.VALID for each in lines)
    typed = {name: visit.form.get(name, "") for name in _FIELDS}
    typed["act"] = typed["act"] or (_REASSESS if is_valid else _GRANT)
    values = {
        "product": product,
        "asked": asked,
        "faults": faults,
        "typed": typed,
        "acts": list(_ACTS.items()),
        "levels": [("", _BY_NUMBER), *LEVEL_WORDS.items()],
        "address": f"{PRODUCTS}/{product.id}/certify",
        "product_address": f"{PRODUCTS}/{product.id}",
    }
    return visit.page(
        "product_certify.html",
        simulated=visit.deployment.simulated,
        status=422 if faults else 200,
        values=values,
    )


PAGES: Final = (
    PageRoute("GET", CERTIFY, STAFF, show_certify),
    PageRoute("POST", CERTIFY, STAFF, certify, makes=True),
)
