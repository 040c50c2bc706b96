"""Sign a push of Mock P as its documents describe.

When it is sent, and how often, is decided in `ocop_sync.testing.mocks.pushes`.
The signature is the hexadecimal HMAC-SHA256, under the client secret, of
the time in seconds since 1970, the address that is pushed to and the body,
joined by full stops. Receivers take pushes that are at most five minutes old.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from adapters.postmart.mock.rows import Event

TIMESTAMP = "X-Postmart-Timestamp"
SIGNATURE = "X-Postmart-Signature"


def push_body(events: Sequence[Event]) -> bytes:
    """Return the body of a push that tells *events*."""
    return json.dumps({"events": list(events)}, ensure_ascii=False).encode()


def push_headers(
    client_secret: str, url: str, body: bytes, at: datetime
) -> dict[str, str]:
    """Return the headers that sign *body*, pushed to *url* at instant *at*."""
    stamp = str(int(at.timestamp()))
    message = b".".join((stamp.encode(), url.encode(), body))
    signature = hmac.new(client_secret.encode(), message, hashlib.sha256).hexdigest()
    return {TIMESTAMP: stamp, SIGNATURE: signature}
