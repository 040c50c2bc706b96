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
from ocop_sync.pages.account_file import ACCOUNTS_FILE, ChosenAccounts
from ocop_sync.pages.account_words import (
    FEATURES,
    HEALTHS,
    Health,
    account_address,
    health_of,
    trouble_of,
)
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.filters import Filter, filter_of, narrowed_address
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import ACCOUNTS
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.queries.accounts import (
    EVERY_ACCOUNT,
    AccountFilter,
    AccountStanding,
    accounts_page,
)
from ocop_sync.service.queries.installed import installed_in

_SIZE: Final = 50
_LIST: Final = "accounts"


class AccountsQuery(Model):
    """Which accounts."""

    q: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Words of keys, marketplaces and producers."""
    state: AccountStanding | None = None
    """Only those that stand so."""
    after: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """The place of the last one of the page before."""

    @property
    def chosen(self) -> AccountFilter:
        """Return the filter that is asked for."""
        return AccountFilter(text=self.q, state=self.state)

    @property
    def narrows(self) -> bool:
        """Say whether the list is narrowed."""
        return self.chosen != EVERY_ACCOUNT

    @property
    def list_id(self) -> str:
        """Return what names this list."""
        return f"{_LIST} {self.q} {self.state}"

    def address(self, last: tuple[str, str] | None = None) -> str:
        """Return the address of the first page of this list, or of the next one."""
        chosen = self.model_dump(exclude={"after"}, exclude_defaults=True)
        if last is not None:
            chosen["after"] = write_cursor(self.list_id, last)
        return f"{ACCOUNTS}?{urlencode(chosen)}" if chosen else ACCOUNTS


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
    if address := narrowed_address(visit.request, texts=("q",)):
        return see(address)
    query, deployment = visit.query(AccountsQuery), visit.deployment
    after = None
    if query.after:
        after = read_cursor(query.after, query.list_id, tuple[str, str])
    found = await accounts_page(
        deployment, reach_of(visit.asker), after, query.chosen, size=_SIZE
    )
    shows_by = visit.asker.role in STAFF
    rows = [
        row_of(visit, account_form(each, shows_words=False, shows_by=shows_by))
        for each in found.accounts
    ]
    told = marketplaces_form(installed_in(deployment), shows_why=False)
    values = {
        "query": query,
        "rows": rows,
        "total": found.total,
        "wrong": found.troubled,
        "filters": [_filter(query)],
        "files": file_links(visit),
        "address": ACCOUNTS,
        "marketplaces": [_marketplace(visit, each) for each in told.marketplaces],
        "unusable": [each.name for each in told.unusable],
        "may_change": shows_by,
        "here": {site.name for site in deployment.sites},
        "first": query.address() if query.after else "",
        "following": query.address(found.last) if found.last else "",
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


def _filter(query: AccountsQuery) -> Filter:
    options = [(state.value, health[0]) for state, health in HEALTHS.items()]
    return filter_of("state", Text("Tình trạng", "State"), options, query.state)


PAGES: Final = (PageRoute("GET", ACCOUNTS, VIEWERS, show_accounts),)


def _chosen_of(visit: Visit) -> ChosenAccounts:
    return ChosenAccounts(
        which=visit.query(AccountsQuery).chosen,
        reach=reach_of(visit.asker),
        shows_by=visit.asker.role in STAFF,
    )


FILES: Final = list_routes(ACCOUNTS, VIEWERS, ACCOUNTS_FILE, _chosen_of)
"""The same list as files."""
