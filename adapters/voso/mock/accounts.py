"""Let a test or a demonstration open accounts.

An account is one shop, and no call of the API opens one: at the marketplace a
person does. This act stands beside those of `ocop_sync.testing.mocks.staff_actions`:

    POST /_mock/shops     {code, username, password, secret}  -> {"new"}

It is idempotent by *code*.
"""

from collections.abc import Mapping

from adapters.voso.mock.state import Market
from ocop_sync.testing.mocks.staff_actions import Act, Body, text


def account_acts(market: Market) -> Mapping[str, Act]:
    """Return the act that opens accounts, by its name."""

    def open_account(body: Body) -> Body:
        code, username = text(body, "code"), text(body, "username")
        password, secret = text(body, "password"), text(body, "secret")
        new = market.open_account(
            code, username=username, password=password, secret=secret
        )
        return {"new": new}

    return {"shops": open_account}
