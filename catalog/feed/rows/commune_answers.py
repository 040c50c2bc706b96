"""Answers within a file: one of its rows answers the question of another.

A split commune is asked about for each address of a producer. The answer of one row
serves the others, those before it as well.
"""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from catalog.feed.headings.cell_commands import says_clear, says_new
from catalog.feed.places.communes import Answers, address_key, maker_key
from catalog.feed.rows.row import FeedRow, Problem

_Key = tuple[str, str, str]


class CommuneAnswers:
    """The questions of a file's rows, and the answers in them.

    Attributes:
        answers: The known answers, and those of the rows so far.
    """

    def __init__(self, known: Answers) -> None:
        self._said: dict[_Key, str] = {}
        self._disputed: set[_Key] = set()
        self._asked: list[tuple[_Key | None, Problem]] = []
        self.answers: Answers = ChainMap(self._said, dict(known))

    def note(self, row: FeedRow, asked: Iterable[Problem]) -> None:
        """Keep the answer and the questions of a row; a wrong row answers nothing."""
        key = place_key(row.cells, row.cells.get("old_commune_code", ""))
        self._asked += [(key, each) for each in asked]
        said = row.cells.get("commune_code", "").strip().zfill(5)
        is_said = said.isdigit() and said.strip("0")
        if key is None or not is_said or row.problems or row.other_province:
            return
        if key not in self._disputed and self._said.setdefault(key, said) != said:
            del self._said[key]
            self._disputed.add(key)

    def questions(self) -> Iterator[Problem]:
        """Return the questions that no row answers."""
        return (each for key, each in self._asked if key not in self._said)


def place_key(cells: Mapping[str, str], old_code: str) -> _Key | None:
    """Return the key of an answer about a row's address; None if it has none."""
    id_, name = cells.get("producer_id", ""), cells.get("producer_name", "")
    return _key(id_.strip(), name.strip(), cells.get("address", ""), old_code)


@lru_cache(maxsize=8192)  # a producer has several products, in as many rows
def _key(id_: str, name: str, address: str, old_code: str) -> _Key | None:
    # With an id, the name may be another's, too.
    is_id = id_ and not says_new("producer_id", id_)
    maker = id_ if is_id else maker_key(name) if name else ""
    if not maker or not old_code.strip() or says_clear(old_code):
        return None
    return address_key(maker, address.strip(), old_code.strip().zfill(5))
