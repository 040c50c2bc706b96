"""Say what an answer of ChoQue to a change means."""

from typing import Final

from cho_que.convert import STATES
from cho_que.wire import Changed, Refusal, parse
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.port import Applied, Refused
from ocop_sync.marketplace.reply import Reply

NOT_APPLIED: Final = frozenset({404, 409, 422})
"""Statuses that its documents call "not applied"."""

NO_LISTING: Final = Refused.because("not_found", "không có tin này / no such listing")


def changed(reply: Reply) -> Applied:
    """Return the listing that was changed, with its state afterwards."""
    answer = parse(Changed, reply)
    return Applied(str(answer.id), state=STATES.get(answer.state))


def refused(reply: Reply) -> Refused:
    """Return the refusal, in the marketplace's words."""
    answer = parse(Refusal, reply)
    return Refused(
        tuple(
            Problem(code=each.code, message=each.message, field=each.field)
            for each in answer.errors
        )
    )
