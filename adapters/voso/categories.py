"""Name Voso's category for each of the 26 product sets of Decision 148/QĐ-TTg.

The engine maps by this table; the adapter passes on what it chose, as a number.
That the number exists is checked by the marketplace.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "I.1.a": "10101",
        "I.1.b": "10102",
        "I.2.a": "10201",
        "I.2.b": "10202",
        "I.3.a": "10301",
        "I.3.b": "10302",
        "I.3.c": "10303",
        "I.3.d": "10304",
        "I.4.a": "10401",
        "I.4.b": "10402",
        "I.5.a": "10501",
        "I.5.b": "10502",
        "I.6": "10600",
        "II.1.a": "20101",
        "II.1.b": "20102",
        "II.2.a": "20201",
        "II.2.b": "20202",
        "III.1": "30100",
        "III.2": "30200",
        "III.3": "30300",
        "IV.1": "40100",
        "IV.2": "40200",
        "V.1": "50100",
        "V.2": "50200",
        "V.3": "50300",
        "VI": "60000",
        "": "90000",  # local goods of a set that is not known
    }
)
"""Voso's category by the outline number of the product set."""
