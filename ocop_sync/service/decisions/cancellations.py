"""A person's request that runs end."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.telling import Told, tell
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import accounts, run_requests
from ocop_sync.store.runs.accounts import HeldLease
from ocop_sync.store.runs.run_requests import RunRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """What was asked to end, and what was not.

    Attributes:
        held: The accounts at which something runs, each with who runs it.
        requested: The runs that somebody has asked for, as they stood before: those
            that waited have ended, the others end at their next step.
        wider: Those that are for further accounts as well: they were not cancelled, but
            where they hold one of these accounts.
    """

    held: Sequence[HeldLease] = ()
    requested: Sequence[RunRequest] = ()
    wider: Sequence[RunRequest] = ()


async def cancel(deployment: Deployment, name: str = "", *, by: Actor) -> Cancelled:
    """Ask the runs at *name* to end; each does so at its next step.

    It is a marketplace or the key of an account, all accounts if empty. *by* stands in
    the ledger. A run that somebody has asked for, and that holds no account yet, is
    among them: else it would begin right after.

    Raises:
        ConfigurationError: There is no such marketplace or account.
        PlanError: *by* is empty or too long.
    """
    ensure_named(by)
    keys = [key for site in deployment.sites for key in site.accounts]
    if name and name not in keys:
        keys = list(deployment.site(name).accounts)
    elif name:
        keys = [name]
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> Cancelled:
        requests = await run_requests.lock_open(conn)
        there = [each for each in requests if _accounts_of(deployment, each) & {*keys}]
        ours = [e for e in there if not name or _accounts_of(deployment, e) <= {*keys}]
        found = Cancelled(
            held=await accounts.cancel(conn, keys, by.name, now),
            requested=ours,
            wider=[each for each in there if each not in ours],
        )
        if ours:
            await run_requests.cancel_those(conn, [each.id for each in ours], now)
            await tell(conn, Told.RUNS)
            await tell(conn, Told.RUN_EVENTS)
        if found.held or ours:
            held = [each.key for each in found.held]
            refs = {"runs": " ".join(each.id for each in ours)} if ours else {}
            done = Act(by=by, kind="cancel_runs", at=now, subjects=held, refs=refs)
            await record_act(conn, done)
        return found

    return await deployment.database.write(store)


def _accounts_of(deployment: Deployment, request: RunRequest) -> set[str]:
    """Return the accounts that a request is for."""
    names = request.marketplaces
    return {
        key
        for site in deployment.sites
        if not names or site.name in names
        for key in site.accounts
    }
