"""The values that staff enter about papers, and the paper that comes of them.

Pure; of which products they are, and who has to confirm them first, is decided in
`catalog.commands.papers`. Numbers are read as cells of a sheet are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from catalog.errors import FieldProblem, FieldsError
from catalog.feed.cells.cell import CellError
from catalog.feed.headings.column import COLUMNS
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.values import replace

NUMBER: Final = "number"
ISSUED_ON: Final = "issued_on"
EXPIRES_ON: Final = "expires_on"
SEEN_ON: Final = "seen_on"
LAST_DAY: Final = "last_day"

_DAY: Final = timedelta(days=1)


class PaperAct(StrEnum):
    """What somebody does about papers; so the audit has it."""

    ADD = "add_paper"
    """A paper is held, and seen: it takes the place of an earlier one of its kind."""
    CORRECT = "correct_paper"
    """What is known of it was entered wrongly; who has seen it stays."""
    END = "end_paper"
    """It was right, and holds no longer."""
    ATTEST = "attest_paper"
    """Somebody has seen that it is there, or that it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEntry:
    """What somebody enters about one kind of paper.

    Attributes:
        act: What is done.
        kind: Of which paper.
        values: Its number, day of issue and last day, by name; of what is left out
            `ADD` knows nothing, and the others leave what is known.
        held: The answer that is attested.
        seen_on: When it was seen, in Vietnam; today if None.
        last_day: The last day on which an ended one held; yesterday if None.
        reason: Why, in words; "" if none are asked for.
        token: Confirms what was held; "" if nothing is confirmed.
    """

    act: PaperAct
    kind: PaperKind
    values: Mapping[str, Any] = field(default_factory=dict)
    held: Fact = Fact.YES
    seen_on: date | None = None
    last_day: date | None = None
    reason: str = ""
    token: str = ""

    def read(self, today: date) -> "PaperEntry":
        """Return it with its number as a sheet's cell is read, and its days given.

        Raises:
            FieldsError: Values cannot be taken; all are named.
        """
        values, problems = dict(self.values), list(self._faults(today))
        if number := str(values.get(NUMBER) or "").strip():
            try:
                values[NUMBER] = COLUMNS[f"{self.kind.value}_number"].read(number)
            except CellError as error:
                problems.append(FieldProblem(NUMBER, error.vi, error.en))
        elif NUMBER in values:
            values[NUMBER] = ""
        if problems:
            raise FieldsError(problems)
        seen_on, last_day = self.seen_on or today, self.last_day or today - _DAY
        return replace(self, values=values, seen_on=seen_on, last_day=last_day)

    def _faults(self, today: date) -> Iterator[FieldProblem]:
        for name, day in (
            (SEEN_ON, self.seen_on),
            (ISSUED_ON, self.values.get(ISSUED_ON)),
        ):
            if day is not None and day > today:
                yield FieldProblem(name, *_IN_FUTURE)
        if self.act is PaperAct.CORRECT and not self.values:
            yield FieldProblem(NUMBER, *_NOTHING)

    def over(self, known: Paper | None, who: str) -> Paper | None:
        """Return the paper that comes of it; *known* itself where nothing changes.

        None stands for no paper, before and after.

        Raises:
            FieldsError: It would end before it was issued.
        """
        made = self._made(known, who)
        if made is not None and made is not known:
            self._ensure_in_order(made)
        return known if made == known else made

    def _made(self, known: Paper | None, who: str) -> Paper | None:
        seen = Attested(value=self.held, by=who, on=self.seen_on)
        if self.act is PaperAct.ADD:
            return Paper(kind=self.kind, held=seen, **self.values)
        if self.act is PaperAct.ATTEST:
            old = known or Paper(kind=self.kind, held=UNATTESTED)
            return replace(old, held=seen, **self.values)
        if known is None or self.act is PaperAct.CORRECT:
            return known and replace(known, **self.values)
        ended = known.expires_on is not None and known.expires_on <= self._last_day
        if ended or known.held.value is not Fact.YES:
            return known
        return replace(known, expires_on=self._last_day)

    @property
    def _last_day(self) -> date:
        assert self.last_day is not None  # noqa: S101  (as `read` has left it)
        return self.last_day

    def _ensure_in_order(self, made: Paper) -> None:
        first, last = made.issued_on, made.expires_on
        if first is not None and last is not None and last < first:
            name = LAST_DAY if self.act is PaperAct.END else EXPIRES_ON
            raise FieldsError([FieldProblem(name, *_BEFORE_ISSUE)])


_IN_FUTURE: Final = (
    "ngày này còn ở tương lai",
    "this day is in the future",
)
_NOTHING: Final = (
    "chưa ghi sửa gì: số, ngày cấp hay ngày hết hạn",
    "say what to correct: the number, the day of issue or the last day",
)
_BEFORE_ISSUE: Final = (
    "giấy hết hạn trước ngày cấp: xem lại hai ngày",
    "the paper would end before it was issued: look at both days",
)
