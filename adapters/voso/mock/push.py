"""Sign a push of Mock V as its documents describe.

When it is sent, and how often, is decided in `ocop_sync.testing.mocks.pushes`.
The signature is the hexadecimal HMAC-SHA256, under the shop's secret, of
the address that is pushed to, a bar and the body.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence

from adapters.voso.mock.rows import Event


def push_body(events: Sequence[Event]) -> bytes:
    """Return the body of a push that tells *events*."""
    return json.dumps({"EVENTS": list(events)}, ensure_ascii=False).encode()


def push_headers(secret: str, url: str, body: bytes) -> dict[str, str]:
    """Return the headers that sign *body*, pushed to *url*."""
    message = url.encode() + b"|" + body
    signature = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return {"Signature": signature}
