"""The report of an import, and its problems of no row, but of all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.counted import counted
from catalog.db.overflow import Growing
from catalog.db.sources import Source
from catalog.feed.merge.bulk_change_check import ImportHold
from catalog.feed.merge.row_count import RowCount
from catalog.feed.rows.row import Problem, ProblemKind
from catalog.feed.rows.table import Note
from catalog.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The changes that one import made, or would have made.

    Attributes:
        source: Name of the source.
        written: Whether anything of it was kept; False if it was held whole or only
            looked at. All other fields tell the possible changes, then.
        rows: How many rows were read; empty ones are not counted.
        created: Ids of new products.
        changed: Ids of other products that got a new revision.
        unchanged: How many products it named that stay as they were.
        missing: Ids that this source named before and no longer does.
        returned: Ids that it names again.
        ignored_counts: Counts of stock that were older than those known.
        sick: The source was empty, or named fewer than half of its products:
            nothing was marked as missing.
        held: The holds of the whole import until a person confirms it.
        takes: How many products it takes from buyers, by kind: each revoked, stopped,
            ended or emptied product counts in each marketplace's budget until a person
            confirms it. An effect that an earlier import has entered and this one
            repeats is counted as well.
        takes_later: Of how many of them that takes nothing before a day to come.
        import_id: Its number; None if nothing was kept.
        confirmed_by: Who has confirmed its holds or effects, or "".
        token: The token with which a person confirms it, all doubtful prices, all moved
            days of certificates and all its effects; "" if there is nothing to confirm.
        problems: All that a person must put right, answer or decide.
        notes: The notes for a reader; nothing is wrong.
        sources: The sources that it may be of, if a person has to say which:
            nothing is kept until then.
        counted: The fate of the rows: they add up.
    """

    source: str
    written: bool = False
    rows: int = 0
    created: Sequence[str] = ()
    changed: Sequence[str] = ()
    unchanged: int = 0
    missing: Sequence[str] = ()
    returned: Sequence[str] = ()
    ignored_counts: int = 0
    sick: bool = False
    held: Sequence[ImportHold] = ()
    takes: Mapping[str, int] = field(default_factory=dict)
    import_id: int | None = None
    confirmed_by: str = ""
    token: str = ""
    problems: Sequence[Problem] = ()
    notes: Sequence[Note] = ()
    sources: Sequence[Source] = ()
    takes_later: Mapping[str, int] = field(default_factory=dict)
    counted: RowCount = field(default_factory=RowCount)

    @property
    def waits(self) -> bool:
        """Whether something waits for a person's answer or decision."""
        return bool(self.held or self.sources) or any(
            each.kind is not ProblemKind.WRONG for each in self.problems
        )

    @property
    def has_bad_rows(self) -> bool:
        """Whether a row was left out, as something of it is wrong."""
        return any(
            each.kind is ProblemKind.WRONG and each.row for each in self.problems
        )

    def kept_as(self, number: int | None) -> "ImportReport":
        """Return the report of an import that was kept under *number*."""
        return replace(self, import_id=number)

    def asking_for_source(self, known: Sequence[Source]) -> "ImportReport":
        """Return the report of an import that waits for its source, one of *known*.

        Whether a sheet may change a field hangs on its source, so no conflict is told
        yet; and a confirmation would cover unknown changes.
        """
        kept = (each for each in self.problems if each.kind is not ProblemKind.CONFLICT)
        problems = in_order(kept)
        return replace(self, written=False, sources=known, token="", problems=problems)


def in_order(problems: Iterable[Problem]) -> Sequence[Problem]:
    """Return *problems* sheet by sheet, by row: those of the whole sheet first.

    Many of them lie on disk, and are read as they are asked for.
    """
    kept, sheets = Growing(problems), dict[str, int]()
    keys = [(sheets.setdefault(each.sheet, n), each.row) for n, each in enumerate(kept)]
    return kept.ordered(keys)


def stale_token() -> Problem:
    """Return the question that a token which does not fit is."""
    return Problem(
        row=0,
        vi="mã xác nhận không khớp: tệp hoặc danh mục đã thay đổi. Chưa ghi gì; hãy đọc"
        " lại và xác nhận bằng mã mới",
        en="the token does not fit: the file or the catalog has changed. Nothing was"
        " written; read again and confirm with the new token",
        kind=ProblemKind.QUESTION,
    )


def sick_source(count: int, left_out: int) -> Problem:
    """Return the question about a source that names no more than *count* products.

    The rows that were *left_out* may be about more.
    """
    rows_vi = f", còn {left_out} dòng bị bỏ lại" if left_out else ""
    rows_en = (
        f", and {counted(left_out, 'row was', 'rows were')} left out"
        if left_out
        else ""
    )
    return Problem(
        row=0,
        vi=f"nguồn chỉ nêu rõ {count} sản phẩm{rows_vi}: trống, hoặc thiếu hơn một nửa"
        " số đã nêu trước đây. Không đánh dấu sản phẩm nào là vắng; hãy kiểm tra tệp",
        en=f"the source names {counted(count, 'product')} for certain{rows_en}: it"
        " is empty, or"
        " lacks more than half of those it named before. None is marked as missing;"
        " check the file",
        kind=ProblemKind.QUESTION,
    )
