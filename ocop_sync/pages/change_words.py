"""What changes do at a marketplace, in sentences: "gỡ 12 tin khỏi Voso"."""

from collections.abc import Mapping
from typing import Final

from catalog.eligibility import Text
from ocop_sync.pages.words import filled

_EFFECTS: Final[Mapping[str, tuple[Text, Text, Text, Text]]] = {
    "withdraw": (
        Text("gỡ {n} tin khỏi {where}", "withdraw {n} from {where}"),
        Text("Tin trên sàn", "Listing there"),
        Text("còn trên sàn", "there"),
        Text("bị gỡ", "withdrawn"),
    ),
    "stop_seller": (
        Text("ngừng {n} gian hàng ở {where}", "stop the shops of {n} at {where}"),
        Text("Gian hàng", "Shop"),
        Text("đang mở", "open"),
        Text("ngừng", "stopped"),
    ),
    "set_stock": (
        Text("hạ tồn kho của {n} tin ở {where}", "lower the stock of {n} at {where}"),
        Text("Tồn kho", "Stock"),
        Text("như trên sàn", "as shown there"),
        Text("thấp hơn, theo danh mục", "lower, as in the catalog"),
    ),
    "set_stars": (
        Text(
            "đổi hạng sao của {n} tin ở {where}", "change the stars of {n} at {where}"
        ),
        Text("Hạng sao", "Stars"),
        Text("như trên sàn", "as shown there"),
        Text("theo giấy chứng nhận", "as certified"),
    ),
    "update": (
        Text("sửa nội dung {n} tin ở {where}", "change the text of {n} at {where}"),
        Text("Nội dung", "Text"),
        Text("như trên sàn", "as shown there"),
        Text("theo danh mục", "as in the catalog"),
    ),
    "set_price": (
        Text("đổi giá của {n} tin ở {where}", "change the price of {n} at {where}"),
        Text("Giá", "Price"),
        Text("như trên sàn", "as shown there"),
        Text("theo danh mục", "as in the catalog"),
    ),
    "republish": (
        Text("cho {n} tin bán lại ở {where}", "put {n} on sale again at {where}"),
        Text("Tin trên sàn", "Listing there"),
        Text("không bán", "not on sale"),
        Text("bán lại", "on sale again"),
    ),
    "create": (
        Text("đăng {n} tin mới ở {where}", "list {n} anew at {where}"),
        Text("Tin trên sàn", "Listing there"),
        Text("không có", "none"),
        Text("tin mới", "a new one"),
    ),
    "put_seller": (
        Text(
            "sửa hồ sơ {n} người bán ở {where}", "change the sellers of {n} at {where}"
        ),
        Text("Hồ sơ người bán", "Seller"),
        Text("như trên sàn", "as shown there"),
        Text("theo danh mục", "as in the catalog"),
    ),
}
"""Each kind of change: its effect, its subject, and that before and after."""

KINDS_OF_CHANGE: Final = tuple(_EFFECTS)
"""Every kind of change, that which takes the most from buyers first."""


def effect_words(kinds: Mapping[tuple[str, ...], int], where: Text) -> Text:
    """Return what members that need such *kinds* of change lose at *where*."""
    told = [
        filled(_EFFECTS[kind][0], n=n, where=where)
        for kind, n in counted_kinds(kinds).items()
    ]
    return Text(", ".join(e.vi for e in told), ", ".join(e.en for e in told))


def changes_words(
    kinds: Mapping[tuple[str, ...], int],
) -> list[tuple[Text, Text, Text]]:
    """Return the subject of each kind of change, with that before and after."""
    return [
        (
            Text(f"{_EFFECTS[k][1].vi} ({n})", f"{_EFFECTS[k][1].en} ({n})"),
            *_EFFECTS[k][2:],
        )
        for k, n in counted_kinds(kinds).items()
    ]


def member_words(kinds: tuple[str, ...]) -> Text:
    """Return what happens to one member."""
    told = [_EFFECTS[kind] for kind in KINDS_OF_CHANGE if kind in kinds]
    return Text(
        "; ".join(f"{what.vi}: {to.vi}" for _, what, _, to in told),
        "; ".join(f"{what.en}: {to.en}" for _, what, _, to in told),
    )


def counted_kinds(kinds: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    """Return how many members need each kind of change, the gravest first."""
    counts = {
        kind: sum(n for found, n in kinds.items() if kind in found)
        for kind in KINDS_OF_CHANGE
    }
    return {kind: n for kind, n in counts.items() if n}
