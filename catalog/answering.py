"""What people have answered once, so that the next sheet is read with it.

A split commune is asked about once for each address, and the authority once for
each decision: the answers are kept with the producers and the certificates that
have them.
"""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.decision import read_number
from catalog.feed.locality import Answers, address_key
from catalog.repository import chunks
from catalog.tables import certificate, producer
from catalog.text import fold

_ANSWERED = select(
    producer.c.address, producer.c.old_commune_code, producer.c.commune_code
).where(producer.c.old_commune_code != "", producer.c.commune_code != "")


async def known_answers(conn: AsyncConnection) -> Answers:
    """Return the answers by address and old commune.

    An address of which two things were said has none.
    """
    said: dict[tuple[str, str], str] = {}
    doubtful: set[tuple[str, str]] = set()
    for address, old, new in (await conn.execute(_ANSWERED)).all():
        key = address_key(address, old)
        if said.setdefault(key, new) != new:
            doubtful.add(key)
    return {key: new for key, new in said.items() if key not in doubtful}


async def known_authorities(
    conn: AsyncConnection, days: Collection[date]
) -> Mapping[tuple[str, date], str]:
    """Return who took the decisions of *days*, by key of the number and day.

    A decision of which two things are known has no answer.
    """
    said: dict[tuple[str, date], str] = {}
    doubtful: set[tuple[str, date]] = set()
    for some in chunks(sorted(days)):
        rows = await conn.execute(
            _AUTHORITIES.where(certificate.c.decided_on.in_(some))
        )
        for text, day, body in rows.all():
            number = read_number(text)
            if number is None:
                continue
            key = (number.key, day)
            if fold(said.setdefault(key, body)) != fold(body):
                doubtful.add(key)
    return {key: body for key, body in said.items() if key not in doubtful}


_AUTHORITIES = select(
    certificate.c.decision, certificate.c.decided_on, certificate.c.body
).where(certificate.c.body != "", certificate.c.decision != "")
