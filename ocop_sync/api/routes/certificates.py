"""The certificates of a product: the department alone reads how they were changed."""

from typing import Final

from catalog.commands.certificate_history import certificate_history
from catalog.errors import NotInCatalogError
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import PRODUCER, STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.certificates import CertificateHistoryForm, certificates_form
from ocop_sync.api.routes.products import ProductPath
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation

TAG: Final = "certificates"


@operation(
    "GET",
    "/api/v1/products/{code}/certificates",
    summary="The certificates of a product, and their changes",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
)
async def get_certificates(call: Call, path: ProductPath) -> CertificateHistoryForm:
    """Return each with what it is today, then each change: when, who, before and after.

    A producer finds none here, not even of its own product: staff enter them, and the
    names of staff stand beside. `GET /products/{code}` has what is granted.
    """
    asker, deployment = asker_of(call), deployment_of(call)
    if asker.role == PRODUCER:
        raise NotInCatalogError([path.code])
    found = await deployment.database.fetch(
        certificate_history,
        path.code,
        reach=reach_of(asker),
        validity=deployment.rules.tables.validity,
        day=day_in_vietnam(deployment.clock()),
    )
    return certificates_form(found)


OPERATIONS: Final = (get_certificates,)
