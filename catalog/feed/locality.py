"""From communes and districts in words to their codes.

An old commune is found by its name and district, a present one by its name.
Names alone are ambiguous, and twelve old communes were split: what is not
certain becomes a question, and its answer is the column `xã mới`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from catalog.commune import Commune, load_communes
from catalog.feed.cell import CellError
from catalog.text import fold_words

Answers = Mapping[tuple[str, str], str]
"""Codes of new communes by an address's folded text and its old commune's code."""

NO_ANSWERS: Final[Answers] = MappingProxyType({})

_COMMUNES: Final = load_communes()
_COMMUNE: Final = re.compile(r"(?:xa|x|phuong|p|thi tran|tt) \S.*")
_DISTRICT: Final = re.compile(r"(?:huyen|h|thi xa|tx|thanh pho|tp) \S.*")
_START: Final = re.compile(
    r"\b(?=(?:thi tran|thi xa|thanh pho|phuong|huyen|tinh)\b|(?<!tac )(?<!thi )xa\b)"
)


@dataclass(frozen=True, slots=True)
class Locality:
    """Where an address is.

    Attributes:
        old: The commune before 1 July 2025; None if not said.
        new: The commune since then; None if not said.
    """

    old: Commune | None = None
    new: Commune | None = None

    @property
    def successors(self) -> tuple[Commune, ...]:
        """The communes that took over land of the old one."""
        return () if self.old is None else _COMMUNES.became(self.old.code)


def find_new(name: str) -> Commune:
    """Return the present commune called *name*; `CellError` if there is not one."""
    found = _COMMUNES.named(name)
    if len(found) == 1:
        return found[0]
    raise CellError(
        vi="không có xã, phường, đặc khu nào tên này từ 1/7/2025: ghi đúng tên xã mới",
        en="no commune since 1 July 2025 has this name: write the new commune's name",
    )


def find_old(name: str, district: str) -> Commune:
    """Return the old commune called *name*; `CellError` if there is not one."""
    found = _COMMUNES.old_named(name, district)
    if len(found) == 1:
        return found[0]
    if found:
        districts = ", ".join(sorted(each.district for each in found))
        raise CellError(
            vi=f"có nhiều xã cũ cùng tên ({districts}): ghi thêm huyện",
            en=f"several old communes have this name ({districts}): write the district",
        )
    raise CellError(
        vi="không có xã, phường nào tên này trước 1/7/2025: sửa tên xã hoặc huyện",
        en="no commune before 1 July 2025 has this name: mend it, or the district",
    )


def find(name: str, district: str) -> Locality:
    """Return where the commune called *name* is, old or new.

    Raises:
        CellError: It is neither, or could be both and they differ.
    """
    old, new = _COMMUNES.old_named(name, district), _COMMUNES.named(name)
    if district and old:
        return Locality(old=find_old(name, district))
    if not old and not new:
        raise CellError(
            vi="không có xã nào tên này, cũ (ngay trước 1/7/2025) hay mới: sửa tên xã"
            " hoặc huyện",
            en="no commune has this name, old (just before 1 July 2025) or new: mend"
            " it, or the district",
        )
    if not old:
        return Locality(new=find_new(name))
    if not new:
        return Locality(old=find_old(name, district))
    if len(old) == 1 and _COMMUNES.became(old[0].code) == new:
        return Locality(old=old[0])
    raise CellError(
        vi="tên này vừa là xã cũ vừa là xã mới: ghi thêm huyện cũ, hoặc cột xã mới",
        en="an old and a new commune have this name: write the old district, or the"
        " new commune in its column",
    )


@lru_cache(maxsize=8192)
def in_text(address: str) -> Locality:
    """Return where an address is that names its old commune and district.

    Nothing is found where either is missing or does not fit the other.
    """
    parts = [fold_words(part) for part in re.split(r"[,;–]|\s-\s", address)]
    if len(parts) == 1:
        parts = [part.strip() for part in _START.split(parts[0])]
    communes = [part for part in parts if _COMMUNE.fullmatch(part)]
    districts = [part for part in parts if _DISTRICT.fullmatch(part)]
    if len(communes) != 1 or len(districts) != 1:
        return Locality()
    found = _COMMUNES.old_named(communes[0], districts[0])
    return Locality(old=found[0]) if len(found) == 1 else Locality()


def of_codes(old_code: str, new_code: str) -> Locality:
    """Return the locality of codes; what is no code counts as not said."""
    return Locality(_COMMUNES.old.get(old_code), _COMMUNES.present.get(new_code))


def address_key(address: str, old_code: str) -> tuple[str, str]:
    """Return by what an address is found among answers."""
    return fold_words(address), old_code
