"""The meaning that a person gives a heading, as `--column "HEADING=MEANING"`.

The meaning is any heading that is known, or our name of the column; "-" passes the
column over. Who remembers it is said in `catalog.db.column_answers`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from catalog.errors import CatalogError
from catalog.feed.headings.heading import MAX_HEADING, PASSED_OVER, find_heading
from catalog.text import clean

HeadingAnswers = Mapping[str, str]
"""Our name of the column by `heading_key`; "" where it is passed over."""

NO_HEADING_ANSWERS: Final[HeadingAnswers] = MappingProxyType({})
_NONE: Final = "-"


def heading_key(text: str) -> str:
    """Return the key of a heading among answers: accents count, case does not."""
    return clean(text).casefold()


def read_heading_answer(said: str) -> tuple[str, str]:
    """Return key and column of one answer.

    Raises:
        CatalogError: It is no answer, or its meaning is not known.
    """
    heading, mark, means = said.rpartition("=")
    key = heading_key(heading)
    if not mark or not 0 < len(key) <= MAX_HEADING:
        message = (
            f'--column "{clean(said)}": ghi dạng "TIÊU ĐỀ=NGHĨA", bỏ qua cột thì "TIÊU'
            ' ĐỀ=-" / write "HEADING=MEANING", or "HEADING=-" to pass it over'
        )
        raise CatalogError(message)
    if means.strip() == _NONE:
        return key, PASSED_OVER
    found = find_heading(means)
    if found is None or found.column == PASSED_OVER:
        message = (
            f'--column "{clean(said)}": không có cột "{clean(means)}"; ghi tên cột như'
            " trong bảng mẫu (`ocop-sync template`) / there is no column"
            f' "{clean(means)}"; columns are called as in the sheet to fill in'
            " (`ocop-sync template`)"
        )
        raise CatalogError(message)
    return key, found.column
