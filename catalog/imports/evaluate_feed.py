"""Work out what a feed changes: new products, named values; nothing is deleted.

Nothing is written here: the changes are laid down in a `CatalogView`, and written in
one transaction by `catalog.imports.apply_import`. A row with a problem is left out
whole and reported; the others go in. The meaning of a row is decided in
`catalog.feed.merge.row_importer`, the products that a source no longer names in
`catalog.imports.missing`. Here are the queries that both need, and the decision whether
the whole is written: an import that changes too much at once waits for a person.
"""

import marshal
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from hashlib import blake2b
from itertools import chain, islice

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.db.counters import Mint, all_counters
from catalog.db.erasures import withdrawn_among
from catalog.db.fact_changes import recognitions_entered
from catalog.db.imports import refusing
from catalog.db.provenance import author_of
from catalog.db.sources import Basis, Origin, sources_in_question
from catalog.eligibility import Rules, load_rules
from catalog.eligibility.authority import Bodies, DecisionKey, with_authority
from catalog.errors import CatalogError
from catalog.feed.headings.column import ColumnPart
from catalog.feed.identify.known_identities import known_identities
from catalog.feed.merge.ownership_guard import Guard
from catalog.feed.merge.proofs import Proofs
from catalog.feed.merge.row_importer import Intake
from catalog.feed.merge.row_questions import named
from catalog.feed.rows.reading import Reading, read_values
from catalog.feed.rows.reread import Readings
from catalog.feed.rows.row import FeedRow, Problem
from catalog.imports.answers import authorities_in
from catalog.imports.catalog_view import CatalogView
from catalog.imports.confirmation import Confirmation
from catalog.imports.evaluated_feed import Accepted, EvaluatedFeed
from catalog.imports.find_contradictions import find_contradictions
from catalog.imports.held_values import with_days, with_prices
from catalog.imports.import_report import (
    ImportReport,
    in_order,
    sick_source,
    stale_token,
)
from catalog.imports.many_effects import HeldEffects, ask_about_effects, without_covered
from catalog.imports.missing import NamingChange, naming_change, no_naming_change
from catalog.model.actor import UNNAMED, Actor
from catalog.model.product import Entry
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.progress import Count, no_progress
from catalog.text import clean
from catalog.turns import in_turns
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam

_CHUNK = 250
"""Rows whose products are loaded together."""
_DAYS = 30
"""Days of which the decisions are looked at together."""
_MAX_SOURCE = 200


async def evaluate_feed(
    conn: AsyncConnection,
    rows: Iterable[FeedRow],
    *,
    now: datetime,
    source: str,
    file: str = "",
    basis: Basis = Basis.PERSON,
    stamp: datetime | None = None,
    by: Actor = UNNAMED,
    reach: Reach = WHOLE_CATALOG,
    confirmed: Confirmation | None = None,
    check: bool = False,
    bodies: Bodies | None = None,
    progress: Count = no_progress,
) -> EvaluatedFeed:
    """Work out the changes of *rows*, the present state of *source*; write nothing.

    Args:
        conn: A connection that sees one state of the catalog.
        rows: As `open_feed` returns them.
        now: The present instant.
        source: Under which name the feed is known, such as its file's name:
            the next feed of that name is compared with this one.
        file: Name of the file, for people; that of the source if it is "".
        basis: How the source is known; of a guess a person may be asked.
        stamp: When the feed was exported from this catalog; None if it was not.
        by: Who imports it; the person who confirms, if one does.
        reach: Whose products it may change. Within less than the whole catalog only
            what is the producer's own: nothing new, and no product is missing.
        confirmed: A person's confirmation of the report of an earlier call.
        check: Only report: keep nothing.
        bodies: Who grants how many stars, by the day of the decision; that of the
            rules that ship with the service if None.
        progress: Called with how many rows more have been read; each is read twice.

    Raises:
        FeedError: The feed as a whole cannot be read.
        CatalogError: *source* is empty or too long.
        AttestationError: It is not said who confirms, or at too great length.
    """
    name = clean(source)
    if not 0 < len(name) <= _MAX_SOURCE:
        message = "nguồn cần có tên ngắn / the source needs a short name"
        raise CatalogError(message)
    if confirmed is not None:
        confirmed.ensure_named()
    counters = await all_counters(conn)
    readings = Readings(rows)
    identities = await known_identities(conn, reach)
    contradictions = await find_contradictions(
        conn, readings.first(), identities, progress
    )
    author = author_of(name, stamp)
    view = CatalogView(conn, author, now)
    work = _Evaluation(
        view=view,
        now=now,
        intake=Intake(
            now=now,
            mint=await Mint.start(conn),
            identities=identities,
            contradictions=contradictions,
            # The sheet of a producer is its word on its fields, as of now.
            guard=Guard(author, stamp if reach == WHOLE_CATALOG else stamp or now),
            bodies=bodies or _rules().tables.bodies,
            reach=reach,
            proofs=Proofs(today=day_in_vietnam(now)),
        ),
    )
    await work.import_rows(readings.again(), progress)
    await work.complete_authorities()
    question = await work.ask(name)
    naming = await work.naming(name, confirmed=False)
    report = await work.decide(name, naming, confirmed, question)
    origin = Origin(name, basis)
    if known := await sources_in_question(conn, origin, work.named):
        report = report.asking_for_source(known)
    is_written = report.written and not check
    return EvaluatedFeed(
        report=report if is_written else replace(report, written=False),
        origin=origin,
        file=file,
        now=now,
        by=confirmed.by if confirmed else by,
        author=author,
        counters=counters,
        view=view,
        intake=work.intake,
        naming=work.last_naming,
        accepted=work.accepted,
    )


@cache
def _rules() -> Rules:
    """Return the rules that ship with the service."""
    return load_rules()


class _Evaluation:
    """One evaluation: the state that its steps share.

    Attributes:
        intake: What its rows have brought.
        last_naming: The products that its source names, as it was worked out last.
        accepted: What a person has confirmed; None if nobody has.
    """

    def __init__(self, *, view: CatalogView, now: datetime, intake: Intake) -> None:
        self._view = view
        self._conn = view.conn
        self._now = now
        self.intake = intake
        self.last_naming: NamingChange
        self.accepted: Accepted | None = None
        self._content = blake2b(digest_size=16)

    @property
    def named(self) -> Collection[str]:
        """Ids of the products that it names."""
        return self.intake.named

    async def import_rows(self, rows: Iterable[Reading], progress: Count) -> None:
        """Import all rows, those last that wait for the others."""
        rest = iter(rows)
        while chunk := [
            self._noted(read) async for read in in_turns(islice(rest, _CHUNK))
        ]:
            await self._import_chunk(chunk)
            count = len(chunk)
            chunk.clear()  # and with it the faults of its rows
            progress(count)
        later = self.intake.later
        for some in chunks(later, _CHUNK):
            read = [Reading(row, *read_values(row)) async for row in in_turns(some)]
            await self._import_chunk(read, last=True)
        self.intake.problems += self.intake.contradictions.questions()

    def _noted(self, read: Reading) -> Reading:
        row = read.row
        content = row.sheet, row.number, dict(row.cells)
        self._content.update(marshal.dumps(content, 0))  # likewise of equal ones
        return read

    async def _import_chunk(
        self, read: Sequence[Reading], *, last: bool = False
    ) -> None:
        """Load the products that rows may name, import the rows, lay the changes."""
        view, intake = self._view, self.intake
        known = intake.identities
        ids, makers = set[str](), set[str]()
        async for _, given, _ in in_turns(read):
            # Whatever a cell may say.
            found = [each for each in known.candidates(given) if each in known]
            ids.update(found)
            makers.update(known.maker_candidates(given))
            async for _ in in_turns(() if found else known.placing(given)):
                pass
        entries = await view.get(ids)
        makers_by_id = await view.get_producers(makers)
        intake.load(entries.values(), makers_by_id.values())
        owners = [maker for _, maker in entries.values() if maker is not None]
        theirs = {maker.id for maker in chain(owners, makers_by_id.values())}
        intake.guard = replace(
            intake.guard,
            provenance=await view.provenance_of({*entries, *theirs}),
            withdrawn=await withdrawn_among(view.conn, sorted(theirs)),
            recognitions=await recognitions_entered(view.conn, sorted(entries)),
        )
        async for row, given, problems in in_turns(read):
            intake.take(row, given, problems, last=last)
        changed = intake.entries()
        await view.lay(changed, entries)
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
        intake, taken = self.intake, self.intake.taken
        theirs = await self._view.products_of(taken.refusing)
        for id_ in set(theirs).difference(intake.created):
            taken.refuse(id_, *intake.identities.known_as(id_))
        for id_, maker in await refusing(self._conn, sorted(taken.refused)):
            taken.restate(id_, maker)
            self._view.read.rely_on(id_)
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
        view, proofs = self._view, self.intake.proofs
        bodies: dict[DecisionKey, Sequence[str]] = {}
        for days in chunks(sorted(proofs.days), _DAYS):
            theirs = authorities_in(await view.bodies(days))
            proofs.compare(theirs)
            bodies |= {key: theirs[key] for key in theirs.keys() & proofs.asked.keys()}
        known = {key: some[0] for key, some in bodies.items() if len(some) == 1}
        for ids in chunks(sorted(proofs.answer(known))):
            changed: list[Entry] = []
            for item, maker in (await view.get(ids)).values():
                completed = tuple(
                    with_authority(each, known) for each in item.certificates
                )
                changed.append((replace(item, certificates=completed), maker))
                new = set(completed).difference(item.certificates)
                proofs.answered.update(each.body for each in new)
            await view.lay(changed)
        self.intake.problems += [*proofs.questions(bodies), *proofs.undated_question()]

    async def naming(self, source: str, *, confirmed: bool) -> NamingChange:
        """Return which products *source* names now, and which it no longer does."""
        intake = self.intake
        if intake.reach != WHOLE_CATALOG:
            self.last_naming = no_naming_change(source)
            return self.last_naming
        self.last_naming = await naming_change(
            self._conn,
            source=source,
            named=intake.named,
            perhaps=intake.perhaps_named,
            perhaps_any=intake.has_nameless,
            declared=intake.declared,
            empty=not intake.rows,
            now=self._now,
            confirmed=confirmed,
        )
        return self.last_naming

    async def decide(
        self,
        source: str,
        naming: NamingChange,
        confirmed: Confirmation | None,
        question: HeldEffects | None,
    ) -> ImportReport:
        """Accept the confirmed changes, and report them and the held ones."""
        intake, tally, taken = self.intake, self.intake.tally, self.intake.taken
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
            self.accepted = Accepted(confirmed.name, token, holds)
            await self._accept_held()
            naming = await self.naming(source, confirmed=True)
            doubts = intake.doubts
            problems = (each for each in problems if named(each) not in doubts)
            holds, token, takes, later = [], "", {}, {}
        elif stale:
            about_all.append(stale_token())
        if naming.sick:
            about_all.append(sick_source(len(intake.named), intake.counter.left_out))
        revised = await self._view.revised()
        changed = revised.union(naming.out_of_sources).difference(intake.created)
        return ImportReport(
            source=source,
            written=not holds and not stale,
            rows=intake.rows,
            created=intake.created,
            changed=sorted(changed),
            unchanged=len(intake.named.difference(intake.created, revised)),
            missing=naming.missing,
            returned=naming.returned,
            ignored_counts=intake.ignored_counts,
            sick=naming.sick,
            held=holds,
            takes=takes,
            import_id=None,
            confirmed_by=self.accepted.by if self.accepted else "",
            token=token,
            problems=in_order(chain(problems, about_all)),
            notes=list(intake.notes(day_in_vietnam(self._now))),
            takes_later=later,
            counted=intake.counter.count(intake.created, changed),
        )

    async def _accept_held(self) -> None:
        """Let confirmed prices and days count; days are written in another name."""
        view, tally = self._view, self.intake.tally
        prices, days = list(tally.prices.values()), list(tally.days.values())
        priced = await view.get({each.product_id for each in prices})
        await view.lay(with_prices(priced.values(), prices))
        dated = await view.get({each.product_id for each in days})
        corrected = with_days(dated, days)
        view.lay_apart(corrected)
        day = day_in_vietnam(self._now)
        self.intake.taken.compare(dated, corrected, day, _rules())
