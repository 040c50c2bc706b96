"""Which products may be listed on a day, with every reason."""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from catalog.vietnam_time import start_of
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import SIGNED_IN, STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.eligibility import (
    EligibilityPage,
    RulesForm,
    eligibility_form,
    evaluated_form,
    rules_form,
)
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Date, Identifier, PageQuery
from ocop_sync.service.queries.eligibility import eligibility_page

TAG: Final = "eligibility"


class EligibilityQuery(PageQuery):
    """On which day, and where."""

    as_of: Annotated[Date, Field(ge=date(2000, 1, 1), le=date(2090, 12, 31))] | None = (
        None
    )
    """As of the beginning of this day in Vietnam; now if left out."""
    marketplace: Identifier | None = None
    """Also the reasons of this marketplace, in the same list."""


@operation(
    "GET",
    "/api/v1/eligibility",
    summary="Which products may be listed, and why",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def list_eligibility(call: Call, query: EligibilityQuery) -> EligibilityPage:
    """Evaluate products by the rules, by code, with every finding and the advice.

    On another day than now only catalog and mapping can speak of a marketplace.
    """
    as_department(asker_of(call))
    found = await eligibility_page(
        deployment_of(call),
        after=call.position(query, str) or "",
        size=query.limit,
        at=start_of(query.as_of) if query.as_of else None,
        marketplace=query.marketplace,
    )
    page = call.page(tuple(map(evaluated_form, found.entries)), found.last)
    return EligibilityPage(
        **page_with(eligibility_form(found)), products=page.items, next=page.next
    )


@operation(
    "GET",
    "/api/v1/eligibility/rules",
    summary="The rules, and what they stand on",
    allowed=SIGNED_IN,
    tag=TAG,
)
async def list_rules(call: Call) -> RulesForm:
    """List each rule with its question, its outcome and its legal basis, by code.

    `confirmed` says whether the legal office has confirmed it.
    """
    return rules_form(deployment_of(call).rules)


OPERATIONS: Final = (list_eligibility, list_rules)
