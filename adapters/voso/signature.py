"""Sign calls to Voso and check the signatures of Voso.

Both are hexadecimal HMAC-SHA256 under the account's secret: of a call, over its
path, the time in milliseconds and the very bytes of its body; of a push, over
the address it was sent to, a bar and the bytes of its body.
"""

import hmac


def sign_call(secret: str, path: str, timestamp_ms: int, body: bytes) -> str:
    """Return the `Signature` header of a call; *path* begins with "/"."""
    return _digest(secret, b"%b%d%b" % (path.encode(), timestamp_ms, body))


def is_push_signed(secret: str, url: str, body: bytes, signature: str) -> bool:
    """Tell whether *signature* is Voso's for a push; takes the same time always."""
    expected = _digest(secret, b"%b|%b" % (url.encode(), body))
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))


def _digest(secret: str, message: bytes) -> str:
    return hmac.digest(secret.encode(), message, "sha256").hex()
