"""The certificates of all products that somebody may read, chosen by what they are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import (
    CertificateState,
    HistoryLine,
    line_of,
)
from catalog.db.certificate_pages import certificates_after
from catalog.model.certificate import Validity
from catalog.model.decision import same_number
from catalog.model.reach import WHOLE_CATALOG, Reach

FIRST: Final = ("", -1)
"""The place before all certificates."""
_READ: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenCertificates:
    """Which certificates are asked for; what is None is not asked about.

    Attributes:
        state: What they are on the day.
        stars: Their stars.
        body: Who has decided; "" for any.
        decision: Number of the decision that grants them, or revokes them; "" for any.
        ends_from: The first last day.
        ends_to: The last one.
    """

    state: CertificateState | None = None
    stars: int | None = None
    body: str = ""
    decision: str = ""
    ends_from: date | None = None
    ends_to: date | None = None

    def holds(self, line: HistoryLine) -> bool:
        """Say whether a certificate is one of them."""
        of, ends_on = line.certificate, line.ends_on
        if self.state not in (None, line.state) or self.stars not in (None, of.stars):
            return False
        if self.body and of.body != self.body:
            return False
        if self.decision and not self._names(line):
            return False
        if self.ends_from is None and self.ends_to is None:
            return True
        first, last = self.ends_from or date.min, self.ends_to or date.max
        return ends_on is not None and first <= ends_on <= last

    def _names(self, line: HistoryLine) -> bool:
        numbers = (line.certificate.decision, line.certificate.revoked_by)
        return any(same_number(each, self.decision) for each in numbers if each)


class ListedCertificate(NamedTuple):
    """A certificate, with its product, its place there, and what it is on a day."""

    product_id: str
    name: str
    place: int
    line: HistoryLine


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Some certificates, and the place of the last one; None if none follow."""

    rows: list[ListedCertificate]
    last: tuple[str, int] | None


async def certificate_page(
    conn: AsyncConnection,
    after: tuple[str, int],
    *,
    chosen: ChosenCertificates,
    validity: Validity,
    day: date,
    limit: int,
    reach: Reach = WHOLE_CATALOG,
) -> CertificatePage:
    """Return at most *limit* of the *chosen* certificates behind a place."""
    found: list[ListedCertificate] = []
    async for each in each_certificate(
        conn, after, chosen=chosen, validity=validity, day=day, reach=reach
    ):
        if len(found) == limit:
            return CertificatePage(found, (found[-1].product_id, found[-1].place))
        found.append(each)
    return CertificatePage(found, None)


async def all_certificates(
    conn: AsyncConnection,
    *,
    chosen: ChosenCertificates,
    validity: Validity,
    day: date,
) -> AsyncIterator[ListedCertificate]:
    """Return all of the *chosen* certificates, to be read over the connection."""
    return each_certificate(conn, FIRST, chosen=chosen, validity=validity, day=day)


async def each_certificate(
    conn: AsyncConnection,
    after: tuple[str, int],
    *,
    chosen: ChosenCertificates,
    validity: Validity,
    day: date,
    reach: Reach = WHOLE_CATALOG,
) -> AsyncIterator[ListedCertificate]:
    """Yield the *chosen* certificates behind a place, by product and place."""
    while True:
        rows = await certificates_after(
            conn, after, producers=reach.producers, size=_READ
        )
        for id_, name, place, certificate in rows:
            line = line_of(certificate, validity, day)
            if chosen.holds(line):
                yield ListedCertificate(id_, name, place, line)
        if len(rows) < _READ:
            return
        after = rows[-1].product_id, rows[-1].place
