"""Links by which people of producers sign in: made, and looked at, by staff.

A link's address is shown in the one answer that makes it, which is never kept.
"""

from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, identity_of, public_url_of
from ocop_sync.api.forms.identity import (
    LinkForm,
    MadeLinkForm,
    link_form,
    made_link_form,
)
from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.routes.consent import ProducerPath
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model, Number, Page, PageQuery
from ocop_sync.service.identity import links as use_cases
from ocop_sync.service.identity.identity import knows_producer

TAG: Final = "links"


class LinksQuery(PageQuery):
    """Which links."""

    producer: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Those of this producer alone; all if left out."""


class LinkPath(Model):
    """Which link."""

    link_id: Number
    """Its number."""


class NewLinkForm(Model):
    """A link to make."""

    person: Identifier | None = None
    """For whom, where several people serve the producer."""


@operation(
    "GET",
    "/api/v1/links",
    summary="The links by which people of producers sign in",
    allowed=STAFF,
    tag=TAG,
)
async def list_links(call: Call, query: LinksQuery) -> Page[LinkForm]:
    """List links, the latest first: whether each holds, and when it was used."""
    asker = asker_of(call)
    producer = query.producer or asker.actor.acts_for
    if not reach_of(asker).holds(producer or None):
        raise ProblemError(NOT_FOUND)
    found = await use_cases.listed_links(
        identity_of(call),
        producer or None,
        before=call.position(query, int),
        most=query.limit + 1,
    )
    shown = tuple(map(link_form, found[: query.limit]))
    return call.page(shown, shown[-1].id if len(found) > query.limit else None)


@operation(
    "POST",
    "/api/v1/producers/{producer}/links",
    summary="Make a link by which somebody of a producer signs in",
    allowed=STAFF,
    tag=TAG,
    status=201,
    takes_key=True,
    shown_once=True,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def make_link(call: Call, path: ProducerPath, body: NewLinkForm) -> MadeLinkForm:
    """Make a link for one sign-in within 7 days; unused ones of that person are void.

    The answer is not kept: the same Idempotency-Key once more is told so (409).
    """
    asker, identity = asker_of(call), identity_of(call)
    if not (
        reach_of(asker).holds(path.producer)
        and await knows_producer(identity, path.producer)
    ):
        raise ProblemError(NOT_FOUND)
    made = await use_cases.make_link(
        identity, path.producer, by=asker.actor, person_id=body.person or ""
    )
    return made_link_form(made, public_url_of(call))


@operation(
    "DELETE",
    "/api/v1/links/{link_id}",
    summary="Void a link that was not used",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def void_link(call: Call, path: LinkPath) -> None:
    """Let nobody sign in by a link that waits; other links stay as they are.

    One that was used or has ended is not found: a session that it began is ended there.
    """
    asker = asker_of(call)
    await use_cases.void_link(
        identity_of(call), path.link_id, by=asker.actor, reach=reach_of(asker)
    )


OPERATIONS: Final = (list_links, make_link, void_link)
