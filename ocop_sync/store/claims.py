"""Claims of work that any process may carry out, as columns of the work's own row.

Whoever has a claim proves it by its token and renews its lease; another process takes
it over once the lease has ended. What the work is, and which row is to be claimed, is
decided elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Table, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimable:
    """A piece of work that one process carries out at a time.

    Attributes:
        began_at: When it was first claimed; None while it waits.
        holder: The process that carries it out, or did so last.
        token: Proves the claim; "" while it waits for a process.
        lease_until: When it may be taken over, unless the lease is renewed.
        tries: How many processes have begun it.
        ended_at: When it ended; None while it is open.
        reason: Why it failed, in words fit for everybody; "" if it did not.
    """

    began_at: datetime | None = None
    holder: str = ""
    token: str = ""
    lease_until: datetime | None = None
    tries: int = 0
    ended_at: datetime | None = None
    reason: str = ""

    def is_held(self, now: datetime, farthest: datetime) -> bool:
        """Say whether a process has it, and has shown signs of life.

        A lease that ends after *farthest* was taken while a clock was wrong.
        """
        until = self.lease_until
        return bool(self.token) and until is not None and now < until <= farthest


class Claims:
    """The claims of one table.

    Args:
        table: It has the columns of `Claimable`, and `outcome`.
        of: Finds the rows of which one at most is open, by the parameter "of".
    """

    def __init__(self, table: Table, of: ColumnElement[bool]) -> None:
        c = table.c
        is_open = c.ended_at.is_(None)
        mine = (of, c.token == bindparam("by"), is_open)
        self._take = (
            update(table)
            .where(of, is_open)
            .values(
                token=bindparam("by"),
                holder=bindparam("who"),
                lease_until=bindparam("until"),
                began_at=bindparam("at"),
                tries=c.tries + 1,
            )
        )
        self._renew = update(table).where(*mine).values(lease_until=bindparam("until"))
        self._end = (
            update(table)
            .where(*mine)
            .values(
                ended_at=bindparam("at"),
                outcome=bindparam("how"),
                reason=bindparam("why"),
                lease_until=None,
            )
        )
        self._release = (
            update(table)
            .where(*mine)
            .values(token="", lease_until=None, tries=c.tries - 1)
        )

    async def take(
        self,
        conn: AsyncConnection,
        of: int | str,
        *,
        token: str,
        holder: str,
        began_at: datetime,
        until: datetime,
    ) -> None:
        """Let a process have open work; whoever calls has locked it."""
        values = {"of": of, "by": token, "who": holder, "until": until, "at": began_at}
        await conn.execute(self._take, values)

    async def renew(
        self, conn: AsyncConnection, of: int | str, token: str, until: datetime
    ) -> bool:
        """Renew a lease; say whether the claim is still held."""
        values = {"of": of, "by": token, "until": until}
        return bool((await conn.execute(self._renew, values)).rowcount)

    async def end(
        self,
        conn: AsyncConnection,
        of: int | str,
        token: str,
        *,
        now: datetime,
        outcome: StrEnum,
        reason: str,
    ) -> bool:
        """Store how work has ended; say whether the claim was still held."""
        how = outcome.value
        values = {"of": of, "by": token, "at": now, "how": how, "why": reason}
        return bool((await conn.execute(self._end, values)).rowcount)

    async def release(self, conn: AsyncConnection, of: int | str, token: str) -> bool:
        """Let any process go on with it; say whether the claim was still held."""
        values = {"of": of, "by": token}
        return bool((await conn.execute(self._release, values)).rowcount)
