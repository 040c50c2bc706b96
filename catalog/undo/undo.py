"""Take an import back: show the changes, and carry them out once confirmed.

The values that go back are decided in `catalog.undo.plan`. Products that the import has
made stay, marked, unless another import names them. An effect of the undoing on buyers
belongs to the undoing, which has a number among the imports: it counts in the budget,
whoever has confirmed it. To undo an undoing is to import again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.counters import UNREVISED, next_numbers
from catalog.db.field_changes import ChangedField, ChangeLog, Entity, sheet_key
from catalog.db.field_changes import Key as Field
from catalog.db.history import Author, erase_old_values, keep_changes
from catalog.db.imports import (
    Import,
    effects_about,
    import_made,
    keep_import,
    mark_undone,
    products_with_effects,
)
from catalog.db.kept_changes import all_changes, ensure_whole
from catalog.db.product_rows import ProducerRow, ProductRows
from catalog.db.provenance import restore_provenance
from catalog.db.reader import get, get_producers, names_of, products_by_producer
from catalog.db.writer import lock, revise, save, save_producers
from catalog.eligibility import Rules
from catalog.eligibility.effects import compare, facts_with_effect
from catalog.errors import PastImportError
from catalog.imports.confirmation import Confirmation
from catalog.imports.missing import restore_naming
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.effect import EffectKind
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product
from catalog.undo.effects import UndoneEffects
from catalog.undo.facts import aligned, facts_of
from catalog.undo.plan import Changed, GoingBack, Staying, in_fields, take_back
from catalog.undo.since_import import events_since
from catalog.undo.source_products import UndoneNaming, undone_naming
from catalog.values import replace
from catalog.vietnam_time import VIETNAM, day_in_vietnam

_MARK = "undone_import"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReport:
    """The changes that taking an import back makes, or would make.

    Attributes:
        made: The import.
        written: Whether it was carried out; if not, all other fields tell the possible
            changes.
        import_id: Number of the undoing; None if nothing was written.
        back: The values that go back.
        stays: The values that stay, as they were changed since.
        created: Ids of the products that the import has made and nobody else names:
            they stay, marked, and are not newly listed.
        named: Ids of those that another import names: they stay as they are.
        renamed: How many products the source names again, or no longer.
        takes: From how many products it takes something, by kind: that counts in
            each marketplace's budget.
        later: Imports of the same source that were made since and stand.
        token: The token with which a person confirms it.
        stale: The token that was given is of another state.
    """

    made: Import
    written: bool
    import_id: int | None
    back: Sequence[GoingBack]
    stays: Sequence[Staying]
    created: Sequence[str]
    named: Sequence[str]
    renamed: int
    takes: Mapping[str, int]
    later: Sequence[int]
    token: str
    stale: bool = False

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; its long lists come one by one."""
        names = [each.name for each in fields(self) if each.name != "made"]
        return {name: getattr(self, name) for name in names} | {
            "import": self.made,
            "back": iter(self.back),
            "stays": iter(self.stays),
        }


@dataclass(frozen=True, slots=True)
class NamedUndo:
    """The report of an undoing, with names by id of the first of each list."""

    report: UndoReport
    names: Mapping[str, str]


async def undo_import(
    conn: AsyncConnection,
    number: int,
    *,
    now: datetime,
    rules: Rules,
    confirmed: Confirmation | None = None,
) -> UndoReport:
    """Report the effect of taking import *number* back; do it if confirmed.

    Raises:
        PastImportError: There is no such import, it was undone before, is itself an
            undoing, or its changes are no longer known.
        AttestationError: It is not said who confirms, or at too great length.
    """
    if confirmed is not None:
        confirmed.ensure_named()
    await lock(conn)
    made = await import_made(conn, number)
    await _ensure_open(conn, made, now)
    tried = await conn.begin_nested()
    work = _Undoing(conn, made, now, rules, confirmed.name if confirmed else "")
    report = await work.take_back()
    if confirmed is None or confirmed.token != report.token:
        await tried.rollback()
        return replace(report, stale=confirmed is not None)
    undoing = await work.keep(confirmed.by)
    await tried.commit()
    return replace(report, written=True, import_id=undoing)


async def undo_and_name(
    conn: AsyncConnection,
    number: int,
    *,
    now: datetime,
    rules: Rules,
    confirmed: Confirmation | None,
    named: int,
) -> NamedUndo:
    """Take import *number* back as `undo_import` does; of each list name so many.

    Raises:
        PastImportError: It cannot be taken back.
        AttestationError: It is not said who confirms, or at too great length.
    """
    report = await undo_import(conn, number, now=now, rules=rules, confirmed=confirmed)
    ids = [each.where.subject for each in report.back[:named]]
    ids += [each.where.subject for each in report.stays[:named]]
    return NamedUndo(report, await names_of(conn, [*ids, *report.created[:named]]))


async def _ensure_open(conn: AsyncConnection, made: Import, now: datetime) -> None:
    if made.undoes is not None:
        message = (
            f"lần {made.id} là hoàn tác lần nạp {made.undoes}: muốn có lại thì nạp lại"
            f" tệp / {made.id} has undone import {made.undoes}: to have that back,"
            " import the file again"
        )
        raise PastImportError(message)
    if made.undone_in is not None:
        other = await import_made(conn, made.undone_in)
        day, by = other.imported_at.astimezone(VIETNAM), other.confirmed_by
        message = (
            f"lần nạp {made.id} đã được {by} hoàn tác ngày {day:%d/%m/%Y} (lần"
            f" {other.id}) / import {made.id} was undone by {by} on {day:%Y-%m-%d}"
            f" ({other.id})"
        )
        raise PastImportError(message)
    ensure_whole(made, now)


class _Undoing:
    """One undoing: the state that its steps share."""

    def __init__(
        self, conn: AsyncConnection, made: Import, now: datetime, rules: Rules, by: str
    ) -> None:
        self._conn = conn
        self._made = made
        self._now = now
        self._rules = rules
        self._by = by
        who = f"{by} (hoàn tác lần nạp / undo of import {made.id})"
        self._author = Author(who, now)
        self._log = ChangeLog()
        self._effects = UndoneEffects(made.id)
        self._back: list[GoingBack] = []
        self._stays: list[Staying] = []
        self._saved: set[str] = set()
        self._restored: set[Field] = set()
        self._naming: UndoneNaming

    async def take_back(self) -> UndoReport:
        """Put back all values that go back, and report them."""
        conn, number = self._conn, self._made.id
        changed = Changed.of(await all_changes(conn, number))
        self._naming = await undone_naming(conn, self._made, changed)
        makers = await self._makers(changed)
        ids = {*changed.products, *self._naming.marks}
        ids.update(await products_by_producer(conn, sorted(makers)))
        ids.update(await products_with_effects(conn, number))
        for some in chunks(sorted(ids)):
            await self._products(some, changed, makers)
        await self._effects.about_others(conn, changed.effects)
        return self._report()

    async def _makers(self, changed: Changed) -> dict[str, Producer]:
        """Put producers back; return those that have changed, as they were."""
        conn, ids = self._conn, sorted(changed.makers)
        effects = await effects_about(conn, await products_by_producer(conn, ids))
        since = await events_since(conn, self._made, ids, (), effects)
        before, then = dict[str, Producer](), list[Producer]()
        provenance: dict[Field, int | None] = {}
        for id_, maker in (await get_producers(conn, ids)).items():
            row = ProducerRow(maker)
            back, stays = take_back(row, changed.makers[id_], since)
            provenance |= _provenance(back)
            self._back += back
            self._note_stays(stays, effects)
            if back:
                before[id_] = maker
                then.append(row.producer())
        saved = await save_producers(conn, then, by=self._author, log=self._log)
        self._saved.update(saved)
        await restore_provenance(conn, provenance)
        self._restored.update(provenance)
        return before

    async def _products(
        self, ids: Sequence[str], changed: Changed, makers: Mapping[str, Producer]
    ) -> None:
        conn = self._conn
        entries = await get(conn, ids)
        effects = await effects_about(conn, ids)
        self._effects.know(effects)
        skus = [each.sku for item, _ in entries.values() for each in item.variants]
        since = await events_since(conn, self._made, ids, skus, effects)
        found: list[tuple[Entry, Product, tuple[int, ...]]] = []
        provenance: dict[Field, int | None] = {}
        for id_, (item, maker) in entries.items():
            rows = ProductRows(item)
            changes = in_fields(item, changed.products.get(id_, ()))
            back, stays = take_back(rows, changes, since)
            if id_ in self._naming.marks and item.undone_import is None:
                where = ChangedField(Entity.PRODUCT, id_, "", _MARK)
                rows.put(where, self._naming.marks[id_])
            then = rows.product()
            found.append(((item, maker), then, rows.gone))
            provenance |= _provenance(back)
            self._back += back
            self._note_stays(stays, effects)
        bare: list[Entry] = [(then, None) for _, then, _ in found]
        saved = await save(conn, bare, by=self._author, log=self._log)
        self._saved.update(saved)
        await restore_provenance(conn, provenance)
        self._restored.update(provenance)
        await self._weigh(found, makers)

    def _note_stays(
        self, stays: Iterable[Staying], effects: Iterable[tuple[str, str]]
    ) -> None:
        for each in stays:
            self._stays.append(each)
            if each.where.entity is not Entity.PRODUCER:
                keys = ((each.where.subject, *fact) for fact in facts_of(each.where))
                self._effects.keep(keys)
            elif each.where.field == "consent":
                about = (EffectKind.CONSENT, each.where.subject)
                self._effects.keep((id_, *about) for id_, _ in effects)

    async def _weigh(
        self,
        found: Iterable[tuple[Entry, Product, Collection[int]]],
        makers: Mapping[str, Producer],
    ) -> None:
        """Work out its effects on buyers, and those that it lifts."""
        found = list(found)
        day, rules = day_in_vietnam(self._now), self._rules
        owners = {then.producer_id for _, then, _ in found if then.producer_id}
        after = await get_producers(self._conn, sorted(owners))
        for (item, maker), then, gone in found:
            was = None if maker is None else makers.get(maker.id, maker)
            before = (aligned(item, gone, self._made.id), was)
            entry = (then, after.get(then.producer_id or ""))
            self._effects.compare(
                item.id,
                compare(before, entry, day, rules),
                facts_with_effect(entry, day, rules),
                gone,
            )

    def _report(self) -> UndoReport:
        naming, takes = self._naming, self._effects.by_kind()
        content = [
            self._made.id,
            sorted(map(repr, self._back)),
            sorted(map(repr, self._stays)),
            sorted(naming.marks.items()),
            sorted(naming.named),
            sorted(map(repr, naming.before.items())),
            sorted(takes.items()),
        ]
        return UndoReport(
            made=self._made,
            written=False,
            import_id=None,
            back=sorted(self._back, key=lambda each: each.where),
            stays=sorted(self._stays, key=lambda each: each.where),
            created=sorted(naming.marks),
            named=sorted(naming.named),
            renamed=len(naming.before),
            takes=takes,
            later=naming.later,
            token=blake2b(repr(content).encode(), digest_size=16).hexdigest(),
        )

    async def keep(self, by: Actor) -> int:
        """Keep the undoing, its changes, its effects and the act; return its number."""
        conn, made, now = self._conn, self._made, self._now
        number = await keep_import(
            conn,
            source=made.source,
            file=made.file,
            now=now,
            confirmed_by=self._by,
            changed=len(self._saved),
            undoes=made.id,
        )
        await mark_undone(conn, made.id, number)
        await next_numbers(conn, UNREVISED, 1)
        source, before = made.source, self._naming.before
        await restore_naming(conn, source, before)
        doubted = await self._effects.carry_out(conn, number)
        await revise(conn, doubted - self._saved)
        refs = {"import": str(made.id), "undoing": str(number)}
        done = Act(by=by, kind="undo_import", at=now, refs=refs)
        author = replace(self._author, act=await record_act(conn, done))
        changes, restored = self._log.changes(), self._restored
        await keep_changes(conn, changes, author, import_id=number, restored=restored)
        await erase_old_values(conn, now)
        return number


def _provenance(back: Iterable[GoingBack]) -> dict[Field, int | None]:
    """Return which changes of the fields that go back stood before the import."""
    keys = ((sheet_key(each.where, each.now, each.then), each) for each in back)
    return {key: each.supersedes for key, each in keys if key is not None}
