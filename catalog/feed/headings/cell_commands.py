"""Words in a cell that ask for something instead of being a value.

`XÓA` (or `CLEAR`) empties the stored value: an empty cell never does. `MỚI` (or `NEW`)
in place of an id says that there is none yet, though something is nearly called the
same. `đúng` (or `right`) behind a legal form says that it is right, though the
producer's name states another.
"""

import re
from string import ascii_letters, digits
from typing import Final

from catalog.feed.cells.cell import CellError
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.model.certificate import Certificate
from catalog.model.fact import UNATTESTED, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Producer, ProducerKind
from catalog.model.product import Product, Variant
from catalog.text import clean, fold

NEW_PRODUCT: Final = "new product"
NEW_PRODUCER: Final = "new producer"
"""The value of a row where an id is MỚI; no columns, as they hold nothing."""
KIND_IS_RIGHT: Final = "kind is right"
"""The value of a row whose legal form is called right; likewise."""

_CLEAR: Final = frozenset({"xoa", "clear"})
_NO_CLEAR: Final = frozenset(ascii_letters + digits) - set("xXcC")
_NO_NEW: Final = frozenset(ascii_letters + digits) - set("mMnN")
"""Signs with which none of these begins; others may be left out when it is folded."""
_NEW: Final = frozenset({"moi", "new"})
_DIGITS: Final = frozenset(digits)
_QUOTE: Final = "'"
_RIGHT: Final = re.compile(r"(.*[^\s(,;:])[\s(,;:]+(?:đúng|right)\s*\)?", re.IGNORECASE)
_LONGEST: Final = 16
"""Characters, accents in any encoding, of the longest of these words."""

_IDS: Final = {
    "product_id": NEW_PRODUCT,
    "sku": NEW_PRODUCT,
    "producer_id": NEW_PRODUCER,
}
_KEPT: Final = frozenset(
    {
        # Names, and the marks of a pack or a certificate.
        "name",
        "producer_name",
        "ocop_code",
        "pack",
        "decision",
        "decided_on",
        "year",
        # Columns that belong to a count, or to pictures.
        "counted_at",
        "pictures_show_mark",
        "pictures_px",
    }
)
_BLANK: Final = {
    ColumnPart.PRODUCT: Product(id="", name=""),
    ColumnPart.PRODUCER: Producer(id="", name=""),
    ColumnPart.VARIANT: Variant(sku=""),
    ColumnPart.CERTIFICATE: Certificate(stars=None),
    ColumnPart.PAPER: Paper(kind=PaperKind.FOOD_SAFETY, held=UNATTESTED),
}
_NOTHING: Final = (None, "", 0, Fact.UNKNOWN)  # 0 is False, too


def says_new(column: str, said: str) -> str | None:
    """Return the new subject if the cell *said* MỚI where an id may stand."""
    what = _IDS.get(column)
    if what is None or len(said) > _LONGEST or said[:1] in _NO_NEW:
        return None
    if said[-1:] in _DIGITS:
        return None  # as of every id
    return what if fold(said) in _NEW else None


def says_right(column: str, said: str) -> str | None:
    """Return the legal form that the cell *said* calls right; None if it does not."""
    found = _RIGHT.fullmatch(clean(said)) if column == "producer_kind" else None
    return None if found is None else found[1]


def called_right(kind: ProducerKind) -> str:
    """Return a legal form as a cell says that it is right."""
    return f"{kind.value} (đúng)"


def says_clear(said: str) -> bool:
    """Say whether the cell *said* XÓA."""
    if len(said) > _LONGEST or said[:1] in _NO_CLEAR:
        return False  # as most cells: to fold one takes longer
    return fold(said) in _CLEAR


def quoted(value: object) -> object:
    """Return *value* as a cell says it: a text that is XÓA itself is no request."""
    is_word = isinstance(value, str) and says_clear(value.lstrip(_QUOTE))
    return f"{_QUOTE}{value}" if is_word else value


def unquoted(said: str) -> str:
    """Return the text that a cell *said*, as `quoted` wrote it."""
    is_word = said.startswith(_QUOTE) and says_clear(said.lstrip(_QUOTE))
    return said.removeprefix(_QUOTE) if is_word else said


def empty_value(column: str) -> object:
    """Return the empty value of *column*; `CellError` if it may not be empty."""
    known = COLUMNS[column]
    if known.part is ColumnPart.PICTURES and column not in _KEPT:
        return ()
    if column not in _IDS and column not in _KEPT and known.part in _BLANK:
        value = known.value_of(_BLANK[known.part])
        if value in _NOTHING:
            return value
    raise CellError(
        vi="không xóa được cột này: hãy ghi giá trị đúng",
        en="this column cannot be cleared: write what is right",
    )
