"""Rows of one file that say different things of one certificate.

Which certificate a row is about is found among those that the catalog holds
(`catalog.feed.identify.recognition`); rows about new ones are held against each other
in the same way. Where number, authority or day differ, or it is not clear whether two
rows mean one decision, the certificate is left out of all of them: which of the two was
decided, no row tells.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from catalog.feed.compare.contradictions import (
    NO_MORE,
    NOTHING,
    Contradiction,
    Settled,
    disagree,
)
from catalog.feed.compare.merge import put
from catalog.feed.compare.survey import RowStatement
from catalog.feed.headings.column import COLUMNS, ColumnPart, DecisionIs
from catalog.feed.identify.recognition import ANSWER, COLUMNS_OF, Doubt, Near, recognise
from catalog.feed.rows.reading import RowError, fold, names_of, of_part
from catalog.model.certificate import Certificate
from catalog.model.decision import read_number

_WHOLE: Final = frozenset(
    {ANSWER, *(n for n, each in COLUMNS.items() if each.part is ColumnPart.CERTIFICATE)}
)
_NAMED: Final = ("decision", "decided_on", "body", "year")
"""Columns that tell certificates apart."""
_WHICH: Final = (*_NAMED, ANSWER)


@dataclass(slots=True)
class Compared:
    """The comparison of all rows about one product, for its certificates.

    Attributes:
        contradictions: The contradictions between them.
        settled: The answers of a person that serve other rows as well.
    """

    contradictions: list[Contradiction] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)


def compare_certificates(
    rows: Sequence[RowStatement], known: Sequence[Certificate]
) -> Compared:
    """Return the contradictions between rows about one product's certificates.

    Args:
        rows: The rows.
        known: Its certificates in the catalog.
    """
    compared = Compared()
    by_place: defaultdict[int, list[RowStatement]] = defaultdict(list)
    new: list[RowStatement] = []
    told = [row for row in rows if names_of(row.given, ColumnPart.CERTIFICATE)]
    for row in _answered(told, compared):
        try:
            found = recognise(known, row.given)
        except RowError:
            continue  # it is asked about by itself
        if found is None:
            new.append(row)
        elif not isinstance(found, Doubt):
            by_place[found].append(row)
    for same in by_place.values():
        compared.contradictions += _of_one(same)
    _compare_new(new, compared)
    return compared


def _answered(
    rows: Sequence[RowStatement], compared: Compared
) -> Iterator[RowStatement]:
    """Yield *rows*, each with the answer that stands in a row just like it."""
    answers = {_key(row): row.given[ANSWER] for row in rows if ANSWER in row.names}
    for row in rows:
        answer = answers.get(_key(row))
        if answer is None or ANSWER in row.names:
            yield row
        else:
            compared.settled.append((row.where, ANSWER, answer))
            yield row.saying(ANSWER, answer)


def _of_one(
    rows: Sequence[RowStatement], *, new: bool = False
) -> Iterator[Contradiction]:
    """Yield the contradictions between rows about one certificate."""
    found = [
        each
        for column in _WHICH
        for each in disagree(
            rows, column, left_out=_WHOLE, value=partial(_told, column)
        )
    ]
    yield from found
    asked: set[str] = set()
    for column in () if found else sorted(_WHOLE.difference(_WHICH)):
        if column not in asked:
            # A new one without its stars would stand beside the one in force.
            for each in disagree(rows, column, left_out=_WHOLE if new else NO_MORE):
                asked |= each.left_out
                yield each


@dataclass(slots=True)
class _New:
    """A certificate that is new in the file.

    Attributes:
        certificate: The certificate, as its rows describe it.
        rows: Its rows.
        near: Others that may be the same, by their place, and how they differ.
    """

    certificate: Certificate
    rows: list[RowStatement]
    near: dict[int, Near]


def _compare_new(rows: Sequence[RowStatement], compared: Compared) -> None:
    """Compare rows about certificates that the catalog does not hold."""
    found: list[_New] = []
    for row in sorted(rows, key=_key):
        values = of_part(row.given, ColumnPart.CERTIFICATE)
        try:
            place = recognise([each.certificate for each in found], row.given)
        except RowError:
            continue
        if isinstance(place, int):
            same = found[place]
            same.rows.append(row)
            same.certificate = put(same.certificate, _missing(same, values))
            continue
        near = {} if place is None else dict.fromkeys(place.places, place.near)
        made = put(Certificate(stars=None), values)
        found.append(_New(made, [row], near))
    for each in found:
        compared.contradictions += _of_one(each.rows, new=True)
        for n, how in each.near.items():
            _tell_apart(how, found[n].rows, each.rows, compared)


def _tell_apart(
    how: Near,
    one: Sequence[RowStatement],
    other: Sequence[RowStatement],
    compared: Compared,
) -> None:
    """Ask whether rows mean one decision or two; who says so of one says it of both."""
    both = (*one, *other)
    if not any(row.given.get(ANSWER) is DecisionIs.NEW for row in both):
        compared.contradictions.append(_two(how, one, other))
    else:
        compared.settled += [
            (row.where, ANSWER, DecisionIs.NEW)
            for row in both
            if ANSWER not in row.names
        ]


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


def _missing(known: _New, values: Mapping[str, object]) -> Mapping[str, object]:
    """Return the *values* that other rows of a certificate leave empty."""
    empty = Certificate(stars=None)
    return {
        path: value
        for path, value in values.items()
        if getattr(known.certificate, path) == getattr(empty, path)
    }


def _key(row: RowStatement) -> tuple[bool, bool, str]:
    """Return the sort key of a row: the rows that say most come first."""
    given = row.given
    told = [(name, str(_told(name, row))) for name in _NAMED if name in given]
    return "decision" not in given, "decided_on" not in given, repr(told)


def _told(column: str, row: RowStatement) -> object:
    given = row.given
    if column not in given:
        return NOTHING
    text = str(given[column])
    if column == "decision":
        number = read_number(text)
        return fold(text) if number is None else number.key
    return fold(text) if column == "body" else given[column]
