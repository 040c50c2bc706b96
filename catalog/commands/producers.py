"""Producers that the department enters or edits: name, legal form, places.

Values are read, and places understood, as in a sheet; a place in another province is
refused. Consent has use cases of its own, and so has whether a producer is ready for a
check of identity. No telephone number and no tax code is kept
(`catalog.model.producer`). Functions over a connection in a transaction of the caller;
none of them commits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.confirmed import ensure_confirmed
from catalog.commands.field_reader import NO_FIELD, FieldReader, Fields, by_path
from catalog.commands.named_alike import ask_about_new_name, ask_about_new_producer
from catalog.commands.own import own_producer
from catalog.commands.producer_version import ensure_producer_as_seen
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.counters import Mint
from catalog.db.erasures import withdrawn_among
from catalog.db.former_marks import keep_former_producer
from catalog.db.history import Author
from catalog.db.writer import lock, save_producers
from catalog.errors import FieldProblem
from catalog.feed.cells.cell import show
from catalog.feed.compare.stated_form import contradicted
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.headings.heading import DISTRICT, NEW_COMMUNE, PROVINCE
from catalog.feed.identify.known_identities import known_producers
from catalog.feed.merge.withdrawn import ERASED
from catalog.feed.places.communes import (
    NO_ANSWERS,
    Localities,
    localities_of,
    shipped_localities,
)
from catalog.feed.rows.assignment import put
from catalog.feed.rows.row import FeedRow, Problem
from catalog.feed.rows.split_cells import spread
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.erasure import ErasureEnd
from catalog.model.fact import Fact
from catalog.model.producer import Producer
from catalog.model.reach import WHOLE_CATALOG
from catalog.names.legal_form import WORDS, form_in
from catalog.places.commune import Communes
from catalog.values import replace

_ELSEWHERE: Final = ("consent", "identity_ready")
_NAME: Final = "producer_name"
_KIND: Final = "producer_kind"
_WHO: Final = "phải ghi tên người nhập / say who enters it"

PRODUCER_FIELDS: Final[Fields] = {
    name: column
    for name, column in COLUMNS.items()
    if column.part is ColumnPart.PRODUCER
    and column.path != "id"
    and not name.startswith(_ELSEWHERE)
}
"""The values of a producer that are edited, by the names of sheets."""

PLACE_WORDS: Final = (NEW_COMMUNE, DISTRICT, PROVINCE)
"""Names by which a place may be given instead of by codes, as in sheets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerEdit:
    """Values of a producer, as texts; "" clears a field.

    Attributes:
        values: By a name of `PRODUCER_FIELDS` or of `PLACE_WORDS`.
        token: Confirms an edit that was held; "" if it is not confirmed.
    """

    values: Mapping[str, str]
    token: str = ""


async def add_producer(
    conn: AsyncConnection,
    new: ProducerEdit,
    *,
    by: Actor,
    now: datetime,
    communes: Communes | None = None,
) -> str:
    """Add a producer to the catalog; return its id.

    *communes* are those of the province; those that ship if None.

    Raises:
        FieldsError: Values cannot be taken, or the catalog has it already.
        HeldEditError: It is called nearly as a known one, or its name states another
            legal form, and that is not confirmed.
        AttestationError: It is not said who.
    """
    who = required(by.name, _WHO)
    await lock(conn)
    said = {name: text for name, text in new.values.items() if text.strip()}
    given, questions = _read(said, _localities(communes), None)
    name = str(given[_NAME])
    producers, mint = await known_producers(conn), await Mint.start(conn)
    questions += ask_about_new_producer(producers, name)
    questions += _ask_about_form(given, None)
    ensure_confirmed(questions, new.token, _in_words(given))
    # Danger: a producer that is there already would be written over.
    while (id_ := mint.producer_id("")) in producers.makers:
        pass
    maker: Producer = put(Producer(id="", name=""), by_path(given, PRODUCER_FIELDS))
    maker = replace(maker, id=id_)
    done = Act(by=by, kind="add_producer", at=now, subjects=[maker.id])
    author = Author(who, now, await record_act(conn, done))
    await save_producers(conn, [maker], by=author)
    await mint.finish(conn)
    return maker.id


async def edit_producer(
    conn: AsyncConnection,
    producer_id: str,
    edit: ProducerEdit,
    *,
    by: Actor,
    now: datetime,
    communes: Communes | None = None,
    seen: int | None = None,
) -> bool:
    """Change values of a producer; return whether any differs.

    Its products get a new revision. *seen* is the version that the edit was made from
    (`catalog.commands.producer_version`); None if it is not known.

    Raises:
        NotInCatalogError: There is no such producer.
        FieldsError: Values cannot be taken; all are named.
        ChangedMeanwhileError: A field that it changes has changed since *seen*.
        HeldEditError: It is doubtful, and is not confirmed.
        AttestationError: It is not said who.
    """
    who = required(by.name, _WHO)
    await lock(conn)
    known = await own_producer(conn, producer_id, WHOLE_CATALOG)
    given, questions = _read(edit.values, _localities(communes), known)
    edited: Producer = put(known, by_path(given, PRODUCER_FIELDS))
    changed = _changes(known, edited)
    await ensure_producer_as_seen(conn, known, seen, changed)
    if not changed:
        return False
    await _ensure_not_erased(conn, known, changed)
    if _NAME in changed:
        producers = await known_producers(conn)
        questions += ask_about_new_name(producers, known.id, edited.name)
    questions += _ask_about_form({**given, "producer_id": known.id}, known)
    after = {name: PRODUCER_FIELDS[name].value_of(edited) for name in changed}
    about = known.id, _in_words(changed), _in_words(after)
    ensure_confirmed(questions, edit.token, about)
    refs = {"fields": " ".join(sorted(changed))}
    done = Act(by=by, kind="edit_producer", at=now, subjects=[known.id], refs=refs)
    author = Author(who, now, await record_act(conn, done))
    await save_producers(conn, [edited], by=author)
    if _NAME in changed:
        await keep_former_producer(conn, known.id, known.name)
    return True


def _localities(communes: Communes | None) -> Localities:
    return shipped_localities() if communes is None else localities_of(communes)


def _read(
    said: Mapping[str, str], places: Localities, known: Producer | None
) -> tuple[dict[str, object], list[FieldProblem]]:
    """Return the values of an edit by their names, and the question about its place.

    Raises:
        FieldsError: Some are wrong.
    """
    reader = FieldReader()
    for name in said.keys() - PRODUCER_FIELDS.keys() - set(PLACE_WORDS):
        reader.note(name, NO_FIELD)
    if known is None and _NAME not in said:
        reader.note(_NAME, _NO_NAME)
    placed, questions = _placed(said, places, known, reader)
    cells = {name: text for name, text in placed.items() if name in PRODUCER_FIELDS}
    given = reader.read(cells, PRODUCER_FIELDS)
    reader.ensure_right()
    return given, questions


def _placed(
    said: Mapping[str, str],
    places: Localities,
    known: Producer | None,
    reader: FieldReader,
) -> tuple[Mapping[str, str], list[FieldProblem]]:
    """Return texts with the codes of the communes that they name; faults are noted.

    An address that names a commune nobody knows is asked about.
    """
    asked: list[Problem] = []
    codes = {} if known is None else {"producer_id": known.id}
    row = FeedRow(number=0, cells={**said, **codes})
    found = spread(row, NO_ANSWERS, asked, places)
    for each in (*found.problems, *asked):
        reader.note(each.column, (each.vi, each.en))
    if found.other_province:
        column = next((n for n in (PROVINCE, "address") if said.get(n)), "address")
        reader.note(column, _other_province(places, found.other_province))
    cleared = {name: "" for name, text in said.items() if not text.strip()}
    questions = [_unplaced(found.unplaced)] if found.unplaced else []
    return {**found.cells, **cleared}, questions


def _unplaced(said: str) -> FieldProblem:
    return FieldProblem(
        "address",
        f"không rõ xã từ địa chỉ (“{said}”): xã đang lưu giữ nguyên; muốn đổi thì ghi"
        f" {NEW_COMMUNE}",
        f'the address does not tell the commune ("{said}"): the known one stays; write'
        f" {NEW_COMMUNE} to change it",
    )


def _other_province(places: Localities, other: str) -> tuple[str, str]:
    ours = places.communes.province_name
    return (
        f"là địa chỉ ở {other}: danh mục này chỉ có cơ sở ở {ours}",
        f"an address in {other}: this catalog has producers of {ours} only",
    )


def _changes(known: Producer, edited: Producer) -> dict[str, object]:
    """Return the known values of the fields that differ, by their names."""
    return {
        name: column.value_of(known)
        for name, column in PRODUCER_FIELDS.items()
        if column.value_of(known) != column.value_of(edited)
    }


def _ask_about_form(
    given: Mapping[str, object], known: Producer | None
) -> list[FieldProblem]:
    """Return the question about a name that states another legal form than given."""
    columns = contradicted(given, known)
    if not columns:
        return []
    name = str(given.get(_NAME) or (known.name if known else ""))
    vi, en = WORDS[form_in(name)]
    column = _KIND if _KIND in columns else _NAME
    return [
        FieldProblem(
            column,
            f"tên “{name}” là của {vi}, loại hình ghi khác",
            f'the name "{name}" is that of {en}, and the legal form is another',
        )
    ]


async def _ensure_not_erased(
    conn: AsyncConnection, known: Producer, changed: Iterable[str]
) -> None:
    """Refuse what an erasure has taken, until the producer consents anew."""
    asked = (await withdrawn_among(conn, [known.id])).get(known.id)
    if asked is None or asked.ended is not ErasureEnd.ERASED:
        return
    if known.consent.value is Fact.NO:
        reader = FieldReader()
        for name in sorted(set(changed) & set(ERASED)):
            reader.note(name, _WAS_ERASED)
        reader.ensure_right()


def _in_words(values: Mapping[str, object]) -> list[tuple[str, str]]:
    return sorted((name, show(value)) for name, value in values.items())


_NO_NAME: Final = ("hãy ghi tên cơ sở", "write the name of the producer")
_WAS_ERASED: Final = (
    "đã xóa theo yêu cầu của cơ sở: chỉ ghi lại được khi cơ sở đồng ý lại",
    "it was erased as the producer asked: only with consent given anew",
)
