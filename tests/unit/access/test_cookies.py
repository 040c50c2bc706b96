"""Cookies are as strict as the address allows."""

from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from ocop_sync.api.access.cookies import Cookies


def set_by(cookies: Cookies) -> dict[str, str]:
    """Return the parts of the header that sets a session, by name."""
    response = web.Response()
    cookies.set_session(response, "abc", 3600)
    (morsel,) = response.cookies.values()
    first, *parts = morsel.OutputString().split("; ")
    return {"": first} | {
        name: value for name, _, value in (each.partition("=") for each in parts)
    }


def sent(name: str, value: str) -> Any:
    return make_mocked_request("GET", "/", headers={"Cookie": f"{name}={value}"})


def test_over_https_a_session_is_a_host_cookie() -> None:
    assert set_by(Cookies(is_secure=True)) == {
        "": "__Host-ocop=abc",
        "HttpOnly": "",
        "Max-Age": "3600",
        "Path": "/",
        "SameSite": "Lax",
        "Secure": "",
    }


def test_on_this_computer_it_has_another_name_that_is_not_taken_over_https() -> None:
    plain, secure = Cookies(is_secure=False), Cookies(is_secure=True)

    assert set_by(plain)[""] == "ocop=abc"
    assert "Secure" not in set_by(plain)
    assert plain.session_in(sent("ocop", "abc")) == "abc"
    assert secure.session_in(sent("ocop", "abc")) == ""
    assert secure.session_in(sent("__Host-ocop", "abc")) == "abc"
