"""The names of all metrics that are read from the database, and what each means.

Labels are names of accounts, marketplaces, schedules, outcomes and kinds alone: as many
as there are of these, and never a product, a person or an address of a call.
"""

from collections.abc import Mapping
from typing import Final

PREFIX: Final = "ocop_sync_"

_ACCOUNT = ("account", "marketplace", "simulated")
_MARKETPLACE = ("marketplace", "simulated")
_SCHEDULE = ("schedule", "work")

GAUGES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "database_up": ("1 while the database answers; else 0, and its metrics lack.", ()),
    "worker_heartbeat_timestamp_seconds": (
        "When a worker last gave a sign of life; lacks if none ever did.",
        (),
    ),
    "account_usable": ("1 if the account can be worked with at all.", _ACCOUNT),
    "account_paused": ("1 while a person has paused the account.", _ACCOUNT),
    "account_good_run_timestamp_seconds": (
        "When a run last worked the account through; 0 if none ever did.",
        _ACCOUNT,
    ),
    "account_whole_read_timestamp_seconds": (
        "When the account was last read whole; 0 if it never was.",
        _ACCOUNT,
    ),
    "account_failing_since_timestamp_seconds": (
        "Since when all runs of the account have failed; lacks while they do not.",
        _ACCOUNT,
    ),
    "held_products": ("Products that wait for a person.", _ACCOUNT),
    "held_groups": (
        "Groups of removals above the budget that wait for a person.",
        _MARKETPLACE,
    ),
    "held_group_oldest_timestamp_seconds": (
        "Since when the oldest of these groups waits; lacks if there is none.",
        _MARKETPLACE,
    ),
    "products": (
        "Products by how the last run has counted them; lacks before the first run.",
        (*_MARKETPLACE, "counted"),
    ),
    "drift_open": (
        "Differences at a marketplace from what we wrote, which are not healed.",
        (*_MARKETPLACE, "kind"),
    ),
    "changes_open": ("Changes that no read has shown yet.", _MARKETPLACE),
    "freshness_seconds": (
        (
            "How long changes took until a read has shown them, of the last hour; lacks"
            " if there was none."
        ),
        (*_MARKETPLACE, "quantile"),
    ),
    "freshness_changes": (
        "How many changes that is of: the latest 5,000 at most.",
        _MARKETPLACE,
    ),
    "claims_ending": (
        "Products whose certificate ends within so many days.",
        (*_MARKETPLACE, "within_days"),
    ),
    "claims_ended_shown": (
        "Listings on sale that show a claim which has ended; there should be none.",
        _MARKETPLACE,
    ),
    "schedule_due_timestamp_seconds": (
        (
            "The first due time of a schedule that no worker has dealt with: a past one"
            " is late. It lacks while the schedule is paused."
        ),
        _SCHEDULE,
    ),
    "schedule_paused": ("1 while a person has paused the schedule.", _SCHEDULE),
    "schedule_last_run": (
        (
            "1 for how the last run of a schedule has ended, 0 for each other way;"
            " lacks before the first."
        ),
        (*_SCHEDULE, "outcome"),
    ),
    "schedule_last_run_timestamp_seconds": (
        "When the last run of a schedule ended; lacks before the first.",
        _SCHEDULE,
    ),
    "schedule_failing_runs": (
        (
            "How many runs of a schedule have failed or died since one worked, of the"
            " last 30 days."
        ),
        _SCHEDULE,
    ),
    "schedule_skipped": (
        (
            "Due times of a schedule at which its run before still went on, since a run"
            " last began."
        ),
        _SCHEDULE,
    ),
    "quota_calls_per_second": (
        (
            "Calls a second that this process makes to the account at most; lacks where"
            " the marketplace names no limit."
        ),
        _ACCOUNT,
    ),
    "quota_used_ratio": (
        (
            "How full the marketplace's own count of our calls was last; lacks where it"
            " tells nothing."
        ),
        _ACCOUNT,
    ),
}
"""Gauges: what each means, and its labels."""

COUNTERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "runs": (
        "Runs that have ended, by how, since the database began.",
        (*_ACCOUNT, "outcome"),
    ),
    "changes_sent": ("Changes that were sent, since the database began.", _ACCOUNT),
    "change_outcomes": (
        (
            "Outcomes of changes, since the database began. One without an answer is"
            " unknown, and counts again once a read has told what came of it."
        ),
        (*_ACCOUNT, "outcome"),
    ),
    "quota_calls": ("Calls that this process has made within the quota.", _ACCOUNT),
    "call_retries": ("Calls that this process has made again.", _ACCOUNT),
}
"""Counters, of the database or of this process: `_total` follows each name."""
