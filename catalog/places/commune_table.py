"""Read and check a table of communes: a file that belongs to a deployment.

One row for each pair of an old commune (until 30 June 2025) and a present one that took
over land of it. All faults of the file are named at once, each with its line: a table
that is half right would give communes to the wrong ones in silence. Its form is
described in docs/importing.md.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalog.errors import CommuneTableError
from catalog.places.place_name import COMMUNE_KINDS, DISTRICT_KINDS, says_kind
from catalog.text import clean, fold_words

_COLUMNS: Final = (
    "province",
    "old_commune_code",
    "old_commune",
    "old_district",
    "new_commune_code",
    "new_commune",
)
_FORMER: Final = "former_district"
_MAX_BYTES: Final = 5_000_000
_SHOWN: Final = 10
_CODE: Final = re.compile("[0-9]{5}")
_COMMUNE_KINDS: Final = "Phường, Xã, Thị trấn, Đặc khu"
_DISTRICT_KINDS: Final = "Huyện, Thị xã, Thành phố, Quận"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row of the table, its cells cleaned.

    Names have their kinds. The fields of an old commune are "" where there was none.
    """

    line: int
    province: str
    old_code: str
    old_name: str
    district: str
    former_districts: tuple[str, ...]
    code: str
    name: str


def read_rows(path: Path) -> Sequence[TableRow]:
    """Return the rows of the table at *path*.

    Raises:
        CommuneTableError: It cannot be read, or is wrong; all of it is named.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise CommuneTableError(
                str(path), ["lớn hơn 5 MB, không phải bảng xã / larger than 5 MB"]
            )
        text = path.read_text("utf-8-sig")
    except OSError as error:
        problem = f"không đọc được tệp / cannot be read ({type(error).__name__})"
        raise CommuneTableError(str(path), [problem]) from error
    except UnicodeError:
        problem = (
            "không phải UTF-8: lưu lại dạng CSV UTF-8 / not UTF-8: save it as that"
        )
        raise CommuneTableError(str(path), [problem]) from None
    rows = _read(text, str(path))
    if problems := [*_problems(rows), *_contradictions(rows)]:
        more = len(problems) - _SHOWN
        rest = [f"… và {more} lỗi nữa / and {more} more"] if more > 0 else []
        raise CommuneTableError(str(path), [*problems[:_SHOWN], *rest])
    return rows


def _read(text: str, file: str) -> Sequence[TableRow]:
    head = text.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(text.splitlines(), delimiter=separator)
    try:
        named = {clean(name or "") for name in reader.fieldnames or ()}
        if missing := [name for name in _COLUMNS if name not in named]:
            names = ", ".join(missing)
            problem = (
                f"dòng 1: thiếu cột {names} / line 1: columns are missing: {names}"
            )
            raise CommuneTableError(file, [problem])
        rows = [_row(reader.line_num, row) for row in reader]
    except csv.Error as error:
        problem = f"dòng {reader.line_num}: không phải CSV / not CSV ({error})"
        raise CommuneTableError(file, [problem]) from None
    if not rows:
        raise CommuneTableError(file, ["không có xã nào / there is no commune in it"])
    return rows


def _row(line: int, row: dict[str, str | None]) -> TableRow:
    cells = {clean(name or ""): clean(row[name] or "") for name in row if name}
    former = cells.get(_FORMER, "").split(";")
    return TableRow(
        line=line,
        province=cells["province"],
        old_code=cells["old_commune_code"],
        old_name=cells["old_commune"],
        district=cells["old_district"],
        former_districts=tuple(each.strip() for each in former if each.strip()),
        code=cells["new_commune_code"],
        name=cells["new_commune"],
    )


def _problems(rows: Sequence[TableRow]) -> Iterator[str]:
    for row in rows:
        for vi, en in _of_row(row):
            yield f"dòng {row.line}: {vi} / line {row.line}: {en}"


def _of_row(row: TableRow) -> Iterator[tuple[str, str]]:
    codes = {"new_commune_code": row.code, "old_commune_code": row.old_code}
    names = {"new_commune": row.name, "old_commune": row.old_name}
    is_old = bool(row.old_code or row.old_name)
    if not is_old:  # a present commune where there was none before
        del codes["old_commune_code"], names["old_commune"]
    for column, code in codes.items():
        if not _CODE.fullmatch(code):
            yield (
                f"{column} “{code}” phải là năm chữ số, cả số 0 ở đầu",
                f'{column} "{code}" must be five digits, with the zero in front',
            )
    for column, name in names.items():
        if not says_kind(name, COMMUNE_KINDS):
            yield (
                f"{column} “{name}” phải ghi cả loại ({_COMMUNE_KINDS})",
                f'{column} "{name}" must begin with its kind ({_COMMUNE_KINDS})',
            )
    if is_old and not says_kind(row.district, DISTRICT_KINDS):
        name = row.district
        yield (
            f"old_district “{name}” phải ghi cả loại ({_DISTRICT_KINDS})",
            f'old_district "{name}" must begin with its kind ({_DISTRICT_KINDS})',
        )
    if not row.province:
        yield "province trống", "province is empty"


def _contradictions(rows: Sequence[TableRow]) -> Iterator[str]:
    """Say where two rows cannot both be right."""
    if not any(row.old_code for row in rows):
        yield "không có xã cũ nào / there is no old commune in it"
    provinces = sorted({row.province for row in rows if row.province})
    if len(provinces) > 1:
        names = ", ".join(provinces)
        yield f"nhiều hơn một tỉnh / more than one province: {names}"
    pairs = Counter((row.old_code, row.code) for row in rows)
    for (old, new), count in pairs.items():
        if count > 1:
            yield f"{old or '-'} → {new}: có hai dòng / stands in two rows"
    yield from _twice((row.old_code, row.old_name, row.district) for row in rows)
    yield from _twice((row.code, row.name, "") for row in rows)


def _twice(communes: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    """Name codes of two communes, and names of two that nothing tells apart."""
    known = {each for each in communes if each[0]}
    codes = Counter(code for code, _, _ in known)
    names = Counter(
        (fold_words(name), fold_words(district)) for _, name, district in known
    )
    for code, name, district in sorted(known):
        where = f" ({district})" if district else ""
        if codes[code] > 1:
            yield f"{code} {name}{where}: mã của hai xã / the code of two communes"
        if names[fold_words(name), fold_words(district)] > 1:
            yield f"{code} {name}{where}: trùng tên / another one has the same name"
