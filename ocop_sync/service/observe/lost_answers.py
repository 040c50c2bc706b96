"""Write down the outcomes that reads show of unanswered changes."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.plan.after_read import is_applied
from ocop_sync.engine.plan.doubles import is_done, is_settled
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import ledger, work_counts
from ocop_sync.store.runs.ledger import Answer
from ocop_sync.store.runs.work_counts import Counted


async def settle_by_read(
    conn: AsyncConnection, run: AccountRun, pairs: Sequence[tuple[Record, Record]]
) -> None:
    """Write down the outcomes that *pairs*, before and after a read, show."""
    answers = []
    for old, new in pairs:
        before, after = old.state, new.state
        if (lost := before.awaiting) is not None and after.awaiting is None:
            applied = is_applied(before, after)
            answers.append((before.product_id, *outcome_by_read(is_there=applied)))
            if applied:
                run.sent.note_applied(before.product_id, lost)
        elif lost is None and is_settled(before, after):
            done = outcome_by_read(is_there=is_done(before, after), is_double=True)
            answers.append((before.product_id, *done))
    await ledger.settle_lost(conn, run.account.key, answers, run.deployment.clock())
    came_of = [run.counted_as(outcome) for _, outcome, _ in answers]
    await work_counts.add(conn, Counted.OUTCOME, came_of)


def outcome_by_read(*, is_there: bool, is_double: bool = False) -> tuple[Answer, str]:
    """Return the outcome of an unanswered change, and the words for it.

    Args:
        is_there: The read shows the change.
        is_double: It is of a double of its product.
    """
    vi = "đọc lại tin trùng" if is_double else "đọc lại"
    if is_there:
        return Answer.APPLIED, f"{vi}: đã có / read back: there"
    return Answer.NOT_SENT, f"{vi}: chưa có / read back: not there"
