"""The values of an import that a page shows: changed, asked about, held."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from pydantic import Field

from catalog.eligibility import Text
from catalog.errors import PastImportError
from catalog.imports.preview import CHANGES, DAYS, PRICES
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.pages.import_words import (
    ChangeRow,
    change_rows,
    day_words,
    field_words,
    value_words,
)
from ocop_sync.pages.visit import Visit
from ocop_sync.service.department.imports import (
    ImportReading,
    import_changes,
    import_preview,
    kept_of,
)

_LOOKED_AT: Final = 200
FIRST: Final = 10
"""Changes and examples that are shown on the page of the report."""


class AfterQuery(Model):
    """Which part of a list."""

    after: Annotated[int, Field(ge=0, le=2**31 - 1), WHOLE] = 0
    """The place of the last one on the page before."""


class ChangesQuery(AfterQuery):
    """Which changes: behind a number, or behind the place of one that was made."""

    entity: Annotated[str, Field(max_length=32)] = ""
    subject: Annotated[str, Field(max_length=64)] = ""
    key: Annotated[str, Field(max_length=200)] = ""
    field: Annotated[str, Field(max_length=64)] = ""


async def changes_of(
    visit: Visit, found: ImportReading, query: ChangesQuery, size: int
) -> tuple[list[ChangeRow], str]:
    """Return changes in words, and the query of those that follow."""
    if found.made is not None:
        place = (query.entity, query.subject, query.key, query.field)
        try:
            made = await import_changes(
                visit.deployment,
                found.made.id,
                place if query.entity else None,
                size=size,
            )
        except (PastImportError, ValueError):
            return [], ""
        rows = [
            row
            for e in made.part.changes
            for row in change_rows(
                tuple(map(str, e.where)), e.before, e.after, made.names, erased=e.erased
            )
        ]
        end = made.part.last
        following = "" if end is None else urlencode(dict(end._asdict()))
        return rows, following
    number = found.page.report.id
    part = await import_preview(
        visit.deployment, number, CHANGES, after=query.after, size=size
    )
    rows = [
        row
        for _, e in part.entries
        for row in change_rows(e["where"], e["before"], e["after"], part.names)
    ]
    last = query.after + len(part.entries)
    has_more = last < kept_of(found.page.report, CHANGES)
    return rows, urlencode({"after": last}) if has_more else ""


async def first_changes(visit: Visit, found: ImportReading) -> list[ChangeRow]:
    """Return the first changes; that a source names a product now, behind others."""
    rows, _ = await changes_of(visit, found, ChangesQuery(), _LOOKED_AT)
    return sorted(rows, key=lambda each: each.is_naming)[:FIRST]


async def asked_values(
    visit: Visit, found: ImportReading
) -> list[tuple[str, Text, Text, Text]]:
    """Return doubtful values, before and after: the first ones of each kind."""
    number, read = found.page.report.id, partial(import_preview, visit.deployment)
    prices = await read(number, PRICES, after=0, size=FIRST)
    days = await read(number, DAYS, after=0, size=FIRST)
    rows = [
        (
            f"{prices.names.get(e['product'], e['product'])} · {e['pack']}",
            field_words("variant", "price_vnd"),
            value_words("variant", "price_vnd", e["before"]),
            value_words("variant", "price_vnd", e["after"]),
        )
        for _, e in prices.entries
    ]
    rows += [
        (
            days.names.get(e["product"], e["product"]),
            field_words("certificate", e["column"]),
            day_words(e["before"]),
            day_words(e["after"]),
        )
        for _, e in days.entries
    ]
    return rows


def holds_of(found: ImportReading) -> list[tuple[Text, Text, Sequence[Sequence[str]]]]:
    """Return why the whole file waits: the column, how much, and examples."""
    told: Any = found.page.report.told or {}
    rows: list[tuple[Text, Text, Sequence[Sequence[str]]]] = []
    for each in told.get("holds", ()):
        if "takes" in each:
            what = Text("Lấy khỏi người mua", "Taken from buyers")
            numbers = f"{each['takes']}/{each['of']}"
            how = Text(
                f"{numbers} sản phẩm trong 24 giờ", f"{numbers} products in 24 hours"
            )
            rows.append((what, how, ()))
            continue
        numbers = f"{each['changed']}/{each['of']}"
        column = Text(f"Cột {each['called']}", f"Column {each['called']}")
        how = Text(f"{numbers} đổi hoặc bị xóa", f"{numbers} change or are emptied")
        if each["doubtful"]:
            how = Text(f"{numbers} giá đáng ngờ", f"{numbers} doubtful prices")
        rows.append((column, how, each["examples"]))
    return rows
