"""The imports that changed a product: why the catalog wants the sent values."""

from collections.abc import Sequence

from catalog.db.changes import Entity
from catalog.db.kept_changes import Touching
from catalog.vietnam_time import moment
from ocop_sync.cli.views.tables import console, indented, plain

_WORDS = {
    Entity.PRODUCER: "chủ thể / producer",
    Entity.PRODUCT: "sản phẩm / product",
    Entity.VARIANT: "giá, tồn kho, quy cách / prices, stock, packs",
    Entity.CERTIFICATE: "giấy chứng nhận / certificates",
    Entity.PAPER: "giấy tờ / papers",
    Entity.NAMING: "có trong nguồn / named by a source",
    Entity.EFFECT: "những gì lần trước lấy đi / what an earlier one took",
}


def show_touching(found: Sequence[Touching]) -> None:
    """Show the imports with changes, and how to see these."""
    out = console()
    if found:
        out.print("[b]Lần nạp đã thay đổi / imports that have changed it[/b]")
    for each in found:
        what = ", ".join(_WORDS[entity] for entity in each.entities)
        who = f"{each.subject} lần nạp / import {each.import_id} “{each.file}”"
        out.print(indented(f"{moment(each.imported_at)} {plain(who)}: {what}"))
        out.print(indented(f"xem / see: `ocop-sync import show {each.import_id}`"))
