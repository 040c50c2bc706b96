"""The policies that persons have put in the place of those of settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.counters import next_numbers
from ocop_sync.store.tables import policy

_COUNTER = "policy"
"""The counter that is locked while somebody decides; its numbers mean nothing."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What a policy is for: all, a marketplace, or one account there.

    Attributes:
        marketplace: The marketplace; "" for all of them.
        account: The one account; "" for all there.
    """

    marketplace: str = ""
    account: str = ""

    @property
    def wider(self) -> Sequence["Scope"]:
        """Return it and all that hold it, the narrowest first."""
        found = (self, Scope(self.marketplace), Scope())
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """A person's last decision on one policy.

    Attributes:
        name: The policy.
        value: Its value, as JSON has it; None goes back to what else is said.
        by: Who said so.
        at: When, in UTC.
        reason: Why.
    """

    scope: Scope
    name: str
    value: str | int | float | None
    by: str
    at: datetime
    reason: str


SetPolicies = Mapping[tuple[Scope, str], SetPolicy]

_NEWEST = select(func.max(policy.c.id)).group_by(
    policy.c.marketplace, policy.c.account, policy.c.name
)
_LAST = select(policy).where(policy.c.id.in_(_NEWEST)).order_by(policy.c.id)


async def last(conn: AsyncConnection) -> SetPolicies:
    """Return the last decision on each policy of each scope."""
    rows = await conn.execute(_LAST)
    found = (
        SetPolicy(
            scope=Scope(row.marketplace, row.account),
            name=row.name,
            value=row.value,
            by=row.set_by,
            at=row.set_at,
            reason=row.reason,
        )
        for row in rows.all()
    )
    return {(each.scope, each.name): each for each in found}


async def lock(conn: AsyncConnection) -> None:
    """Let nobody else decide on a policy before this transaction ends."""
    await next_numbers(conn, _COUNTER, 1)


async def keep(conn: AsyncConnection, decided: Sequence[SetPolicy]) -> None:
    """Remember decisions; earlier ones are kept beside them."""
    rows = [
        {
            "marketplace": each.scope.marketplace,
            "account": each.scope.account,
            "name": each.name,
            "value": each.value,
            "set_by": each.by,
            "set_at": each.at,
            "reason": each.reason,
        }
        for each in decided
    ]
    await conn.execute(insert(policy), rows)
