"""Names of producers that state another legal form than their column for it.

One of the two is wrong: the change that a row would make to them is left out and asked
about. Whoever knows that the form is right, though the name says otherwise, writes
`đúng` (`right`) behind it, in one of the producer's rows.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from catalog.feed.compare.contradictions import Settled
from catalog.feed.compare.survey import RowStatement
from catalog.feed.headings.cell_commands import KIND_IS_RIGHT
from catalog.feed.headings.display import KIND_WORDS
from catalog.feed.rows.reading import Given
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.model.producer import Producer, ProducerKind
from catalog.names.legal_form import WORDS, contradicts, form_in

_FORM: Final = "producer_kind"
_NAME: Final = "producer_name"


def answered_forms(rows: Iterable[RowStatement]) -> Iterator[Settled]:
    """Yield for which rows about one producer another row says that a form is right."""
    said = [row for row in rows if _FORM in row.names]
    right = {row.given[_FORM] for row in said if KIND_IS_RIGHT in row.names}
    for row in said:
        if KIND_IS_RIGHT not in row.names and row.given[_FORM] in right:
            yield row.where, KIND_IS_RIGHT, True


def contradicted(given: Given, maker: Producer | None) -> frozenset[str]:
    """Return the columns that a row is asked about, as name and form contradict.

    Stored contradictions ask nothing: somebody has said that they are right.
    """
    if KIND_IS_RIGHT in given:
        return frozenset()
    renames = _NAME in given and (maker is None or "producer_id" in given)
    name = str(given[_NAME]) if renames else "" if maker is None else maker.name
    kind = _form_of(given, maker)
    if not contradicts(name, kind):
        return frozenset()
    found = (
        {_FORM} if _FORM in given and (maker is None or kind != maker.kind) else set()
    )
    if renames and maker is not None and name != maker.name:
        found.add(_NAME)
    return frozenset(found)


def _form_of(given: Given, maker: Producer | None) -> ProducerKind:
    """Return the legal form that a row says, else the one that is known."""
    kind = given.get(_FORM, ProducerKind.UNKNOWN if maker is None else maker.kind)
    assert isinstance(kind, ProducerKind)  # noqa: S101  (how the column reads)
    return kind


def ask_about_form(
    row: FeedRow, given: Given, maker: Producer | None, columns: frozenset[str]
) -> Problem:
    """Return the question about name and form of a row's producer."""
    name = str(given.get(_NAME) or (maker.name if maker is not None else ""))
    kind = _form_of(given, maker)
    stated_vi, stated_en = WORDS[form_in(name)]
    said_vi, said_en = WORDS[kind]
    answer = f"{KIND_WORDS[kind]}, đúng"  # as a sheet of ours says it
    left_vi = "loại hình" if _FORM in columns else "tên"
    left_en = "the form" if _FORM in columns else "the name"
    return row.problem(
        column=_FORM if _FORM in columns else _NAME,
        vi=f"tên “{name}” là của {stated_vi}, loại hình lại là {said_vi}: chưa lấy"
        f" {left_vi}. Sửa tên hoặc loại hình; nếu cả hai đều đúng, ghi “{answer}” vào"
        f" [[{_FORM}]]",
        en=f'the name "{name}" is that of {stated_en}, the form {said_en}: {left_en} is'
        f' not taken. Mend one of them; if both are right, write "{answer}" in'
        f" [[{_FORM}]]",
        kind=ProblemKind.QUESTION,
    )
