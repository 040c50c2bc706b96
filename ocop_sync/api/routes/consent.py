"""The consent of a producer: read and answered by itself, or by staff for it."""

from datetime import datetime
from typing import Final

from catalog.commands.consent import Consent, consent_of
from ocop_sync.api.access.reach import doing_of, reach_of
from ocop_sync.api.access.roles import STAFF, STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.consent import (
    AskedErasureForm,
    ConsentForm,
    ErasedForm,
    ErasuresPage,
    consent_form,
    erasures_form,
)
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.problems import CATALOG_REFUSED
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Identifier, Model, Page, PageQuery
from ocop_sync.service.producer.changes import answer_consent
from ocop_sync.service.producer.erasure import (
    confirm_erasure,
    erasures_page,
)

TAG: Final = "producers"


class ProducerPath(Model):
    """Which producer."""

    producer: Identifier
    """Its code."""


class ConsentAnswerForm(Model):
    """An answer about consent."""

    consent: bool
    """True gives it; false withdraws it, and ends the sale with the next sync."""


@operation(
    "GET",
    "/api/v1/producers/{producer}/consent",
    summary="The consent of a producer",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
)
async def get_consent(call: Call, path: ProducerPath) -> Answer[ConsentForm]:
    """Return whether a producer consents to be listed, and to the use of its data.

    Its ETag is what `If-Match` of an answer names.
    """
    found = await deployment_of(call).database.fetch(
        consent_of, path.producer, reach=reach_of(asker_of(call))
    )
    return _answer(found)


@operation(
    "PUT",
    "/api/v1/producers/{producer}/consent",
    summary="Give consent, or withdraw it",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    needs_if_match=True,
)
async def put_consent(
    call: Call, path: ProducerPath, body: ConsentAnswerForm
) -> Answer[ConsentForm]:
    """Give consent or withdraw it; withdrawn, the sale ends with the next sync.

    What tells of the producer's people is erased 72 hours later, once a member of staff
    confirms that. `If-Match: *` answers whatever was answered before.
    """
    doing = doing_of(asker_of(call))
    found = await answer_consent(
        deployment_of(call),
        path.producer,
        body.consent,
        doing,
        lambda before: call.ensure_match(before.version),
    )
    return _answer(found)


@operation(
    "GET",
    "/api/v1/erasures",
    summary="The erasures that wait for a person",
    allowed=STAFF,
    tag=TAG,
)
async def list_erasures(call: Call, query: PageQuery) -> ErasuresPage:
    """List the erasures that withdrawn consent asks for, the first due one first."""
    deployment = deployment_of(call)
    found = await deployment.database.fetch(
        erasures_page,
        now=deployment.clock(),
        reach=reach_of(asker_of(call)),
        after=call.position(query, tuple[datetime, str]),
        size=query.limit,
    )
    page: Page[AskedErasureForm] = call.page((), found.last)
    return ErasuresPage(**page_with(erasures_form(found.erasures)), next=page.next)


@operation(
    "POST",
    "/api/v1/producers/{producer}/erasure",
    summary="Confirm an erasure",
    allowed=STAFF,
    tag=TAG,
    problems=(CATALOG_REFUSED,),
    takes_key=True,
)
async def confirm_producer_erasure(call: Call, path: ProducerPath) -> ErasedForm:
    """Erase what tells of a producer's people, once that is due. It cannot be undone.

    Its addresses go, its name unless it is a firm or a cooperative, the names and the
    sign-in of its people, and texts and pictures of its products: `GET /erasures` lists
    what goes and what stays. It is refused before it is due, and where none is
    asked for.
    """
    deployment, doing = deployment_of(call), doing_of(asker_of(call))
    number = await deployment.database.write(
        lambda conn: confirm_erasure(
            conn,
            path.producer,
            by=doing.by,
            now=deployment.clock(),
            reach=doing.reach,
        )
    )
    return ErasedForm(producer=path.producer, people=number)


OPERATIONS: Final = (
    get_consent,
    put_consent,
    list_erasures,
    confirm_producer_erasure,
)


def _answer(found: Consent) -> Answer[ConsentForm]:
    return Answer(value=consent_form(found), version=found.version)
