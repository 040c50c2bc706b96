"""Forms are taken from our own pages alone.

Two signs must agree: the origin that the browser states, and a token in the form that
only a page of ours could have written, as it is made of a cookie. Before a sign-in that
is a cookie of the form, after it the session's.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from aiohttp import hdrs, web

FIELD: Final = "form_token"
"""The name of the hidden field."""
_PURPOSE: Final = b"ocop-sync form"
_BYTES: Final = sha256().digest_size
_TOKEN: Final = re.compile(f"[0-9a-f]{{{4 * _BYTES}}}")
_LOCAL: Final = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
_FETCH_SITE: Final = "Sec-Fetch-Site"


def form_token(secret: str) -> str:
    """Return a token of a form; *secret* stands in a cookie of the same browser.

    It is another one each time, by a mask that stands before it.
    """
    # Danger: pages are compressed. A token that stays the same could be guessed letter
    # by letter from the length of pages that repeat what somebody else has chosen.
    mask = secrets.token_bytes(_BYTES)
    return (mask + _masked(_proof_of(secret), mask)).hex()


def _is_token_of(secret: str, token: str) -> bool:
    if not _TOKEN.fullmatch(token):
        return False
    sent = bytes.fromhex(token)
    found = _masked(sent[_BYTES:], sent[:_BYTES])
    return hmac.compare_digest(_proof_of(secret), found)


def _proof_of(secret: str) -> bytes:
    return hmac.new(secret.encode(), _PURPOSE, sha256).digest()


def _masked(proof: bytes, mask: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(proof, mask, strict=True))


@dataclass(frozen=True, slots=True)
class OwnForms:
    """Tells forms of our own pages from those of others.

    Attributes:
        public_url: The address by which people reach the service.
    """

    public_url: str

    def is_own(
        self, request: web.Request, secret: str, token: str, *, hides_origin: bool
    ) -> bool:
        """Say whether a form was sent from a page of ours, in the same browser.

        Args:
            request: The call that brings the form.
            secret: The secret in the cookie.
            token: The token in the form.
            hides_origin: The page that holds the form has `Referrer-Policy:
                no-referrer`, so that browsers state the origin "null".
        """
        if not secret or not self._origin_fits(request, hides_origin=hides_origin):
            return False
        return _is_token_of(secret, token)

    def _origin_fits(self, request: web.Request, *, hides_origin: bool) -> bool:
        # Browsers that know it cannot be made to lie here, whatever a page does.
        if request.headers.get(_FETCH_SITE, "same-origin") != "same-origin":
            return False
        origin = request.headers.get(hdrs.ORIGIN, "")
        if origin == self.public_url or (hides_origin and origin == "null"):
            return True
        return self._is_this_computer(origin, request.host)

    def _is_this_computer(self, origin: str, host: str) -> bool:
        """Say whether a page of ours was opened by another name of this computer.

        Only where the public address is one of this computer: it has several, and the
        port may be any. A name of elsewhere that leads here is none of them.
        """
        ours = self.public_url.removeprefix("http://")
        is_local = _LOCAL.fullmatch(ours) and _LOCAL.fullmatch(host)
        return is_local is not None and origin == f"http://{host}"
