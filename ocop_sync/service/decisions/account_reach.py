"""The accounts that somebody may reach: all, or those of single producers."""

from collections.abc import Mapping

from catalog.model.reach import Reach
from ocop_sync.errors import NoSuchAccountError
from ocop_sync.service.deployment import Deployment


def sellers_within(deployment: Deployment, reach: Reach) -> Mapping[str, str]:
    """Return the one producer that each account serves, by key; "" if it serves all.

    Within the reach of single producers are the accounts that serve one of them alone.
    """
    sellers = {
        key: account.seller_ref
        for site in deployment.sites
        for key, account in site.accounts.items()
    }
    sellers |= {key: each.seller_ref for key, each in deployment.unusable.items()}
    return {key: of for key, of in sellers.items() if reach.holds(of or None)}


def ensure_reached(deployment: Deployment, key: str, reach: Reach) -> None:
    """Do nothing if there is an account *key* within *reach*.

    Raises:
        NoSuchAccountError: There is none.
    """
    if key not in sellers_within(deployment, reach):
        message = f"không có tài khoản {key} / there is no account {key}"
        raise NoSuchAccountError(message)
