"""The department's worklist: all that waits for a person, the most urgent first.

It is the list of `ocop-sync worklist` and of the API, in sentences. A page of it begins
behind so many rows; whatever was decided meanwhile has left it.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import WORKLISTS
from ocop_sync.api.typed.values import WHOLE, Identifier, Model
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.figure_words import part_words, place_words
from ocop_sync.pages.filters import Filter, filter_of, narrowed_address
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.of_whom import commune_filter, producer_filter
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.work_file import WORK_FILE, ChosenWork
from ocop_sync.pages.worklist_addresses import GROUPS, REFUSED
from ocop_sync.pages.worklist_rows import rows_of
from ocop_sync.pages.worklist_words import WORK_WORDS
from ocop_sync.service.department.all_work import AllWork, all_work
from ocop_sync.service.department.work_filter import WorkFilter, narrowed
from ocop_sync.service.queries.coverage_figures import Dimension

_SIZE: Final = 50
"""Rows of one page."""


class WorkQuery(Model):
    """Which of all that waits."""

    kind: WorkKind | None = None
    """Only of this kind."""
    marketplace: Identifier | None = None
    """Only of this marketplace."""
    commune: Identifier | None = None
    """Only of producers in this commune, by its code since 1 July 2025."""
    producer: Identifier | None = None
    """Only of this producer and its products."""
    when: Literal["today"] | None = None
    """Only what is to be decided today."""
    after: Annotated[int, Field(ge=0), WHOLE] = 0
    """How many rows came before."""
    over: Literal["group", "double", "drift", "price", "refused", "twin"] | None = None
    """A matter that was looked for, and is no longer there."""
    done: Literal["groups", "price", "refused", "twin"] | None = None
    """A matter that was just decided."""

    def address(self, **other: object) -> str:
        """Return the address of such a list, with *other* choices."""
        chosen = {
            "when": self.when,
            "kind": self.kind,
            "marketplace": self.marketplace,
            "commune": self.commune,
            "producer": self.producer,
            **other,
        }
        left = {name: str(each) for name, each in chosen.items() if each}
        return f"{WORKLIST}?{urlencode(left)}" if left else WORKLIST

    @property
    def is_narrowed(self) -> bool:
        """Whether something besides the day narrows the list."""
        return any((self.kind, self.marketplace, self.commune, self.producer))

    def chosen(self) -> WorkFilter:
        """Return the filter that is asked for."""
        return WorkFilter(
            kind=self.kind,
            marketplace=self.marketplace,
            commune=self.commune,
            producer=self.producer,
            only_today=self.when is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCount:
    """How many things of one kind there are, and their list."""

    words: Text
    state: Kind
    count: int
    href: str
    is_chosen: bool


async def show_work(visit: Visit) -> web.Response:
    """Show all that waits for a person, or some of it."""
    if address := narrowed_address(visit.request):
        return see(address)
    query, deployment = visit.query(WorkQuery), visit.deployment
    known = visit.request.app[WORKLISTS].ends_and_lacks
    found = await all_work(deployment, reach_of(visit.asker), papers_of=known)
    chosen = narrowed(found, query.chosen())
    shown = chosen.items[query.after : query.after + _SIZE]
    following = query.after + _SIZE
    has_more = following < len(chosen.items)
    values = {
        "query": query,
        "total": len(chosen.items),
        "everything": len(found.items),
        "today": sum(not each.kind.can_wait for each in found.items),
        "kind": WORK_WORDS[query.kind].tag if query.kind else None,
        "place": query.marketplace and place_words(deployment, query.marketplace),
        "of": _of(visit, query, found),
        "counts": _counts(query, chosen),
        "filters": _filters(visit, query, found),
        "rows": await rows_of(deployment, shown),
        "faulty": found.faulty,
        "first": query.address() if query.after else "",
        "following": query.address(after=following) if has_more else "",
        "can_choose": sum(each.kind is WorkKind.GROUP_HELD for each in shown) > 1,
        "can_resend": query.marketplace is not None
        and sum(each.kind is WorkKind.LISTING_REFUSED for each in shown) > 1,
        "address": WORKLIST,
        "files": file_links(visit),
        "groups": GROUPS,
        "refused": REFUSED,
    }
    return visit.page("worklist.html", simulated=found.simulated, values=values)


def _of(visit: Visit, query: WorkQuery, found: AllWork) -> list[Text]:
    """Return of which producer and commune the list is."""
    told = []
    if (maker := query.producer) is not None:
        name = found.producers.get(maker, maker)
        told.append(Text(name, name))
    if query.commune is not None:
        communes = visit.deployment.communes
        told.append(part_words(Dimension.COMMUNE, query.commune, communes))
    return told


def _counts(query: WorkQuery, chosen: AllWork) -> list[KindCount]:
    return [
        KindCount(
            words=WORK_WORDS[kind].tag,
            state=WORK_WORDS[kind].state,
            count=count,
            href=query.address(kind=kind),
            is_chosen=query.kind is kind,
        )
        for kind, count in chosen.counts.items()
        if count
    ]


def _filters(visit: Visit, query: WorkQuery, found: AllWork) -> list[Filter]:
    """Return the filters: all marketplaces, communes and producers that occur."""
    sites = sorted(each.name for each in visit.deployment.sites)
    codes = {each.commune for each in found.items}
    return [
        filter_of(
            "marketplace",
            Text("Sàn", "Marketplace"),
            [(name, place_words(visit.deployment, name)) for name in sites],
            query.marketplace,
        ),
        commune_filter(codes, query.commune, visit.deployment.communes),
        producer_filter(found.producers, query.producer),
    ]


PAGES: Final = (PageRoute("GET", WORKLIST, STAFF, show_work),)


def _chosen_of(visit: Visit) -> ChosenWork:
    return ChosenWork(visit.query(WorkQuery).chosen(), reach_of(visit.asker))


FILES: Final = list_routes(WORKLIST, STAFF, WORK_FILE, _chosen_of)
"""The same list as files."""
