"""Which new commune a person has said an address to belong to.

A split commune is asked about once for each address: the answer is kept with
the producers that have it, and the next sheet is read with it.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.feed.locality import Answers, address_key
from catalog.tables import producer

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
