"""Believe a push only if Postmart signed it, and lately.

The signature is the hexadecimal HMAC-SHA256, under the client secret, of the
time, the address that was pushed to and the body, joined by full stops.
"""

import hashlib
import hmac
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adapters.postmart.results import Pushed
from adapters.postmart.wire import parse
from ocop_sync.errors import AuthenticationError
from ocop_sync.marketplace.reply import Reply

_LONGEST_AGE_S: Final = 300


def ensure_signed(
    secret: str, url: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Check the signature of a push to *url*.

    Raises:
        AuthenticationError: It is missing or wrong, or more than five minutes
            older or newer than *now*.
    """
    by_name = {name.lower(): value for name, value in headers.items()}
    stamp = by_name.get("x-postmart-timestamp", "")
    given = by_name.get("x-postmart-signature", "")
    # Headers may hold bytes that are no UTF-8: nobody has signed those.
    time = stamp.encode(errors="replace")
    message = b".".join((time, url.encode(), body))
    right = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), given.encode(errors="replace")):
        raise _not_believed()
    age_s = now.timestamp() - int(stamp) if stamp.isdecimal() else math.inf
    if abs(age_s) > _LONGEST_AGE_S:
        raise _not_believed()


def read(body: bytes) -> Pushed:
    """Return the content of a push.

    Raises:
        ProtocolError: It cannot be read.
    """
    reply = Reply(status=200, headers={}, body=body, call="push", write=False)
    return parse(Pushed, reply)


def _not_believed() -> AuthenticationError:
    return AuthenticationError("push: chữ ký sai hoặc quá cũ / wrong or old signature")
