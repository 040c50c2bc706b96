"""New products and packs, and products that move: `ocop-sync products add`, `move`."""

import click

from catalog.commands.add_product import NewProduct
from catalog.commands.edit_text import OFFICIAL, PACK_TEXTS, PRODUCT_TEXTS
from catalog.model.actor import Actor
from ocop_sync.api.forms.products import pack_form, product_form
from ocop_sync.cli.acting import because, carry_out, some_texts_of, texts_of
from ocop_sync.cli.app.options import AS_JSON, BY, CONFIRM, WHY_AS_WELL
from ocop_sync.cli.app.param_types import CELL, CODE
from ocop_sync.cli.views.tables import plain, show_line, write_json
from ocop_sync.service.department import products as use_cases

_OTHERS = tuple(name for name in (*OFFICIAL, *PRODUCT_TEXTS) if name != "name")


@click.command(
    short_help="Thêm sản phẩm / Add a product.",
    epilog="Ví dụ / Example: ocop-sync products add 'Sản phẩm Mẫu' --producer CS-0001"
    " --set set_code I.3.a --pack 'Gói 500 g' --by 'Ng. Văn A'",
)
@click.argument("name", type=CELL)
@click.option(
    "--producer",
    type=CODE,
    required=True,
    metavar="PRODUCER",
    help="Mã cơ sở / the code of its producer.",
)
@click.option(
    "--set",
    "values",
    type=(click.Choice(_OTHERS), CELL),
    metavar="FIELD TEXT",
    multiple=True,
    help="Một ô và chữ của nó, lặp lại được / a field and its text, may be repeated:"
    f" {', '.join(_OTHERS)}.",
)
@click.option(
    "--pack",
    "packs",
    type=CELL,
    metavar="TEXT",
    multiple=True,
    help="Một quy cách, lặp lại được / a pack, may be repeated.",
)
@CONFIRM
@BY
@WHY_AS_WELL
@AS_JSON
def add(
    *,
    name: str,
    producer: str,
    values: tuple[tuple[str, str], ...],
    packs: tuple[str, ...],
    token: str,
    by: Actor,
    reason: str,
    as_json: bool,
) -> None:
    """Thêm sản phẩm NAME của một cơ sở đã có / add a product of a known producer.

    Ô được kiểm như khi nạp bảng. Tên gần giống sản phẩm khác thì bị giữ lại, kèm mã xác
    nhận (mã thoát 3). Giấy chứng nhận, giấy tờ, giá, kho ghi bằng lệnh khác.

    Values are checked as in a sheet. A name that is nearly another's is held, with a
    token (exit code 3). Certificates, papers, prices and stock have other commands.
    """
    given = texts_of(values)
    official = {each: text for each, text in given.items() if each in OFFICIAL}
    new = NewProduct(
        producer_id=producer,
        official={"name": name, **official},
        texts={each: text for each, text in given.items() if each in PRODUCT_TEXTS},
        packs=[{"pack": each} for each in packs],
        token=token,
    )
    acting = because(by, reason)
    found = carry_out(
        lambda deployment: use_cases.add_product(deployment, new, acting),
        as_json=as_json,
    )
    if as_json:
        write_json(product_form(found))
        return
    item = found[0]
    skus = ", ".join(each.sku for each in item.variants)
    more = f" ({skus})" if skus else ""
    show_line(f"{plain(item.id)}{more}: đã thêm / added: {plain(item.name)}")


@click.command(
    "add-pack",
    short_help="Thêm quy cách / Add a pack.",
    epilog="Ví dụ / Example: ocop-sync products add-pack SP-00001 --set pack 'Hộp 1 kg'"
    " --by 'Ng. Văn A'",
)
@click.argument("product", type=CODE)
@click.option(
    "--set",
    "values",
    type=(click.Choice(tuple(PACK_TEXTS)), CELL),
    metavar="FIELD TEXT",
    multiple=True,
    help="Một ô và chữ của nó, lặp lại được / a field and its text, may be repeated:"
    f" {', '.join(PACK_TEXTS)}.",
)
@BY
@WHY_AS_WELL
@AS_JSON
def add_pack(
    *,
    product: str,
    values: tuple[tuple[str, str], ...],
    by: Actor,
    reason: str,
    as_json: bool,
) -> None:
    """Thêm một quy cách cho PRODUCT / add a pack to a product.

    Mã hàng không bao giờ bị gỡ: không bán nữa thì để trống kho. A pack is never taken
    out; one that is sold no longer has nothing in stock.
    """
    given, acting = some_texts_of(values), because(by, reason)
    found = carry_out(
        lambda deployment: use_cases.add_pack(deployment, product, given, acting),
        as_json=as_json,
    )
    if as_json:
        write_json(pack_form(found.variant, found.revision))
    else:
        named = plain(found.variant.pack)
        show_line(f"{plain(found.variant.sku)}: đã thêm / added: {named}")


@click.command(
    short_help="Chuyển sang cơ sở khác / Move to another producer.",
    epilog="Ví dụ / Example: ocop-sync products move SP-00001 CS-0002 --by 'Ng. Văn A'",
)
@click.argument("product", type=CODE)
@click.argument("producer", type=CODE)
@CONFIRM
@BY
@WHY_AS_WELL
@AS_JSON
def move(
    *,
    product: str,
    producer: str,
    token: str,
    by: Actor,
    reason: str,
    as_json: bool,
) -> None:
    """Chuyển PRODUCT sang PRODUCER / give a product another producer.

    Tin đang đứng tên cơ sở cũ chờ người xử lý. Làm người mua mất sản phẩm thì bị giữ
    lại, kèm mã xác nhận (mã thoát 3).

    A listing under the old producer waits for a person. What takes the product from
    buyers is held, with a token (exit code 3).
    """
    acting = because(by, reason)
    found = carry_out(
        lambda deployment: use_cases.move_product(
            deployment, product, producer, acting, token=token
        ),
        as_json=as_json,
    )
    if as_json:
        write_json(product_form(found.entry))
        return
    code = plain(found.entry[0].id)
    if found.is_changed:
        show_line(f"{code}: nay là của {plain(producer)} / is of {plain(producer)} now")
    else:
        show_line(f"{code}: đã như vậy / it is so already")
