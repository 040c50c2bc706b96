"""What people put right in the certificates of a named product.

Functions over a connection in a transaction of the caller; none of them
commits. What was known before, who has changed it and when is kept in the
ledger (`catalog.saving`). Revocations are in `catalog.acts`: they end a
certificate that was right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.certificate import Certificate
from catalog.decision import same_number
from catalog.errors import AttestationError, CatalogError
from catalog.history import named_product
from catalog.product import Product
from catalog.saving import lock, save
from catalog.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """By what a person names one certificate of a product.

    Attributes:
        decision: Number of its decision; "" for one without a number.
        year: Year of its decision; None where the number is enough.
    """

    decision: str = ""
    year: int | None = None

    def fits(self, certificate: Certificate) -> bool:
        """Say whether *certificate* may be meant."""
        if bool(certificate.decision) is not bool(self.decision):
            return False
        if self.decision and not same_number(certificate.decision, self.decision):
            return False
        return self.year is None or certificate.of_year == self.year


async def correct_day(
    conn: AsyncConnection,
    code: str,
    which: Which,
    day: date,
    *,
    by: str,
    now: datetime,
) -> Product:
    """Correct the day of a decision.

    Args:
        conn: A connection in a transaction of the caller.
        code: Of which product, by id or SKU.
        which: Which of its certificates.
        day: The right day.
        by: Who says so, by name.
        now: The present instant.

    Returns:
        The product as it is now.

    Raises:
        NotInCatalogError: There is no such product.
        AttestationError: It is not said who.
        CatalogError: No certificate is meant, or several, or it would be the
            same as another one.
    """
    who = _named(by)
    await lock(conn)
    product = await named_product(conn, code)
    place = find_one(product.certificates, which)
    corrected = replace(product.certificates[place], decided_on=day)
    others = [each for n, each in enumerate(product.certificates) if n != place]
    if twin := next((each for each in others if _are_one(each, corrected)), None):
        message = (
            f"{product.id}: đã có quyết định {twin.decision} năm {twin.of_year} / there"
            " is one with this number and year already"
        )
        raise CatalogError(message)
    return await _keep(conn, product, place, corrected, who=who, now=now)


def find_one(history: Sequence[Certificate], which: Which) -> int:
    """Return which of *history* a person means.

    Raises:
        CatalogError: None, or several; all are named.
    """
    found = [n for n, each in enumerate(history) if which.fits(each)]
    if len(found) == 1:
        return found[0]
    some = "; ".join(_called(each) for each in history) or "-"
    message = (
        f"ghi số (--decision) và năm (--year) của đúng một giấy chứng nhận: {some}"
        " / name exactly one certificate by its number and year"
    )
    raise CatalogError(message)


async def _keep(
    conn: AsyncConnection,
    product: Product,
    place: int,
    certificate: Certificate,
    *,
    who: str,
    now: datetime,
) -> Product:
    history = list(product.certificates)
    history[place] = certificate
    changed = replace(product, certificates=tuple(history))
    await save(conn, [(changed, None)], now=now, who=who)
    return changed


def _are_one(one: Certificate, other: Certificate) -> bool:
    """Say whether two certificates are of one number and year."""
    numbered = bool(one.decision) and same_number(one.decision, other.decision)
    return numbered and one.of_year == other.of_year


def _called(certificate: Certificate) -> str:
    number = certificate.decision or "không số / no number"
    return f"{number} ({certificate.decided_on or certificate.of_year or '?'})"


def _named(by: str) -> str:
    name = clean(by)
    if not name:
        message = "phải ghi tên người / say who"
        raise AttestationError(message)
    return name
