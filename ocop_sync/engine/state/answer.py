"""Whether an answer to a change may be believed: its own state must agree.

Pure. An answer may say "done", and show in the same breath that it was not: an
unpublication that left a review to go on, a republication of a listing that stays down.
It counts as no answer then, and the listing is read back. The transition by a believed
answer is decided in `ocop_sync.engine.plan.transitions`.
"""

from collections.abc import Mapping

from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Change, Kind
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.result import Applied, Result, Unknown

_ASKED: Mapping[Kind, frozenset[RemoteState]] = {
    Kind.CREATE: frozenset({RemoteState.LIVE}),
    Kind.WITHDRAW: frozenset({RemoteState.DOWN}),
    Kind.REPUBLISH: frozenset({RemoteState.LIVE}),
}
"""The states that show a change as carried out."""

_KEPT: Mapping[Found, frozenset[RemoteState]] = {
    Found.LIVE: frozenset({RemoteState.LIVE}),
    # A review may end at any moment: it is followed to its end anyway.
    Found.IN_REVIEW: frozenset(RemoteState) - {RemoteState.BANNED},
    Found.REFUSED: frozenset(RemoteState) - {RemoteState.BANNED},
    # A listing that we took down is changed only to go up again: where a part puts it
    # on sale by itself, the end is reached.
    Found.DOWN_BY_US: frozenset({RemoteState.DOWN, RemoteState.LIVE}),
    Found.DOWN_BY_PERSON: frozenset({RemoteState.DOWN}),
    Found.BANNED: frozenset({RemoteState.BANNED}),
}
"""The states in which a change of a part leaves the found state."""


def believed(before: State, change: Change, result: Result) -> Result:
    """Return *result*, or that it is not known if it contradicts itself.

    *before* has the intent of the sent change.
    """
    if not isinstance(result, Applied) or result.state is None:
        return result
    fits = _ASKED.get(change.kind) or _KEPT.get(before.found)
    if fits is None or result.state in fits:
        return result
    return Unknown(
        f"trả lời là xong, nhưng tin đang {result.state}"
        f" / answered as done, but the listing is {result.state}"
    )
