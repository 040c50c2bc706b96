"""Papers of products and producers: entered, corrected, ended and attested by staff.

What takes products off sale, and what concerns products that were not named, is told
first (409 `papers_held`) and done with its token.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from catalog.commands.paper_entry import (
    EXPIRES_ON,
    ISSUED_ON,
    NUMBER,
    PaperAct,
    PaperEntry,
)
from catalog.commands.papers import PaperSubjects, any_papers, papers_version
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.access.reach import as_department, reach_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.papers import (
    PapersEnteredForm,
    PapersPageForm,
    ProductPapersForm,
    papers_entered_form,
    product_papers_form,
)
from ocop_sync.api.problems import NOT_TAKEN, PAPERS_HELD
from ocop_sync.api.routes.accounts import Why
from ocop_sync.api.routes.consent import ProducerPath
from ocop_sync.api.routes.products import ProductPath
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Date, Identifier, Model, PageQuery
from ocop_sync.service.department.papers import (
    LackFilter,
    PapersPage,
    enter,
    papers_after,
    papers_of_producer,
)
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.products import one_product

TAG: Final = "papers"

Day = Annotated[Date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]
_Number = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Token = Annotated[str, Field(max_length=64, pattern="^[0-9a-f]*$")]


class SubjectsForm(Model):
    """The products that are meant: named one by one, or those of a producer."""

    kind: PaperKind
    """Of which paper."""
    products: Annotated[tuple[Identifier, ...], Field(max_length=1000)] = ()
    """Their codes, or those of packs of theirs."""
    producer: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x20\x7f/]*$")] = ""
    """Or: the producer of all of them."""
    token: _Token = ""
    """Confirms what was held: the token that came with the refusal."""


class DetailsForm(Model):
    """What stands on a paper."""

    number: _Number = ""
    """Its number."""
    issued_on: Day | None = None
    """The day of its issue."""
    expires_on: Day | None = None
    """The last day on which it holds; null if it has no end."""


class NewPaperForm(SubjectsForm, DetailsForm):
    """A paper that staff have seen."""

    seen_on: Day | None = None
    """When; today if left out."""


class CorrectedPaperForm(DetailsForm):
    """What is known of a paper, put right; what is left out stays, null clears."""

    kind: PaperKind
    """Of which paper."""
    token: _Token = ""
    """Confirms what was held: the token that came with the refusal."""


class EndedPaperForm(SubjectsForm):
    """A paper that holds no longer."""

    last_day: Day | None = None
    """The last day on which it held; yesterday if left out."""
    reason: Why
    """Why."""


class WhereForm(Model):
    """Products that lack the paper, as `GET /missing-papers` tells."""

    state: Literal["unknown", "missing", "expired"] = "unknown"
    """What they lack."""
    commune: Annotated[str, Field(max_length=5, pattern="^[0-9]*$")] = ""
    """Of producers in this commune, by its code since 1 July 2025."""
    source: _Text = ""
    """Of products that imports of this source have named."""


class AttestedPaperForm(SubjectsForm):
    """What staff have seen of a paper."""

    value: Fact
    """`yes`: it is there; `no`: it is not; `unknown` takes an earlier word back."""
    where: WhereForm | None = None
    """Only those of them that lack it; of all products if none are named."""
    seen_on: Day | None = None
    """When it was seen; today if left out."""
    expires_on: Day | None = None
    """The last day on which it holds; the known one stays if left out."""


_PROBLEMS: Final = (PAPERS_HELD, NOT_TAKEN, NOT_FOUND)


@operation(
    "GET",
    "/api/v1/papers",
    summary="All products with their papers",
    allowed=STAFF,
    tag=TAG,
)
async def list_papers(call: Call, query: PageQuery) -> PapersPageForm:
    """List products with the papers that are known of each, by code."""
    found = await deployment_of(call).database.fetch(
        papers_after,
        call.position(query, str) or "",
        reach=reach_of(asker_of(call)),
        limit=query.limit,
    )
    return _page(call, found)


@operation(
    "GET",
    "/api/v1/products/{code}/papers",
    summary="The papers of a product",
    allowed=STAFF,
    tag=TAG,
)
async def get_product_papers(
    call: Call, path: ProductPath
) -> Answer[ProductPapersForm]:
    """Return what is known of the papers of a product.

    Its ETag is what `If-Match` of a correction names.
    """
    deployment = deployment_of(call)
    item, _ = await deployment.database.fetch(
        one_product, path.code, reach=reach_of(asker_of(call))
    )
    form = product_papers_form(item, deployment.rules)
    return Answer(value=form, version=papers_version([item]))


@operation(
    "GET",
    "/api/v1/producers/{producer}/papers",
    summary="The papers of a producer's products",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def list_producer_papers(
    call: Call, path: ProducerPath, query: PageQuery
) -> Answer[PapersPageForm]:
    """List the products of a producer with their papers, by code.

    The ETag is that of all of them, and what `If-Match` of a correction names.
    """
    found = await deployment_of(call).database.fetch(
        papers_of_producer,
        path.producer,
        call.position(query, str) or "",
        reach=reach_of(asker_of(call)),
        limit=query.limit,
    )
    return Answer(value=_page(call, found), version=found.version)


@operation(
    "POST",
    "/api/v1/papers",
    summary="Record a paper",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def add_paper(call: Call, body: NewPaperForm) -> PapersEnteredForm:
    """Record a paper that was seen; it takes the place of one of its kind.

    That of a producer is recorded at each of its present products.
    """
    entry = PaperEntry(
        act=PaperAct.ADD,
        kind=body.kind,
        values=_details(body),
        seen_on=body.seen_on,
        token=body.token,
    )
    return await _enter(call, entry, _subjects(body))


@operation(
    "PATCH",
    "/api/v1/products/{code}/papers",
    summary="Correct a paper of a product",
    allowed=STAFF,
    tag=TAG,
    needs_if_match=True,
    problems=_PROBLEMS,
)
async def correct_product_paper(
    call: Call, path: ProductPath, body: CorrectedPaperForm
) -> PapersEnteredForm:
    """Put right what is known of a paper; who has seen it stays."""
    return await _correct(call, PaperSubjects(products=(path.code,)), body)


@operation(
    "PATCH",
    "/api/v1/producers/{producer}/papers",
    summary="Correct a paper of a producer",
    allowed=STAFF,
    tag=TAG,
    needs_if_match=True,
    problems=_PROBLEMS,
)
async def correct_producer_paper(
    call: Call, path: ProducerPath, body: CorrectedPaperForm
) -> PapersEnteredForm:
    """Put right what is known of a paper, at each product that has it."""
    return await _correct(call, PaperSubjects(producer=path.producer), body)


@operation(
    "POST",
    "/api/v1/papers/end",
    summary="End a paper",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def end_paper(call: Call, body: EndedPaperForm) -> PapersEnteredForm:
    """Record that a paper holds no longer.

    What may no longer be sold is withdrawn with the next sync, within the budget.
    """
    entry = PaperEntry(
        act=PaperAct.END,
        kind=body.kind,
        last_day=body.last_day,
        reason=body.reason,
        token=body.token,
    )
    return await _enter(call, entry, _subjects(body))


@operation(
    "POST",
    "/api/v1/papers/attest",
    summary="Attest papers, also in bulk",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def attest_papers(call: Call, body: AttestedPaperForm) -> PapersEnteredForm:
    """Record that a paper was seen, or that it is not there: of all products, or none.

    With `where`, of those that lack it: of all, or of the named products or producer.
    """
    entry = PaperEntry(
        act=PaperAct.ATTEST,
        kind=body.kind,
        held=body.value,
        values={EXPIRES_ON: body.expires_on} if body.expires_on else {},
        seen_on=body.seen_on,
        token=body.token,
    )
    where = body.where
    if where is None:
        return await _enter(call, entry, _subjects(body))
    found = LackFilter(
        state=where.state,
        commune=where.commune,
        source=where.source,
        producer=body.producer,
        products=body.products,
    )
    return await _enter(call, entry, found)


OPERATIONS: Final = (
    list_papers,
    get_product_papers,
    list_producer_papers,
    add_paper,
    correct_product_paper,
    correct_producer_paper,
    end_paper,
    attest_papers,
)


def _page(call: Call, found: PapersPage) -> PapersPageForm:
    rules = deployment_of(call).rules
    items = tuple(product_papers_form(each, rules) for each in found.products)
    page = call.page(items, found.last)
    return PapersPageForm(items=page.items, next=page.next)


def _details(body: DetailsForm) -> dict[str, Any]:
    return {NUMBER: body.number, ISSUED_ON: body.issued_on, EXPIRES_ON: body.expires_on}


def _subjects(body: SubjectsForm) -> PaperSubjects:
    return PaperSubjects(products=body.products, producer=body.producer)


async def _correct(
    call: Call, subjects: PaperSubjects, body: CorrectedPaperForm
) -> PapersEnteredForm:
    told = body.model_fields_set
    given = {name: each for name, each in _details(body).items() if name in told}
    entry = PaperEntry(
        act=PaperAct.CORRECT, kind=body.kind, values=given, token=body.token
    )
    return await _enter(call, entry, subjects, call.ensure_match)


async def _enter(
    call: Call,
    entry: PaperEntry,
    subjects: PaperSubjects | LackFilter,
    ensure_seen: Callable[[str], None] = any_papers,
) -> PapersEnteredForm:
    # A producer attests nothing of its own: nobody does that for it either.
    by = as_department(asker_of(call))
    deployment = deployment_of(call)
    found = await enter(
        deployment.database,
        entry,
        subjects,
        Doing(by=by, reach=WHOLE_CATALOG),
        rules=deployment.rules,
        clock=deployment.clock,
        ensure_seen=ensure_seen,
    )
    return papers_entered_form(found)
