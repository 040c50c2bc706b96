"""An account that people work, by its key: its adapter, and the acts on it."""

from collections.abc import Mapping

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.errors import ConfigurationError, NoSuchAccountError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.by_hand import ByHand
from ocop_sync.service.deployment import Deployment


def accounts_by_hand(deployment: Deployment) -> list[Account]:
    """Return the accounts that people work, by key."""
    found = [
        account
        for site in deployment.sites
        if issubclass(site.adapter, ByHand)
        for account in site.accounts.values()
    ]
    return sorted(found, key=lambda each: each.key)


def account_by_hand(deployment: Deployment, key: str) -> Account:
    """Return an account by hand; without a *key* the only one there is.

    Raises:
        NoSuchAccountError: There is no such account by hand, or it is not clear which.
    """
    there = accounts_by_hand(deployment)
    if not key and len(there) == 1:
        return there[0]
    for each in there:
        if each.key == key:
            return each
    known = ", ".join(each.key for each in there) or "-"
    if not key:
        message = f"tài khoản nào? đang có: {known} / which account? there are: {known}"
        raise NoSuchAccountError(message)
    message = (
        f"không có tài khoản {key} do người làm; đang có: {known}"
        f" / no account {key} is worked by people; there are: {known}"
    )
    raise NoSuchAccountError(message)


def opened_by_hand(deployment: Deployment, account: Account) -> ByHand:
    """Return the adapter of an account by hand, opened."""
    opened = deployment.open(account)
    if not isinstance(opened, ByHand):  # its class was looked at before
        raise ConfigurationError(account.key)
    return opened


async def record_hand_act(
    deployment: Deployment,
    kind: str,
    by: Actor,
    account: Account,
    refs: Mapping[str, str],
) -> None:
    """Enter what *by* has done for an account into the audit."""
    done = Act(
        by=by, kind=kind, at=deployment.clock(), subjects=[account.key], refs=refs
    )
    await deployment.database.write(lambda conn: record_act(conn, done))
