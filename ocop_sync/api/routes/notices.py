"""Notices: what was told, what waits, and what was given up."""

from typing import Final

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of, senders_of
from ocop_sync.api.forms.notices import (
    NoticeForm,
    NoticePage,
    TriedForm,
    notice_form,
    tried_form,
)
from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Model, Number, PageQuery
from ocop_sync.service.notices import log

TAG: Final = "notices"


class NoticePath(Model):
    """Which notice."""

    notice: Number
    """Its number."""


@operation(
    "GET",
    "/api/v1/notices",
    summary="What was told, the newest first",
    allowed=STAFF,
    tag=TAG,
)
async def list_notices(call: Call, query: PageQuery) -> NoticePage:
    """List the notices that were sent, that wait and that were given up."""
    as_department(asker_of(call))
    before = call.position(query, int)
    found = await log.notice_log(
        deployment_of(call).database, limit=query.limit + 1, before=before
    )
    shown = found[: query.limit]
    last = shown[-1].notice.id if len(found) > query.limit else None
    page = call.page(tuple(map(notice_form, shown)), last)
    return NoticePage(items=page.items, next=page.next)


@operation(
    "GET",
    "/api/v1/notices/{notice}",
    summary="One notice",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_notice(call: Call, path: NoticePath) -> NoticeForm:
    """Return a notice: its words, and how far it has got by each way."""
    as_department(asker_of(call))
    found = await log.notice_entry(deployment_of(call).database, path.notice)
    return notice_form(found)


@operation(
    "POST",
    "/api/v1/notices/{notice}/retry",
    summary="Send a notice again",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
    takes_key=True,
)
async def retry_notice(call: Call, path: NoticePath) -> NoticeForm:
    """Send a notice again by each way by which it has not arrived.

    It is sent within seconds, also where it was given up.
    """
    deployment, by = deployment_of(call), as_department(asker_of(call))
    await log.send_again(deployment.database, deployment.clock, path.notice, by)
    return notice_form(await log.notice_entry(deployment.database, path.notice))


@operation(
    "POST",
    "/api/v1/notices/test",
    summary="Send a notice to try, at once",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_POSSIBLE,),
    takes_key=True,
)
async def send_test_notice(call: Call) -> TriedForm:
    """Send a notice by each way that is set, and tell by which it has arrived.

    It takes as long as the slowest way. Whoever receives it is told that it is a test.
    """
    as_department(asker_of(call))
    senders = senders_of(call)
    if not senders:
        raise ProblemError(
            NOT_POSSIBLE,
            vi="Chưa đặt webhook hay thư nào để gửi thông báo",
            en="No webhook and no mail is set for notices",
        )
    clock = deployment_of(call).clock
    return tried_form(await log.try_senders(senders, clock, simulated=False))


OPERATIONS: Final = (list_notices, get_notice, retry_notice, send_test_notice)
