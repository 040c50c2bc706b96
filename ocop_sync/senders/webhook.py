"""Notices by a webhook, signed as Standard Webhooks says (standardwebhooks.com)."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from standardwebhooks import Webhook

from ocop_sync.errors import ConfigurationError
from ocop_sync.senders.trust import trusted
from ocop_sync.service.notices.sender import Message, UndeliveredError

WITHIN_S: Final = 10.0
"""An answer must have come within so long."""

_OK: Final = range(200, 300)
_CA_FILE: Final = "webhook.ca_file"
_SECRET: Final = "webhook.secret"  # noqa: S105  (a setting's name)
_KEY_BYTES: Final = range(24, 65)
_GONE: Final = 410


class WebhookSender:
    """Sends notices to one address.

    Danger: a redirect is not followed, as it could lead a signed message anywhere, and
    of an answer only its status is looked at.

    Args:
        url: The address.
        secret: Returns the secret; asked each time, as it may change.
        ca_file: Certificates of further authorities that are believed.
    """

    name = "webhook"

    def __init__(
        self, url: str, secret: Callable[[], str], ca_file: Path | None = None
    ) -> None:
        self._url = url
        self._secret = secret
        self._ca_file = ca_file

    async def send(self, message: Message, at: datetime) -> None:
        """Send *message* at the instant *at*.

        Raises:
            UndeliveredError: It did not arrive.
        """
        body = _body(message)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "ocop-sync",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signature(message, at, body),
        }
        status = await self._post(body.encode(), headers)
        if status not in _OK:
            kind = f"HTTP {status}"
            raise UndeliveredError(kind, is_final=status == _GONE)

    def _signature(self, message: Message, at: datetime, body: str) -> str:
        try:
            key = _key_of(self._secret())
        except (ConfigurationError, ValueError):
            raise UndeliveredError(_SECRET) from None
        return Webhook(key).sign(message.id, at.astimezone(UTC), body)

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        timeout = ClientTimeout(total=WITHIN_S)
        is_secure = self._url.startswith("https:")
        ssl = trusted(self._ca_file, _CA_FILE) if is_secure else True
        try:
            async with (
                ClientSession(timeout=timeout, auto_decompress=False) as session,
                session.post(
                    self._url,
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    ssl=ssl,
                ) as answer,
            ):
                return answer.status
        except (ClientError, OSError, ValueError) as error:  # TimeoutError is OSError
            raise UndeliveredError(type(error).__name__) from None


def _key_of(secret: str) -> bytes:
    """Return the key that *secret* spells.

    Raises:
        ValueError: It is no Base64, or of another length than the standard says.
    """
    key = b64decode(secret.removeprefix("whsec_"), validate=True)
    if len(key) not in _KEY_BYTES:
        message = "a key has 24 to 64 bytes"
        raise ValueError(message)
    return key


def _body(message: Message) -> str:
    form = {
        "type": message.type,
        "timestamp": message.made_at.isoformat(timespec="seconds"),
        "data": dict(message.data),
    }
    return json.dumps(form, ensure_ascii=False)
