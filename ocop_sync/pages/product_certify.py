"""A decision on the certificates of one product, by form: told first, entered then.

What it does to the product and to buyers is worked out by the use case, and stands on a
page of its own before the button that enters it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from aiohttp import web

from catalog.commands.certificate_history import CertificateState, history_of
from catalog.commands.certify.acts import LEVELS, CertificateAct
from catalog.commands.certify.grant import Grant
from catalog.commands.certify.revocation import Revocation
from catalog.eligibility import Text
from catalog.errors import CatalogError, NotInCatalogError
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.errors import HeldCertificatesError
from ocop_sync.pages.navigation import PRODUCTS
from ocop_sync.pages.typed_days import typed_day
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.decisions.certificates import (
    CertificateEntry,
    decide_certificates,
)
from ocop_sync.service.producer.products import one_product

CERTIFY: Final = f"{PRODUCTS}/{{code}}/certify"

_GRANT, _REASSESS, _REVOKE = "grant", "reassess", "revoke"
_ACTS: Final[Mapping[str, Text]] = {
    _GRANT: Text("Cấp sao lần đầu", "Grant stars"),
    _REASSESS: Text("Đánh giá lại", "Re-assess"),
    _REVOKE: Text("Thu hồi công nhận", "Revoke the recognition"),
}
_LEVEL_WORDS: Final[Mapping[str, Text]] = {
    "": Text("Theo số quyết định", "As its number says"),
    "huyện": Text("Huyện", "District"),
    "tỉnh": Text("Tỉnh", "Province"),
    "trung ương": Text("Trung ương", "Central"),
}
_NO_DECISION: Final = Text(
    "Ghi số quyết định, ví dụ 377/QĐ-UBND",
    "Enter the number of the decision, such as 377/QĐ-UBND",
)
_NO_DAY: Final = Text(
    "Ghi ngày như 05/12/2026, từ năm 2000 đến 2090",
    "Enter the day as 05/12/2026, from 2000 to 2090",
)
_NO_STARS: Final = Text("Chọn 3, 4 hoặc 5 sao", "Choose 3, 4 or 5 stars")
_LONGEST: Final = 100
_FIELDS: Final = ("act", "decision", "day", "stars", "level")
_COMMAND: Final = re.compile(
    r"(?:dùng |use )?`?(?:ocop-sync )?certificates (\w+)[^;,)]*"
)
"""A command of the line, which a page does not have."""
_INSTEAD: Final[Mapping[str, Text]] = {
    _GRANT: Text("chọn “Cấp sao lần đầu”", "choose “Grant stars”"),
    _REASSESS: Text("chọn “Đánh giá lại”", "choose “Re-assess”"),
    _REVOKE: Text("chọn “Thu hồi công nhận”", "choose “Revoke the recognition”"),
}
_ASK: Final = Text("nhờ người quản trị", "ask an administrator")

Fault = tuple[str, Text]


class CertifyPath(Model):
    """Which product."""

    code: Identifier
    """Its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is told before it is entered.

    Attributes:
        act: What is entered, in words.
        takes: It takes from buyers.
        effects: What it does.
        doubts: What is doubtful of it.
        token: Confirms just this.
        moved: Something has changed since it was told last.
    """

    act: Text
    takes: bool
    effects: Sequence[Text]
    doubts: Sequence[Text]
    token: str
    moved: bool = False


async def show_certify(visit: Visit) -> web.Response:
    """Show the form of a decision."""
    as_department(visit.asker)
    return await _page(visit, await _product(visit))


async def certify(visit: Visit) -> web.StreamResponse:
    """Tell what a decision does; enter it once that was told."""
    by, form, product = as_department(visit.asker), visit.form, await _product(visit)
    act, faults = _read(form)
    if act is None:
        return await _page(visit, product, faults)
    is_confirmed = form.get("confirmed", "") == "yes"
    entry = CertificateEntry(
        act=act,
        products=[product.id],
        by=by,
        token=form.get("token", ""),
        only_check=not is_confirmed,
    )
    try:
        found = await decide_certificates(visit.deployment, entry)
    except NotInCatalogError:
        raise
    except HeldCertificatesError as error:
        asked = Asked(
            act=act.words,
            takes=act.takes,
            effects=[Text(*each) for each in error.effects],
            doubts=[Text(*each) for each in error.doubts],
            token=error.token,
            moved=True,
        )
        return await _page(visit, product, asked=asked)
    except CatalogError as error:
        return await _page(visit, product, [("decision", _refusal(error))])
    if is_confirmed:
        return see(f"{PRODUCTS}/{product.id}?done=certified")
    asked = Asked(
        act=act.words,
        takes=act.takes,
        effects=found.effects,
        doubts=found.doubts,
        token=found.token,
    )
    return await _page(visit, product, asked=asked)


def _refusal(error: CatalogError) -> Text:
    """Return why an act cannot be, without commands and codes."""
    vi, _, en = str(error).partition(" / ")
    told = [re.sub(r"^[^.]*\. (?:[A-Z]+-\d+: )?", "", each) for each in (vi, en)]
    return Text(_plain(told[0], vi=True), _plain(told[1], vi=False))


def _plain(sentence: str, *, vi: bool) -> str:
    def instead(found: re.Match[str]) -> str:
        words = _INSTEAD.get(found[1], _ASK)
        return words.vi if vi else words.en

    told = _COMMAND.sub(instead, sentence).replace("`", "")
    return told[:1].upper() + told[1:]


def _read(form: Mapping[str, str]) -> tuple[CertificateAct | None, list[Fault]]:
    """Return the act that was entered, or what is wrong with it."""
    kind, decision = form.get("act", ""), form.get("decision", "").strip()
    day, stars = typed_day(form.get("day", "")), form.get("stars", "")
    level = form.get("level", "")
    faults: list[Fault] = []
    if not decision or len(decision) > _LONGEST or not decision.isprintable():
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


async def _product(visit: Visit) -> Product:
    code = visit.path(CertifyPath).code
    found = await visit.deployment.database.fetch(
        one_product, code, reach=WHOLE_CATALOG
    )
    return found[0]


async def _page(
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
        "levels": list(_LEVEL_WORDS.items()),
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
    PageRoute("POST", CERTIFY, STAFF, certify),
)
