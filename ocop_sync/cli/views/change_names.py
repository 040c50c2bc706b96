"""The name of each kind of change, as in the glossary."""

from collections.abc import Iterable

KINDS = {
    "create": "đăng mới",
    "update": "sửa nội dung",
    "set_price": "đổi giá",
    "set_stock": "đổi tồn kho",
    "set_stars": "đổi hạng sao",
    "withdraw": "gỡ khỏi sàn",
    "republish": "đăng lại",
    "put_seller": "lập, cập nhật gian hàng",
    "stop_seller": "đóng gian hàng",
}


def kinds_in_words(kinds: Iterable[str]) -> str:
    """Return kinds of change in both languages."""
    return ", ".join(f"{KINDS[kind]} / {kind}" for kind in kinds)
