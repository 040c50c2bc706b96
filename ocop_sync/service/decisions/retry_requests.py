"""Try refused or failed changes again, because a person asks for it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.errors import PlanError
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import retry_requests


async def try_again(
    deployment: Deployment, marketplace: str, product_ids: Sequence[str], *, by: Actor
) -> None:
    """Have products sent again in the next sync, as if nothing had been refused.

    Raises:
        ConfigurationError: No account is set for *marketplace*.
        PlanError: Nothing was refused or has failed of one of them there, or *by*
            is empty or too long.
    """
    ensure_named(by)
    site = deployment.site(marketplace)
    now, ids = deployment.clock(), list(dict.fromkeys(product_ids))

    async def store(conn: AsyncConnection) -> None:
        others = set(ids) - await retry_requests.in_vain(conn, site.name, ids)
        if others:
            names = ", ".join(sorted(others))
            message = (
                f"ở {site.name} không có gì bị từ chối hay hỏng của {names}"
                f" / nothing was refused or has failed there of {names}"
            )
            raise PlanError(message)
        await retry_requests.ask(conn, site.name, ids, by=by.name, now=now)
        refs = {"marketplace": site.name}
        done = Act(by=by, kind="retry", at=now, subjects=ids, refs=refs)
        await record_act(conn, done)

    await deployment.database.write(store)
