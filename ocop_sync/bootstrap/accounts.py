"""Which accounts a deployment has, which of them are of no use and why.

One that is set up wrongly keeps no other back.
"""

from collections.abc import (
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from pathlib import Path

import aiohttp
from pydantic import BaseModel

from ocop_sync.clock import Time
from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.engine.reasons.account_problem import TODO_UNUSABLE, todo_of
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.options import OptionsError, read_options
from ocop_sync.marketplace.port import Context, Marketplace
from ocop_sync.marketplace.quota import FASTEST, Quota
from ocop_sync.marketplace.registry import available, open_marketplace, unusable
from ocop_sync.service.deployment import Site, Unusable
from ocop_sync.settings import (
    AccountSettings,
    DriftSettings,
    PolicySettings,
    SecretsOf,
    Settings,
    setting_path,
)


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
            serves a producer that another one serves already (a deployment leaves
            those out: see `unusable_accounts`); or `drift.at` names an unknown
            marketplace.
    """
    adapters, failing = available(), unusable()
    for name in drift.at:
        if name not in adapters and name not in failing:
            raise _unknown_place(name, adapters)
    by_marketplace: dict[str, list[Account]] = {}
    for n, each in enumerate(accounts):
        if each.marketplace in failing:
            continue
        _ensure_usable(each, accounts, adapters)
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
    return tuple(
        Site(name, adapters[name], found, policy=_policy(drift, name))
        for name, found in sorted(by_marketplace.items())
    )


def unusable_accounts(settings: Settings) -> dict[str, Unusable]:
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
    _ensure_apart(account, accounts)


def ensure_some_left(
    accounts: Sequence[AccountSettings], lost: Mapping[str, Unusable]
) -> None:
    """Refuse settings by which no account can be used.

    An adapter that cannot be used is no fault of the settings: it alone is no reason
    to refuse them.
    """
    of_settings = [each for each in lost.values() if each.of_settings]
    if of_settings and len(lost) == len(accounts):
        raise ConfigurationError("; ".join(each.why for each in of_settings))


def usable(
    accounts: Sequence[AccountSettings], lost: Collection[str]
) -> list[AccountSettings]:
    """Return *accounts* without those that are *lost*."""
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
        of_settings=not of_adapter,
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
            f"{setting_path((*place, *each.path), file)}: {each.vi} / {each.en}"
            for each in error.problems
        )


class OpenAccounts:
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


def _ensure_apart(
    account: AccountSettings, accounts: Sequence[AccountSettings]
) -> None:
    """Refuse an account that would list the same products as another one."""
    place = account.marketplace, account.seller_ref
    keys = [o.key for o in accounts if (o.marketplace, o.seller_ref) == place]
    if len(keys) > 1:
        message = (
            f"tài khoản {' và '.join(keys)} cùng phục vụ một chủ thể"
            f" / accounts {' and '.join(keys)} serve the same"
        )
        raise ConfigurationError(message)
