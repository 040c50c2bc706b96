"""Import a feed: add new products, update the named values, delete nothing.

All rows of one call belong to one transaction of the caller. A row with a problem is
left out whole and reported; the others go in. The meaning of a row is decided in
`catalog.feed.merge.row_importer`, the products that a source no longer names in
`catalog.imports.missing`. Here are the queries that both need, and the decision whether
the whole is kept: an import that changes too much at once is undone, and waits for a
person.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import blake2b
from itertools import chain, islice

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.changes import ChangeLog
from catalog.db.chunks import chunks
from catalog.db.counters import Mint
from catalog.db.imports import refusing
from catalog.db.overflow import Growing
from catalog.db.provenance import provenance_of
from catalog.db.reader import get, get_producers, products_by_producer
from catalog.db.sources import (
    Basis,
    Origin,
    Source,
    remember_source,
    sources_in_question,
)
from catalog.db.writer import lock, save
from catalog.eligibility import Rules, load_rules
from catalog.eligibility.authority import Bodies, DecisionKey, answered
from catalog.errors import CatalogError
from catalog.feed.compare.merge import put
from catalog.feed.headings.column import ColumnPart
from catalog.feed.merge.bulk_change_check import HeldDay, HeldPrice, ImportHold
from catalog.feed.merge.ownership_guard import Guard
from catalog.feed.merge.proofs import Proofs
from catalog.feed.merge.row_count import RowCount
from catalog.feed.merge.row_importer import Intake, named
from catalog.feed.rows.open_feed import Feed
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.reread import twice
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.feed.rows.table import Note
from catalog.imports.answers import known_authorities
from catalog.imports.import_problems import sick_source, stale_token
from catalog.imports.import_record import ensure_named, keep_confirmation, keep_record
from catalog.imports.many_taken import HeldTaking, ask_about_many, without_covered
from catalog.imports.missing import Absence, settle_absence
from catalog.imports.survey import known_identities, survey
from catalog.model.product import Entry
from catalog.text import clean
from catalog.vietnam_time import day_in_vietnam

_CHUNK = 250
"""Rows between two turns of the event loop: less than a tenth of a second."""
_DAYS = 30
"""Days of which the decisions are looked at together."""
_MAX_SOURCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A person's word that a held import is right.

    Attributes:
        token: The token of the report that was read.
        by: Who has read it, by name.
    """

    token: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The changes that one import made, or would have made.

    Attributes:
        source: Name of the source.
        written: Whether anything of it was kept; False if it was held whole or only
            looked at. All other fields tell the possible changes, then.
        rows: How many rows were read; empty ones are not counted.
        created: Ids of new products.
        changed: Ids of other products that got a new revision.
        unchanged: How many products it named that stay as they were.
        missing: Ids that this source named before and no longer does.
        returned: Ids that it names again.
        ignored_counts: Counts of stock that were older than those known.
        sick: The source was empty, or named fewer than half of its products:
            nothing was marked as missing.
        held: The holds of the whole import until a person confirms it.
        takes: How many products it takes from buyers, by kind: each revoked, stopped,
            ended or emptied product counts in each marketplace's budget until a person
            confirms it. An effect that an earlier import has entered and this one
            repeats is counted as well.
        takes_later: Of how many of them that takes nothing before a day to come.
        import_id: Its number; None if nothing was kept.
        confirmed_by: Who has confirmed its holds or effects, or "".
        token: The token with which a person confirms it, all doubtful prices, all moved
            days of certificates and all its effects; "" if there is nothing to confirm.
        problems: All that a person must put right, answer or decide.
        notes: The notes for a reader; nothing is wrong.
        sources: The sources that it may be of, if a person has to say which:
            nothing is kept until then.
        counted: The fate of the rows: they add up.
    """

    source: str
    written: bool
    rows: int
    created: Sequence[str]
    changed: Sequence[str]
    unchanged: int
    missing: Sequence[str]
    returned: Sequence[str]
    ignored_counts: int
    sick: bool
    held: Sequence[ImportHold]
    takes: Mapping[str, int]
    import_id: int | None
    confirmed_by: str
    token: str
    problems: Sequence[Problem]
    notes: Sequence[Note] = ()
    sources: Sequence[Source] = ()
    takes_later: Mapping[str, int] = field(default_factory=dict)
    counted: RowCount = field(default_factory=RowCount)

    @property
    def waits(self) -> bool:
        """Whether something waits for a person's answer or decision."""
        return bool(self.held or self.sources) or any(
            each.kind is not ProblemKind.WRONG for each in self.problems
        )

    @property
    def has_bad_rows(self) -> bool:
        """Whether a row was left out, as something of it is wrong."""
        return any(
            each.kind is ProblemKind.WRONG and each.row for each in self.problems
        )


def _untold(rows: int) -> None:
    del rows


async def import_feed(
    conn: AsyncConnection,
    rows: Iterable[FeedRow],
    *,
    now: datetime,
    source: str,
    file: str = "",
    basis: Basis = Basis.PERSON,
    stamp: datetime | None = None,
    confirmed: Confirmation | None = None,
    check: bool = False,
    bodies: Bodies | None = None,
    told: Callable[[int], object] = _untold,
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
        basis: On whose word the feed is of that source; on nobody's, it may have
            to be asked.
        stamp: When the feed was exported from this catalog; None if it was not.
        confirmed: A person's word on the holds of an earlier call of the same.
        check: Only report: keep nothing.
        bodies: Who grants how many stars, by the day of the decision; that of the
            rules that ship with the service if None.
        told: Told how many rows more have been read; each is read twice.

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
        ensure_named(confirmed.by)
    await lock(conn)
    first, second = twice(rows)
    identities = await known_identities(conn)
    contradictions = await survey(conn, first, identities, told)
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
            bodies=bodies or _shipped_bodies(),
            proofs=Proofs(today=day_in_vietnam(now)),
        ),
    )
    await work.take_all(second, told)
    await work.settle_authorities()
    question = await work.ask(name)
    absence = await work.settle(name, confirmed=False)
    report = await work.decide(name, absence, confirmed, question)
    origin = Origin(name, basis)
    if known := await sources_in_question(conn, origin, work.named):
        report = _asking(report, known)
    if not report.written or check:
        await undo.rollback()
        return replace(report, written=False)
    await remember_source(conn, origin, file=file, now=now)
    number = await work.keep(report, clean(file) or name, confirmed)
    report = replace(report, import_id=number)
    await undo.commit()
    return report


def _asking(report: ImportReport, known: Sequence[Source]) -> ImportReport:
    """Return *report* of an import that waits for its source.

    Whether a sheet may change a field hangs on its source, so no conflict is told yet;
    and a confirmation would cover unknown changes.
    """
    asked = (each for each in report.problems if each.kind is not ProblemKind.CONFLICT)
    problems = in_order(asked)
    return replace(report, written=False, sources=known, token="", problems=problems)


def waiting(source: str, feed: Feed) -> ImportReport:
    """Return the report of an import that cannot begin before *feed*'s questions.

    None of its rows was read: the questions are about the columns that would identify
    them.
    """
    return ImportReport(
        source=clean(source),
        written=False,
        rows=0,
        created=(),
        changed=(),
        unchanged=0,
        missing=(),
        returned=(),
        ignored_counts=0,
        sick=False,
        held=(),
        takes={},
        import_id=None,
        confirmed_by="",
        token="",
        problems=feed.problems,
    )


def _shipped_bodies() -> Bodies:
    return _rules().tables.bodies


@cache
def _rules() -> Rules:
    """Return the shipped rules, for the papers that a product needs."""
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

    async def take_all(
        self, rows: Iterable[FeedRow], told: Callable[[int], object]
    ) -> None:
        """Take all rows in, those last that wait for the others."""
        rest = iter(rows)
        while chunk := list(islice(rest, _CHUNK)):
            for row in chunk:
                said = (row.sheet, row.number, sorted(row.cells.items()))
                self._content.update(repr(said).encode())
            await self._take(chunk)
            told(len(chunk))
        later = self._intake.later
        for some in chunks(later, _CHUNK):
            await self._take(some, last=True)
        self._intake.problems += self._intake.contradictions.questions()
        await self._intake.mint.finish(self._conn)

    async def _take(self, rows: Sequence[FeedRow], *, last: bool = False) -> None:
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

    async def ask(self, source: str) -> HeldTaking | None:
        """Return the question about all that is taken from buyers, if there is one."""
        intake, taken = self._intake, self._intake.taken
        theirs = await products_by_producer(self._conn, sorted(taken.refusing))
        for id_ in set(theirs).difference(intake.created):
            taken.refuse(id_, *intake.identities.known_as(id_))
        for id_, maker in await refusing(self._conn, sorted(taken.refused)):
            taken.restate(id_, maker)
        return await ask_about_many(
            self._conn,
            source=source,
            seen=intake.tally.seen(ColumnPart.PRODUCT),
            entered=taken.entered.values(),
            size=intake.identities.size - len(intake.created),
            now=self._now,
        )

    async def settle_authorities(self) -> None:
        """Take over who took a decision from other certificates of it, or ask."""
        conn, proofs = self._conn, self._intake.proofs
        told: dict[DecisionKey, Sequence[str]] = {}
        for days in chunks(sorted(proofs.days), _DAYS):
            theirs = await known_authorities(conn, days)
            proofs.compare(theirs)
            told |= {key: theirs[key] for key in theirs.keys() & proofs.asked.keys()}
        known = {key: said[0] for key, said in told.items() if len(said) == 1}
        for ids in chunks(sorted(proofs.answer(known))):
            changed: list[Entry] = []
            for item, maker in (await get(conn, ids)).values():
                settled = tuple(answered(each, known) for each in item.certificates)
                changed.append((replace(item, certificates=settled), maker))
                new = set(settled).difference(item.certificates)
                proofs.answered.update(each.body for each in new)
            await self._save(changed)
        self._intake.problems += [*proofs.questions(told), *proofs.undated_question()]

    async def settle(self, source: str, *, confirmed: bool) -> Absence:
        """Record which products *source* names, and which it no longer does."""
        intake = self._intake
        return await settle_absence(
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
        absence: Absence,
        confirmed: Confirmation | None,
        question: HeldTaking | None,
    ) -> ImportReport:
        """Accept the confirmed changes, and report them and the held ones."""
        intake, tally, taken = self._intake, self._intake.tally, self._intake.taken
        holds = tally.holds(intake.rows - intake.counter.elsewhere)
        doubtful = absence.sick and bool(intake.rows)
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
            await self._take_prices(list(tally.prices.values()))
            await self._take_days(list(tally.days.values()), clean(confirmed.by))
            await keep_confirmation(
                self._conn,
                tally,
                holds,
                source=source,
                token=token,
                who=clean(confirmed.by),
                now=self._now,
            )
            self._is_confirmed = True
            absence = await self.settle(source, confirmed=True)
            doubts = intake.doubts
            problems = (each for each in problems if named(each) not in doubts)
            holds, token, takes, later = [], "", {}, {}
        elif stale:
            about_all.append(stale_token())
        if absence.sick:
            about_all.append(sick_source(len(intake.named), intake.counter.left_out))
        changed = self._changed.union(absence.changed).difference(intake.created)
        return ImportReport(
            source=source,
            written=not holds and not stale,
            rows=intake.rows,
            created=intake.created,
            changed=sorted(changed),
            unchanged=len(intake.named.difference(intake.created, self._changed)),
            missing=absence.missing,
            returned=absence.returned,
            ignored_counts=intake.ignored_counts,
            sick=absence.sick,
            held=holds,
            takes=takes,
            import_id=None,
            confirmed_by=clean(confirmed.by)
            if self._is_confirmed and confirmed
            else "",
            token=token,
            problems=in_order(chain(problems, about_all)),
            notes=list(intake.notes(day_in_vietnam(self._now))),
            takes_later=later,
            counted=intake.counter.count(intake.created, changed),
        )

    async def keep(
        self, report: ImportReport, file: str, confirmed: Confirmation | None
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
            confirmed_by=clean(confirmed.by) if confirmed and is_confirmed else "",
            created=len(report.created),
            changed=len(report.changed),
            taken=taken,
            log=self._log,
        )

    async def _save(self, entries: Sequence[Entry], who: str = "") -> None:
        """Save the changes of the import; *who* is the import itself if it is ""."""
        who = who or self._author
        saved = await save(self._conn, entries, now=self._now, who=who, log=self._log)
        self._changed.update(saved)

    async def _take_prices(self, prices: Sequence[HeldPrice]) -> None:
        after = {each.sku: each.after for each in prices}
        entries = await get(self._conn, sorted({each.product_id for each in prices}))
        changed = [
            (
                replace(
                    item,
                    variants=tuple(
                        replace(each, price_vnd=after.get(each.sku, each.price_vnd))
                        for each in item.variants
                    ),
                ),
                maker,
            )
            for item, maker in entries.values()
        ]
        await self._save(changed)

    async def _take_days(self, moved: Sequence[HeldDay], by: str) -> None:
        """Correct days of certificates; the history names the person who said so."""
        entries = await get(self._conn, sorted({each.product_id for each in moved}))
        changed = {id_: list(item.certificates) for id_, (item, _) in entries.items()}
        for each in moved:
            history = changed[each.product_id]
            history[each.place] = put(history[each.place], {each.column: each.after})
        corrected = [
            (replace(item, certificates=tuple(changed[id_])), maker)
            for id_, (item, maker) in entries.items()
        ]
        await self._save(corrected, f"{by} ({self._author})")
        day = day_in_vietnam(self._now)
        self._intake.taken.compare(entries, corrected, day, _rules())


def in_order(problems: Iterable[Problem]) -> Sequence[Problem]:
    """Return *problems* sheet by sheet, by row: those of the whole sheet first.

    Many of them lie on disk, and are read as they are asked for.
    """
    kept, sheets = Growing(problems), dict[str, int]()
    keys = [(sheets.setdefault(each.sheet, n), each.row) for n, each in enumerate(kept)]
    return kept.ordered(keys)
