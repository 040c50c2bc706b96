"""One product of a producer: two numbers and one button for each pack, and a pause.

What was saved is shown as it stands: in the catalog, and at each marketplace. A number
that looks like a slip, or takes the pack from buyers, is asked about first; what
somebody else has changed meanwhile is shown instead of being written over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.commands.own_sale import pause_own
from catalog.commands.pack_entry import COUNT, PRICE, PackEntry, enter_pack
from catalog.eligibility import Text
from catalog.errors import (
    ChangedMeanwhileError,
    FieldProblem,
    FieldsError,
    HeldEditError,
    OlderCountError,
)
from catalog.model.product import StockPolicy, Variant
from ocop_sync.api.access.reach import doing_of, reach_of
from ocop_sync.api.access.roles import PRODUCERS
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import INVALID, NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.navigation import OWN
from ocop_sync.pages.qr_code import qr_of
from ocop_sync.pages.sale_progress import next_wait, progress_of
from ocop_sync.pages.sale_words import ARRIVALS, LACKS
from ocop_sync.pages.typed_numbers import typed_number
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.producer.changes import change_pack, change_product
from ocop_sync.service.producer.own_products import OwnProduct, own_product
from ocop_sync.service.producer.reminders import reminders_of
from ocop_sync.service.producer.trace_page import trace_page_of

ONE: Final = f"{OWN}/{{code}}"
PAUSE: Final = f"{OWN}/{{code}}/pause"

_NO_PRICE: Final = Text(
    "Giá phải là số đồng nguyên, ví dụ 85.000",
    "The price must be a whole number of đồng, such as 85,000",
)
_NO_COUNT: Final = Text(
    "Số lượng phải là số nguyên, ví dụ 120", "The count must be a whole number"
)
_MOVED: Final = Text(
    "Có người vừa đổi số này, hoặc hàng vừa bán: xem số mới ở trên rồi nhập lại",
    "Somebody has just changed this, or some were sold: see the new number above, then"
    " enter it again",
)


class OwnPath(Model):
    """Which product."""

    code: Identifier
    """Its code."""


class OneQuery(Model):
    """What has just been done."""

    done: Literal["", "saved", "same", "paused", "resumed"] = ""
    """How a form of the page has ended."""
    pack: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Of which pack, from 1, as they stand on the page; 0 if it was of none."""


_NOTHING_DONE: Final = OneQuery()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackForm:
    """The form of a pack: its fields as they are shown, or as they were typed.

    Attributes:
        pack: The pack.
        price: What stands in the field of its price; None for the known price.
        count: The same of its count.
        errors: What is wrong, by the name of the field.
        question: What is asked before it is taken, if anything is.
    """

    pack: Variant
    price: str | None = None
    count: str | None = None
    errors: Sequence[tuple[str, Text]] = ()
    question: HeldEditError | None = None

    @property
    def left(self) -> int | None:
        """Return how many are left; None if they were never counted."""
        return None if self.pack.on_hand is None else self.pack.left

    @property
    def new_price(self) -> int | None:
        """Return the price as it is once the form is taken."""
        typed = typed_number(self.price or "")
        return self.pack.price_vnd if typed is None else typed

    @property
    def new_count(self) -> int | None:
        """Return the count as it is once the form is taken."""
        typed = typed_number(self.count or "")
        return self.left if typed is None else typed

    def named(self, field: str) -> str:
        """Return the name of a field on the page, which may hold several packs."""
        return f"{field}-{self.pack.sku}"


async def show_one(visit: Visit) -> web.Response:
    """Show a product, with a form for each of its packs."""
    return await _shown(visit, await _found(visit), just=visit.query(OneQuery))


async def save_one(visit: Visit) -> web.StreamResponse:
    """Take the price and the count of a pack, or say what is to be done first."""
    found = await _found(visit)
    product = found.entry[0]
    sent = _sent(visit.form, _pack(found, visit.form.get("sku", "")))
    entry, faults = _read(visit.form, sent)
    if entry is None:
        return await _shown(visit, found, _with(sent, faults))
    use_case = partial(enter_pack, entry=entry)
    doing = doing_of(visit.asker)
    try:
        revision = product.revision
        pack = await change_pack(
            visit.deployment, product.id, entry.sku, use_case, doing
        )
    except FieldsError as error:
        return await _shown(visit, found, _with(sent, _told(error.problems)))
    except HeldEditError as error:
        asked = PackForm(
            pack=sent.pack, price=sent.price, count=sent.count, question=error
        )
        return await _shown(visit, found, asked, status=409)
    except (ChangedMeanwhileError, OlderCountError) as error:
        now = await _found(visit)
        there = PackForm(pack=_pack(now, entry.sku), price=sent.price, count=sent.count)
        return await _shown(visit, now, _with(there, _moved(error)), status=412)
    done = "same" if pack.revision == revision else "saved"
    place = [each.sku for each in product.variants].index(entry.sku) + 1
    return see(f"{OWN}/{product.id}?done={done}&pack={place}#pack-{place}")


async def show_pause(visit: Visit) -> web.Response:
    """Say what a pause does, or its end, before it is done."""
    found = await _found(visit)
    values = {
        "found": found,
        "address": f"{OWN}/{found.entry[0].id}",
        "where": [
            marketplace_name(each.marketplace)
            for each in found.states.marketplaces
            if each.packs
        ],
    }
    simulated = visit.deployment.simulated
    return visit.page("own_pause.html", simulated=simulated, values=values)


async def pause_one(visit: Visit) -> web.StreamResponse:
    """Stop the sale of a product, or let it go on."""
    found = await _found(visit)
    answer = visit.form.get("paused", "")
    if answer not in {"yes", "no"}:
        raise ProblemError(INVALID)
    use_case = partial(pause_own, paused=answer == "yes")
    product_id = found.entry[0].id
    await change_product(visit.deployment, product_id, use_case, doing_of(visit.asker))
    done = "paused" if answer == "yes" else "resumed"
    return see(f"{OWN}/{product_id}?done={done}")


async def _found(visit: Visit) -> OwnProduct:
    code = visit.path(OwnPath).code
    return await own_product(visit.deployment, code, reach=reach_of(visit.asker))


def _pack(found: OwnProduct, sku: str) -> Variant:
    for each in found.entry[0].variants:
        if each.sku == sku:
            return each
    raise ProblemError(NOT_FOUND)


def _sent(form: Mapping[str, str], pack: Variant) -> PackForm:
    """Return what was typed; names of fields say of which pack they are."""
    empty = PackForm(pack=pack)
    return PackForm(
        pack=pack,
        price=form.get(empty.named(PRICE), ""),
        count=form.get(empty.named(COUNT), ""),
    )


def _read(
    form: Mapping[str, str], sent: PackForm
) -> tuple[PackEntry | None, list[tuple[str, Text]]]:
    """Return the entry that was typed, or what is wrong with it.

    An empty field leaves its value as it is.
    """
    price, count = typed_number(sent.price or ""), typed_number(sent.count or "")
    seen, left = typed_number(form.get("seen", "")), form.get("left", "")
    faults = []
    if price is None and (sent.price or "").strip():
        faults.append((PRICE, _NO_PRICE))
    if count is None and (sent.count or "").strip():
        faults.append((COUNT, _NO_COUNT))
    if faults:
        return None, faults
    if seen is None:
        raise ProblemError(INVALID)
    entry = PackEntry(
        sku=sent.pack.sku,
        price_vnd=price,
        on_hand=count,
        seen=seen,
        seen_left=typed_number(left),
        token=form.get("token", ""),
    )
    return entry, []


def _with(form: PackForm, faults: Sequence[tuple[str, Text]]) -> PackForm:
    return PackForm(pack=form.pack, price=form.price, count=form.count, errors=faults)


def _told(problems: Sequence[FieldProblem]) -> list[tuple[str, Text]]:
    return [(each.field, Text(each.vi, each.en)) for each in problems]


def _moved(error: Exception) -> list[tuple[str, Text]]:
    """Return what is to be said at the fields that somebody else has changed."""
    if isinstance(error, ChangedMeanwhileError) and error.changed:
        names = {each.field.rpartition(".")[2] for each in error.changed}
        return [(name, _MOVED) for name in sorted(names)]
    return [(COUNT, _MOVED)]


async def _shown(
    visit: Visit,
    found: OwnProduct,
    form: PackForm | None = None,
    *,
    just: OneQuery = _NOTHING_DONE,
    status: int = 422,
) -> web.Response:
    """Return the page; *form* is the one that was sent, if one was."""
    forms = [
        form if form is not None and form.pack.sku == each.sku else PackForm(pack=each)
        for each in found.entry[0].variants
    ]
    progress = progress_of(found.states)
    trace = trace_page_of(found.entry[0], visit.deployment.rules)
    values: Mapping[str, Any] = {
        "found": found,
        "trace": trace,
        "code": qr_of(trace.address) if trace.address else None,
        "forms": forms,
        "just": just,
        "progress": progress,
        "wait_s": next_wait(progress, 0),
        "address": f"{OWN}/{found.entry[0].id}",
        "own": OWN,
        "reminders": await reminders_of(visit.deployment, [found.entry]),
        "lack_states": LACKS,
        "is_shared": _is_shared(found),
        "arrivals": ARRIVALS,
        "price_field": PRICE,
        "count_field": COUNT,
    }
    return visit.page(
        "own_product.html",
        simulated=visit.deployment.simulated,
        status=200 if form is None else status,
        values=values,
    )


def _is_shared(found: OwnProduct) -> bool:
    """Say whether its stock is shared among several marketplaces."""
    is_split = found.entry[0].stock_policy is StockPolicy.SPLIT
    return is_split and sum(bool(each.packs) for each in found.states.marketplaces) > 1


PAGES: Final = (
    PageRoute("GET", ONE, PRODUCERS, show_one),
    PageRoute("POST", ONE, PRODUCERS, save_one),
    PageRoute("GET", PAUSE, PRODUCERS, show_pause),
    PageRoute("POST", PAUSE, PRODUCERS, pause_one),
)
