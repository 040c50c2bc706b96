"""The report of a sync to whoever asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from catalog.eligibility import Text
from ocop_sync.service.run.failed_changes import FailedChange
from ocop_sync.service.run.overdue import AllOverdue
from ocop_sync.service.run.read_ages import ReadAge
from ocop_sync.service.run.settled_ranges import LongWay
from ocop_sync.service.run.unlike import AllUnlike
from ocop_sync.store.listings.coverage import Coverage
from ocop_sync.store.listings.work_queue import LookUps
from ocop_sync.store.runs.accounts import HeldLease
from ocop_sync.store.runs.pauses import Pause


@dataclass(frozen=True, slots=True)
class Skipped:
    """A change that a person has reviewed, and that was not sent.

    Attributes:
        subject: The product, or the producer of a seller.
        why: "changed", "held" or "not_sent".
    """

    marketplace: str
    account: str
    subject: str
    kind: str
    why: str


@dataclass(slots=True, kw_only=True)
class Report:
    """The result of one sync.

    Attributes:
        overdue: Listings wrongly on sale, at any marketplace.
        writes: Changes sent.
        failed: Changes that were refused, lost or not taken, also unsent ones; and
            each fault that ended the work at an account.
        failures: Each change that failed, with product, reason and the
            marketplace's words; also those that it refused in a review.
        run: Names this sync in the ledger: with ":" and an account's key, each of
            its runs.
        stopped: Why accounts were left alone, by key; also that the run was told
            to stop.
        unheard: Why the sales of accounts are not known, by key: no stock of products
            on sale there was raised.
        unread: Why accounts could not be read whole, or single listings there not
            looked up, by key: new listings there wait for the next run.
        unreadable: Listings that were there and could not be read, by key: why, by
            the marketplace's own identifier. All others were read.
        todo: The advice for an account that is named in one of those, by key; none for
            a run that was told to stop.
        clock: Why this computer's clock was not believed, and the advice: changes that
            hang on the day were not sent. None if it was.
        wrong: Accounts that cannot be used as they are set up, by key.
        right: How many accounts are not among those.
        busy: Accounts that another run holds.
        paused: The pauses of accounts, by key: they were read, and nothing was written
            there, no withdrawal either.
        not_as_approved: At how many products of each marketplace nothing was removed,
            as it differs from the content that a person has seen, by why.
        ended: Groups whose approval has ended before all was sent.
        look_ups: How many listings of accounts are looked up again later, as something
            may yet come late or twice, and when, by key.
        read_ages: How old the lists of marketplaces are that people carry to us, by
            name: what is looked up again there waits for a newer one.
        doubled: Products of which a double of ours is there, by marketplace.
        unlike: Listings at the marketplaces of the run that are left alone, as they
            do not resemble the product whose reference they carry.
        dropped: How many units of products showed less than we left there and count as
            sold, as the marketplace tells of no sales: by account's key and product.
        unmarked: Listings of ours that carry our reference no more, by account's key:
            the other reference, or "", by product.
        skipped: The changes of a reviewed plan that were not sent.
        events: The results of events of accounts, by key: how many listings of ours
            they "named", how many were "foreign", how many of an "other" kind than the
            marketplace's documents name, and how many "unreadable".
        counts: The figures of each marketplace afterwards; none of a run that was
            told to stop.
        as_of: When they were counted, in UTC.
        long_way: Why everything was evaluated: "asked", or "daily", once a day; "" if
            what has certainly not changed was passed over.
        passed_over: How many products were, by marketplace.
    """

    overdue: AllOverdue = field(default_factory=AllOverdue)
    writes: int = 0
    failed: int = 0
    failures: list[FailedChange] = field(default_factory=list)
    run: str = ""
    stopped: dict[str, str] = field(default_factory=dict)
    unheard: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, dict[str, str]] = field(default_factory=dict)
    todo: dict[str, Text] = field(default_factory=dict)
    clock: Text | None = None
    wrong: list[str] = field(default_factory=list)
    right: int = 0
    busy: list[HeldLease] = field(default_factory=list)
    paused: dict[str, Pause] = field(default_factory=dict)
    not_as_approved: dict[str, dict[str, int]] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)
    look_ups: dict[str, LookUps] = field(default_factory=dict)
    read_ages: dict[str, ReadAge] = field(default_factory=dict)
    doubled: dict[str, list[str]] = field(default_factory=dict)
    unlike: AllUnlike = field(default_factory=AllUnlike)
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    unmarked: dict[str, dict[str, str]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    events: dict[str, dict[str, int]] = field(default_factory=dict)
    counts: dict[str, Coverage] = field(default_factory=dict)
    as_of: datetime | None = None
    long_way: LongWay | Literal[""] = ""
    passed_over: dict[str, int] = field(default_factory=dict)

    def note_walk(self, long_way: LongWay | None, passed: Mapping[str, int]) -> None:
        """Remember how the catalog was gone through; of several times, the long way."""
        self.long_way = self.long_way or long_way or ""
        some = {name: n for name, n in passed.items() if n}
        self.passed_over = {} if self.long_way else some

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values, without the fields that tell only its end."""
        apart = {"overdue", "wrong", "right"}
        names = [each.name for each in fields(self) if each.name not in apart]
        rest = {name: getattr(self, name) for name in names}
        rest["read_ages"] = {k: age.json_form() for k, age in self.read_ages.items()}
        return self.overdue.json_form() | rest
