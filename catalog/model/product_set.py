"""The 26 product sets of Decision 148/QĐ-TTg (24 February 2023).

No official number of a set was found: the outline number of the decision's table, such
as "I.1.a", is the code. The table of Decision 781/QĐ-TTg (2020) had other names;
catalogs mix both, so `find_set` knows both. The requirements of the rules for each set
stand in the rules' files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from catalog.text import fold_words


class Sector(StrEnum):
    """The six groups of products."""

    FOOD = "food"
    DRINK = "drink"
    HERBAL = "herbal"
    CRAFT = "craft"
    ORNAMENTAL = "ornamental"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSet:
    """One product set ("bộ sản phẩm").

    Attributes:
        code: Outline number, such as "I.1.a".
        name: Name in the decision's table, NFC.
        name_en: The same in English, ours.
        sector: The group that it belongs to.
        alcohol: Whether its products are alcoholic drinks.
    """

    code: str
    name: str
    name_en: str
    sector: Sector
    alcohol: bool = False


_SECTORS: Final = {
    "I": Sector.FOOD,
    "II": Sector.DRINK,
    "III": Sector.HERBAL,
    "IV": Sector.CRAFT,
    "V": Sector.ORNAMENTAL,
    "VI": Sector.SERVICE,
}

_NAMES: Final = (
    ("I.1.a", "Rau, củ, quả, hạt tươi", "Fresh vegetables, tubers, fruit, seeds"),
    ("I.1.b", "Thịt, thủy sản, trứng, sữa tươi", "Fresh meat, seafood, eggs, milk"),
    ("I.2.a", "Gạo, ngũ cốc, hạt sơ chế khác", "Rice, cereals, other raw grains"),
    (
        "I.2.b",
        "Mật ong, mật khác và nông sản thực phẩm khác",
        "Honey, nectars and other raw farm foods",
    ),
    ("I.3.a", "Đồ ăn nhanh", "Ready-to-eat food"),
    ("I.3.b", "Chế biến từ gạo, ngũ cốc", "Processed rice and cereals"),
    (
        "I.3.c",
        "Chế biến từ rau, củ, quả, hạt",
        "Processed vegetables, tubers, fruit, seeds",
    ),
    (
        "I.3.d",
        (
            "Chế biến từ thịt, trứng, sữa, thủy sản, các sản phẩm từ mật ong, mật"
            " khác và nông sản thực phẩm khác"
        ),
        "Processed meat, eggs, milk, seafood, honey and other farm foods",
    ),
    (
        "I.4.a",
        "Tương, nước mắm, gia vị dạng lỏng khác",
        "Soya paste, fish sauce, other liquid seasoning",
    ),
    ("I.4.b", "Gia vị khác", "Other seasoning"),
    ("I.5.a", "Chè tươi, chế biến", "Tea, fresh and processed"),
    ("I.5.b", "Sản phẩm trà từ thực vật khác", "Tea from other plants"),
    ("I.6", "Cà phê, ca cao", "Coffee, cocoa"),
    ("II.1.a", "Rượu trắng", "White spirits"),
    ("II.1.b", "Đồ uống có cồn khác", "Other alcoholic drinks"),
    (
        "II.2.a",
        "Nước khoáng thiên nhiên, nước uống tinh khiết",
        "Natural mineral water, purified water",
    ),
    ("II.2.b", "Đồ uống không cồn khác", "Other soft drinks"),
    (
        "III.1",
        "Thực phẩm chức năng, thuốc dược liệu, thuốc cổ truyền",
        "Functional food, herbal and traditional medicines",
    ),
    ("III.2", "Mỹ phẩm có thành phần từ thảo dược", "Cosmetics with herbs"),
    ("III.3", "Tinh dầu và thảo dược khác", "Essential oils and other herbs"),
    (
        "IV.1",
        "Thủ công mỹ nghệ gia dụng, trang trí",
        "Handicraft for house and decoration",
    ),
    ("IV.2", "Vải, may mặc", "Cloth and clothing"),
    ("V.1", "Hoa", "Flowers"),
    ("V.2", "Cây cảnh", "Ornamental plants"),
    ("V.3", "Động vật cảnh", "Ornamental animals"),
    (
        "VI",
        "Dịch vụ du lịch cộng đồng, du lịch sinh thái và điểm du lịch",
        "Community tourism, ecotourism and tourist sites",
    ),
)

SETS: Final[Mapping[str, ProductSet]] = MappingProxyType(
    {
        code: ProductSet(
            code=code,
            name=name,
            name_en=name_en,
            sector=_SECTORS[code.partition(".")[0]],
            alcohol=code in {"II.1.a", "II.1.b"},
        )
        for code, name, name_en in _NAMES
    }
)
"""The sets by code, in the order of the decision."""

_OTHER_NAMES: Final = {
    "Chế biến từ thịt, trứng, sữa": "I.3.d",
    "Chế biến từ thủy, hải sản": "I.3.d",
    "Chế biến từ thịt, trứng, sữa, thủy sản, các sản phẩm từ mật ong và nông sản"
    " thực phẩm khác": "I.3.d",
    "Các sản phẩm khác từ chè, trà": "I.5.b",
    "Dịch vụ du lịch cộng đồng và điểm du lịch": "VI",
    "Gạo, ngũ cốc": "I.2.a",
    # It also held products from honey, now in I.3.d: the sector is the same.
    "Mật ong, các sản phẩm từ mật ong, mật khác": "I.2.b",
    "Mỹ phẩm": "III.2",
    "Ngành vải, may mặc": "IV.2",
    "Thảo dược khác": "III.3",
    "Thịt, trứng, sữa tươi": "I.1.b",
    "Thủ công mỹ nghệ gia dụng": "IV.1",
    "Thủ công mỹ nghệ, trang trí": "IV.1",
    "Thực phẩm chức năng, thuốc từ dược liệu, thuốc Y học cổ truyền": "III.1",
    "Đồ uống không cồn": "II.2.b",
}
"""Names of 2020 that differ. "Trang thiết bị, dụng cụ y tế" has no place now."""


_BY_WORDS: Final = {
    **{fold_words(name): code for name, code in _OTHER_NAMES.items()},
    **{fold_words(each.name): each.code for each in SETS.values()},
    **{fold_words(each.code): each.code for each in SETS.values()},
}


def find_set(text: str) -> ProductSet | None:
    """Find a set by its code, its name of 2023 or 2020, or code and name.

    Case, accents and punctuation do not matter. Nothing is guessed: None if
    *text* is no such code or name, or if code and name are of two sets.
    """
    said = fold_words(text)
    code = _BY_WORDS.get(said)
    if code is None:
        pairs = (
            (_BY_WORDS.get(said[:end]), _BY_WORDS.get(said[end + 1 :]))
            for end, letter in enumerate(said)
            if letter == " "
        )
        code = next((one for one, other in pairs if one and one == other), None)
    return None if code is None else SETS[code]
