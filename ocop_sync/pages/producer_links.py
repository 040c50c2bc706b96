"""The links by which a producer's people sign in: listed, and made, for staff.

A link and its QR code stand on the one page that answers its making.
"""

from typing import Final, Literal
from urllib.parse import urlencode

from aiohttp import web

from catalog.eligibility import Text
from catalog.model.reach import WHOLE_CATALOG, Reach
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import ADMINS, STAFF
from ocop_sync.api.context import IDENTITY, PUBLIC_URL
from ocop_sync.api.forms.identity import LinkForm, link_form, made_link_form
from ocop_sync.api.typed.values import Identifier, Model, Number
from ocop_sync.errors import NoSuchLinkError
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.navigation import MAKERS
from ocop_sync.pages.person_shown import NEW_SERVING
from ocop_sync.pages.qr_code import qr_of
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.department.producers import one_producer
from ocop_sync.service.identity.links import (
    listed_links,
    make_link,
    people_serving,
    void_link,
)

_MOST: Final = 50
"""The latest links are shown, no others."""


class LinksPath(Model):
    """Which producer."""

    producer: Identifier
    """Its code."""


class LinkPath(LinksPath):
    """Which link of a producer."""

    link: Number
    """Its number."""


class LinksQuery(Model):
    """What has just been done."""

    done: Literal["voided", "over"] | None = None


async def show_links(visit: Visit) -> web.Response:
    """Show the latest links of a producer, and the form of a new one."""
    as_department(visit.asker)
    return await _page(visit)


async def make(visit: Visit) -> web.Response:
    """Make a link, and show it this once."""
    by, id_ = as_department(visit.asker), visit.path(LinksPath).producer
    identity, person = visit.request.app[IDENTITY], visit.form.get("person", "")
    await visit.deployment.database.fetch(one_producer, id_, reach=WHOLE_CATALOG)
    serving = [each.id for each in await people_serving(identity, id_)]
    if person not in serving and (person or len(serving) > 1):
        return await _page(visit, is_faulty=True)
    made = await make_link(identity, id_, by=by, person_id=person)
    link = made_link_form(made, visit.request.app[PUBLIC_URL])
    values = {
        "link": link,
        "code": qr_of(link.url),
        "address": f"{MAKERS}/{id_}/links",
    }
    return visit.page("producer_link_made.html", values=values)


async def void(visit: Visit) -> web.Response:
    """Let nobody sign in by a link that waits to be used."""
    by, path = as_department(visit.asker), visit.path(LinkPath)
    reach = Reach(frozenset({path.producer}))
    done = "voided"
    try:
        await void_link(visit.request.app[IDENTITY], path.link, by=by, reach=reach)
    except NoSuchLinkError:
        done = "over"
    return see(f"{MAKERS}/{path.producer}/links?done={done}")


async def _page(visit: Visit, *, is_faulty: bool = False) -> web.Response:
    id_, identity = visit.path(LinksPath).producer, visit.request.app[IDENTITY]
    kept = await visit.deployment.database.fetch(one_producer, id_, reach=WHOLE_CATALOG)
    serving = await people_serving(identity, id_)
    found = map(link_form, await listed_links(identity, id_, most=_MOST))
    values = {
        "producer": kept.listed.producer,
        "serving": serving,
        "names": {each.id: each.name for each in serving if each.name},
        "rows": [(each, _state(each)) for each in found],
        "is_faulty": is_faulty,
        "done": visit.query(LinksQuery).done,
        "new_person": f"{NEW_SERVING}?{urlencode({'producer': id_})}"
        if visit.asker.role in ADMINS
        else "",
        "makers": MAKERS,
    }
    return visit.page(
        "producer_links.html", status=422 if is_faulty else 200, values=values
    )


def _state(link: LinkForm) -> tuple[Text, Kind]:
    if link.used_at is not None:
        return Text("Đã dùng", "Used"), "done"
    if link.holds:
        return Text("Chờ dùng", "Waits to be used"), "waits"
    if link.voided_at is not None:
        return Text("Đã bị hủy", "Void"), "none"
    return Text("Không dùng được nữa", "Holds no longer"), "none"


_PATH: Final = f"{MAKERS}/{{producer}}/links"
PAGES: Final = (
    PageRoute("GET", _PATH, STAFF, show_links),
    PageRoute("POST", _PATH, STAFF, make, makes=True, shown_once=True),
    PageRoute("POST", f"{_PATH}/{{link}}/void", STAFF, void),
)
