"""From rows to the sheets that people get: what must go down first, then by urgency."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from msgspec import Struct

from adapters.sheet.carried_out import carried_out
from adapters.sheet.state import Kept, Row
from adapters.sheet.template import OF_PACK, Template
from ocop_sync.marketplace.by_hand import Cell, HandSheet, Heading, SellerCell
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Listing, Variant

_VIETNAM: Final = timezone(timedelta(hours=7))
_ON_EACH_LINE: Final = OF_PACK | {"reference", "title"}
_FIELDS: Final = {
    "title": "tên",
    "description": "mô tả",
    "category": "ngành hàng",
    "attributes": "thuộc tính",
    "pictures": "ảnh",
    "trace_url": "trang truy xuất",
    "variants": "quy cách",
    "client_ref": "mã tham chiếu",
}
_NEVER_LISTED: Final = "chưa thấy báo đã đăng: đừng đăng, đã đăng rồi thì gỡ"


class Handed(Struct, frozen=True, kw_only=True):
    """A row as it was handed out, with its listing as that was known then."""

    row: Row
    kept: Kept


def urgency(each: Handed) -> tuple[int, datetime]:
    """Return by which rows are sorted, the most urgent first."""
    row, shown = each.row, each.kept.shown
    return _urgency(row, shown), row.made_at


def _urgency(row: Row, shown: Listing) -> int:
    if row.kind is Kind.WITHDRAW:
        return 0
    there = {pack.sku: pack.stock for pack in shown.variants}
    lower = [n for sku, n in row.stocks.items() if n < there.get(sku, 0)]
    if lower:
        return 1 if 0 in lower else 2
    has = shown.stars.stars if shown.stars else 0
    if row.kind is Kind.SET_STARS and (row.stars.stars if row.stars else 0) < has:
        return 3
    order = (
        Kind.SET_PRICE,
        Kind.SET_STOCK,
        Kind.CREATE,
        Kind.REPUBLISH,
        Kind.SET_STARS,
    )
    return 4 + (order.index(row.kind) if row.kind in order else len(order))


def sheets_of(handed: Sequence[Handed], template: Template) -> tuple[HandSheet, ...]:
    """Return the sheets of a batch; those without rows are left out."""
    downs = [each for each in handed if each.row.kind is Kind.WITHDRAW]
    others = [each for each in handed if each.row.kind is not Kind.WITHDRAW]
    found = []
    if downs:
        found.append(_to_take_down(downs, template))
    if others:
        found.append(_to_do(others, template))
    return tuple(found)


def _to_take_down(handed: Sequence[Handed], template: Template) -> HandSheet:
    own = template.own
    headings = (
        Heading(text=own.ticket, width=14),
        Heading(text=own.act, width=16),
        Heading(text=own.address, width=40),
        *(
            Heading(text=each.heading, width=each.width)
            for each in template.columns
            if each.value in ("reference", "title", "seller")
        ),
        Heading(text=own.reason, width=50),
        Heading(text=own.due, width=18),
        *_answered(template),
    )
    rows = tuple(
        (
            each.row.ticket,
            template.acts.withdraw,
            each.kept.address or _NEVER_LISTED,
            *(
                _of_listing(column.value, each.kept.shown, each.row)
                for column in template.columns
                if column.value in ("reference", "title", "seller")
            ),
            each.row.reason,
            _moment(each.row.due_at),
            None,
            None,
        )
        for each in handed
    )
    return HandSheet(
        name=template.batches.to_take_down,
        note=template.note,
        headings=headings,
        rows=rows,
    )


def _to_do(handed: Sequence[Handed], template: Template) -> HandSheet:
    own = template.own
    headings = (
        Heading(text=own.ticket, width=14),
        Heading(text=own.act, width=16),
        Heading(text=own.changes, width=30),
        Heading(text=own.address, width=40),
        *(Heading(text=each.heading, width=each.width) for each in template.columns),
        *_answered(template),
    )
    rows = [line for each in handed for line in _lines(each, template)]
    return HandSheet(
        name=template.batches.to_do,
        note=template.note,
        headings=headings,
        rows=tuple(rows),
    )


def _answered(template: Template) -> tuple[Heading, Heading]:
    words = template.results
    choices = (words.done[0], words.refused[0])
    return (
        Heading(text=template.own.result, width=14, choices=choices),
        Heading(text=template.own.why, width=40),
    )


def _lines(each: Handed, template: Template) -> list[tuple[Cell, ...]]:
    """Return the lines of a row: one for each pack of its listing."""
    row, kept = each.row, each.kept
    wanted = carried_out(kept.shown, row)
    act = getattr(template.acts, row.kind.value)
    lines: list[tuple[Cell, ...]] = []
    for n, pack in enumerate(wanted.variants):
        values = [
            _of_pack(column.value, pack)
            if column.value in OF_PACK
            else _of_listing(column.value, wanted, row)
            if n == 0 or column.value in _ON_EACH_LINE
            else None
            for column in template.columns
        ]
        changes = _changes(row, kept.shown) if n == 0 else None
        address = (kept.address or None) if n == 0 else None
        lines.append((row.ticket, act, changes, address, *values, None, None))
    return lines


def _of_pack(value: str, pack: Variant) -> Cell:
    found: Cell = getattr(pack, value)
    return None if found == "" else found


def _of_listing(value: str, listing: Listing, row: Row) -> Cell:
    match value:
        case "reference":
            return listing.client_ref or row.client_ref
        case "seller":
            return SellerCell(listing.seller_ref) if listing.seller_ref else None
        case "attributes":
            return (
                "\n".join(f"{name}: {text}" for name, text in listing.attributes)
                or None
            )
        case "pictures":
            named = pictures_of(row, listing)
            return (
                "\n".join(f"{name}\n{address}" for name, address in named.items())
                or None
            )
        case "stars" | "decision" | "valid_to":
            return (
                None if listing.stars is None else getattr(listing.stars, value) or None
            )
    found: Cell = getattr(listing, value)
    return found or None


def pictures_of(row: Row, listing: Listing) -> dict[str, str]:
    """Return the address of each picture that a row shows, by the name of its file."""
    return {
        f"{row.ticket}-{n}.jpg": address
        for n, address in enumerate(listing.pictures, start=1)
    }


def pictures_to_send(each: Handed) -> dict[str, str]:
    """Return the pictures that people have to upload for a row, as of `pictures_of`."""
    row = each.row
    is_new = row.kind is Kind.CREATE or "pictures" in row.fields
    return pictures_of(row, carried_out(each.kept.shown, row)) if is_new else {}


def _changes(row: Row, shown: Listing) -> Cell:
    there = {pack.sku: pack for pack in shown.variants}
    if row.prices:
        return _numbers(row.prices, {s: p.price_vnd for s, p in there.items()})
    if row.stocks:
        return _numbers(row.stocks, {s: p.stock for s, p in there.items()})
    if row.kind is Kind.SET_STARS:
        has = f"{shown.stars.stars} sao" if shown.stars else "không"
        wants = f"{row.stars.stars} sao" if row.stars else "xóa mọi thông tin OCOP"
        return f"{has} → {wants}"
    if row.kind is Kind.UPDATE:
        return ", ".join(_FIELDS.get(name, name) for name in row.fields)
    return None


def _numbers(wanted: Mapping[str, int], there: Mapping[str, int]) -> str:
    return "\n".join(
        f"{sku}: {_spelt(there.get(sku))} → {_spelt(n)}" for sku, n in wanted.items()
    )


def _spelt(number: int | None) -> str:
    return "?" if number is None else f"{number:,}".replace(",", ".")


def _moment(at: datetime | None) -> Cell:
    return None if at is None else f"{at.astimezone(_VIETNAM):%H:%M %d/%m/%Y}"
