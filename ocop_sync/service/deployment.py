"""All that the use cases work with: one deployment serves one province.

Concrete classes are named in `ocop_sync.bootstrap` only.
"""

import random
from collections import Counter
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Container,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Rules, Text
from catalog.places.commune import Communes
from ocop_sync.calls.activity import Activity
from ocop_sync.calls.breaker import Breaker
from ocop_sync.calls.places import Places
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.calls.stop import Stop
from ocop_sync.clock import Clock
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.engine.reasons.account_problem import TODO_UNUSABLE
from ocop_sync.engine.wanted.draft import Conditions
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    NoSuchMarketplaceError,
)
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.clock_witness import ClockWitness
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.store.db.backup_folder import BackupFolder
from ocop_sync.store.db.database import Database


async def unfenced(conn: AsyncConnection) -> None:
    """Let a run that nobody has claimed take accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """How a run goes about its work.

    Attributes:
        slice_changes: Most changes between two looks at the due work.
        slice_time: Longest time between them.
        concurrency: Most calls in flight to one account: as many are as its pace and
            its answering time ask for.
        accounts_at_once: Accounts worked on side by side.
        lease_lasts: How long a run that died keeps an account from others;
            longer than the longest call with its retries.
        read_whole_every: After that, an account is read whole again: twins,
            edits and vanished listings show, and "listed" stays proven.
        breaker_failures: Failed calls in a row after which an account rests.
        cool_down_s: How long it rests, in seconds.
    """

    slice_changes: int = 50
    slice_time: timedelta = timedelta(seconds=5)
    concurrency: int = 64
    accounts_at_once: int = 8
    lease_lasts: timedelta = timedelta(seconds=60)
    read_whole_every: timedelta = timedelta(hours=24)
    breaker_failures: int = 5
    cool_down_s: float = 30


class Site:
    """One marketplace with the accounts that we have there.

    Without a mapping, products are shown there as the adapter says.

    Attributes:
        name: Name of the marketplace.
        adapter: The class that speaks to it.
        conditions: The conditions of composing a listing.
        accounts: The accounts, by key.
        policy: The policy for facets that were edited there, as settings say.
        policies: The same as people have decided, by the key of an account; by "" for
            accounts that are none of these. Empty as long as nobody has.
    """

    def __init__(
        self,
        name: str,
        adapter: type[Marketplace],
        accounts: Sequence[Account],
        mapping: ListingMapping | None = None,
        *,
        policy: Mapping[Facet, Policy] = DEFAULT_POLICY,
        policies: Mapping[str, Mapping[Facet, Policy]] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self.adapter = adapter
        self.accounts = {account.key: account for account in accounts}
        self.policy = policy
        self.policies = policies
        self.conditions = Conditions(
            name=name,
            capabilities=adapter.capabilities,
            mapping=mapping or adapter.mapping,
            canonical=adapter.canonical,
        )
        self._by_seller = {account.seller_ref: account for account in accounts}

    @property
    def lag(self) -> timedelta:
        """Return how long a change may take to show there."""
        return timedelta(seconds=self.adapter.capabilities.visible_within_s)

    def lag_ends(self, sent_at: datetime) -> datetime:
        """Return when a change sent at *sent_at* would show if it was applied.

        A method may take longer than one call does: it waits for the quota, is tried
        again, or makes several. So it counts as sent, at the latest, when it has ended,
        or when its run may have died (`ocop_sync.store.runs.leases`); one call may
        arrive later.
        """
        time_out = timedelta(seconds=self.adapter.capabilities.call_timeout_s)
        return sent_at + self.lag + time_out

    def mapped(self, mapping: ListingMapping) -> "Site":
        """Return the same marketplace with another mapping."""
        return self._with(tuple(self.accounts.values()), mapping, self.policies)

    def with_policies(self, policies: Mapping[str, Mapping[Facet, Policy]]) -> "Site":
        """Return the same marketplace with other `policies`."""
        accounts = tuple(self.accounts.values())
        return self._with(accounts, self.conditions.mapping, policies)

    def policy_at(self, account: str) -> Mapping[Facet, Policy]:
        """Return the policy for facets that were edited at *account*."""
        return self.policies.get(account) or self.policies.get("") or self.policy

    def without(self, keys: Container[str]) -> "Site | None":
        """Return the same marketplace without accounts *keys*; None if none is left."""
        left = [each for each in self.accounts.values() if each.key not in keys]
        if len(left) == len(self.accounts):
            return self
        if not left:
            return None
        return self._with(left, self.conditions.mapping, self.policies)

    def _with(
        self,
        accounts: Sequence[Account],
        mapping: ListingMapping,
        policies: Mapping[str, Mapping[Facet, Policy]],
    ) -> "Site":
        return Site(
            self.name,
            self.adapter,
            accounts,
            mapping,
            policy=self.policy,
            policies=policies,
        )

    def account_for(self, producer_id: str | None) -> Account | None:
        """Return the account through which a producer's products are listed."""
        if self.adapter.capabilities.account_per_seller:
            return self._by_seller.get(producer_id) if producer_id else None
        return self._by_seller.get("")


@dataclass(frozen=True, slots=True)
class Unusable:
    """An account that cannot be worked with at all, and why.

    Its adapter, its settings or its options are wrong: all but the first is
    *of_settings*. Its listings are left as they are, and still count where stock is
    shared. Without a seller it serves all.
    """

    key: str
    marketplace: str
    seller_ref: str
    why: str
    todo: Text = TODO_UNUSABLE
    of_settings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """All that the use cases work with.

    Attributes:
        database: Where catalog and store live.
        rules: The eligibility rules in force.
        communes: The communes of the province; those that ship if None.
        sites: The marketplaces, sorted by name.
        open: Opens an account, once: the same object each time, so that all that
            calls it shares its pace. It makes no call by itself.
        clock: The present instant, in UTC.
        sleep: Waits for some seconds.
        time: Monotonic seconds.
        random: For jitter.
        holder: How this process names itself in leases.
        limits: How a run goes about its work.
        budget: The budget for removals without an approval, as settings say.
        budgets: The same as people have decided, by marketplace.
        named_policies: The policies that settings name, each with its marketplace, or
            "" for all; the others are as they come.
        retry: How patiently a call is repeated.
        stop: Asked before anything is begun.
        breakers: The breakers of each account that was called.
        unusable: Accounts that cannot be worked with at all, by key.
        concurrency: Most calls in flight to accounts, where not as `limits` says.
        opened_places: The places for calls to each account, once called.
        secrets_at: Where the secrets of accounts are kept, in words, by key.
        witness: How far the clock is from those of the marketplaces.
        signed_in: Accounts whose credentials are known to be good.
        retries: How many calls of each account this process has made again.
        activity: Signs of work, for whoever watches over a worker.
        told_by: The ways that notices go, by name; none where settings name none.
        backups: Where scheduled backups are kept; None where settings name no folder.
        fence: Asked in the transaction in which a run takes accounts; raises
            `ClaimLostError` where another process has the work that is carried out.
    """

    database: Database
    rules: Rules
    sites: tuple[Site, ...]
    open: Callable[[Account], Marketplace]
    clock: Clock
    sleep: Callable[[float], Awaitable[None]]
    time: Callable[[], float]
    random: random.Random
    holder: str
    limits: RunLimits = field(default_factory=RunLimits)
    budget: Budget = field(default_factory=Budget)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    named_policies: frozenset[tuple[str, str]] = frozenset()
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    stop: Stop = field(default_factory=Stop)
    breakers: dict[tuple[str, str], Breaker] = field(default_factory=dict)
    unusable: Mapping[str, Unusable] = field(default_factory=dict)
    activity: Activity = field(default_factory=Activity)
    concurrency: Mapping[str, int] = field(default_factory=dict)
    opened_places: dict[str, Places] = field(default_factory=dict)
    secrets_at: Mapping[str, str] = field(default_factory=dict)
    witness: ClockWitness = field(default_factory=ClockWitness)
    signed_in: set[str] = field(default_factory=set)
    retries: Counter[str] = field(default_factory=Counter)
    communes: Communes | None = None
    told_by: tuple[str, ...] = ()
    backups: BackupFolder | None = None
    fence: Callable[[AsyncConnection], Awaitable[None]] = unfenced

    @property
    def simulated(self) -> bool:
        """Say whether any of its marketplaces is a mock."""
        return any(site.adapter.capabilities.simulated for site in self.sites)

    def budget_at(self, marketplace: str) -> Budget:
        """Return the budget for removals at *marketplace*."""
        return self.budgets.get(marketplace, self.budget)

    def concurrency_of(self, key: str) -> int:
        """Return how many calls of account *key* may be in flight."""
        return self.concurrency.get(key, self.limits.concurrency)

    def note_call(self, key: str, error: Exception | None) -> None:
        """Remember the outcome of a call for the credentials of account *key*."""
        if error is None:
            self.signed_in.add(key)
        elif isinstance(error, AuthenticationError | ConfigurationError):
            self.signed_in.discard(key)

    def note_retry(self, key: str) -> None:
        """Count that a call of account *key* is made again."""
        self.retries[key] += 1

    def places(self, marketplace: Marketplace) -> Places:
        """Return the places for calls to an account, the same for all."""
        key, quota = marketplace.account.key, marketplace.context.quota
        known = self.opened_places.get(key)
        if known is None or known.quota is not quota:
            known = self.opened_places[key] = Places(quota, self.concurrency_of(key))
        return known

    def breaker(self, key: str, of: Literal["work", "events"] = "work") -> Breaker:
        """Return a breaker of account *key*: the same in every run.

        Events have their own, as they are asked for first: where nothing else
        fails, they would take every probe, and no withdrawal would ever go. That
        they fail counts for the other one as well.
        """
        if (key, of) not in self.breakers:
            self.breakers[key, of] = Breaker(
                failures=self.limits.breaker_failures,
                cool_down_s=self.limits.cool_down_s,
                time=self.time,
            )
        return self.breakers[key, of]

    async def pause(self, seconds: float) -> None:
        """Sleep, as long as nobody asks to stop.

        Raises:
            StoppedError: Somebody does.
        """
        self.activity.note()
        await self.stop.while_going(self.sleep(seconds))
        self.activity.note()

    def site(self, name: str) -> Site:
        """Return the marketplace *name*.

        Raises:
            ConfigurationError: No account is set for it, or its adapter cannot be
                used.
        """
        for site in self.sites:
            if site.name == name:
                return site
        for each in self.unusable_at([name]):
            raise ConfigurationError(each.why)
        known = ", ".join(site.name for site in self.sites) or "-"
        if of := self._marketplace_of(name):
            message = (
                f"{name} là một tài khoản, ở đây cần tên sàn: {of} (mọi tài khoản của"
                f" sàn đó) / {name} is an account, and the name of a marketplace is"
                f" asked for: {of} (all accounts there)"
            )
        else:
            message = (
                f"chưa có tài khoản nào ở sàn {name}; đang có: {known}"
                f" / no account at {name}; there are: {known}"
            )
        raise NoSuchMarketplaceError(message)

    def _marketplace_of(self, key: str) -> str:
        """Return at which marketplace *key* is an account; "" if it is none."""
        usable = {key: site.name for site in self.sites for key in site.accounts}
        lost = self.unusable.get(key)
        return usable.get(key, "") or (lost.marketplace if lost else "")

    def chosen(self, names: Collection[str]) -> list[Site]:
        """Return the marketplaces *names*, each once, or all if there are none.

        Those at which no account can be used are left out: see `unusable_at`.

        Raises:
            ConfigurationError: No account is set for one of them, or none of them
                can be used.
        """
        there = {site.name for site in self.sites}
        lost = {
            each.marketplace: each
            for each in self.unusable_at(names)
            if each.marketplace not in there
        }
        found = [self.site(name) for name in dict.fromkeys(names) if name not in lost]
        if not names:
            found = list(self.sites)
        if lost and not found:
            raise ConfigurationError("; ".join(each.why for each in lost.values()))
        return found

    def unusable_at(self, names: Collection[str] = ()) -> list[Unusable]:
        """Return the accounts at marketplaces *names*, or all, that are of no use."""
        return [
            each
            for each in self.unusable.values()
            if not names or each.marketplace in names
        ]

    def account(self, key: str) -> Account:
        """Return the account *key*; `KeyError` if there is none."""
        for site in self.sites:
            if key in site.accounts:
                return site.accounts[key]
        raise KeyError(key)

    def capabilities_of(self, key: str) -> Capabilities:
        """Return the capabilities of the marketplace of account *key*."""
        return self.site(self.account(key).marketplace).adapter.capabilities

    def marketplaces_of(self, producer_id: str | None) -> tuple[str, ...]:
        """Return the names of the marketplaces that offer a producer's products.

        One whose account cannot be used counts too: it goes on selling its share.
        """
        names = [site.name for site in self.sites if site.account_for(producer_id)]
        if not self.unusable:
            return tuple(names)
        names += [
            each.marketplace
            for each in self.unusable.values()
            if each.seller_ref in ("", producer_id)
        ]
        return tuple(sorted(set(names)))
