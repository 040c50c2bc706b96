"""People who work a marketplace by hand: they read cells, act there, and fill cells in.

They know nothing of the adapter but the sheets that it hands out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from adapters.sheet.template import OF_PACK, Template
from ocop_sync.marketplace.by_hand import Cell, HandSheet, SellerCell, Table, TableLine
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    StarClaim,
    Variant,
)

EMPTY = Listing(
    client_ref="", seller_ref="", title="", description="", category="", variants=()
)


@dataclass
class There:
    """A listing that people have put there; *ref* is the row that asked for it."""

    address: str
    ref: str
    shown: Listing
    state: RemoteState = RemoteState.LIVE
    garbled: bool = False


@dataclass
class Staff:
    """The marketplace as its staff keep it, by address.

    Attributes:
        refuses: Tickets that they cannot carry out, with the reason.
        known: What they have answered, by ticket: nobody does a row twice.
    """

    template: Template
    there: dict[str, There] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    made: int = 0

    def new_address(self) -> str:
        """Return the address of the next listing."""
        self.made += 1
        return f"https://san.example/p/{self.made}.html"

    def fill(self, sheets: Sequence[HandSheet]) -> list[Table]:
        """Carry out all rows, and return the sheets filled in."""
        return [self._filled(each) for each in sheets]

    def _filled(self, sheet: HandSheet) -> Table:
        names = [each.text for each in sheet.headings]
        lines = [TableLine(2, dict(enumerate(names)))]
        answers: dict[str, dict[str, str]] = {}
        for ticket, cells in grouped(sheet, self.template):
            if ticket not in self.known:
                self.known[ticket] = self._done(ticket, cells)
            answers[ticket] = self.known[ticket]
        for n, row in enumerate(sheet.rows, start=3):
            told = answers[str(row[0])]
            read = {i: spelt(each) for i, each in enumerate(row) if each is not None}
            read |= {names.index(name): text for name, text in told.items()}
            lines.append(TableLine(n, read))
        return Table(sheet.name, lines)

    def _done(self, ticket: str, lines: Sequence[Mapping[str, Cell]]) -> dict[str, str]:
        own, results = self.template.own, self.template.results
        if ticket in self.refuses:
            why = self.refuses[ticket]
            return {own.result: results.refused[0], own.why: why}
        address = self._act(ticket, lines)
        return {own.result: results.done[0], own.address: address}

    def _act(self, ticket: str, lines: Sequence[Mapping[str, Cell]]) -> str:
        first, acts = lines[0], self.template.acts
        act, address = first[self.template.own.act], first[self.template.own.address]
        if act == acts.create:
            made = self._entered(EMPTY, lines)
            new = self.new_address()
            self.there[new] = There(new, ticket, made)
            return new
        if address not in self.there:  # never listed, and to go down
            return ""
        found = self.there[str(address)]
        if act == acts.withdraw:
            found.state = RemoteState.DOWN
        elif act == acts.republish:
            found.state = RemoteState.LIVE
        elif act == acts.update:
            found.shown = self._entered(found.shown, lines)
        else:
            wanted = self._entered(EMPTY, lines)
            names = {
                acts.set_price: "price_vnd",
                acts.set_stock: "stock",
                acts.set_stars: "stars",
            }
            name = names[str(act)]
            if name == "stars":
                found.shown = replace(found.shown, stars=wanted.stars)
            else:
                changed = str(first[self.template.own.changes])
                packs = {p.sku: p for p in wanted.variants if f"{p.sku}:" in changed}
                found.shown = replace(
                    found.shown,
                    variants=tuple(
                        replace(p, **{name: getattr(packs[p.sku], name)})
                        if p.sku in packs
                        else p
                        for p in found.shown.variants
                    ),
                )
        return found.address

    def _entered(self, shown: Listing, lines: Sequence[Mapping[str, Cell]]) -> Listing:
        """Return a listing as it is typed in; packs that stay keep their numbers."""
        values = {
            column.value: lines[0].get(column.heading)
            for column in self.template.columns
        }
        there = {pack.sku: pack for pack in shown.variants}
        packs = []
        for line in lines:
            found: dict[str, Any] = {
                column.value: line.get(column.heading)
                for column in self.template.columns
                if column.value in OF_PACK
            }
            pack = Variant(
                sku=str(found["sku"]),
                pack=str(found.get("pack") or ""),
                price_vnd=int(found.get("price_vnd") or 0),
                stock=int(found.get("stock") or 0),
                gtin=str(found.get("gtin") or ""),
                weight_g=found.get("weight_g"),
            )
            before = there.get(pack.sku, pack)
            packs.append(replace(pack, price_vnd=before.price_vnd, stock=before.stock))
        stars = values.get("stars")
        until = values.get("valid_to")
        claim = (
            StarClaim(
                stars=int(str(stars)),
                decision=str(values.get("decision") or ""),
                valid_to=until if isinstance(until, date) else None,
            )
            if stars
            else None
        )
        return replace(
            shown,
            client_ref=str(values.get("reference") or ""),
            title=str(values["title"]),
            description=str(values.get("description") or ""),
            category=str(values.get("category") or ""),
            variants=tuple(packs),
            stars=claim,
        )

    def export(self) -> Table:
        """Return the marketplace's own export."""
        template = self.template.export
        states = {state: words[0] for state, words in template.states.items()}
        headings = dict(enumerate(each.heading for each in template.columns))
        lines = [TableLine(1, headings)]
        for each in self.there.values():
            if each.state is not RemoteState.LIVE and not template.shows_down:
                continue
            for pack in each.shown.variants or (
                Variant(sku="", pack="", price_vnd=0, stock=0),
            ):
                values = {
                    "address": each.address,
                    "title": each.shown.title,
                    "sku": pack.sku,
                    "price_vnd": f"{pack.price_vnd:,}".replace(",", "."),
                    "stock": "???" if each.garbled else str(pack.stock),
                    "state": states.get(each.state, ""),
                }
                cells = {
                    n: values[column.value]
                    for n, column in enumerate(template.columns)
                    if values[column.value]
                }
                lines.append(TableLine(len(lines) + 1, cells))
        return Table("", lines)

    def holds(self) -> list[RemoteListing]:
        """Return what is there, each by the row that asked for it."""
        return [
            RemoteListing(ref=each.ref, state=each.state, shown=each.shown)
            for each in self.there.values()
        ]


def grouped(
    sheet: HandSheet, template: Template
) -> Iterator[tuple[str, list[dict[str, Cell]]]]:
    """Yield each ticket of a sheet, with the cells of its lines by heading."""
    names = [each.text for each in sheet.headings]
    found: dict[str, list[dict[str, Cell]]] = {}
    for row in sheet.rows:
        cells = dict(zip(names, row, strict=True))
        found.setdefault(str(cells[template.own.ticket]), []).append(cells)
    yield from found.items()


def spelt(cell: Cell) -> str:
    """Return a cell as a file of tables is read."""
    return cell.ref if isinstance(cell, SellerCell) else str(cell)
