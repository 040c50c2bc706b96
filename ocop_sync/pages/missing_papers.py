"""The papers for want of which products are off sale: what to ask, and of whom.

It is the list of `ocop-sync missing-papers` and of the API, by producer: whoever calls
one asks for all at once.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.queries.worklists import Lack
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import WORKLISTS
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.pages.worklist_addresses import PAPERS

_SIZE: Final = 50
"""Rows of one page."""

LackState = Literal["missing", "expired", "unknown"]

LACK_WORDS: Final[Mapping[LackState, Text]] = {
    "missing": Text("không có", "not there"),
    "expired": Text("hết hạn", "ended"),
    "unknown": Text("chưa ai xác nhận", "nobody has attested it"),
}
"""How a paper may be lacking, the gravest first."""


class PapersQuery(Model):
    """Which of the missing papers."""

    state: LackState | None = None
    """Only those that are lacking so."""
    after: Annotated[int, Field(ge=0), WHOLE] = 0
    """How many rows came before."""


async def show_papers(visit: Visit) -> web.Response:
    """Show the papers that are missing, by producer."""
    ensure_whole(visit.asker)
    query, deployment = visit.query(PapersQuery), visit.deployment
    known = await visit.request.app[WORKLISTS].ends_and_lacks(
        deployment.database, rules=deployment.rules, at=deployment.clock(), days=0
    )
    found = sorted(known.lacks.rows, key=_by_producer)
    chosen = [each for each in found if query.state in {None, each.state}]
    following = query.after + _SIZE
    has_more = following < len(chosen)
    values = {
        "query": query,
        "rows": chosen[query.after : following],
        "total": len(chosen),
        "producers": len({each.producer_id for each in chosen}),
        "everything": len(found),
        "counts": _counts(found),
        "lack_words": LACK_WORDS,
        "faulty": known.lacks.faulty,
        "first": _address(query.state) if query.after else "",
        "following": _address(query.state, after=following) if has_more else "",
        "address": PAPERS,
    }
    return visit.page("missing_papers.html", values=values)


def _by_producer(each: Lack) -> tuple[str, str, str, str]:
    # Names may double: the code keeps two producers of one name apart.
    return each.producer, each.producer_id, each.product_id, each.paper.vi


def _counts(found: Sequence[Lack]) -> list[tuple[LackState, int, str]]:
    """Return each way to lack a paper, how often it occurs, and its list."""
    counts = {state: sum(e.state == state for e in found) for state in LACK_WORDS}
    return [(state, n, _address(state)) for state, n in counts.items() if n]


def _address(state: LackState | None, **more: object) -> str:
    chosen = {**({"state": state} if state else {}), **more}
    return f"{PAPERS}?{urlencode(chosen)}" if chosen else PAPERS


PAGES: Final = (PageRoute("GET", PAPERS, STAFF, show_papers),)
