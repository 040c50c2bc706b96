"""The certificates of all products, by product and place, page by page.

Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.from_rows import certificate_of
from catalog.db.tables import certificate, product
from catalog.model.certificate import Certificate

_AFTER: Final[Any] = (bindparam("product"), bindparam("place"))
CERTIFICATES: Final[Select[Any]] = (
    select(
        product.c.id,
        product.c.name,
        certificate.c.n,
        *(c for c in certificate.c if c.name not in ("product_id", "n")),
    )
    .join(product, product.c.id == certificate.c.product_id)
    .where(tuple_(certificate.c.product_id, certificate.c.n) > tuple_(*_AFTER))
    .order_by(certificate.c.product_id, certificate.c.n)
    .limit(bindparam("size"))
)
_WITHIN: Any = product.c.producer_id.in_(bindparam("producers", expanding=True))


class StoredCertificate(NamedTuple):
    """A certificate, with its product and its place among those of that."""

    product_id: str
    name: str
    place: int
    certificate: Certificate


async def certificates_after(
    conn: AsyncConnection,
    after: tuple[str, int],
    *,
    producers: Collection[str] | None,
    size: int,
) -> Sequence[StoredCertificate]:
    """Return at most *size* certificates behind a product and a place.

    They are those of the products of *producers* or, if None, of all.
    """
    values: dict[str, object] = {"product": after[0], "place": after[1], "size": size}
    query = CERTIFICATES
    if producers is not None:
        query, values = query.where(_WITHIN), {**values, "producers": [*producers]}
    rows = (await conn.execute(query, values)).all()
    return [
        StoredCertificate(id_, name, place, certificate_of(tuple(facts)))
        for id_, name, place, *facts in rows
    ]
