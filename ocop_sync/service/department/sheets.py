"""Sheets of the department: the catalog, worklists, one to fill in; lists of products.

They are the ones that the command line writes and reads. Each is written whole to a
file that the caller names, for its owner alone, so that it can be made in another
process and needs no room in memory.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from catalog.commands.product_list import read_codes
from catalog.feed.write.template import write_template
from catalog.queries.export import export_catalog
from catalog.queries.worklist_tables import ENDS, LACKS
from ocop_sync.files import write_whole
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.worklists import expiring, missing_papers

TableKind = Literal["xlsx", "csv"]
"""The kinds of tables."""
CatalogKind = Literal["xlsx", "csv", "json"]
"""The kinds of files that hold a catalog."""
TEMPLATE_NAME: Final = "bang-mau.xlsx"
"""As the command line calls it."""


async def write_catalog(deployment: Deployment, file: Path, kind: CatalogKind) -> int:
    """Write the catalog to *file*; return how many rows.

    It can be imported again, and is one state of the catalog, stamped with now.

    Raises:
        NotWrittenError: The file cannot be written.
    """
    with write_whole(file) as stream:
        return await deployment.database.fetch(
            export_catalog, stream=stream, kind=f".{kind}", now=deployment.clock()
        )


async def write_expiring(
    deployment: Deployment,
    file: Path,
    kind: TableKind,
    *,
    days: int,
    at: datetime | None = None,
) -> int:
    """Write the certificates that end within *days* days; return how many rows.

    Products that cannot be evaluated are not in it, as nobody knows of them.

    Args:
        deployment: What there is.
        file: Where to.
        kind: Which kind of table.
        days: So many days ahead.
        at: As of this instant in UTC; now if None.

    Raises:
        NotWrittenError: The file cannot be written.
    """
    now = deployment.clock()
    found = await deployment.database.fetch(
        expiring, rules=deployment.rules, at=at or now, days=days
    )
    with write_whole(file) as stream:
        await asyncio.to_thread(ENDS.write, stream, f".{kind}", found.rows, now)
    return len(found.rows)


async def write_missing_papers(
    deployment: Deployment,
    file: Path,
    kind: TableKind,
    *,
    at: datetime | None = None,
) -> int:
    """Write the papers that are missing, as `write_expiring` does."""
    now = deployment.clock()
    found = await deployment.database.fetch(
        missing_papers, rules=deployment.rules, at=at or now
    )
    with write_whole(file) as stream:
        await asyncio.to_thread(LACKS.write, stream, f".{kind}", found.rows, now)
    return len(found.rows)


async def codes_in(file: Path) -> list[str]:
    """Return the codes of products that a sheet lists, as decisions take them.

    Raises:
        FeedError: It is no sheet, lists nothing, or a line has no code.
    """

    def read() -> list[str]:
        with file.open("rb") as stream:
            return read_codes(stream)

    return await asyncio.to_thread(read)


async def write_empty_sheet(deployment: Deployment, file: Path) -> None:
    """Write a workbook to fill in, with the communes of the province.

    Raises:
        NotWrittenError: The file cannot be written.
    """
    with write_whole(file) as stream:
        await asyncio.to_thread(write_template, stream, deployment.communes)
