"""The accounts for people at a distance: how each stands, without words of others.

Danger: the words of an error may name a base address, or where a secret is kept, and
so may the advice that a run has stored. Here is the kind of an error, and advice that
names neither; `ocop-sync status` has the words, for whoever runs the service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from catalog.db.reader import names_of
from catalog.model.reach import Reach
from catalog.text import fold
from ocop_sync.marketplace.registry import available
from ocop_sync.service.decisions.account_reach import ensure_reached, sellers_within
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.account_status import AccountStatus, account_statuses

Place = tuple[str, str]
"""Marketplace and key of an account: its place among all."""


class Unfit(StrEnum):
    """Why an account cannot be worked with at all."""

    SETTINGS = "settings"
    """Its settings or its options are wrong."""
    ADAPTER = "adapter"
    """The adapter of its marketplace cannot be used."""


class AccountStanding(StrEnum):
    """How an account stands, by the gravest that holds, the gravest first."""

    UNUSABLE = "unusable"
    """It cannot be worked with at all."""
    FAILING = "failing"
    """Its runs fail."""
    PAUSED = "paused"
    """Nothing is written there: a person has said so."""
    CHANGES_FAIL = "changes_fail"
    """It works, though changes of its last run came to nothing."""
    UNREAD = "unread"
    """Nothing is written before it is read whole, as a backup was put back."""
    NEVER_RUN = "never_run"
    """No run has ended there yet."""
    OLD = "old"
    """Its figures may be old."""
    WELL = "well"


TROUBLED: Final = frozenset({AccountStanding.UNUSABLE, AccountStanding.FAILING})
"""How an account stands at which nothing can be done any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts; what is left out narrows nothing.

    Attributes:
        text: Words, each of which stands in the account's key, in its marketplace's
            name, or in code or name of its producer, whatever accents and case.
        state: How they stand.
    """

    text: str = ""
    state: AccountStanding | None = None


EVERY_ACCOUNT: Final = AccountFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """One account, and how it stands.

    Attributes:
        status: How it stands; its words are for whoever runs the service.
        simulated: Its marketplace is a mock; None if its adapter cannot tell.
        seller: Id of the one producer that it serves; "" if it serves all.
        unfit: Why it cannot be worked with at all; None if it can.
        as_of: The instant of all this, in UTC.
        read_age: How old a read there may be, where people carry its lists to us; None
            where reads are of now.
    """

    status: AccountStatus
    simulated: bool | None
    seller: str
    unfit: Unfit | None
    as_of: datetime
    read_age: timedelta | None = None

    @property
    def place(self) -> Place:
        """Return its place among all."""
        return self.status.marketplace, self.status.key

    @property
    def may_be_old(self) -> bool:
        """Say whether its figures may be old."""
        return self.status.may_be_old(self.as_of)

    @property
    def state(self) -> AccountStanding:
        """Return how it stands, by the gravest that holds."""
        status = self.status
        fails = status.failing_since is not None and not status.only_changes_fail
        for holds, state in (
            (self.unfit is not None, AccountStanding.UNUSABLE),
            (fails, AccountStanding.FAILING),
            (status.pause is not None, AccountStanding.PAUSED),
            (status.only_changes_fail, AccountStanding.CHANGES_FAIL),
            (status.restored_at is not None, AccountStanding.UNREAD),
            (status.last_run is None, AccountStanding.NEVER_RUN),
            (self.may_be_old, AccountStanding.OLD),
        ):
            if holds:
                return state
        return AccountStanding.WELL


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage:
    """Some accounts, by marketplace and key.

    Attributes:
        accounts: The accounts.
        last: Marketplace and key of the last one; None if no more follow.
        total: How many are meant in all.
        troubled: How many of all within reach are of no use now, meant or not.
    """

    accounts: Sequence[AccountSeen]
    last: Place | None
    total: int
    troubled: int


async def accounts_page(
    deployment: Deployment,
    reach: Reach,
    after: Place | None,
    chosen: AccountFilter = EVERY_ACCOUNT,
    *,
    size: int,
) -> AccountsPage:
    """Return the *size* accounts within *reach* behind *after*; None for the first."""
    every = await accounts_seen(deployment, reach)
    words = fold(chosen.text).split()
    names = await _names_of(deployment, every) if words else {}
    meant = [
        each
        for each in every
        if chosen.state in {None, each.state} and _has(each, words, names)
    ]
    behind = [each for each in meant if after is None or each.place > after]
    shown = behind[:size]
    return AccountsPage(
        accounts=shown,
        last=shown[-1].place if len(behind) > size else None,
        total=len(meant),
        troubled=sum(each.state in TROUBLED for each in every),
    )


async def _names_of(
    deployment: Deployment, accounts: Sequence[AccountSeen]
) -> Mapping[str, str]:
    """Return the names of the producers of accounts, by their codes."""
    sellers = sorted({each.seller for each in accounts if each.seller})
    return await deployment.database.fetch(names_of, sellers)


def _has(each: AccountSeen, words: Sequence[str], names: Mapping[str, str]) -> bool:
    name = names.get(each.seller, "")
    of = fold(f"{each.status.key} {each.status.marketplace} {each.seller} {name}")
    return all(word in of for word in words)


async def accounts_seen(deployment: Deployment, reach: Reach) -> list[AccountSeen]:
    """Return the accounts within *reach*, by marketplace and key."""
    return await _seen(deployment, sellers_within(deployment, reach))


async def _seen(
    deployment: Deployment, sellers: Mapping[str, str]
) -> list[AccountSeen]:
    """Return some accounts, each with the one producer that it serves."""
    now = deployment.clock()
    return [
        AccountSeen(
            status=each,
            simulated=_is_simulated(deployment, each),
            seller=sellers[each.key],
            unfit=_unfit(deployment, each.key),
            as_of=now,
            read_age=_read_age(deployment, each),
        )
        for each in await account_statuses(deployment, sellers)
    ]


async def account_seen(deployment: Deployment, key: str, reach: Reach) -> AccountSeen:
    """Return the account *key*.

    Raises:
        NoSuchAccountError: There is none within *reach*.
    """
    ensure_reached(deployment, key, reach)
    of = sellers_within(deployment, reach)[key]
    (found,) = await _seen(deployment, {key: of})
    return found


def _is_simulated(deployment: Deployment, account: AccountStatus) -> bool | None:
    for site in deployment.sites:
        if account.key in site.accounts:
            return site.adapter.capabilities.simulated
    adapter = available().get(account.marketplace)
    return None if adapter is None else adapter.capabilities.simulated


def _read_age(deployment: Deployment, account: AccountStatus) -> timedelta | None:
    for site in deployment.sites:
        if account.key in site.accounts:
            can = site.adapter.capabilities
            return can.read_age if can.has_old_reads else None
    return None


def _unfit(deployment: Deployment, key: str) -> Unfit | None:
    lost = deployment.unusable.get(key)
    if lost is None:
        return None
    return Unfit.SETTINGS if lost.of_settings else Unfit.ADAPTER
