"""The changes of a run, and those of a plan, as files: in the words of their pages."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalog.eligibility import Text
from ocop_sync.api.forms.plans import PlanChangeForm, plan_change_form
from ocop_sync.api.forms.runs import LedgerLineForm, ledger_line_form
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.notation import Notation
from ocop_sync.pages.plan_words import OUTCOMES
from ocop_sync.pages.sent_words import (
    ANSWERS,
    CHANGE_WORDS,
    Difference,
    differences,
    said_words,
    todo_words,
    why_words,
)
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.kept_plans import see_plan
from ocop_sync.service.plan.plan_reading import changes_that
from ocop_sync.service.queries.coverage_figures import is_simulated
from ocop_sync.service.queries.run_list import changes_of_run
from ocop_sync.service.queries.sent import ChangeOutcome

_OF_BOTH: Final[Sequence[Column]] = (
    (Text("Thay đổi", "Change"), 20),
    (Text("Lấy khỏi người mua", "Takes from buyers"), 12),
    (Text("Sàn", "Marketplace"), 16),
    (Text("Tài khoản", "Account"), 20),
    (Text("Sản phẩm, cơ sở", "Product, producer"), 40),
    (Text("Mã", "Code"), 14),
    (Text("Trước và sau", "Before and after"), 50),
    (Text("Vì sao", "Why"), 50),
    (Text("Kết quả", "Outcome"), 24),
)
_TAKES: Final = Text("có", "yes")
_SHOP: Final = Text("Gian hàng", "Shop")
_CHANGED: Final = Text("thay đổi", "changed")
_ANSWERED: Final[Sequence[Column]] = (
    (Text("Lời của sàn, hoặc việc đọc lại", "What was said"), 40),
    (Text("Phải làm", "To do"), 40),
    (Text("Gửi lúc (giờ Việt Nam)", "Sent at (Vietnam's time)"), 18),
    (Text("Trả lời lúc", "Answered at"), 18),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenChanges:
    """Which changes of a run or sync.

    Attributes:
        run: Its id.
        outcome: Those to which this came; None for all.
    """

    run: str
    outcome: ChangeOutcome | None


def _sent_columns(_: Deployment) -> Sequence[Column]:
    return (*_OF_BOTH, *_ANSWERED)


def _planned_columns(_: Deployment) -> Sequence[Column]:
    return _OF_BOTH


async def _sent(
    deployment: Deployment, chosen: ChosenChanges
) -> AsyncIterator[Sequence[ListRow]]:
    last = None
    while True:
        found = await changes_of_run(
            deployment, chosen.run, chosen.outcome, after=last, size=CHUNK
        )
        yield [_of_line(deployment, ledger_line_form(each)) for each in found.rows]
        last = found.last
        if last is None:
            return


def _of_line(deployment: Deployment, line: LedgerLineForm) -> ListRow:
    outcome = line.outcome or ChangeOutcome.OPEN.value
    cells = (
        *_of_both(line),
        why_words(line.why, deployment.rules),
        ANSWERS[outcome][0],
        said_words(line.words, outcome),
        todo_words(outcome),
        line.sent_at,
        line.answered_at,
    )
    return ListRow(cells, is_simulated(deployment, line.marketplace, ()))


async def _planned(
    deployment: Deployment, number: int
) -> AsyncIterator[Sequence[ListRow]]:
    await see_plan(deployment, number, size=0)  # or there is none
    for take in (True, False):
        after: int | None = 0
        while after is not None:
            found = await changes_that(
                deployment, number, take=take, after=after, size=CHUNK
            )
            yield [_of_plan(deployment, plan_change_form(e)) for e in found.changes]
            after = found.last


def _of_plan(deployment: Deployment, change: PlanChangeForm) -> ListRow:
    outcome = None if change.outcome is None else OUTCOMES[change.outcome][0]
    why = Text(change.why.vi, change.why.en)
    cells = (*_of_both(change), why, outcome)
    return ListRow(cells, is_simulated(deployment, change.marketplace, ()))


def _of_both(of: LedgerLineForm | PlanChangeForm) -> tuple[object, ...]:
    return (
        CHANGE_WORDS[of.kind],
        _TAKES if of.takes else None,
        marketplace_name(of.marketplace),
        of.account,
        of.name or _SHOP,
        of.subject,
        _differences(differences(of.kind, of.before, of.after)),
    )


def _differences(found: Sequence[Difference]) -> Text | None:
    """Return what changes before and after in one cell; None if that says nothing."""
    if not found:
        return None
    vi, en = Notation("vi"), Notation("en")
    return Text(
        "; ".join(f"{each.what.vi}: {_shown(each, vi, _CHANGED.vi)}" for each in found),
        "; ".join(f"{each.what.en}: {_shown(each, en, _CHANGED.en)}" for each in found),
    )


def _shown(of: Difference, notation: Notation, changed: str) -> str:
    if of.how == "changed":
        return changed
    return f"{_value(of.old, of.how, notation)} → {_value(of.new, of.how, notation)}"


def _value(value: Any, how: str, notation: Notation) -> str:
    if how == "text":
        return f"“{value}”"
    if not isinstance(value, int):
        return "–"
    return notation.dong(value) if how == "dong" else notation.number(value)


RUN_CHANGES_FILE: Final = ListFile(
    name="thay-doi-da-gui",
    title=Text("Thay đổi đã gửi", "Sent changes"),
    columns=_sent_columns,
    rows=_sent,
)
"""The changes that a run has sent; chosen by `ChosenChanges`."""
PLAN_CHANGES_FILE: Final = ListFile(
    name="thay-doi-du-kien",
    title=Text("Thay đổi dự kiến", "Planned changes"),
    columns=_planned_columns,
    rows=_planned,
)
"""The changes of a plan, those that take from buyers first; chosen by its number."""
