"""A person's word on what drifts: ours is to stand there, or it stays as found.

What a word does, and when it is void, is decided in `ocop_sync.engine.edits`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog import repository
from ocop_sync.engine.drift import DriftKind
from ocop_sync.engine.edits import print_of_word
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.wanted import no_product
from ocop_sync.errors import PlanError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.judging import Judge, Looked
from ocop_sync.service.mapping import with_mappings
from ocop_sync.service.people import ensure_named
from ocop_sync.store import drift, records
from ocop_sync.store.drift import Entry

ASKED: Mapping[DriftKind, frozenset[Hold]] = {
    DriftKind.EDITED: frozenset({Hold.EDITED_THERE, Hold.FOUGHT}),
    DriftKind.VANISHED: frozenset({Hold.VANISHED_MANY, Hold.FOUGHT}),
    DriftKind.TAKEN_DOWN: frozenset({Hold.TAKEN_DOWN}),
    DriftKind.BANNED: frozenset({Hold.BANNED}),
    DriftKind.DOUBLED: frozenset({Hold.DOUBLED}),
}
"""Why a person is asked about each kind of drift, if one is."""


async def list_drift(deployment: Deployment, names: Sequence[str] = ()) -> list[Entry]:
    """Return the open drift at marketplaces *names*, or at all, by number.

    Raises:
        ConfigurationError: There is no account at one of them.
    """
    sites = deployment.chosen(names)
    chosen, found = [site.name for site in sites], list[Entry]()
    async with deployment.database.read() as conn:
        while page := await drift.listed(conn, chosen, found[-1].id if found else 0):
            found += page
    return [
        replace(entry, asked=entry.asked if entry.asked in ASKED[entry.kind] else "")
        for entry in found
    ]


async def say(deployment: Deployment, number: int, *, ours: bool, by: str) -> Entry:
    """Say what is to stand there: ours, which is put right once, or theirs.

    The word is void as soon as what is wanted or what was found changes.

    Raises:
        PlanError: There is no such drift, or none any more; it is nothing that we
            could put right; or *by* is empty.
        ConfigurationError: There is no account at its marketplace.
    """
    ensure_named(by)
    deployment = await with_mappings(deployment)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> Entry:
        entry = await drift.find(conn, number)
        if entry is None or entry.healed_at is not None:
            message = (
                f"không có sai lệch {number}; xem: ocop-sync drift list"
                f" / there is no open drift {number}; see that command"
            )
            raise PlanError(message)
        if entry.kind in (DriftKind.BANNED, DriftKind.DOUBLED):
            message = (
                f"sai lệch {number}: phải làm việc với sàn, ta không sửa được"
                f" / drift {number}: only the marketplace can settle it"
            )
            raise PlanError(message)
        said = drift.OURS if ours else drift.THEIRS
        print_ = await _print_of(conn, deployment, entry)
        await drift.say(conn, number, said=said, by=by, print_=print_, now=now)
        await drift.unsettle(conn, [entry.marketplace])
        return replace(entry, said=said, said_by=by, said_at=now)

    return await deployment.database.write(store)


async def _print_of(conn: AsyncConnection, deployment: Deployment, entry: Entry) -> str:
    """Return what a word about *entry* is bound to, as things are now."""
    site, id_ = deployment.site(entry.marketplace), entry.product_id
    judge = Judge(deployment, Looked(at={}), deployment.clock())
    known = (await records.load(conn, site.name, [id_]))[id_]
    found = await repository.get(conn, [id_])
    wanted = judge.placed(site, judge.draft(found[id_])) if found else no_product(id_)
    return print_of_word(wanted, known.state, entry.field or entry.kind)
