"""The texts and official values of one product, edited by staff by form.

What would take the product from buyers is asked first; what somebody else has changed
meanwhile is shown instead of being written over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from catalog.commands.edit_text import OFFICIAL, PRODUCT_TEXTS, TextEdit
from catalog.eligibility import Text
from catalog.errors import ChangedMeanwhileError, FieldsError, HeldEditError
from catalog.feed.headings.heading import headings_of
from catalog.model.product_set import SETS
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.forms.products import ProductForm, product_form
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.pages.navigation import PRODUCTS
from ocop_sync.pages.typed_numbers import typed_number
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.producer.changes import Doing, edit_product
from ocop_sync.service.producer.products import one_product

EDIT: Final = f"{PRODUCTS}/{{code}}/edit"

_NAMES: Final = (*OFFICIAL, *PRODUCT_TEXTS)
_LONG: Final = frozenset({"description", "use_and_storage", "ingredients", "warnings"})
"""Fields of several lines."""
_MOVED: Final = Text(
    "Có người vừa đổi ô này: bản mới ở trên, sửa lại rồi lưu",
    "Somebody has just changed this: see the new value, then save again",
)

Fault = tuple[str, Text]


class EditPath(Model):
    """Which product."""

    code: Identifier
    """Its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditField:
    """A field of the form.

    Attributes:
        name: Its name.
        words: What sheets call it.
        value: What stands in it.
        known: The value that is kept.
        is_long: It has several lines.
    """

    name: str
    words: Text
    value: str
    known: str
    is_long: bool


async def show_edit(visit: Visit) -> web.Response:
    """Show the values of a product, to be edited."""
    as_department(visit.asker)
    return await _page(visit, await _product(visit))


async def save_edit(visit: Visit) -> web.StreamResponse:
    """Take the values that differ, or say what is to be done first."""
    by, product = as_department(visit.asker), await _product(visit)
    typed, known = _typed(visit.form), _known(product)
    changed = {name: text for name, text in typed.items() if text != known[name]}
    edit = TextEdit(
        official={name: text for name, text in changed.items() if name in OFFICIAL},
        product={name: text for name, text in changed.items() if name in PRODUCT_TEXTS},
        token=visit.form.get("token", ""),
    )
    seen = typed_number(visit.form.get("seen", ""))
    doing = Doing(by=by, reach=WHOLE_CATALOG)
    try:
        done = await edit_product(visit.deployment, product.id, edit, doing, seen)
    except FieldsError as error:
        faults = [
            (each.field.rpartition(".")[2], Text(_begun(each.vi), _begun(each.en)))
            for each in error.problems
        ]
        return await _page(visit, product, faults)
    except HeldEditError as error:
        return await _page(visit, product, asked=error)
    except ChangedMeanwhileError as error:
        names = {each.field.rpartition(".")[2] for each in error.changed}
        return await _page(
            visit,
            await _product(visit),
            [(name, _MOVED) for name in _NAMES if name in names],
            status=412,
        )
    return see(f"{PRODUCTS}/{product.id}?done={'saved' if done.is_changed else 'same'}")


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    """Return the values that were sent; browsers end lines otherwise than we do."""
    return {
        name: form[name].replace("\r\n", "\n").strip()
        for name in _NAMES
        if name in form
    }


def _known(product: ProductForm) -> dict[str, str]:
    return {**product.official, **product.texts}


async def _product(visit: Visit) -> ProductForm:
    code = visit.path(EditPath).code
    return product_form(
        await visit.deployment.database.fetch(one_product, code, reach=WHOLE_CATALOG)
    )


async def _page(
    visit: Visit,
    product: ProductForm,
    faults: Sequence[Fault] = (),
    *,
    asked: HeldEditError | None = None,
    status: int = 422,
) -> web.Response:
    known = _known(product)
    typed = known | _typed(visit.form)
    values = {
        "product": product,
        "fields": [
            EditField(
                name=name,
                words=Text(*headings_of(name)[:2]),
                value=typed[name],
                known=known[name],
                is_long=name in _LONG,
            )
            for name in _NAMES
        ],
        "sets": [("", Text("–", "–"))]
        + [(each.code, Text(each.name, each.name_en)) for each in SETS.values()],
        "asked": asked,
        "faults": faults,
        "address": f"{PRODUCTS}/{product.id}/edit",
        "product_address": f"{PRODUCTS}/{product.id}",
    }
    return visit.page(
        "product_edit.html",
        simulated=visit.deployment.simulated,
        status=409 if asked else status if faults else 200,
        values=values,
    )


PAGES: Final = (
    PageRoute("GET", EDIT, STAFF, show_edit),
    PageRoute("POST", EDIT, STAFF, save_edit),
)
