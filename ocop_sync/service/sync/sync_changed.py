"""Sync only the products that have changed since a revision of the catalog.

For whoever waits for one price or one stock: going through the whole catalog would take
longer than the change itself. Only accounts of these products take part, and each
other's removals are not weighed anew. A whole sync (`ocop_sync.service.sync.sync`)
does all else, as often as before: it also finds what hangs on no revision, such as an
act of a person on a held group, or a changed mapping.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from ocop_sync.service.decisions.as_decided import decided
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.service.sync.sync import Sync, sync, with_unusable
from ocop_sync.store.listings import event_mentions, records

MOST: Final = 1000
"""Beyond so many changed products the whole catalog is gone through."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """The products that have changed, their producers, and accounts that offer them."""

    product_ids: Sequence[str]
    makers: Collection[str]
    accounts: Collection[str]


class RegularSync:
    """Syncs everything at regular times, and changed products in between.

    The catalog's revision of the last sync is kept in memory: the first sync of a
    process goes through everything. From then on no commit waits until the database's
    log is written back: calls are in flight meanwhile.
    """

    def __init__(self, deployment: Deployment, *, follow_for: timedelta) -> None:
        self._deployment = deployment
        self._follow_for = follow_for
        self._synced: int | None = None
        deployment.database.write_back_apart()

    async def whole(self) -> Report:
        """Sync everything.

        Raises:
            As `ocop_sync.service.sync.sync.sync`.
        """
        revision = await self._deployment.database.fetch(reader.current_revision)
        report = await sync(self._deployment, follow_for=self._follow_for)
        self._synced = revision
        return report

    async def changed(self) -> Report | None:
        """Sync the products that have changed since; None if none has.

        Listings that a push has named meanwhile are read as well.

        Raises:
            As `ocop_sync.service.sync.sync.sync`.
        """
        if self._synced is None:
            return await self.whole()
        async with self._deployment.database.read() as conn:
            revision = await reader.current_revision(conn)
            named = await event_mentions.accounts_with_new(conn)
        if revision == self._synced and not named:
            return None
        report = await sync_changed(
            self._deployment,
            self._synced,
            named=named,
            follow_for=self._follow_for,
        )
        self._synced = revision
        return report


async def sync_changed(
    deployment: Deployment,
    since: int,
    *,
    named: Collection[str] = (),
    follow_for: timedelta = timedelta(0),
) -> Report | None:
    """Sync the products that have changed after revision *since*.

    At the accounts *named*, listings that a push has named are read.

    Returns:
        The report, without figures of all that is on sale; None if nothing has
        changed that could be listed anywhere.

    Raises:
        ConfigurationError: A mapping that a person placed cannot be read.
        SyncInProgressError: Another run holds every account that is concerned.
    """
    async with deployment.database.read() as conn:
        deployment = await decided(conn, deployment)
        changed = await _changed_since(conn, deployment, since)
    if changed is None:
        return await sync(deployment, follow_for=follow_for)
    sites = _sites_with(deployment, {*changed.accounts, *named})
    if not sites:
        return None
    leased = LeasedSync(deployment, sites, follow_for=follow_for, is_whole=False)
    report = await leased.run(
        Sync(leased, only_since=since, makers=changed.makers).work
    )
    return with_unusable(report, deployment, [site.name for site in sites])


async def _changed_since(
    conn: AsyncConnection, deployment: Deployment, since: int
) -> _Changed | None:
    """Return what has changed; None if it is too much to be told apart."""
    rows = await reader.changed_since(conn, since, limit=MOST + 1)
    if len(rows) > MOST:
        return None
    ids = sorted(id_ for id_, _ in rows)
    # An account that still shows what its producer no longer makes is concerned too.
    names = [site.name for site in deployment.sites]
    accounts = await records.accounts_of(conn, names, ids)
    makers = {maker for maker, _ in (await reader.makers_of(conn, ids)).values()} - {""}
    for site in deployment.sites:
        theirs = map(site.account_for, makers)
        accounts.update(each.key for each in theirs if each)
    return _Changed(ids, makers, accounts)


def _sites_with(deployment: Deployment, accounts: Collection[str]) -> list[Site]:
    """Return the marketplaces with those of their accounts that are concerned."""
    found = [site.without(site.accounts.keys() - accounts) for site in deployment.sites]
    return [site for site in found if site is not None]
