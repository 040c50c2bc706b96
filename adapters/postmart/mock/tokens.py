"""Give out and check the bearer tokens of Mock P (OAuth2, client credentials).

Tokens are not kept in the mock's file: after a restart a client signs in again.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from adapters.postmart.mock.refusal import RefusalError, problem, unauthorized

LIFETIME_S = 3_600


class Tokens:
    """The tokens that are good at present."""

    def __init__(
        self, now: Callable[[], datetime], client_id: str, client_secret: str
    ) -> None:
        self._now = now
        self._client = f"{client_id}\n{client_secret}".encode()
        self._ends: dict[str, datetime] = {}

    def issue(self, form: Mapping[str, object]) -> dict[str, object]:
        """Return a new token for the client that *form* names."""
        if form.get("grant_type") != "client_credentials":
            message = "grant_type phải là client_credentials."
            raise RefusalError(400, problem("unsupported_grant_type", message))
        client = f"{form.get('client_id')}\n{form.get('client_secret')}".encode()
        if not hmac.compare_digest(client, self._client):
            message = "Sai client_id hoặc client_secret."
            raise RefusalError(401, problem("invalid_client", message))
        now = self._now()
        self._ends = {token: end for token, end in self._ends.items() if end > now}
        token = secrets.token_urlsafe(24)
        self._ends[token] = now + timedelta(seconds=LIFETIME_S)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": LIFETIME_S,
        }

    def end_all(self) -> None:
        """Let every token run out at once."""
        self._ends.clear()

    def ensure_good(self, authorization: str) -> None:
        """Refuse a call whose Authorization header holds no good token."""
        scheme, _, token = authorization.partition(" ")
        end = self._ends.get(token)
        if scheme != "Bearer" or end is None or end <= self._now():
            raise unauthorized()
