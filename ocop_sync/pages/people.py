"""Everybody who may sign in, and a new member of staff, for admins alone.

A password is made by the service and stands on the one page that answers its making.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.text import clean
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.forms.identity import person_form
from ocop_sync.api.typed.values import Model
from ocop_sync.errors import PlanError
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import KEYS, PEOPLE
from ocop_sync.pages.people_file import PEOPLE_FILE
from ocop_sync.pages.person_shown import (
    NEW_SERVING,
    STAFF_ROLES,
    entry_of,
    identity_at,
    made_page,
)
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.decisions.text_limits import LONGEST_NAME
from ocop_sync.service.identity.made_passwords import add_with_password
from ocop_sync.service.identity.people import people_page
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import last_sign_ins

NEW: Final = f"{PEOPLE}/_new"
"""No id of a person is so."""
_SIZE: Final = 50


class PeopleQuery(Model):
    """Whom to list."""

    who: Literal["staff", "producers"] = "staff"
    """Staff, or people of producers."""
    after: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9-]*$")] = ""
    """Those behind this id."""

    @property
    def roles(self) -> set[Role]:
        """Return the roles of those who are listed."""
        return set(STAFF_ROLES) if self.who == "staff" else {Role.PRODUCER}


async def show_people(visit: Visit) -> web.Response:
    """Show who may sign in, in which role, and when each last did."""
    as_department(visit.asker)
    query, identity = visit.query(PeopleQuery), identity_at(visit)
    found = await people_page(identity, query.after, size=_SIZE, roles=query.roles)
    signed_in = await last_sign_ins(identity, [each.id for each in found.people])
    first = PEOPLE if query.who == "staff" else f"{PEOPLE}?who={query.who}"
    following = ""
    if found.last is not None:
        following = f"{PEOPLE}?{urlencode({'who': query.who, 'after': found.last})}"
    values = {
        "rows": [
            entry_of(person_form(each), signed_in.get(each.id)) for each in found.people
        ],
        "who": query.who,
        "new": NEW if query.who == "staff" else NEW_SERVING,
        "people": PEOPLE,
        "keys": KEYS,
        "first": first if query.after else "",
        "following": following,
        "files": file_links(visit),
    }
    return visit.page("people.html", values=values)


async def show_new(visit: Visit) -> web.Response:
    """Show the form of a new member of staff."""
    as_department(visit.asker)
    return _new_page(visit)


async def add(visit: Visit) -> web.Response:
    """Add a member of staff, and show the password this once."""
    by, form = as_department(visit.asker), visit.form
    name, role, faults = clean(form.get("name", "")), form.get("role", ""), []
    if not name or len(name) > LONGEST_NAME:
        faults.append(("name", _NO_NAME))
    if role not in STAFF_ROLES:
        faults.append(("role", _NO_ROLE))
    if faults:
        return _new_page(visit, faults)
    try:
        made = await add_with_password(
            identity_at(visit), name=name, role=Role(role), by=by
        )
    except PlanError:
        return _new_page(visit, [("name", _TAKEN)])
    return made_page(visit, made, is_new=True)


def _new_page(visit: Visit, faults: Sequence[Fault] = ()) -> web.Response:
    values = {
        "name": visit.form.get("name", ""),
        "role": visit.form.get("role", Role.OPERATOR.value),
        "staff_roles": STAFF_ROLES,
        "faults": faults,
        "new": NEW,
        "people": PEOPLE,
    }
    return visit.page("person_new.html", status=422 if faults else 200, values=values)


_NO_NAME: Final = Text(
    f"Ghi họ tên, nhiều nhất {LONGEST_NAME} chữ cái.",
    f"The name, of {LONGEST_NAME} letters at most.",
)
_NO_ROLE: Final = Text("Chọn một vai trò.", "Choose a role.")
_TAKEN: Final = Text(
    "Đã có người đăng nhập bằng tên này, không kể dấu và chữ hoa: thêm gì đó cho khác.",
    "Somebody signs in by that name, whatever its accents: add something to it.",
)

PAGES: Final = (
    PageRoute("GET", PEOPLE, ADMINS, show_people),
    PageRoute("GET", NEW, ADMINS, show_new),
    PageRoute("POST", NEW, ADMINS, add, makes=True, shown_once=True),
)


def _chosen_of(visit: Visit) -> set[Role]:
    as_department(visit.asker)
    return visit.query(PeopleQuery).roles


FILES: Final = list_routes(PEOPLE, ADMINS, PEOPLE_FILE, _chosen_of)
"""The same list as files."""
