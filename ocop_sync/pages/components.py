"""All components on one page: for those who write pages, and for their tests.

What stands there is made up. Staff see it, as it shows nobody's data.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.access.roles import STAFF
from ocop_sync.pages.bars import Part
from ocop_sync.pages.visit import PageRoute, Visit

ADDRESS: Final = "/components"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has happened, in a timeline.

    Attributes:
        at: When.
        sentence: What.
        who: Who did it.
        why: Their reason, or "".
    """

    at: datetime
    sentence: str
    who: str
    why: str = ""


async def show_components(visit: Visit) -> web.Response:
    """Show every component once; a form there changes nothing."""
    is_sent = visit.request.method == "POST"
    parts = (
        Part(169, "done", Text("đang bán", "on sale"), "#list"),
        Part(30, "waits", Text("chờ người quyết định", "wait for a person"), "#list"),
        Part(44, "none", Text("chưa đủ điều kiện", "not eligible"), "#list"),
    )
    values = {
        "parts": parts,
        "events": [
            Event(
                at=visit.now - timedelta(minutes=12),
                sentence="85.000 đ → 90.000 đ",
                who="Cán bộ Mẫu",
                why="Giá mới của cơ sở",
            )
        ],
        "faults": [
            ("price", Text("Ghi một số nguyên, ví dụ 85000.", "A whole number."))
        ]
        if is_sent
        else [],
        "typed": visit.form.get("price", ""),
    }
    status = 422 if is_sent else 200
    return visit.page("components.html", simulated=True, status=status, values=values)


PAGES: Final = (
    PageRoute("GET", ADDRESS, STAFF, show_components),
    PageRoute("POST", ADDRESS, STAFF, show_components),
)
