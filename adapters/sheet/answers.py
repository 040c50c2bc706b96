"""A filled-in batch: what people say of each row, and what follows from it.

A row is known by its ticket, wherever it stands. What contradicts itself, or what was
told before, is named and not taken; everything else is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace as with_fields
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from adapters.sheet.carried_out import carried_out
from adapters.sheet.reading import Filled
from adapters.sheet.state import Answer, Kept, Row, State
from adapters.sheet.template import Template, folded
from ocop_sync.marketplace.by_hand import NEW, HandFault, Taken
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem, RemoteState

_ADDRESS: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,500}")
_LONGEST_WHY: Final = 300
TAKEN_BACK: Final = "đã rút lại trước khi giao / taken back before it was handed out"


class _Count:
    """What came of the rows of a file."""

    def __init__(self) -> None:
        self.faults: list[HandFault] = []
        self.done = self.refused = self.again = self.blank = self.corrected = 0

    def taken(self) -> Taken:
        return Taken(
            done=self.done,
            refused=self.refused,
            again=self.again,
            blank=self.blank,
            corrected=self.corrected,
            faults=self.faults,
        )


def take_answers(
    state: State,
    lines: Sequence[Filled],
    template: Template,
    *,
    by: str,
    at: datetime,
    correct: bool,
) -> Taken:
    """Take what the lines of a filled-in batch say; return what came of them.

    Args:
        state: What is kept; it is changed.
        lines: The lines, in any order; those of one ticket belong together.
        template: The words for results.
        by: Who hands them in.
        at: As of when they say so.
        correct: Other answers replace those that were told before.
    """
    count = _Count()
    by_ticket: dict[str, list[Filled]] = {}
    for line in lines:
        ticket = line.text("ticket").upper()
        if line.is_odd("ticket") or not ticket:
            count.faults.append(
                line.fault("chưa có mã việc", "there is no ticket", "ticket")
            )
            continue
        by_ticket.setdefault(ticket, []).append(line)
    for ticket in sorted(by_ticket, key=lambda each: _takes_down(state, each)):
        row, of_row = state.rows.get(ticket), by_ticket[ticket]
        if row is None or row.is_unseen:
            count.faults.append(_unknown(state, ticket, of_row[0]))
            continue
        said = _said(row, state, of_row, template, by=by, at=at)
        if isinstance(said, HandFault):
            count.faults.append(said)
        elif said is None:
            count.blank += row.waits
        else:
            _take(state, row, said, of_row[0], count, correct=correct)
    return count.taken()


def is_own(state: State, line: Filled) -> bool:
    """Say whether the ticket of a line was given out at this account."""
    return line.text("ticket").upper().startswith(f"{state.id}-")


def _takes_down(state: State, ticket: str) -> bool:
    """Say whether a row takes a listing down: after what has put it up, of one file."""
    row = state.rows.get(ticket)
    return row is not None and row.kind is Kind.WITHDRAW


def _unknown(state: State, ticket: str, line: Filled) -> HandFault:
    if ticket in state.rows:
        return line.fault(
            f"việc {ticket} chưa giao lần nào",
            f"row {ticket} was never handed out",
            "ticket",
        )
    if not ticket.startswith(f"{state.id}-"):
        return line.fault(
            f"{ticket}: không phải mã việc của {state.account} ({state.id}-…)",
            f"{ticket}: no ticket of {state.account} ({state.id}-…)",
            "ticket",
        )
    return line.fault(
        f"{ticket}: không có lô nào có mã việc này",
        f"{ticket}: no batch has this ticket",
        "ticket",
    )


def _said(
    row: Row,
    state: State,
    lines: Sequence[Filled],
    template: Template,
    *,
    by: str,
    at: datetime,
) -> Answer | HandFault | None:
    """Return what is said of a row; None if nothing is."""
    found = _together(row, lines)
    if isinstance(found, HandFault):
        return found
    results = template.results
    if "result" not in found:
        why = found.get("why")
        return why and why[1].fault(
            f"có lý do mà chưa có kết quả (“{results.refused[0]}”?)",
            f"a reason without a result (“{results.refused[0]}”?)",
            "result",
        )
    word, line = found["result"]
    why_not = found.get("why", ("", line))[0][:_LONGEST_WHY]
    address = _address(found.get("address", ("", line))[0])
    if folded(word) in map(folded, results.done):
        fault = _wrong_done(row, state, line, address, why_not)
        return fault or Answer(done=True, address=address, at=at, by=by)
    if folded(word) in map(folded, results.refused):
        if why_not:
            return Answer(done=False, why=why_not, at=at, by=by)
        return line.fault("chưa ghi lý do", "it does not say why", "why")
    words = " / ".join((*results.done, *results.refused))
    return line.fault(
        f"không hiểu “{word}”, cần một trong: {words}",
        f"“{word}” is not understood, it is one of: {words}",
        "result",
    )


def _together(
    row: Row, lines: Sequence[Filled]
) -> dict[str, tuple[str, Filled]] | HandFault:
    """Return what the lines of one row say together, each with its line."""
    found: dict[str, tuple[str, Filled]] = {}
    for line in lines:
        for name in ("result", "why", "address"):
            if line.is_odd(name):
                return line.fault("ô không có giá trị", "the cell has no value", name)
            if not (text := line.text(name)):
                continue
            known, _ = found.setdefault(name, (text, line))
            if folded(known) != folded(text):
                return line.fault(
                    f"việc {row.ticket} ghi hai điều khác nhau: “{known}”, “{text}”",
                    f"row {row.ticket} says two things: “{known}”, “{text}”",
                    name,
                )
    return found


def _address(text: str) -> str:
    """Return an address; "" where it is none, as the words for one not told yet."""
    return text if _ADDRESS.fullmatch(text) else ""


def _wrong_done(
    row: Row, state: State, line: Filled, address: str, why: str
) -> HandFault | None:
    if why:
        return line.fault(
            "vừa ghi đã xong vừa ghi lý do không làm được",
            "it is done, and says why it could not be",
            "why",
        )
    if row.kind is Kind.CREATE and not address:
        return line.fault(
            "đã đăng thì cần địa chỉ tin (một dòng, không dấu cách)",
            "what is listed needs its address (one line, no spaces)",
            "address",
        )
    other = next(
        (
            kept
            for kept in state.listings.values()
            if address and kept.address == address and kept.ref != row.ref
        ),
        None,
    )
    if other is None:
        return None
    return line.fault(
        f"địa chỉ này là của tin khác ({other.shown.title})",
        f"this is the address of another listing ({other.shown.title})",
        "address",
    )


def _take(
    state: State, row: Row, said: Answer, line: Filled, count: _Count, *, correct: bool
) -> None:
    """Take an answer, unless another one was told before."""
    before = row.answer
    if before is not None and not before.by:
        count.faults.append(
            line.fault(
                f"việc {row.ticket} đã được rút lại trước khi giao",
                f"row {row.ticket} was taken back before it was handed out",
                "ticket",
            )
        )
        return
    if before is not None and before.says_as(said):
        count.again += 1
        return
    if before is not None and not correct:
        count.faults.append(
            line.fault(
                f"việc {row.ticket} trước đã báo khác ({_told(before)}, {before.by}):"
                " đúng thì nạp lại với --correct",
                f"row {row.ticket} was told otherwise before ({_told(before)},"
                f" {before.by}): if this is right, import with --correct",
                "result",
            )
        )
        return
    if before is not None and before.done and not said.done:
        if row.kind not in _STATES:
            count.faults.append(
                line.fault(
                    f"việc {row.ticket} trước đã báo xong, giá trị cũ không còn biết:"
                    " nạp bản xuất của sàn",
                    f"row {row.ticket} was told to be done, and the former values are"
                    " not known any more: import the marketplace's export",
                    "result",
                )
            )
            return
        _undo(state, row, before)
    answer(state, row, said)
    count.corrected += before is not None
    count.done += before is None and said.done
    count.refused += before is None and not said.done


def _told(answered: Answer) -> str:
    return answered.address or "xong" if answered.done else answered.why


def _undo(state: State, row: Row, before: Answer) -> None:
    """Take back what an answer has changed, if nothing later was told."""
    kept = state.listings.get(row.ref)
    if kept is None or kept.at != before.at:
        return
    if row.kind is Kind.CREATE:
        state.keep(replace(kept, address="", state=RemoteState.IN_REVIEW))
    else:
        is_down = row.kind is Kind.WITHDRAW
        former = RemoteState.LIVE if is_down else RemoteState.DOWN
        state.keep(replace(kept, state=former))


def answer(state: State, row: Row, said: Answer) -> None:
    """Take an answer to a row: it ends, and its listing shows what was done."""
    kept = state.listings.get(row.ref)
    # What was asked for stays with its batch; a correction needs it again.
    state.put(replace(row, answer=said))
    if kept is None:
        return
    if said.done:
        state.keep(after_done(kept, row, said))
        if row.kind is Kind.WITHDRAW:
            _end_earlier(state, row, said)
    elif row.kind is Kind.CREATE and kept.state is RemoteState.IN_REVIEW:
        problem = Problem(code="", message=said.why)
        state.keep(
            replace(kept, state=RemoteState.REFUSED, problems=(problem,), at=said.at)
        )
    elif kept.was_made and said.at > kept.at:
        state.keep(replace(kept, at=said.at))  # it stands as it did, as of then


def _end_earlier(state: State, down: Row, said: Answer) -> None:
    """End what was to put a listing up, and is in no batch, once it is down."""
    for row in list(state.waiting(down.ref)):
        if row.kind in NEW and row.is_open and row.made_at <= down.made_at:
            ended = Answer(done=False, why=TAKEN_BACK, at=said.at, by="")
            state.put(replace(row, answer=ended))


_STATES: Final = {
    Kind.CREATE: RemoteState.LIVE,
    Kind.REPUBLISH: RemoteState.LIVE,
    Kind.WITHDRAW: RemoteState.DOWN,
}


def after_done(kept: Kept, row: Row, said: Answer) -> Kept:
    """Return a listing after what *row* asks for was done.

    What was told of a later moment stands: then nothing is new but the address.
    """
    address = said.address or kept.address
    if said.at < kept.at and kept.was_made:
        return replace(kept, address=address)
    shown = kept.shown
    if row.kind not in (Kind.WITHDRAW, Kind.REPUBLISH):
        shown = carried_out(kept.shown, row)
    client_ref = kept.client_ref
    if "client_ref" in row.fields and row.listing is not None:
        client_ref = row.listing.client_ref
    found = _STATES.get(row.kind, kept.state)
    if row.kind is Kind.WITHDRAW and not kept.was_made:
        address = ""
    return replace(
        kept,
        address=address,
        client_ref=client_ref,
        shown=with_fields(shown, client_ref=client_ref),
        state=found,
        at=said.at,
        problems=(),
        odd="",
    )


def waiting_withdrawals(state: State) -> Iterator[Row]:
    """Yield the rows by which listings must go down, the earliest deadline first."""
    rows = [row for row in state.waiting() if row.kind is Kind.WITHDRAW]
    yield from sorted(rows, key=lambda row: (row.due_at or row.made_at, row.ticket))
