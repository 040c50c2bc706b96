"""Which addresses of pictures are public, read off the address alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.picture_address import AddressFault, fault_of, is_here, shown

PUBLIC = [
    "https://mau.example/a.jpg",
    "HTTPS://MAU.example./a.jpg",
    "https://mau.example:8443/a.jpg?x=1#y",
    "https://ảnh.example/a.jpg",
    "https://xn--nh-nia.example/a.jpg",
    "https://my_bucket.mau.example/a.jpg",
    "https://127.mau.example/a.jpg",
    "https://localhost.mau.example/a.jpg",
    "https://mau.example/" + "x" * 1900,
]
HERE = [
    "https://localhost/a.jpg",
    "http://localhost:9101/a.jpg",
    "http://LOCALHOST./a.jpg",
    "https://anh.localhost/a.jpg",
    "http://127.0.0.1/a.jpg",
    "http://127.9.9.9:80/a.jpg",
    "http://[::1]/a.jpg",
    "http://[::ffff:127.0.0.1]/a.jpg",
    "http://１２７．０．０．１/a.jpg",
]
IN_FIGURES = [
    "http://2130706433/a.jpg",
    "http://0x7f000001/a.jpg",
    "http://0x7f.1/a.jpg",
    "http://0177.0.0.1/a.jpg",
    "https://127.1/a.jpg",
    "https://0/a.jpg",
    "https://0.0.0.0/a.jpg",
    "https://[::]/a.jpg",
]
NUMBERS = [
    "https://8.8.8.8/a.jpg",
    "https://10.0.0.1/a.jpg",
    "https://192.168.1.5/a.jpg",
    "https://169.254.1.1/a.jpg",
    "https://3232235781/a.jpg",
    "https://[fe80::1]/a.jpg",
    "https://[fe80::1%25eth0]/a.jpg",
    "https://[fd00::1]/a.jpg",
    "https://1.2.3.4./a.jpg",
    "https://999.1.1.1/a.jpg",
    "https://08/a.jpg",
]
INSIDE = [
    "https://nas/a.jpg",
    "https://nas.local/a.jpg",
    "https://anh.internal./a.jpg",
    "https://anh.test/a.jpg",
    "https://may1.lan/a.jpg",
    "https://localhost.localdomain/a.jpg",
    "https://router.home.arpa/a.jpg",
]
MALFORMED = [
    "",
    "a.jpg",
    "//mau.example/a.jpg",
    "ftp://mau.example/a.jpg",
    "javascript:alert(1)",
    "https:///a.jpg",
    "https://mau.example:x/a.jpg",
    "https://mau.example:0/a.jpg",
    "https://mau.example:70000/a.jpg",
    "https://mau..example/a.jpg",
    "https://-mau.example/a.jpg",
    "https://127%2e0.0.1/a.jpg",
    "https://mau.example\\@nas/a.jpg",
    "https://[mau.example/a.jpg",
    "https://" + "a" * 64 + ".example/a.jpg",
    "https://" + ".".join(["a" * 60] * 5) + ".example/a.jpg",
]


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        *((url, None) for url in PUBLIC),
        *((url, AddressFault.HERE) for url in HERE),
        *((url, AddressFault.NUMBER) for url in IN_FIGURES),
        *((url, AddressFault.NUMBER) for url in NUMBERS),
        *((url, AddressFault.INSIDE) for url in INSIDE),
        *((url, AddressFault.MALFORMED) for url in MALFORMED),
        ("http://mau.example/a.jpg", AddressFault.NOT_HTTPS),
        ("https://u:p@mau.example/a.jpg", AddressFault.USER),
        ("https://u@localhost/a.jpg", AddressFault.USER),
        ("https://@mau.example/a.jpg", AddressFault.USER),
    ],
)
def test_an_address_is_public_or_says_why_not(
    url: str, fault: AddressFault | None
) -> None:
    assert fault_of(url) is fault


@pytest.mark.parametrize("url", [*HERE, *IN_FIGURES, "http://u:p@127.0.0.1/a.jpg"])
def test_this_computer_is_known_in_whatever_spelling(url: str) -> None:
    assert is_here(url)


@pytest.mark.parametrize("url", [*PUBLIC, *NUMBERS, *INSIDE, *MALFORMED])
def test_no_other_address_is_taken_for_this_computer(url: str) -> None:
    assert not is_here(url)


def test_no_password_is_shown() -> None:
    assert shown("https://u:p@mau.example/a.jpg") == "https://…@mau.example/a.jpg"
    assert shown("https://mau.example/a@b.jpg") == "https://mau.example/a@b.jpg"
    assert len(shown("https://mau.example/" + "x" * 1900)) <= 101


_PIECES = ["mau", "example", ".", "-", "1", "0x7f", "localhost", "nas", "/", "?", "#"]
_PIECES += [
    "@",
    ":",
    "80",
    "\\",
    " ",
    "\t",
    "\n",
    "[",
    "::1",
    "]",
    "%2e",
    "ả",
    "．",
    "_",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=7).map("".join))
def test_a_plain_address_is_what_any_other_spelling_of_it_is(rest: str) -> None:
    """Only small letters are plain enough to be seen at once."""
    assert fault_of(f"https://{rest}") == fault_of(f"HTTPS://{rest}")
    assert is_here(f"https://{rest}") == is_here(f"HTTPS://{rest}")
