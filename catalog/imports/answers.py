"""Answers that people have given once, so that the next sheet is read with them.

A split commune is asked about once for each address of a producer, and the authority
once for each decision: the answers are kept with the producers and the certificates
that have them. An answer about one producer's address does not hold for another's.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.history import Author
from catalog.db.reader import get
from catalog.db.stored_answers import answered_communes, decisions_of_day
from catalog.db.writer import lock, save
from catalog.eligibility.authority import DecisionKey, with_authority
from catalog.errors import AttestationError, NotInCatalogError
from catalog.feed.places.communes import Answers, address_key, maker_key
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.decision import EXAMPLE, read_number
from catalog.model.product import Entry
from catalog.text import clean, fold
from catalog.values import replace


async def known_answers(conn: AsyncConnection) -> Answers:
    """Return the answers by producer, by id and by name, address and old commune.

    A name that several producers have gives none.
    """
    found: dict[tuple[str, str, str], str] = {}
    shared: set[tuple[str, str, str]] = set()
    for id_, name, address, old, new in await answered_communes(conn):
        found[address_key(id_, address, old)] = new
        by_name = address_key(maker_key(name), address, old)
        if by_name in found:
            shared.add(by_name)
        found[by_name] = new
    return {key: new for key, new in found.items() if key not in shared}


def authorities_in(
    stated: Iterable[tuple[str, date, str]],
) -> Mapping[DecisionKey, Sequence[str]]:
    """Return who took the decisions that are *stated*, by key of the number and day.

    Of a decision with two known authorities both are returned: it has no answer.

    Args:
        stated: Number, day and body, as certificates have them.
    """
    found: dict[DecisionKey, dict[str, str]] = {}
    for text, day, body in stated:
        number = read_number(text)
        if number is not None:
            found.setdefault((number.key, day), {}).setdefault(fold(body), body)
    return {key: sorted(bodies.values()) for key, bodies in found.items()}


async def answer_authority(
    conn: AsyncConnection,
    decision: str,
    day: date,
    body: str,
    *,
    by: Actor,
    now: datetime,
) -> Sequence[str]:
    """Record who took a decision, with all certificates of which only that lacks.

    Returns:
        Ids of the products that got a new revision, sorted.

    Raises:
        AttestationError: It is not said who, or *decision* is no number.
        NotInCatalogError: No certificate names this decision.
    """
    who, number = clean(by.name), read_number(decision)
    if not who or number is None:
        message = (
            f"phải ghi tên người và số quyết định ({EXAMPLE}) / say who, and the number"
        )
        raise AttestationError(message)
    await lock(conn)
    rows = await decisions_of_day(conn, day)
    named = (read_number(text) for _, text in rows)
    ids = sorted(
        {
            id_
            for (id_, _), each in zip(rows, named, strict=True)
            if each is not None and each.key == number.key
        }
    )
    if not ids:
        raise NotInCatalogError([f"{number.text} {day:%d/%m/%Y}"])
    entries: list[Entry] = []
    for some in chunks(ids):
        for item, _ in (await get(conn, some)).values():
            settled = tuple(
                with_authority(each, {(number.key, day): body})
                for each in item.certificates
            )
            if settled != item.certificates:
                entries.append((replace(item, certificates=settled), None))
    if not entries:
        return []
    changed = sorted(item.id for item, _ in entries)
    refs = {"decision": number.text, "day": day.isoformat(), "authority": body}
    done = Act(by=by, kind="answer_authority", at=now, subjects=changed, refs=refs)
    author = Author(who, now, await record_act(conn, done))
    for some_entries in chunks(entries):
        await save(conn, some_entries, by=author)
    return changed
