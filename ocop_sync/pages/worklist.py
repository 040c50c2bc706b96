"""The department's worklist: all that waits for a person, the most urgent first.

It is the list of `ocop-sync worklist` and of the API, in sentences. A page of it begins
behind so many rows; whatever was decided meanwhile has left it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import WORKLISTS
from ocop_sync.api.typed.values import WHOLE, Identifier, Model
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.change_words import effect_words
from ocop_sync.pages.figure_words import (
    CLAIMS_ENDED,
    COUNTED,
    ENDS,
    place_words,
)
from ocop_sync.pages.filters import Filter, filter_of, narrowed_address
from ocop_sync.pages.hold_words import REFUSALS, REFUSED_TAG, hold_advice
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.words import filled
from ocop_sync.pages.worklist_addresses import DOUBLES, DRIFT, GROUPS, PAPERS, TWINS
from ocop_sync.pages.worklist_words import (
    OVERDUE,
    WITH_GROUP,
    WORK_WORDS,
    seen_words,
)
from ocop_sync.service.department.all_work import WorkItem, all_work
from ocop_sync.service.department.words_there import Subject, words_there
from ocop_sync.service.queries.held import HeldGroup, held_groups

_SIZE: Final = 50
"""Rows of one page."""

_LISTS: Final[Mapping[WorkKind, tuple[str, Text]]] = {
    WorkKind.ON_SALE_WRONGLY: (
        f"{COUNTED}?figure=live_not_listable&marketplace={{marketplace}}",
        Text("Xem mọi tin như vậy", "See all of these"),
    ),
    WorkKind.CLAIM_ENDED: (
        CLAIMS_ENDED,
        Text("Xem mọi tin như vậy", "See all of these"),
    ),
    WorkKind.GROUP_HELD: (
        f"{GROUPS}/{{number}}",
        Text("Xem rồi quyết định", "Look, then decide"),
    ),
    WorkKind.PRODUCT_HELD: (
        f"{COUNTED}?figure=held&marketplace={{marketplace}}",
        Text("Xem mọi sản phẩm tạm giữ", "See all that are held"),
    ),
    WorkKind.DOUBLED: (
        f"{DOUBLES}/{{number}}",
        Text("Chọn tin được giữ", "Choose which one stays"),
    ),
    WorkKind.DRIFT_ASKED: (
        f"{DRIFT}/{{number}}",
        Text("So hai bản rồi chọn", "Compare, then choose"),
    ),
    WorkKind.TWIN: (
        f"{TWINS}/{{number}}",
        Text("So hai bên rồi chọn", "Compare, then choose"),
    ),
    WorkKind.PAPER_BLOCKS: (
        PAPERS,
        Text("Xem phải hỏi ai", "See whom to ask"),
    ),
    WorkKind.PAPER_UNKNOWN: (
        f"{PAPERS}?state=unknown",
        Text("Xem phải hỏi ai", "See whom to ask"),
    ),
    WorkKind.NOTICE_LATE: (
        ENDS,
        Text("Xem mọi giấy sắp hết hạn", "See all that end soon"),
    ),
    WorkKind.END_COMING: (
        ENDS,
        Text("Xem mọi giấy sắp hết hạn", "See all that end soon"),
    ),
}
"""The page on which a kind is decided or seen, and the words of the link."""


class WorkQuery(Model):
    """Which of all that waits."""

    kind: WorkKind | None = None
    """Only of this kind."""
    marketplace: Identifier | None = None
    """Only of this marketplace."""
    when: Literal["today"] | None = None
    """Only what is to be decided today."""
    after: Annotated[int, Field(ge=0), WHOLE] = 0
    """How many rows came before."""
    over: Literal["group", "double", "drift", "twin"] | None = None
    """A matter that was looked for, and is no longer there."""
    done: Literal["twin"] | None = None
    """A matter that was just decided."""

    def address(self, **other: object) -> str:
        """Return the address of such a list, with *other* choices."""
        chosen = {
            "when": self.when,
            "kind": self.kind,
            "marketplace": self.marketplace,
            **other,
        }
        left = {name: str(each) for name, each in chosen.items() if each}
        return f"{WORKLIST}?{urlencode(left)}" if left else WORKLIST

    def takes(self, each: WorkItem) -> bool:
        """Say whether something belongs to the list, of whatever kind it is."""
        if self.marketplace is not None and each.marketplace != self.marketplace:
            return False
        return self.when is None or not WORK_WORDS[each.kind].can_wait


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One thing that waits, in sentences.

    Attributes:
        item: The thing itself.
        tag: Its kind, in two or three words.
        state: What that means.
        title: The matter.
        why: Its reason.
        said: The marketplace's own words.
        follows: What comes of it once it is done.
        todo: The advice.
        due: The day on which it has to be done, if there is one.
        code: The code of its product; "" if it is about none.
        href: Where it is decided or seen; "" if no page does that.
        link: The words of that link.
    """

    item: WorkItem
    tag: Text
    state: Kind
    title: Text
    why: Text
    said: Sequence[str]
    follows: Text
    todo: Text
    due: date | None
    code: str
    href: str
    link: Text | None


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
    among = [each for each in found.items if query.takes(each)]
    chosen = [each for each in among if query.kind in {None, each.kind}]
    shown = chosen[query.after : query.after + _SIZE]
    following = query.after + _SIZE
    has_more = following < len(chosen)
    values = {
        "query": query,
        "total": len(chosen),
        "everything": len(found.items),
        "today": sum(not WORK_WORDS[each.kind].can_wait for each in found.items),
        "kind": WORK_WORDS[query.kind].tag if query.kind else None,
        "place": query.marketplace and place_words(visit.deployment, query.marketplace),
        "counts": _counts(query, among),
        "filters": _filters(visit, query),
        "rows": await _rows(visit, shown),
        "faulty": found.faulty,
        "first": query.address() if query.after else "",
        "following": query.address(after=following) if has_more else "",
        "address": WORKLIST,
    }
    return visit.page("worklist.html", simulated=found.simulated, values=values)


def _counts(query: WorkQuery, among: Sequence[WorkItem]) -> list[KindCount]:
    counts = {kind: sum(each.kind is kind for each in among) for kind in WorkKind}
    return [
        KindCount(
            words=WORK_WORDS[kind].tag,
            state=WORK_WORDS[kind].state,
            count=count,
            href=query.address(kind=kind),
            is_chosen=query.kind is kind,
        )
        for kind, count in counts.items()
        if count
    ]


def _filters(visit: Visit, query: WorkQuery) -> list[Filter]:
    names = sorted(each.name for each in visit.deployment.sites)
    places = [(name, place_words(visit.deployment, name)) for name in names]
    words = Text("Sàn", "Marketplace")
    return [filter_of("marketplace", words, places, query.marketplace)]


async def _rows(visit: Visit, shown: Sequence[WorkItem]) -> list[WorkRow]:
    deployment = visit.deployment
    refused = [_subject(each) for each in shown if each.hold in REFUSALS]
    said = await words_there(deployment, refused) if refused else {}
    groups: dict[int, HeldGroup] = {}
    if any(each.kind is WorkKind.GROUP_HELD for each in shown):
        groups = {each.group.id: each for each in await held_groups(deployment)}
    return [
        _row(visit, each, said.get(_subject(each), ()), groups.get(each.number or 0))
        for each in shown
    ]


def _subject(each: WorkItem) -> Subject:
    return each.marketplace, each.subject


def _row(
    visit: Visit, item: WorkItem, said: Sequence[str], group: HeldGroup | None
) -> WorkRow:
    words, where = (
        WORK_WORDS[item.kind],
        place_words(visit.deployment, item.marketplace),
    )
    values = {
        "name": item.name or item.subject,
        "where": where,
        "n": item.size,
        "seen": seen_words(item),
    }
    follows = filled(words.follows, **values)
    if item.kind is WorkKind.GROUP_HELD and group is not None:
        follows = effect_words(group.kinds, where)
    kind = WorkKind.GROUP_HELD if _waits_with_group(item) else item.kind
    href, link = _LISTS.get(kind, ("", None))
    is_refused = item.kind is WorkKind.PRODUCT_HELD and item.hold in REFUSALS
    return WorkRow(
        item=item,
        tag=REFUSED_TAG if is_refused else words.tag,
        state=words.state,
        title=filled(words.title, **values),
        why=filled(words.why, **values),
        said=said,
        follows=follows,
        todo=_advice(item),
        due=day_in_vietnam(item.due) if item.due else None,
        code=item.subject if item.kind not in _OF_NO_PRODUCT else "",
        href=href.format(marketplace=item.marketplace, number=item.number),
        link=link,
    )


def _advice(item: WorkItem) -> Text:
    """Return what to do, without a command."""
    if _waits_with_group(item):
        return WITH_GROUP
    if (todo := WORK_WORDS[item.kind].todo) is not None:
        return todo
    return hold_advice(item.hold) if item.hold else item.todo


def _waits_with_group(item: WorkItem) -> bool:
    return item.kind in OVERDUE and item.number is not None


_OF_NO_PRODUCT: Final = frozenset(
    {
        WorkKind.ACCOUNT_FAILING,
        WorkKind.ACCOUNT_PAUSED,
        WorkKind.ACCOUNT_UNREAD,
        WorkKind.ERASURE_DUE,
    }
)


PAGES: Final = (PageRoute("GET", WORKLIST, STAFF, show_work),)
