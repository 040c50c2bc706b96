"""The questions about a row that may be of several products or producers."""

from collections.abc import Callable, Collection, Iterable
from typing import Final

from catalog.db.overflow import Overflow
from catalog.feed.rows.reading import RowError
from catalog.feed.rows.row import ProblemKind

_SHOWN: Final = 5


class IdentityQuestions:
    """Words the questions of one import.

    Args:
        name_of: Returns the name of a product or producer; "" if it is not known.
    """

    def __init__(self, name_of: Callable[[str], str]) -> None:
        self._name_of = name_of
        self._made_in: Overflow[str, str] = Overflow()

    def made_in(self, id_: str, row: str) -> None:
        """Remember the row of this import that has made this id."""
        if id_ not in self._made_in:
            self._made_in[id_] = row

    def in_words(self, id_: str) -> tuple[str, str]:
        """Return the name of a product or producer in messages, Vietnamese first.

        A new one is called by its row: nobody has seen its id yet.
        """
        name = self._name_of(id_)
        if (row := self._made_in.get(id_)) is not None:
            return f"dòng {row} “{name}”", f"row {row} “{name}”"
        known = f"{id_} ({name})" if name else id_
        return known, known

    def _all_in_words(self, ids: Iterable[str]) -> tuple[str, str]:
        """Return the first few of *ids* in words."""
        said = [self.in_words(id_) for id_ in sorted(ids)[:_SHOWN]]
        return ", ".join(vi for vi, _ in said), ", ".join(en for _, en in said)

    def several(self, found: Collection[str], *, column: str) -> RowError:
        """Return the question which of several the names in *column* mean."""
        wanted = _id_for(column)
        vi, en = self._all_in_words(found)
        do_vi = f"hãy ghi [[{wanted}]] để biết là cái nào"
        do_en = f"write [[{wanted}]] to say which"
        if not self._made_in.keys().isdisjoint(found):
            do_vi = f"hãy ghi thêm [[producer_name]], [[ocop_code]] hoặc [[{wanted}]]"
            do_en = f"write [[producer_name]], [[ocop_code]] or [[{wanted}]] as well"
        return RowError(
            column=column,
            vi=f"trùng với {vi}: {do_vi}",
            en=f"could be {en}: {do_en}",
            kind=ProblemKind.QUESTION,
            about=found,
        )

    def nearly(
        self, found: Iterable[str], *, column: str, formerly: bool = False
    ) -> RowError:
        """Return the question whether the name in *column* is a slip of another.

        It is one that is borne now, or was *formerly*.
        """
        wanted = _id_for(column)
        ids = list(found)
        vi, en = self._all_in_words(ids)
        do_vi, do_en = f"ghi mã vào [[{wanted}]]", f"write its id in [[{wanted}]]"
        if self._made_in.keys() >= set(ids):
            do_vi = f"ghi [[{column}]] giống hệt như ở đó"
            do_en = f"write [[{column}]] just as there"
        return RowError(
            column=column,
            vi=f"gần giống {'tên trước đây của ' * formerly}{vi}: nếu là nó, {do_vi};"
            f" nếu không, ghi MỚI vào [[{wanted}]]",
            en=f"nearly {'the former name of ' * formerly}{en}: if it is that, {do_en};"
            f" if not, write MỚI (NEW) in [[{wanted}]]",
            kind=ProblemKind.QUESTION,
            about=ids,
            formerly=formerly,
        )


def _id_for(column: str) -> str:
    """Return the column of the id that settles a question about *column*."""
    return "producer_id" if column == "producer_name" else "product_id"
