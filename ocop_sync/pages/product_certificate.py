"""One certificate of a product that was entered wrongly: corrected, voided, restored.

A certificate is named by its place among those of its product, which never changes: one
that is voided stays there. What was seen of it goes with the form; where it has become
another one meanwhile, nothing is entered, and the product's page says so.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.commands.certify.acts import LEVELS, CertificateAct
from catalog.commands.certify.correction import Correction, Restoring, Voiding
from catalog.commands.certify.which import Which, only_name_of
from catalog.eligibility import Text
from catalog.model.certificate import Certificate
from catalog.model.product import Product
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.problem import Language
from ocop_sync.api.typed.values import WHOLE, Identifier, Model
from ocop_sync.pages.certificate_entry import (
    CERTIFICATE,
    CORRECT,
    LEVEL_WORDS,
    LONGEST_NUMBER,
    RESTORE,
    VOID,
    Asked,
    act_address,
    product_of,
    tell_or_enter,
)
from ocop_sync.pages.decision_forms import Fault, reason_fault
from ocop_sync.pages.navigation import PRODUCTS
from ocop_sync.pages.typed_days import typed_day
from ocop_sync.pages.visit import REASON, PageRoute, Visit, see

Act = Literal["correct", "void", "restore"]

_ACTS: Final[Mapping[Act, Text]] = {
    "correct": CORRECT,
    "void": VOID,
    "restore": RESTORE,
}
_DONE: Final[Mapping[Act, str]] = {
    "correct": "corrected",
    "void": "voided",
    "restore": "restored",
}
_ONLY_REVOKED: Final = ("revoked_by", "revoked_on")
_FIELDS: Final = ("decision", "day", "stars", "level", *_ONLY_REVOKED)
_DAYS: Final = ("day", "revoked_on")
_STARS: Final = ("3", "4", "5")

_LONG_NUMBER: Final = Text(
    f"Ghi số quyết định, nhiều nhất {LONGEST_NUMBER} chữ cái",
    f"The number of the decision, of {LONGEST_NUMBER} letters at most",
)
_NO_DAY: Final = Text(
    "Ghi ngày như 05/12/2026, từ năm 2000 đến 2090, hoặc để trống",
    "Enter the day as 2026-12-05, from 2000 to 2090, or none",
)
_NOTHING: Final = Text(
    "Chưa sửa gì: sửa ít nhất một ô", "Nothing is corrected: change a field at least"
)


class CertificatePath(Model):
    """Which certificate of which product, and what is done with it."""

    code: Identifier
    """The product's code."""
    place: Annotated[int, Field(ge=1, le=1000), WHOLE]
    """Its place among the product's certificates."""
    act: Act
    """What is done."""


async def show_act(visit: Visit) -> web.StreamResponse:
    """Show the form of an act on one certificate."""
    as_department(visit.asker)
    path = visit.path(CertificatePath)
    product = await product_of(visit, path.code)
    if _which(product, path) is None:
        return _not_as_seen(product)
    return _page(visit, path, product)


async def act_on(visit: Visit) -> web.StreamResponse:
    """Tell what an act does; enter it once that was told."""
    as_department(visit.asker)
    path, form = visit.path(CertificatePath), visit.form
    product = await product_of(visit, path.code)
    which = _which(product, path)
    if which is None or form.get("seen", "") != _seen(which):
        return _not_as_seen(product)
    act, faults = _read(path.act, which, product.certificates[path.place - 1], form)
    if act is None:
        return _page(visit, path, product, faults)
    found = await tell_or_enter(visit, product, act)
    if found is None:
        return see(f"{PRODUCTS}/{product.id}?done={_DONE[path.act]}")
    if isinstance(found, Asked):
        return _page(visit, path, product, asked=found)
    at = REASON if path.act != "correct" else "decision"
    return _page(visit, path, product, [(at, found)])


def _which(product: Product, path: CertificatePath) -> Which | None:
    """Return the certificate that is meant, if that may be done with it."""
    if path.place > len(product.certificates):
        return None
    certificate = product.certificates[path.place - 1]
    if certificate.voided is not (path.act == "restore"):
        return None
    return only_name_of(product.certificates, path.place - 1)


def _seen(which: Which) -> str:
    """Return what a form says of the certificate that was seen."""
    return f"{which.decision} {which.year or ''} {which.dated or ''}"


def _not_as_seen(product: Product) -> web.Response:
    return see(f"{PRODUCTS}/{product.id}?done=moved")


def _read(
    act: Act, which: Which, known: Certificate, form: Mapping[str, str]
) -> tuple[CertificateAct | None, list[Fault]]:
    """Return the act that was entered, or what is wrong with it."""
    reason = form.get(REASON, "").strip()
    if act == "correct":
        return _read_correction(which, known, form, reason)
    if (fault := reason_fault(reason)) is not None:
        return None, [(REASON, fault)]
    if act == "void":
        return Voiding(which=which, reason=reason), []
    return Restoring(which=which, reason=reason), []


def _read_correction(
    which: Which, known: Certificate, form: Mapping[str, str], reason: str
) -> tuple[CertificateAct | None, list[Fault]]:
    typed = {name: form.get(name, "").strip() for name in _FIELDS}
    faults: list[Fault] = [
        (name, _LONG_NUMBER)
        for name in ("decision", "revoked_by")
        if len(typed[name]) > LONGEST_NUMBER or not typed[name].isprintable()
    ]
    days = {name: typed_day(typed[name]) for name in _DAYS}
    for name, day in days.items():
        if typed[name] and not _is_in_bounds(day):
            faults.append((name, _NO_DAY))
    if reason and (fault := reason_fault(reason)) is not None:
        faults.append((REASON, fault))
    if faults:
        return None, faults
    stars = int(typed["stars"]) if typed["stars"] in _STARS else None
    body = typed["level"] if typed["level"] in LEVELS else ""
    act = Correction(
        which=which,
        decision=_other(typed["decision"], known.decision),
        day=days["day"] if days["day"] != known.decided_on else None,
        stars=stars if stars != known.stars else None,
        body=_other(body, known.body),
        revoked_by=_other(typed["revoked_by"], known.revoked_by),
        revoked_on=days["revoked_on"]
        if days["revoked_on"] != known.revoked_on
        else None,
        reason=reason,
    )
    if act == Correction(which=which, reason=reason):
        return None, [("decision", _NOTHING)]
    return act, []


def _is_in_bounds(day: date | None) -> bool:
    return day is not None and date(2000, 1, 1) <= day <= date(2090, 12, 31)


def _other(typed: str, known: str) -> str:
    """Return what was typed where that is another value; "" if it is not."""
    return typed if typed != known else ""


def _page(
    visit: Visit,
    path: CertificatePath,
    product: Product,
    faults: Sequence[Fault] = (),
    *,
    asked: Asked | None = None,
) -> web.Response:
    """Return the form, or what it does, for the one who entered it."""
    certificate = product.certificates[path.place - 1]
    known = _known(certificate, visit.language)
    which = _which(product, path)
    assert which is not None  # noqa: S101  (it was looked at before)
    typed = {name: visit.form.get(name, value) for name, value in known.items()}
    typed |= {REASON: visit.form.get(REASON, ""), "seen": _seen(which)}
    values = {
        "product": product,
        "certificate": certificate,
        "act": path.act,
        "name": _ACTS[path.act],
        "asked": asked,
        "faults": faults,
        "typed": typed,
        "is_revoked": _ONLY_REVOKED[0] in known,
        "levels": list(LEVEL_WORDS.items()),
        "address": act_address(product.id, path.place, path.act),
        "product_address": f"{PRODUCTS}/{product.id}",
    }
    return visit.page(
        "product_certificate.html",
        simulated=visit.deployment.simulated,
        status=422 if faults else 200,
        values=values,
    )


def _known(of: Certificate, language: Language) -> dict[str, str]:
    """Return what is known of a certificate, by field, as people type it."""

    def day(value: date | None) -> str:
        if value is None:
            return ""
        return f"{value:%d/%m/%Y}" if language == "vi" else value.isoformat()

    known = {
        "decision": of.decision,
        "day": day(of.decided_on),
        "stars": str(of.stars or ""),
        "level": of.body,
    }
    if of.revoked_by or of.revoked_on:
        known |= {"revoked_by": of.revoked_by, "revoked_on": day(of.revoked_on)}
    return known


PAGES: Final = (
    PageRoute("GET", CERTIFICATE, STAFF, show_act),
    PageRoute("POST", CERTIFICATE, STAFF, act_on, makes=True),
)
