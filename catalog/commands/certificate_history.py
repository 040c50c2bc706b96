"""The certificates of one product for readers: the state of each, and its past.

Each change of them, with its time and author, is in the history of the catalog; not so
the certificates that a product came into it with. Which of them is in force
is decided in `catalog.eligibility`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.fact_changes import RESTORED, CertificateChange, certificate_changes
from catalog.db.reader import get, products_by_sku
from catalog.errors import NotInCatalogError
from catalog.model.certificate import Certificate, Validity
from catalog.model.fact import Fact
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace


class CertificateState(StrEnum):
    """The state of a certificate on a day, by itself."""

    VALID = "valid"
    NOT_YET = "not_yet"
    ENDED = "ended"
    REVOKED = "revoked"
    VOIDED = "voided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One certificate of a product.

    The last day of its term, *ends_on*, is None if that is not known.
    """

    certificate: Certificate
    state: CertificateState
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of a known certificate, or one that was added to the history.

    Attributes:
        at: When it was entered, in UTC.
        who: By whom: a person, or the import that brought it.
        before: The changed fields, as they were; empty if it was added.
        after: The same as it is since.
        why: The words that came with the act; "" of a voiding, which has its own.
        erased: What may have told of a person is erased of it.
    """

    at: datetime
    who: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    why: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateHistory:
    """The certificates of a product, and the changes of them."""

    as_of: date
    product: Product
    lines: Sequence[HistoryLine]
    changes: Sequence[Amendment]


async def certificate_history(
    conn: AsyncConnection,
    code: str,
    *,
    validity: Validity,
    day: date,
    reach: Reach = WHOLE_CATALOG,
) -> CertificateHistory:
    """Return the certificates of a product, each with its state on *day*.

    *code* is the id of the product, or one of its SKUs; *day* is a day in Vietnam.

    Raises:
        NotInCatalogError: There is no such product within *reach*.
    """
    product = await named_product(conn, code)
    if not reach.holds(product.producer_id):
        raise NotInCatalogError([code])
    return CertificateHistory(
        as_of=day,
        product=product,
        lines=history_of(product, validity, day),
        changes=await amendments_of(conn, product.id),
    )


async def named_product(conn: AsyncConnection, code: str) -> Product:
    """Return the product with this id, or of this SKU.

    Raises:
        NotInCatalogError: There is none.
    """
    id_ = (await products_by_sku(conn, [code])).get(code, code)
    found = await get(conn, [id_])
    if id_ not in found:
        raise NotInCatalogError([code])
    return found[id_][0]


def history_of(
    product: Product, validity: Validity, day: date
) -> Sequence[HistoryLine]:
    """Return the certificates of *product*, each with its state on *day*."""
    return [line_of(each, validity, day) for each in product.certificates]


async def amendments_of(conn: AsyncConnection, product_id: str) -> Sequence[Amendment]:
    """Return the changes of its certificates, the earliest first.

    The parts of one certificate that changed together are one amendment; a word that
    changed nothing is none.
    """
    found: list[Amendment] = []
    changes = await certificate_changes(conn, product_id)
    for (*_, is_word), parts in groupby(changes, key=_together):
        if not is_word:
            found.append(_amendment([*parts]))
        elif found:  # it stands right behind what it explains
            found[-1] = replace(found[-1], why=next(parts).why)
    return [each for each in found if each.before or each.after or each.erased]


def _together(each: CertificateChange) -> tuple[object, ...]:
    where = each.change.where
    return each.made_in, each.touch, where.key, where.field == RESTORED


def _amendment(parts: Sequence[CertificateChange]) -> Amendment:
    """Keep the fields that differ; of an added certificate, everything."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for change, *_ in parts:
        before |= _texts(change.before)
        after |= _texts(change.after)
    names = [n for n in {**before, **after} if before.get(n) != after.get(n)]
    return Amendment(
        parts[0].touch.at,
        parts[0].touch.by,
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
        next((each.why for each in parts if each.why), ""),
        erased=any(each.change.erased for each in parts),
    )


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the known values as texts."""
    known = (values or {}).items()
    return {n: "yes" if v is True else str(v) for n, v in known if v}


def line_of(certificate: Certificate, validity: Validity, day: date) -> HistoryLine:
    """Return *certificate* with its state on *day*."""
    term = validity.of(certificate)
    ends_on = term.last if term is not None and term.known else None
    revoked = certificate.revoked_by_day(day)
    if certificate.voided:
        return HistoryLine(certificate, CertificateState.VOIDED, ends_on)
    if revoked is Fact.YES:
        return HistoryLine(certificate, CertificateState.REVOKED, ends_on)
    if term is None or revoked is Fact.UNKNOWN:
        return HistoryLine(certificate, CertificateState.UNKNOWN, ends_on)
    if day < term.granted_from:
        return HistoryLine(certificate, CertificateState.NOT_YET, ends_on)
    if day > term.last:
        return HistoryLine(certificate, CertificateState.ENDED, ends_on)
    sure = term.valid_on(day) is Fact.YES
    state = CertificateState.VALID if sure else CertificateState.UNKNOWN
    return HistoryLine(certificate, state, ends_on)
