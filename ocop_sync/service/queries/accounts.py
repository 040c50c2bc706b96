"""The accounts for people at a distance: how each stands, without words of others.

Danger: the words of an error may name a base address, or where a secret is kept, and
so may the advice that a run has stored. Here is the kind of an error, and advice that
names neither; `ocop-sync status` has the words, for whoever runs the service.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.model.reach import Reach
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """One account, and how it stands.

    Attributes:
        status: How it stands; its words are for whoever runs the service.
        simulated: Its marketplace is a mock; None if its adapter cannot tell.
        seller: Id of the one producer that it serves; "" if it serves all.
        unfit: Why it cannot be worked with at all; None if it can.
        as_of: The instant of all this, in UTC.
    """

    status: AccountStatus
    simulated: bool | None
    seller: str
    unfit: Unfit | None
    as_of: datetime

    @property
    def may_be_old(self) -> bool:
        """Say whether its figures may be old."""
        return self.status.may_be_old(self.as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage:
    """Some accounts, by marketplace and key.

    Attributes:
        accounts: The accounts.
        last: Marketplace and key of the last one; None if no more follow.
    """

    accounts: Sequence[AccountSeen]
    last: Place | None


async def accounts_page(
    deployment: Deployment, reach: Reach, after: Place | None, *, size: int
) -> AccountsPage:
    """Return the *size* accounts within *reach* behind *after*; None for the first."""
    reached = sellers_within(deployment, reach)
    places = sorted(each for each in _places(deployment) if each[1] in reached)
    behind = [each for each in places if after is None or each > after]
    shown = behind[:size]
    found = await _seen(deployment, {key: reached[key] for _, key in shown})
    last = shown[-1] if len(behind) > size else None
    return AccountsPage(accounts=found, last=last)


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


def _places(deployment: Deployment) -> Iterator[Place]:
    for site in deployment.sites:
        yield from ((site.name, key) for key in site.accounts)
    for key, each in deployment.unusable.items():
        yield each.marketplace, key


def _is_simulated(deployment: Deployment, account: AccountStatus) -> bool | None:
    for site in deployment.sites:
        if account.key in site.accounts:
            return site.adapter.capabilities.simulated
    adapter = available().get(account.marketplace)
    return None if adapter is None else adapter.capabilities.simulated


def _unfit(deployment: Deployment, key: str) -> Unfit | None:
    lost = deployment.unusable.get(key)
    if lost is None:
        return None
    return Unfit.SETTINGS if lost.of_settings else Unfit.ADAPTER
