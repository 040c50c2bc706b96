"""Take a push of a marketplace in: as a hint to read what it names, and no more.

It is believed only if the marketplace has signed it, lately and for this address. Even
then nothing of its content is taken for a fact: a sale in it is counted by the feed of
events, which tells everything that is pushed. So a push that is passed over is late,
and never lost. Refusals are all alike: whoever tries signatures learns nothing.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.telling import Told, tell
from catalog.values import replace
from ocop_sync.errors import AuthenticationError, OcopSyncError, ProtocolError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.port import Event, EventKind
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.take_events import take_in
from ocop_sync.store.listings import seen_pushes

MOST_BYTES: Final = 65_536
"""Of a push; one event has some hundred."""
NO_OLDER: Final = timedelta(hours=24)
"""An event that lies further back is left to the feed: not every marketplace signs the
time of a push, and an old one could be sent again."""
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_KEPT: Final = NO_OLDER + 2 * _CLOCKS_DIFFER
"""How long a push is remembered: longer than it is believed."""
_MOST_EVENTS: Final = 100

_log = logging.getLogger(__name__)


class PushOutcome(StrEnum):
    """The fate of a push."""

    TAKEN = "taken"
    """The listings of ours that it names are to be read."""
    KNOWN = "known"
    """It has come before."""
    NOTHING_NEW = "nothing_new"
    """It names no listing of ours, tells nothing new, or of what is long past."""
    TOO_MANY = "too_many"
    """So many have come that the feed is read instead."""
    REFUSED = "refused"
    """It is not believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A push as it came in.

    Attributes:
        marketplace: Of which marketplace it says to be.
        account: For which account.
        url: The address that it was sent to, as the marketplace knows it.
        headers: Its headers.
        body: Its content.
    """

    marketplace: str
    account: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(slots=True)
class PushCounts:
    """How many pushes had which fate since this process began."""

    by_outcome: Counter[PushOutcome] = field(default_factory=Counter)


def is_for_us(
    deployment: Deployment, marketplace: str, account: str, counts: PushCounts
) -> bool:
    """Say whether a push is for an account of ours; one that is not is refused."""
    if _account(deployment, marketplace, account) is not None:
        return True
    _count(counts, PushOutcome.REFUSED)
    return False


async def take_push(
    deployment: Deployment, push: Push, counts: PushCounts
) -> PushOutcome:
    """Note the listings that *push* names, to be read; return its fate.

    It waits for the database alone. Whoever has the lease of the account reads.
    """
    outcome = await _fate_of(deployment, push)
    _count(counts, outcome)
    return outcome


def _count(counts: PushCounts, outcome: PushOutcome) -> None:
    counts.by_outcome[outcome] += 1
    if outcome is PushOutcome.REFUSED:
        _log_refusals(counts.by_outcome[outcome])


async def _fate_of(deployment: Deployment, push: Push) -> PushOutcome:
    account = _account(deployment, push.marketplace, push.account)
    events = None if account is None else _believed(deployment, account, push)
    if account is None or events is None:
        return PushOutcome.REFUSED
    now = deployment.clock()
    recent = [
        # A sale is counted by the feed, with its order line: here it is a hint.
        replace(each, kind=EventKind.EDITED) if each.kind is EventKind.SOLD else each
        for each in events
        if each.ref and now - NO_OLDER <= each.at <= now + _CLOCKS_DIFFER
    ]
    if not recent:
        return PushOutcome.NOTHING_NEW

    async def store(conn: AsyncConnection) -> PushOutcome:
        await seen_pushes.forget_until(conn, account.key, now - _KEPT)
        if await seen_pushes.is_full(conn, account.key):
            return PushOutcome.TOO_MANY
        digest = seen_pushes.digest_of(push.body)
        if not await seen_pushes.remember(conn, account.key, digest, now):
            return PushOutcome.KNOWN
        taken = await take_in(conn, deployment, account.key, recent, [])
        await tell(conn, Told.CHANGES)
        return PushOutcome.TAKEN if taken.named else PushOutcome.NOTHING_NEW

    return await deployment.database.write(store)


def _account(deployment: Deployment, marketplace: str, account: str) -> Account | None:
    """Return the account that a push is for, if there is such a one."""
    try:
        found = deployment.account(account)
    except KeyError:
        return None
    return found if found.marketplace == marketplace else None


def _believed(
    deployment: Deployment, account: Account, push: Push
) -> tuple[Event, ...] | None:
    """Return the events of a push; None if it is not believed.

    One that is signed and cannot be read tells nothing: the feed has it as well.
    """
    try:
        found = deployment.open(account).verify_push(push.url, push.headers, push.body)
    except AuthenticationError:
        return None
    except ProtocolError:
        return ()
    except OcopSyncError as error:  # a secret is not there, say
        _log.warning(
            "pushes cannot be checked",
            extra={"account": account.key, "reason": str(error)},
        )
        return None
    except Exception:  # noqa: BLE001  (an adapter's mistake; it is not believed)
        _log.exception("pushes cannot be checked", extra={"account": account.key})
        return None
    return found[:_MOST_EVENTS]


def _log_refusals(count: int) -> None:
    """Tell of refused pushes, ever less often: anybody can send one."""
    if count & (count - 1) == 0:  # the first, the second, the fourth ...
        _log.warning("pushes were refused", extra={"since_start": count})
