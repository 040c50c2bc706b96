"""Calls that may be repeated: the same Idempotency-Key gives the same answer.

As the IETF's draft (draft-ietf-httpapi-idempotency-key-header-07) has it: the same key
with another request is 422, and 409 while the first one is under way. A refusal (4xx)
frees its key, as nothing was done: the mended call may use it again. After a failure
nobody knows what was done, and the key says so instead of doing it twice. An answer
that is shown once, as it holds a secret, is not kept: the key says that it was done.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

from ocop_sync.api.typed.problem import FieldProblem, ProblemError
from ocop_sync.api.typed.problems import INVALID

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
"""The header of an answer that was given before."""

PATTERN: Final = r'^"?[A-Za-z0-9._~:+/=-]{1,128}"?$'
_KEY = re.compile(PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """A use of a key.

    Attributes:
        scope: Whose key it is.
        key: The key.
        fingerprint: The hash of the request.
    """

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """The answer of the first call with a key."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class IdempotencyKeys(Protocol):
    """Keeps keys, with their answers."""

    async def begin(self, use: KeyUse) -> KeptAnswer | None:
        """Take the key; return the answer that was given to it before, if one was.

        Raises:
            ProblemError: It was used for another request, its first call is under
                way, or nobody knows what became of that.
        """

    async def finish(self, use: KeyUse, answer: KeptAnswer | None) -> None:
        """Keep the answer; None for one that is shown once, as it holds a secret."""

    async def release(self, use: KeyUse) -> None:
        """Free the key: nothing was done."""

    async def fail(self, use: KeyUse) -> None:
        """Note that nobody knows what was done."""


def key_in(request: web.Request) -> str:
    """Return the key of a call; "" if it has none.

    Raises:
        ProblemError: It is no key.
    """
    sent = request.headers.getall(HEADER, [])
    if not sent:
        return ""
    if len(sent) > 1 or not _KEY.fullmatch(sent[0]):
        wrong = FieldProblem(
            "header",
            f"/{HEADER}",
            "not_a_key",
            "phải là 1 đến 128 chữ, số hoặc dấu . _ ~ : + / = -",
            "it must be 1 to 128 letters, digits or . _ ~ : + / = -",
        )
        raise ProblemError(INVALID, errors=[wrong])
    return sent[0].strip('"')


def fingerprint_of(request: web.Request, body: bytes) -> str:
    """Return the hash of a request: its method, address and body."""
    head = f"{request.method} {request.rel_url.raw_path_qs}\0".encode()
    return hashlib.sha256(head + body).hexdigest()
