"""The changes that one run has sent at its account, and their outcomes."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from ocop_sync.calls.send import NotSent, Outcome
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Applied, Refused, Submitted, Unknown
from ocop_sync.service.run.failed_changes import (
    LONGEST_WORDS,
    Failed,
    FailedChange,
)


class SentTally:
    """The changes of one run, counted; only its methods change it.

    Attributes:
        writes: How many changes were sent, or refused with their whole call.
        failed: How many changes came to nothing, sent or not.
        accepted: How many changes the marketplace has taken.
        lost: How many changes failed without any word on their content.
        outcomes: How many changes of each kind had which outcome.
    """

    def __init__(self, account: Account) -> None:
        self.writes = 0
        self.failed = 0
        self.accepted = 0
        self.lost = 0
        self.outcomes: dict[str, Counter[str]] = {}
        self._account = account
        self._sent: Counter[str] = Counter()
        self._failures: list[FailedChange] = []
        self._unanswered: dict[tuple[str, Kind], FailedChange] = {}
        self._said: dict[Hashable, Any] = {}

    @property
    def failures(self) -> Sequence[FailedChange]:
        """Return the changes that came to nothing, also in a review."""
        return self._failures

    def sent_of(self, product_id: str) -> int:
        """Return how many changes of a product were sent."""
        return self._sent[product_id]

    def note_sent(self, product_ids: Iterable[str]) -> None:
        """Count a change of each of these products."""
        self._sent.update(product_ids)

    def count(self, outcome: Outcome, *, speaks_of_account: bool) -> None:
        """Count the outcome of a change.

        Args:
            outcome: Its outcome; never of one that was handed back.
            speaks_of_account: If it was lost, that says something of the account.
        """
        self.writes += not isinstance(outcome, NotSent) or bool(outcome.problems)
        self.accepted += isinstance(outcome, Applied | Submitted)
        self.lost += isinstance(outcome, Unknown | NotSent) and speaks_of_account
        self.failed += has_failed(outcome)

    def note_outcome(self, kind: Kind, outcome: str) -> None:
        """Count the outcome of a change of a kind, as the ledger calls it."""
        self.outcomes.setdefault(kind.value, Counter())[outcome] += 1

    def count_fault(self) -> None:
        """Count a fault of ours, or of an adapter, that has ended the work."""
        self.failed += 1

    def note_failed(
        self,
        subject: str,
        kind: Kind,
        failed: Failed,
        words: str,
        problems: tuple[Problem, ...] = (),
    ) -> None:
        """Remember that a change came to nothing; equal words are kept once."""
        each = FailedChange(
            marketplace=self._account.marketplace,
            account=self._account.key,
            subject=subject,
            kind=kind.value,
            failed=failed,
            words=self._said.setdefault(words, words[:LONGEST_WORDS]),
            problems=self._said.setdefault(problems, problems),
        )
        self._failures.append(each)
        if failed is Failed.UNKNOWN:
            self._unanswered[subject, kind] = each

    def note_applied(self, subject: str, kind: Kind) -> None:
        """Remember that a change without an answer was applied: it has not failed."""
        each = self._unanswered.pop((subject, kind), None)
        if each is not None:
            self._failures.remove(each)
            self.failed -= 1


def has_failed(outcome: Outcome) -> bool:
    """Say whether a change came to nothing.

    One that was refused as its listing had changed is read, and then decided anew.
    """
    if isinstance(outcome, Refused):
        return not outcome.version_conflict
    return isinstance(outcome, Unknown | NotSent)
