"""The kind of a made-up product: its set, its name, its packs and their prices.

Names are a common noun, "mẫu" (specimen) and the product's number, so that
nobody takes them for real ones and no two are the same by chance. The kinds are data
(`fiction.toml`).
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from catalog.fiction.tables import TABLES
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


def _kind(row: dict[str, Any]) -> FictionKind:
    lowest, highest = row["price_vnd"]
    return FictionKind(
        set_code=row["set"],
        nouns=tuple(row["nouns"]),
        packs=tuple((pack, grams or None) for pack, grams in _PACKS[row["packs"]]),
        price_vnd=(lowest, highest),
    )


_PACKS: Final = TABLES["packs"]
_KINDS: Final = {
    goods: [_kind(row) for row in rows] for goods, rows in TABLES["kinds"].items()
}
_GOODS: Final = {
    trouble: goods for goods, names in TABLES["goods"].items() for trouble in names
}


def choose_kind(trouble: Trouble, random: Random) -> tuple[FictionKind, str]:
    """Choose the kind of a product with *trouble*, and its noun."""
    kind = random.choice(_KINDS[_GOODS.get(trouble, "food")])
    return kind, random.choice(kind.nouns)


def name_of(noun: str, number: int, trouble: Trouble) -> str:
    """Return the official name, such as "Mật ong mẫu 017"."""
    what = "Hộp quà OCOP" if trouble is Trouble.CLAIM_IN_NAME else noun
    return f"{what} mẫu {number:03}"
