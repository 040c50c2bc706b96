"""Products to people: all of them, one, and where one is on sale."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import click

from catalog.model.product import Entry
from ocop_sync.api.forms.products import PackForm, ProductForm, StateForm, WhyForm
from ocop_sync.cli.views.tables import SIMULATED, console, indented, plain, show_line
from ocop_sync.engine.reasons.for_producer import Doer
from ocop_sync.service.producer.why import SaleState

_STATES: Final = {
    SaleState.ON_SALE: "đang bán / on sale",
    SaleState.SOLD_OUT: "đang bán, hết hàng / on sale, sold out",
    SaleState.UNCONFIRMED: "chưa xác nhận / unconfirmed",
    SaleState.IN_REVIEW: "chờ sàn duyệt / in review",
    SaleState.REFUSED: "sàn từ chối / refused",
    SaleState.NOT_ELIGIBLE: "không được bán / not eligible",
    SaleState.HELD: "tạm giữ / held",
    SaleState.WAITING: "chờ đăng / waiting",
}
_DOERS: Final = {
    Doer.PRODUCER: "cơ sở / the producer",
    Doer.DEPARTMENT: "sở / the department",
    Doer.MARKETPLACE: "sàn / the marketplace",
    Doer.NOBODY: "",
}


async def show_products(found: AsyncIterator[Entry]) -> None:
    """Show products one by one, a line each, and how many there are."""
    count = 0
    async for product, maker in found:
        count += 1
        by = f" ({plain(maker.name)})" if maker else ""
        paused = ", tạm dừng / paused" if product.paused else ""
        show_line(f"{plain(product.id)} {plain(product.name)}{by}{paused}")
    click.echo(f"Tổng cộng / total: {count}")


def show_product(found: ProductForm) -> None:
    """Show one product with its packs and its producer's texts."""
    by = f" ({plain(found.producer.name)})" if found.producer else ""
    show_line(f"[b]{plain(found.id)}[/b] {plain(found.name)}{by}")
    if found.paused:
        show_line("tạm dừng bán / its sale is stopped")
    out = console()
    for pack in found.packs:
        out.print(indented(_pack(pack)))
    for name, text in found.texts.items():
        if text:
            out.print(indented(f"{name}: {text}"))


def _pack(pack: PackForm) -> str:
    price = "?" if pack.price_vnd is None else f"{pack.price_vnd:,}".replace(",", ".")
    return (
        f"{pack.sku}: {price} đồng; còn / left {pack.left},"
        f" bán được / available {pack.available}"
    )


def show_why(found: WhyForm) -> None:
    """Show where a product is on sale, with every reason and who is to act."""
    show_line(f"[b]{plain(found.product)}[/b] {plain(found.name)}")
    if found.simulated:
        click.echo(SIMULATED)
    for there in found.marketplaces:
        show_line(f"{plain(there.marketplace)}: {_STATES[there.state]}")
        for line in _reasons(there):
            console().print(indented(line))


def _reasons(there: StateForm) -> Iterator[str]:
    for said in there.said:
        yield f"sàn nói / the marketplace says: {said.message}"
    for each in there.reasons:
        who = f" [{_DOERS[each.who]}]" if _DOERS[each.who] else ""
        yield f"{each.code}: {each.seen.vi} / {each.seen.en}"
        yield f"   {each.todo.vi} / {each.todo.en}{who}"
