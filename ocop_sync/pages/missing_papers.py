"""The papers for want of which products are off sale: what to ask, and of whom.

It is the list of `ocop-sync missing-papers` and of the API, by producer: whoever calls
one asks for all at once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.model.paper import PaperKind
from catalog.queries.worklists import Lack
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import WORKLISTS
from ocop_sync.api.typed.values import WHOLE, Identifier, Model
from ocop_sync.pages.filters import Filter, narrowed_address
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.of_whom import commune_filter, producer_filter
from ocop_sync.pages.papers_file import (
    LACK_WORDS,
    PAPERS_FILE,
    by_producer,
)
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import ATTEST, PAPERS
from ocop_sync.service.queries.lack_filter import (
    LackFilter,
    LackState,
    kinds_by_name,
)

_SIZE: Final = 50
"""Rows of one page."""


class PapersQuery(Model):
    """Which of the missing papers."""

    state: LackState | None = None
    """Only those that are lacking so."""
    paper: PaperKind | None = None
    """Only papers of this kind: these can be attested together."""
    commune: Identifier | None = None
    """Only of producers in this commune, by its code since 1 July 2025."""
    producer: Identifier | None = None
    """Only of this producer."""
    chosen: Literal["page"] | None = None
    """All of the page are chosen to be attested."""
    after: Annotated[int, Field(ge=0), WHOLE] = 0
    """How many rows came before."""
    done: Annotated[int, Field(ge=0), WHOLE] | None = None
    """Of how many products a paper was just attested."""

    def address(self, **other: object) -> str:
        """Return the address of such a list, with *other* choices."""
        named = ("state", "paper", "commune", "producer")
        chosen = {name: getattr(self, name) for name in named} | other
        left = {name: str(each) for name, each in chosen.items() if each}
        return f"{PAPERS}?{urlencode(left)}" if left else PAPERS

    @property
    def narrowing(self) -> LackFilter:
        """What narrows the list."""
        return LackFilter(
            state=self.state,
            paper=self.paper,
            commune=self.commune,
            producer=self.producer,
        )


async def show_papers(visit: Visit) -> web.Response:
    """Show the papers that are missing, by producer."""
    ensure_whole(visit.asker)
    if address := narrowed_address(visit.request):
        return see(address)
    query, deployment = visit.query(PapersQuery), visit.deployment
    known = await visit.request.app[WORKLISTS].ends_and_lacks(
        deployment.database, rules=deployment.rules, at=deployment.clock(), days=0
    )
    found = sorted(known.lacks.rows, key=by_producer)
    kinds = kinds_by_name(deployment.rules)
    among = query.narrowing.of(found, kinds)
    following = query.after + _SIZE
    has_more = following < len(among)
    paper = query.paper and deployment.rules.tables.papers[query.paper]
    values = {
        "query": query,
        "rows": among[query.after : following],
        "total": len(among),
        "producers": len({each.producer_id for each in among}),
        "everything": len(found),
        "states": _counts(query, found, kinds),
        "papers": _papers(query, found, kinds),
        "paper": paper,
        "filters": _filters(visit, query, found),
        "lack_words": LACK_WORDS,
        "faulty": known.lacks.faulty,
        "first": query.address() if query.after else "",
        "following": query.address(after=following) if has_more else "",
        "all_chosen": query.address(after=query.after, chosen="page"),
        "address": PAPERS,
        "attest": ATTEST,
        "files": file_links(visit),
        "worklist": WORKLIST,
    }
    return visit.page("missing_papers.html", values=values)


Kinds = Mapping[Text, PaperKind]
"""The kind of each paper, by its name."""


def _counts(
    query: PapersQuery, found: Sequence[Lack], kinds: Kinds
) -> list[tuple[str, int, str]]:
    """Return each way to lack a paper, how often it occurs, and its list."""
    whole = query.model_copy(update={"state": None})
    among = whole.narrowing.of(found, kinds)
    counts = {state: sum(e.state == state for e in among) for state in LACK_WORDS}
    return [(state, n, whole.address(state=state)) for state, n in counts.items() if n]


def _papers(
    query: PapersQuery, found: Sequence[Lack], kinds: Kinds
) -> list[tuple[PaperKind, Text, int, str]]:
    """Return each paper that can be attested, how often it is lacking, and its list."""
    whole = query.model_copy(update={"paper": None})
    among = whole.narrowing.of(found, kinds)
    counts = Counter(kinds[each.paper] for each in among if each.paper in kinds)
    return [
        (kind, name, counts[kind], whole.address(paper=kind.value))
        for name, kind in kinds.items()
        if counts[kind]
    ]


def _filters(visit: Visit, query: PapersQuery, found: Sequence[Lack]) -> list[Filter]:
    makers = {each.producer_id: each.producer for each in found if each.producer_id}
    codes = {each.commune for each in found if each.commune}
    communes = visit.deployment.communes
    return [
        commune_filter(codes, query.commune, communes),
        producer_filter(makers, query.producer),
    ]


PAGES: Final = (PageRoute("GET", PAPERS, STAFF, show_papers),)


def _chosen_of(visit: Visit) -> LackFilter:
    ensure_whole(visit.asker)
    return visit.query(PapersQuery).narrowing


FILES: Final = list_routes(PAPERS, STAFF, PAPERS_FILE, _chosen_of)
"""The same list as files."""
