"""Take an import back, and name the products and producers that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import names_of
from catalog.eligibility import Rules
from catalog.imports.confirmation import Confirmation
from catalog.undo.undo import UndoReport, undo_import


@dataclass(frozen=True, slots=True)
class NamedUndo:
    """The report of taking an import back, with names.

    Attributes:
        report: The report.
        names: Names of products and producers by id, of the first of each list.
    """

    report: UndoReport
    names: Mapping[str, str]


async def undo_and_name(
    conn: AsyncConnection,
    number: int,
    *,
    now: datetime,
    rules: Rules,
    confirmed: Confirmation | None,
    named: int,
) -> NamedUndo:
    """Take import *number* back as `undo_import` does.

    Of each list so many are *named*.

    Raises:
        PastImportError: It cannot be taken back.
        AttestationError: It is not said who confirms, or at too great length.
    """
    report = await undo_import(conn, number, now=now, rules=rules, confirmed=confirmed)
    ids = [each.where.subject for each in report.back[:named]]
    ids += [each.where.subject for each in report.stays[:named]]
    return NamedUndo(report, await names_of(conn, [*ids, *report.created[:named]]))
