"""Batches: the open rows that are closed together, kept as they were handed out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.sheet.answers import waiting_withdrawals
from adapters.sheet.layout import Handed, pictures_to_send, sheets_of, urgency
from adapters.sheet.state import ClosedBatch, Row, State
from adapters.sheet.template import Template
from ocop_sync.errors import FatalError
from ocop_sync.marketplace.by_hand import (
    NEW,
    Batch,
    BatchStanding,
    DueDown,
    Standing,
    Told,
)
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.folder import Folder

_LONGEST: Final = 50_000_000
"""Bytes of one batch."""
_KEPT_FOR: Final = timedelta(days=400)
"""How long a row is kept that was answered: so long its ticket is known."""
_CORRECTED_FOR: Final = timedelta(days=60)
"""How long it is kept with what it asks for: so long its answer can be corrected."""


class Closed(Struct, frozen=True, kw_only=True):
    """A batch as it was closed; what became of its rows since is not in it."""

    batch: ClosedBatch
    handed: tuple[Handed, ...]


def close(
    state: State, folder: Folder, most: int, *, by: str, now: datetime
) -> Closed | None:
    """Close the open rows as a batch, at most *most* and all that take down.

    It is kept before the state says that it is closed: a crash in between leaves the
    rows open, and the next batch takes its place.
    """
    down = {row.ref for row in state.waiting() if row.kind is Kind.WITHDRAW}
    handed = [
        Handed(row=row, kept=state.listings[row.ref])
        for row in state.waiting()
        if row.is_open
        and row.ref in state.listings
        # One of a batch that was called off, whose listing must go down since then.
        and not (row.kind in NEW and row.ref in down)
    ]
    handed.sort(key=urgency)
    downs = [each for each in handed if each.row.kind is Kind.WITHDRAW]
    others = [each for each in handed if each.row.kind is not Kind.WITHDRAW]
    chosen = [*downs, *others[:most]]
    if not chosen:
        return None
    number = max((each.number for each in state.batches), default=0) + 1
    batch = ClosedBatch(number=number, at=now, by=by)
    rows = [replace(each.row, batch=number, handed=True) for each in chosen]
    closed = Closed(
        batch=batch,
        handed=tuple(
            replace(each, row=row) for each, row in zip(chosen, rows, strict=True)
        ),
    )
    folder.write(_file(number), msgspec.json.encode(closed))
    for row in rows:
        state.put(row)
    state.batches.append(batch)
    _forget_old(state, now)
    return closed


def closed_again(state: State, folder: Folder, number: int) -> Closed | None:
    """Return a batch as it was closed; None if there is none to be carried out."""
    batch = state.closed(number)
    if batch is None:
        return None
    content = folder.read(_file(batch.number), _LONGEST)
    try:
        return msgspec.json.decode(content or b"", type=Closed)
    except (msgspec.DecodeError, ValueError) as error:
        message = (
            f"{folder.path / _file(batch.number)}: mất hoặc hỏng, hãy đưa lại từ bản"
            " sao lưu / lost or damaged: put it back from a backup"
        )
        raise FatalError(message) from error


def call_off(state: State, number: int) -> int:
    """Let a batch be carried out by nobody; return how many rows are open again."""
    again = [row for row in state.waiting() if row.batch == number]
    for row in again:
        state.put(replace(row, batch=0))
    state.batches = [
        replace(each, is_off=True) if each.number == number else each
        for each in state.batches
    ]
    return len(again)


def handed_out(
    closed: Closed, template: Template, *, account: str, folder: Path, is_new: bool
) -> Batch:
    """Return a batch as people get it."""
    handed = closed.handed
    pictures = dict[str, str]()
    for each in handed:
        pictures |= pictures_to_send(each)
    return Batch(
        number=closed.batch.number,
        account=account,
        closed_at=closed.batch.at,
        closed_by=closed.batch.by,
        rows=len(handed),
        downs=sum(each.row.kind is Kind.WITHDRAW for each in handed),
        sheets=sheets_of(handed, template),
        pictures=pictures,
        folder=folder,
        is_new=is_new,
    )


def standing(state: State, most: int) -> Standing:
    """Return how the work of people stands."""
    return Standing(
        open=sum(row.is_open for row in state.waiting()),
        room=max(0, most - sum(row.is_open for row in _counted(state))),
        batches=tuple(_outstanding(state)),
        downs=tuple(_downs(state)),
        told=told_of(state),
    )


def _counted(state: State) -> Sequence[Row]:
    """Return the rows that wait and of which a batch takes only so many."""
    return [row for row in state.waiting() if row.kind is not Kind.WITHDRAW]


def told_of(state: State) -> Told | None:
    """Return the last whole telling."""
    told = state.told
    if told is None:
        return None
    return Told(
        as_of=told.as_of,
        told_at=told.told_at,
        by=told.by,
        word=told.word,
        listings=told.listings,
    )


def _outstanding(state: State) -> Sequence[BatchStanding]:
    rows, waiting = dict[int, int](), dict[int, int]()
    for row in state.rows.values():
        rows[row.batch] = rows.get(row.batch, 0) + 1
        waiting[row.batch] = waiting.get(row.batch, 0) + row.waits
    return [
        BatchStanding(
            number=each.number,
            closed_at=each.at,
            closed_by=each.by,
            rows=rows.get(each.number, 0),
            waiting=waiting[each.number],
        )
        for each in state.batches
        if not each.is_off and waiting.get(each.number)
    ]


def _downs(state: State) -> Sequence[DueDown]:
    found = []
    for row in waiting_withdrawals(state):
        kept = state.listings.get(row.ref)
        if kept is None:
            continue
        found.append(
            DueDown(
                ticket=row.ticket,
                client_ref=row.client_ref,
                title=kept.shown.title,
                address=kept.address,
                reason=row.reason,
                due_at=row.due_at or row.made_at,
                batch=row.batch,
            )
        )
    return found


def _forget_old(state: State, now: datetime) -> None:
    """Forget the rows that were answered long ago, and what older ones ask for."""
    for row in list(state.rows.values()):
        age = now - row.answer.at if row.answer is not None else timedelta(0)
        if age > _KEPT_FOR:
            del state.rows[row.ticket]
        elif age > _CORRECTED_FOR and row.listing is not None:
            state.put(replace(row, listing=None))


def _file(number: int) -> str:
    return f"batch-{number:04}.json"
