"""Papers to people: those of products, and what an entry does or has done."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

import click

from catalog.commands.papers import PapersEntered
from catalog.eligibility import Rules, Text
from catalog.errors import HeldPapersError
from catalog.model.fact import Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.product import Product
from ocop_sync.cli.views.tables import plain, show_line, some_of

_HELD: Final = {
    Fact.YES: "có / held",
    Fact.NO: "không có / not there",
    Fact.UNKNOWN: "chưa ai xác nhận / not attested",
}


async def show_papers(found: AsyncIterator[Product], rules: Rules) -> None:
    """Show products one by one, each with its papers below."""
    count = 0
    async for item in found:
        count += 1
        show_line(f"{plain(item.id)} {plain(item.name)}")
        for each in item.papers:
            show_line(f"    {paper_words(each, rules.tables.papers)}")
        if not item.papers:
            show_line("    chưa ghi giấy nào / no paper is known")
    click.echo(f"Tổng cộng / total: {count}")


def paper_words(each: Paper, names: Mapping[PaperKind, Text]) -> str:
    """Return a paper on one line, with what is known of it."""
    parts = [f"{each.kind.value} ({names[each.kind]}): {_HELD[each.held.value]}"]
    if each.number:
        parts.append(f"số / number {plain(each.number)}")
    if each.issued_on:
        parts.append(f"cấp / issued {each.issued_on:%d/%m/%Y}")
    if each.expires_on:
        parts.append(f"đến / until {each.expires_on:%d/%m/%Y}")
    if each.held.by:
        on = f" {each.held.on:%d/%m/%Y}" if each.held.on else ""
        parts.append(f"đã xem / seen {plain(each.held.by)}{on}")
    return ", ".join(parts)


def show_held_papers(error: HeldPapersError) -> None:
    """Show what an entry would do, and the token that confirms it."""
    named = ", ".join(f"{plain(id_)} {plain(name)}" for id_, name in error.names)
    rest = error.changed - len(error.names)
    more = f" … +{rest}" if rest else ""
    click.echo(
        f"chưa ghi gì / nothing was entered: {error.changed} sản phẩm / products"
    )
    show_line(f"  {named}{more}")
    if error.replaced:
        show_line(f"  thay giấy đang ghi / another paper gives way: {error.replaced}")
    if error.taken:
        show_line(
            f"  {error.taken} sản phẩm thôi bán, tính vào mức được gỡ theo quy tắc giấy"
            f" tờ / {error.taken} are taken off sale, and count in the budget under the"
            " rule that asks for the paper"
        )
        for id_, name, since in error.takes:
            show_line(f"    {plain(id_)} {plain(name)}: từ / from {since:%d/%m/%Y}")
        if (left := error.taken - len(error.takes)) > 0:
            show_line(f"    … +{left}")
    click.echo(f"đúng ý thì thêm / if it is meant, add: --confirm {error.token}")


def show_entered(found: PapersEntered) -> None:
    """Show what an entry has done."""
    if not found.changed:
        click.echo("đã như vậy / it is so already")
    else:
        named = some_of(found.changed)
        show_line(
            f"đã ghi / entered: {len(found.changed)} sản phẩm / products: {named}"
        )
    if found.replaced:
        show_line(f"thay giấy đang ghi / another paper gave way: {found.replaced}")
    if found.taken:
        show_line(f"thôi bán / taken off sale: {found.taken}")
    if found.without:
        show_line(f"chưa ghi giấy loại này / without such a paper: {found.without}")
