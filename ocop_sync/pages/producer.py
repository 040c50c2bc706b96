"""One producer for staff: its products, what is missing, and a message about it."""

from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Outcome, Text
from catalog.model.reach import WHOLE_CATALOG, Reach
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import PUBLIC_URL
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.engine.reasons.for_producer import Doer
from ocop_sync.pages.figure_words import part_words
from ocop_sync.pages.navigation import MAKERS, OWN, PRODUCTS
from ocop_sync.pages.producer_message import Matters, message_to
from ocop_sync.pages.sale_words import LACKS, stands_of
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.department.producers import one_producer
from ocop_sync.service.producer.own_products import OwnProducts, own_products
from ocop_sync.service.queries.coverage_figures import Dimension

_SIZE: Final = 50
"""Products of one page."""


class ProducerPath(Model):
    """Which producer."""

    producer: Identifier
    """Its code."""


class ProducerQuery(Model):
    """Which products."""

    after: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Those behind this one."""


async def show_producer(visit: Visit) -> web.Response:
    """Show a producer with its products."""
    ensure_whole(visit.asker)
    id_, after = visit.path(ProducerPath).producer, visit.query(ProducerQuery).after
    deployment = visit.deployment
    kept = await deployment.database.fetch(one_producer, id_, reach=WHOLE_CATALOG)
    producer, address = kept.listed.producer, f"{MAKERS}/{id_}"
    found = await own_products(
        deployment, reach=Reach.of([id_]), after=after, size=_SIZE
    )
    lacks: dict[str, list[Text]] = {}
    for each in found.reminders.lacks:
        lacks.setdefault(each.product_id, []).append(each.paper)
    communes, commune = deployment.communes, producer.address.commune_code
    values = {
        "producer": producer,
        "kind": part_words(Dimension.KIND, producer.kind.value, communes),
        "commune": part_words(Dimension.COMMUNE, commune, communes),
        "found": found,
        "rows": [
            (each, stands_of(each.states.marketplaces), lacks.get(each.entry[0].id, ()))
            for each in found.shown
        ],
        "reminders": found.reminders,
        "lack_states": LACKS,
        "message": _message(visit, producer.name, found),
        "first": address if after else "",
        "following": f"{address}?{urlencode({'after': found.last})}"
        if found.last
        else "",
        "links": f"{address}/links",
        "list_address": PRODUCTS,
        "history": f"{PRODUCTS}/{id_}/history",
    }
    return visit.page("producer.html", simulated=deployment.simulated, values=values)


def _message(visit: Visit, name: str, found: OwnProducts) -> str:
    asked = [
        (each.states.name, reason.todo.vi)
        for each in found.shown
        for there in each.states.marketplaces
        for reason in there.reasons
        if reason.who is Doer.PRODUCER and reason.outcome != Outcome.WARN
    ]
    simulated = " (trên sàn mô phỏng)" if visit.deployment.simulated else ""
    return message_to(
        name,
        Matters(reminders=found.reminders, asked=asked),
        about=f"Mình có {found.total} sản phẩm, {found.on_sale} đang bán{simulated}.",
        link=f"{visit.request.app[PUBLIC_URL]}{OWN}",
    )


PAGES: Final = (PageRoute("GET", f"{MAKERS}/{{producer}}", STAFF, show_producer),)
