"""Possible twins of our listings, and doubles of ours: `ocop-sync twins`."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import click
from rich.table import Table

from catalog.model.actor import Actor
from ocop_sync.api.forms.twins import twin_form, twins_head_form
from ocop_sync.cli.app.opened import ask, decide
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE, NUMBER
from ocop_sync.cli.views.listed import listed
from ocop_sync.cli.views.tables import (
    SIMULATED,
    console,
    plain,
    rows_table,
    show_line,
    write_result,
)
from ocop_sync.engine.matching.reference import KEY
from ocop_sync.service.decisions import twin_decisions
from ocop_sync.service.decisions.double_decisions import keep as keep_one
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.twins import Doubled, NamedRow, Offer, all_twins
from ocop_sync.store.decisions.possible_twins import TwinRow


@click.group()
def twins() -> None:
    """Tin trên sàn có thể là sản phẩm của ta / listings that may be our products."""


@twins.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync twins list --all",
)
@click.option(
    "--all", "everything", is_flag=True, help="Cả tin đã quyết / also decided ones."
)
@AS_JSON
def list_(*, everything: bool, as_json: bool) -> None:
    """Liệt kê tin có thể trùng / list possible twins.

    Mỗi sản phẩm có tối đa ba tin, tin giống nhất đứng đầu: cùng mã hàng, cùng mã
    GTIN, rồi đến điểm giống tên (0 đến 100). Of each product at most three, the
    likeliest first: same SKU, same GTIN, then how alike the names are.

    Trước đó là sản phẩm có hai tin của ta (`twins keep`). Before them stand products
    with two listings of ours.
    """
    found = ask(partial(all_twins, state=None if everything else "open"))
    if as_json:
        rows = listed("twins", found.twins, twin_form, twins_head_form(found))
        write_result(rows.json_form())
        return
    mark = SIMULATED if found.simulated else ""
    if found.doubled:
        console().print(doubled_table(found.doubled, mark))
        console().print(_HOW_TO_KEEP)
    if found.twins:
        console().print(twins_table(found.twins, mark))
    elif not found.doubled:
        click.echo("không có tin nào chờ quyết định / no twin waits for a decision")


def twins_table(found: Iterable[NamedRow[TwinRow]], caption: str) -> Table:
    """Return the twins, each product's name above the first of its own."""
    columns = ["số\nid", "sản phẩm\nproduct", "tin trên sàn\nlisting", "giống\nalike"]
    table = rows_table("Tin có thể trùng / Possible twins", columns, caption)
    above = ""
    for each in found:
        row = each.row
        is_first, above = row.product_id != above, row.product_id
        maker = f" ({each.producer_name})" if each.producer_name else ""
        ours = f"{row.product_id} {each.product_name}{maker}"
        seller = f" ({row.seller_name})" if row.seller_name else ""
        state = _STATES.get(row.state, "")
        table.add_row(
            str(row.id),
            plain(ours if is_first else ""),
            plain(f"{row.title}{seller}\n{row.account}, {row.ref}{state}"),
            plain(", ".join([*map(_key_in_words, row.agrees_on), f"{row.score}/100"])),
        )
    return table


_HOW_TO_KEEP = (
    "Chọn tin được giữ / say which one stays:"
    " ocop-sync twins keep SỐ --ref TIN --by TÊN"
)


def doubled_table(found: Iterable[NamedRow[Doubled]], caption: str) -> Table:
    """Return the products with several listings of ours, all their listings named."""
    columns = ["số\nid", "sản phẩm\nproduct", "giữ\nstays", "tin kia\nothers"]
    title = "Sản phẩm có hai tin của ta / Two listings of ours"
    table = rows_table(title, columns, caption)
    for each in found:
        row = each.row
        by = f"\n{row.kept_by}" if row.kept_by else ""
        table.add_row(
            str(row.number),
            plain(f"{row.product_id} {each.product_name}\n{row.account}"),
            plain(f"{_offer(row.stays)}{by}"),
            plain("\n".join(map(_offer, row.others))),
        )
    return table


def _offer(offer: Offer) -> str:
    """Return a listing with how many it offers."""
    return f"{offer.ref}: {'?' if offer.stock is None else offer.stock}"


_STATES = {
    "adopted": " [đã nhận / adopted]",
    "other": " [sản phẩm khác / other]",
    "closed": " [đã nhận tin khác / another was adopted]",
}
_SHARED = {"name": "tên / name", "maker": "cơ sở / maker", "pack": "quy cách / pack"}
_REFERENCE = "mã của ta / our reference"


def _key_in_words(key: str) -> str:
    """Return a shared key of two listings, such as "SKU KHO-1"."""
    kind, _, code = key.partition(":")
    if key.startswith(KEY):
        return _REFERENCE
    return f"{kind.upper()} {code}" if code else _SHARED.get(key, key)


@twins.command(
    short_help="Nhận tin này là của ta / Take the listing over.",
    epilog="Ví dụ / Example: ocop-sync twins adopt 5 --by 'Ng. Văn A'",
)
@click.argument("twin_id", metavar="ID", type=NUMBER)
@BY
def adopt(*, twin_id: int, by: Actor) -> None:
    """Tin trên sàn chính là sản phẩm của ta / the listing is our product.

    Lần đồng bộ tới sẽ nhận tin đó, không đăng tin mới. The next sync takes it
    over instead of creating another.
    """
    said = f"đã nhận tin {twin_id} / twin {twin_id} adopted"
    _decide(partial(twin_decisions.adopt, twin_id=twin_id, by=by), said)


@twins.command(
    short_help="Tin này là sản phẩm khác / It is another product.",
    epilog="Ví dụ / Example: ocop-sync twins other 5 --by 'Ng. Văn A'",
)
@click.argument("twin_id", metavar="ID", type=NUMBER)
@BY
def other(*, twin_id: int, by: Actor) -> None:
    """Tin trên sàn là sản phẩm khác / the listing is another product.

    Sản phẩm của ta sẽ được đăng ở lần tới; nếu tin kia mang mã của ta thì phải xóa mã
    đó khỏi tin trước. Ours is created in the next sync; not as long as that listing
    carries our reference.
    """
    said = f"tin {twin_id} là sản phẩm khác / twin {twin_id} is another product"
    _decide(partial(twin_decisions.decide_other, twin_id=twin_id, by=by), said)


@twins.command(
    short_help="Chọn tin được giữ / Say which of two stays.",
    epilog="Ví dụ / Example: ocop-sync twins keep SP-00012 --ref 401 --by 'Ng. Văn A'",
)
@click.argument("product", metavar="PRODUCT-OR-NUMBER", type=CODE)
@click.option("--ref", type=CODE, required=True, help="Tin được giữ / what stays.")
@BY
def keep(*, product: str, ref: str, by: Actor) -> None:
    """Chọn tin được giữ khi sàn có hai tin của ta / say which of two of ours stays.

    Lần đồng bộ tới gỡ các tin kia. PRODUCT-OR-NUMBER là mã sản phẩm, hoặc số trong
    `drift list`. The next sync withdraws the others. It is the product, or its
    number in `drift list`.
    """
    entry = decide(lambda opened: keep_one(opened, product, ref, by=by))
    about = f"{entry.product_id}; {entry.account}"
    show_line(
        f"giữ tin {plain(ref)}, lần tới gỡ tin kia / {plain(ref)} stays, the others are"
        f" withdrawn next time ({plain(about)})"
    )


def _decide(act: Callable[[Deployment], Awaitable[TwinRow]], said: str) -> None:
    """Decide on a twin and name its subject: numbers are easily mistaken."""
    row = decide(act)
    about = f"{row.product_id}; {row.account}, {row.ref}: {row.title}"
    show_line(f"{said} ({plain(about)})")
