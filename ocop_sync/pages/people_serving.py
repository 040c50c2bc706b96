"""Somebody of a producer who is to sign in: added, for admins alone.

Such a person has no password, and signs in by a link, which is made on the producer's
own page (`ocop_sync.pages.producer_links`).
"""

from collections.abc import Sequence
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.text import clean
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.typed.values import Model
from ocop_sync.errors import PlanError
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.navigation import PEOPLE
from ocop_sync.pages.person_shown import NEW_SERVING, identity_at
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.decisions.text_limits import LONGEST_NAME
from ocop_sync.service.identity.people import add_person
from ocop_sync.service.identity.role import Role

_MOST: Final = 50
"""Producers that one person serves."""


class ServingQuery(Model):
    """Which producer is written into the form."""

    producer: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")] = ""


async def show_new(visit: Visit) -> web.Response:
    """Show the form of somebody who serves a producer."""
    as_department(visit.asker)
    return _page(visit)


async def add(visit: Visit) -> web.Response:
    """Add somebody who serves producers."""
    by, form = as_department(visit.asker), visit.form
    name, faults = clean(form.get("name", "")), []
    codes = form.get("producers", "").replace(",", " ").split()
    if len(name) > LONGEST_NAME:
        faults.append(("name", _LONG_NAME))
    if not codes or len(codes) > _MOST:
        faults.append(("producers", _NO_PRODUCER))
    if faults:
        return _page(visit, faults)
    try:
        made = await add_person(
            identity_at(visit), name=name, role=Role.PRODUCER, producers=codes, by=by
        )
    except PlanError:
        return _page(visit, [("producers", _NO_PRODUCER)])
    return see(f"{PEOPLE}/{made.id}?done=added")


def _page(visit: Visit, faults: Sequence[Fault] = ()) -> web.Response:
    producer = visit.query(ServingQuery).producer
    values = {
        "name": visit.form.get("name", ""),
        "producers": visit.form.get("producers", producer),
        "faults": faults,
        "address": NEW_SERVING,
        "people": f"{PEOPLE}?who=producers",
    }
    return visit.page(
        "people_serving.html", status=422 if faults else 200, values=values
    )


_LONG_NAME: Final = Text(
    f"Rút ngắn họ tên: nhiều nhất {LONGEST_NAME} chữ cái.",
    f"The name, of {LONGEST_NAME} letters at most.",
)
_NO_PRODUCER: Final = Text(
    f"Ghi mã của ít nhất một cơ sở có trong danh mục, nhiều nhất {_MOST} cơ sở.",
    f"The id of one producer at least that is known, and of {_MOST} at most.",
)

PAGES: Final = (
    PageRoute("GET", NEW_SERVING, ADMINS, show_new),
    PageRoute("POST", NEW_SERVING, ADMINS, add, makes=True),
)
