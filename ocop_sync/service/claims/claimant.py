"""Who claims work that any process may carry out, and when somebody else may."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.store.claims import Claimable, Claims
from ocop_sync.store.runs.accounts import farthest_end

LEASE: Final = timedelta(seconds=60)
"""After so long without a sign of life, work is taken over."""
MOST_TRIES: Final = 5
"""Work under which so many processes have died is given up: it may be the cause."""
WORDS_DIED: Final = (
    f"{MOST_TRIES} lần đều dừng giữa chừng, không chạy lại nữa / each of {MOST_TRIES}"
    " processes that began it has died: it is not tried again"
)

T = TypeVar("T", bound=Claimable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """A process that claims work.

    Attributes:
        holder: How it names itself, for people.
        token: Proves its claims; new for each.
        now: The present instant, in UTC.
        lease: How long a claim holds without a sign of life.
    """

    holder: str
    token: str
    now: datetime
    lease: timedelta = LEASE

    @property
    def until(self) -> datetime:
        """Return when a claim ends that is made or renewed now."""
        return self.now + self.lease

    def sees_alive(self, work: Claimable) -> bool:
        """Say whether a process has *work* and has shown signs of life."""
        return work.is_held(self.now, farthest_end(self.now, self.lease))

    async def take(
        self, conn: AsyncConnection, claims: Claims, of: int | str, work: T
    ) -> T:
        """Claim open work that is locked, and return it as claimed."""
        taken = replace(
            work,
            token=self.token,
            holder=self.holder,
            lease_until=self.until,
            began_at=work.began_at or self.now,
            tries=work.tries + 1,
        )
        await claims.take(
            conn,
            of,
            token=self.token,
            holder=self.holder,
            began_at=work.began_at or self.now,
            until=self.until,
        )
        return taken


def is_dead(work: Claimable, now: datetime) -> bool:
    """Say whether work was begun and goes on, and its process shows no sign of life."""
    watcher = Claimant(holder="", token="", now=now)
    is_begun = bool(work.token) and work.ended_at is None
    return is_begun and not watcher.sees_alive(work)


def is_worn_out(work: Claimable) -> bool:
    """Say whether work that nobody has any more is to be given up."""
    return bool(work.token) and work.tries >= MOST_TRIES
