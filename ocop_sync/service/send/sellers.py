"""Keep sellers right: open those that a waiting create needs, stop the others.

A seller is a producer's profile at an account. Withdrawn consent closes it, and
with it all listings there: so not where a sheet alone says so. That waits until a
named person has confirmed the import.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from catalog.db.imports import refusing
from catalog.model.fact import Fact
from catalog.model.producer import Producer
from catalog.turns import in_turns
from catalog.values import replace
from ocop_sync.calls.send import NotSent, Outcome
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.engine.reasons.ledger_reason import reason_of_seller
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import PutSeller, StopSeller
from ocop_sync.marketplace.listing import Seller
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted
from ocop_sync.service.deployment import Site
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.send.pipeline import Item, Outcomes, send_slice
from ocop_sync.store.listings import sellers
from ocop_sync.store.listings.sellers import SellerRecord
from ocop_sync.store.runs.ledger import LedgerEntry

_PROFILE = tuple(field.name for field in fields(Seller))
_STOP = "stop"
_CONSENT_WITHDRAWN = "Chủ thể rút đồng ý đưa sản phẩm lên sàn."


class DueSeller(Struct, frozen=True):
    """A due change of a seller, with its record, and a fingerprint of the change."""

    change: PutSeller | StopSeller
    record: SellerRecord
    fingerprint: str


def seller_of(producer: Producer) -> Seller:
    """Return the profile of *producer*, as every marketplace gets it."""
    address = producer.address
    certified = producer.certified_address
    return Seller(
        client_ref=producer.id,
        name=producer.name,
        kind=producer.kind.value,
        address=address.text or certified.text,
        commune_code=address.commune_code,
        old_commune_code=address.old_commune_code or certified.old_commune_code,
    )


async def ensure_sellers(
    run: AccountRun, producers: Mapping[str, Producer]
) -> Mapping[str, bool]:
    """Open the sellers that are needed now, and bring their profiles up to date.

    Returns:
        Whether each producer's seller is ready.
    """
    unsure = run.sellers.unsure(producers)
    if unsure:
        await _put_those_needed(run, unsure)
    return {id_: run.sellers.is_ready(id_) for id_ in producers}


async def _put_those_needed(run: AccountRun, producers: Mapping[str, Producer]) -> None:
    known = await run.fetch(sellers.load, run.key, list(producers))
    records = [_record(run.site, run.key, id_, known) for id_ in producers]
    due = [_profile_due(r, producers[r.producer_id]) for r in records]
    known |= await _send(
        run, [each for each in due if each is not None], Urgency.SELLER_FOR_CREATE
    )
    for id_, producer in producers.items():
        record = known.get(id_)
        if record and _is_ready(record):
            run.sellers.note_ready(producer)
        else:
            is_refused = bool(record and record.refused_fingerprint)
            run.sellers.note_not_ready(id_, is_refused=is_refused)


async def reconcile_sellers(
    run: AccountRun, among: Collection[str] | None = None
) -> None:
    """Bring changed profiles up to date, and stop those without consent.

    With *among* only those of these producers are looked at.
    """
    due = await run.fetch(due_sellers, run.site, run.key, among=among)
    await _send(run, due)


async def stop_sellers(run: AccountRun) -> None:
    """Stop sellers without consent, once in a run, right after withdrawals."""
    if not run.sellers.pop_must_stop():
        return
    due = await run.fetch(due_sellers, run.site, run.key)
    await _send(run, [each for each in due if isinstance(each.change, StopSeller)])


async def accounts_with_seller_work(
    conn: AsyncConnection,
    can: Mapping[str, Capabilities],
    among: Collection[str] | None = None,
) -> set[str]:
    """Return the accounts at which a seller is not as it should be.

    With *among* only those of these producers are looked at.
    """
    keys = [key for key, each in can.items() if each.has_sellers]
    chosen = None if among is None else sorted(among)
    known = await sellers.load_all(conn, keys, chosen)
    ids = sorted({record.producer_id for record in known})
    producers = await reader.get_producers(conn, ids)
    doubtful = await _doubtful(conn, producers)
    return {
        record.account
        async for record in in_turns(known)
        if (producer := producers.get(record.producer_id))
        and producer.id not in doubtful
        and _tended(record, producer, can[record.account], is_needed=False)
    }


async def _doubtful(
    conn: AsyncConnection, producers: Mapping[str, Producer]
) -> set[str]:
    """Return those who do not consent by a sheet that nobody has confirmed."""
    refused = sorted(p.id for p in producers.values() if p.consent.value is Fact.NO)
    return {producer_id for _, producer_id in await refusing(conn, refused)}


async def due_sellers(
    conn: AsyncConnection,
    site: Site,
    account: str,
    needed: Collection[str] = (),
    *,
    among: Collection[str] | None = None,
) -> list[DueSeller]:
    """Return the due changes of the sellers at *account*, with those *needed* now.

    With *among* only those of these producers are looked at.
    """
    can = site.adapter.capabilities
    if not can.has_sellers:
        return []
    chosen = None if among is None else sorted({*among, *needed})
    known = await sellers.load(conn, account, chosen)
    producers = await reader.get_producers(conn, sorted({*known, *needed}))
    doubtful = await _doubtful(conn, producers)
    due = [
        _tended(
            _record(site, account, id_, known), producer, can, is_needed=id_ in needed
        )
        for id_, producer in producers.items()
        if id_ not in doubtful
    ]
    return [each for each in due if each is not None]


def _record(
    site: Site, account: str, id_: str, known: Mapping[str, SellerRecord]
) -> SellerRecord:
    return known.get(id_) or SellerRecord(
        account=account, producer_id=id_, marketplace=site.name
    )


def _tended(
    record: SellerRecord, producer: Producer, can: Capabilities, *, is_needed: bool
) -> DueSeller | None:
    if producer.consent.value is Fact.NO:
        is_over = record.stopped or record.refused_fingerprint == _STOP
        if is_over or not can.has_seller_stop:
            return None
        stop = StopSeller(client_ref=producer.id, reason=_CONSENT_WITHDRAWN)
        return DueSeller(stop, record, _STOP)
    return None if record.stopped and not is_needed else _profile_due(record, producer)


def _profile_due(record: SellerRecord, producer: Producer) -> DueSeller | None:
    """Return the change to a producer's profile, unless it is known, or was refused."""
    profile = seller_of(producer)
    found = fingerprint([getattr(profile, name) for name in _PROFILE])
    known = (
        record.confirmed_fingerprint,
        record.refused_fingerprint,
        record.submitted_fingerprint,
    )
    if found in known and not record.stopped:
        return None
    return DueSeller(PutSeller(client_ref=producer.id, seller=profile), record, found)


def _is_ready(record: SellerRecord) -> bool:
    # A profile under verification is no obstacle: the marketplace will say so.
    sent = record.confirmed_fingerprint or record.submitted_fingerprint
    return bool(sent) and not record.stopped


async def _send(
    run: AccountRun, due: Sequence[DueSeller], urgency: Urgency = Urgency.SELLER
) -> dict[str, SellerRecord]:
    """Send due changes; return the records of those sellers now, by producer.

    Profiles go with *urgency*; to stop a seller is as urgent as a withdrawal.
    """
    if (reviewed := run.reviewed) is not None:
        due = [each for each in due if reviewed.has_seller(each.change)]
    sellers_ = _Sellers(run)
    for part in chunks(due, run.slice_changes):
        if run.stopped:
            break
        items = [
            _Item(
                due=each,
                change=each.change,
                number=run.number(),
                urgency=_urgency(each, urgency),
            )
            for each in part
        ]
        await send_slice(run, items, sellers_)
    return sellers_.known


def _urgency(due: DueSeller, of_profiles: Urgency) -> int:
    stops = isinstance(due.change, StopSeller)
    return int(Urgency.WITHDRAW if stops else of_profiles)


class _Item(Item, frozen=True, kw_only=True):
    """One change of a slice; none has a call of its own, after any failure."""

    due: DueSeller


class _Sellers:
    """The stored state of sellers around their calls.

    Attributes:
        known: The records of those that were sent, by producer.
    """

    def __init__(self, run: AccountRun) -> None:
        self.known: dict[str, SellerRecord] = {}
        self._run = run

    async def store_intents(
        self, conn: AsyncConnection, items: Sequence[_Item], now: datetime
    ) -> Sequence[_Item]:
        """Store the profiles that are about to be sent; nothing holds them up."""
        due = [item.due for item in items]
        intents = [
            replace(d.record, sent_fingerprint=d.fingerprint, sent_at=now) for d in due
        ]
        await sellers.save(conn, intents)
        return items

    def entry(self, item: _Item, now: datetime) -> LedgerEntry:
        """Return the ledger's entry of a change before its call."""
        return LedgerEntry(
            run_id=self._run.id,
            n=item.number,
            marketplace=self._run.site.name,
            account=self._run.key,
            subject=item.change.client_ref,
            kind=item.change.kind.value,
            why=reason_of_seller(item.due.change),
            before=item.due.record.confirmed_fingerprint or None,
            after=item.due.fingerprint or None,
            removes=isinstance(item.change, StopSeller),
            in_budget=False,
            sent_at=now,
        )

    async def begun(self, going: Sequence[_Item]) -> None:
        """Note that a reviewed change is sent."""
        self._run.note_begun(item.change for item in going)

    def believed(self, item: _Item, result: Result) -> Result:
        """Believe every answer: nothing is known that it could contradict."""
        del item
        return result

    async def store_outcomes(
        self, conn: AsyncConnection, pairs: Outcomes[_Item], now: datetime
    ) -> None:
        """Store the present state of each seller."""
        del now
        after = [_after(item.due, outcome) for item, outcome in pairs]
        await sellers.save(conn, after)
        self.known |= {record.producer_id: record for record in after}


def _after(each: DueSeller, outcome: Outcome) -> SellerRecord:
    record = replace(each.record, sent_fingerprint=each.fingerprint)
    if isinstance(outcome, Refused | NotSent) and outcome.problems:
        return replace(
            record, refused_fingerprint=each.fingerprint, problems=outcome.problems
        )
    if isinstance(outcome, Submitted):
        return replace(record, submitted_fingerprint=each.fingerprint)
    if not isinstance(outcome, Applied):
        return record
    stops = isinstance(each.change, StopSeller)
    return replace(
        record,
        ref=outcome.ref or record.ref,
        confirmed_fingerprint="" if stops else each.fingerprint,
        refused_fingerprint="",
        submitted_fingerprint="",
        problems=(),
        stopped=stops,
    )
