"""Find the certificates that come to their end, and hand each on once for each mark.

Who is told, and how, is decided where `ocop_sync.store.schedules.coming_ends` is read.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.queries.worklists import Ending
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.worklists import expiring
from ocop_sync.store.schedules import coming_ends
from ocop_sync.store.schedules.coming_ends import ComingEnd

MARKS: Final = (30, 60, 90)
"""Days before the end at which somebody is told. 30: the producer has to be told by
then (Decision 148/QĐ-TTg)."""
_KEPT: Final = timedelta(days=400)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatesWatched:
    """What a watch has found.

    Attributes:
        ending: How many certificates end within each mark, by days.
        new: Those that have passed a mark since the last watch, the first end first.
        faulty: Ids of products that could not be evaluated.
    """

    ending: Mapping[int, int]
    new: Sequence[ComingEnd]
    faulty: Sequence[str]


async def watch_certificates(deployment: Deployment) -> CertificatesWatched:
    """Find the certificates that end within 90 days; keep those that pass a mark.

    One that is renewed before anybody was told of it is dropped again.
    """
    now = deployment.clock()
    found = await deployment.database.fetch(
        partial(expiring, rules=deployment.rules, at=now, days=max(MARKS))
    )
    marked = [_marked(each) for each in found.rows]
    today = day_in_vietnam(now)

    async def store(conn: AsyncConnection) -> Sequence[ComingEnd]:
        before = set(await coming_ends.untold(conn))
        await coming_ends.drop(conn, before.difference(marked))
        await coming_ends.add(conn, marked, now)
        await coming_ends.forget_before(conn, today - _KEPT)
        return [each for each in await coming_ends.untold(conn) if each not in before]

    done = CertificatesWatched(
        ending=dict(sorted(Counter(each.days for each in marked).items())),
        new=await deployment.database.write(store),
        faulty=found.faulty,
    )
    _tell(done)
    return done


def _marked(each: Ending) -> ComingEnd:
    mark = next(days for days in MARKS if each.days_left <= days)
    return ComingEnd(ends_on=each.ends_on, product_id=each.product_id, days=mark)


def _tell(done: CertificatesWatched) -> None:
    level = logging.WARNING if done.faulty else logging.INFO
    more = {
        "ending": {str(days): count for days, count in done.ending.items()},
        "new": len(done.new),
        "faulty": len(done.faulty),
    }
    _log.log(level, "certificates watched", extra=more)
