"""What was changed, by whom and why: of a product or producer, and every act."""

from typing import Final

from catalog.db.acts import head
from catalog.queries.audit import acts_page
from catalog.queries.timeline import timeline_page
from ocop_sync.api.access.reach import ensure_whole, reach_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.audit import ActForm, AuditHeadForm, act_form, head_form
from ocop_sync.api.forms.timeline import (
    PastChangeForm,
    TimelinePage,
    change_form,
    subject_form,
)
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Identifier, Model, Page, PageQuery

TAG: Final = "history"


class SubjectPath(Model):
    """Of what."""

    code: Identifier
    """The code of a product or a producer, or of a pack."""


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


OPERATIONS: Final = (get_history, list_acts, get_audit_head)
