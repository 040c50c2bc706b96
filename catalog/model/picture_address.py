"""Whether an address of a picture is public: whether everybody can open it.

Marketplaces fetch pictures, and buyers' browsers show them: from this computer or from
an office's own network neither can. It is read off the address alone; no name is looked
up, so a name that everybody knows may still lead nowhere. An address that is not public
is refused as it comes in, but for pictures on this very computer: those are for trials,
and go to simulated marketplaces only (`ocop_sync.engine.wanted.pictures`).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

_HOST: Final = re.compile(
    r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*"
)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label like this makes browsers read the whole host as an IP address."""
_PLAIN: Final = re.compile(r"https://([a-z0-9.-]+)(?:[/?#].*)?", re.DOTALL)
"""An address of which everything is seen at once, as nearly all are."""
_USER: Final = re.compile(r"//[^/?#\s]*@")
_LONGEST_HOST: Final = 253
_BYTE: Final = 255
_SHOWN: Final = 100
_HOSTS: Final = 1_024
"""Hosts of which is remembered what they are: products share few."""
_INSIDE: Final = frozenset(
    {
        "arpa",
        "corp",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "onion",
        "private",
        "test",
    }
)
"""Last labels that no public name has; "example" is left out, as trials show it."""


class AddressFault(StrEnum):
    """Why an address of a picture is not public."""

    MALFORMED = "malformed"
    NOT_HTTPS = "not_https"
    USER = "user"
    """It holds a user or a password."""
    NUMBER = "number"
    """Its host is an IP address of another computer, or an odd spelling of ours."""
    INSIDE = "inside"
    """Its host has a name that is known in one network only."""
    HERE = "here"
    """It leads to this very computer, in a usual spelling."""


WHY: Final[Mapping[AddressFault, tuple[str, str]]] = MappingProxyType(
    {
        AddressFault.MALFORMED: ("không phải địa chỉ web", "no web address"),
        AddressFault.NOT_HTTPS: ("không phải https://", "not https://"),
        AddressFault.USER: (
            "có tên đăng nhập hoặc mật khẩu",
            "it holds a user or a password",
        ),
        AddressFault.NUMBER: (
            "là số (địa chỉ IP), không phải tên miền",
            "an IP address instead of a name",
        ),
        AddressFault.INSIDE: (
            "tên máy chỉ dùng trong mạng nội bộ",
            "a name that is known in one network only",
        ),
        AddressFault.HERE: ("ở ngay máy này", "on this computer"),
    }
)
"""The fault, in Vietnamese and in English."""


class _Parts(Struct, frozen=True):
    scheme: str
    user: bool
    host: str


def fault_of(url: str) -> AddressFault | None:
    """Return why *url* is not public; None if it is.

    This computer in a usual spelling (localhost, 127.0.0.1, ::1) counts as HERE, in
    another one (2130706433, 0x7f.1) as NUMBER.
    """
    plain = _PLAIN.fullmatch(url)
    return _fault_at(plain[1]) if plain else _fault(_parts(url))


@lru_cache(maxsize=_HOSTS)
def _fault_at(host: str) -> AddressFault | None:
    """Return the same of each plain address at *host*."""
    return _fault(_parts(f"https://{host}"))


def _fault(parts: _Parts | None) -> AddressFault | None:
    if parts is None:
        return AddressFault.MALFORMED
    host, last = parts.host, parts.host.rpartition(".")[2]
    is_number = ":" in host or _NUMBER.fullmatch(last) is not None
    found = {
        AddressFault.USER: parts.user,
        AddressFault.HERE: _is_here(host),
        AddressFault.NUMBER: is_number,
        AddressFault.NOT_HTTPS: parts.scheme != "https",
        AddressFault.INSIDE: "." not in host or last in _INSIDE,
    }
    return next((fault for fault, is_so in found.items() if is_so), None)


def is_here(url: str) -> bool:
    """Say whether *url* leads to this very computer, in any spelling."""
    plain = _PLAIN.fullmatch(url)
    return _is_here_at(plain[1]) if plain else _is_here_by(_parts(url))


@lru_cache(maxsize=_HOSTS)
def _is_here_at(host: str) -> bool:
    """Say so of each plain address at *host*."""
    return _is_here_by(_parts(f"https://{host}"))


def _is_here_by(parts: _Parts | None) -> bool:
    return parts is not None and _leads_here(parts.host)


def shown(url: str) -> str:
    """Return *url* as people are shown it: not too long, and without a password."""
    bare = without_user(url)
    return bare if len(bare) <= _SHOWN else f"{bare[:_SHOWN]}…"


def without_user(text: str) -> str:
    """Return *text* with the users and passwords of its addresses left out."""
    return _USER.sub("//…@", text)


def _parts(url: str) -> _Parts | None:
    try:
        if plain := _PLAIN.fullmatch(url):
            return _Parts("https", user=False, host=_ascii(plain[1]))
        found = urlsplit(url)
        port, host = found.port, _ascii(found.hostname or "")
    except ValueError:
        return None
    is_web = found.scheme in ("http", "https") and port != 0
    if not is_web or not host or "\\" in found.netloc:
        return None
    return _Parts(found.scheme, "@" in found.netloc, host)


@lru_cache(maxsize=_HOSTS)
def _ascii(host: str) -> str:
    """Return *host* as it is looked up: in ASCII, without the dot at its end.

    Raises:
        ValueError: It is no host.
    """
    if ":" in host:
        return str(IPv6Address(host.partition("%")[0]))
    # It turns wide digits and dots into plain ones, as browsers do.
    name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name):
        raise ValueError(host)
    return name


@lru_cache(maxsize=_HOSTS)
def _is_here(host: str) -> bool:
    """Say whether *host* is this computer, as people call it."""
    address = _address(host)
    is_named = host == "localhost" or host.endswith(".localhost")
    return is_named or (address is not None and address.is_loopback)


@lru_cache(maxsize=_HOSTS)
def _leads_here(host: str) -> bool:
    """Say so also where browsers read figures, and where 0 stands for all networks."""
    number = _in_figures(host)
    address = _address(host) or (None if number is None else IPv4Address(number))
    if address is None:
        return _is_here(host)
    return address.is_loopback or address.is_unspecified


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return _bare(ip_address(host))
    except ValueError:
        return None


def _bare(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the address of version 4 that one of version 6 stands for, if it does."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _in_figures(host: str) -> int | None:
    """Return the address that browsers read in figures such as 2130706433 or 0x7f.1."""
    try:
        *first, last = [_figure(part) for part in host.split(".")]
    except ValueError:
        return None
    rest = 4 - len(first)
    if rest < 1 or last >= 256**rest or any(part > _BYTE for part in first):
        return None
    return sum(part << 8 * (3 - n) for n, part in enumerate(first)) + last


def _figure(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)
