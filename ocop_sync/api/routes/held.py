"""What is held for a person: groups and products, seen and decided."""

from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.held import (
    GroupForm,
    GroupPage,
    HeldPage,
    group_form,
    group_head_form,
    held_form,
    held_product_form,
    member_form,
)
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.problems import NOT_POSSIBLE, STALE_PLAN
from ocop_sync.api.routes.decisions import Reason
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model, Number, PageQuery
from ocop_sync.service.decisions.approvals import approve, refuse
from ocop_sync.service.decisions.retry_requests import try_again
from ocop_sync.service.queries.held import (
    HeldPlace,
    group_page,
    held_group,
    held_page,
)

TAG: Final = "held"
_MOST: Final = 500


class GroupPath(Model):
    """Which group."""

    group: Number
    """Its number."""


class ApproveForm(Model):
    """An approval of a group, as it was seen."""

    checksum: Annotated[str, Field(min_length=1, max_length=64, pattern="^[0-9a-f]+$")]
    """The checksum of the group that was read."""
    reason: Reason
    """Why; it is kept."""


class RefuseForm(Model):
    """A refusal of a group."""

    reason: Reason
    """Why; it is kept."""


class RetryForm(Model):
    """Products of which something is sent again."""

    marketplace: Identifier
    """Where."""
    products: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=_MOST)]
    """Their codes."""


class RetriedForm(Model):
    """Products of which the next sync sends again what was refused, or has failed."""

    marketplace: str
    """Where."""
    products: tuple[str, ...]
    """Their codes."""


@operation(
    "GET",
    "/api/v1/held",
    summary="What waits for a person at marketplaces",
    allowed=STAFF,
    tag=TAG,
)
async def list_held(call: Call, query: PageQuery) -> HeldPage:
    """List the groups above the budget whole, and held products page by page.

    First stand listings that are on sale as they should not be. No marketplace is
    called.
    """
    as_department(asker_of(call))
    found = await held_page(
        deployment_of(call), call.position(query, HeldPlace), query.limit
    )
    shown = found.held.products
    page = call.page(tuple(map(held_product_form, shown)), found.last)
    head = held_form(found.held)
    return HeldPage(**page_with(head), products=page.items, next=page.next)


@operation(
    "GET",
    "/api/v1/held/{group}",
    summary="A held group with its members",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_held_group(call: Call, path: GroupPath, query: PageQuery) -> GroupPage:
    """Return a group that is not closed, with its members page by page."""
    as_department(asker_of(call))
    after = call.position(query, str) or ""
    found = await group_page(deployment_of(call), path.group, after, query.limit)
    page = call.page(tuple(map(member_form, found.members)), found.last)
    return GroupPage(
        **page_with(group_head_form(found)), members=page.items, next=page.next
    )


@operation(
    "POST",
    "/api/v1/held/{group}/approval",
    summary="Approve a group as it was seen",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, STALE_PLAN, NOT_POSSIBLE),
    takes_key=True,
)
async def approve_held_group(
    call: Call, path: GroupPath, body: ApproveForm
) -> GroupForm:
    """Let a group pass, each member as it is now; the next sync sends it.

    It is refused (409) if the group has changed since its checksum was read. The
    approval ends by itself; later members are asked about anew.
    """
    deployment, by = deployment_of(call), as_department(asker_of(call))
    await approve(
        deployment, path.group, by=by, reason=body.reason, checksum=body.checksum
    )
    return group_form(await held_group(deployment, path.group))


@operation(
    "POST",
    "/api/v1/held/{group}/refusal",
    summary="Refuse a group",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def refuse_held_group(call: Call, path: GroupPath, body: RefuseForm) -> GroupForm:
    """Keep a group from being sent; a changed or new member asks anew."""
    deployment, by = deployment_of(call), as_department(asker_of(call))
    await refuse(deployment, path.group, by=by, reason=body.reason)
    return group_form(await held_group(deployment, path.group))


@operation(
    "POST",
    "/api/v1/held/retries",
    summary="Have refused or failed changes sent again",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def retry_held(call: Call, body: RetryForm) -> RetriedForm:
    """Send again, in the next sync, what was refused or has failed of products."""
    deployment, by = deployment_of(call), as_department(asker_of(call))
    await try_again(deployment, body.marketplace, body.products, by=by)
    return RetriedForm(marketplace=body.marketplace, products=body.products)


OPERATIONS: Final = (
    list_held,
    retry_held,
    get_held_group,
    approve_held_group,
    refuse_held_group,
)
