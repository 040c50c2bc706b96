"""Passwords: which are accepted, and how they are kept.

They follow NIST SP 800-63B: long enough, none of the commonest, and no other rule.
They are kept by argon2id with the parameters that its library recommends, worked out in
threads, as each takes 64 MiB and a twentieth of a second.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from importlib.resources import files
from typing import Final, NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from catalog.text import is_broken
from ocop_sync.errors import PlanError
from ocop_sync.service.identity.tokens import RandomBytes

T = TypeVar("T")

SHORTEST: Final = 12
"""Characters of a password."""
LONGEST: Final = 1024
"""Bytes of a password, in UTF-8: a longer one only costs time."""
_SIDE_BY_SIDE: Final = 2
"""Passwords worked on at once: 64 MiB each."""
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of passwords that are made: none that looks like another one."""
_MADE_LENGTH: Final = 20


class Checked(NamedTuple):
    """Whether a password was right, and the hash to keep from now on, if another."""

    right: bool
    new_hash: str = ""


class Passwords:
    """Hashes and checks passwords off the event loop, few of them side by side."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._of_nobody = ""

    async def hash(self, password: str) -> str:
        """Return what is kept of *password*."""
        return await self._aside(lambda: self._hasher.hash(normal(password)))

    async def check(self, kept: str, password: str) -> Checked:
        """Compare *password* with what is kept; "" is kept of nobody.

        The answer takes the same time then: who tries names learns of none.
        """
        if not self._of_nobody:
            self._of_nobody = await self.hash("of nobody")
        if is_broken(password) or len(password.encode()) > LONGEST:
            password = ""
        return await self._aside(lambda: self._check(kept, normal(password)))

    def _check(self, kept: str, password: str) -> Checked:
        try:
            right = self._hasher.verify(kept or self._of_nobody, password)
        except (VerificationError, InvalidHashError):
            return Checked(right=False)
        if not (kept and right):
            return Checked(right=False)
        renewed = self._hasher.check_needs_rehash(kept)
        return Checked(right=True, new_hash=self._hasher.hash(password) * renewed)

    async def _aside(self, work: Callable[[], T]) -> T:
        async with self._places:
            return await asyncio.to_thread(work)


def normal(password: str) -> str:
    """Return *password* in one form, whatever keyboard has composed its accents."""
    return unicodedata.normalize("NFKC", password)


def ensure_good(password: str) -> None:
    """Do nothing if *password* may be used.

    Raises:
        PlanError: It is too short, too long or one of the commonest.
    """
    if is_broken(password):
        message = "mật khẩu có ký tự không đọc được / a character is no text"
        raise PlanError(message)
    if len(normal(password)) < SHORTEST:
        message = (
            f"mật khẩu ngắn quá: cần ít nhất {SHORTEST} ký tự, có thể là một câu"
            f" / the password is too short: at least {SHORTEST} characters, a sentence"
            " will do"
        )
        raise PlanError(message)
    if len(password.encode()) > LONGEST:
        message = (
            f"mật khẩu dài quá {LONGEST} byte / the password is longer than {LONGEST}"
            " bytes"
        )
        raise PlanError(message)
    if _is_common(password):
        message = (
            "mật khẩu này nhiều người dùng, dễ đoán: hãy chọn mật khẩu khác / many"
            " people use this password, it is easily guessed: choose another one"
        )
        raise PlanError(message)


def make_password(random_bytes: RandomBytes) -> str:
    """Return a new password that can be read out: 98 random bits."""
    letters = ""
    while len(letters) < _MADE_LENGTH:
        # Numbers above the last whole round would make the first letters likelier.
        rounds = len(_LETTERS) * (256 // len(_LETTERS))
        found = [each for each in random_bytes(_MADE_LENGTH) if each < rounds]
        letters += "".join(_LETTERS[each % len(_LETTERS)] for each in found)
    return "-".join(letters[n : n + 5] for n in range(0, _MADE_LENGTH, 5))


def _is_common(password: str) -> bool:
    folded = normal(password).casefold()
    return len(set(folded)) < _FEWEST_SIGNS or folded in _common()


_FEWEST_SIGNS: Final = 4
"""Different signs: "aaaaaaaaaaaa" and "121212121212" are in every list."""


def _common() -> frozenset[str]:
    text = files(__package__).joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())
