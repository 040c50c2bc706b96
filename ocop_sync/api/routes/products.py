"""Products: read by all who are signed in, changed by their producers and by staff.

A producer reaches its own products; staff reach all, or those of the producer for whom
they act. What is out of reach is not found.
"""

from functools import partial
from typing import Annotated, Final

from pydantic import Field

from catalog.commands.add_product import MOST_NEW_PACKS, NewProduct
from catalog.commands.edit_text import TextEdit
from catalog.commands.own_sale import OVERSELLS, choose_stock_policy, pause_own
from catalog.model.product import StockPolicy
from ocop_sync.api.access.reach import as_department, doing_of, reach_of
from ocop_sync.api.access.roles import SIGNED_IN, STAFF, STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.products import (
    OfficialValues,
    PackTexts,
    ProductForm,
    ProductTexts,
    Sku,
    WhyForm,
    product_form,
    why_form,
)
from ocop_sync.api.forms.words import WordsForm
from ocop_sync.api.problems import (
    EDIT_HELD,
    NOT_TAKEN,
)
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND, PRECONDITION_FAILED
from ocop_sync.api.typed.values import (
    WHOLE,
    Identifier,
    Model,
    Page,
    PageQuery,
)
from ocop_sync.service.department import products as department
from ocop_sync.service.department.product_list import ProductFilter, search_products
from ocop_sync.service.producer import changes
from ocop_sync.service.producer.products import one_product
from ocop_sync.service.producer.why import why

TAG: Final = "products"


class ProductPath(Model):
    """Which product."""

    code: Identifier
    """Its code, or that of one of its packs."""


Place = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A code, or nothing."""


class ProductsQuery(PageQuery):
    """Which products."""

    producer: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Those of this producer alone; all that may be read if left out."""
    q: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Words, each of which stands in a name or a code, whatever its accents and case:
    of the product, or of its producer; or the code of a pack."""
    commune: Place | None = None
    """Of producers in this commune, by its code since 1 July 2025; empty of none that
    is known."""
    stars: Annotated[int, Field(ge=0, le=5), WHOLE] | None = None
    """With so many stars, as the last sync has counted them; 0 for none."""
    set: Place | None = None
    """Of this product set."""
    shown_at: Identifier | None = None
    """Buyers see them at this marketplace."""
    not_shown_at: Identifier | None = None
    """Buyers do not see them at this marketplace."""
    shown_nowhere: bool = False
    """Buyers see them at no marketplace."""


Token = Annotated[str, Field(max_length=64, pattern="^[0-9a-f]*$")]
"""The token of a refusal."""


class EditForm(Model):
    """Values to change; those that are left out stay, an empty one is cleared."""

    official: OfficialValues = OfficialValues()  # type: ignore[valid-type]
    """Values that the department alone edits."""
    texts: ProductTexts = ProductTexts()  # type: ignore[valid-type]
    """Texts of the product."""
    packs: Annotated[
        dict[Sku, PackTexts],  # type: ignore[valid-type]
        Field(default_factory=dict, max_length=200),
    ]
    """Texts of its packs, by their codes."""
    token: Token = ""
    """Confirms an edit that was held: the token that came with the refusal."""


class NewProductForm(Model):
    """A product to add."""

    producer: Identifier
    """The code of its producer."""
    official: OfficialValues  # type: ignore[valid-type]
    """Its official values; its name is among them."""
    texts: ProductTexts = ProductTexts()  # type: ignore[valid-type]
    """Its texts."""
    packs: Annotated[
        tuple[PackTexts, ...],  # type: ignore[valid-type]
        Field(max_length=MOST_NEW_PACKS),
    ] = ()
    """Its packs, in the order in which they get their codes."""
    token: Token = ""
    """Confirms a product that was held: the token that came with the refusal."""


class OwnerForm(Model):
    """Another producer of a product."""

    producer: Identifier
    """Its code."""
    token: Token = ""
    """Confirms a move that was held: the token that came with the refusal."""


class PauseForm(Model):
    """Whether the sale is stopped for now."""

    paused: bool
    """True stops it at every marketplace, with the next sync."""


class PolicyForm(Model):
    """How stock is shown on several marketplaces."""

    stock_policy: StockPolicy
    """`split` shares it; `mirror` shows all of it everywhere, and can oversell."""


class ChosenPolicyForm(PolicyForm):
    """The chosen policy, with its danger."""

    warning: WordsForm | None
    """What may happen with it; null if nothing."""


@operation(
    "GET",
    "/api/v1/products",
    summary="The products that may be read",
    allowed=SIGNED_IN,
    tag=TAG,
)
async def list_products(call: Call, query: ProductsQuery) -> Page[ProductForm]:
    """List products by code: a producer's own ones, all for everybody else.

    Each filter narrows what the others leave. Of the last three one is asked about: the
    first that is said.
    """
    reach = reach_of(asker_of(call))
    if query.producer:
        reach = reach.within([query.producer])
    found = await search_products(
        deployment_of(call),
        ProductFilter(
            text=query.q,
            commune=query.commune,
            set=query.set,
            stars=query.stars,
            shown_at=query.shown_at,
            not_shown_at=query.not_shown_at,
            not_shown=query.shown_nowhere,
        ),
        reach=reach,
        after=call.position(query, str) or "",
        limit=query.limit,
    )
    return call.page(tuple(map(product_form, found.entries)), found.last)


@operation(
    "GET",
    "/api/v1/products/{code}",
    summary="One product",
    allowed=SIGNED_IN,
    tag=TAG,
)
async def get_product(call: Call, path: ProductPath) -> Answer[ProductForm]:
    """Return a product; its ETag is what `If-Match` of a change names."""
    found = await deployment_of(call).database.fetch(
        one_product, path.code, reach=reach_of(asker_of(call))
    )
    return Answer(value=product_form(found), version=found[0].revision)


@operation(
    "POST",
    "/api/v1/products",
    summary="Add a product",
    allowed=STAFF,
    tag=TAG,
    status=201,
    takes_key=True,
    problems=(NOT_FOUND, NOT_TAKEN, EDIT_HELD),
)
async def add_product(call: Call, body: NewProductForm) -> Answer[ProductForm]:
    """Add a product of a known producer. One called nearly as another is held (409).

    It is on sale only once it has a certificate, its papers, a price and a count.
    """
    new = NewProduct(
        producer_id=body.producer,
        official=given(body.official),
        texts=given(body.texts),
        packs=tuple(map(given, body.packs)),
        token=body.token,
    )
    by = as_department(asker_of(call))
    found = await department.add_product(deployment_of(call), new, by)
    return Answer(value=product_form(found), version=found[0].revision)


@operation(
    "PATCH",
    "/api/v1/products/{code}",
    summary="Edit values of a product",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_TAKEN, EDIT_HELD, PRECONDITION_FAILED),
)
async def edit_product(
    call: Call, path: ProductPath, body: EditForm
) -> Answer[ProductForm]:
    """Change values of a product and its packs: all of them, or none.

    A value is checked as in a sheet; official ones are the department's. `If-Match` is
    compared field by field: a change of other fields since that version, or a sale,
    refuses nothing. What would take the product from buyers is told first (409).
    """
    edit = TextEdit(
        official=given(body.official),
        product=given(body.texts),
        packs={sku: given(texts) for sku, texts in body.packs.items()},
        token=body.token,
    )
    found = await changes.edit_product(
        deployment_of(call),
        path.code,
        edit,
        doing_of(asker_of(call)),
        call.seen_revision(),
    )
    return _answer(found)


@operation(
    "PUT",
    "/api/v1/products/{code}/producer",
    summary="Move a product to another producer",
    allowed=STAFF,
    tag=TAG,
    needs_if_match=True,
    problems=(EDIT_HELD, PRECONDITION_FAILED),
)
async def move_product(
    call: Call, path: ProductPath, body: OwnerForm
) -> Answer[ProductForm]:
    """Give a product another producer. What it takes from buyers is told first (409).

    A listing that stands under the old producer waits for a person.
    """
    found = await department.move_product(
        deployment_of(call),
        path.code,
        body.producer,
        as_department(asker_of(call)),
        token=body.token,
        seen=call.seen_revision(),
    )
    return _answer(found)


@operation(
    "PUT",
    "/api/v1/products/{code}/pause",
    summary="Stop the sale of a product, or let it go on",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
)
async def put_pause(call: Call, path: ProductPath, body: PauseForm) -> PauseForm:
    """Stop the sale at every marketplace for now, or let it go on.

    It asks for no `If-Match`: a sale can be stopped at once, whatever others do.
    """
    await _on_product(call, path, partial(pause_own, paused=body.paused))
    return body


@operation(
    "PUT",
    "/api/v1/products/{code}/stock-policy",
    summary="Choose how stock is shown on several marketplaces",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    needs_if_match=True,
    problems=(PRECONDITION_FAILED,),
)
async def put_stock_policy(
    call: Call, path: ProductPath, body: PolicyForm
) -> Answer[ChosenPolicyForm]:
    """Share the stock among marketplaces, or show all of it everywhere."""
    chosen = body.stock_policy
    use_case = partial(choose_stock_policy, policy=chosen, seen=call.seen_revision())
    revision = await _on_product(call, path, use_case)
    vi, en = OVERSELLS
    warning = WordsForm(vi=vi, en=en) if chosen is StockPolicy.MIRROR else None
    form = ChosenPolicyForm(stock_policy=chosen, warning=warning)
    return Answer(value=form, version=revision)


@operation(
    "GET",
    "/api/v1/products/{code}/why",
    summary="Where a product is on sale, and why it is not",
    allowed=SIGNED_IN,
    tag=TAG,
)
async def get_why(call: Call, path: ProductPath) -> WhyForm:
    """Return the state at each marketplace, with every reason and who is to act."""
    reach = reach_of(asker_of(call))
    return why_form(await why(deployment_of(call), path.code, reach=reach))


OPERATIONS: Final = (
    list_products,
    add_product,
    get_product,
    edit_product,
    move_product,
    put_pause,
    put_stock_policy,
    get_why,
)


def _answer(found: changes.Edited) -> Answer[ProductForm]:
    return Answer(value=product_form(found.entry), version=found.entry[0].revision)


def given(texts: Model) -> dict[str, str]:
    """Return the texts that a body names, empty ones included."""
    return texts.model_dump(exclude_unset=True)


async def _on_product(call: Call, path: ProductPath, use_case: changes.UseCase) -> int:
    """Carry a use case out on the product in the address; return its revision then."""
    doing = doing_of(asker_of(call))
    return await changes.change_product(deployment_of(call), path.code, use_case, doing)
