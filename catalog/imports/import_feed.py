"""Import a feed: add new products, update the named values, delete nothing.

All rows of one call belong to one transaction of the caller. A row with a problem is
left out whole and reported; the others go in. The meaning of a row is decided in
`catalog.feed.merge.row_importer`, the products that a source no longer names in
`catalog.imports.missing`. Here are the queries that both need, and the decision whether
the whole is kept: an import that changes too much at once is undone, and waits for a
person.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import blake2b
from itertools import chain, islice

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.db.counters import Mint
from catalog.db.field_changes import ChangeLog
from catalog.db.history import Author
from catalog.db.imports import refusing
from catalog.db.provenance import provenance_of
from catalog.db.reader import get, get_producers, products_by_producer
from catalog.db.sources import (
    Basis,
    Origin,
    remember_source,
    sources_in_question,
)
from catalog.db.writer import lock, save
from catalog.eligibility import Rules, load_rules
from catalog.eligibility.authority import Bodies, DecisionKey, with_authority
from catalog.errors import CatalogError
from catalog.feed.headings.column import ColumnPart
from catalog.feed.merge.ownership_guard import Guard
from catalog.feed.merge.proofs import Proofs
from catalog.feed.merge.row_importer import Intake
from catalog.feed.merge.row_questions import named
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.reread import twice
from catalog.feed.rows.row import FeedRow, Problem
from catalog.imports.answers import known_authorities
from catalog.imports.confirmation import Confirmation
from catalog.imports.find_contradictions import (
    find_contradictions,
    known_identities,
)
from catalog.imports.held_values import with_days, with_prices
from catalog.imports.import_record import keep_confirmation, keep_record
from catalog.imports.import_report import (
    ImportReport,
    in_order,
    sick_source,
    stale_token,
)
from catalog.imports.many_effects import HeldEffects, ask_about_effects, without_covered
from catalog.imports.missing import NamingChange, record_named
from catalog.model.actor import UNNAMED, Actor
from catalog.model.product import Entry
from catalog.progress import Count, no_progress
from catalog.text import clean
from catalog.vietnam_time import day_in_vietnam

_CHUNK = 250
"""Rows between two turns of the event loop: less than a tenth of a second."""
_DAYS = 30
"""Days of which the decisions are looked at together."""
_MAX_SOURCE = 200


async def import_feed(
    conn: AsyncConnection,
    rows: Iterable[FeedRow],
    *,
    now: datetime,
    source: str,
    file: str = "",
    basis: Basis = Basis.PERSON,
    stamp: datetime | None = None,
    by: Actor = UNNAMED,
    confirmed: Confirmation | None = None,
    check: bool = False,
    bodies: Bodies | None = None,
    progress: Count = no_progress,
) -> ImportReport:
    """Take *rows* in as the present state of *source*.

    Importing the same rows twice changes nothing, and moves no revision.

    Args:
        conn: A connection in a transaction of the caller.
        rows: As `open_feed` returns them; they are read twice.
        now: The present instant.
        source: Under which name the feed is known, such as its file's name:
            the next feed of that name is compared with this one.
        file: Name of the file, for people; that of the source if it is "".
        basis: How the source is known; of a guess a person may be asked.
        stamp: When the feed was exported from this catalog; None if it was not.
        by: Who imports it; the person who confirms, if one does.
        confirmed: A person's confirmation of the report of an earlier call.
        check: Only report: keep nothing.
        bodies: Who grants how many stars, by the day of the decision; that of the
            rules that ship with the service if None.
        progress: Called with how many rows more have been read; each is read twice.

    Raises:
        FeedError: The feed as a whole cannot be read; roll back.
        CatalogError: *source* is empty or too long.
        AttestationError: It is not said who confirms, or at too great length.
    """
    name = clean(source)
    if not 0 < len(name) <= _MAX_SOURCE:
        message = "nguồn cần có tên ngắn / the source needs a short name"
        raise CatalogError(message)
    if confirmed is not None:
        confirmed.ensure_named()
    await lock(conn)
    first, second = twice(rows)
    identities = await known_identities(conn)
    contradictions = await find_contradictions(conn, first, identities, progress)
    undo = await conn.begin_nested()
    author = f"import {name}" if stamp is None else f"import {name} {stamp.isoformat()}"
    work = _Import(
        conn=conn,
        now=now,
        author=author,
        intake=Intake(
            now=now,
            mint=await Mint.start(conn),
            identities=identities,
            contradictions=contradictions,
            guard=Guard(author, stamp),
            bodies=bodies or _rules().tables.bodies,
            proofs=Proofs(today=day_in_vietnam(now)),
        ),
    )
    await work.import_rows(second, progress)
    await work.complete_authorities()
    question = await work.ask(name)
    naming = await work.record_named(name, confirmed=False)
    report = await work.decide(name, naming, confirmed, question)
    origin = Origin(name, basis)
    if known := await sources_in_question(conn, origin, work.named):
        report = report.asking_for_source(known)
    if not report.written or check:
        await undo.rollback()
        return replace(report, written=False)
    await remember_source(conn, origin, file=file, now=now)
    number = await work.keep(report, clean(file) or name, by, confirmed)
    report = replace(report, import_id=number)
    await undo.commit()
    return report


@cache
def _rules() -> Rules:
    """Return the rules that ship with the service."""
    return load_rules()


class _Import:
    """One import: the state that its steps share."""

    def __init__(
        self, *, conn: AsyncConnection, now: datetime, author: str, intake: Intake
    ) -> None:
        self._conn = conn
        self._now = now
        self._author = author
        self._intake = intake
        self._changed: set[str] = set()
        self._is_confirmed = False
        self._log = ChangeLog()
        self._content = blake2b(digest_size=16)

    @property
    def named(self) -> Collection[str]:
        """Ids of the products that it names."""
        return self._intake.named

    async def import_rows(self, rows: Iterable[FeedRow], progress: Count) -> None:
        """Import all rows, those last that wait for the others."""
        rest = iter(rows)
        while chunk := list(islice(rest, _CHUNK)):
            for row in chunk:
                content = (row.sheet, row.number, sorted(row.cells.items()))
                self._content.update(repr(content).encode())
            await self._import_chunk(chunk)
            progress(len(chunk))
        later = self._intake.later
        for some in chunks(later, _CHUNK):
            await self._import_chunk(some, last=True)
        self._intake.problems += self._intake.contradictions.questions()
        await self._intake.mint.finish(self._conn)

    async def _import_chunk(
        self, rows: Sequence[FeedRow], *, last: bool = False
    ) -> None:
        """Load the products that *rows* may name, import the rows, save the changes."""
        conn, intake = self._conn, self._intake
        read = [(row, *read_values(row)) for row in rows]
        known = intake.identities
        ids = {id_ for _, given, _ in read for id_ in known.candidates(given)}
        makers = {id_ for _, given, _ in read for id_ in known.maker_candidates(given)}
        entries = await get(conn, sorted(ids))
        makers_by_id = await get_producers(conn, sorted(makers))
        intake.load(entries.values(), makers_by_id.values())
        intake.guard = replace(
            intake.guard, provenance=await provenance_of(conn, sorted(entries))
        )
        for row, given, problems in read:
            intake.take(row, given, problems, last=last)
        changed = intake.entries()
        await self._save(changed)
        fresh = intake.fresh
        before = {id_: each for id_, each in entries.items() if id_ not in fresh}
        taken = intake.taken
        taken.compare(before, changed, day_in_vietnam(self._now), _rules())
        owners = [maker for _, maker in before.values() if maker is not None]
        knew = {m.id: m for m in chain(owners, makers_by_id.values())}
        taken.compare_makers(
            {id_: each for id_, each in knew.items() if id_ not in fresh}, intake.makers
        )

    async def ask(self, source: str) -> HeldEffects | None:
        """Return the question about all that is taken from buyers, if there is one."""
        intake, taken = self._intake, self._intake.taken
        theirs = await products_by_producer(self._conn, sorted(taken.refusing))
        for id_ in set(theirs).difference(intake.created):
            taken.refuse(id_, *intake.identities.known_as(id_))
        for id_, maker in await refusing(self._conn, sorted(taken.refused)):
            taken.restate(id_, maker)
        return await ask_about_effects(
            self._conn,
            source=source,
            seen=intake.tally.seen(ColumnPart.PRODUCT),
            entered=taken.entered.values(),
            size=intake.identities.size - len(intake.created),
            now=self._now,
        )

    async def complete_authorities(self) -> None:
        """Take over who took a decision from other certificates of it, or ask."""
        conn, proofs = self._conn, self._intake.proofs
        bodies: dict[DecisionKey, Sequence[str]] = {}
        for days in chunks(sorted(proofs.days), _DAYS):
            theirs = await known_authorities(conn, days)
            proofs.compare(theirs)
            bodies |= {key: theirs[key] for key in theirs.keys() & proofs.asked.keys()}
        known = {key: some[0] for key, some in bodies.items() if len(some) == 1}
        for ids in chunks(sorted(proofs.answer(known))):
            changed: list[Entry] = []
            for item, maker in (await get(conn, ids)).values():
                completed = tuple(
                    with_authority(each, known) for each in item.certificates
                )
                changed.append((replace(item, certificates=completed), maker))
                new = set(completed).difference(item.certificates)
                proofs.answered.update(each.body for each in new)
            await self._save(changed)
        self._intake.problems += [*proofs.questions(bodies), *proofs.undated_question()]

    async def record_named(self, source: str, *, confirmed: bool) -> NamingChange:
        """Record which products *source* names, and which it no longer does."""
        intake = self._intake
        return await record_named(
            self._conn,
            source=source,
            named=intake.named,
            perhaps=intake.perhaps_named,
            perhaps_any=intake.has_nameless,
            declared=intake.declared,
            empty=not intake.rows,
            now=self._now,
            confirmed=confirmed,
            log=self._log,
        )

    async def decide(
        self,
        source: str,
        naming: NamingChange,
        confirmed: Confirmation | None,
        question: HeldEffects | None,
    ) -> ImportReport:
        """Accept the confirmed changes, and report them and the held ones."""
        intake, tally, taken = self._intake, self._intake.tally, self._intake.taken
        holds = tally.holds(intake.rows - intake.counter.other_province)
        doubtful = naming.sick and bool(intake.rows)
        token = tally.token(
            self._content.digest(),
            holds,
            doubtful=doubtful,
            taken=sorted(taken.entered) if question else taken.counted,
        )
        holds = without_covered(holds, question, taken.entered.values())
        takes, later = taken.by_kind(), taken.later_by_kind()
        problems: Iterable[Problem] = intake.problems
        about_all: list[Problem] = []
        stale = confirmed is not None and bool(token) and confirmed.token != token
        if confirmed is not None and token and not stale:
            await self._accept_held(confirmed.name)
            await keep_confirmation(
                self._conn,
                tally,
                holds,
                source=source,
                token=token,
                who=confirmed.name,
                now=self._now,
            )
            self._is_confirmed = True
            naming = await self.record_named(source, confirmed=True)
            doubts = intake.doubts
            problems = (each for each in problems if named(each) not in doubts)
            holds, token, takes, later = [], "", {}, {}
        elif stale:
            about_all.append(stale_token())
        if naming.sick:
            about_all.append(sick_source(len(intake.named), intake.counter.left_out))
        changed = self._changed.union(naming.changed).difference(intake.created)
        return ImportReport(
            source=source,
            written=not holds and not stale,
            rows=intake.rows,
            created=intake.created,
            changed=sorted(changed),
            unchanged=len(intake.named.difference(intake.created, self._changed)),
            missing=naming.missing,
            returned=naming.returned,
            ignored_counts=intake.ignored_counts,
            sick=naming.sick,
            held=holds,
            takes=takes,
            import_id=None,
            confirmed_by=confirmed.name if confirmed and self._is_confirmed else "",
            token=token,
            problems=in_order(chain(problems, about_all)),
            notes=list(intake.notes(day_in_vietnam(self._now))),
            takes_later=later,
            counted=intake.counter.count(intake.created, changed),
        )

    async def keep(
        self,
        report: ImportReport,
        file: str,
        by: Actor,
        confirmed: Confirmation | None,
    ) -> int | None:
        """Keep the import, its changes and its effects; return its number.

        An import that changed nothing, and confirmed nothing, leaves no trace.
        """
        taken, is_confirmed = self._intake.taken, self._is_confirmed
        changes = report.created or report.changed or taken.entered
        if not (changes or (is_confirmed and taken.said_again)):
            return None
        return await keep_record(
            self._conn,
            source=report.source,
            file=file,
            now=self._now,
            by=confirmed.by if confirmed else by,
            confirmed_by=confirmed.name if confirmed and is_confirmed else "",
            created=len(report.created),
            changed=len(report.changed),
            taken=taken,
            log=self._log,
        )

    async def _save(self, entries: Sequence[Entry], who: str = "") -> None:
        """Save the changes of the import; *who* is the import itself if it is ""."""
        by = Author(who or self._author, self._now)
        saved = await save(self._conn, entries, by=by, log=self._log)
        self._changed.update(saved)

    async def _accept_held(self, by: str) -> None:
        """Save confirmed prices and days; the history of days names the person."""
        conn, tally = self._conn, self._intake.tally
        prices, days = list(tally.prices.values()), list(tally.days.values())
        priced = await get(conn, sorted({each.product_id for each in prices}))
        await self._save(with_prices(priced.values(), prices))
        dated = await get(conn, sorted({each.product_id for each in days}))
        corrected = with_days(dated, days)
        await self._save(corrected, f"{by} ({self._author})")
        day = day_in_vietnam(self._now)
        self._intake.taken.compare(dated, corrected, day, _rules())
