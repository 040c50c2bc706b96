"""The kind of a made-up product: its set, its name, its packs and their prices.

Names are a common noun, "mẫu" (specimen) and the product's number, so that
nobody takes them for real ones and no two are the same by chance.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from catalog.fiction.trouble import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class FictionKind:
    """A kind of made-up product.

    Attributes:
        set_code: Its product set under Decision 148/QĐ-TTg.
        nouns: Its possible names.
        packs: The pack that a buyer gets and its shipping weight in grams, small to
            large; the weight is None if it is not shipped.
        price_vnd: Lowest and highest price of the smallest pack, in đồng.
    """

    set_code: str
    nouns: tuple[str, ...]
    packs: tuple[tuple[str, int | None], ...]
    price_vnd: tuple[int, int]


_BAGS: Final = (("Gói 250 g", 280), ("Gói 500 g", 550), ("Túi 1 kg", 1080))
_BOXES: Final = (("Hộp 100 g", 160), ("Hộp 200 g", 290), ("Hộp 500 g", 640))
_BOTTLES: Final = (("Chai 250 ml", 420), ("Chai 500 ml", 800), ("Lốc 6 chai", 4900))
_JARS: Final = (("Lọ 200 g", 380), ("Lọ 500 g", 820), ("Lọ 1 kg", 1500))
_PIECES: Final = (("Chiếc", 700), ("Bộ 2 chiếc", 1500), ("Bộ 6 chiếc", 4300))
_POTS: Final = (("Chậu nhỏ", None), ("Chậu lớn", None))
_TICKETS: Final = (("Vé một người", None), ("Vé gia đình", None))

_FOODS: Final = (
    FictionKind(
        set_code="I.1.a",
        nouns=("Rau", "Nấm tươi", "Củ cải", "Cam", "Na"),
        packs=_BAGS,
        price_vnd=(20_000, 90_000),
    ),
    FictionKind(
        set_code="I.1.b",
        nouns=("Thịt lợn", "Trứng gà", "Tôm tươi", "Thịt gà"),
        packs=_BAGS,
        price_vnd=(45_000, 260_000),
    ),
    FictionKind(
        set_code="I.2.a",
        nouns=("Gạo nếp", "Gạo tẻ", "Đỗ xanh", "Lạc"),
        packs=_BAGS,
        price_vnd=(20_000, 60_000),
    ),
    FictionKind(
        set_code="I.2.b",
        nouns=("Mật ong", "Phấn hoa"),
        packs=_JARS,
        price_vnd=(80_000, 250_000),
    ),
    FictionKind(
        set_code="I.3.a",
        nouns=("Bánh chưng", "Xôi"),
        packs=_BOXES,
        price_vnd=(30_000, 90_000),
    ),
    FictionKind(
        set_code="I.3.b",
        nouns=("Miến dong", "Bún khô", "Bánh gật gù"),
        packs=_BAGS,
        price_vnd=(25_000, 80_000),
    ),
    FictionKind(
        set_code="I.3.c",
        nouns=("Củ cải khô", "Mứt gừng", "Đậu phụ"),
        packs=_BOXES,
        price_vnd=(25_000, 120_000),
    ),
    FictionKind(
        set_code="I.3.d",
        nouns=("Chả mực", "Ruốc", "Cá khô", "Sá sùng khô"),
        packs=_BOXES,
        price_vnd=(70_000, 900_000),
    ),
    FictionKind(
        set_code="I.4.a",
        nouns=("Nước mắm", "Tương"),
        packs=_BOTTLES,
        price_vnd=(35_000, 150_000),
    ),
    FictionKind(
        set_code="I.4.b",
        nouns=("Bột nghệ", "Hạt tiêu", "Muối"),
        packs=_JARS,
        price_vnd=(25_000, 110_000),
    ),
    FictionKind(
        set_code="I.5.a",
        nouns=("Chè", "Chè xanh"),
        packs=_BOXES,
        price_vnd=(40_000, 200_000),
    ),
    FictionKind(
        set_code="I.5.b",
        nouns=("Trà hoa vàng", "Trà dây", "Trà gừng"),
        packs=_BOXES,
        price_vnd=(50_000, 800_000),
    ),
    FictionKind(
        set_code="I.6", nouns=("Cà phê",), packs=_BAGS, price_vnd=(60_000, 200_000)
    ),
    FictionKind(
        set_code="II.2.a",
        nouns=("Nước khoáng", "Nước tinh khiết"),
        packs=_BOTTLES,
        price_vnd=(5_000, 15_000),
    ),
    FictionKind(
        set_code="II.2.b",
        nouns=("Nước mơ", "Nước ép dứa"),
        packs=_BOTTLES,
        price_vnd=(20_000, 70_000),
    ),
)
_ALCOHOL: Final = (
    FictionKind(
        set_code="II.1.a",
        nouns=("Rượu trắng", "Rượu nếp"),
        packs=_BOTTLES,
        price_vnd=(50_000, 200_000),
    ),
    FictionKind(
        set_code="II.1.b",
        nouns=("Rượu mơ", "Rượu sim", "Rượu ba kích"),
        packs=_BOTTLES,
        price_vnd=(90_000, 400_000),
    ),
)
_MEDICINE: Final = (
    FictionKind(
        set_code="III.1",
        nouns=("Viên nghệ", "Cao cà gai leo"),
        packs=_JARS,
        price_vnd=(90_000, 600_000),
    ),
)
_HERBAL: Final = (
    FictionKind(
        set_code="III.2",
        nouns=("Xà phòng thảo dược", "Dầu gội bồ kết"),
        packs=_BOTTLES,
        price_vnd=(40_000, 180_000),
    ),
    FictionKind(
        set_code="III.3",
        nouns=("Tinh dầu tràm", "Tinh dầu hồi"),
        packs=_BOTTLES,
        price_vnd=(60_000, 300_000),
    ),
)
_CRAFT: Final = (
    FictionKind(
        set_code="IV.1",
        nouns=("Bình gốm", "Nón lá", "Rổ tre"),
        packs=_PIECES,
        price_vnd=(50_000, 900_000),
    ),
    FictionKind(
        set_code="IV.2",
        nouns=("Khăn thổ cẩm", "Túi thổ cẩm"),
        packs=_PIECES,
        price_vnd=(80_000, 500_000),
    ),
)
_ORNAMENTAL: Final = (
    FictionKind(
        set_code="V.1",
        nouns=("Hoa lan", "Hoa đào"),
        packs=_POTS,
        price_vnd=(90_000, 900_000),
    ),
    FictionKind(
        set_code="V.2",
        nouns=("Cây mai vàng",),
        packs=_POTS,
        price_vnd=(200_000, 2_000_000),
    ),
    FictionKind(
        set_code="V.3",
        nouns=("Chim cảnh",),
        packs=(("Một đôi", None),),
        price_vnd=(300_000, 900_000),
    ),
)
_SERVICE: Final = (
    FictionKind(
        set_code="VI",
        nouns=("Du lịch làng", "Du lịch sinh thái"),
        packs=_TICKETS,
        price_vnd=(100_000, 900_000),
    ),
)

_KINDS: Final = {
    Trouble.ALCOHOL: _ALCOHOL,
    Trouble.ALCOHOL_UNLICENSED: _ALCOHOL,
    Trouble.ALCOHOL_LICENCE_UNKNOWN: _ALCOHOL,
    Trouble.ALCOHOL_STRENGTH_UNKNOWN: _ALCOHOL,
    Trouble.MEDICINE: _MEDICINE,
    Trouble.PHARMACY_MISSING: _MEDICINE,
    Trouble.HERBAL: _HERBAL,
    Trouble.CRAFT: _CRAFT,
    Trouble.ORNAMENTAL: _ORNAMENTAL,
    Trouble.SERVICE: _SERVICE,
}
"""The kinds that a trouble is about; every other trouble is seen on food and drink."""


def choose_kind(trouble: Trouble, random: Random) -> tuple[FictionKind, str]:
    """Choose the kind of a product with *trouble*, and its noun."""
    kind = random.choice(_KINDS.get(trouble, _FOODS))
    return kind, random.choice(kind.nouns)


def name_of(noun: str, number: int, trouble: Trouble) -> str:
    """Return the official name, such as "Mật ong mẫu 017"."""
    what = "Hộp quà OCOP" if trouble is Trouble.CLAIM_IN_NAME else noun
    return f"{what} mẫu {number:03}"
