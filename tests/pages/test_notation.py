"""Numbers, money, days and times as readers of each language write them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ocop_sync.pages.notation import Notation

VI, EN = Notation("vi"), Notation("en")
NOW = datetime(2026, 11, 29, 3, 52, tzinfo=UTC)


def plain(text: str) -> str:
    """Return *text* with spaces that break, which are easier to write."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (VI.number(1234567), "1.234.567"),
        (EN.number(1234567), "1,234,567"),
        (VI.dong(85000), "85.000 đ"),
        (EN.dong(85000), "85,000 đ"),
        (VI.percent(0.6954), "69,5 %"),
        (EN.percent(0.6954), "69.5%"),
        (VI.percent(None), "–"),
        (VI.day(date(2026, 12, 5)), "05/12/2026"),
        (EN.day(date(2026, 12, 5)), "5 Dec 2026"),
        (VI.day_and_month(date(2026, 9, 1)), "1/9"),
        (VI.clock(NOW), "10:52"),
        (VI.moment(NOW), "10:52, 29/11/2026"),
        (EN.moment(NOW), "10:52, 29 Nov 2026"),
        (VI.counted(1210, "sản phẩm", "product", "products"), "1.210 sản phẩm"),
        (EN.counted(1, "sản phẩm", "product", "products"), "1 product"),
        (EN.counted(0, "sản phẩm", "product", "products"), "0 products"),
    ],
)
def test_a_value_is_written_as_its_readers_write_it(shown: str, expected: str) -> None:
    assert plain(shown) == expected


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    for each in (VI.dong(5), VI.percent(0.5), VI.counted(3, "tin", "a", "b")):
        assert " " not in each


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "0 %"), (0.00001, "0,1 %"), (0.99999, "99,9 %"), (1, "100 %")],
)
def test_no_share_is_rounded_to_all_or_nothing(share: float, expected: str) -> None:
    assert plain(VI.percent(share)) == expected


@pytest.mark.parametrize(
    ("passed", "vi", "en"),
    [
        (timedelta(seconds=20), "vừa xong", "just now"),
        (timedelta(minutes=12), "12 phút trước", "12 minutes ago"),
        (timedelta(minutes=119), "1 giờ trước", "1 hour ago"),
        (timedelta(days=3), "3 ngày trước", "3 days ago"),
        (timedelta(minutes=-5), "10:57, 29/11/2026", "10:57, 29 Nov 2026"),
    ],
)
def test_a_past_instant_is_told_by_how_long_ago_with_its_time_behind(
    passed: timedelta, vi: str, en: str
) -> None:
    at = NOW - passed

    assert plain(VI.ago(at, NOW)).endswith(f">{vi}</time>")
    assert plain(EN.ago(at, NOW)).endswith(f">{en}</time>")
    assert f'title="{VI.moment(at)}"' in VI.ago(at, NOW)
