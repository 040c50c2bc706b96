"""People who may sign in: for admins alone.

A password is made by the service and shown in the one answer that makes it, which is
never kept, not even with an Idempotency-Key.
"""

from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.context import asker_of, department_identity_of
from ocop_sync.api.forms.identity import (
    MadePersonForm,
    PeoplePage,
    PersonForm,
    PersonSessionForm,
    PersonSessionsPage,
    made_person_form,
    people_form,
    person_form,
    sessions_form,
)
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model, Number, Page, PageQuery
from ocop_sync.service.decisions.text_limits import LONGEST_NAME
from ocop_sync.service.identity import people as use_cases
from ocop_sync.service.identity.made_passwords import add_with_password, reset_to_made
from ocop_sync.service.identity.people import version_of
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import end_session, end_sessions, sessions_page
from ocop_sync.store.identity.people import PersonRow

TAG: Final = "people"

Named = Annotated[str, Field(max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A name, or nothing."""
Served = Annotated[tuple[Identifier, ...], Field(max_length=50)]
"""Ids of producers that are served."""


class PersonPath(Model):
    """Which person."""

    person_id: Identifier
    """The id."""


class PersonSessionPath(PersonPath):
    """Which session of a person."""

    session_id: Number
    """Its number."""


class NewPersonForm(Model):
    """A person to add."""

    name: Named = ""
    """The name by which staff sign in; people of producers need none."""
    role: Role
    """The role."""
    producers: Served = ()
    """The producers that a producer's person serves; none for staff."""


class PersonPatch(Model):
    """What is to become another; what is left out stays."""

    role: Role | None = None
    """The new role."""
    producers: Served | None = None
    """The producers that are served from then on."""


class DisabledForm(Model):
    """Whether a person is let in."""

    disabled: bool
    """True: no longer, and every session and unused link ends."""


@operation(
    "GET",
    "/api/v1/people",
    summary="Everybody who may sign in",
    allowed=ADMINS,
    tag=TAG,
)
async def list_people(call: Call, query: PageQuery) -> PeoplePage:
    """List everybody by id, disabled and erased ones included."""
    found = await use_cases.people_page(
        department_identity_of(call), call.position(query, str) or "", size=query.limit
    )
    page: Page[PersonForm] = call.page((), found.last)
    return PeoplePage(**page_with(people_form(found.people)), next=page.next)


@operation(
    "POST",
    "/api/v1/people",
    summary="Add a person",
    allowed=ADMINS,
    tag=TAG,
    status=201,
    takes_key=True,
    shown_once=True,
    problems=(NOT_POSSIBLE,),
)
async def add_person(call: Call, body: NewPersonForm) -> MadePersonForm:
    """Add a person; staff get a password that is shown this once.

    The answer is not kept: the same Idempotency-Key once more is told so (409).
    """
    made = await add_with_password(
        department_identity_of(call),
        name=body.name,
        role=body.role,
        producers=body.producers,
        by=asker_of(call).actor,
    )
    return made_person_form(made)


@operation(
    "GET",
    "/api/v1/people/{person_id}",
    summary="A person",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_person(call: Call, path: PersonPath) -> Answer[PersonForm]:
    """Return a person who is not erased."""
    return _answer(
        await use_cases.one_person(department_identity_of(call), path.person_id)
    )


@operation(
    "PATCH",
    "/api/v1/people/{person_id}",
    summary="Give a person another role, or other producers",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def edit_person(
    call: Call, path: PersonPath, body: PersonPatch
) -> Answer[PersonForm]:
    """Change role or producers; it holds from the next call on.

    The last admin keeps the role (409): give it to somebody else first.
    """
    changed = await use_cases.change_person(
        department_identity_of(call),
        path.person_id,
        role=body.role,
        producers=body.producers,
        by=asker_of(call).actor,
        ensure_seen=call.ensure_match,
        keeps_an_admin=True,
    )
    return _answer(changed)


@operation(
    "PUT",
    "/api/v1/people/{person_id}/disabled",
    summary="Let a person in no longer, or again",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def put_person_disabled(
    call: Call, path: PersonPath, body: DisabledForm
) -> Answer[PersonForm]:
    """End all that a person could come in by, or let them sign in anew.

    The last admin is let in (409). It asks for no `If-Match`: nothing must stand
    between who sees that somebody has to go and the end of it.
    """
    identity, by = department_identity_of(call), asker_of(call).actor
    if body.disabled:
        changed = await use_cases.disable_person(
            identity, path.person_id, by=by, keeps_an_admin=True
        )
    else:
        changed = await use_cases.enable_person(identity, path.person_id, by=by)
    return _answer(changed)


@operation(
    "POST",
    "/api/v1/people/{person_id}/password",
    summary="Give a member of staff a new password",
    allowed=ADMINS,
    tag=TAG,
    takes_key=True,
    shown_once=True,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def reset_person_password(call: Call, path: PersonPath) -> MadePersonForm:
    """Make a new password, shown this once; wherever that person is signed in, it ends.

    The answer is not kept: the same Idempotency-Key once more is told so (409).
    """
    by = asker_of(call).actor
    return made_person_form(
        await reset_to_made(department_identity_of(call), path.person_id, by=by)
    )


@operation(
    "DELETE",
    "/api/v1/people/{person_id}",
    summary="Erase a person",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def erase_person(call: Call, path: PersonPath) -> None:
    """Erase all that is known of a person but the id; it cannot be undone.

    The last admin is not erased (409).
    """
    await use_cases.erase_person(
        department_identity_of(call),
        path.person_id,
        by=asker_of(call).actor,
        ensure_seen=call.ensure_match,
        keeps_an_admin=True,
    )


@operation(
    "GET",
    "/api/v1/people/{person_id}/sessions",
    summary="Where a person is signed in",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def list_person_sessions(
    call: Call, path: PersonPath, query: PageQuery
) -> PersonSessionsPage:
    """List the sessions of a person that hold."""
    found = await sessions_page(
        department_identity_of(call),
        path.person_id,
        call.position(query, int) or 0,
        size=query.limit,
    )
    page: Page[PersonSessionForm] = call.page((), found.last)
    return PersonSessionsPage(
        **page_with(sessions_form(found.sessions)), next=page.next
    )


@operation(
    "DELETE",
    "/api/v1/people/{person_id}/sessions",
    summary="Sign a person out everywhere",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def delete_person_sessions(call: Call, path: PersonPath) -> None:
    """End all sessions of a person from the next call on."""
    await end_sessions(
        department_identity_of(call), path.person_id, by=asker_of(call).actor
    )


@operation(
    "DELETE",
    "/api/v1/people/{person_id}/sessions/{session_id}",
    summary="End a session of a person",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def delete_person_session(call: Call, path: PersonSessionPath) -> None:
    """End one session from the next call on."""
    by = asker_of(call).actor
    if not await end_session(
        department_identity_of(call), path.person_id, path.session_id, by=by
    ):
        raise ProblemError(NOT_FOUND)


OPERATIONS: Final = (
    list_people,
    add_person,
    get_person,
    edit_person,
    put_person_disabled,
    reset_person_password,
    erase_person,
    list_person_sessions,
    delete_person_sessions,
    delete_person_session,
)


def _answer(row: PersonRow) -> Answer[PersonForm]:
    return Answer(value=person_form(row), version=version_of(row))
