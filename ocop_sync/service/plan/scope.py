"""What a plan is of: everything that a sync would do, or a part of that.

What is named of several things has to be true together: of two accounts and one product
those changes are planned that are of this product, at either account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from ocop_sync.errors import NoSuchAccountError, PlanError
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.case import Case

MOST_NAMED: Final = 200
"""Accounts, or products, that a plan may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScope:
    """What a plan is of; what is empty leaves nothing out.

    Attributes:
        marketplaces: Names of marketplaces.
        accounts: Keys of accounts.
        products: Ids of products; of sellers only those that a listing of theirs
            waits for.
        facets: Changes of listings that are there, and of these parts of them: none is
            created, withdrawn or put back, and no seller is changed.
    """

    marketplaces: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    facets: tuple[Facet, ...] = ()

    @property
    def is_narrow(self) -> bool:
        """Say whether it leaves out changes at its marketplaces."""
        return bool(self.accounts or self.products or self.facets)

    def has_account(self, key: str) -> bool:
        """Say whether changes at an account are in it."""
        return not self.accounts or key in self.accounts

    def has_change(self, account: str, kind: Kind) -> bool:
        """Say whether a change of a listing is in it, the product left aside."""
        of_a_facet = not self.facets or FACET_OF.get(kind) in self.facets
        return of_a_facet and self.has_account(account)

    def has_case(self, case: Case) -> bool:
        """Say whether a product may have changes in it at a marketplace."""
        places = {each.account for each in case.evaluation.everywhere}
        return any(map(self.has_account, places | {case.record.state.account}))

    def has_seller(self, account: str, *, is_needed: bool) -> bool:
        """Say whether a change of a seller is in it."""
        if self.facets or (self.products and not is_needed):
            return False
        return self.has_account(account)

    def only(self, sites: Sequence[Site]) -> Mapping[str, Sequence[str]] | None:
        """Return the products to be looked at, by marketplace; None for all."""
        if not self.products:
            return None
        return {site.name: self.products for site in sites}

    def json_form(self) -> dict[str, list[str]]:
        """Return what narrows it, as JSON's values."""
        return {
            "accounts": list(self.accounts),
            "products": list(self.products),
            "facets": [each.value for each in self.facets],
        }


EVERYTHING: Final = PlanScope()


def sites_of(deployment: Deployment, scope: PlanScope) -> list[Site]:
    """Return the marketplaces that a plan is of, and at which an account can be used.

    Raises:
        ConfigurationError: No account is set for one of them, or none can be used.
        NoSuchAccountError, PlanError: As of `names_of`.
    """
    return deployment.chosen(names_of(deployment, scope))


def names_of(deployment: Deployment, scope: PlanScope) -> Sequence[str]:
    """Return the names of the marketplaces that a plan is of; none for all.

    Raises:
        NoSuchAccountError: There is no such account.
        PlanError: An account is at none of the marketplaces that are named, or too much
            is named.
    """
    for named in (scope.accounts, scope.products):
        if len(named) > MOST_NAMED:
            message = f"nhiều nhất {MOST_NAMED} tên / {MOST_NAMED} names at most"
            raise PlanError(message)
    if not scope.accounts:
        return scope.marketplaces
    places = {key: site.name for site in deployment.sites for key in site.accounts}
    places |= {key: lost.marketplace for key, lost in deployment.unusable.items()}
    if unknown := [key for key in scope.accounts if key not in places]:
        names = ", ".join(unknown)
        message = f"không có tài khoản {names} / there is no account {names}"
        raise NoSuchAccountError(message)
    for key in scope.accounts:
        if scope.marketplaces and places[key] not in scope.marketplaces:
            message = (
                f"{key} là tài khoản ở {places[key]}, không ở các sàn đã nêu / {key} is"
                f" an account at {places[key]}, and at none of the marketplaces named"
            )
            raise PlanError(message)
    return [*dict.fromkeys(places[key] for key in scope.accounts)]


async def ensure_there(conn: AsyncConnection, scope: PlanScope) -> None:
    """See to it that the catalog has the products that a plan is of.

    Raises:
        PlanError: It lacks some.
    """
    found = await reader.get(conn, scope.products) if scope.products else {}
    if missing := [each for each in scope.products if each not in found]:
        names = ", ".join(missing)
        message = f"không có sản phẩm {names} / there is no product {names}"
        raise PlanError(message)
