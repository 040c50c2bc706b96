"""GS1 numbers and traceability pages: which are right, and which may be shown."""

import pytest

from catalog.model.gs1 import check_digit, host_of, is_gtin, shown_page
from tests.factories import GTIN


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (GTIN, True),
        ("4006381333931", True),
        ("4006381333932", False),
        ("73513537", True),
        ("036000291452", True),
        ("10614141000415", True),
        ("400638133393", False),
        (" 73513537", False),
        ("73513537\n", False),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", False),
        ("400638133393X", False),
        ("00000", False),
        ("000000000", False),
        ("", False),
    ],
)
def test_a_gtin_has_a_known_length_and_a_right_check_digit(
    text: str, right: bool
) -> None:
    assert is_gtin(text) is right


def test_a_check_digit_makes_a_gtin_of_twelve_digits() -> None:
    assert "400638133393" + check_digit("400638133393") == "4006381333931"


@pytest.mark.parametrize(
    ("page", "host"),
    [
        ("https://qn.check.net.vn", "qn.check.net.vn"),
        ("https://QN.check.net.vn/a/b?c=d#e", "qn.check.net.vn"),
        ("https://qn.check.net.vn?x=@", "qn.check.net.vn"),
        ("https://sub.qn.check.net.vn/", "sub.qn.check.net.vn"),
        ("http://qn.check.net.vn/", None),
        ("HTTPS://qn.check.net.vn/", None),
        ("https://qn.check.net.vn:8443/", None),
        ("https://qn.check.net.vn@xau.example/", None),
        ("https://qn.check.net.vn:x@xau.example/", None),
        ("https://qn.check.net.vn\\@xau.example/", None),
        ("https://qn.check.net.vn./", None),
        ("https://qn.check.net.vn /", None),
        ("https://qn.check.net.vn/a b", None),
        ("https://qn.check.net.vn/\n", None),
        ("https://ｑn.check.net.vn/", None),
        ("https://localhost/", None),
        ("https:///qn.check.net.vn", None),
        ("javascript:alert(1)//https://qn.check.net.vn/", None),
        ("", None),
    ],
)
def test_the_host_of_a_page_is_read_or_the_page_is_refused(
    page: str, host: str | None
) -> None:
    assert host_of(page) == host


def test_a_page_is_shown_at_just_the_hosts_that_are_known() -> None:
    known = frozenset({"qn.check.net.vn"})

    assert shown_page("https://QN.check.net.vn/1", known) == "https://QN.check.net.vn/1"
    assert shown_page("https://sub.qn.check.net.vn/1", known) == ""
    assert shown_page("https://qn.check.net.vn.xau.example/1", known) == ""
    assert shown_page("https://check.net.vn/1", known) == ""
    assert shown_page("http://qn.check.net.vn/1", known) == ""
    assert shown_page("", known) == ""
