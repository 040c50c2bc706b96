"""Why one run ends, or is of no use at its account, and the advice for it."""

from catalog.eligibility import Text
from ocop_sync.engine.plan.clock_doubt import TODO as CLOCK_TODO
from ocop_sync.engine.reasons.account_problem import (
    LONGEST,
    AccountProblemKind,
    is_of_settings,
    kind_of_problem,
    todo_of,
    why_of,
)
from ocop_sync.errors import PlanError
from ocop_sync.marketplace.account import Account
from ocop_sync.service.run.failed_changes import groups_of
from ocop_sync.service.run.one_sync import OneSync
from ocop_sync.service.run.sent_tally import SentTally
from ocop_sync.store.runs.last_runs import Ended, Ending


class RunEnding:
    """The obstacles to one run; only its methods change it.

    Attributes:
        unread: Why the account could not be read whole, or single listings not looked
            up; "" if nothing was in the way.
        todo: The advice for it, or for why nothing more is begun.
        cause: Its kind.
        is_wrong: The account cannot be used as it is set up.
    """

    def __init__(self, sync: OneSync, account: Account, sent: SentTally) -> None:
        self.unread = ""
        self.todo: Text | None = None
        self.cause = AccountProblemKind.NONE
        self.is_wrong = False
        self._sync = sync
        self._account = account
        self._sent = sent
        self._useless = ""
        self._cut_short = ""
        self._not_met: Exception | None = None

    @property
    def told(self) -> str:
        """Return who or what has asked this run to end, or ""."""
        by = self._sync.lease.cancelled_by.get(self._account.key)
        words = f"hủy bởi {by} / cancelled by {by}" if by else ""
        return words or self._sync.deployment.stop.reason or self._cut_short

    @property
    def stopped(self) -> str:
        """Say why nothing more is begun here in this run, or ""."""
        return self.told or self._useless

    @property
    def is_useless(self) -> bool:
        """Say whether no further call is made to the account."""
        return bool(self._useless)

    def leave(self, error: Exception) -> None:
        """Make no further call to this account in this run, because of *error*."""
        self._useless = why_of(error)
        self._note(error)
        self.is_wrong = is_of_settings(error)

    def note_unread(self, error: Exception) -> None:
        """Remember that something here could not be read, because of *error*."""
        if not self.unread:
            self.unread = why_of(error)
            self._note(error)

    def note_not_met(self, error: Exception | None) -> None:
        """Remember why the account did not answer a sign-in, if that stops nothing."""
        self._not_met = error

    def note_never_met(self) -> None:
        """Say of an account that has answered no call that nobody knows how it is."""
        key = self._account.key
        is_told = self.stopped or self.unread or key in self._sync.sales.unread
        if self._not_met is None or is_told or key in self._sync.deployment.signed_in:
            return
        self.note_unread(self._not_met)

    def break_off(self, error: BaseException) -> None:
        """End here because of an error that is nobody's but the whole sync's.

        A decision of a person, or a plan, tells nothing of the account.
        """
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if self.stopped:
            return
        if isinstance(error, Exception) and not isinstance(error, PlanError):
            self.leave(error)
        else:
            self._cut_short = str(error) or "bị ngắt / interrupted"

    def ended(self, run_id: str) -> Ended:
        """Return how the run has ended, also if it has sent nothing."""
        sales_unread = self._sync.sales.unread.get(self._account.key, "")
        error, todo, cause = self._what_was_wrong(sales_unread)
        ending = Ending.FAILED if error else Ending.DONE
        if self.told:
            is_cancelled = self._account.key in self._sync.lease.cancelled_by
            ending = Ending.CANCELLED if is_cancelled else Ending.STOPPED
        return Ended(
            account=self._account.key,
            run_id=run_id,
            ending=ending,
            error=error,
            todo=todo,
            cause=cause.value,
            worked=not (
                self.stopped
                or self.unread
                or sales_unread
                or self._sync.clock_check.doubt() is not None  # its moment is no moment
            ),
            writes=self._sent.writes,
            failed=self._sent.failed,
            unread=self.unread,
            sales_unread=sales_unread,
        )

    def _note(self, error: Exception) -> None:
        key = self._account.key
        self.todo = todo_of(error, key, self._sync.deployment.secrets_at.get(key, ""))
        self.cause = kind_of_problem(error)

    def _what_was_wrong(
        self, sales_unread: str
    ) -> tuple[str, Text | None, AccountProblemKind]:
        """Return the worst error of it, the advice, and its kind."""
        key = self._account.key
        if self.told:
            return self.told, None, AccountProblemKind.NONE
        if self.stopped or self.unread:
            return self.stopped or self.unread, self.todo, self.cause
        if (doubt := self._sync.clock_check.doubt()) is not None:
            return str(doubt), CLOCK_TODO, AccountProblemKind.CLOCK
        if sales_unread:
            sales = self._sync.sales
            return (
                sales_unread,
                sales.todo.get(key),
                sales.causes.get(key, AccountProblemKind.OTHER),
            )
        return self._what_failed()

    def _what_failed(self) -> tuple[str, Text | None, AccountProblemKind]:
        """Return the same of single changes."""
        sent = self._sent
        if not sent.failed:
            return "", None, AccountProblemKind.NONE
        most = next(iter(groups_of(sent.failures)), None)
        said = f"{sent.failed} thay đổi không thành / changes failed"
        if most is None:
            return said, None, AccountProblemKind.OTHER
        return f"{said}: {most.words}"[:LONGEST], most.todo, AccountProblemKind.OTHER
