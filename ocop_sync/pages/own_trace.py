"""The QR code of a product's traceability page, to be printed by its producer."""

from typing import Final

from aiohttp import web

from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import PRODUCERS
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.pages.navigation import OWN
from ocop_sync.pages.qr_code import qr_of
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.producer.products import one_product
from ocop_sync.service.producer.trace_page import trace_page_of

TRACE: Final = f"{OWN}/{{code}}/qr"


class TracePath(Model):
    """Of which product."""

    code: Identifier
    """Its code."""


async def show_trace(visit: Visit) -> web.Response:
    """Show the code large, alone on its sheet once it is printed."""
    deployment, code = visit.deployment, visit.path(TracePath).code
    reach = reach_of(visit.asker)
    product, maker = await deployment.database.fetch(one_product, code, reach=reach)
    trace = trace_page_of(product, deployment.rules)
    values = {
        "product": product,
        "maker": maker.name if maker else "",
        "trace": trace,
        "code": qr_of(trace.address) if trace.address else None,
        "address": f"{OWN}/{product.id}",
    }
    return visit.page("own_trace.html", values=values)


PAGES: Final = (PageRoute("GET", TRACE, PRODUCERS, show_trace),)
