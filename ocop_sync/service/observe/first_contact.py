"""Which listings are ours: known by their identifiers, or carrying our reference.

Of some that carry it nothing was ever sent by us. After a database was lost they are
how our listings are found again; but ids may have been given out anew since. Whose they
are is decided in `ocop_sync.engine.matching.reference`, or by a person; the others are
remembered as not ours (`ocop_sync.store.listings.foreign_listings`), and a person is
asked as with twins. As long as one does not resemble its product, it stays so, after
any change of the product.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.values import replace
from ocop_sync.engine.matching.reference import is_of
from ocop_sync.engine.plan.adoption import is_taking_over
from ocop_sync.engine.terms import Base
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.listings import foreign_listings, other_account_doubles, records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import ledger


async def ours_among(
    conn: AsyncConnection,
    run: AccountRun,
    items: Sequence[RemoteListing],
    met: set[str],
) -> dict[str, str]:
    """Return the product of each listing that is ours, by its ref.

    It is ours if we know its ref, or if it carries the reference of one of our
    products: only this service writes those. But ids may have been given out anew, so
    listings that we never sent are compared with their products. Products that are met
    first are added to *met*.
    """
    known = await records.by_refs(conn, run.account.key, [item.ref for item in items])
    # A reference that is not printable is none of ours, and not for a database to
    # compare.
    refs = [ref for item in items if (ref := item.shown.client_ref).isprintable()]
    products = await reader.revisions(conn, refs)
    ours = {ref: record.state.product_id for ref, record in known.items()}
    named = [
        item
        for item in items
        if item.ref not in ours and item.shown.client_ref in products
    ]
    others = await _not_of_their_products(conn, run, named, met)
    for item in named:
        if item.ref not in others:
            ours[item.ref] = item.shown.client_ref
    return ours


async def unmarked(
    conn: AsyncConnection,
    run: AccountRun,
    items: Sequence[RemoteListing],
    ours: Mapping[str, str],
    known: Mapping[str, Record],
) -> dict[str, str]:
    """Return the references on our listings that are not ours, by product.

    One that was adopted carries none where none can be written onto it.
    """
    found: dict[str, str] = {}
    for item in items:
        record = known.get(ours.get(item.ref, ""))
        if record is None or item.shown.client_ref == record.state.product_id:
            continue
        state = record.state
        is_ours = state.ref == item.ref and not is_taking_over(state)
        if is_ours and state.awaiting is None:
            found[state.product_id] = item.shown.client_ref
    if not found or run.site.adapter.capabilities.writes_reference:
        return found
    made = await ledger.made_by_us(conn, run.site.name, list(found))
    return {id_: carried for id_, carried in found.items() if id_ in made}


async def _not_of_their_products(
    conn: AsyncConnection,
    run: AccountRun,
    items: Sequence[RemoteListing],
    met: set[str],
) -> set[str]:
    """Return the refs of *items* that are not of the product whose reference they have.

    The items carry the reference of a product, and are not known.
    """
    if not items:
        return set()
    known = await records.load(conn, run.site.name, sorted(_ids(items)))
    strangers = await foreign_listings.known(conn, run.account.key, _refs(items))
    seconds = await other_account_doubles.by_refs(conn, run.account.key, _refs(items))
    doubtful = [
        item
        for item in items
        if item.ref in strangers
        or item.shown.client_ref in met
        or (item.ref not in seconds and _is_first_contact(run, item, known))
    ]
    if not doubtful:
        return set()
    entries = await reader.get(conn, sorted(_ids(doubtful)))
    adopted = await possible_twins.adopted(
        conn, run.account.key, sorted(_ids(doubtful))
    )
    unlike = {
        item.ref
        for item in doubtful
        if (item.shown.client_ref, item.ref) not in adopted
        and not is_of(*entries[item.shown.client_ref], _as_compared(item, known))
    }
    await _ask_anew(conn, known, (item for item in doubtful if item.ref in unlike))
    taken = [item for item in doubtful if item.ref not in unlike]
    met |= _ids(taken)
    if over := strangers.intersection(_refs(taken)):
        await foreign_listings.not_foreign(conn, run.account.key, sorted(over))
    return unlike


def _is_first_contact(
    run: AccountRun, item: RemoteListing, known: Mapping[str, Record]
) -> bool:
    """Say whether nothing was ever sent of a product, or only at another account."""
    record = known.get(item.shown.client_ref)
    if record is None or record.state.base is Base.NEVER_SENT:
        return True
    at = record.state.account
    return at in run.site.accounts and at != run.account.key


def _as_compared(item: RemoteListing, known: Mapping[str, Record]) -> RemoteListing:
    """Return *item*, without its seller if its product is listed by another by now."""
    record = known.get(item.shown.client_ref)
    if record is None or record.state.base is Base.NEVER_SENT:
        return item
    return replace(item, seller_name="", shown=replace(item.shown, seller_ref=""))


async def _ask_anew(
    conn: AsyncConnection, known: Mapping[str, Record], unlike: Iterable[RemoteListing]
) -> None:
    """Unsettle products that were settled before such a listing was seen."""
    found = [known[id_] for id_ in sorted(_ids(unlike)) if id_ in known]
    settled = [record for record in found if record.settled_fingerprint]
    await records.save(conn, [record.unsettled(record.state) for record in settled])


async def without_strangers(
    run: AccountRun, found: Sequence[RemoteListing | Unreadable]
) -> list[RemoteListing | Unreadable]:
    """Leave out listings that carry our reference and are known to be others."""
    refs = [
        item.ref
        for item in found
        if isinstance(item, RemoteListing) and item.shown.client_ref
    ]
    if not refs:
        return list(found)
    async with run.deployment.database.read() as conn:
        strangers = await foreign_listings.known(conn, run.account.key, refs)
    return [
        item
        for item in found
        if isinstance(item, Unreadable) or item.ref not in strangers
    ]


def _ids(items: Iterable[RemoteListing]) -> set[str]:
    return {item.shown.client_ref for item in items}


def _refs(items: Collection[RemoteListing]) -> list[str]:
    return [item.ref for item in items]
