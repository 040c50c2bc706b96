"""All components on one page: for those who write pages, and for their tests.

What stands there is made up. Staff see it, as it shows nobody's data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from aiohttp import web

from catalog.eligibility import Text
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.form_parts import FilesRule
from ocop_sync.pages.bars import Part
from ocop_sync.pages.filters import filter_of
from ocop_sync.pages.qr_code import qr_of
from ocop_sync.pages.trend import Trend, trend_of
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    CountedFilter,
    DayCoverage,
    Figure,
)

ADDRESS: Final = "/components"
_FILE: Final = "file"
_FILES: Final = FilesRule(names=(_FILE,), most_bytes=1_000_000)


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
        "code": qr_of("https://truyxuat.example/mau-050"),
        "trend": made_up_trend(day_in_vietnam(visit.now), visit.now),
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
        "file": visit.files.get(_FILE),
        "filters": [
            filter_of("stars", Text("Sao", "Stars"), [("5", Text("5 sao", "5"))], "5")
        ],
    }
    status = 422 if is_sent else 200
    return visit.page("components.html", simulated=True, status=status, values=values)


def made_up_trend(last: date, now: datetime) -> Trend:
    """Return a trend of two marketplaces, with a day of which nothing is known."""
    shares = {"sàn-mẫu-1": (41, 52, None, 61, 69), "sàn-mẫu-2": (30, 44, 48, 63, 70)}
    days = [last - timedelta(days=n) for n in (28, 21, 14, 7, 0)]
    return trend_of([_made_up(shares, days[n], now, n) for n in range(len(days))])


def _made_up(
    shares: Mapping[str, Sequence[int | None]], day: date, now: datetime, n: int
) -> DayCoverage:
    known = {name: each[n] for name, each in shares.items()}
    cells = [
        Cell(
            marketplace=name,
            simulated=True,
            part=None,
            figures={"listed": _figure(name, value)},
        )
        for name, value in known.items()
        if value is not None
    ]
    return DayCoverage(
        day=day, at=now, by=None, cells=cells, history_began={}, not_known=()
    )


def _figure(marketplace: str, value: int) -> Figure:
    chosen = CountedFilter(marketplace=marketplace, figure="listed")
    return Figure(name="listed", value=value, of=100, list=chosen)


PAGES: Final = (
    PageRoute("GET", ADDRESS, STAFF, show_components),
    PageRoute("POST", ADDRESS, STAFF, show_components, _FILES),
)
