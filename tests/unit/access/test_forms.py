"""Forms are taken from our own pages alone, in the browser that they were shown in."""

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from ocop_sync.api.access.forms import OwnForms, form_token

OURS = "https://ocop.example"
SECRET = "secret-of-a-cookie"  # noqa: S105  (of nobody)
FORMS = OwnForms(OURS)


def is_own(
    token: str = form_token(SECRET),
    secret: str = SECRET,
    *,
    forms: OwnForms = FORMS,
    hides_origin: bool = False,
    **headers: str,
) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request: Any = make_mocked_request("POST", "/login", headers=named)
    return forms.is_own(request, secret, token, hides_origin=hides_origin)


def test_a_form_of_ours_with_its_token_is_taken() -> None:
    assert is_own(Origin=OURS)
    assert is_own(Origin=OURS, Sec_Fetch_Site="same-origin")


@pytest.mark.parametrize(
    "origin",
    [
        "https://ocop.example.evil.example",
        "http://ocop.example",
        "https://ocop.example:8443",
        "https://evil.example",
        "null",
        "",
    ],
)
def test_a_form_of_another_origin_is_not_taken(origin: str) -> None:
    assert not is_own(Origin=origin)


def test_a_form_without_any_origin_is_not_taken() -> None:
    assert not is_own()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_browser_that_tells_of_another_site_is_believed(site: str) -> None:
    assert not is_own(Origin=OURS, Sec_Fetch_Site=site)
    assert not is_own(Origin="null", Sec_Fetch_Site=site, hides_origin=True)


def test_a_page_that_hides_its_origin_needs_the_token_all_the_same() -> None:
    assert is_own(Origin="null", hides_origin=True)
    assert not is_own(form_token("another"), Origin="null", hides_origin=True)
    assert not is_own(Origin="https://evil.example", hides_origin=True)


@pytest.mark.parametrize("token", ["", "x", form_token("another"), "é"])
def test_a_form_without_the_right_token_is_not_taken(token: str) -> None:
    assert not is_own(token, Origin=OURS)


def test_a_form_without_a_cookie_is_not_taken_even_with_the_token_of_none() -> None:
    assert not is_own(form_token(""), "", Origin=OURS)


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080", True),
        ("localhost:9000", "http://localhost:9000", True),
        ("[::1]:9000", "http://[::1]:9000", True),
        ("localhost:9000", "http://localhost:8080", False),
        ("evil.example", "http://evil.example", False),  # a name that leads here
        ("localhost.evil.example", "http://localhost.evil.example", False),
        ("localhost:9000", "https://evil.example", False),
    ],
)
def test_this_computer_has_several_names_and_nobody_else_has_one(
    host: str, origin: str, *, expected: bool
) -> None:
    local = OwnForms("http://127.0.0.1:8080")

    assert is_own(forms=local, Host=host, Origin=origin) is expected
    assert not is_own(Host=host, Origin=origin)
