"""For which address a call asks, also where proxies stand between.

Anybody can write `X-Forwarded-For` into a call. Only proxies that settings name are
believed, and of what they pass on only what they have added themselves: the rightmost
address that is none of theirs. Headers that another way of writing uses are not read at
all, since a proxy passes on what it does not know.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from typing import Final

from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_FORWARDED: Final = "Forwarded"
_MOST_HOPS: Final = 20
_FOR: Final = re.compile(r'(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]*)', re.IGNORECASE)
_WITH_PORT: Final = re.compile(r"\[([^\]]+)\](?::\d+)?|([0-9.]+):\d+")
_SITE_BITS: Final = 64
"""The part of an IPv6 address that one household or office shares."""
_NETWORK_BITS: Final = 48
"""The part of an IPv6 address that anybody gets who asks for a network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """The proxies that stand before the service.

    Attributes:
        trusted: Their networks.
        header: The header by which they tell for which address they ask.
    """

    trusted: Sequence[Network] = ()
    header: str = "X-Forwarded-For"

    def address_of(self, request: web.Request) -> str:
        """Return the address that a call asks for; "" if it comes over no network."""
        peer = _read(request.remote or "")
        if peer is None:
            return ""
        found = peer
        hops = list(self._hops(request))[-_MOST_HOPS:]
        while self._trusts(found) and hops:
            hop = _read(hops.pop())
            if hop is None:  # hidden, or nonsense: whoever passed it on asks
                break
            found = hop
        return str(found)

    def _hops(self, request: web.Request) -> Iterator[str]:
        for line in request.headers.getall(self.header, ()):
            for part in line.split(","):
                if self.header != _FORWARDED:
                    yield part.strip()
                    continue
                found = _FOR.search(part)
                yield found[1].strip('"') if found else ""

    def is_trusted(self, peer: str) -> bool:
        """Say whether the neighbour at *peer* is one of these proxies."""
        found = _read(peer)
        return found is not None and self._trusts(found)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)


def site_of(address: str) -> str:
    """Return what is counted as one caller: an IPv6 address without its second half."""
    return _shortened(address, _SITE_BITS)


def network_of(address: str) -> str:
    """Return what may be in one hand: 65,536 sites of IPv6, or one address of IPv4."""
    return _shortened(address, _NETWORK_BITS)


def _shortened(address: str, bits: int) -> str:
    found = _read(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, bits), strict=False))
    return address


def _read(text: str) -> Address | None:
    """Return the address that *text* names, with a port or without."""
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
