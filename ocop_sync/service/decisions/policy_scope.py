"""What a policy is for, by the names that people and addresses use."""

from ocop_sync.errors import (
    ConfigurationError,
    NoSuchAccountError,
    NoSuchMarketplaceError,
    PlanError,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions.policies import Scope


def scope_of(deployment: Deployment, marketplace: str, account: str) -> Scope:
    """Return the scope of an account, of a marketplace, or of all if both are "".

    Raises:
        NoSuchAccountError: There is no such account.
        NoSuchMarketplaceError: There is no account at such a marketplace.
        PlanError: The account, or its marketplace, cannot be used as it is set.
    """
    if not account:
        if marketplace:
            _ensure_there(deployment, marketplace)
        return Scope(marketplace)
    if account in deployment.unusable:
        message = (
            f"tài khoản {account} chưa dùng được: sửa thiết lập trước / account"
            f" {account} cannot be used: put its settings right first"
        )
        raise PlanError(message)
    try:
        return Scope(deployment.account(account).marketplace, account)
    except KeyError:
        message = f"không có tài khoản {account} / there is no account {account}"
        raise NoSuchAccountError(message) from None


def _ensure_there(deployment: Deployment, marketplace: str) -> None:
    if any(site.name == marketplace for site in deployment.sites):
        return
    try:
        deployment.site(marketplace)
    except ConfigurationError as error:
        if deployment.unusable_at([marketplace]):
            # Danger: why it cannot be used may name an address or a file of a secret.
            message = (
                f"sàn {marketplace} chưa dùng được: sửa thiết lập trước / marketplace"
                f" {marketplace} cannot be used: put its settings right first"
            )
            raise PlanError(message) from error
        raise NoSuchMarketplaceError(str(error)) from error
