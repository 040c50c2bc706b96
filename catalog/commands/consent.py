"""The consent of a producer to be listed, and to the use of its data.

Withdrawn, it ends the sale by the next sync, as any attested refusal does, and asks for
an erasure (`catalog.commands.erasure`); given anew before that, it takes the erasure
back. Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.attest import ProducerFact, attest
from catalog.commands.own import own_producer
from catalog.db.erasures import ask_for_erasure, end_erasure, last_erasure
from catalog.db.writer import lock
from catalog.model.actor import Actor
from catalog.model.erasure import WAITS, Erasure, ErasureEnd
from catalog.model.fact import Fact
from catalog.model.reach import Reach
from catalog.vietnam_time import day_in_vietnam


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The consent of a producer, as it stands.

    Attributes:
        producer_id: The producer.
        value: Yes, no, or not known.
        on: The day of that answer, in Vietnam; None if there is none.
        erasure: The last erasure that was asked for; None if none ever was.
    """

    producer_id: str
    value: Fact
    on: date | None
    erasure: Erasure | None

    @property
    def version(self) -> str:
        """Return what differs once somebody has answered otherwise."""
        return f"{self.value} {self.on} {self.erasure}"


async def consent_of(
    conn: AsyncConnection, producer_id: str, *, reach: Reach
) -> Consent:
    """Return the consent of a producer.

    Raises:
        NotInCatalogError: There is no such producer within *reach*.
    """
    maker = await own_producer(conn, producer_id, reach)
    return Consent(
        producer_id=maker.id,
        value=maker.consent.value,
        on=maker.consent.on,
        erasure=await last_erasure(conn, maker.id),
    )


async def give_consent(
    conn: AsyncConnection, producer_id: str, *, reach: Reach, by: Actor, now: datetime
) -> Consent:
    """Record that a producer consents; return how its consent stands then.

    What has been erased does not come back by that.

    Raises:
        NotInCatalogError: There is no such producer within *reach*.
        AttestationError: It is not said who.
    """
    await _answer(conn, producer_id, Fact.YES, reach=reach, by=by, now=now)
    await end_erasure(conn, producer_id, ErasureEnd.CONSENT_GIVEN, now)
    return await consent_of(conn, producer_id, reach=reach)


async def withdraw_consent(
    conn: AsyncConnection, producer_id: str, *, reach: Reach, by: Actor, now: datetime
) -> Consent:
    """Record that a producer consents no longer; return how its consent stands then.

    It asks for an erasure, also where a refusal is known already: by a sheet, say. Said
    again, it does not put that off.

    Raises:
        NotInCatalogError: There is no such producer within *reach*.
        AttestationError: It is not said who.
    """
    changed = await _answer(conn, producer_id, Fact.NO, reach=reach, by=by, now=now)
    known = await last_erasure(conn, producer_id)
    if changed or known is None or known.ended is ErasureEnd.CONSENT_GIVEN:
        await _ask_for_erasure(conn, producer_id, known, now)
    return await consent_of(conn, producer_id, reach=reach)


async def _ask_for_erasure(
    conn: AsyncConnection, producer_id: str, known: Erasure | None, now: datetime
) -> None:
    if known is not None and known.ended is ErasureEnd.OPEN:
        return  # a sheet has said otherwise meanwhile: it is asked for all the same
    asked = Erasure(producer_id=producer_id, withdrawn_at=now, due_at=now + WAITS)
    await ask_for_erasure(conn, asked)


async def _answer(
    conn: AsyncConnection,
    producer_id: str,
    value: Fact,
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
) -> bool:
    """Attest the answer, as one act; return whether it is another one than before.

    The same answer again is attested too: a person stands for it then, and not a sheet.
    """
    await lock(conn)
    before = await own_producer(conn, producer_id, reach)
    what: Collection[ProducerFact] = (ProducerFact.CONSENT,)
    await attest(
        conn,
        what=what,
        value=value,
        by=by,
        on=day_in_vietnam(now),
        now=now,
        producer_ids=[producer_id],
    )
    return before.consent.value is not value
