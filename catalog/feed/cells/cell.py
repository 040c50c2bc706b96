"""Read and write single cells.

Each reader takes the text of a cell that is not empty and returns its value, or raises
`CellError` with the text to write instead. Values that people write in many ways are
read in `days`, `amounts`, `stars` and `value_words`; nothing is guessed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from catalog.feed.cells.amounts import read_amount
from catalog.feed.cells.days import read_day, read_instant
from catalog.feed.cells.stars import read_stars
from catalog.feed.cells.value_words import read_body, read_fact, read_kind
from catalog.model.decision import EXAMPLE, read_number
from catalog.model.fact import Fact
from catalog.model.gs1 import is_gtin
from catalog.model.producer import ProducerKind
from catalog.model.product_set import find_set
from catalog.text import clean, clean_lines, fold, plain_dashes

Reader = Callable[[str], object]
"""Turns the text of a cell into its value."""

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")

_DIGITS = re.compile(r"[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]{1,9}([.,][0-9]{1,6})?")
_FOUR_DIGITS = re.compile("[0-9]{4}")
_FIVE_DIGITS = re.compile("[0-9]{5}")
_MAX_BODY = 100
_MAX_NUMBER = 100
_ZERO = re.compile(r"0+(?:[.,]0+)?")


class CellError(ValueError):
    """A cell holds something else than its column asks for.

    Attributes:
        vi: The text to write instead, in Vietnamese.
        en: The same in English.
    """

    def __init__(self, *, vi: str, en: str) -> None:
        super().__init__(f"{vi} / {en}")
        self.vi = vi
        self.en = en


def found_or_refused(found: _T | None, *, vi: str, en: str) -> _T:
    """Return the value that was found in a cell; `CellError` if there is none."""
    if found is None:
        raise CellError(vi=vi, en=en)
    return found


def text(limit: int) -> Reader:
    """Read one line of words, of at most *limit* characters."""
    return lambda cell: _capped(_words(clean(cell)), limit)


def lines(limit: int) -> Reader:
    """Read words of several lines, *limit* characters in all."""
    return lambda cell: _capped(_words(clean_lines(cell)), limit)


def no_words(cell: str) -> CellError | None:
    """Return why *cell* says nothing in words: a formula is 0 at an empty cell."""
    if not _ZERO.fullmatch(cell):
        return None
    return CellError(
        vi="ô này phải là chữ mà chỉ có số 0 (thường là công thức trỏ tới ô trống):"
        " hãy ghi chữ, hoặc để trống",
        en="words belong here and there is only a 0 (mostly a formula that looks at an"
        " empty cell): write the words, or leave it empty",
    )


def _words(value: str) -> str:
    if (wrong := no_words(value)) is not None:
        raise wrong
    return value


def _capped(value: str, limit: int) -> str:
    if len(value) > limit:
        raise CellError(
            vi=f"dài {len(value)} ký tự, tối đa {limit}: hãy rút ngắn",
            en=f"{len(value)} characters, {limit} at most: shorten it",
        )
    return value


def integer(low: int, high: int) -> Reader:
    """Read a whole number from *low* to *high*, written with digits only."""

    def read(cell: str) -> int:
        if _DIGITS.fullmatch(cell) and low <= int(cell) <= high:
            return int(cell)
        raise CellError(
            vi=f"phải là số nguyên từ {low} đến {high}, chỉ viết chữ số (35000)",
            en=f"a whole number from {low} to {high}, digits only (35000)",
        )

    return read


def percent(cell: str) -> float:
    """Read a share from 0 to 100, with a decimal point or comma."""
    if _DECIMAL.fullmatch(cell):
        value = float(cell.replace(",", "."))
        if value <= 100:  # noqa: PLR2004 (per cent)
            return value
    raise CellError(
        vi="phải là số từ 0 đến 100 (29.5)", en="a number from 0 to 100 (29.5)"
    )


def amount(low: int, high: int, units: Mapping[str, int], example: str) -> Reader:
    """Read a whole number from *low* to *high*, grouped or not, in one of *units*."""

    def read(cell: str) -> int:
        value = read_amount(cell, units)
        if value is not None and low <= value <= high:
            return value
        if not any(c.isdigit() for c in cell):
            raise CellError(
                vi=f"không có số nào: chưa biết thì để trống ô này, không ghi chữ; biết"
                f" rồi thì ghi một số nguyên ({example})",
                en="names no number: leave the cell empty if it is not known, without a"
                f" word in it; else write one whole number ({example})",
            )
        raise CellError(
            vi=f"không rõ là bao nhiêu: ghi một số nguyên từ {low} đến {high}"
            f" ({example}); chưa biết thì để trống",
            en=f"not clear how much: write one whole number from {low} to {high}"
            f" ({example}); leave it empty if it is not known",
        )

    return read


def day(cell: str) -> date:
    """Read a day."""
    return found_or_refused(
        read_day(cell),
        vi="phải là ngày có thật từ 1990 đến 2100, ghi ngày/tháng/năm đủ 4 chữ số"
        " (06/04/2021)",
        en="a real day from 1990 to 2100, written day/month/year with four digits"
        " (06/04/2021)",
    )


def instant(cell: str) -> datetime:
    """Read an instant; return it in UTC. Without an offset it is Vietnam's time."""
    return found_or_refused(
        read_instant(cell),
        vi="phải là ngày và giờ (24/11/2026 09:30)",
        en="a day with its time (24/11/2026 09:30)",
    )


def stars(cell: str) -> int:
    """Read a number of stars, in figures, words or asterisks."""
    return found_or_refused(
        read_stars(cell),
        vi="không rõ là mấy sao: ghi số nguyên từ 1 đến 5, không dấu"
        " (4, 4 sao, 4 sao cấp tỉnh, ****, tiềm năng 5 sao)",
        en="not clear how many stars: write 1 to 5, whole and without a sign"
        " (4, 4 sao, 4 sao cấp tỉnh, ****, tiềm năng 5 sao)",
    ).number


def kind(cell: str) -> ProducerKind:
    """Read a legal form, in words or short."""
    return found_or_refused(
        read_kind(cell),
        vi="viết DN (công ty), HTX, THT (tổ hợp tác) hoặc HO (hộ, cơ sở)",
        en="write DN (firm), HTX (cooperative), THT (group) or HO (household)",
    )


def body(cell: str) -> str:
    """Read who decided: huyện, tỉnh, trung ương, or any other authority."""
    found = found_or_refused(
        read_body(cell),
        vi="không rõ cơ quan nào: ghi huyện, tỉnh hoặc trung ương; chưa biết thì để"
        " trống",
        en="not clear which authority: write huyện, tỉnh or trung ương; leave it empty"
        " if it is not known",
    )
    return _capped(_words(found), _MAX_BODY)


def decision(cell: str) -> str:
    """Read the number of a decision; anything else in its place is refused."""
    found = read_number(cell)
    if found is not None:
        return _capped(found.text, _MAX_NUMBER)
    is_day = read_day(cell) is not None
    raise CellError(
        vi=(
            "là ngày, không phải số quyết định"
            if is_day
            else "không phải số quyết định"
        )
        + f": ghi số, dấu gạch chéo, ký hiệu ({EXAMPLE}); chưa có quyết định thì để"
        " trống",
        en=("a day and no number" if is_day else "no number")
        + f" of a decision: write digits, a slash and the office ({EXAMPLE}); leave it"
        " empty if there is no decision yet",
    )


def fact(cell: str) -> Fact:
    """Read yes, no or unknown, in either language."""
    return found_or_refused(
        read_fact(cell),
        vi="viết có, không hoặc chưa rõ",
        en="write có (yes), không (no) or chưa rõ (unknown)",
    )


def flag(cell: str) -> bool:
    """Read yes or no, in either language."""
    known = read_fact(cell)
    if known is None or known is Fact.UNKNOWN:
        raise CellError(vi="viết có hoặc không", en="write có (yes) or không (no)")
    return known is Fact.YES


def choice(members: type[_E], *named: str) -> Reader:
    """Read the value of a member of *members*, or its name in Vietnamese."""
    known = {fold(each.value): each for each in members if each.value}
    known |= {fold(name): each for name, each in zip(named, members, strict=True)}
    names = ", ".join(named)

    def read(cell: str) -> _E:
        return found_or_refused(
            known.get(fold(cell)), vi=f"viết một trong: {names}", en=f"one of: {names}"
        )

    return read


def product_set(cell: str) -> str:
    """Read the code or the name of a product set; return the code."""
    return found_or_refused(
        find_set(cell),
        vi="không có bộ sản phẩm này trong Quyết định 148/QĐ-TTg (ví dụ I.1.a)",
        en="no such product set in Decision 148/QĐ-TTg (for example I.1.a)",
    ).code


def identifier(pattern: str, example: str) -> Reader:
    """Read an id that this catalog gave out, or that came with an export."""
    form = re.compile(pattern)

    def read(cell: str) -> str:
        typed = plain_dashes(cell)
        if form.fullmatch(typed):
            return typed
        raise CellError(
            vi=f"không phải mã do hệ thống cấp ({example}); mục mới thì để trống",
            en=f"not an id as given out here ({example}); leave it empty if new",
        )

    return read


def commune_code(cell: str) -> str:
    """Read the code of a commune; `producer_place` checks that the commune exists."""
    # Spreadsheets drop the zero in front of a text that looks like a number.
    whole = f"0{cell}" if _FOUR_DIGITS.fullmatch(cell) else cell
    if _FIVE_DIGITS.fullmatch(whole):
        return whole
    raise CellError(
        vi="không phải mã xã: phải là năm chữ số",
        en="no code of a commune: it has five digits",
    )


def facts(cell: str) -> tuple[Fact, ...]:
    """Read yes, no or unknown for each of several things."""
    return tuple(fact(each) for each in cell.split())


def gtin(cell: str) -> str:
    """Read a GS1 number of 8, 12, 13 or 14 digits with its check digit."""
    if not is_gtin(cell):
        raise CellError(
            vi="không phải mã GTIN: 8, 12, 13 hoặc 14 chữ số, số cuối để kiểm tra",
            en="no GTIN: it has 8, 12, 13 or 14 digits, the last one checks the others",
        )
    return cell


def show(value: object) -> str:
    """Return *value* as the text of a cell; nothing known is an empty cell."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat()
    if isinstance(value, tuple):
        return " ".join(show(each) or "-" for each in value)
    return str(value)
