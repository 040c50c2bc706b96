"""Refuse a file that waits: nothing of it was written, and it waits no longer."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.kept_reports import (
    KeptReport,
    decide_report,
    ensure_not_erased,
    kept_report,
)
from catalog.db.writer import lock
from catalog.errors import AttestationError, PastImportError
from catalog.imports.kept_import import Outcome
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.text import clean

REFUSABLE: Final = (Outcome.HELD, Outcome.ASKED, Outcome.PREVIEWED)
"""What nothing was written of."""


async def refuse_import(
    conn: AsyncConnection, number: int, *, by: Actor, now: datetime
) -> KeptReport:
    """Refuse the file of report *number*; return the report as it was.

    The audit keeps who, when and why.

    Raises:
        PastImportError: There is none, it is erased, or something was written of it,
            or somebody else has refused it.
        AttestationError: It is not said who refuses.
    """
    if not clean(by.name):
        message = "phải ghi tên người từ chối / say who refuses it"
        raise AttestationError(message)
    await lock(conn)
    report = await kept_report(conn, number)
    ensure_not_erased(report)
    told = {**(report.told or {}), "refused_by": clean(by.name)}
    done = await decide_report(
        conn,
        number,
        told=told,
        decided=Outcome.REFUSED.value,
        outcomes=[each.value for each in REFUSABLE],
    )
    if not done:
        message = (
            f"báo cáo nạp {number} không còn chờ ai trả lời / report {number} waits"
            " for nobody any more"
        )
        raise PastImportError(message)
    refs = {"report": str(number)}
    await record_act(conn, Act(by=by, kind="refuse_import", at=now, refs=refs))
    return report
