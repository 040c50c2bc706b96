"""The keys by which programs call: listed, made, replaced, revoked, by admins.

A key stands whole on the one page that answers its making.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.text import clean
from catalog.vietnam_time import start_of
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.context import IDENTITY
from ocop_sync.api.forms.identity import MadeKeyForm, key_form, made_key_form
from ocop_sync.api.typed.cursor import read_cursor, write_cursor
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.errors import PlanError
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.key_file import KEYS_FILE, state_of
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import KEYS, PEOPLE
from ocop_sync.pages.typed_days import typed_day
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.words import ROLES
from ocop_sync.service.decisions.text_limits import LONGEST_NAME
from ocop_sync.service.identity.keys import (
    all_keys,
    holds,
    keys_page,
    make_key,
    revoke_key,
    rotate_key,
)
from ocop_sync.service.identity.role import Role

NEW: Final = f"{KEYS}/_new"
_SIZE: Final = 50
_LIST: Final = "keys"
_HOLD: Final = timedelta(hours=24)


class KeysQuery(Model):
    """Which keys, and what has just been done."""

    after: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    done: Literal["revoked"] | None = None


class KeyPath(Model):
    """Which key."""

    key_id: Identifier
    """Its visible beginning."""


async def show_keys(visit: Visit) -> web.Response:
    """Show all keys in the order in which they were made."""
    as_department(visit.asker)
    query, now = visit.query(KeysQuery), visit.now
    after = None
    if query.after:
        after = read_cursor(query.after, _LIST, tuple[datetime, str])
    found = await keys_page(visit.request.app[IDENTITY], after, size=_SIZE)
    following = f"{KEYS}?after={write_cursor(_LIST, found.last)}" if found.last else ""
    values = {
        "rows": [
            (key_form(each), holds(each, now), state_of(key_form(each), now))
            for each in found.keys
        ],
        "done": query.done,
        "new": NEW,
        "keys": KEYS,
        "people": PEOPLE,
        "first": KEYS if query.after else "",
        "following": following,
        "files": file_links(visit),
    }
    return visit.page("keys.html", values=values)


async def show_new(visit: Visit) -> web.Response:
    """Show the form of a new key."""
    as_department(visit.asker)
    return _new_page(visit)


async def make(visit: Visit) -> web.Response:
    """Make a key, and show it this once."""
    by, form = as_department(visit.asker), visit.form
    name, role, ends_on = clean(form.get("name", "")), form.get("role", ""), None
    faults: list[Fault] = []
    if not name or len(name) > LONGEST_NAME:
        faults.append(("name", _NO_NAME))
    if role not in ROLES:
        faults.append(("role", _NO_ROLE))
    if form.get("ends_on", "").strip():
        ends_on = typed_day(form["ends_on"])
        if ends_on is None or ends_on.year > _LAST_YEAR or _end_of(ends_on) < visit.now:
            faults.append(("ends_on", _NO_DAY))
    if faults:
        return _new_page(visit, faults)
    try:
        made = await make_key(
            visit.request.app[IDENTITY],
            name=name,
            role=Role(role),
            producers=form.get("producers", "").replace(",", " ").split(),
            ends_at=None if ends_on is None else _end_of(ends_on),
            by=by,
        )
    except PlanError:
        return _new_page(visit, [("producers", _NO_PRODUCER)])
    return _made_page(visit, made_key_form(made))


async def show_rotation(visit: Visit) -> web.Response:
    """Say what a replacement does."""
    return await _asking_page(visit, "rotation")


async def rotate(visit: Visit) -> web.Response:
    """Make a key in the place of another, and show it this once."""
    by, id_ = as_department(visit.asker), visit.path(KeyPath).key_id
    made = await rotate_key(visit.request.app[IDENTITY], id_, hold=_HOLD, by=by)
    return _made_page(visit, made_key_form(made))


async def show_revocation(visit: Visit) -> web.Response:
    """Say what stops working."""
    return await _asking_page(visit, "revocation")


async def revoke(visit: Visit) -> web.Response:
    """Let a key open nothing from now on."""
    by, id_ = as_department(visit.asker), visit.path(KeyPath).key_id
    await revoke_key(visit.request.app[IDENTITY], id_, by=by)
    return see(f"{KEYS}?done=revoked")


def _new_page(visit: Visit, faults: Sequence[Fault] = ()) -> web.Response:
    fields = ("name", "role", "producers", "ends_on")
    values = {
        "typed": {each: visit.form.get(each, "") for each in fields},
        "faults": faults,
        "new": NEW,
        "keys": KEYS,
    }
    return visit.page("key_new.html", status=422 if faults else 200, values=values)


def _made_page(visit: Visit, made: MadeKeyForm) -> web.Response:
    return visit.page("key_made.html", values={"made": made, "keys": KEYS})


async def _asking_page(visit: Visit, act: str) -> web.Response:
    as_department(visit.asker)
    id_, now = visit.path(KeyPath).key_id, visit.now
    every = await all_keys(visit.request.app[IDENTITY])
    found = [each for each in every if each.id == id_ and holds(each, now)]
    if not found:
        raise ProblemError(NOT_FOUND)
    values = {"key": key_form(found[0]), "act": act, "keys": KEYS}
    return visit.page("key_act.html", values=values)


def _end_of(day: date) -> datetime:
    return start_of(day + timedelta(days=1))


_LAST_YEAR: Final = 9000
_NO_NAME: Final = Text("Ghi khóa dùng cho chương trình nào.", "Say what it is for.")
_NO_ROLE: Final = Text("Chọn một vai trò.", "Choose a role.")
_NO_DAY: Final = Text(
    "Ghi một ngày chưa qua, như 05/12/2030.", "A day that is ahead, as 2030-12-05."
)
_NO_PRODUCER: Final = Text(
    "Vai trò cơ sở cần mã cơ sở có trong danh mục; vai trò khác thì để trống.",
    "A producer's key needs ids of producers that are known; others have none.",
)

PAGES: Final = (
    PageRoute("GET", KEYS, ADMINS, show_keys),
    PageRoute("GET", NEW, ADMINS, show_new),
    PageRoute("POST", NEW, ADMINS, make, makes=True, shown_once=True),
    PageRoute("GET", f"{KEYS}/{{key_id}}/rotation", ADMINS, show_rotation),
    PageRoute(
        "POST",
        f"{KEYS}/{{key_id}}/rotation",
        ADMINS,
        rotate,
        makes=True,
        shown_once=True,
    ),
    PageRoute("GET", f"{KEYS}/{{key_id}}/revocation", ADMINS, show_revocation),
    PageRoute("POST", f"{KEYS}/{{key_id}}/revocation", ADMINS, revoke),
)


def _chosen_of(visit: Visit) -> None:
    as_department(visit.asker)
    visit.query(KeysQuery)


FILES: Final = list_routes(KEYS, ADMINS, KEYS_FILE, _chosen_of)
"""The same list as files."""
