"""The log of a sync: how loud it is, its reasons, and the first subject of each.

An error waits for a person and holds up more than single changes: an account that did
not work, a listing that is still on sale though it may not be, a clock that is not
believed. A warning may pass with the next run, or is about single changes. Products and
producers go by their ids, accounts by their keys.
"""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.failed_changes import FailureGroup, groups_of
from ocop_sync.service.run.report import Report

_log = logging.getLogger(__name__)

_NAMED = 3
"""Products, accounts and reasons that a line names; the others are counted."""


def log_failures(run: AccountRun) -> None:
    """Write one line about all changes of *run* that failed, if any did."""
    if run.sent.failures:
        _log.warning(
            "changes failed",
            extra={
                "account": run.key,
                "run": run.id,
                "failed": len(run.sent.failures),
                "reasons": _reasons(run.sent.failures),
            },
        )


def log_synced(report: Report) -> None:
    """Write one line about a sync, as loud as its worst part."""
    level = level_of(report)
    sentence = "synced" if level == logging.INFO else "synced with failures"
    _log.log(level, sentence, extra=_fields(report))


def level_of(report: Report) -> int:
    """Return how loud the log is about a sync."""
    useless = report.stopped.keys() & report.todo.keys()
    if useless or report.overdue.not_withdrawn or report.clock is not None:
        return logging.ERROR
    unread = report.unread or report.unheard or report.unreadable or report.busy
    failed = report.failed or report.failures or report.overdue.not_lowered
    return logging.WARNING if unread or failed else logging.INFO


def _fields(report: Report) -> dict[str, Any]:
    late, high = report.overdue.not_withdrawn, report.overdue.not_lowered
    fields: dict[str, Any] = {
        "run": report.run,
        "not_withdrawn": len(late),
        "not_lowered": len(high),
        "writes": report.writes,
        "failed": report.failed,
        "stopped": _first(report.stopped),
        "unheard": _first(report.unheard),
        "unread": _first(report.unread),
        "unreadable": sum(map(len, report.unreadable.values())),
        "look_ups_left": sum(each.left for each in report.look_ups.values()),
        "doubled": sum(len(ids) for ids in report.doubled.values()),
        "counted_as_sold": sum(
            sum(units.values()) for units in report.dropped.values()
        ),
        "busy": _first([held.key for held in report.busy]),
    }
    if late or high:
        fields["on_sale"] = _first([each.product_id for each in (*late, *high)])
    if report.failures:
        fields["reasons"] = _reasons(report.failures)
    if report.clock is not None:
        fields["clock"] = str(report.clock)
    if why := {**report.unheard, **report.unread, **report.stopped}:
        fields["why"] = [f"{key}: {why[key]}" for key in sorted(why)[:_NAMED]]
    return fields


def _reasons(changes: Collection[Any]) -> list[str]:
    """Return the most frequent reasons, each with the first ones it is about."""
    return [_said_of(group) for group in groups_of(changes)[:_NAMED]]


def _said_of(group: FailureGroup) -> str:
    subjects = _first([each.subject for each in group.changes])
    words = f": {group.words}" if group.words else ""
    what = f"{group.marketplace} {group.kind} {group.failed}"
    return f"{what} ({len(group.changes)}: {', '.join(subjects)}){words}"


def _first(names: Collection[str] | Mapping[str, str]) -> list[str]:
    """Return the first of *names*, and how many more there are."""
    found = sorted(set(names))
    more = len(found) - _NAMED
    return found[:_NAMED] + ([f"+{more}"] if more > 0 else [])
