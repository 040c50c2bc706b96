"""Producers: seen, entered and edited by staff; each sees itself."""

from typing import Final

from catalog.commands.producers import ProducerEdit
from ocop_sync.api.access.reach import as_department, ensure_whole, reach_of
from ocop_sync.api.access.roles import STAFF, STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.producers import (
    OneProducerForm,
    ProducerEditForm,
    one_producer_form,
)
from ocop_sync.api.problems import EDIT_HELD, NOT_TAKEN
from ocop_sync.api.routes.consent import TAG, ProducerPath
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import PRECONDITION_FAILED
from ocop_sync.api.typed.values import Page, PageQuery
from ocop_sync.service.department import producers as use_cases
from ocop_sync.service.department.producers import (
    KeptProducer,
    one_producer,
    producers_after,
)


@operation(
    "GET",
    "/api/v1/producers",
    summary="All producers",
    allowed=STAFF,
    tag=TAG,
)
async def list_producers(call: Call, query: PageQuery) -> Page[OneProducerForm]:
    """List producers by code, each with how many products it has."""
    ensure_whole(asker_of(call))
    after = call.position(query, str) or ""
    found = await deployment_of(call).database.fetch(
        producers_after, after, limit=query.limit
    )
    return call.page(tuple(map(one_producer_form, found.producers)), found.last)


@operation(
    "POST",
    "/api/v1/producers",
    summary="Add a producer",
    allowed=STAFF,
    tag=TAG,
    status=201,
    takes_key=True,
    problems=(NOT_TAKEN, EDIT_HELD),
)
async def add_producer(call: Call, body: ProducerEditForm) -> Answer[OneProducerForm]:
    """Add a producer of this province. One called nearly as another is held (409).

    Its consent is recorded apart, and so are its products.
    """
    by = as_department(asker_of(call))
    return _answer(await use_cases.add_producer(deployment_of(call), _edit(body), by))


@operation(
    "GET",
    "/api/v1/producers/{producer}",
    summary="One producer",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
)
async def get_producer(call: Call, path: ProducerPath) -> Answer[OneProducerForm]:
    """Return a producer; its ETag is what `If-Match` of an edit names."""
    found = await deployment_of(call).database.fetch(
        one_producer, path.producer, reach=reach_of(asker_of(call))
    )
    return _answer(found)


@operation(
    "PATCH",
    "/api/v1/producers/{producer}",
    summary="Edit a producer",
    allowed=STAFF,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_TAKEN, EDIT_HELD, PRECONDITION_FAILED),
)
async def edit_producer(
    call: Call, path: ProducerPath, body: ProducerEditForm
) -> Answer[OneProducerForm]:
    """Change values of a producer: all of them, or none.

    They are checked as in a sheet, and `If-Match` is compared field by field. What is
    doubtful is told first (409).
    """
    by = as_department(asker_of(call))
    found = await use_cases.edit_producer(
        deployment_of(call), path.producer, _edit(body), by, call.seen_revision()
    )
    return _answer(found)


OPERATIONS: Final = (list_producers, add_producer, get_producer, edit_producer)


def _edit(body: ProducerEditForm) -> ProducerEdit:
    values = body.values.model_dump(exclude_unset=True)
    return ProducerEdit(values=values, token=body.token)


def _answer(found: KeptProducer) -> Answer[OneProducerForm]:
    return Answer(value=one_producer_form(found.listed), version=found.version)
