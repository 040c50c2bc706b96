"""The words of people on facts that an earlier version kept apart, in the history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime, document
from catalog.commands.certificate_history import Amendment, amendments_of
from catalog.db.history import erase_old_values
from catalog.queries.timeline import timeline_page
from ocop_sync.cli.views.import_changes import change_in_words
from ocop_sync.store.db import schema, upgrade
from ocop_sync.store.db.database import Database
from tests.stored import inside, load

pytestmark = pytest.mark.postgresql

BEFORE = "0042"
"""The version before."""
SAID = datetime(2024, 3, 2, tzinfo=UTC)
PRODUCT, MAKER = "SP-00040", "CS-0003"
BY = "Bà Mẫu"
GRANTED = {"stars": "4", "decision": "001/QĐ-MẪU", "decided_on": "2023-05-10"}
VOIDED = {"voided_by": BY, "voided_on": "2024-03-02", "void_reason": "nhầm"}
PAPER = {"value": "yes", "by": BY, "on": "2024-03-01", "expires_on": None}
NO = {"value": "no", "by": BY, "on": "2024-03-01"}

Word = tuple[str, str, Any, Any]
WORDS: list[Word] = [
    (PRODUCT, "food_safety", None, PAPER),
    (MAKER, "consent", None, NO),
    (PRODUCT, "certificate", GRANTED, {**GRANTED, **VOIDED}),
    (PRODUCT, "certificate", {**GRANTED, **VOIDED}, GRANTED),
    (PRODUCT, "restored", None, {"decision": "001/QĐ-MẪU", "reason": "đúng"}),
    (PRODUCT, "paused", {"value": "no"}, {"value": "yes"}),
    (PRODUCT, "revoked", None, {"value": "9/QĐ", "on": "2024-03-02"}),
]
"""A word an hour, each of a subject on a fact."""
_SAY = text(
    "INSERT INTO attestation (id, entered_at, who, subject, what, before, after)"
    " VALUES (:id, :at, :who, :subject, :what, :before, :after)"
).bindparams(
    bindparam("at", type_=UtcDateTime),
    bindparam("before", type_=document()),
    bindparam("after", type_=document()),
)
_CHANGE = text(
    "INSERT INTO field_change (n, changed_at, changed_by, entity, subject, key, field,"
    " after, stands) VALUES (:n, :at, '', 'product', :id, '', 'description', :after,"
    " false)"
).bindparams(bindparam("at", type_=UtcDateTime), bindparam("after", type_=document()))


def _at(hour: int) -> datetime:
    return SAID + timedelta(hours=hour)


def _fill(conn: Connection) -> None:
    conn.execute(text("DELETE FROM field_change"))
    for hour, (subject, what, before, after) in enumerate(WORDS):
        about = {"who": BY, "subject": subject, "what": what}
        # Why it was restored came with the change itself.
        at = _at(3 if what == "restored" else hour)
        values = {"id": 900 + hour, "at": at, "before": before, "after": after}
        conn.execute(_SAY, about | values)
    between = {"n": 1, "at": _at(1), "id": PRODUCT, "after": "Một"}
    later = {"n": 2, "at": _at(50), "id": PRODUCT, "after": "Hai"}
    conn.execute(_CHANGE, [between, later])


def _known_already(conn: Connection) -> None:
    """Have the history know the paper, and that another product came in with one."""
    conn.execute(
        text(
            "INSERT INTO field_change (n, changed_at, changed_by, entity, subject, key,"
            " field, stands) VALUES (3, :at, '', 'paper', :id, 'food_safety', '',"
            " false), (4, :at, '', 'product', 'SP-00041', '', '', false)"
        ).bindparams(bindparam("at", type_=UtcDateTime)),
        {"at": _at(0), "id": PRODUCT},
    )
    about = {"who": BY, "subject": "SP-00041", "what": "food_safety"}
    conn.execute(_SAY, {**about, "id": 990, "at": _at(0), "before": None, "after": NO})


async def _upgraded(url: str, *fills: Any) -> Database:
    await load(url)
    await inside(url, lambda conn: _move(conn, BEFORE))
    for fill in fills:
        await inside(url, fill)
    await schema.upgrade(url)
    return Database(url)


def _move(conn: Connection, version: str) -> None:
    config = upgrade.configuration()
    config.attributes["connection"] = conn
    command.upgrade(config, version)


async def _told(conn: AsyncConnection, code: str) -> list[tuple[datetime, str, str]]:
    """Return the changes of a subject since the words, the earliest first."""
    page = await timeline_page(conn, code)
    return [
        (each.at, each.author, change_in_words(each.change))
        for each in reversed(page.changes)
        if each.at >= SAID
    ]


async def test_words_of_before_the_history_stand_in_it_in_their_order(url: str) -> None:
    database = await _upgraded(url, _fill)

    async with database.read() as conn:
        of_product = await _told(conn, PRODUCT)
        of_maker = await _told(conn, MAKER)
        amended = await amendments_of(conn, PRODUCT)

    await database.close()
    hours = [at - SAID for at, *_ in of_product]
    assert hours == [timedelta(hours=n) for n in (0, 1, 2, 3, 3, 5, 6, 50)]
    paper, *_, paused, revoked, _ = (words for *_, words in of_product)
    assert "người xác nhận / attested by Bà Mẫu" in paper
    assert "chưa rõ / unknown → không / no" in of_maker[-1][-1]
    assert paused.endswith("không / no → có / yes")
    assert revoked.startswith("giấy chứng nhận / certificate")
    assert amended[-2:] == [
        Amendment(_at(2), BY, {}, VOIDED),
        Amendment(_at(3), BY, VOIDED, {}, "đúng"),
    ]


async def test_what_the_history_knows_already_is_not_told_twice(url: str) -> None:
    database = await _upgraded(url, _fill, _known_already)

    async with database.read() as conn:
        papers = [told for told in await _told(conn, PRODUCT) if told[0] == _at(0)]
        other = await _told(conn, "SP-00041")

    await database.close()
    assert len(papers) == 1
    assert [words for *_, words in other] == ["mới / new"]


async def test_names_in_words_of_long_ago_go_as_in_all_of_the_history(
    url: str,
) -> None:
    database = await _upgraded(url, _fill)

    await database.write(lambda conn: erase_old_values(conn, _at(24 * 40)))

    async with database.read() as conn:
        amended = await amendments_of(conn, PRODUCT)
    await database.close()
    assert [each.erased for each in amended[-2:]] == [True, True]
    assert amended[-2].after == {"voided_on": "2024-03-02"}
