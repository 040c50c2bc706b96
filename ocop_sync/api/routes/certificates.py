"""The certificates of a product: the department alone reads how they were changed."""

from typing import Annotated, Final, Literal

from pydantic import Field

from catalog.commands.certificate_history import CertificateState, certificate_history
from catalog.errors import NotInCatalogError
from catalog.queries.certificates import FIRST, ChosenCertificates, certificate_page
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import PRODUCER, STAFF, STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.certificates import (
    CertificateHistoryForm,
    ListedCertificateForm,
    certificates_form,
    listed_certificate_form,
)
from ocop_sync.api.routes.products import ProductPath
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import WHOLE, Date, Page, PageQuery

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


class CertificatesQuery(PageQuery):
    """Which certificates; what is left out is not asked about."""

    state: CertificateState | None = None
    """What they are today."""
    stars: Annotated[int, Field(ge=1, le=5), WHOLE] | None = None
    """Their stars."""
    level: Literal["huyện", "tỉnh", "trung ương"] | None = None
    """Who has decided."""
    decision: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """The number of the decision that grants them, or revokes them."""
    ends_from: Date | None = None
    """They end on this day or later."""
    ends_to: Date | None = None
    """They end on this day or earlier."""


@operation(
    "GET",
    "/api/v1/certificates",
    summary="The certificates of all products",
    allowed=STAFF,
    tag=TAG,
)
async def list_certificates(
    call: Call, query: CertificatesQuery
) -> Page[ListedCertificateForm]:
    """List them by product, in the order in which they were entered.

    Voided and revoked ones are among them. Staff who act for a producer see those of
    its products.
    """
    deployment = deployment_of(call)
    found = await deployment.database.fetch(
        certificate_page,
        call.position(query, tuple[str, int]) or FIRST,
        chosen=ChosenCertificates(
            state=query.state,
            stars=query.stars,
            body=query.level or "",
            decision=query.decision,
            ends_from=query.ends_from,
            ends_to=query.ends_to,
        ),
        validity=deployment.rules.tables.validity,
        day=day_in_vietnam(deployment.clock()),
        limit=query.limit,
        reach=reach_of(asker_of(call)),
    )
    return call.page(tuple(map(listed_certificate_form, found.rows)), found.last)


OPERATIONS: Final = (get_certificates, list_certificates)
