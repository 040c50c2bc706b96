"""Reports of imports as they are kept: what was told, each problem, and the file.

Each attempt to import a file has one, for 30 days. Personal data may stand in it, so
all but the fact of the attempt is erased then, and whenever a producer's data are.
Files and problems are written and read in parts, never as a whole. Functions over a
connection that the caller opened; none of them commits.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_for, rows_of
from catalog.db.retention import KEPT_FOR
from catalog.db.tables import import_file, import_problem, import_report
from catalog.errors import PastImportError
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.vietnam_time import VIETNAM

PAGE: Final = 500
"""Problems that are written or read at once."""
PART: Final = 1 << 18
"""Bytes of a file that lie in one row."""

_REPORT: Select[Any] = select(import_report)
_TOLD: Final = import_report.c.told.type
_KEPT = import_report.c.erased_at.is_(None)
_ONE = _REPORT.where(import_report.c.id == bindparam("number"))
_OF_IMPORT = _REPORT.where(import_report.c.import_id == bindparam("number"))
_NEWEST = _REPORT.order_by(import_report.c.id.desc()).limit(bindparam("size"))
_BEHIND = _NEWEST.where(import_report.c.id < bindparam("before"))
_OF_PRODUCERS = (
    select(*import_report.c["id", "producers"])
    .where(
        import_report.c.producers.is_not(None), import_report.c.id < bindparam("before")
    )
    .order_by(import_report.c.id.desc())
    .limit(bindparam("size"))
)
_LATER = import_report.alias("later")
_WAITING = _REPORT.where(
    import_report.c.outcome.in_(bindparam("outcomes", expanding=True)),
    _KEPT,
    ~exists().where(
        _LATER.c.source == import_report.c.source,
        _LATER.c.id > import_report.c.id,
        _LATER.c.outcome.not_in(bindparam("without", expanding=True)),
    ),
).order_by(import_report.c.id)
_THESE = _REPORT.where(import_report.c.id.in_(IDS))
_PROBLEMS = (
    select(*import_problem.c["n", "told"])
    .where(
        import_problem.c.report_id == bindparam("number"),
        import_problem.c.n > bindparam("after"),
    )
    .order_by(import_problem.c.n)
    .limit(bindparam("size"))
)
_PREVIEW = (
    select(*import_problem.c["n", "told"])
    .where(
        import_problem.c.report_id == bindparam("number"),
        import_problem.c.n < bindparam("first"),
        import_problem.c.n >= bindparam("last"),
    )
    .order_by(import_problem.c.n.desc())
    .limit(bindparam("size"))
)
_LATEST = (
    select(func.max(import_report.c.id))
    .where(import_report.c.source == bindparam("source"))
    .where(import_report.c.outcome.not_in(bindparam("without", expanding=True)))
)
_DECIDE = (
    update(import_report)
    .where(
        import_report.c.id == bindparam("number"),
        import_report.c.outcome.in_(bindparam("outcomes", expanding=True)),
        _KEPT,
    )
    .values(outcome=bindparam("decided"), told=bindparam("new_told", type_=_TOLD))
)
_PART = select(import_file.c.part).where(
    import_file.c.content_hash == bindparam("hash"),
    import_file.c.n == bindparam("place"),
)
_ALL = select(*import_report.c["id", "content_hash"]).where(_KEPT)
_OVER = _ALL.where(import_report.c.kept_until <= bindparam("now"))
_FORGET_PROBLEMS = delete(import_problem).where(import_problem.c.report_id.in_(IDS))
_FORGET_TOLD = (
    update(import_report)
    .where(import_report.c.id.in_(IDS))
    .values(told=None, erased_at=bindparam("now"))
)
_UNUSED = delete(import_file).where(
    import_file.c.content_hash.in_(IDS),
    ~exists().where(import_report.c.content_hash == import_file.c.content_hash, _KEPT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """The report of one attempt to import a file.

    Attributes:
        id: Its number among the reports; imports have numbers of their own.
        made_at: When, in UTC.
        source: Name of the source that the file was taken to be of.
        file: Name of the file.
        outcome: What became of it (`catalog.imports.kept_import.Outcome`).
        import_id: The import that it made; None if it changed nothing.
        content_hash: SHA-256 of the file, in hexadecimal digits.
        size: Its bytes.
        told: All that was told of it but its problems; None once it is erased.
        kept_until: The end of keeping that, the problems and the file.
        erased_at: When they were erased; None as long as they are kept.
        producers: Ids of the producers whose sheet it was; None if it was the
            department's.
    """

    id: int
    made_at: datetime
    source: str
    file: str
    outcome: str
    import_id: int | None
    content_hash: str
    size: int
    told: Mapping[str, Any] | None
    kept_until: datetime
    erased_at: datetime | None = None
    producers: Sequence[str] | None = None


async def keep_report(
    conn: AsyncConnection, values: Mapping[str, Any], *, now: datetime
) -> KeptReport:
    """Keep the report of an attempt for as long as values of persons are kept.

    *values* are the other ones of a `KeptReport`.
    """
    row = {**values, "made_at": now, "kept_until": now + KEPT_FOR}
    made = insert(import_report).returning(import_report.c.id)
    number = int((await conn.execute(made, row)).scalar_one())
    return KeptReport(id=number, **row)


async def keep_file(
    conn: AsyncConnection, content_hash: str, parts: Iterable[bytes]
) -> None:
    """Keep a file, unless it is kept already; each of *parts* has `PART` bytes."""
    known = await conn.execute(_PART, {"hash": content_hash, "place": 0})
    if known.first() is not None:
        return
    for n, part in enumerate(parts):
        row = {"content_hash": content_hash, "n": n, "part": part}
        await conn.execute(insert(import_file), row)


async def kept_report(conn: AsyncConnection, number: int) -> KeptReport:
    """Return report *number*.

    Raises:
        PastImportError: There is none.
    """
    row = (await conn.execute(_ONE, {"number": number})).mappings().first()
    if row is None:
        raise no_report(number)
    return KeptReport(**row)


def no_report(number: int) -> PastImportError:
    """Return the error about a report that is not there, or out of somebody's reach."""
    return PastImportError(
        f"không có báo cáo nạp {number} (xem: ocop-sync import reports) / there is"
        f" no report {number} (see ocop-sync import reports)"
    )


def ensure_not_erased(report: KeptReport) -> None:
    """Raise `PastImportError` if what was told in a report is erased."""
    if report.erased_at is not None:
        day = report.erased_at.astimezone(VIETNAM)
        message = (
            f"báo cáo nạp {report.id}: nội dung, lỗi và tệp đã xóa ngày"
            f" {day:%d/%m/%Y}, vì có thể có dữ liệu cá nhân / report {report.id}: its"
            f" content, problems and file were erased on {day:%Y-%m-%d}, as personal"
            " data may stand in them"
        )
        raise PastImportError(message)


async def report_of_import(conn: AsyncConnection, number: int) -> KeptReport | None:
    """Return the report of import *number*; None if it was made before they were."""
    row = (await conn.execute(_OF_IMPORT, {"number": number})).mappings().first()
    return None if row is None else KeptReport(**row)


async def list_reports(conn: AsyncConnection, *, size: int) -> Sequence[KeptReport]:
    """Return the last *size* reports, the latest first."""
    rows = await conn.execute(_NEWEST, {"size": size})
    return [KeptReport(**row) for row in rows.mappings()]


async def waiting_reports(
    conn: AsyncConnection, outcomes: Collection[str], *, without: Collection[str]
) -> Sequence[KeptReport]:
    """Return the reports with *outcomes* after which nothing came of their source.

    Later ones with an outcome of *without* count as nothing.
    """
    values = {"outcomes": list(outcomes), "without": list(without)}
    rows = await conn.execute(_WAITING, values)
    return [KeptReport(**row) for row in rows.mappings()]


async def reports_behind(
    conn: AsyncConnection, before: int, reach: Reach, *, size: int
) -> Sequence[KeptReport]:
    """Return the *size* reports with numbers below *before*, the latest first.

    Of a narrower reach than the whole catalog: those of sheets of producers in it.
    """
    if reach == WHOLE_CATALOG:
        rows = await conn.execute(_BEHIND, {"before": before, "size": size})
        return [KeptReport(**row) for row in rows.mappings()]
    ids: list[int] = []
    while len(ids) < size:
        page = (
            await conn.execute(_OF_PRODUCERS, {"before": before, "size": PAGE})
        ).all()
        ids += [row.id for row in page if all(map(reach.holds, row.producers))]
        if len(page) < PAGE:
            break
        before = page[-1].id
    rows = await rows_of(conn, _THESE, ids[:size])
    found = [KeptReport(**row._asdict()) for row in rows]
    return sorted(found, key=lambda each: each.id, reverse=True)


async def problems_page(
    conn: AsyncConnection, number: int, after: int = 0, *, size: int = PAGE
) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """Return problems of report *number* by their place, the *size* ones *after* one.

    An empty page is the end.
    """
    values = {"number": number, "after": after, "size": size}
    return [(n, told) for n, told in await conn.execute(_PROBLEMS, values)]


async def preview_page(
    conn: AsyncConnection, number: int, *, first: int, last: int, size: int
) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """Return what report *number* says it would change, by its place from 1.

    The *size* first ones from place *first* on, up to place *last*.
    """
    values = {"number": number, "first": 1 - first, "last": -last, "size": size}
    return [(-n, told) for n, told in await conn.execute(_PREVIEW, values)]


async def latest_of_source(
    conn: AsyncConnection, source: str, *, without: Collection[str]
) -> int:
    """Return the number of the last report of *source*; 0 if there is none.

    Those with an outcome of *without* do not count.
    """
    values = {"source": source, "without": list(without)}
    found = await conn.execute(_LATEST, values)
    return found.scalar_one() or 0


async def decide_report(
    conn: AsyncConnection,
    number: int,
    *,
    told: Mapping[str, Any],
    decided: str,
    outcomes: Collection[str],
) -> bool:
    """Give report *number* another outcome and text; False if it has none of these.

    Args:
        conn: A connection in a transaction of the caller.
        number: The number.
        told: All that is told of it from now on.
        decided: The new outcome.
        outcomes: Those that it may have now.
    """
    values = {"number": number, "outcomes": list(outcomes)}
    more = {"decided": decided, "new_told": dict(told)}
    return bool((await conn.execute(_DECIDE, values | more)).rowcount)


async def file_parts(conn: AsyncConnection, content_hash: str) -> AsyncIterator[bytes]:
    """Yield the bytes of a kept file, a part at a time."""
    n = 0
    while True:
        found = await conn.execute(_PART, {"hash": content_hash, "place": n})
        part: bytes | None = found.scalar_one_or_none()
        if part is None:
            return
        yield part
        n += 1


async def erase_old_reports(conn: AsyncConnection, now: datetime) -> None:
    """Erase what has been kept for as long as it may be."""
    rows = (await conn.execute(_OVER, {"now": now})).all()
    await _erase(conn, rows, now)


async def erase_reports(conn: AsyncConnection, now: datetime) -> None:
    """Erase all that is kept: of whom a file tells, nobody has looked up."""
    rows = (await conn.execute(_ALL)).all()
    await _erase(conn, rows, now)


async def _erase(conn: AsyncConnection, rows: Sequence[Any], now: datetime) -> None:
    ids = [row[0] for row in rows]
    await execute_for(conn, _FORGET_PROBLEMS, ids)
    await execute_for(conn, _FORGET_TOLD, ids, {"now": now})
    await execute_for(conn, _UNUSED, sorted({row[1] for row in rows}))
