"""The queries of every run cost no more where a province has more products.

Each question is asked of the store as the service asks it; the statement that reaches
the database is caught on its way and explained there. The meaning of the answers is
tested elsewhere.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from sqlite3 import SQLITE_OK
from typing import Any

import pytest
from sqlalchemy import Select, event, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import history, pictures
from catalog.db.certificate_pages import certificates_after
from catalog.db.chunks import execute_for, rows_of
from catalog.db.column_answers import known_columns
from catalog.db.decided import decisions_of_year
from catalog.db.erasures import last_erasure
from catalog.db.fact_changes import (
    certificate_changes,
    facts_changed_since,
    recognitions_entered,
)
from catalog.db.field_changes import Change, ChangedField, Entity
from catalog.db.former_marks import forget_former_names, former_names_of
from catalog.db.history import Author, erase_old_values, erase_values_of, keep_changes
from catalog.db.identities import products_near, products_of_ids
from catalog.db.imports import (
    Import,
    effects_about,
    keep_effects,
    keep_import,
    lift_consent_effects,
    lift_effects,
    products_with_effects,
    recent_effects,
    refusing,
    same_source,
)
from catalog.db.kept_changes import (
    changes_by_others,
    changes_page,
    count_changes,
    imports_touching,
)
from catalog.db.kept_reports import (
    erase_old_reports,
    file_parts,
    keep_file,
    keep_report,
    problems_page,
    report_of_import,
    reports_behind,
)
from catalog.db.own_pages import ids_after
from catalog.db.packs import packs_by_sku
from catalog.db.prepared import PreparedRows
from catalog.db.producer_changes import fields_changed_after, last_change_of
from catalog.db.producer_pages import count_products, producer_ids_after
from catalog.db.provenance import provenance_of, standing
from catalog.db.reader import (
    CONFIRMED_ENDS,
    EFFECTS,
    SOLD,
    sales_after,
    sales_between,
    sold_since_count,
)
from catalog.db.sources import Basis, Origin, origin_of, sources_in_question
from catalog.db.tables import (
    adjustment,
    confirmed_end,
    erasure,
    import_effect,
    naming,
    picture_use,
    product,
    sale,
    source,
    source_file,
    variant,
)
from catalog.db.timeline import TimelineSubject, past_changes
from catalog.db.to_rows import product_values, variant_values
from catalog.db.undone import certificate_changes_of
from catalog.eligibility import Text
from catalog.eligibility.effects import Entered
from catalog.model.effect import EffectKind
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.pictures.kept import KeptPicture
from catalog.undo import since_import
from catalog.values import replace
from ocop_sync.engine.approval.review import ReaskReason, Why
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.matching.candidates import Likeness
from ocop_sync.engine.state.drift import Drift, DriftKind
from ocop_sync.engine.state.state import Double, Look, State
from ocop_sync.engine.terms import NOT_CERTIFIED, Found
from ocop_sync.engine.wanted.origin import Cause
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.store import identity_tables, notices, plan_tables, schedule_tables
from ocop_sync.store.db import known_statements
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import (
    drift,
    drift_counts,
    drift_decided,
    held_groups,
    held_members,
    plans,
    possible_twins,
    retry_requests,
)
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.decisions.held_members import Member
from ocop_sync.store.decisions.plans import PlanChange
from ocop_sync.store.identity import keys, links, people, sessions
from ocop_sync.store.listings import (
    change_delays,
    coverage,
    coverage_at_once,
    coverage_days,
    coverage_intervals,
    event_mentions,
    for_metrics,
    foreign_listings,
    open_work,
    other_account_doubles,
    own_refs,
    pending_entries,
    product_search,
    records,
    seen_pushes,
    served_pictures,
    unreadable,
    whole_reads,
    work_queue,
)
from ocop_sync.store.listings.coverage_days import Instant
from ocop_sync.store.listings.coverage_intervals import CountedFacts
from ocop_sync.store.listings.held_products import held_products
from ocop_sync.store.listings.live_listings import live_of
from ocop_sync.store.listings.product_search import ProductSearch, Shown
from ocop_sync.store.listings.records import Record
from ocop_sync.store.run_request_tables import run_request
from ocop_sync.store.runs import (
    heartbeats,
    last_runs,
    ledger,
    run_events,
    run_history,
    run_requests,
)
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.run_events import EventKind, RunEvent
from ocop_sync.store.runs.run_history import SentChange, SentRun, Which
from ocop_sync.store.schedules import runs as schedule_runs
from ocop_sync.store.schedules import schedules
from ocop_sync.store.tables import listing
from ocop_sync.store.tables import run as run_table
from tests.factories import AT, make_product, make_variant
from tests.unit.engine.examples import make_listing, make_remote
from tests.world import make_tables

pytestmark = pytest.mark.postgresql

LATER = AT + timedelta(hours=23)
"""When nearly all that is in the ledger of drift has been healed, or left open."""

Question = Callable[[AsyncConnection], Awaitable[object]]

_OF_EFFECTS = "pk_import_effect|import_effect USING PRIMARY KEY"
"""SQLite does not name the key of a table that it keeps in its order."""
_MADE = Import(id=7, source="khác", file="", imported_at=LATER, confirmed_by="")
_OF_CHANGES = "ix_field_change_import"
_OF_SUBJECT = "ix_field_change_(subject|revision|certified)"
"""Each finds the changes of one product or producer: which one, statistics say."""

_SENT = SentChange(
    run_id="r:a-1",
    n=500,
    marketplace="m",
    account="a-1",
    subject="SP-00500",
    kind="set_price",
    why="",
    before=None,
    after=None,
    in_budget=True,
    removes=False,
    sent_at=AT + timedelta(hours=500),
    answered_at=None,
    outcome=None,
    words="",
    holder="",
)
_RUN = SentRun(
    id="r-500:a-1",
    account="a-1",
    marketplace="m",
    holder="",
    started_at=AT + timedelta(hours=500),
    ended_at=None,
    ending=Ending.DONE,
    error="",
    kinds={},
)


_KEPT = KeptPicture.of(b"mau", 1, 1)


def _page_of_runs(which: Which) -> Select[Any]:
    return run_history.runs_statement(which, _RUN.place, 50, AT)


FACTS = CountedFacts(simulated=True, stars=4)
A_DAY = Instant(at=LATER, now=LATER)
INTERVALS = (
    r"pk_coverage_interval|ix_coverage_interval_open"
    r"|coverage_interval USING PRIMARY KEY \(marketplace[=>]\?"
)
"""The indexes of intervals; on SQLite rows stand in the order of the key itself."""

_ALL_OPEN = "(?s)" + "".join(
    f"(?=.*{name})"
    for name in (
        "ix_listing_(due|waiting)",
        "ix_listing_in_review",
        "ix_listing_awaiting",
        "ix_listing_unread",
        "ix_listing_until",
        "pk_named",
        "pk_elsewhere",
    )
)

_SEARCH = ProductSearch(
    text="mang 7",
    producer="CS-0007",
    commune="06655",
    product_set="1.1",
    stars=4,
    counted_at=("m",),
    shown=Shown(marketplaces=("m",), is_shown=True),
)
_SEARCHED = (
    "(COVERING INDEX ix_product_searched|(using|Scan on) (ix_product_searched"
    "|pk_product))"
)
_MAKERS_SEARCHED = (
    "(COVERING INDEX ix_producer_searched|(using|Scan on) (ix_producer_searched"
    "|pk_producer))"
)
"""On SQLite no row is read; PostgreSQL reads rows where few of them are."""

QUESTIONS: dict[str, tuple[Question, str]] = {
    # Of one row either index is as good; what a backlog takes is tested below.
    "due": (lambda conn: work_queue.due(conn, "a-1", 50), "ix_listing_(due|waiting)"),
    "oldest": (
        lambda conn: work_queue.oldest(conn, "a-1", 50),
        "ix_listing_(due|waiting)",
    ),
    "count due": (
        lambda conn: work_queue.count_due(conn, "a-1"),
        "ix_listing_(due|waiting)",
    ),
    "in review": (
        lambda conn: work_queue.with_open(conn, "a-1", work_queue.Open.IN_REVIEW),
        "ix_listing_in_review",
    ),
    "awaiting": (
        lambda conn: work_queue.with_open(conn, "a-1", work_queue.Open.AWAITING),
        "ix_listing_awaiting",
    ),
    "unread": (
        lambda conn: work_queue.with_open(conn, "a-1", work_queue.Open.UNREAD),
        "ix_listing_unread",
    ),
    "doubles that are gone": (
        lambda conn: whole_reads.undouble(conn, "a-1", ["SP-00007"]),
        "ix_listing_doubled",
    ),
    "ended": (lambda conn: work_queue.ended(conn, "a-1", AT, 50), "ix_listing_until"),
    "looked up again": (
        lambda conn: work_queue.looks(conn, "a-1", AT),
        "ix_listing_look",
    ),
    "accounts where something is looked up again": (
        lambda conn: work_queue.with_looks(conn, ["a-1", "a-2"], AT),
        "ix_listing_look",
    ),
    "notices that are due": (
        lambda conn: notices.claim(conn, ["mail"], AT, AT),
        "ix_notice_delivery_waiting",
    ),
    "notices of what stands": (notices.standing, "ix_notice_standing"),
    "a notice whose thing ends": (
        lambda conn: notices.end(conn, ["account_down:a"], [], AT),
        "ix_notice_(standing|key_made_at)",
    ),
    "who is signed in": (
        lambda conn: sessions.holder(conn, "digest 7"),
        "ix_session_digest",
    ),
    "sessions of a person": (
        lambda conn: sessions.listed(
            conn, "NV-00007", began_after=AT, used_after=AT, after=7, size=50
        ),
        "ix_session_person_id_id",
    ),
    "sessions of a person that end": (
        lambda conn: sessions.end_all(conn, "NV-00007", AT),
        "ix_session_person_id",
    ),
    "old sessions of a person": (
        lambda conn: sessions.drop_old(conn, "NV-00007", AT),
        "ix_session_person_id",
    ),
    "a session that is used": (
        lambda conn: sessions.touch(conn, 7, AT),
        "session_pkey|pk_session|INTEGER PRIMARY KEY",
    ),
    "schedules' open runs": (schedule_runs.open_runs, "ix_schedule_run_open"),
    "a schedule's open run": (
        lambda conn: schedule_runs.open_run(conn, 7),
        "ix_schedule_run_open|schedule_run_pkey|pk_schedule_run",
    ),
    "a schedule's old runs": (
        lambda conn: schedule_runs.forget_before(conn, 7, AT),
        "pk_schedule_run|schedule_run USING PRIMARY KEY",
    ),
    "requested runs that are open": (run_requests.open_requests, "ix_run_request_open"),
    "requests of runs": (
        lambda conn: run_requests.some(conn, ["0" * 16, "7"]),
        "pk_run_request|run_request_pkey|autoindex_run_request",
    ),
    "the latest requests of runs": (
        lambda conn: run_requests.latest(conn, None, 50),
        "ix_run_request_asked_at_id",
    ),
    "further requests of runs": (
        lambda conn: run_requests.latest(conn, (AT, "0" * 16), 50),
        "ix_run_request_asked_at_id",
    ),
    "old requests of runs": (
        lambda conn: run_requests.forget_before(conn, AT),
        "ix_run_request_ended",
    ),
    "changes of a plan": (
        lambda conn: plans.changes_page(conn, 7, 50, 50),
        "pk_plan_change|ix_plan_change_subject|plan_change USING PRIMARY KEY",
    ),
    "changes of a plan that take something": (
        lambda conn: plans.changes_page(conn, 7, 50, 50, takes=True),
        "pk_plan_change|ix_plan_change_subject|plan_change USING PRIMARY KEY",
    ),
    "changes of a plan to carry out": (
        lambda conn: plans.to_carry_out(conn, 7, 50),
        "pk_plan_change|ix_plan_change_subject|plan_change USING PRIMARY KEY",
    ),
    "what a run has tried": (
        lambda conn: plans.tried(conn, "5a0f17c2b3d4e6f8"),
        "pk_change|change_pkey|change USING PRIMARY KEY|sqlite_autoindex_change_1",
    ),
    "the kinds of a run's changes": (
        lambda conn: run_history.counts_by_kind(conn, "5a0f17c2b3d4e6f8"),
        "pk_change|change_pkey|change USING PRIMARY KEY|sqlite_autoindex_change_1",
    ),
    "what is told last of a run's accounts": (
        lambda conn: run_events.last_of_each(conn, "5a0f17c2b3d4e6f8"),
        "pk_run_event|run_event_pkey|autoindex_run_event|run_event USING PRIMARY KEY",
    ),
    "what is told of a run": (
        lambda conn: run_events.after(conn, "5a0f17c2b3d4e6f8", 7, 50),
        "pk_run_event|run_event_pkey|autoindex_run_event|run_event USING PRIMARY KEY",
    ),
    "the last of it": (
        lambda conn: run_events.last_number(conn, "5a0f17c2b3d4e6f8"),
        "pk_run_event|run_event_pkey|autoindex_run_event|run_event USING PRIMARY KEY",
    ),
    "what was told long ago": (
        lambda conn: run_events.forget_before(conn, AT),
        "ix_run_event_at",
    ),
    "a schedule by name": (
        lambda conn: schedules.find(conn, "lich-7"),
        "ix_schedule_name",
    ),
    "a page of keys": (
        lambda conn: keys.keys_behind(conn, (AT, "ocop_7"), 50),
        "ix_api_key_made_at_id|sqlite_autoindex_key_producer_1|pk_key_producer",
    ),
    "a key": (lambda conn: keys.find(conn, "ocop_7"), "pk_api_key"),
    "who signs in by a name": (
        lambda conn: people.named(conn, "nguoi mau 7"),
        "ix_person_sign_in_name",
    ),
    "a link": (lambda conn: links.find(conn, "digest 7"), "ix_sign_in_link_digest"),
    "unused links of a person": (
        lambda conn: links.void_unused(conn, "NV-00007", AT),
        "ix_sign_in_link_person_id",
    ),
    "links of a producer": (
        lambda conn: links.listed(conn, "CS-0007"),
        "ix_sign_in_link_producer_id",
    ),
    "first looks": (
        lambda conn: work_queue.first_looks_until(conn, "a-1", AT),
        "ix_listing_look",
    ),
    "next look": (
        lambda conn: work_queue.next_look(conn, ["a-1"], AT, timedelta(seconds=30)),
        "ix_listing_look",
    ),
    "looks that are left": (
        lambda conn: work_queue.looks_left(conn, ["a-1", "a-2"]),
        "ix_listing_look",
    ),
    "doubled": (
        lambda conn: records.with_doubles(conn, "m"),
        "ix_listing_doubled",
    ),
    "reviews that cannot be read": (
        lambda conn: unreadable.reviews(conn, 100),
        "ix_listing_odd_review",
    ),
    "how many reviews cannot be read": (
        unreadable.count_reviews,
        "ix_listing_odd_review",
    ),
    "chosen of two": (
        lambda conn: drift_decided.kept(conn, ["a-0", "a-1", "a-2"]),
        "ix_drift_product",
    ),
    "second listings elsewhere": (
        lambda conn: other_account_doubles.of_products(conn, "m", ["SP-00007"]),
        "ix_elsewhere_product",
    ),
    "second listings at an account": (
        lambda conn: other_account_doubles.at(conn, "a-1"),
        "pk_elsewhere",
    ),
    "second listings by refs": (
        lambda conn: other_account_doubles.by_refs(conn, "a-1", ["R-7", "R-8"]),
        "pk_elsewhere",
    ),
    "ours by refs": (
        lambda conn: own_refs.by_refs(conn, "m", "a-1", ["R-7", "X-8"]),
        "pk_elsewhere",
    ),
    "news": (
        lambda conn: open_work.has_news(conn, "a-1", 7, AT),
        "ix_listing_until",
    ),
    "known state by refs": (
        lambda conn: own_refs.found_of(conn, "m", "a-1", ["R-7"]),
        "ix_listing_ref",
    ),
    "next end": (
        lambda conn: work_queue.next_end(conn, ["a-1", "a-2"], AT),
        "ix_listing_until",
    ),
    "by refs": (
        lambda conn: records.by_refs(conn, "a-1", ["R-7", "R-8"]),
        "ix_listing_ref",
    ),
    "accounts of": (
        lambda conn: records.accounts_of(conn, ["m"], ["SP-00007"]),
        "pk_listing",
    ),
    "load": (lambda conn: records.load(conn, "m", ["SP-00007"]), "pk_listing"),
    "what cannot be read": (
        lambda conn: unreadable.of_ours(conn, 50),
        "ix_listing_unreadable",
    ),
    "how much cannot be read": (unreadable.count_ours, "ix_listing_unreadable"),
    "settled": (
        lambda conn: records.settled(conn, "m", "SP-00100", "SP-00200"),
        "pk_listing",
    ),
    "settled behind": (
        lambda conn: records.settled_after(conn, "m", "SP-00100"),
        "pk_listing",
    ),
    "open work": (
        lambda conn: open_work.at(conn, ["a-1", "a-2"], AT),
        _ALL_OPEN,
    ),
    "what may be a twin": (
        lambda conn: rows_of(
            conn, possible_twins._MATCHES, ["~gao nep"], {"via": "a-1"}
        ),
        "pk_remote_key",
    ),
    "what was said of it": (
        lambda conn: rows_of(
            conn, possible_twins._DECIDED, ["SP-00007"], {"via": "a-1"}
        ),
        "ix_twin_account_product_id_ref",
    ),
    "what it is": (
        lambda conn: rows_of(conn, possible_twins._CHOSEN, ["R-7"], {"via": "a-1"}),
        "pk_remote",
    ),
    "names that many share": (
        lambda conn: foreign_listings.forget(conn, "a-1", AT),
        "pk_remote_key",
    ),
    "twins that wait no more": (
        lambda conn: rows_of(conn, possible_twins._OPEN, ["SP-00007"], {"via": "a-1"}),
        "ix_twin_account_product_id_ref",
    ),
    "still held": (lambda conn: held_groups.waiting(conn, [7]), "ix_listing_held"),
    "groups that stand": (lambda conn: held_groups.standing(conn, "m"), "ix_held"),
    "groups that wait": (
        lambda conn: held_groups.any_open(conn, ["m"]),
        "ix_held_(open|marketplace_state)",
    ),
    "members": (lambda conn: held_members.page(conn, 7), "pk_held_member"),
    "first members": (lambda conn: held_members.first(conn, [7], 20), "pk_held_member"),
    "kinds of members": (
        lambda conn: held_members.count_kinds(conn, [7]),
        "pk_held_member",
    ),
    "members in order": (lambda conn: held_members.measure(conn, 7), "pk_held_member"),
    "members of products": (
        lambda conn: held_members.of_products(conn, [7], ["SP-00007"]),
        "pk_held_member",
    ),
    "members asked anew": (
        lambda conn: held_members.asked_anew(conn, [7]),
        "pk_held_member",
    ),
    "listings at an account": (
        lambda conn: coverage.known_at(conn, ["a-1"]),
        "pk_remote",
    ),
    "how products are counted": (
        lambda conn: coverage.tallies(conn, "m", ["SP-00007"], LATER),
        "pk_listing",
    ),
    "the intervals of products": (
        lambda conn: coverage_intervals.note(
            conn, "m", ["SP-00007"], LATER, {"SP-00007": replace(FACTS, stars=5)}
        ),
        INTERVALS,
    ),
    "what is counted otherwise": (
        lambda conn: coverage_intervals.note(conn, "m", ["SP-00007"], LATER),
        INTERVALS,
    ),
    "reads of the same": (
        lambda conn: coverage_intervals.note_read(conn, "m", {"SP-00007": AT}, AT),
        INTERVALS,
    ),
    "reads of the same some time ago": (
        lambda conn: coverage_intervals.note_read(conn, "m", {"SP-00007": AT}, LATER),
        INTERVALS,
    ),
    "since when is counted": (
        coverage_days.history_began,
        INTERVALS,
    ),
    "the figures of a day": (
        lambda conn: coverage_days.count_cells(conn, "m", A_DAY, "stars"),
        INTERVALS,
    ),
    "the figures of all parts": (
        lambda conn: coverage_at_once.count_parts(
            conn, "m", A_DAY, ("certified", "listed")
        ),
        (
            rf"(?s)(MATERIALIZE|CTE) counted_product\b(?=.*({INTERVALS}))"
            "(?!.*SEARCH coverage_interval.*SEARCH coverage_interval)"
        ),
    ),
    "the figures of several days": (
        lambda conn: coverage_at_once.count_days(
            conn, "m", [A_DAY, A_DAY], ("certified", "listed")
        ),
        INTERVALS,
    ),
    "the list of a figure": (
        lambda conn: coverage_days.counted_products(
            conn,
            "m",
            A_DAY,
            figure="listed",
            parts={"stars": 4},
            after="SP-00007",
            size=10,
        ),
        INTERVALS,
    ),
    "the list of a figure by words of names": (
        lambda conn: coverage_days.counted_products(
            conn,
            "m",
            A_DAY,
            figure="certified",
            parts={"stars": 4},
            text="mang 7",
            after="SP-00007",
            size=10,
        ),
        rf"(?s)(?=.*({INTERVALS}))(?=.*{_SEARCHED})",
    ),
    "how many a figure counts, by words of names": (
        lambda conn: coverage_days.count_products(
            conn, ["m"], A_DAY, figure="certified", parts={}, text="mang 7"
        ),
        rf"(?s)(?=.*({INTERVALS}))(?=.*{_SEARCHED})",
    ),
    "which are on sale": (
        lambda conn: coverage_days.live_among(conn, "m", ["SP-00007"]),
        INTERVALS,
    ),
    "on sale and not certified": (
        lambda conn: coverage_days.live_and_counted(
            conn, "m", A_DAY, counted=NOT_CERTIFIED, after="", size=10
        ),
        INTERVALS,
    ),
    "open delays": (
        lambda conn: change_delays.open_delays(conn, "m", ["SP-00007"]),
        "ix_change_delay_(open|ended)",
    ),
    "entries that wait to be shown": (
        lambda conn: rows_of(
            conn, pending_entries._OF_PRODUCT, ["SP-00007"], {"of": "m"}
        ),
        "ix_field_change_revision",
    ),
    "entries about its producer": (
        lambda conn: rows_of(
            conn, pending_entries._OF_PRODUCER, ["SP-00007"], {"of": "m"}
        ),
        "ix_field_change_revision",
    ),
    "the first whole sync": (
        lambda conn: pending_entries.counted_since(conn, "m"),
        "ix_snapshot_marketplace_at",
    ),
    "the revisions of a producer's products": (
        lambda conn: rows_of(conn, history._OF_PRODUCERS, ["CS-0007"]),
        "ix_product_producer_id",
    ),
    "delays that have ended": (
        lambda conn: change_delays.ended_since(conn, LATER),
        "ix_change_delay_ended",
    ),
    "how long changes took": (
        lambda conn: change_delays.shown_since(conn, LATER),
        "ix_change_delay_ended",
    ),
    "how many delays are open": (
        change_delays.count_open,
        "ix_change_delay_(open|ended)",
    ),
    "delays of long ago": (
        lambda conn: change_delays.erase_old_delays(conn, AT),
        "ix_change_delay_ended",
    ),
    "how many await": (
        lambda conn: coverage.awaiting_at(conn, ["a-1"]),
        "ix_listing_awaiting",
    ),
    "not withdrawn": (
        lambda conn: work_queue.not_withdrawn(conn, ("", ""), 50),
        "ix_listing_blocked",
    ),
    "tried again": (
        lambda conn: work_queue.tried_again(conn, ("", ""), 50),
        "ix_listing_tried_again",
    ),
    "next try": (
        lambda conn: work_queue.next_end(conn, ["a-1", "a-2"], AT),
        "ix_listing_next_try",
    ),
    "asked again": (
        lambda conn: retry_requests.carry_out(conn, ["m"], ["a-1"], AT),
        "ix_retry_unread",
    ),
    "named": (lambda conn: event_mentions.to_read(conn, "a-1", "", LATER), "pk_named"),
    "last named": (lambda conn: event_mentions.last_shows(conn, "a-1"), "pk_named"),
    "named and read": (
        lambda conn: event_mentions.tick_off_all(conn, "a-1", AT),
        "pk_named",
    ),
    "taken": (lambda conn: ledger.removals_since(conn, "m", AT), "ix_change_removes"),
    "lost": (
        lambda conn: ledger.settle_lost(
            conn, "a-1", [("SP-00007", ledger.Answer.APPLIED, "")], AT
        ),
        "ix_change_subject_marketplace",
    ),
    "refused in review": (
        lambda conn: ledger.note_refused_reviews(conn, "a-1", [("SP-00007", "")]),
        "ix_change_subject_marketplace",
    ),
    "open drift": (
        lambda conn: drift.open_of(conn, "m", ["SP-00007"]),
        "ix_drift_(product|open|healed)",
    ),
    "past drift": (
        lambda conn: drift_decided.past_of(conn, "m", ["SP-00007"], AT),
        "ix_drift_product",
    ),
    "drift that is new": (
        lambda conn: drift.returns(conn, "m", ["SP-00007"]),
        "ix_drift_product",
    ),
    "drift listed": (
        lambda conn: drift.listed(conn, ["m"], 7),
        "ix_drift_(open|healed)",
    ),
    "drift that a person spoke of": (
        lambda conn: drift_decided.unsettle(conn, ["m"]),
        "ix_drift_(open|healed)",
    ),
    "drift seen": (
        lambda conn: drift_counts.seen_since(conn, "m", ["a-1"], LATER),
        "ix_drift_healed",
    ),
    "made anew": (
        lambda conn: drift_counts.made_anew_since(conn, "m", LATER),
        "ix_drift_healed",
    ),
    "drift healed": (
        lambda conn: drift_counts.healed_since(conn, "m", LATER),
        "ix_drift_healed",
    ),
    "open edits": (
        lambda conn: drift_counts.open_edits(conn, "m"),
        "ix_drift_(open|healed)",
    ),
    "stock that was missing": (
        lambda conn: drift.stocks_of(conn, "m", "a-1", ["SP-00007"], AT),
        "ix_drift_product",
    ),
    "drift of second listings": (
        lambda conn: drift.heal_undoubled(conn, "m", AT),
        "ix_drift_(open|healed)",
    ),
    "live now": (lambda conn: coverage.live_now(conn, "m"), "ix_listing_live"),
    "live then": (
        lambda conn: coverage.live_at(conn, "m", AT),
        "ix_snapshot_marketplace_at",
    ),
    "sold since the count": (
        lambda conn: conn.execute(
            select(variant.c.sku, SOLD).where(variant.c.product_id == "SP-00007")
        ),
        "ix_sale_sku_sold_at",
    ),
    "a page of all products": (
        lambda conn: ids_after(conn, None, "SP-00001", 50),
        "pk_product|ix_product_searched|sqlite_autoindex_product_1",
    ),
    "the erasure of a producer": (
        lambda conn: last_erasure(conn, "CS-0007"),
        "ix_erasure_producer_id",
    ),
    "packs, with adjustments since the count": (
        lambda conn: packs_by_sku(conn, ["SP-00007-1"]),
        "ix_adjustment_sku_happened_at",
    ),
    "sales that are new": (
        lambda conn: sales_after(conn, ["SP-00007-1"], 900),
        "ix_sale_sku_n",
    ),
    "sold by channel since the count": (
        lambda conn: sold_since_count(conn, ["SP-00007-1"]),
        "ix_sale_sku_(sold_at|n)",
    ),
    "sales at that time": (
        lambda conn: sales_between(conn, ["SP-00007-1"], AT, LATER),
        "ix_sale_sku_sold_at",
    ),
    "what imports took, page by page": (
        lambda conn: conn.execute(
            EFFECTS.where(import_effect.c.product_id.between("SP-00010", "SP-00020"))
        ),
        _OF_EFFECTS,
    ),
    "what imports took": (
        lambda conn: conn.execute(
            EFFECTS.where(import_effect.c.product_id.in_(["SP-00007"]))
        ),
        _OF_EFFECTS,
    ),
    "ends that persons stand for, page by page": (
        lambda conn: conn.execute(
            CONFIRMED_ENDS.where(
                confirmed_end.c.product_id.between("SP-00010", "SP-00020")
            )
        ),
        "pk_confirmed_end|confirmed_end USING PRIMARY KEY",
    ),
    "certificates, page by page": (
        lambda conn: certificates_after(conn, ("SP-00007", 0), producers=None, size=10),
        "pk_certificate|certificate USING PRIMARY KEY",
    ),
    "certificates of producers": (
        lambda conn: certificates_after(
            conn, ("SP-00007", 0), producers=["CS-0001"], size=10
        ),
        "pk_certificate|certificate USING PRIMARY KEY|ix_product_producer_id",
    ),
    "who changed certificates last": (
        lambda conn: recognitions_entered(conn, ["SP-00007"]),
        _OF_SUBJECT,
    ),
    "decisions of a year": (
        lambda conn: decisions_of_year(conn, 2024),
        "ix_certificate_decided_on(.|\n)*ix_certificate_revoked_on",
    ),
    "what is on sale of some products": (
        lambda conn: live_of(conn, "memory", ["SP-00007"]),
        "pk_listing|listing USING PRIMARY KEY|ix_listing_live",
    ),
    "what imports took lately": (
        lambda conn: recent_effects(conn, LATER),
        "ix_catalog_import_imported_at",
    ),
    "producers that refuse by a sheet": (
        lambda conn: refusing(conn, ["CS-0007"]),
        "ix_import_effect_kind_key",
    ),
    "effects that are over": (
        lambda conn: lift_effects(conn, [("SP-00007", EffectKind.STOPPED, "")]),
        f"{_OF_EFFECTS}|ix_import_effect_kind_key",
    ),
    "producers that consent again": (
        lambda conn: lift_consent_effects(conn, ["CS-0007"]),
        "ix_import_effect_kind_key",
    ),
    "effects of some products": (
        lambda conn: effects_about(conn, ["SP-00007"]),
        _OF_EFFECTS,
    ),
    "whether another source names a product": (
        lambda conn: sources_in_question(
            conn, Origin("mới.csv", Basis.GUESS), ["SP-99999"]
        ),
        "ix_naming_product_id",
    ),
    "of which source files of a name are": (
        lambda conn: origin_of(conn, named="", stamped="", file="mới.csv"),
        "pk_source|source USING PRIMARY KEY",
    ),
    "what was said of columns": (
        lambda conn: known_columns(conn, "bảng mẫu"),
        "pk_column_answer|column_answer USING PRIMARY KEY",
    ),
    "what an import changed": (lambda conn: changes_page(conn, 7), _OF_CHANGES),
    "and more of it": (
        lambda conn: changes_page(
            conn, 7, ChangedField(Entity.PRODUCT, "SP-00007", "", "description")
        ),
        _OF_CHANGES,
    ),
    "how much an import changed": (lambda conn: count_changes(conn, 7), _OF_CHANGES),
    "changes that are over": (
        lambda conn: erase_old_values(conn, AT),
        "ix_field_change_personal",
    ),
    "a page of a timeline": (
        lambda conn: past_changes(
            conn, TimelineSubject("SP-00007", ""), before=3_000, size=50
        ),
        "ix_field_change_subject|pk_act|pk_catalog_import",
    ),
    "the beginning of a timeline of a pack": (
        lambda conn: past_changes(
            conn, TimelineSubject("SP-00007", "", "SP-00007-1"), before=None, size=50
        ),
        "ix_field_change_subject|pk_act|pk_catalog_import",
    ),
    "reports that are over": (
        lambda conn: erase_old_reports(conn, AT),
        "ix_import_report_erased_at",
    ),
    "the report of an import": (
        lambda conn: report_of_import(conn, 7),
        "ix_import_report_import_id",
    ),
    "reports behind one": (
        lambda conn: reports_behind(conn, 100, WHOLE_CATALOG, size=50),
        "pk_import_report|PRIMARY KEY",
    ),
    "reports of a producer behind one": (
        lambda conn: reports_behind(conn, 100, Reach.of(["CS-0001"]), size=50),
        "pk_import_report|PRIMARY KEY",
    ),
    "held products": (
        lambda conn: held_products(conn, ["a-1", "a-2"]),
        "ix_listing_hold",
    ),
    "problems of a report": (
        lambda conn: problems_page(conn, 7, 3),
        "pk_import_problem|PRIMARY KEY",
    ),
    "a part of an imported file": (
        lambda conn: anext(file_parts(conn, "a7"), None),
        "pk_import_file",
    ),
    "who changed products last": (
        lambda conn: provenance_of(conn, ["SP-00007"]),
        "ix_field_change_stands|pk_act|pk_actor|pk_catalog_import",
    ),
    "which changes of products stand": (
        lambda conn: standing(conn, ["SP-00007"]),
        "ix_field_change_stands",
    ),
    "the last change of a producer": (
        lambda conn: last_change_of(conn, "CS-0007"),
        _OF_SUBJECT,
    ),
    "what changed of a producer since": (
        lambda conn: fields_changed_after(conn, "CS-0007", 7),
        _OF_SUBJECT,
    ),
    "former names of a producer": (
        lambda conn: former_names_of(conn, "CS-0007"),
        "ix_former_mark_producer_id",
    ),
    "former names to forget": (
        lambda conn: forget_former_names(conn, "CS-0007"),
        "ix_former_mark_producer_id",
    ),
    "products that a name may mean": (
        lambda conn: products_near(conn, "CS-0007", "Măng"),
        "ix_product_name_folded",
    ),
    "marks of some products": (
        lambda conn: products_of_ids(conn, ["SP-00007"]),
        "pk_product|ix_product_searched|autoindex_product",
    ),
    "producers behind one": (
        lambda conn: producer_ids_after(conn, "CS-0007", 7),
        "pk_producer|ix_producer_searched|autoindex_producer",
    ),
    "how many products producers have": (
        lambda conn: count_products(conn, ["CS-0007"]),
        "ix_product_producer",
    ),
    "values about a producer": (
        lambda conn: erase_values_of(conn, ["CS-0007"], AT),
        _OF_SUBJECT,
    ),
    "what others changed of the same": (
        lambda conn: changes_by_others(conn, 7, ["SP-00007"]),
        "ix_field_change_sheets|ix_field_change_(subject|revision)",
    ),
    "which imports changed a product": (
        lambda conn: imports_touching(conn, ["SP-00007"], AT),
        "ix_field_change_sheets|pk_catalog_import",
    ),
    "products with effects of an import": (
        lambda conn: products_with_effects(conn, 7),
        "ix_import_effect_import_id",
    ),
    "imports of one source": (
        lambda conn: same_source(conn, _MADE),
        "ix_catalog_import_source",
    ),
    "what was said since an import": (
        lambda conn: facts_changed_since(conn, 7, ["SP-00007"]),
        _OF_SUBJECT,
    ),
    "the changes of certificates": (
        lambda conn: certificate_changes(conn, "SP-00007"),
        _OF_SUBJECT,
    ),
    "what was sold since an import": (
        lambda conn: since_import._sold(conn, ["SP-00007-1"], AT),
        "ix_sale_sku",
    ),
    "places of certificates": (
        lambda conn: certificate_changes_of(conn, ["SP-00007"]),
        _OF_SUBJECT,
    ),
    "a page of the ledger": (
        lambda conn: run_history.changes_page(conn, Which(), _SENT.place, 50),
        "ix_change_sent",
    ),
    "a page of an account's ledger": (
        lambda conn: run_history.changes_page(
            conn, Which(accounts=["a-9"]), _SENT.place, 50
        ),
        "ix_change_account_sent",
    ),
    "a page of a product's ledger": (
        lambda conn: run_history.changes_page(
            conn, Which(subjects=["SP-00007"]), _SENT.place, 50
        ),
        "ix_change_subject_marketplace",
    ),
    "a page of a time's ledger": (
        lambda conn: run_history.changes_page(
            conn, Which(since=AT, until=AT + timedelta(hours=3)), None, 50
        ),
        "ix_change_sent",
    ),
    "a page of what failed in a run": (
        lambda conn: run_history.changes_page(
            conn, Which(run="r:a-1", outcomes=["refused"]), _SENT.place, 50
        ),
        "pk_change",
    ),
    "a page of what failed in a sync": (
        lambda conn: run_history.changes_page(
            conn, Which(run="r", outcomes=["refused"]), None, 50
        ),
        "pk_change",
    ),
    "a page of runs": (
        lambda conn: conn.execute(_page_of_runs(Which())),
        "ix_run_started",
    ),
    "a page of an account's runs": (
        lambda conn: conn.execute(_page_of_runs(Which(accounts=["a-9"]))),
        "ix_run_account_started_at",
    ),
    "what the changes of runs came to": (
        lambda conn: run_history._kinds_of(conn, ["r:a-1", "r:a-2"]),
        "pk_change",
    ),
    "whether a run goes on": (
        lambda conn: conn.execute(run_history.going_statement("r", AT)),
        "pk_run|ix_run_running",
    ),
    "how the runs of a sync have ended": (
        lambda conn: run_history.endings(conn, "r", AT),
        "pk_run",
    ),
    "of which of these anything was sent": (
        lambda conn: run_history.sent_of(conn, ["SP-00007"]),
        "ix_change_subject_marketplace",
    ),
    "the heartbeat of a worker": (
        lambda conn: heartbeats.load(conn, "w"),
        "pk_heartbeat",
    ),
    "what is remembered of accounts": (
        lambda conn: last_runs.pasts(conn, ["a-1", "a-2"], AT),
        "pk_account",
    ),
    "how much is held at accounts": (
        lambda conn: last_runs.held_at(conn, ["a-1", "a-2"]),
        "ix_listing_hold",
    ),
    "a picture for everybody": (
        lambda conn: served_pictures.content_of(conn, _KEPT.hash),
        "ix_listing_sent",
    ),
    "a picture for its producer": (
        lambda conn: served_pictures.may_be_seen(conn, _KEPT.hash, Reach.of(["CS-7"])),
        "pk_picture|USING INDEX pk_picture",
    ),
    "how many pushes are remembered": (
        lambda conn: seen_pushes.is_full(conn, "a-1"),
        "pk_push|ix_push_account_taken_at",
    ),
    "pushes that are forgotten": (
        lambda conn: seen_pushes.forget_until(conn, "a-1", AT),
        "ix_push_account_taken_at",
    ),
    "pictures that are to be erased": (
        lambda conn: conn.execute(pictures._OVER, {"until": AT}),
        "ix_picture_use_removed",
    ),
    "pictures that no product has": (
        lambda conn: execute_for(conn, pictures._ERASE, [_KEPT.hash]),
        "pk_picture_use|picture_use USING PRIMARY KEY",
    ),
    "figures that were kept last": (
        lambda conn: coverage.last_kept(conn, "m"),
        "ix_snapshot_marketplace_at",
    ),
    "delays that a read has ended lately, for metrics": (
        lambda conn: for_metrics.confirmed_since(conn, LATER),
        "ix_change_delay_ended",
    ),
    "drift that is open, for metrics": (
        lambda conn: for_metrics.open_drift(conn, ["m"]),
        "ix_drift_(open|healed)",
    ),
    "groups that are open, for metrics": (
        lambda conn: for_metrics.open_groups(conn, ["m"]),
        "ix_held_(marketplace_state|open)",
    ),
    "claims that end soon, for metrics": (
        lambda conn: for_metrics.ends_by(conn, ["a-1"], AT, LATER),
        "ix_listing_until",
    ),
    "products by words of their names": (
        lambda conn: product_search.product_ids(
            conn, ProductSearch(text="mang 7"), AT, after="SP-00007", size=50
        ),
        rf"(?s)(?=.*{_SEARCHED})(?=.*{_MAKERS_SEARCHED})(?=.*ix_variant_sku)",
    ),
    "how many products there are by words of their names": (
        lambda conn: product_search.count_products(
            conn, ProductSearch(text="mang 7"), AT
        ),
        rf"(?s)(?=.*{_SEARCHED})(?=.*{_MAKERS_SEARCHED})",
    ),
    "products by all that narrows": (
        lambda conn: product_search.product_ids(conn, _SEARCH, AT, after="", size=50),
        "(?s)(?=.*ix_product_(searched|producer_id))(?=.*_interval)(?=.*_listing)",
    ),
    "products that were found": (
        lambda conn: product_search.found_products(conn, ["SP-00007", "SP-00008"]),
        "pk_product|ix_product_searched",
    ),
    "how products are counted now": (
        lambda conn: coverage_days.counted_among(
            conn, ["m", "n"], ["SP-00007", "SP-00008"], LATER
        ),
        "ix_coverage_interval_open|pk_coverage_interval",
    ),
    "runs that died": (
        lambda conn: ledger.note_died(conn, ["a-1"], AT),
        "ix_run_running",
    ),
    "changes of sellers that they left": (
        lambda conn: ledger.close_dead(conn, ["a-1"], AT),
        "ix_change_open",
    ),
}
OF_EACH_ACCOUNT = (
    *("due", "in review", "awaiting", "unread", "ended", "looked up again"),
    *("first looks", "open work", "news", "named", "last named"),
    "doubles that are gone",
)
"""Questions that each run asks of each account."""
PRIMARY = re.compile(r"sqlite_autoindex_(\w+)_1")
"""SQLite gives the index of a primary key a name of its own."""
MORE_ROWS = text(
    "UPDATE sqlite_stat1 SET stat = CAST(stat AS INTEGER) * 1000"
    " || substr(stat, instr(stat || ' ', ' '))"
)
"""Lets SQLite take each table for one of so many more rows."""
FEW = (
    "(ix_listing_"
    "(due|waiting|in_review|unread|awaiting|look|doubled|unreadable|odd_review)"
    "|ix_notice_standing|ix_run_request_open|ix_schedule_run_open|ix_change_delay_open"
    "|ix_run_request_asked_at_id)"
)
"""Indexes of few rows, which are cheap to read whole; and one that is read in its
order, up to a page."""
WHOLE = re.compile(
    r"Seq Scan"
    # Not what a statement has found or grouped before, or was given: it reads that.
    r"|SCAN (?!alike_|json_each\b|counted_product\b)[a-z_]+"
    rf"(?! USING (COVERING )?INDEX {FEW}\b)\b"
)
"""How each database says that it reads a whole table, or a whole index."""


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """Many products at three accounts, few of which are due for anything."""
    database = Database(url)
    await make_tables(database)
    await database.write(_fill)
    yield database
    await database.close()


async def _fill_report(conn: AsyncConnection, n: int) -> None:
    values = {
        "source": "so",
        "file": "so.csv",
        "outcome": "written",
        "import_id": n,
        "content_hash": f"a{n}",
        "size": 1,
        "told": {},
    }
    kept = await keep_report(conn, values, now=AT)
    rows = PreparedRows(conn)
    await rows.add_problems([{}] * 9)
    await rows.bring_in_problems(kept.id)
    await keep_file(conn, f"a{n}", [b"x"])


async def _fill(conn: AsyncConnection) -> None:
    await records.save(conn, (_record(n) for n in range(1200)))
    await records.save(conn, (_off_sale(n) for n in range(1200, 2400)))
    delays = (
        change_delays.NewDelay(
            product_id=f"SP-{n % 1000:05}",
            facet=f"f-{n // 1000}",
            fingerprint="f",
            changed_at=AT,
        )
        for n in range(3000)
    )
    await change_delays.begin(conn, "m", delays, AT)
    ended = dict.fromkeys(range(1, 2990), change_delays.DelayEnd.CONFIRMED)
    await change_delays.end(conn, ended, AT)
    for hours in range(3):
        at = AT + timedelta(hours=hours)
        counted = replace(FACTS, stars=3 + hours)
        facts = {f"SP-{n:05}": counted for n in range(1200)}
        await coverage_intervals.note(conn, "m", facts, at, facts)
    await other_account_doubles.save(conn, [_second(n) for n in range(2_000)])
    await ledger.record_sent(conn, [_entry(n) for n in range(1000)])
    await conn.execute(run_table.insert(), [_run(n) for n in range(1000)])
    await conn.execute(product.insert(), [_product(n) for n in range(100)])
    await conn.execute(variant.insert(), [_variant(n) for n in range(100)])
    await conn.execute(sale.insert(), [_sale(n) for n in range(1000)])
    await conn.execute(erasure.insert(), [_erasure(n) for n in range(1000)])
    await conn.execute(adjustment.insert(), [_adjustment(n) for n in range(1000)])
    await pictures.keep_picture(conn, _KEPT, now=AT)
    uses = [
        {"hash": f"{n % 50:064}", "product_id": f"SP-{n:05}", "removed_at": None}
        for n in range(100)
    ]
    await conn.execute(picture_use.insert(), uses)
    await _fill_imports(conn)
    for n in range(100):
        await _fill_report(conn, n)
    await _fill_sources(conn)
    await _fill_identity(conn)
    await _fill_schedules(conn)
    await conn.execute(plan_tables.plan.insert(), [_kept_plan(n) for n in range(30)])
    for n in range(30):
        changes = [_planned_change(each) for each in range(100)]
        await plans.add(conn, n, changes)
    await run_events.add(conn, (_run_event(n) for n in range(2000)))
    await conn.execute(run_request.insert(), [_run_request(n) for n in range(300)])
    await drift.see(conn, [_sighting(n) for n in range(1000)], AT)
    for hour in range(24):
        healed = [(n, "us") for n in range(1, 1000) if n % 50 and n % 24 == hour]
        await drift.heal(conn, healed, AT + timedelta(hours=hour))
    for account in ("a-1", "a-2"):
        strangers = [_stranger(n) for n in range(600)]
        await foreign_listings.remember(conn, account, strangers, AT)
        await possible_twins.note(
            conn, "m", account, [_likeness(n) for n in range(600)]
        )
    for n in range(200):
        await held_groups.open_group(conn, _group(n))
    await held_members.put(conn, (_member(n) for n in range(2000)))
    await conn.execute(text("ANALYZE"))


async def _fill_schedules(conn: AsyncConnection) -> None:
    many = range(1, 301)
    for table, row in (
        (schedule_tables.schedule, _schedule),
        (schedule_tables.schedule_run, _schedule_run),
    ):
        await conn.execute(table.insert(), [row(n) for n in many])


def _schedule(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "name": f"lich-{n}",
        "kind": "sync",
        "cron": "0 2 * * *",
        "made_at": AT,
        "due_until": AT,
        "skipped": 0,
    }


def _kept_plan(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "state": "waiting",
        "made_at": AT,
        "made_by": "",
        "expires_at": AT + timedelta(days=n),
        "simulated": True,
        "marketplaces": [],
        "unusable": [],
        "scope": {},
        "changes": 100,
        "takes": 0,
        "checksum": "",
        "decided_by": "",
        "reason": "",
        "run": "",
    }


def _planned_change(n: int) -> PlanChange:
    return PlanChange(
        n=n,
        marketplace="m",
        account="a-1",
        subject=f"SP-{n:05}",
        name="",
        listing="",
        kind="update",
        urgency="content",
        takes=False,
        is_double=False,
        counted_as="",
        cause="",
        why={},
        before=None,
        after=None,
        fingerprint="",
    )


def _run_event(n: int) -> RunEvent:
    return RunEvent(
        run=f"{n % 40:016}",
        n=n,
        at=AT + timedelta(minutes=n),
        kind=EventKind.BEGUN,
        account="a-1",
    )


def _run_request(n: int) -> dict[str, Any]:
    is_open = n % 50 == 0
    return {
        "id": f"{n:016}",
        "kind": "sync",
        "marketplaces": [],
        "report_only": False,
        "full": False,
        "asked_at": AT,
        "holder": "",
        "token": "",
        "tries": 0,
        "ended_at": None if is_open else AT + timedelta(hours=n),
        "outcome": "" if is_open else "done",
        "reason": "",
    }


def _schedule_run(n: int) -> dict[str, Any]:
    is_open = n % 50 == 0
    return {
        "schedule_id": n,
        "due_at": AT,
        "by_hand": False,
        "missed": 0,
        "holder": "",
        "token": "",
        "tries": 0,
        "ended_at": None if is_open else AT,
        "outcome": "" if is_open else "done",
        "reason": "",
    }


async def _fill_identity(conn: AsyncConnection) -> None:
    many = range(1, 301)
    for table, row in (
        (identity_tables.person, _person),
        (identity_tables.session, _session),
        (identity_tables.sign_in_link, _link),
        (identity_tables.api_key, _key),
    ):
        await conn.execute(table.insert(), [row(n) for n in many])


def _person(n: int) -> dict[str, Any]:
    return {
        "id": f"NV-{n:05}",
        "name": "",
        "sign_in_name": f"nguoi mau {n}",
        "password_hash": "",
        "role": "producer",
        "created_at": AT,
        "changed_at": AT,
    }


def _session(n: int) -> dict[str, Any]:
    return {
        "person_id": f"NV-{n:05}",
        "digest": f"digest {n}",
        "began_at": AT,
        "used_at": AT,
        "device": "",
    }


def _link(n: int) -> dict[str, Any]:
    return {
        "person_id": f"NV-{n:05}",
        "producer_id": f"CS-{n:04}",
        "digest": f"digest {n}",
        "made_at": AT,
        "ends_at": AT,
        "device": "",
    }


def _key(n: int) -> dict[str, Any]:
    return {
        "id": f"ocop_{n}",
        "name": "",
        "role": "viewer",
        "digest": f"digest {n}",
        "made_at": AT,
        "replaced_by": "",
    }


async def _fill_imports(conn: AsyncConnection) -> None:
    for hour in range(50):
        number = await keep_import(
            conn,
            source=f"mẫu {hour}",
            file="mẫu.csv",
            now=AT + timedelta(hours=hour - 25),
            confirmed_by="",
        )
        effects = [
            Entered(
                product_id=f"SP-{n:05}", name="", kind=kind, key=f"CS-{n * hour:04}"
            )
            for n in range(100)
            for kind in (EffectKind.CONSENT, EffectKind.PAPER)
        ]
        await keep_effects(conn, number, effects, confirmed=False)
        changes = [_change(n) for n in range(100)]
        await keep_changes(conn, changes, Author("x", AT), import_id=number)


async def _fill_sources(conn: AsyncConnection) -> None:
    names = [f"nguồn {n}" for n in range(200)]
    files = [{"file": f"{name}.csv", "source": name} for name in names]
    await conn.execute(source.insert(), [{"name": name} for name in names])
    await conn.execute(source_file.insert(), files)
    rows = [
        {"source": name, "product_id": f"SP-{n:05}"}
        for name in names[:20]
        for n in range(100)
    ]
    await conn.execute(naming.insert(), rows)


def _change(n: int) -> Change:
    where = ChangedField(Entity.PRODUCT, f"SP-{n:05}", "", "description")
    return Change(where, "Một", "Hai")


def _product(n: int) -> dict[str, Any]:
    item = make_product(id=f"SP-{n:05}", name=f"Măng {n}", producer_id=None)
    return product_values(item, n)


def _variant(n: int) -> dict[str, Any]:
    pack = make_variant(sku=f"SP-{n:05}-1")
    return variant_values(make_product(id=f"SP-{n:05}", variants=(pack,)))[0]


def _erasure(n: int) -> dict[str, Any]:
    return {
        "producer_id": f"CS-{n:04}",
        "withdrawn_at": AT,
        "due_at": AT,
        "ended_at": None,
        "ended": "",
    }


def _adjustment(n: int) -> dict[str, Any]:
    return {
        "n": n,
        "sku": f"SP-{n:05}-1",
        "delta": 1,
        "reason": "made",
        "happened_at": AT,
        "entered_at": AT,
    }


def _sale(n: int) -> dict[str, Any]:
    return {
        "channel": f"a-{n % 3}",
        "order_line": f"DH-{n}",
        "n": n,
        "sku": f"SP-{n % 100:05}-1",
        "quantity": 1,
        "sold_at": AT + timedelta(hours=n - 900),
        "heard_at": AT,
    }


def _record(n: int) -> Record:
    state = State(
        product_id=f"SP-{n:05}",
        marketplace="m",
        account=f"a-{n % 3}",
        ref=f"R-{n}",
        found=Found.LIVE,
        read_at=AT,
    )
    record = Record(state=state, settled_fingerprint="f", until=AT + timedelta(days=n))
    if n % 100:
        return record
    few = [
        replace(record, urgency=n % 7, waiting_since=AT, held_group=n),
        replace(record, state=replace(state, found=Found.IN_REVIEW)),
        replace(record, state=replace(state, awaiting=Kind.CREATE)),
        replace(record, state=replace(state, read_at=None)),
        replace(record, state=replace(state, look=Look.FIRST, look_at=AT)),
        replace(record, state=replace(state, doubled_ref="R-0")),
        replace(record, blocked=True),
        replace(record, next_try_at=AT),
    ]
    return few[n // 100 % 8]


def _off_sale(n: int) -> Record:
    record = _record(1)
    state = replace(record.state, product_id=f"SP-{n:05}", ref="", found=Found.ABSENT)
    return replace(record, state=state)


def _second(n: int) -> other_account_doubles.OtherAccountDouble:
    double = Double(account=f"a-{n % 3}", ref=f"X-{n}", found=Found.LIVE, values={})
    return other_account_doubles.OtherAccountDouble(
        marketplace="m", product_id=f"SP-{n:05}", double=double, read_at=AT
    )


def _sighting(n: int) -> drift.Sighting:
    return drift.Sighting(
        marketplace="m",
        account="a-1",
        product_id=f"SP-{n:05}",
        drift=Drift(kind=DriftKind.EDITED, field="stars"),
    )


def _group(n: int) -> Group:
    return Group(
        marketplace=f"m-{n % 3}" if n % 20 else "m",
        cause=Cause(f"E{n:02}"),
        hold=Hold.BUDGET,
        size=10,
        checksum="f",
        state="closed" if n % 10 else "open",
        opened_at=AT,
    )


def _member(n: int) -> Member:
    return Member(
        group_id=n % 200 + 1,
        product_id=f"SP-{n:05}",
        kinds=("withdraw",),
        why=Why("E04", Text("Mẫu", "Sample")),
        fingerprint="f",
        reask_reason=None if n % 9 else ReaskReason.NEW,
        asked_at=AT,
    )


def _run(n: int) -> dict[str, Any]:
    return {
        "id": f"r-{n}:a-{n % 3}",
        "account": f"a-{n % 3}",
        "marketplace": "m",
        "holder": "mẫu",
        "started_at": AT + timedelta(hours=n),
        "ended_at": None,
        "outcome": "done",
        "detail": "",
    }


def _entry(n: int) -> ledger.LedgerEntry:
    return ledger.LedgerEntry(
        run_id="r",
        n=n,
        marketplace="m",
        account=f"a-{n % 3}",
        subject=f"SP-{n:05}",
        kind="set_price",
        why="",
        before=None,
        after=None,
        removes=n % 50 == 0,
        in_budget=True,
        sent_at=AT + timedelta(hours=n),
    )


def _stranger(n: int) -> RemoteListing:
    shown = make_listing(client_ref="", title=f"Gạo nếp số {n}")
    return make_remote(shown, ref=f"R-{n}")


def _likeness(n: int) -> Likeness:
    return Likeness(product_id=f"SP-{n:05}", ref=f"R-{n}", agrees_on=("name",))


@contextmanager
def _caught(conn: AsyncConnection) -> Iterator[list[tuple[str, Any]]]:
    """Note what reaches the database, with its values."""
    caught: list[tuple[str, Any]] = []

    own: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        values = values[0] if isinstance(values, list) else values
        caught.append(own.pop() if own else (statement, values))

    def note_own(known: Any, values: Any, *, is_many: bool) -> None:
        row = values[0] if is_many else values or {}
        own.append((known.text, tuple(known._row(row))))  # SQLAlchemy is to send it

    event.listen(conn.sync_connection, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_statements, "_is_unheard", lambda _: True)
        patch.setattr(known_statements._Known, "rows", note_own)
        try:
            yield caught
        finally:
            event.remove(conn.sync_connection, "before_cursor_execute", note)


async def _plan(conn: AsyncConnection, question: Question) -> str:
    """Return how the database goes about the last statement of *question*.

    Of one that goes past SQLAlchemy from its third time on, that is how it goes then.
    """
    with _caught(conn) as caught:
        for _ in range(3):
            await question(conn)
    statement, values = caught[-1]
    sqlite = conn.dialect.name == "sqlite"
    how = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
    rows = await conn.exec_driver_sql(f"{how} {statement}", values)
    return PRIMARY.sub(r"pk_\1", "\n".join(str(row[-1]) for row in rows.all()))


async def _avoid(conn: AsyncConnection, *ways: str) -> None:
    """Have the database go other ways, where there are any; few rows are no reason."""
    if conn.dialect.name == "postgresql":
        for way in ways:
            await conn.execute(text(f"SET LOCAL enable_{way} = off"))
    else:
        await conn.execute(MORE_ROWS)
        await conn.execute(text("ANALYZE sqlite_schema"))


async def test_no_question_reads_a_whole_table(database: Database) -> None:
    async def ask(conn: AsyncConnection) -> dict[str, str]:
        await _avoid(conn, "seqscan")
        return {name: await _plan(conn, ask) for name, (ask, _) in QUESTIONS.items()}

    plans = await database.write(ask)

    bad = {
        name: plan
        for name, plan in plans.items()
        if WHOLE.search(plan) or not re.search(QUESTIONS[name][1], plan)
    }
    assert bad == {}


async def test_a_backlog_is_not_sorted_for_every_slice(database: Database) -> None:
    async def ask(conn: AsyncConnection) -> dict[str, str]:
        await conn.execute(update(listing).values(urgency=1, waiting_since=AT))
        await conn.execute(text("ANALYZE"))
        await _avoid(conn, "seqscan", "bitmapscan", "sort")
        names = ("due", "oldest")
        return {name: await _plan(conn, QUESTIONS[name][0]) for name in names}

    plans = await database.write(ask)

    sorts = re.compile("Sort|TEMP B-TREE")
    assert {name: plan for name, plan in plans.items() if sorts.search(plan)} == {}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_what_each_run_asks_is_prepared_once(url: str) -> None:
    """A bound value that an index hangs on has SQLite plan a statement each time."""
    again, parts = list[str](), list[int]()

    def note(part: int, *_: object) -> int:
        parts.append(part)
        return SQLITE_OK

    async def ask(conn: AsyncConnection) -> None:
        raw = await conn.get_raw_connection()
        driver: Any = raw.driver_connection
        driver.set_authorizer(note)  # is told of each part that is prepared
        for name in OF_EACH_ACCOUNT:
            for _ in range(3):  # from then on it goes past SQLAlchemy
                await QUESTIONS[name][0](conn)
            parts.clear()
            await QUESTIONS[name][0](conn)
            if parts:
                again.append(name)
        driver.set_authorizer(None)

    database = Database(url)
    await make_tables(database)
    await database.write(ask)
    await database.close()

    assert again == []
