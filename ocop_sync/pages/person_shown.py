"""A person in sentences, and the one page that shows a password that was made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.context import IDENTITY
from ocop_sync.api.forms.identity import PersonForm
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.navigation import PEOPLE
from ocop_sync.pages.visit import Visit
from ocop_sync.pages.words import ROLES
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.made_passwords import MadePerson
from ocop_sync.service.identity.role import Role

NEW_SERVING: Final = f"{PEOPLE}/_serving"
"""The form of somebody who serves a producer; no id of a person is so."""
STAFF_ROLES: Final = {each: ROLES[each.value] for each in Role if each.is_staff}
"""The roles of the department, as people call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntry:
    """A person of the list.

    Attributes:
        person: The person.
        href: The page of that person; "" if the person is erased.
        state: Whether that person is let in.
        signed_in_at: The last sign-in; None if there was none.
    """

    person: PersonForm
    href: str
    state: tuple[Text, Kind]
    signed_in_at: datetime | None


def identity_at(visit: Visit) -> Identity:
    """Return where people and keys are."""
    return visit.request.app[IDENTITY]


def entry_of(person: PersonForm, signed_in_at: datetime | None) -> PersonEntry:
    """Return a person of the list."""
    return PersonEntry(
        person=person,
        href="" if person.erased_at else f"{PEOPLE}/{person.id}",
        state=state_of(person),
        signed_in_at=signed_in_at,
    )


def state_of(person: PersonForm) -> tuple[Text, Kind]:
    """Return whether a person is let in, in words."""
    if person.erased_at is not None:
        return _ERASED
    if person.disabled_at is not None:
        return _DISABLED
    is_lacking = Role(person.role).is_staff and not person.has_password
    return _NO_PASSWORD if is_lacking else _MAY


def made_page(visit: Visit, made: MadePerson, *, is_new: bool) -> web.Response:
    """Show a password that was made: nothing keeps it, and no page shows it again."""
    values = {
        "person": made.person,
        "password": made.password,
        "is_new": is_new,
        "people": PEOPLE,
    }
    return visit.page("person_made.html", values=values)


_MAY: Final = (Text("Vào được", "Let in"), "done")
_DISABLED: Final = (Text("Đã khóa", "Shut out"), "none")
_ERASED: Final = (Text("Đã xóa thông tin", "Erased"), "none")
_NO_PASSWORD: Final = (Text("Chưa có mật khẩu", "No password yet"), "waits")
