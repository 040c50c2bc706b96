"""Whole numbers as people write them, with their units.

`150.000đ`, `₫150.000`, `150,000 VND`, `150k` and `150 nghìn` are one price. An
ambiguous number is not read: `1.5` is no price, and `1.500k` could be two.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from catalog.text import fold

_THOUSAND: Final = 1_000
_DONG: Final = ("", "d", "₫", "vnd", "vn d", "dong", "dong viet nam")
_K: Final = ("k", "kd", "k d", "nghin", "nghin dong", "nghin d", "ngan", "ngan dong")

COUNT: Final[Mapping[str, int]] = {"": 1}
PRICE: Final[Mapping[str, int]] = {
    **dict.fromkeys(_DONG, 1),
    **dict.fromkeys((*_K, "ngan d", "nghin vnd", "ngan vnd"), _THOUSAND),
    **dict.fromkeys(("trieu", "tr", "trieu dong", "tr dong"), _THOUSAND**2),
}
GRAMS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("", "g", "gr", "gram", "gam"), 1),
    **dict.fromkeys(("kg", "kilogam", "ki lo gam", "kilogram"), _THOUSAND),
}

_IN_FRONT: Final = re.compile(r"(₫|d|vnd)[.:]?\s*(?=[0-9])")
"""A currency that stands before its number."""
_AMOUNT: Final = re.compile(r"([0-9][0-9., ]*?)\s*([^\W\d_₫][^\d]*|₫|)\.?")
_PLAIN: Final = re.compile("[0-9]{1,18}")
_GROUPED: Final = re.compile(r"([1-9][0-9]{0,2})(?:([., ])[0-9]{3})(?:\2[0-9]{3})*")
_NO_CENTS: Final = re.compile(r"(?:(?<=\.[0-9]{3}),0{1,2}|(?<=,[0-9]{3})\.0{1,2})$")
_FRACTION: Final = re.compile("[0-9]{1,9}[.,][0-9]{1,2}")


def read_amount(text: str, units: Mapping[str, int]) -> int | None:
    """Return the whole number that *text* names; None if it names none for certain.

    Args:
        text: The cell.
        units: The words that may stand behind the number, without accents, each with
            its factor; a currency among them may stand before it.
    """
    folded = fold(text).removesuffix("/-").replace("vn d", "vnd")
    currency = _IN_FRONT.match(folded)
    if currency is not None and currency[1] in units:
        folded = folded[currency.end() :]
    said = _AMOUNT.fullmatch(folded)
    if said is None:
        return None
    factor = units.get(" ".join(said[2].split()).rstrip("."))
    if factor is None:
        return None
    number = _NO_CENTS.sub("", said[1].strip())
    if _PLAIN.fullmatch(number):
        return int(number) * factor
    # Behind "1.500 nghìn" may be 1,500 and 1,500,000.
    if _GROUPED.fullmatch(number) and factor == 1:
        return int(re.sub("[., ]", "", number))
    if _FRACTION.fullmatch(number) and factor > 1:
        value = Decimal(number.replace(",", ".")) * factor
        return int(value) if value == int(value) else None
    return None
