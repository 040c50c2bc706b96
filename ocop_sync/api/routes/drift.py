"""Drift, possible twins and doubles: seen and decided."""

from typing import Annotated, Final, Literal

from pydantic import Field

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.drift import DriftForm, DriftHeadForm, DriftPage, drift_form
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.forms.twins import (
    DecidedTwinForm,
    TwinForm,
    TwinsPage,
    decided_twin_form,
    twin_form,
    twins_head_form,
)
from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model, Number, Page, PageQuery
from ocop_sync.service.decisions.double_decisions import keep
from ocop_sync.service.decisions.drift_decisions import decide_drift
from ocop_sync.service.decisions.twin_decisions import adopt, decide_other
from ocop_sync.service.queries.drift import open_drift
from ocop_sync.service.queries.twins import all_twins

TAG: Final = "drift"


class DriftPath(Model):
    """Which drift."""

    drift: Number
    """Its number."""


class DriftDecisionForm(Model):
    """A decision on drift."""

    stays: Literal["ours", "theirs"]
    """`ours` is put right once, by the next sync; `theirs` stays as it was found."""


class TwinsQuery(PageQuery):
    """Which twins."""

    all: bool = False
    """Also those on which a person has decided."""


class TwinPath(Model):
    """Which twin."""

    twin: Number
    """Its number."""


class TwinDecisionForm(Model):
    """A decision on a possible twin."""

    is_ours: bool
    """The listing is our product: it is taken over; else it is another product."""


class DoubledPath(Model):
    """Which product."""

    code: Identifier
    """Its code, or its number among the drift."""


class KeptForm(Model):
    """The listing that stays."""

    ref: Annotated[
        str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    ]
    """The marketplace's own identifier; "account/ref" at another account."""


@operation(
    "GET",
    "/api/v1/drift",
    summary="What stands at marketplaces otherwise than we left it",
    allowed=STAFF,
    tag=TAG,
)
async def list_drift(call: Call, query: PageQuery) -> DriftPage:
    """List the drift that is open, by number, with what becomes of it.

    It is as the last read of each marketplace has shown it; none is called.
    """
    as_department(asker_of(call))
    found, after = await open_drift(deployment_of(call)), call.position(query, int) or 0
    rows = [each for each in found.drift if each.id > after]
    shown = rows[: query.limit]
    last = shown[-1].id if len(rows) > query.limit else None
    page: Page[DriftForm] = call.page(tuple(map(drift_form, shown)), last)
    return DriftPage(**page_with(DriftHeadForm(simulated=found.simulated), page))


@operation(
    "POST",
    "/api/v1/drift/{drift}/decision",
    summary="Decide which value stays",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def decide_on_drift(
    call: Call, path: DriftPath, body: DriftDecisionForm
) -> DriftForm:
    """Decide on drift: void once the wanted or the found value changes."""
    by, ours = as_department(asker_of(call)), body.stays == "ours"
    return drift_form(
        await decide_drift(deployment_of(call), path.drift, ours=ours, by=by)
    )


@operation(
    "GET",
    "/api/v1/twins",
    summary="Possible twins, and doubles of ours",
    allowed=STAFF,
    tag=TAG,
)
async def list_twins(call: Call, query: TwinsQuery) -> TwinsPage:
    """List listings that may be our products, the likeliest of each first.

    Products with several listings of ours stand beside, on each page.
    """
    as_department(asker_of(call))
    found = await all_twins(deployment_of(call), None if query.all else "open")
    start = call.position(query, int) or 0
    rows, following = found.twins[start : start + query.limit], start + query.limit
    last = following if following < len(found.twins) else None
    page: Page[TwinForm] = call.page(tuple(map(twin_form, rows)), last)
    return TwinsPage(**page_with(twins_head_form(found), page))


@operation(
    "POST",
    "/api/v1/twins/{twin}/decision",
    summary="Decide whether a listing is our product",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def decide_on_twin(
    call: Call, path: TwinPath, body: TwinDecisionForm
) -> DecidedTwinForm:
    """Take a listing over with the next sync, or call it another product."""
    by, decide = as_department(asker_of(call)), adopt if body.is_ours else decide_other
    return decided_twin_form(await decide(deployment_of(call), path.twin, by=by))


@operation(
    "POST",
    "/api/v1/products/{code}/kept-listing",
    summary="Choose which of several listings of a product stays",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def keep_listing(call: Call, path: DoubledPath, body: KeptForm) -> DriftForm:
    """Choose the listing that stays; the next sync withdraws the others."""
    by = as_department(asker_of(call))
    return drift_form(await keep(deployment_of(call), path.code, body.ref, by=by))


OPERATIONS: Final = (
    list_drift,
    decide_on_drift,
    list_twins,
    decide_on_twin,
    keep_listing,
)
