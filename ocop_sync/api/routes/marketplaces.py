"""The marketplaces that are installed, as `ocop-sync marketplaces list` shows them."""

from typing import Final

from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.context import deployment_of
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Model
from ocop_sync.service.queries.installed import Installed, installed_in

TAG: Final = "marketplaces"


class MarketplaceForm(Model):
    """A marketplace whose adapter is installed."""

    name: str
    """Its name, as it stands in addresses and filters."""
    simulated: bool
    """It is a mock: its figures are none of real sales."""
    account_per_seller: bool
    """Each producer has an account of their own there."""
    tells_sales: bool
    """Its events name sales."""
    calls_per_s: float | None
    """The calls a second that it allows; null if that is not known."""
    offers: dict[str, bool]
    """Each feature, and whether it has it."""
    accounts: int
    """The accounts that are set for it."""


class MarketplaceList(Model):
    """All marketplaces that can be used."""

    marketplaces: tuple[MarketplaceForm, ...]
    """By name."""
    unusable: tuple[str, ...]
    """The names of those whose adapter cannot be used."""


@operation(
    "GET",
    "/api/v1/marketplaces",
    summary="The installed marketplaces",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_marketplaces(call: Call) -> MarketplaceList:
    """List the marketplaces that there are adapters for, with their features."""
    found = installed_in(deployment_of(call))
    return MarketplaceList(
        marketplaces=tuple(_form(*each) for each in found.marketplaces.items()),
        unusable=tuple(sorted(found.unusable)),
    )


def _form(name: str, installed: Installed) -> MarketplaceForm:
    return MarketplaceForm(
        name=name,
        simulated=installed.simulated,
        account_per_seller=installed.account_per_seller,
        tells_sales=installed.tells_sales,
        calls_per_s=installed.calls_per_s,
        offers=dict(installed.offers),
        accounts=installed.accounts,
    )


OPERATIONS: Final = (list_marketplaces,)
