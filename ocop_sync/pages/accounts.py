"""The marketplaces and the accounts there: how each stands, in words.

It is the list of `ocop-sync status` and of the API. No marketplace is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import STAFF, VIEWERS
from ocop_sync.api.forms.accounts import AccountForm, account_form
from ocop_sync.api.forms.marketplaces import MarketplaceForm, marketplaces_form
from ocop_sync.api.typed.cursor import read_cursor, write_cursor
from ocop_sync.api.typed.values import Model
from ocop_sync.pages.account_words import (
    FEATURES,
    Health,
    account_address,
    health_of,
    trouble_of,
)
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import ACCOUNTS
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.queries.accounts import accounts_page
from ocop_sync.service.queries.installed import installed_in

_SIZE: Final = 50
_LIST: Final = "accounts"


class AccountsQuery(Model):
    """Which accounts."""

    after: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """The place of the last one of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account of the list: itself, where, how it stands, and why it fails."""

    account: AccountForm
    href: str
    place: Text
    health: Health
    trouble: tuple[Text, Text] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketplaceRow:
    """A marketplace: itself, what people call it, what it offers and lacks."""

    marketplace: MarketplaceForm
    place: Text
    offers: Sequence[Text]
    lacks: Sequence[Text]


async def show_accounts(visit: Visit) -> web.Response:
    """Show the marketplaces, and the accounts within reach."""
    query, deployment = visit.query(AccountsQuery), visit.deployment
    after = read_cursor(query.after, _LIST, tuple[str, str]) if query.after else None
    found = await accounts_page(deployment, reach_of(visit.asker), after, size=_SIZE)
    shows_by = visit.asker.role in STAFF
    rows = [
        row_of(visit, account_form(each, shows_words=False, shows_by=shows_by))
        for each in found.accounts
    ]
    told = marketplaces_form(installed_in(deployment), shows_why=False)
    following = ""
    if found.last is not None:
        chosen = {"after": write_cursor(_LIST, found.last)}
        following = f"{ACCOUNTS}?{urlencode(chosen)}"
    values = {
        "rows": rows,
        "wrong": sum(each.health[1] == "wrong" for each in rows),
        "marketplaces": [_marketplace(visit, each) for each in told.marketplaces],
        "unusable": [each.name for each in told.unusable],
        "may_change": shows_by,
        "here": {site.name for site in deployment.sites},
        "first": ACCOUNTS if query.after else "",
        "following": following,
    }
    simulated = any(each.simulated for each in told.marketplaces)
    return visit.page("accounts.html", simulated=simulated, values=values)


def row_of(visit: Visit, account: AccountForm) -> AccountRow:
    """Return an account in sentences."""
    return AccountRow(
        account=account,
        href=account_address(account.key),
        place=place_words(visit.deployment, account.marketplace),
        health=health_of(account),
        trouble=trouble_of(account),
    )


def _marketplace(visit: Visit, found: MarketplaceForm) -> MarketplaceRow:
    known = [(name, has) for name, has in found.offers.items() if name in FEATURES]
    return MarketplaceRow(
        marketplace=found,
        place=place_words(visit.deployment, found.name),
        offers=[FEATURES[name] for name, has in known if has],
        lacks=[FEATURES[name] for name, has in known if not has],
    )


PAGES: Final = (PageRoute("GET", ACCOUNTS, VIEWERS, show_accounts),)
