"""Values, price, stock and sale of products: `ocop-sync products`.

Staff do here for a producer what producers do for themselves; with `--for` it is
recorded so, and reaches that producer's products alone. New products and packs, and
other producers of products, are in `ocop_sync.cli.new_products`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any

import click

from catalog.commands.edit_text import OFFICIAL, PACK_TEXTS, PRODUCT_TEXTS, TextEdit
from catalog.commands.own_sale import OVERSELLS, choose_stock_policy, pause_own
from catalog.commands.price import PriceEntry, enter_price
from catalog.commands.stock import (
    AdjustmentEntry,
    CountEntry,
    enter_adjustment,
    enter_count,
)
from catalog.model.actor import Actor
from catalog.model.adjustment import AdjustmentReason
from catalog.model.product import Entry, StockPolicy
from catalog.model.reach import WHOLE_CATALOG, Reach
from ocop_sync.api.forms.products import product_form, why_form
from ocop_sync.cli.acting import because, carry_out, texts_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.on_behalf import FOR, on_behalf
from ocop_sync.cli.app.opened import (
    in_deployment,
    read_catalog,
    shown_while_read,
    write_catalog,
)
from ocop_sync.cli.app.options import AS_JSON, BY, CONFIRM, WHY_AS_WELL
from ocop_sync.cli.app.param_types import CELL, CODE, Moment
from ocop_sync.cli.new_products import add, add_pack, move
from ocop_sync.cli.offers import bulk
from ocop_sync.cli.views.listed import Listed, as_shown
from ocop_sync.cli.views.products import show_product, show_products, show_why
from ocop_sync.cli.views.tables import (
    plain,
    show_line,
    write_json,
    write_result_as_read,
)
from ocop_sync.service.producer.changes import Doing, edit_product
from ocop_sync.service.producer.products import all_products, one_product
from ocop_sync.service.producer.why import why as why_there

_REASONS = {
    "made": AdjustmentReason.MADE,
    "sold-elsewhere": AdjustmentReason.SOLD_ELSEWHERE,
    "broken": AdjustmentReason.BROKEN,
}
_product = click.argument("product", type=CODE)
_sku = click.argument("sku", type=CODE)


def _by_staff(command: Callable[..., None]) -> Callable[..., None]:
    """Let *command* take who acts, for which producer, and why."""

    @wraps(command)
    def given(
        *args: Any, by: Actor, producer: str | None, reason: str, **more: Any
    ) -> None:
        acting, reach = on_behalf(because(by, reason), producer)
        command(*args, act=partial(_done, by=acting, reach=reach), **more)

    return BY(FOR(WHY_AS_WELL(given)))


Act = Callable[[Callable[..., Awaitable[Any]]], Any]


def _done(use_case: Callable[..., Awaitable[Any]], *, by: Actor, reach: Reach) -> Any:
    """Carry a use case out in one transaction; return its result."""
    return run(write_catalog(settings_of(), partial(use_case, by=by, reach=reach)))


def _tell(code: str, changed: bool, vi: str, en: str) -> None:
    if changed:
        show_line(f"{plain(code)}: {vi} / {en}")
    else:
        show_line(f"{plain(code)}: đã như vậy / it is so already")


@click.group()
def products() -> None:
    """Chữ, giá, tồn kho, tạm dừng / text, price, stock and sale of a product."""


for each in (bulk, add, add_pack, move):
    products.add_command(each)


@products.command(
    "list",
    short_help="Mọi sản phẩm / All products.",
    epilog="Ví dụ / Example: ocop-sync products list --producer CS-0001",
)
@click.option(
    "--producer",
    type=CODE,
    metavar="PRODUCER",
    help="Chỉ của cơ sở này / those of this producer alone.",
)
@AS_JSON
def list_(*, producer: str | None, as_json: bool) -> None:
    """Mọi sản phẩm, theo mã / all products, by code."""
    reach = Reach.of([producer]) if producer else WHOLE_CATALOG
    query = partial(all_products, reach=reach)
    show = _write_all if as_json else show_products
    run(read_catalog(settings_of(), shown_while_read(query, show)))


@products.command(
    short_help="Một sản phẩm / One product.",
    epilog="Ví dụ / Example: ocop-sync products show SP-00001",
)
@_product
@AS_JSON
def show(*, product: str, as_json: bool) -> None:
    """PRODUCT: tên, giá, tồn kho, chữ của cơ sở / name, price, stock and texts.

    PRODUCT là mã sản phẩm hoặc SKU. Không có liên hệ của ai. Its code, or an SKU.
    Nobody's contacts are in it.
    """
    query = partial(one_product, code=product, reach=WHOLE_CATALOG)
    form = product_form(run(read_catalog(settings_of(), query)))
    if as_json:
        write_json(form)
    else:
        show_product(form)


@products.command(
    short_help="Đang bán ở đâu, vì sao không / Where it is on sale, and why not.",
    epilog="Ví dụ / Example: ocop-sync products why SP-00001",
)
@_product
@AS_JSON
def why(*, product: str, as_json: bool) -> None:
    """PRODUCT ở từng sàn ra sao, mọi lý do, ai phải làm gì / every reason, who acts.

    Lời dành cho cơ sở, như cơ sở tự đọc. In the words that its producer reads.
    """
    query = partial(why_there, code=product, reach=WHOLE_CATALOG)
    work = in_deployment(settings_of(), query, needs_accounts=False)
    form = why_form(run(work))
    if as_json:
        write_json(form)
    else:
        show_why(form)


async def _write_all(found: AsyncIterator[Entry]) -> None:
    await write_result_as_read(Listed("products", as_shown(found, product_form)))


@products.command(
    short_help="Sửa chữ, giá trị chính thức / Edit texts and official values.",
    epilog="Ví dụ / Example: ocop-sync products edit SP-00001"
    " --set description 'Măng rừng phơi nắng' --by 'Ng. Văn A'",
)
@_product
@click.option(
    "--set",
    "values",
    type=(click.Choice((*PRODUCT_TEXTS, *OFFICIAL)), CELL),
    metavar="FIELD TEXT",
    multiple=True,
    help="Ô của sản phẩm và chữ mới, '' để xóa; lặp lại được / a field of the product,"
    f" and its text, '' clears it; may be repeated: {', '.join(PRODUCT_TEXTS)}; chỉ của"
    f" cơ quan quản lý / the department's alone: {', '.join(OFFICIAL)}.",
)
@click.option(
    "--set-pack",
    "pack_texts",
    type=(CODE, click.Choice(tuple(PACK_TEXTS)), CELL),
    metavar="SKU FIELD TEXT",
    multiple=True,
    help=f"Như trên, cho một quy cách / the same of a pack: {', '.join(PACK_TEXTS)}.",
)
@CONFIRM
@BY
@FOR
@WHY_AS_WELL
@AS_JSON
def edit(
    *,
    product: str,
    values: tuple[tuple[str, str], ...],
    pack_texts: tuple[tuple[str, str, str], ...],
    token: str,
    by: Actor,
    producer: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Sửa chữ và giá trị chính thức của PRODUCT / edit texts and official values.

    Ô được kiểm như khi nạp bảng. Với --for thì chỉ sửa được chữ của cơ sở. Sửa làm
    người mua mất gì thì bị giữ lại, kèm mã xác nhận (mã thoát 3).

    Values are checked as in a sheet. With --for, texts of the producer alone. What
    would take something from buyers is held, with a token (exit code 3).
    """
    if not (values or pack_texts):
        message = "chưa ghi sửa gì (--set, --set-pack) / say what to edit"
        raise click.UsageError(message)
    packs: dict[str, dict[str, str]] = {}
    for sku, name, text in pack_texts:
        packs.setdefault(sku, {})[name] = text
    given = texts_of(values)
    wanted = TextEdit(
        product={name: text for name, text in given.items() if name in PRODUCT_TEXTS},
        official={name: text for name, text in given.items() if name in OFFICIAL},
        packs=packs,
        token=token,
    )
    acting, reach = on_behalf(because(by, reason), producer)
    doing = Doing(by=acting, reach=reach)
    found = carry_out(
        lambda deployment: edit_product(deployment, product, wanted, doing, None),
        as_json=as_json,
    )
    if as_json:
        write_json(product_form(found.entry))
    else:
        _tell(product, found.is_changed, "đã sửa", "edited")


@products.command(
    short_help="Đặt giá một quy cách / Set the price of a pack.",
    epilog="Ví dụ / Example: ocop-sync products price SP-00001-1 45000"
    " --by 'Ng. Văn A'",
)
@_sku
@click.argument("price_vnd", type=int, metavar="VND")
@click.option(
    "--confirm",
    "token",
    type=CODE,
    metavar="TOKEN",
    help="Mã xác nhận của giá bị giữ lại / the token of a held price.",
)
@_by_staff
def price(*, sku: str, price_vnd: int, token: str | None, act: Act) -> None:
    """Đặt giá bán của SKU, tính bằng đồng, gồm VAT / in đồng, VAT included.

    Giá khác thường thì bị giữ lại, kèm mã xác nhận (mã thoát 3). A price that looks
    like a slip is held, with a token (exit code 3).
    """
    entry = PriceEntry(sku=sku, price_vnd=price_vnd, token=token or "")
    changed = act(partial(enter_price, entry=entry))
    _tell(sku, changed, f"giá nay là {price_vnd} đồng", f"costs {price_vnd} đồng now")


@products.command(
    short_help="Ghi số đếm kho / Enter a count.",
    epilog="Ví dụ / Example: ocop-sync products count SP-00001-1 20 --by 'Ng. Văn A'",
)
@_sku
@click.argument("on_hand", type=int, metavar="NUMBER")
@click.option(
    "--counted-at",
    type=Moment(),
    metavar="WHEN",
    help="Đếm lúc nào; bỏ trống: bây giờ / when it was counted; now if left out.",
)
@_by_staff
def count(*, sku: str, on_hand: int, counted_at: datetime | None, act: Act) -> None:
    """Ghi số đếm được của SKU / how many of a pack were counted."""
    entry = CountEntry(sku=sku, on_hand=on_hand, counted_at=counted_at)
    changed = act(partial(enter_count, entry=entry))
    _tell(sku, changed, f"đếm được {on_hand}", f"{on_hand} were counted")


@products.command(
    short_help="Ghi tăng giảm kho có lý do / Adjust stock, for a reason.",
    epilog="Ví dụ / Example: ocop-sync products adjust SP-00001-1 3 --why broken"
    " --by 'Ng. Văn A'",
)
@_sku
@click.argument("quantity", type=int, metavar="NUMBER")
@click.option(
    "--why",
    type=click.Choice(tuple(_REASONS)),
    required=True,
    help="made: mới làm thêm; sold-elsewhere: bán ngoài sàn; broken: hỏng, mất / made:"
    " more came in; the others: so many left.",
)
@_by_staff
def adjust(*, sku: str, quantity: int, why: str, act: Act) -> None:
    """Ghi số hàng tăng hoặc giảm của SKU, không cần đếm lại / without a new count."""
    entry = AdjustmentEntry(sku=sku, quantity=quantity, reason=_REASONS[why])
    act(partial(enter_adjustment, entry=entry))
    sign = "+" if entry.reason.adds else "-"
    _tell(sku, True, f"tồn kho {sign}{quantity}", f"stock {sign}{quantity}")


@products.command(
    short_help="Tạm dừng bán / Stop the sale for now.",
    epilog="Ví dụ / Example: ocop-sync products pause SP-00001 --by 'Ng. Văn A'",
)
@_product
@_by_staff
def pause(*, product: str, act: Act) -> None:
    """Tạm dừng bán PRODUCT ở mọi sàn / stop the sale at every marketplace."""
    changed = act(partial(pause_own, code=product, paused=True))
    _tell(product, changed, "tạm dừng bán", "its sale is stopped")


@products.command(
    short_help="Bán tiếp / Let the sale go on.",
    epilog="Ví dụ / Example: ocop-sync products resume SP-00001 --by 'Ng. Văn A'",
)
@_product
@_by_staff
def resume(*, product: str, act: Act) -> None:
    """Bán tiếp PRODUCT / let the sale of a product go on."""
    changed = act(partial(pause_own, code=product, paused=False))
    _tell(product, changed, "bán tiếp", "its sale goes on")


@products.command(
    "stock-policy",
    short_help="Chia kho cho các sàn / How stock is shared.",
    epilog="Ví dụ / Example: ocop-sync products stock-policy SP-00001 split"
    " --by 'Ng. Văn A'",
)
@_product
@click.argument("policy", type=click.Choice([each.value for each in StockPolicy]))
@_by_staff
def stock_policy(*, product: str, policy: str, act: Act) -> None:
    """Chia kho của PRODUCT cho các sàn (split), hoặc hiện hết ở mọi sàn (mirror).

    mirror có thể bán quá số có thật. mirror may sell more than there is.
    """
    chosen = StockPolicy(policy)
    changed = act(partial(choose_stock_policy, code=product, policy=chosen))
    _tell(product, changed, f"kho: {policy}", f"stock: {policy}")
    if chosen is StockPolicy.MIRROR:
        show_line(" / ".join(OVERSELLS))
