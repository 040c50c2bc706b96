"""A person's word that nothing is written to accounts for now, and that it goes on.

Reads go on: sales, reviews and edits there are seen. Nothing is written, no withdrawal
either, so that blocked products stay on sale there beyond the freshness bound; every
command that would have written says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.reach import Reach
from ocop_sync.errors import ConfigurationError, PlanError
from ocop_sync.marketplace.account import Account
from ocop_sync.service.decisions.account_reach import ensure_reached
from ocop_sync.service.decisions.text_limits import (
    LONGEST_REASON,
    ensure_named,
    ensure_text,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import accounts, pauses
from ocop_sync.store.runs.pauses import Pause

_WHY: Final = ("--reason", "lý do", "reason", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseDecision:
    """What came of a pause, or of its end.

    Attributes:
        changed: The accounts for which it is new.
        unchanged: Those for which it was so before.
        paused: All accounts that are paused now.
    """

    changed: Sequence[str]
    unchanged: Sequence[str]
    paused: Sequence[Pause]


async def pause_accounts(
    deployment: Deployment, keys: Sequence[str], *, by: Actor, reason: str
) -> PauseDecision:
    """Write nothing to accounts *keys* until a person lets them go on.

    A run that goes on there sends nothing after its present call.

    Raises:
        ConfigurationError: There is no such account.
        PlanError: *by* or *reason* is empty or too long.
    """
    named = _named(deployment, keys, by, reason)
    asked, now = [each.key for each in named], deployment.clock()

    async def store(conn: AsyncConnection) -> PauseDecision:
        await accounts.know(conn, named)
        new = await pauses.pause(conn, asked, by=by.name, reason=reason, now=now)
        done = Act(by=by, kind="pause_accounts", at=now, subjects=new, reason=reason)
        return await _decided(deployment, conn, asked, done)

    return await deployment.database.write(store)


async def resume_accounts(
    deployment: Deployment, keys: Sequence[str], *, by: Actor, reason: str
) -> PauseDecision:
    """Let accounts *keys* be written to again.

    Raises:
        ConfigurationError: There is no such account.
        PlanError: *by* or *reason* is empty or too long.
    """
    asked = [each.key for each in _named(deployment, keys, by, reason)]
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> PauseDecision:
        new = await pauses.resume(conn, asked)
        done = Act(by=by, kind="resume_accounts", at=now, subjects=new, reason=reason)
        return await _decided(deployment, conn, asked, done)

    return await deployment.database.write(store)


async def set_pause(
    deployment: Deployment,
    key: str,
    *,
    paused: bool,
    by: Actor,
    reason: str,
    reach: Reach,
) -> PauseDecision:
    """Pause the account *key*, or let it be written to again.

    Raises:
        NoSuchAccountError: There is none within *reach*.
        PlanError: *by* or *reason* is empty or too long; or the account cannot be used,
            and nothing is written there as it is.
    """
    ensure_reached(deployment, key, reach)
    if key in deployment.unusable:
        message = (
            f"tài khoản {key} chưa dùng được, không ghi gì lên đó: sửa thiết lập trước"
            f" / account {key} cannot be used, and nothing is written there: put its"
            " settings right first"
        )
        raise PlanError(message)
    decide = pause_accounts if paused else resume_accounts
    return await decide(deployment, [key], by=by, reason=reason)


async def pauses_at(deployment: Deployment, names: Sequence[str] = ()) -> list[Pause]:
    """Return the pauses of accounts at marketplaces *names*, or at all."""
    keys = [
        key
        for site in deployment.sites
        for key in site.accounts
        if not names or site.name in names
    ]
    return await deployment.database.fetch(partial(pauses.paused, keys=keys))


async def _decided(
    deployment: Deployment, conn: AsyncConnection, asked: Sequence[str], done: Act
) -> PauseDecision:
    """Record an act that has changed anything; return what came of it."""
    if done.subjects:
        await record_act(conn, done)
    return PauseDecision(
        changed=done.subjects,
        unchanged=sorted(set(asked).difference(done.subjects)),
        paused=await pauses.paused(conn, list(_all_accounts(deployment))),
    )


def _all_accounts(deployment: Deployment) -> Mapping[str, Account]:
    return {k: each for site in deployment.sites for k, each in site.accounts.items()}


def _named(
    deployment: Deployment, keys: Sequence[str], by: Actor, reason: str
) -> list[Account]:
    """Return accounts by key, once it is said who decides, and why."""
    ensure_named(by)
    ensure_text(reason, LONGEST_REASON, _WHY)
    known = {
        key: acc for site in deployment.sites for key, acc in site.accounts.items()
    }
    for key in keys:
        if key not in known:
            there = ", ".join(sorted(known)) or "-"
            message = (
                f"không có tài khoản {key}; đang có: {there} / there is no account"
                f" {key}; there are: {there}"
            )
            raise ConfigurationError(message)
    return [known[key] for key in dict.fromkeys(keys)]
