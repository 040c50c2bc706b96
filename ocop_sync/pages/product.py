"""One product for staff: its papers, where it stands and why, what to do, its past.

What the use cases say is put side by side here; nothing is decided. The message to the
producer is text to be sent by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Outcome, Text
from catalog.model.paper import Paper
from catalog.model.product import Product, Variant
from catalog.values import replace
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import PUBLIC_URL
from ocop_sync.api.typed.values import WHOLE, Identifier, Model
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.for_producer import Doer
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.certificate_entry import acts_on
from ocop_sync.pages.figure_words import part_words, place_words
from ocop_sync.pages.hold_words import hold_advice
from ocop_sync.pages.listing_words import Line, line_of
from ocop_sync.pages.navigation import OWN, PRODUCTS
from ocop_sync.pages.producer_message import Matters, message_to
from ocop_sync.pages.product_words import (
    ASK_ADMINISTRATOR,
    CERTIFICATE_STATES,
    DOERS,
    FACTS,
    NOT_KNOWN,
    OUTCOMES,
    paper_words,
)
from ocop_sync.pages.sale_words import LACKS, STATES
from ocop_sync.pages.sent_words import ANSWERS, CHANGE_WORDS
from ocop_sync.pages.story_words import event_of
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import DRIFT, GROUPS, PAPERS
from ocop_sync.service.department.product_story import SentLine, sent_of, story_of
from ocop_sync.service.department.seen_product import (
    PlaceThere,
    ReasonThere,
    SeenProduct,
    seen_product,
)
from ocop_sync.service.queries.coverage_figures import Dimension

ONE: Final = f"{PRODUCTS}/{{code}}"
PAST: Final = f"{PRODUCTS}/{{code}}/history"
_OF_DRIFT: Final = frozenset({Hold.EDITED_THERE, Hold.FOUGHT, Hold.TAKEN_DOWN})
"""Holds that are decided where a difference is."""
_OF_GROUPS: Final = frozenset({Hold.BUDGET, Hold.VANISHED_MANY})
"""Holds that are decided with a group."""
_FEW: Final = 10
"""Changes that the page of a product shows itself."""
_MANY: Final = 50
"""Changes of a page of its history."""


class ProductPath(Model):
    """Which product."""

    code: Identifier
    """Its code, or that of one of its packs."""


class OneQuery(Model):
    """What has just been done."""

    done: Literal[
        "",
        "certified",
        "corrected",
        "moved",
        "papers",
        "restored",
        "same",
        "saved",
        "voided",
    ] = ""
    """How a form about the product has ended."""


class PastQuery(Model):
    """Which changes."""

    before: Annotated[int, Field(ge=1, le=2**53), WHOLE] | None = None
    """Those before this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reason in words.

    Attributes:
        effect: What it does, and as what that is shown.
        seen: The finding.
        turns: Who is to do what about it.
    """

    effect: tuple[Text, Kind]
    seen: Text
    turns: Sequence[tuple[Text, Text]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A marketplace, with the product there.

    Attributes:
        of: What is known.
        where: What people call it.
        state: How the product stands there.
        reasons: The reasons that hold there alone.
        lines: What is shown beside what should be.
        next: What the next sync sends.
    """

    of: PlaceThere
    where: Text
    state: tuple[Text, Kind]
    reasons: Sequence[Reading]
    lines: Sequence[Line]
    next: Sequence[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to be done next.

    Attributes:
        who: Whose turn it is.
        what: What is to be done.
        href: Where it is seen or done; "" if no page does that.
        where: The marketplaces that it is about; none of all.
    """

    who: Text
    what: Text
    href: str = ""
    where: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A change that was sent, with what has come of it."""

    of: SentLine
    what: Text
    where: Text
    answer: tuple[Text, Kind]


async def show_product(visit: Visit) -> web.Response:
    """Show a product; a code of one of its packs leads there."""
    ensure_whole(visit.asker)
    code, deployment = visit.path(ProductPath).code, visit.deployment
    found = await seen_product(deployment, code)
    product, producer = found.entry
    if product.id != code:
        return see(f"{PRODUCTS}/{product.id}")
    story = await story_of(deployment, product.id, size=_FEW)
    common = _common(found)
    places = [_place(visit, each, common) for each in found.places]
    commune = producer.address.commune_code if producer else ""
    communes = deployment.communes
    values = {
        "product": product,
        "done": visit.query(OneQuery).done,
        "producer": producer,
        "verdict": found.verdict,
        "commune": part_words(Dimension.COMMUNE, commune, communes),
        "set": part_words(Dimension.SET, product.set_code, communes),
        "places": places,
        "shown_at": [each.where for each in places if each.of.is_shown],
        "common": [_reading(each) for each in common],
        "steps": list(_steps(found, places)),
        "certificates": [
            (each, CERTIFICATE_STATES[each.state], acts)
            for each, acts in zip(found.certificates, acts_on(product), strict=True)
        ],
        "papers": _papers(product),
        "lacks": found.reminders.lacks,
        "lack_words": LACKS,
        "packs": [(each, _left(each)) for each in product.variants],
        "events": [event_of(each) for each in story.lines],
        "is_whole": story.is_whole,
        "has_more": story.next is not None,
        "sent": [
            Sent(
                of=each,
                what=CHANGE_WORDS[each.kind],
                where=place_words(deployment, each.marketplace),
                answer=ANSWERS[each.outcome or "open"],
            )
            for each in await sent_of(deployment, product.id, size=_FEW)
        ],
        "address": f"{PRODUCTS}/{product.id}",
        "list_address": PRODUCTS,
        "message": _message(visit, found, places),
    }
    return visit.page("product.html", simulated=deployment.simulated, values=values)


def _common(found: SeenProduct) -> Sequence[ReasonThere]:
    """Return the reasons that hold at every marketplace alike."""
    if not found.places:
        return []
    first, *others = (each.reasons for each in found.places)
    return [each for each in first if all(each in some for some in others)]


def _place(visit: Visit, of: PlaceThere, common: Sequence[ReasonThere]) -> Place:
    where = place_words(visit.deployment, of.marketplace)
    state, kind = STATES[of.state]
    lines = [line_of(each) for each in of.items]
    return Place(
        of=of,
        where=where,
        state=(state, kind),
        reasons=[_reading(each) for each in of.reasons if each not in common],
        lines=lines,
        next=[CHANGE_WORDS[each] for each in dict.fromkeys(of.next)],
    )


def _reading(reason: ReasonThere) -> Reading:
    waits = not reason.known and reason.outcome != Outcome.WARN
    effect = NOT_KNOWN if waits else OUTCOMES[reason.outcome]
    return Reading(effect=effect, seen=reason.seen, turns=_turns(reason))


def _turns(reason: ReasonThere) -> list[tuple[Text, Text]]:
    """Return who is to do what: staff have an advice of their own, as producers do."""
    if reason.who in {Doer.NOBODY, Doer.MARKETPLACE}:
        return [(DOERS[reason.who], reason.todo or reason.for_producer)]
    todo = reason.todo
    if todo is None:
        todo = hold_advice(reason.hold) if reason.hold else ASK_ADMINISTRATOR
    turns = [(DOERS[Doer.DEPARTMENT], todo)]
    if reason.who is Doer.PRODUCER:
        turns.append((DOERS[Doer.PRODUCER], reason.for_producer))
    return turns


def _steps(found: SeenProduct, places: Sequence[Place]) -> Iterator[Step]:
    """Yield what is to be done next, each once."""
    for place in places:
        if place.of.group is not None:
            what = Text("Xem nhóm chờ duyệt, rồi quyết định", "See the group, decide")
            href = f"{GROUPS}/{place.of.group}"
            who = DOERS[Doer.DEPARTMENT]
            yield Step(who=who, what=what, href=href, where=(place.where,))
        asks = any(each.hold in _OF_DRIFT for each in place.of.reasons)
        for number in place.of.drift if asks else ():
            what = Text("So bản trên sàn với bản của ta", "Compare what stands there")
            href, who = f"{DRIFT}/{number}", DOERS[Doer.DEPARTMENT]
            yield Step(who=who, what=what, href=href, where=(place.where,))
    turns: dict[tuple[str, str], list[tuple[Step, Text]]] = {}
    for place in places:
        for reason in place.of.reasons:
            if reason.who is not Doer.NOBODY and not _is_seen_there(place, reason):
                for who, what in _turns(reason):
                    step = Step(who=who, what=what)
                    some = turns.setdefault((who.vi, what.vi), [])
                    some.append((step, place.where))
    for some in turns.values():
        where = tuple(dict.fromkeys(place for _, place in some))
        yield replace(some[0][0], where=() if len(where) == len(places) else where)
    if found.reminders.lacks:
        names = [each.paper for each in found.reminders.lacks]
        what = Text(
            "Hỏi cơ sở: " + ", ".join(each.vi for each in names),
            "Ask the producer for: " + ", ".join(each.en for each in names),
        )
        yield Step(who=DOERS[Doer.DEPARTMENT], what=what, href=PAPERS)


def _is_seen_there(place: Place, reason: ReasonThere) -> bool:
    """Say whether a reason is decided on a page that is led to already."""
    if place.of.group is not None and reason.hold in _OF_GROUPS:
        return True
    return bool(place.of.drift) and reason.hold in _OF_DRIFT


def _message(visit: Visit, found: SeenProduct, places: Sequence[Place]) -> str:
    product, producer = found.entry
    shown = ", ".join(each.where.vi for each in places if each.of.is_shown)
    where = f"đang bán ở {shown}" if shown else "chưa bán ở sàn nào"
    asked = [
        (product.name, each.for_producer.vi)
        for place in places
        for each in place.of.reasons
        if each.who is Doer.PRODUCER and each.outcome != Outcome.WARN
    ]
    return message_to(
        producer.name if producer else "",
        Matters(reminders=found.reminders, asked=asked),
        about=f"Sản phẩm {product.name} {where}.",
        link=f"{visit.request.app[PUBLIC_URL]}{OWN}/{product.id}",
    )


def _papers(product: Product) -> list[tuple[Paper, Text, tuple[Text, Kind]]]:
    """Return each paper, what it is called, and whether it is there."""
    return [
        (each, paper_words(each.kind), FACTS[each.held.value])
        for each in product.papers
    ]


def _left(pack: Variant) -> int | None:
    return None if pack.on_hand is None else pack.left


async def show_past(visit: Visit) -> web.Response:
    """Show all changes of a product or producer, page by page."""
    ensure_whole(visit.asker)
    code, query = visit.path(ProductPath).code, visit.query(PastQuery)
    story = await story_of(visit.deployment, code, before=query.before, size=_MANY)
    address = f"{PRODUCTS}/{story.of}/history"
    values = {
        "story_of": story,
        "events": [event_of(each) for each in story.lines],
        "first": address if query.before else "",
        "following": f"{address}?before={story.next}" if story.next else "",
        "product_address": f"{PRODUCTS}/{story.of}",
    }
    return visit.page("product_history.html", values=values)


PAGES: Final = (
    PageRoute("GET", ONE, STAFF, show_product),
    PageRoute("GET", PAST, STAFF, show_past),
)
