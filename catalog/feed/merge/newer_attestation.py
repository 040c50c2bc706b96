"""Guard what somebody has attested of a paper against a sheet that is older.

A list that is imported again says of a paper what was seen then. Whoever has looked at
it since knows better: a paper that is not there any more would be back, and the product
on sale, without anybody being asked. A sheet that was exported since has seen it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.headings.display import author_in_words, in_message
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.rows.reading import names_of
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.model.fact import Fact
from catalog.model.paper import Paper, PaperKind
from catalog.vietnam_time import day_in_vietnam

_TOLD: Final = frozenset({"held.value", "expires_on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedConflict:
    """A value of a paper that stays, as somebody has seen the paper since.

    Attributes:
        column: The column.
        key: Id of the product.
        ours: The value in the catalog.
        seen_by: Who has seen the paper.
        seen_on: When.
        is_told: It is told; who has seen it, and when, go without saying.
    """

    column: str
    key: str
    ours: object
    seen_by: str
    seen_on: date
    is_told: bool

    def at_row(self, row: FeedRow) -> Problem:
        """Return it as a problem of *row*."""
        ours = in_message(self.column, self.ours)
        by = author_in_words(self.seen_by)
        return row.problem(
            column=self.column,
            vi=f'đang lưu "{ours}", {by} đã xem ngày {self.seen_on:%d/%m/%Y}; bảng ghi'
            " ngày xác nhận cũ hơn, hoặc không ghi: giữ nguyên cả giấy tờ này. Muốn đổi"
            " thì xem lại giấy rồi ghi ngày xem, hoặc xuất bảng mới rồi sửa",
            en=f'the catalog holds "{ours}", seen by {self.seen_by} on {self.seen_on};'
            " the sheet has an earlier day, or none: the paper stays as it is. To"
            " change it, look at the paper and write that day, or export anew and edit",
            kind=ProblemKind.CONFLICT,
        )


def attested_conflicts(
    made: RowDraft, stamp: datetime | None
) -> Iterator[AttestedConflict]:
    """Yield the values of papers that somebody has attested since the sheet's day.

    Args:
        made: The row, with the product as it is known.
        stamp: When the sheet was exported; None if it never was.
    """
    if made.known is None:
        return
    papers = {each.kind: each for each in made.known.papers}
    for kind, names in _by_paper(made).items():
        paper = papers.get(kind)
        if paper is None or not _is_newer(paper, made, stamp):
            continue
        for name, column in names.items():
            ours = COLUMNS[name].value_of(paper)
            yield AttestedConflict(
                column=name,
                key=made.known.id,
                ours=ours,
                seen_by=paper.held.by,
                seen_on=paper.held.on or date.min,
                is_told=column in _TOLD and made.given[name] != ours,
            )


def _by_paper(made: RowDraft) -> dict[PaperKind, dict[str, str]]:
    """Return the paths of the columns of each paper that the row answers for."""
    found: defaultdict[PaperKind, dict[str, str]] = defaultdict(dict)
    for name in sorted(names_of(made.given, ColumnPart.PAPER)):
        column = COLUMNS[name]
        if column.paper is not None:
            found[column.paper][name] = column.path
    return {
        kind: names for kind, names in found.items() if "held.value" in names.values()
    }


def _is_newer(paper: Paper, made: RowDraft, stamp: datetime | None) -> bool:
    """Say whether *paper* was attested otherwise since the day that the row names.

    A row without a day may be of any day: it brings back no paper that was missing.
    """
    seen, said = paper.held, made.given.get(f"{paper.kind.value}_on")
    if seen.on is None or seen.value is Fact.UNKNOWN:
        return False
    if stamp is not None and day_in_vietnam(stamp) > seen.on:
        return False
    if not isinstance(said, date):
        return seen.value is Fact.NO and made.given[paper.kind.value] is Fact.YES
    if said >= seen.on:
        return False
    ends = f"{paper.kind.value}_expires_on"
    is_other_end = ends in made.given and made.given[ends] != paper.expires_on
    return made.given[paper.kind.value] is not seen.value or is_other_end
