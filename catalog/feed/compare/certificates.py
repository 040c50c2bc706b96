"""Rows of one file that say different things of one certificate.

Rows that mean one decision are found within the file, whatever the catalog holds: an
import of the same file again finds the same contradictions. Each of them is completed
by the others, so that their order does not matter. Where number, authority or day
differ, or it is not clear whether two rows mean one decision, the certificate is left
out of all of them: which of the two was decided, no row tells.

Groups of rows that mean one stored certificate (`catalog.feed.identify.recognition`)
are held against each other as well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, combinations, groupby, product, starmap
from typing import Final

from catalog.feed.compare.contradictions import (
    NO_MORE,
    WHOLE,
    Contradiction,
    Contradictions,
)
from catalog.feed.compare.disagreements import NOTHING, disagree, spelled_alike
from catalog.feed.compare.survey import RowStatement
from catalog.feed.headings.column import COLUMNS, ColumnPart, DecisionIs
from catalog.feed.identify.recognition import (
    ANSWER,
    COLUMNS_OF,
    Doubt,
    Near,
    meant,
    nearly,
    recognise,
    several,
)
from catalog.feed.rows.assignment import put
from catalog.feed.rows.reading import Given, RowError, fold, names_of, of_part
from catalog.feed.rows.row import RowPlace
from catalog.model.certificate import Certificate
from catalog.model.decision import read_number

_WHOLE: Final = frozenset(
    {ANSWER, *(n for n, each in COLUMNS.items() if each.part is ColumnPart.CERTIFICATE)}
)
_NAMED: Final = ("decision", "decided_on", "body", "year")
"""Columns that tell certificates apart."""
_WHICH: Final = (*_NAMED, ANSWER)
_COMPLETED: Final = (*_WHICH, "voided_by", "voided_on", "void_reason")
"""Columns that rows about one certificate say for each other."""
_EMPTY: Final = Certificate(stars=None)


@dataclass(slots=True)
class _Group:
    """Rows of the file that mean one certificate.

    Attributes:
        rows: The rows, those that say most first.
        places: The stored certificates that they mean.
        disagrees: They disagree on what tells it apart.
    """

    rows: list[RowStatement] = field(default_factory=list)
    places: set[int] = field(default_factory=set)
    disagrees: bool = False
    _whole: Certificate = _EMPTY
    _each: list[Certificate] = field(default_factory=list)

    @property
    def certificates(self) -> Sequence[Certificate]:
        """Return what tells it apart, by all rows; by each where they disagree."""
        return self._each if self.disagrees else [self._whole]

    def changes(self, known: Certificate) -> Mapping[str, object]:
        """Return what the rows say otherwise of *known*; a day that moves is held."""
        said = {name: getattr(self._whole, name) for name in _NAMED}
        held = known.decided_on is not None
        return {n: v for n, v in said.items() if v and not (held and n == "decided_on")}

    def join(self, rows: Sequence[RowStatement]) -> None:
        """Take in rows that say the same of what tells the certificate apart."""
        self.rows += rows
        values = of_part(_which(rows[0]), ColumnPart.CERTIFICATE)
        self._each.append(put(_EMPTY, values))
        self._whole = put(self._whole, _missing(self._whole, values))
        self.disagrees = any(_which_disagree(self.rows))


def compare_certificates(
    rows: Sequence[RowStatement],
    known: Sequence[Certificate],
    compared: Contradictions,
) -> None:
    """Note the contradictions between rows about one product's certificates.

    Noted as well are the values of a row that others settle: an answer of a person, or
    what tells the certificate apart.
    """
    told = [row for row in rows if names_of(row.given, ColumnPart.CERTIFICATE)]
    groups = _groups(list(_answered(told, compared)), compared)
    for each in groups:
        _complete(each, compared)
        _find(each, known)
    for together in _by_place(groups):
        _compare(together, compared)
    for one, other in combinations(groups, 2):
        _tell_apart(one, other, compared)
    _settle_doubts(groups, known, compared)


def _answered(
    rows: Sequence[RowStatement], compared: Contradictions
) -> Iterator[RowStatement]:
    """Yield *rows*, each with the answer that stands in a row just like it."""
    answers = {_key(row): row.given[ANSWER] for row in rows if ANSWER in row.names}
    for row in rows:
        answer = answers.get(_key(row))
        if answer is None or ANSWER in row.names:
            yield row
        else:
            compared.settle([(row.where, ANSWER, answer)])
            yield row.saying(ANSWER, answer)


def _groups(rows: Iterable[RowStatement], compared: Contradictions) -> list[_Group]:
    """Return rows that mean one certificate together, whatever the catalog holds."""
    found: list[_Group] = []
    in_order = sorted(rows, key=lambda row: (_key(row), str(row.given.get(ANSWER, ""))))
    for _, alike in groupby(in_order, _key):
        same = list(alike)
        owners = [each for each in found for _ in each.certificates]
        described = [each for group in found for each in group.certificates]
        means = {id(owners[n]): owners[n] for n in meant(described, _which(same[0]))}
        if len(means) > 1:
            compared.add([_unclear(same)])
            continue
        if not means:
            found.append(group := _Group())
            means = {id(group): group}
        for group in means.values():
            group.join(same)
    return found


def _which(row: RowStatement) -> Given:
    """Return the values of a row that tell its certificate apart."""
    return {name: row.given[name] for name in _WHICH if name in row.given}


def _unclear(rows: Sequence[RowStatement]) -> Contradiction:
    """Return the question about rows that may mean several decisions of the file."""
    why = several()
    wheres = tuple(sorted(row.where for row in rows))
    return Contradiction(why.column, WHOLE, (wheres,), ask=(why.vi, why.en))


def _complete(group: _Group, compared: Contradictions) -> None:
    """Have each row say all that tells the certificate apart, as far as they agree."""
    out = _wheres(_which_disagree(group.rows))
    agreeing = [row for row in group.rows if row.where not in out]
    compared.settle(spelled_alike(agreeing, "decision", _fold_number))
    said: dict[str, object] = {}
    for row in agreeing:
        given = row.given
        said |= {name: given[name] for name in _COMPLETED if given.get(name)}
    for n, row in enumerate(group.rows):
        missing = () if row.where in out else sorted(said.keys() - row.names)
        for name in missing:
            compared.settle([(row.where, name, said[name])])
            group.rows[n] = group.rows[n].saying(name, said[name])


def _wheres(found: Iterable[Contradiction]) -> set[RowPlace]:
    return {where for each in found for where in each.wheres}


def _find(group: _Group, known: Sequence[Certificate]) -> None:
    """Note which stored certificates the rows of a group mean."""
    found = [_recognised(row, known) for row in group.rows]
    group.places |= {place for place in found if isinstance(place, int)}


def _by_place(groups: Iterable[_Group]) -> Iterator[list[_Group]]:
    """Yield the groups that mean one stored certificate together, others alone."""
    joined: list[list[_Group]] = []
    for each in groups:
        if not each.places:
            yield [each]
            continue
        places = each.places
        same = [some for some in joined if any(places & g.places for g in some)]
        joined = [some for some in joined if some not in same]
        joined.append([*chain.from_iterable(same), each])
    yield from joined


def _compare(groups: Sequence[_Group], compared: Contradictions) -> None:
    """Note the contradictions between rows about one certificate."""
    rows = [row for each in groups for row in each.rows]
    found = list(_which_disagree(rows))
    for each in groups:
        each.disagrees |= bool(found)
    out = _wheres(found)
    agreeing = [row for row in rows if row.where not in out]
    # A new one without its stars would stand beside the one in force.
    left_out = NO_MORE if any(each.places for each in groups) else _WHOLE
    asked: set[str] = set()
    for column in sorted(_WHOLE.difference(_WHICH)):
        if column not in asked:
            more = list(disagree(agreeing, column, left_out=left_out))
            asked = asked.union(*(each.left_out for each in more))
            found += more
    compared.add(found)


def _which_disagree(rows: Sequence[RowStatement]) -> Iterator[Contradiction]:
    """Yield the contradictions in the columns that tell certificates apart."""
    for column in _WHICH:
        yield from disagree(rows, column, left_out=_WHOLE, value=partial(_told, column))


def _tell_apart(one: _Group, other: _Group, compared: Contradictions) -> None:
    """Ask whether rows mean one decision or two; who says so of one says it of both.

    Beside rows of a stored certificate, others are asked about by themselves.
    """
    is_one = bool(one.places & other.places)
    if one.disagrees if is_one else one.places or other.places:
        return
    pairs = product(one.certificates, other.certificates)
    how = next(filter(None, starmap(nearly, pairs)), None)
    if how is None:
        return
    both = (*one.rows, *other.rows)
    answers = {row.given.get(ANSWER) for row in both}
    if is_one or DecisionIs.CORRECTION in answers or DecisionIs.NEW not in answers:
        compared.add([_two(how, one.rows, other.rows)])
        return
    compared.settle(
        (row.where, ANSWER, DecisionIs.NEW) for row in both if ANSWER not in row.names
    )


def _settle_doubts(
    groups: Sequence[_Group], known: Sequence[Certificate], compared: Contradictions
) -> None:
    """Answer doubts about stored certificates that other rows of the file complete.

    Else the doubt would be gone with the next import of the file, and its row go in.
    """
    completed = list(known)
    for each in groups:
        if not each.disagrees:
            for place in each.places:
                completed[place] = put(completed[place], each.changes(known[place]))
    for each in groups:
        if not (each.places or each.disagrees):
            compared.settle(
                (row.where, ANSWER, DecisionIs.NEW)
                for row in each.rows
                if ANSWER not in row.names
                and isinstance(_recognised(row, known), Doubt)
                and _recognised(row, completed) is None
            )


def _recognised(
    row: RowStatement, known: Sequence[Certificate]
) -> int | Doubt | RowError | None:
    """Return the certificate of a row, the doubt about it, or the fault of the row."""
    try:
        return recognise(known, row.given)
    except RowError as error:
        return error


def _two(how: Near, *rows: Sequence[RowStatement]) -> Contradiction:
    """Return the question whether rows mean one decision or two."""
    return Contradiction(
        COLUMNS_OF[how],
        _WHOLE,
        tuple(sorted(tuple(sorted(row.where for row in each)) for each in rows)),
        hint=(
            f", hoặc ghi “mới” vào [[{ANSWER}]] nếu là hai quyết định",
            f", or write “mới” (new) in [[{ANSWER}]] if there are two decisions",
        ),
    )


def _missing(known: Certificate, values: Mapping[str, object]) -> Mapping[str, object]:
    """Return the *values* that *known* lacks."""
    return {
        path: value
        for path, value in values.items()
        if getattr(known, path) == getattr(_EMPTY, path)
    }


def _key(row: RowStatement) -> tuple[bool, bool, int, str]:
    """Return the sort key of a row: the rows that say most come first."""
    given = row.given
    told = [(name, str(_told(name, row))) for name in _NAMED if name in given]
    lacks = "decision" not in given, "decided_on" not in given, -len(told)
    return *lacks, repr(told)


def _told(column: str, row: RowStatement) -> object:
    given = row.given
    if column not in given:
        return NOTHING
    text = str(given[column])
    if column == "decision":
        return _fold_number(text)
    return fold(text) if column == "body" else given[column]


def _fold_number(text: str) -> str:
    """Return the number of a decision as it is compared."""
    number = read_number(text)
    return fold(text) if number is None else str(number.key)
