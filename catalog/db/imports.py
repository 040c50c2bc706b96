"""Imports and their effects on buyers, as they are kept.

Each import that changes something has a number. A change of it that takes a product
from buyers is kept as an effect under that number, and is unconfirmed until a named
person confirms that import, or one that says the same later. A command of a person
lifts the effects on the same facts. Functions over a connection that the caller opened;
none of them commits.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, execute_for, rows_of
from catalog.db.retention import KEPT_FOR
from catalog.db.tables import catalog_import, confirmation, import_effect
from catalog.eligibility.effects import Entered
from catalog.errors import PastImportError
from catalog.model.effect import EffectKind, Key

_THIS = (
    import_effect.c.product_id == bindparam("product"),
    import_effect.c.kind == bindparam("what"),
    import_effect.c.key == bindparam("about"),
)
_LIFT = update(import_effect).where(*_THIS, import_effect.c.stands)
_LIFT = _LIFT.values(stands=False)
_CONFIRM = (
    update(import_effect)
    .where(*_THIS, import_effect.c.stands, import_effect.c.confirmed_in.is_(None))
    .values(confirmed_in=bindparam("number"))
)
_OF_PRODUCERS = (
    import_effect.c.kind == EffectKind.CONSENT.value,
    import_effect.c.key.in_(IDS),
    import_effect.c.stands,
)
_REFUSING = select(import_effect.c.product_id, import_effect.c.key).where(
    *_OF_PRODUCERS, import_effect.c.confirmed_in.is_(None)
)
_CONSENTING = update(import_effect).where(*_OF_PRODUCERS).values(stands=False)
_ABOUT: Any = select(
    *import_effect.c["product_id", "kind", "key", "import_id", "stands", "confirmed_in"]
).where(import_effect.c.product_id.in_(IDS))
_RECENT = (
    select(import_effect.c.product_id, catalog_import.c.source)
    .join(catalog_import, catalog_import.c.id == import_effect.c.import_id)
    .where(
        catalog_import.c.imported_at >= bindparam("since"),
        import_effect.c.confirmed_in.is_(None),
        import_effect.c.asks,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import.

    Attributes:
        id: Its number.
        source: Name of the source.
        file: Name of the file, or that of the source.
        imported_at: When it was made, in UTC.
        confirmed_by: Who has confirmed it, or "".
        created: How many products it has made; None if that was not kept.
        changed: How many others it has changed; None if that was not kept.
        changes_until: Until when it can be taken back; None if its changes were never
            kept.
        undoes: The import that it takes back; None if it is one of a file.
        undone_in: The one that took it back; None if it stands.
        exported_at: When its sheet was exported from this catalog; None if never.
    """

    id: int
    source: str
    file: str
    imported_at: datetime
    confirmed_by: str
    created: int | None = None
    changed: int | None = None
    changes_until: datetime | None = None
    undoes: int | None = None
    undone_in: int | None = None
    exported_at: datetime | None = None


async def keep_import(
    conn: AsyncConnection,
    *,
    source: str,
    file: str,
    now: datetime,
    confirmed_by: str,
    created: int = 0,
    changed: int = 0,
    undoes: int | None = None,
    exported_at: datetime | None = None,
) -> int:
    """Keep an import, or the undoing of one; return its number."""
    values = {
        "source": source,
        "file": file,
        "imported_at": now,
        "confirmed_by": confirmed_by,
        "created": created,
        "changed": changed,
        "changes_until": now + KEPT_FOR,
        "undoes": undoes,
        "exported_at": exported_at,
    }
    statement = insert(catalog_import).returning(catalog_import.c.id)
    return int((await conn.execute(statement, values)).scalar_one())


async def list_imports(
    conn: AsyncConnection, *, limit: int, before: int | None = None
) -> Sequence[Import]:
    """Return the last *limit* imports, below number *before*, the latest first."""
    newest = select(catalog_import).order_by(catalog_import.c.id.desc()).limit(limit)
    if before is not None:
        newest = newest.where(catalog_import.c.id < before)
    return [Import(**row) for row in (await conn.execute(newest)).mappings()]


async def import_made(conn: AsyncConnection, number: int) -> Import:
    """Return import *number*.

    Raises:
        PastImportError: There is none.
    """
    found = await imports_of(conn, [number])
    if number not in found:
        message = (
            f"không có lần nạp {number} (xem: ocop-sync import list) / there is no"
            f" import {number} (see ocop-sync import list)"
        )
        raise PastImportError(message)
    return found[number]


async def same_source(conn: AsyncConnection, made: Import) -> Sequence[Import]:
    """Return the other imports of the source of *made*, the latest first.

    Undoings are left out.
    """
    chosen = (
        select(catalog_import)
        .where(
            catalog_import.c.source == made.source,
            catalog_import.c.id != made.id,
            catalog_import.c.undoes.is_(None),
        )
        .order_by(catalog_import.c.id.desc())
    )
    return [Import(**row) for row in (await conn.execute(chosen)).mappings()]


async def mark_undone(conn: AsyncConnection, number: int, by: int) -> None:
    """Record that import *number* was taken back, and in which undoing."""
    this = update(catalog_import).where(catalog_import.c.id == number)
    await conn.execute(this.values(undone_in=by))


async def products_with_effects(conn: AsyncConnection, number: int) -> Sequence[str]:
    """Return the products from which import *number* took something, sorted."""
    ids = (
        select(import_effect.c.product_id)
        .where(import_effect.c.import_id == number)
        .distinct()
    )
    return sorted((await conn.execute(ids)).scalars())


async def imports_of(
    conn: AsyncConnection, numbers: Collection[int]
) -> dict[int, Import]:
    """Return imports by number; unknown numbers are left out."""
    if not numbers:
        return {}
    chosen = select(catalog_import).where(catalog_import.c.id.in_(sorted(numbers)))
    found = (await conn.execute(chosen)).mappings().all()
    return {row["id"]: Import(**row) for row in found}


async def keep_effects(
    conn: AsyncConnection, number: int, entered: Iterable[Entered], *, confirmed: bool
) -> None:
    """Keep the effects of import *number*; they replace those in their place."""
    effects = list(entered)
    await lift_effects(
        conn, [(each.product_id, each.kind, each.key) for each in effects]
    )
    rows = [
        {
            "product_id": each.product_id,
            "kind": each.kind.value,
            "key": each.key,
            "import_id": number,
            "stands": each.kind is not EffectKind.STARS,
            "asks": each.asks,
            "confirmed_in": number if confirmed else None,
        }
        for each in effects
    ]
    await execute_each(conn, insert(import_effect), rows)


async def lift_effects(conn: AsyncConnection, keys: Iterable[Key]) -> None:
    """Let effects stand no longer: they are over, or a person stands for them."""
    values = [_values(key) for key in keys]
    await execute_each(conn, _LIFT, values)


async def confirm_effects(
    conn: AsyncConnection, number: int, keys: Iterable[Key]
) -> None:
    """Record that import *number*, which a person has confirmed, says the same."""
    values = [{**_values(key), "number": number} for key in keys]
    await execute_each(conn, _CONFIRM, values)


async def confirm_held(
    conn: AsyncConnection,
    held: Mapping[str, Any],
    *,
    source: str,
    token: str,
    who: str,
    now: datetime,
) -> None:
    """Keep a person's confirmation of the holds of an import, as *held* shows them."""
    values = {
        "confirmed_at": now,
        "who": who,
        "source": source,
        "token": token,
        "held": held,
    }
    await conn.execute(insert(confirmation), values)


async def effects_about(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the stored effects of products, and who confirmed them.

    The key is the product, and the kind, subject and import of the effect.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in await rows_of(conn, _ABOUT, product_ids):
        product_id, kind, about, number, stands, confirmed_in = row
        state = {"stands": stands, "confirmed_in": confirmed_in}
        found[product_id, f"{kind} {about} {number}"] = state
    return found


async def refusing(
    conn: AsyncConnection, producer_ids: Sequence[str]
) -> list[tuple[str, str]]:
    """Return product and producer wherever nobody has confirmed a refusal.

    A sheet says that one of *producer_ids* does not consent.
    """
    rows = await rows_of(conn, _REFUSING, producer_ids)
    return [(product_id, key) for product_id, key in rows]


async def lift_consent_effects(
    conn: AsyncConnection, producer_ids: Sequence[str]
) -> None:
    """Settle all statements of imports on the consent of producers."""
    await execute_for(conn, _CONSENTING, producer_ids)


async def recent_effects(
    conn: AsyncConnection, since: datetime
) -> list[tuple[str, str]]:
    """Return the products that imports have taken from since then, with the source.

    Imports that a person has confirmed are left out: that person saw the list.
    """
    rows = await conn.execute(_RECENT, {"since": since})
    return [(product_id, source) for product_id, source in rows]


def _values(key: Key) -> dict[str, Any]:
    product_id, kind, about = key
    return {"product": product_id, "what": kind.value, "about": about}
