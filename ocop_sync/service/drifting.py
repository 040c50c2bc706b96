"""Keep the ledger of drift: what reads have shown, and what has become of it.

Which drift a state shows is decided in `ocop_sync.engine.drift`. Everything here
runs in the transaction that stores what was read, or what was answered, so that
the ledger never tells anything else than what is stored.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.decide import Found
from ocop_sync.engine.drift import DriftKind, drifts_of, is_ours, is_reviewed
from ocop_sync.engine.state import State
from ocop_sync.store import drift
from ocop_sync.store.drift import OURS, THERE, US, Entry, Sighting

Pairs = Sequence[tuple[State | None, State]]
"""States before and after; None if nothing was known before."""


async def note_read(
    conn: AsyncConnection, marketplace: str, pairs: Pairs, now: datetime
) -> None:
    """Write down what reads have shown: new drift, drift again, or none any more.

    What was not found once is believed neither gone nor healed.

    Args:
        conn: A connection in the transaction that stores the states.
        marketplace: Name of the marketplace.
        pairs: What was read, before and after.
        now: The present instant, in UTC.
    """
    believed = [each for each in pairs if not _is_doubtful(each[1])]
    ids = [after.product_id for _, after in believed]
    entries = await _open(conn, marketplace, ids)
    new: list[Sighting] = []
    again, healed = [], []
    for before, after in believed:
        known = dict(entries.get(after.product_id, {}))
        for each in drifts_of(after):
            entry = known.pop(each.key, None)
            if entry is not None:
                again.append((entry.id, each))
                continue
            new.append(
                Sighting(
                    marketplace=marketplace,
                    account=after.account,
                    product_id=after.product_id,
                    drift=each,
                )
            )
        healed += [
            (entry.id, _healer(before, after, entry))
            for entry in known.values()
            if not (entry.kind is DriftKind.EDITED and is_reviewed(after))
        ]
    await drift.see(conn, new, now)
    await drift.see_again(conn, again, now)
    await drift.heal(conn, healed, now)


async def note_answers(
    conn: AsyncConnection,
    marketplace: str,
    pairs: Sequence[tuple[State, State]],
    now: datetime,
) -> None:
    """Write down what answers to our changes have put right.

    Args:
        conn: A connection in the transaction that stores the states.
        marketplace: Name of the marketplace.
        pairs: The states with the intents, and after the answers.
        now: The present instant, in UTC.
    """
    drifted = [(before, after) for before, after in pairs if drifts_of(before)]
    ids = [after.product_id for _, after in drifted]
    entries = await _open(conn, marketplace, ids)
    healed = []
    for before, after in drifted:
        still = {each.key for each in drifts_of(after)}
        healed += [
            (entry.id, _healer(before, after, entry))
            for key, entry in entries.get(after.product_id, {}).items()
            if key not in still and is_ours(before, after, entry.drift)
        ]
    await drift.heal(conn, healed, now)


def _is_doubtful(state: State) -> bool:
    """Say whether a listing was not found for the first time."""
    return state.found is Found.ABSENT and state.absent_reads <= 1


async def _open(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, dict[tuple[str, str], Entry]]:
    """Return what is open, by product and by what it is about."""
    found: dict[str, dict[tuple[str, str], Entry]] = {}
    for entry in await drift.open_of(conn, marketplace, product_ids):
        found.setdefault(entry.product_id, {})[entry.drift.key] = entry
    return found


def _healer(before: State | None, after: State, entry: Entry) -> str:
    """Return who has put right what is right again."""
    if before is None or not is_ours(before, after, entry.drift):
        return THERE
    return entry.said_by if entry.said == OURS else US
