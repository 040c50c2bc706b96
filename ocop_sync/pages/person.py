"""One person: role, password, where signed in, shut out; each says what it does.

The form of the role carries the version that was seen: whoever comes second changes
nothing. What shuts somebody out stands on a page of its own, or says so beside its
button.
"""

from collections.abc import Sequence
from typing import Final, Literal

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.forms.identity import person_form
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model, Number
from ocop_sync.errors import NoAdminLeftError, PlanError, StalePlanError
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.navigation import MAKERS, PEOPLE
from ocop_sync.pages.person_shown import (
    STAFF_ROLES,
    entry_of,
    identity_at,
    made_page,
)
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.identity.made_passwords import reset_to_made
from ocop_sync.service.identity.people import (
    change_person,
    disable_person,
    enable_person,
    one_person,
    version_of,
)
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import (
    end_session,
    end_sessions,
    last_sign_ins,
    sessions_page,
)

_SESSIONS: Final = 50
"""Sessions that are shown; all of them can be ended at once."""


class PersonPath(Model):
    """Which person."""

    person: Identifier
    """The id."""

    @property
    def address(self) -> str:
        """Return the address of that person's page."""
        return f"{PEOPLE}/{self.person}"


class SessionPath(PersonPath):
    """Which session of a person."""

    session: Number
    """Its number."""


class PersonQuery(Model):
    """What has just been done."""

    done: Literal["added", "role", "ended", "let_in", "session", "sessions"] | None = (
        None
    )


async def show_person(visit: Visit) -> web.Response:
    """Show a person, and what may be done."""
    as_department(visit.asker)
    return await _page(visit)


async def change_role(visit: Visit) -> web.Response:
    """Give a member of staff another role."""
    by, path, form = as_department(visit.asker), visit.path(PersonPath), visit.form
    role = form.get("role", "")
    before = await one_person(identity_at(visit), path.person)
    if role not in STAFF_ROLES or not Role(before.role).is_staff:
        return await _page(visit, faults=[("role", _NO_ROLE)])

    def ensure_seen(version: str) -> None:
        if form.get("version", "") != version:
            raise StalePlanError(version)

    try:
        await change_person(
            identity_at(visit),
            path.person,
            role=Role(role),
            by=by,
            ensure_seen=ensure_seen,
            keeps_an_admin=True,
        )
    except NoAdminLeftError:
        return await _page(visit, faults=[("role", _LAST_ADMIN)])
    except StalePlanError:
        return await _page(visit, is_late=True)
    return see(f"{path.address}?done=role")


async def show_password(visit: Visit) -> web.Response:
    """Say what a new password does."""
    as_department(visit.asker)
    return await _asking_page(visit, "person_password.html")


async def reset(visit: Visit) -> web.Response:
    """Make a new password, and show it this once."""
    by, path = as_department(visit.asker), visit.path(PersonPath)
    made = await reset_to_made(identity_at(visit), path.person, by=by)
    return made_page(visit, made, is_new=False)


async def show_ending(visit: Visit) -> web.Response:
    """Say what happens to whoever is shut out."""
    as_department(visit.asker)
    return await _asking_page(visit, "person_ending.html")


async def end(visit: Visit) -> web.Response:
    """Let a person in no longer."""
    by, path = as_department(visit.asker), visit.path(PersonPath)
    try:
        await disable_person(
            identity_at(visit), path.person, by=by, keeps_an_admin=True
        )
    except NoAdminLeftError:
        return await _asking_page(visit, "person_ending.html", is_last_admin=True)
    return see(f"{path.address}?done=ended")


async def let_in(visit: Visit) -> web.Response:
    """Let a person in again."""
    by, path = as_department(visit.asker), visit.path(PersonPath)
    await enable_person(identity_at(visit), path.person, by=by)
    return see(f"{path.address}?done=let_in")


async def sign_out(visit: Visit) -> web.Response:
    """End all sessions of a person."""
    by, path = as_department(visit.asker), visit.path(PersonPath)
    await end_sessions(identity_at(visit), path.person, by=by)
    return see(f"{path.address}?done=sessions")


async def sign_out_there(visit: Visit) -> web.Response:
    """End one session of a person."""
    by, path = as_department(visit.asker), visit.path(SessionPath)
    identity = identity_at(visit)
    if not await end_session(identity, path.person, path.session, by=by):
        raise ProblemError(NOT_FOUND)
    return see(f"{path.address}?done=session")


async def _page(
    visit: Visit, *, faults: Sequence[Fault] = (), is_late: bool = False
) -> web.Response:
    path, query, identity = (
        visit.path(PersonPath),
        visit.query(PersonQuery),
        identity_at(visit),
    )
    person = await one_person(identity, path.person)
    signed_in = await last_sign_ins(identity, [person.id])
    living = await sessions_page(identity, person.id, 0, size=_SESSIONS)
    is_typed = bool(faults)
    version = version_of(person)
    values = {
        "row": entry_of(person_form(person), signed_in.get(person.id)),
        "is_staff": Role(person.role).is_staff,
        "is_self": _is_self(visit, person.id),
        "sessions": living.sessions,
        "more": living.last is not None,
        "staff_roles": STAFF_ROLES,
        "role": visit.form.get("role", person.role) if is_typed else person.role,
        "version": visit.form.get("version", version) if is_typed else version,
        "faults": faults,
        "is_late": is_late,
        "done": None if visit.form else query.done,
        "path": path,
        "people": PEOPLE,
        "makers": MAKERS,
    }
    status = 409 if is_late else 422 if faults else 200
    return visit.page("person.html", status=status, values=values)


async def _asking_page(
    visit: Visit, template: str, *, is_last_admin: bool = False
) -> web.Response:
    path, identity = visit.path(PersonPath), identity_at(visit)
    person = await one_person(identity, path.person)
    living = await sessions_page(identity, person.id, 0, size=_SESSIONS)
    is_staff = Role(person.role).is_staff
    if template == "person_password.html" and not is_staff:
        raise PlanError(_BY_LINK)
    values = {
        "person": person,
        "is_staff": is_staff,
        "is_self": _is_self(visit, person.id),
        "open": len(living.sessions),
        "more": living.last is not None,
        "is_last_admin": is_last_admin,
        "path": path,
    }
    status = 409 if is_last_admin else 200
    return visit.page(template, status=status, values=values)


def _is_self(visit: Visit, person_id: str) -> bool:
    return visit.asker.actor.ref == person_id


_NO_ROLE: Final = Text("Chọn một vai trò.", "Choose a role.")
_LAST_ADMIN: Final = Text(
    "Đây là người quản trị cuối cùng: giao vai trò này cho người khác trước.",
    "This is the last administrator: give that role to somebody else first.",
)
_BY_LINK: Final = (
    "người của cơ sở không có mật khẩu, họ đăng nhập bằng liên kết"
    " / people of producers have no password, they sign in by a link"
)

_ONE: Final = f"{PEOPLE}/{{person}}"
PAGES: Final = (
    PageRoute("GET", _ONE, ADMINS, show_person),
    PageRoute("POST", f"{_ONE}/role", ADMINS, change_role),
    PageRoute("GET", f"{_ONE}/password", ADMINS, show_password),
    PageRoute("POST", f"{_ONE}/password", ADMINS, reset, makes=True, shown_once=True),
    PageRoute("GET", f"{_ONE}/ending", ADMINS, show_ending),
    PageRoute("POST", f"{_ONE}/ending", ADMINS, end),
    PageRoute("POST", f"{_ONE}/return", ADMINS, let_in),
    PageRoute("POST", f"{_ONE}/sign-out", ADMINS, sign_out),
    PageRoute("POST", f"{_ONE}/sessions/{{session}}/sign-out", ADMINS, sign_out_there),
)
