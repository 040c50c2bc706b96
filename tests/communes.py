"""A fictitious province for tests: three old communes, one of them split."""

from collections.abc import Sequence
from pathlib import Path

HEAD = (
    "province,old_commune_code,old_commune,old_district,former_district"
    ",new_commune_code,new_commune"
)
ROWS = (
    "Tỉnh Mẫu,90001,Thị trấn Mẫu,Huyện Mẫu,,90001,Xã Mẫu Một",
    "Tỉnh Mẫu,90002,Xã Mẫu Đông,Huyện Mẫu,,90001,Xã Mẫu Một",
    "Tỉnh Mẫu,90002,Xã Mẫu Đông,Huyện Mẫu,,90004,Xã Mẫu Bốn",
    "Tỉnh Mẫu,90003,Xã Mẫu Tây,Thị xã Mẫu Bắc,Huyện Mẫu Cũ,90004,Xã Mẫu Bốn",
    "Tỉnh Mẫu,,,,,90005,Đặc khu Mẫu Đảo",
)


def write_table(
    folder: Path,
    *,
    head: str = HEAD,
    rows: Sequence[str] = ROWS,
    encoding: str = "utf-8",
    separator: str = ",",
) -> Path:
    """Write a table of communes, and return where it is."""
    path = folder / "xa.csv"
    text = "\n".join([head, *rows]).replace(",", separator)
    path.write_text(f"{text}\n", encoding)
    return path
