"""Tell this computer from all others: mocks neither serve nor call any other."""

import ipaddress

from yarl import URL


def is_loopback(address: str | None) -> bool:
    """Tell whether *address*, a peer's IP address, is this machine itself."""
    try:
        peer = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return (mapped or peer).is_loopback


def leads_to_loopback(url: str) -> bool:
    """Tell whether *url* is one of http on this machine, by its number or localhost."""
    try:
        parsed = URL(url)
        host = parsed.host or ""  # decoded only here
    except ValueError:
        return False
    return parsed.scheme == "http" and (host == "localhost" or is_loopback(host))
