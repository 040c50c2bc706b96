"""Put a deployment together: the only place that names concrete classes.

It turns settings into the parts that the use cases need, and opens the database. SQLite
serves one computer: its tables are made and upgraded here without being asked, so that
a first start needs no command. PostgreSQL may serve several processes, not all of them
of this version: there a person upgrades, with `ocop-sync db upgrade`.
"""

import asyncio
import gc
import os
import platform
import random
from collections.abc import (
    AsyncIterator,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Final

import aiohttp
from pydantic import BaseModel

from catalog.eligibility import Rules, load_rules
from catalog.places.commune import Communes, load_communes
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.calls.stop import Stop
from ocop_sync.clock import Time, system_clock
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.engine.reasons.account_problem import TODO_UNUSABLE, todo_of
from ocop_sync.errors import ConfigurationError, StorageError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.http import open_session
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.options import OptionsError, read_options
from ocop_sync.marketplace.port import Context, Marketplace
from ocop_sync.marketplace.quota import FASTEST, Quota
from ocop_sync.marketplace.registry import available, open_marketplace, unusable
from ocop_sync.marketplace.witness import ClockWitness
from ocop_sync.service.deployment import Deployment, Options, Site, Unusable
from ocop_sync.settings import (
    AccountSettings,
    DriftSettings,
    PolicySettings,
    SecretsOf,
    Settings,
    place_of,
)
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import (
    NOT_WRITABLE,
    Tables,
    look,
    missing_file,
    unknown_tables,
    unwritable_file,
    upgrade,
)

YOUNG_OBJECTS = 50_000
"""New objects after which Python looks for garbage. An evaluation makes millions of
values and no cycles; with Python's own 700 a tenth of its time goes into looking."""

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
    gc.set_threshold(YOUNG_OBJECTS)
    rules = rules_of(settings)
    communes_of(settings)  # a table that is wrong shows at the start, not at an import
    lost = _unusable(settings)
    if needs_accounts:
        _ensure_some_left(settings.accounts, lost)
    sites = sites_of(
        _usable(settings.accounts, lost), settings.drift, file=settings.file
    )
    _ensure_long_lease(settings, sites)
    witness = ClockWitness()
    async with (
        open_database(settings) as database,
        open_session(
            lambda host, heads: witness.hear(host, heads, time.clock())
        ) as session,
    ):
        accounts = _Accounts(settings, session, time)
        lost |= accounts.open_all(sites)
        if needs_accounts:
            _ensure_some_left(settings.accounts, lost)
        yield Deployment(
            database=database,
            rules=rules,
            sites=tuple(found for site in sites if (found := site.without(lost))),
            open=accounts.open,
            clock=time.clock,
            sleep=time.sleep,
            time=time.seconds,
            random=random.Random(),  # noqa: S311  (jitter is no secret)
            holder=f"{platform.node()}, pid {os.getpid()}",
            options=_options(settings),
            budget=_budget(settings),
            retry=_retry(settings),
            stop=Stop(settings.sync.stop_within_s),
            unusable=lost,
            witness=witness,
            secrets_at={e.key: SecretsOf(e).where() for e in settings.accounts},
            concurrency={
                each.key: each.concurrency
                for each in settings.accounts
                if each.concurrency is not None
            },
        )


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database alone, for commands that need no marketplace.

    Raises:
        ConfigurationError: As for `open_deployment`.
    """
    gc.set_threshold(YOUNG_OBJECTS)
    await ensure_tables(settings.database.url)
    async with _open_database(settings.database.url) as database:
        yield database


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


def sites_of(
    accounts: Sequence[AccountSettings],
    drift: DriftSettings = DriftSettings(),  # noqa: B008  (frozen)
    *,
    file: Path | None = None,
) -> tuple[Site, ...]:
    """Return the marketplaces at which there are *accounts*, sorted by name.

    Those whose adapter is installed and cannot be used are left out, and so are
    accounts whose options are wrong.

    Args:
        accounts: The accounts.
        drift: The policy for edits there.
        file: Where the accounts were read from, if from a file.

    Raises:
        ConfigurationError: An account names an unknown marketplace, does not fit it, or
            serves a producer that another one serves already (see `_unusable`: a
            deployment leaves those out); or `drift.at` names an unknown marketplace.
    """
    adapters, failing = available(), unusable()
    for name in drift.at:
        if name not in adapters and name not in failing:
            raise _unknown_place(name, adapters)
    by_marketplace: dict[str, list[Account]] = {}
    for n, each in enumerate(accounts):
        if each.marketplace in failing:
            continue
        if each.marketplace not in adapters:
            raise _unknown_marketplace(each, adapters)
        _ensure_fits(each, adapters[each.marketplace].capabilities)
        options, wrong = _options_of(n, each, adapters[each.marketplace], file)
        if wrong:
            continue
        account = Account(
            key=each.key,
            marketplace=each.marketplace,
            base_url=each.base_url,
            seller_ref=each.seller_ref,
            options=options,
        )
        by_marketplace.setdefault(each.marketplace, []).append(account)
    for found in by_marketplace.values():
        _ensure_apart(found)
    return tuple(
        Site(name, adapters[name], found, policy=_policy(drift, name))
        for name, found in sorted(by_marketplace.items())
    )


def _unusable(settings: Settings) -> dict[str, Unusable]:
    """Return the accounts that no run can work with, by key, and why.

    One that is set up wrongly keeps no other back. Of two that would list the same
    products neither is used: nobody knows which one is meant.
    """
    failing, adapters = unusable(), available()
    lost: dict[str, Unusable] = {}
    for n, each in enumerate(settings.accounts):
        if each.marketplace in failing:
            error = ConfigurationError(failing[each.marketplace])
            lost[each.key] = _lost(each, error, of_adapter=True)
            continue
        try:
            _ensure_usable(each, settings.accounts, adapters)
            _, why = _options_of(n, each, adapters[each.marketplace], settings.file)
        except ConfigurationError as error:
            why = str(error)
        if why:
            lost[each.key] = _lost(each, ConfigurationError(why))
    return lost


def _ensure_usable(
    account: AccountSettings,
    accounts: Sequence[AccountSettings],
    adapters: Mapping[str, type[Marketplace]],
) -> None:
    if account.marketplace not in adapters:
        raise _unknown_marketplace(account, adapters)
    _ensure_fits(account, adapters[account.marketplace].capabilities)
    place = account.marketplace, account.seller_ref
    same = [o.key for o in accounts if (o.marketplace, o.seller_ref) == place]
    if len(same) > 1:
        raise _serve_the_same(same)


def _ensure_some_left(
    accounts: Sequence[AccountSettings], lost: Mapping[str, Unusable]
) -> None:
    """Refuse settings by which no account can be used.

    An adapter that cannot be is no matter of settings, and is said where it counts.
    """
    of_settings = [each for each in lost.values() if each.todo != TODO_UNUSABLE]
    if of_settings and len(lost) == len(accounts):
        raise ConfigurationError("; ".join(each.why for each in of_settings))


def _usable(
    accounts: Sequence[AccountSettings], lost: Collection[str]
) -> list[AccountSettings]:
    return [each for each in accounts if each.key not in lost]


def _lost(
    account: AccountSettings | Account,
    error: ConfigurationError,
    *,
    of_adapter: bool = False,
) -> Unusable:
    return Unusable(
        key=account.key,
        marketplace=account.marketplace,
        seller_ref=account.seller_ref,
        why=str(error),
        todo=TODO_UNUSABLE if of_adapter else todo_of(error, account.key),
    )


def _options_of(
    n: int, account: AccountSettings, adapter: type[Marketplace], file: Path | None
) -> tuple[BaseModel | None, str]:
    """Return the options of the *n*th account, and their faults, or ""."""
    try:
        return read_options(adapter, account.options), ""
    except OptionsError as error:
        place = ("accounts", n, "options")
        return None, "; ".join(
            f"{place_of((*place, *each.path), file)}: {each.vi} / {each.en}"
            for each in error.problems
        )


async def ensure_tables(url: str) -> None:
    """See to it that the database at *url* has the tables that are needed.

    Raises:
        ConfigurationError: It cannot be reached; a person must upgrade it; or
            a newer version made it.
    """
    found = await look(url)
    if found in (Tables.NONE, Tables.OLDER) and _is_sqlite(url):
        await upgrade(url)
        return
    if found is Tables.UNKNOWN:
        raise unknown_tables()
    if found is not Tables.CURRENT:
        message = (
            "cơ sở dữ liệu chưa có bảng của phiên bản này: chạy `ocop-sync db upgrade`"
            " / the database lacks this version's tables: run `ocop-sync db upgrade`"
        )
        raise ConfigurationError(message)


@asynccontextmanager
async def open_existing_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database for whoever only asks how things are.

    Raises:
        ConfigurationError: As for `ensure_there`.
    """
    await ensure_there(settings)
    async with _open_database(settings.database.url) as database:
        yield database


async def ensure_there(settings: Settings) -> None:
    """See to it that the database is there and current; make and upgrade nothing.

    For whoever only asks how things are: opening an SQLite file that is gone would
    make an empty one, which says that all is well.

    Raises:
        ConfigurationError: It is not there, cannot be reached, or its tables are
            not those of this version.
        StorageError: Nothing can be written to it: no sync works.
    """
    ensure_not_lost(settings)
    if (file := unwritable_file(settings.database.url)) is not None:
        message = f"database.url: {file}: {NOT_WRITABLE}"
        raise StorageError(message)
    found = await look(settings.database.url)
    if found is Tables.UNKNOWN:
        raise unknown_tables()
    if found is not Tables.CURRENT:
        message = (
            "cơ sở dữ liệu chưa có bảng của phiên bản này: khởi động worker, hoặc chạy"
            " `ocop-sync db upgrade` / the database lacks this version's tables: start"
            " the worker, or run `ocop-sync db upgrade`"
        )
        raise ConfigurationError(message)


def ensure_not_lost(settings: Settings) -> None:
    """See to it that the file of an SQLite database is there; make none.

    For the worker, too: whoever starts it again after its file was lost would have it
    begin with an empty one, and go on as if all were well.

    Raises:
        ConfigurationError: It is not there.
    """
    if (file := missing_file(settings.database.url)) is not None:
        message = (
            f"database.url: không có tệp {file}: phục hồi bản sao lưu, hoặc lập cơ sở"
            " dữ liệu mới bằng `ocop-sync db upgrade`"
            f" / the file {file} is not there: restore a backup, or make a new database"
            " with `ocop-sync db upgrade`"
        )
        raise ConfigurationError(message)


@asynccontextmanager
async def _open_database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


class _Accounts:
    """The opened accounts; each keeps its token and its quota between runs."""

    def __init__(
        self, settings: Settings, session: aiohttp.ClientSession, time: Time
    ) -> None:
        self._settings = {each.key: each for each in settings.accounts}
        self._longest_pause_s = settings.retry.longest_asked_s
        self._session = session
        self._time = time
        self._adapters = available()
        self._opened: dict[str, Marketplace] = {}

    def open(self, account: Account) -> Marketplace:
        """Return the opened *account*; it makes no call by itself."""
        if account.key not in self._opened:
            context = self._context(account)
            self._opened[account.key] = open_marketplace(account, context)
        return self._opened[account.key]

    def open_all(self, sites: Iterable[Site]) -> dict[str, Unusable]:
        """Open the accounts of *sites*; return those that cannot be, by key."""
        lost: dict[str, Unusable] = {}
        for site in sites:
            for account in site.accounts.values():
                try:
                    self.open(account)
                except ConfigurationError as error:
                    lost[account.key] = _lost(account, error)
        return lost

    def _context(self, account: Account) -> Context:
        settings = self._settings[account.key]
        allowed = self._adapters[account.marketplace].capabilities
        quota = Quota(
            calls_per_s=settings.calls_per_s or allowed.calls_per_s,
            burst=settings.burst or allowed.burst,
            time=self._time.seconds,
            sleep=self._time.sleep,
            longest_pause_s=self._longest_pause_s,
            fastest=1.0 if settings.calls_per_s else FASTEST,
        )
        return Context(
            clock=self._time.clock,
            quota=quota,
            session=self._session,
            secrets=SecretsOf(settings),
        )


def _options(settings: Settings) -> Options:
    sync, breaker = settings.sync, settings.breaker
    return Options(
        slice_changes=sync.slice_changes,
        slice_time=timedelta(seconds=sync.slice_seconds),
        concurrency=sync.concurrency,
        lease_lasts=timedelta(seconds=sync.lease_s),
        read_whole_every=timedelta(hours=sync.read_whole_every_h),
        breaker_failures=breaker.failures,
        cool_down_s=breaker.cool_down_s,
    )


def _budget(settings: Settings) -> Budget:
    safety = settings.safety
    return Budget(
        window=timedelta(hours=safety.window_h),
        min_changes=safety.min_changes,
        share=safety.share,
        vanished_share=safety.vanished_share,
        known_end=timedelta(days=safety.known_end_days),
        approval_lasts=timedelta(hours=safety.approval_h),
    )


def _retry(settings: Settings) -> RetryPolicy:
    retry = settings.retry
    return RetryPolicy(
        attempts=retry.attempts,
        first_wait_s=retry.first_wait_s,
        longest_wait_s=retry.longest_wait_s,
        longest_asked_s=retry.longest_asked_s,
        give_up_after_s=retry.give_up_after_s,
    )


def _policy(drift: DriftSettings, marketplace: str) -> dict[Facet, Policy]:
    """Return the policy for edits at *marketplace*, facet by facet."""
    here = drift.at.get(marketplace, PolicySettings())
    return {
        facet: Policy(getattr(here, facet.value) or getattr(drift, facet.value))
        for facet in Facet
    }


def _unknown_place(name: str, known: Iterable[str]) -> ConfigurationError:
    names = ", ".join(known) or "-"
    return ConfigurationError(
        f"drift.at.{name}: không có sàn này; đang có: {names}"
        f" / no such marketplace; known: {names}"
    )


def _unknown_marketplace(
    account: AccountSettings, known: Iterable[str]
) -> ConfigurationError:
    names = ", ".join(known) or "-"
    return ConfigurationError(
        f"tài khoản {account.key}: không có sàn {account.marketplace!r}; đang có:"
        f" {names} / account {account.key}: no such marketplace; known: {names}"
    )


def _ensure_fits(account: AccountSettings, capabilities: Capabilities) -> None:
    """Refuse an account that could list nothing."""
    if capabilities.account_per_seller == bool(account.seller_ref):
        return
    if capabilities.account_per_seller:
        vi, en = "phải ghi seller_ref: sàn này mỗi chủ thể một", "needs a seller_ref"
    else:
        vi, en = "không ghi seller_ref: sàn này chung một", "must have no seller_ref"
    message = f"tài khoản {account.key}: {vi} tài khoản / account {account.key}: {en}"
    raise ConfigurationError(message)


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


def _ensure_apart(accounts: Sequence[Account]) -> None:
    """Refuse two accounts that would list the same products."""
    seen: dict[str, str] = {}
    for account in accounts:
        other = seen.setdefault(account.seller_ref, account.key)
        if other != account.key:
            raise _serve_the_same([other, account.key])


def _serve_the_same(keys: Sequence[str]) -> ConfigurationError:
    vi, en = " và ".join(keys), " and ".join(keys)
    return ConfigurationError(
        f"tài khoản {vi} cùng phục vụ một chủ thể / accounts {en} serve the same"
    )
