"""The installed marketplaces: features, quota, and how many accounts each has."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ocop_sync.marketplace.features import features_of
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.marketplace.registry import available, unusable
from ocop_sync.service.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An installed marketplace.

    Attributes:
        simulated: It is a mock.
        account_per_seller: Each producer has an account of its own.
        tells_sales: Its events name sales.
        calls_per_s: Its quota; None if that is not known.
        offers: Each feature, and whether it has it.
        accounts: How many accounts are set.
    """

    simulated: bool
    account_per_seller: bool
    tells_sales: bool
    calls_per_s: float | None
    offers: Mapping[str, bool]
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllInstalled:
    """All adapters that are installed.

    Attributes:
        marketplaces: Those that can be used, by name.
        unusable: Why others cannot, by name.
    """

    marketplaces: Mapping[str, Installed]
    unusable: Mapping[str, str]


def described(adapter: type[Marketplace], accounts: int) -> Installed:
    """Return the marketplace of *adapter*, with *accounts* accounts."""
    can = adapter.capabilities
    return Installed(
        simulated=can.simulated,
        account_per_seller=can.account_per_seller,
        tells_sales=can.tells_sales,
        calls_per_s=can.calls_per_s,
        offers=features_of(can),
        accounts=accounts,
    )


def all_installed(marketplaces_of_accounts: Collection[str]) -> AllInstalled:
    """Return all adapters, and count the accounts by the marketplace of each."""
    accounts = Counter(marketplaces_of_accounts)
    return AllInstalled(
        marketplaces={
            name: described(adapter, accounts[name])
            for name, adapter in available().items()
        },
        unusable=unusable(),
    )


def installed_in(deployment: Deployment) -> AllInstalled:
    """Return all adapters, and count the accounts that *deployment* has at each."""
    accounts = [site.name for site in deployment.sites for _ in site.accounts]
    lost = [each.marketplace for each in deployment.unusable.values()]
    return all_installed([*accounts, *lost])
