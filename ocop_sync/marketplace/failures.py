"""Tell the outcome of a call that failed: the error that the port names, and its words.

No message or cause holds a header, a query or an address. When a call is made, and how
its answer is read, is decided in `http`.
"""

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime

import aiohttp

from ocop_sync.errors import (
    CallRefusedError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
    UnreachableError,
)
from ocop_sync.marketplace.error_text import LOOKED_AT, error_text_of

_LONGEST_RETRY_AFTER_S = 3600.0
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_TOO_LARGE = frozenset({413, 414, 431})
"""Statuses of a call that is too large to be taken in, whoever says so."""
_WORDS_WITHIN_S = 1.0
"""How long the words of a failure are waited for: its status says enough."""


def is_failure(response: aiohttp.ClientResponse, *, write: bool) -> bool:
    """Say whether an answer is none that an adapter interprets."""
    status = response.status
    is_failure = 300 <= status < 400 or status == 429 or status >= 500  # noqa: PLR2004
    return is_failure or _is_packed(response) or (write and status in _TOO_LARGE)


def _is_packed(response: aiohttp.ClientResponse) -> bool:
    encoding = response.headers.get("Content-Encoding", "identity")
    return encoding.strip().lower() != "identity"


async def words_of_failure(
    response: aiohttp.ClientResponse, hidden: Sequence[str]
) -> str:
    """Return the text of a failure, as far as it comes at once; "" if it does not."""
    if _is_packed(response):
        return ""
    body = b""
    with suppress(aiohttp.ClientError, OSError):  # a time-out is an `OSError`, too
        async with asyncio.timeout(_WORDS_WITHIN_S):
            while len(body) < LOOKED_AT and not response.content.at_eof():
                body += await response.content.readany()
    return error_text_of(body, hidden)


def failure_told(
    response: aiohttp.ClientResponse, call: str, words: str, *, write: bool
) -> MarketplaceError:
    """Return the error for a failed call, with the marketplace's *words*."""
    status, headers = response.status, response.headers
    said = quoted(f"HTTP {status}", words)
    if status == 429:  # noqa: PLR2004 - the number is the name
        why = f"{call}: vượt hạn mức / over the quota ({said})"
        return RateLimitedError(why, retry_after=_retry_after(headers))
    if write and status in _TOO_LARGE:
        why = f"{call}: lời gọi quá lớn / the call is too large ({said})"
        return CallRefusedError(why, code=f"http_{status}")
    if status >= 500:  # noqa: PLR2004 - the number is the name
        if write:
            return lost(call, said)
        why = f"{call}: sàn báo lỗi / the marketplace failed ({said})"
        return UnavailableError(why, retry_after=_retry_after(headers))
    if 300 <= status < 400:  # noqa: PLR2004 - the number is the name
        why = f"bị chuyển hướng / redirected ({said})"
        return unreadable(call, why, write=write)
    why = "câu trả lời bị nén / answer is compressed"
    return unreadable(call, why, write=write)


def quoted(what: str, words: str) -> str:
    """Return *what* with the marketplace's own *words* behind it."""
    return f"{what}: «{words}»" if words else what


def failure(call: str, error: Exception, *, write: bool) -> MarketplaceError:
    """Return the error for *error* of aiohttp; its text is not repeated."""
    name = type(error).__name__
    if isinstance(
        error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    ):
        why = _why_not_connected(error)
        return UnreachableError(f"{call}: không kết nối được / not connected: {why}")
    if write:
        return lost(call, name)
    if isinstance(error, aiohttp.ClientResponseError):
        return unreadable(call, "không phải HTTP / not HTTP", write=False)
    return UnavailableError(f"{call}: mất kết nối / connection failed ({name})")


def _why_not_connected(error: Exception) -> str:
    """Say in words why no connection came about; the address is not repeated."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"không tìm ra tên máy / no such host name ({name})"
    if isinstance(error, aiohttp.ClientSSLError):
        return f"chứng chỉ TLS không hợp lệ / the TLS certificate is wrong ({name})"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"quá thời gian / no connection in time ({name})"
    cause = getattr(error, "os_error", None)
    if isinstance(cause, ConnectionRefusedError):
        return f"không có ai nghe ở địa chỉ đó / nobody listens there ({name})"
    return f"mạng / network ({name})"


def unreadable(call: str, why: str, *, write: bool) -> MarketplaceError:
    """Return the error for a call whose answer cannot be read."""
    return lost(call, why) if write else ProtocolError(f"{call}: {why}")


def lost(call: str, why: str) -> OutcomeUnknownError:
    """Return the error for a write that was sent, with no answer that tells more."""
    return OutcomeUnknownError(
        f"{call}: đã gửi, không rõ kết quả / sent, outcome unknown ({why})"
    )


def without_secrets(error: Exception) -> Exception:
    """Return *error* without the address and headers that aiohttp puts into it."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        error.args = ("no connection in time",)
    if isinstance(error, aiohttp.ClientResponseError):
        name = type(error.__cause__ or error).__name__
        return aiohttp.ClientError(name).with_traceback(error.__traceback__)
    return error


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Retry-After asks for, from 0 to 3,600, if readable.

    A date is counted from the answer's own Date, so that it does not matter how
    right our clock is.
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        seconds = float(value)
    else:
        seconds = _seconds_between(headers.get("Date", ""), value)
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)


def _seconds_between(first: str, second: str) -> float:
    try:
        start, end = parsedate_to_datetime(first), parsedate_to_datetime(second)
        # Each without its zone: HTTP dates are in GMT, named or not.
        return (end.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return math.nan
