"""Single cells: what each column takes, and what it refuses."""

from datetime import UTC, date, datetime

import pytest

from catalog.fact import Fact
from catalog.feed.cell import CellError, show
from catalog.feed.column import COLUMNS

READ = [
    ("name", "  Chè  hoa\u00a0vàng ", "Chè hoa vàng"),
    ("name", "Che\u0300", "Chè"),
    ("name", "=1+1", "=1+1"),
    ("description", "một\r\nhai", "một\nhai"),
    ("product_id", "SP-00001", "SP-00001"),
    ("product_id", "QN-01", "QN-01"),
    ("sku", "SP-00001-12", "SP-00001-12"),
    ("producer_id", "QN-CS-01", "QN-CS-01"),
    ("set_code", "I.1.a", "I.1.a"),
    ("set_code", "Vải, may mặc", "IV.2"),
    ("producer_kind", "htx", "HTX"),
    ("commune_code", "06652", "06652"),
    ("stars", "5", 5),
    ("year", "2023", 2023),
    ("decided_on", "2021-04-06", date(2021, 4, 6)),
    ("evidence", "Published", "published"),
    ("price_vnd", "1", 1),
    ("price_vnd", "9999999999", 9_999_999_999),
    ("on_hand", "0", 0),
    ("counted_at", "2026-11-24T09:00:00+07:00", datetime(2026, 11, 24, 2, tzinfo=UTC)),
    ("counted_at", "2026-11-24T02:00:00Z", datetime(2026, 11, 24, 2, tzinfo=UTC)),
    ("gtin", "8938505974194", "8938505974194"),
    ("gtin", "96385074", "96385074"),
    ("alcohol_percent", "29,5", 29.5),
    ("alcohol_percent", "100", 100.0),
    ("consent", "Có", Fact.YES),
    ("consent", "KHÔNG", Fact.NO),
    ("consent", "chưa rõ", Fact.UNKNOWN),
    ("paused", "có", True),
    ("paused", "no", False),
    (
        "pictures",
        "https://mau.example/a.jpg\nhttps://mau.example/b.jpg",
        ("https://mau.example/a.jpg", "https://mau.example/b.jpg"),
    ),
    ("pictures_show_mark", "yes unknown", (Fact.YES, Fact.UNKNOWN)),
    ("trace_url", "http://mau.example/q?x=1", "http://mau.example/q?x=1"),
]


@pytest.mark.parametrize(("column", "cell", "value"), READ)
def test_a_cell_is_read(column: str, cell: str, value: object) -> None:
    assert COLUMNS[column].read(cell) == value


REFUSED = [
    ("name", "x" * 301),
    ("description", "x" * 20_001),
    ("product_id", "1"),
    ("product_id", "SP-1"),
    ("sku", "SP-00001"),
    ("sku", "SP-00001-0"),
    ("producer_id", "CS-1"),
    ("set_code", "I.9"),
    ("set_code", "Trang thiết bị, dụng cụ y tế"),
    ("producer_kind", "công ty"),
    ("commune_code", "06664"),
    ("old_commune_code", "6664"),
    ("stars", "0"),
    ("stars", "6"),
    ("stars", "4.0"),
    ("stars", "bốn"),
    ("year", "99999"),
    ("decided_on", "06/04/2021"),
    ("decided_on", "2021-02-30"),
    ("decided_on", "20210406"),
    ("decided_on", "0202-04-06"),
    ("decided_on", "٢٠٢١-04-06"),
    ("price_vnd", "0"),
    ("price_vnd", "-1"),
    ("price_vnd", "35.000"),
    ("price_vnd", "35000đ"),
    ("price_vnd", "10000000000"),
    ("price_vnd", "٣٥"),
    ("on_hand", "-1"),
    ("on_hand", "9" * 400),
    ("counted_at", "2026-11-24T09:00:00"),
    ("counted_at", "0001-01-01T00:00:00+07:00"),
    ("counted_at", "hôm qua"),
    ("gtin", "8938505974195"),
    ("gtin", "893850597419"),
    ("gtin", "89385059741٤4"),
    ("alcohol_percent", "101"),
    ("alcohol_percent", "1e1"),
    ("alcohol_percent", "nan"),
    ("consent", "ok"),
    ("paused", "unknown"),
    ("pictures", "http://mau.example/a.jpg"),
    ("pictures", "https:///a.jpg"),
    ("pictures", "https://u:p@mau.example/a.jpg"),
    ("pictures", "https://mau.example:x/a.jpg"),
    ("pictures", "javascript:alert(1)"),
    ("pictures", "https://mau.example/\u200ba.jpg"),
    ("pictures", " ".join(["https://mau.example/a.jpg"] * 21)),
    ("trace_url", "https://mau.example/" + "x" * 2000),
    ("trace_url", "https://[mau.example/"),
]


@pytest.mark.parametrize(("column", "cell"), REFUSED)
def test_a_cell_is_refused_in_both_languages(column: str, cell: str) -> None:
    with pytest.raises(CellError) as caught:
        COLUMNS[column].read(cell)

    assert caught.value.vi
    assert caught.value.en
    assert caught.value.vi != caught.value.en


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (False, ""),
        (True, "yes"),
        (0, "0"),
        (29.5, "29.5"),
        (40.0, "40"),
        (Fact.NO, "no"),
        (date(2021, 4, 6), "2021-04-06"),
        (datetime(2026, 11, 24, 2, tzinfo=UTC), "2026-11-24T02:00:00+00:00"),
        ((Fact.YES, Fact.NO), "yes no"),
    ],
)
def test_a_value_is_shown(value: object, cell: str) -> None:
    assert show(value) == cell
