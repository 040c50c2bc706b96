"""The installed marketplaces, as they are shown."""

from ocop_sync.api.typed.values import Model
from ocop_sync.service.queries.installed import AllInstalled, Installed


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


class UnusableMarketplaceForm(Model):
    """A marketplace whose adapter cannot be used."""

    name: str
    """Its name."""
    why: str | None
    """Why; null over the API: the words may name files of the computer."""


class MarketplaceList(Model):
    """All marketplaces that can be used."""

    marketplaces: tuple[MarketplaceForm, ...]
    """By name."""
    unusable: tuple[UnusableMarketplaceForm, ...]
    """Those whose adapter cannot be used, by name."""


def marketplaces_form(found: AllInstalled, *, shows_why: bool) -> MarketplaceList:
    """Return the installed marketplaces as they are shown.

    With *shows_why*, for whoever sits at the computer, also why others are of no use.
    """
    return MarketplaceList(
        marketplaces=tuple(_form(*each) for each in found.marketplaces.items()),
        unusable=tuple(
            UnusableMarketplaceForm(name=name, why=why if shows_why else None)
            for name, why in sorted(found.unusable.items())
        ),
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
