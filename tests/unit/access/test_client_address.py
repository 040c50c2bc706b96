"""For which address a call asks: believed from named proxies alone."""

from ipaddress import ip_network
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from ocop_sync.api.access.client_address import Proxies, network_of, site_of

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))
BEHIND = Proxies(trusted=TRUSTED)
FORWARDED = Proxies(trusted=TRUSTED, header="Forwarded")


def asked(proxies: Proxies, peer: str, *headers: tuple[str, str]) -> str:
    """Return the address that a call from *peer* with *headers* asks for."""
    transport = Mock()
    transport.get_extra_info.side_effect = {"peername": (peer, 4711)}.get
    request: Any = make_mocked_request(
        "GET", "/", headers=CIMultiDict(headers), transport=transport
    )
    return proxies.address_of(request)


def forwarded_for(*values: str) -> list[tuple[str, str]]:
    return [("X-Forwarded-For", each) for each in values]


@pytest.mark.parametrize(
    ("peer", "values", "expected"),
    [
        pytest.param("203.0.113.9", ["192.0.2.1"], "203.0.113.9", id="forged"),
        pytest.param("10.0.0.2", [], "10.0.0.2", id="the proxy itself"),
        pytest.param("10.0.0.2", ["203.0.113.9"], "203.0.113.9", id="behind it"),
        pytest.param(
            "10.0.0.2", ["192.0.2.1, 203.0.113.9"], "203.0.113.9", id="forged behind it"
        ),
        pytest.param(
            "10.0.0.2", ["192.0.2.1", "203.0.113.9"], "203.0.113.9", id="two lines"
        ),
        pytest.param(
            "10.0.0.2", ["203.0.113.9, 10.0.0.3"], "203.0.113.9", id="two proxies"
        ),
        pytest.param(
            "10.0.0.2", ["10.0.0.4, 10.0.0.3"], "10.0.0.4", id="proxies alone"
        ),
        pytest.param("10.0.0.2", ["203.0.113.9:4711"], "203.0.113.9", id="with a port"),
        pytest.param("10.0.0.2", ["<script>"], "10.0.0.2", id="nonsense"),
        pytest.param(
            "10.0.0.2", ["192.0.2.1, unknown"], "10.0.0.2", id="hidden by a hop"
        ),
        pytest.param("10.0.0.2", [""], "10.0.0.2", id="empty"),
        pytest.param("::ffff:10.0.0.2", ["203.0.113.9"], "203.0.113.9", id="mapped"),
        pytest.param("2001:db8:1::2", ["[2001:db8:7::1]:80"], "2001:db8:7::1", id="v6"),
    ],
)
def test_the_rightmost_address_that_is_no_proxy_asks(
    peer: str, values: list[str], expected: str
) -> None:
    assert asked(BEHIND, peer, *forwarded_for(*values)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("for=203.0.113.9;proto=https", "203.0.113.9"),
        ('for=192.0.2.1, By=10.0.0.2; For="203.0.113.9:4711"', "203.0.113.9"),
        ('for="[2001:db8:7::1]:80"', "2001:db8:7::1"),
        ("for=_hidden", "10.0.0.2"),
        ("proto=https", "10.0.0.2"),
    ],
)
def test_forwarded_is_read_where_it_is_the_header_that_proxies_write(
    value: str, expected: str
) -> None:
    assert asked(FORWARDED, "10.0.0.2", ("Forwarded", value)) == expected


def test_a_header_that_proxies_only_pass_on_is_never_read() -> None:
    forged = ("Forwarded", "for=192.0.2.1")

    assert asked(BEHIND, "10.0.0.2", forged) == "10.0.0.2"
    assert asked(FORWARDED, "10.0.0.2", *forwarded_for("192.0.2.1")) == "10.0.0.2"


def test_endless_hops_are_not_walked() -> None:
    hops = ", ".join(["192.0.2.1"] + ["10.0.0.3"] * 1_000)

    assert asked(BEHIND, "10.0.0.2", *forwarded_for(hops)) == "10.0.0.3"


def test_sites_of_ipv6_are_of_one_network_and_addresses_of_ipv4_of_none() -> None:
    assert network_of("2001:db8:7:1::1") == network_of("2001:db8:7:ffff::2")
    assert network_of("2001:db8:7:1::1") != network_of("2001:db8:8:1::1")
    assert network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("") == ""


def test_a_household_with_ipv6_counts_as_one_caller() -> None:
    assert site_of("2001:db8:7:1::1") == site_of("2001:db8:7:1:ffff::2")
    assert site_of("2001:db8:7:1::1") != site_of("2001:db8:7:2::1")
    assert site_of("203.0.113.9") == "203.0.113.9"
    assert site_of("") == ""
