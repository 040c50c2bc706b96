"""How the service is reached: which addresses may be set."""

from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from ocop_sync.settings.groups import ServeSettings


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ocop.example", "https://ocop.example"),
        ("https://OCOP.example:8443/", "https://ocop.example:8443"),
        ("https://ocop.example:443", "https://ocop.example"),
        ("http://localhost:80", "http://localhost"),
        ("https://ocop.mẫu.example", "https://ocop.xn--mu-95s.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_public_address_is_https_or_on_this_computer(url: str, kept: str) -> None:
    assert ServeSettings(public_url=url).public_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://ocop.example",
        "http://10.0.0.7",
        "http://localhost.example",
        "https://ocop.example/quan-ly",
        "https://ai@ocop.example",
        "https://ocop.example?a=1",
        "ocop.example",
        f"https://{'a' * 64}.example",
        "",
    ],
)
def test_any_other_public_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match=r"https://HOST|no host"):
        ServeSettings(public_url=url)


def test_proxies_are_named_by_address_or_by_network() -> None:
    found = ServeSettings.model_validate(
        {"trusted_proxies": ["10.0.0.0/8", "2001:db8::1"]}
    )

    assert found.trusted_proxies == (
        ip_network("10.0.0.0/8"),
        ip_network("2001:db8::1/128"),
    )
    with pytest.raises(ValidationError):
        ServeSettings.model_validate({"trusted_proxies": ["proxy.example"]})
