"""Put a deployment together: the only place that names concrete classes.

It turns settings into the parts that the use cases need: the accounts in `accounts`,
the database in `databases`.
"""

import asyncio
import gc
import os
import platform
import random
from collections.abc import (
    AsyncIterator,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import Final

from catalog.eligibility import Rules, load_rules
from catalog.places.commune import Communes, load_communes
from ocop_sync.bootstrap.accounts import (
    OpenAccounts,
    ensure_some_left,
    sites_of,
    unusable_accounts,
    usable,
)
from ocop_sync.bootstrap.databases import GARBAGE_STEPS, open_database
from ocop_sync.bootstrap.notices import senders_of
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.calls.stop import Stop
from ocop_sync.clock import Time, system_clock
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.clock_witness import ClockWitness
from ocop_sync.marketplace.stray_answers import open_session
from ocop_sync.service.decisions.budget_values import budget_of
from ocop_sync.service.deployment import Deployment, RunLimits, Site
from ocop_sync.settings import (
    SecretsOf,
    Settings,
)
from ocop_sync.settings.policies import named_by
from ocop_sync.store.db.backup_folder import BackupFolder

COMPUTER_TIME: Final = Time(clock=system_clock, seconds=monotonic, sleep=asyncio.sleep)
"""The time of a deployment that is not given another one."""


@asynccontextmanager
async def open_deployment(
    settings: Settings,
    *,
    time: Time = COMPUTER_TIME,
    needs_accounts: bool = True,
) -> AsyncIterator[Deployment]:
    """Open all that the use cases work with, and close it at the end.

    No marketplace is called. An SQLite database is made or upgraded if need be.

    Args:
        settings: The deployment's settings.
        time: The clock, and the way to wait.
        needs_accounts: Refuse settings by which no account can be used; False for
            whoever says of each of them how it is.

    Raises:
        ConfigurationError: A setting cannot be used, the database cannot be
            reached, or its tables are not those that this version needs.
        RuleFileError: A file of an eligibility rule cannot be used.
        CommuneTableError: The table of communes cannot be used.
    """
    gc.set_threshold(*GARBAGE_STEPS)
    rules = rules_of(settings)
    # A table that is wrong shows at the start, not at an import.
    communes = communes_of(settings)
    lost = unusable_accounts(settings)
    if needs_accounts:
        ensure_some_left(settings.accounts, lost)
    sites = sites_of(
        usable(settings.accounts, lost), settings.drift, file=settings.file
    )
    _ensure_long_lease(settings, sites)
    witness = ClockWitness()
    async with (
        open_database(settings) as database,
        open_session(
            lambda host, heads: witness.hear(host, heads, time.clock())
        ) as session,
    ):
        accounts = OpenAccounts(settings, session, time)
        lost |= accounts.open_all(sites)
        if needs_accounts:
            ensure_some_left(settings.accounts, lost)
        yield Deployment(
            database=database,
            rules=rules,
            communes=communes,
            sites=tuple(found for site in sites if (found := site.without(lost))),
            open=accounts.open,
            clock=time.clock,
            sleep=time.sleep,
            time=time.seconds,
            random=random.Random(),  # noqa: S311  (jitter is no secret)
            holder=f"{platform.node()}, pid {os.getpid()}",
            limits=_limits(settings),
            budget=budget_of(settings.safety),
            named_policies=named_by(settings),
            retry=RetryPolicy(**settings.retry.model_dump()),
            stop=Stop(settings.sync.stop_within_s),
            unusable=lost,
            witness=witness,
            backups=_backups(settings),
            told_by=tuple(each.name for each in senders_of(settings)),
            secrets_at={e.key: SecretsOf(e).where() for e in settings.accounts},
            concurrency={
                each.key: each.concurrency
                for each in settings.accounts
                if each.concurrency is not None
            },
        )


def _backups(settings: Settings) -> BackupFolder | None:
    database = settings.database
    if database.backup_folder is None:
        return None
    return BackupFolder(database.url, database.backup_folder, database.backups_kept)


def own_name() -> str:
    """Return the name of a worker of this computer, or container."""
    return platform.node() or "worker"


def rules_of(settings: Settings) -> Rules:
    """Load the eligibility rules as the settings ask for."""
    rules = settings.rules
    return load_rules(
        accept_published=rules.accept_published,
        extend_rest_days=rules.extend_rest_days,
        trace_hosts=rules.trace_hosts,
        folder=rules.folder,
    )


def communes_of(settings: Settings) -> Communes:
    """Load the table of the province's communes that the settings name.

    Raises:
        CommuneTableError: It cannot be read, or is wrong.
    """
    return load_communes(settings.province.communes)


def _limits(settings: Settings) -> RunLimits:
    sync, breaker = settings.sync, settings.breaker
    return RunLimits(
        slice_changes=sync.slice_changes,
        slice_time=timedelta(seconds=sync.slice_seconds),
        concurrency=sync.concurrency,
        lease_lasts=timedelta(seconds=sync.lease_s),
        read_whole_every=timedelta(hours=sync.read_whole_every_h),
        breaker_failures=breaker.failures,
        cool_down_s=breaker.cool_down_s,
    )


def _ensure_long_lease(settings: Settings, sites: Sequence[Site]) -> None:
    """Refuse a lease under which no call could be made.

    A call is made only if the lease outlasts it, and the lease is renewed when a
    third of it is over.
    """
    timeouts = [site.adapter.capabilities.method_timeout_s for site in sites]
    least_s = 2 * max(timeouts, default=0)
    if settings.sync.lease_s < least_s:
        message = (
            f"sync.lease_s: phải từ {least_s:g} giây, gấp đôi lần gọi dài nhất"
            f" / must be {least_s:g} or more, twice the longest call"
        )
        raise ConfigurationError(message)
