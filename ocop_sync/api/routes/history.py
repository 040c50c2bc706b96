"""What was changed, by whom and why: of a product or producer, and every act."""

from typing import Annotated, Final

from pydantic import Field

from catalog.db.acts import head
from catalog.db.audit_chain import FIRST
from catalog.queries.audit import acts_page
from catalog.queries.timeline import timeline_page
from ocop_sync.api.access.reach import ensure_whole, reach_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of, long_work_of
from ocop_sync.api.forms.audit import (
    ActForm,
    AuditCheckForm,
    AuditHeadForm,
    act_form,
    check_form,
    head_form,
)
from ocop_sync.api.forms.timeline import (
    PastChangeForm,
    TimelinePage,
    change_form,
    subject_form,
)
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import WHOLE, Identifier, Model, Page, PageQuery
from ocop_sync.service.queries.audit_check import AuditPart, check_audit

TAG: Final = "history"


class SubjectPath(Model):
    """Of what."""

    code: Identifier
    """The code of a product or a producer, or of a pack."""


class AuditPartQuery(Model):
    """Which part of the audit, and what was kept elsewhere."""

    head: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """A hash that was the head once; empty if none was kept."""
    after: Annotated[int, Field(ge=0, le=2**31 - 1), WHOLE] = 0
    """Behind the act of this number."""
    before_head: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = FIRST
    """The hash of that act; of none it is 64 zeros."""


@operation(
    "GET",
    "/api/v1/history/{code}",
    summary="Each change of a product, pack or producer",
    allowed=STAFF,
    tag=TAG,
)
async def get_history(call: Call, path: SubjectPath, query: PageQuery) -> TimelinePage:
    """List the changes of its fields, the latest first: when, who, before and after.

    Values that may be of a person are kept for 30 days. Sales at marketplaces change no
    field.
    """
    found = await deployment_of(call).database.fetch(
        timeline_page,
        path.code,
        reach=reach_of(asker_of(call)),
        before=call.position(query, int),
        size=query.limit,
    )
    page: Page[PastChangeForm] = call.page(
        tuple(map(change_form, found.changes)), found.next
    )
    return TimelinePage(
        of=subject_form(found.of),
        items=page.items,
        next=page.next,
        is_whole=found.is_whole,
    )


@operation(
    "GET",
    "/api/v1/audit",
    summary="Every act",
    allowed=STAFF,
    tag=TAG,
)
async def list_acts(call: Call, query: PageQuery) -> Page[ActForm]:
    """List who did what, when, why and from where, the first act first."""
    ensure_whole(asker_of(call))
    found = await deployment_of(call).database.fetch(
        acts_page, call.position(query, int) or 0, size=query.limit
    )
    return call.page(tuple(map(act_form, found.acts)), found.last)


@operation(
    "GET",
    "/api/v1/audit/head",
    summary="The hash of the last act, to be kept elsewhere",
    allowed=STAFF,
    tag=TAG,
)
async def get_audit_head(call: Call) -> AuditHeadForm:
    """Return it: `ocop-sync audit verify --head HASH` holds the audit against it."""
    ensure_whole(asker_of(call))
    return head_form(await deployment_of(call).database.fetch(head))


@operation(
    "GET",
    "/api/v1/audit/verification",
    summary="Whether the audit is as it was written",
    allowed=STAFF,
    tag=TAG,
)
async def verify_acts(call: Call, query: AuditPartQuery) -> AuditCheckForm:
    """Check each act against its hash and the one before, 100,000 of them at once.

    Where `is_end` is false, go on with `after` and `before_head`, the `last` and the
    `head` of the answer. Without a hash that was kept elsewhere (`head`) it cannot be
    seen that the last acts were cut off.
    """
    ensure_whole(asker_of(call))
    part = AuditPart(
        after=query.after, before_head=query.before_head, expected=query.head
    )
    return check_form(await long_work_of(call).do(check_audit, part))


OPERATIONS: Final = (get_history, list_acts, get_audit_head, verify_acts)
