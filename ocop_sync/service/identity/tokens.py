"""Tokens: random texts that prove something by themselves.

Only their SHA-256 is stored. A slow hash would protect no better: nobody can try 256
random bits, or the 160 of a key, and each call would wait for it. A password has far
fewer, and gets one (`ocop_sync.service.identity.passwords`).
"""

import hashlib
import re
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final

RandomBytes = Callable[[int], bytes]
"""Returns so many random bytes that nobody can guess."""

_TOKEN_BYTES: Final = 32
_KEY: Final = re.compile(r"(ocop_[a-z2-7]{8})_([a-z2-7]{32})")
_KEY_ID_BYTES: Final = 5
_KEY_SECRET_BYTES: Final = 20
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token(random_bytes: RandomBytes) -> str:
    """Return a new token of 256 random bits, fit for an address and a cookie."""
    return urlsafe_b64encode(random_bytes(_TOKEN_BYTES)).rstrip(b"=").decode()


def is_token(text: str) -> bool:
    """Say whether *text* has the form of a token, before it is looked for."""
    return _TOKEN.fullmatch(text) is not None


def new_key(random_bytes: RandomBytes) -> str:
    """Return a new key: its visible id, and 160 random bits.

    It has lower letters and digits alone, so that it can be read out and typed.
    """
    key_id = f"ocop_{_letters(random_bytes, _KEY_ID_BYTES)}"
    return f"{key_id}_{_letters(random_bytes, _KEY_SECRET_BYTES)}"


def key_id_of(key: str) -> str | None:
    """Return the visible id of *key*; None if it has not the form of one."""
    found = _KEY.fullmatch(key)
    return found[1] if found else None


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _letters(random_bytes: RandomBytes, size: int) -> str:
    return b32encode(random_bytes(size)).decode().lower()
