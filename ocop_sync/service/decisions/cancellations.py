"""A person's request that runs end."""

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import HeldLease


async def cancel(
    deployment: Deployment, name: str = "", *, by: Actor
) -> list[HeldLease]:
    """Ask the runs at *name* to end; each does so at its next step.

    It is a marketplace or the key of an account, all accounts if empty. *by* stands in
    the ledger.

    Returns:
        The accounts at which something runs, each with who runs it.

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

    async def store(conn: AsyncConnection) -> list[HeldLease]:
        found = await accounts.cancel(conn, keys, by.name, now)
        if found:
            held = [each.key for each in found]
            done = Act(by=by, kind="cancel_runs", at=now, subjects=held)
            await record_act(conn, done)
        return found

    return await deployment.database.write(store)
