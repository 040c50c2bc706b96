"""Say of which source a file is, or ask it."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from catalog.db.sources import Basis, Origin, Source
from catalog.feed.rows.table import Note
from catalog.imports.import_feed import ImportReport
from catalog.vietnam_time import moment

_LISTED: Final = 20
_WHY: Final = (
    "nêu sản phẩm đã biết từ nguồn khác; trả lời một lần, sau đó nhớ theo tên tệp / it"
    " names products that other sources have brought; answer once, it is remembered by"
    " the file's name"
)


def origin_notes(
    origin: Origin, report: ImportReport, stamped: str = ""
) -> Sequence[Note]:
    """Say of which source a file was taken to be, where nobody has typed just that.

    Args:
        origin: The source.
        report: What the import did.
        stamped: The source that the file itself names, if it does.
    """
    name = origin.name
    if stamped not in {"", name}:
        return [
            Note(
                vi=f"dấu xuất trong tệp ghi nguồn “{stamped}”, nhưng nạp là “{name}”"
                " như đã ghi sau --source",
                en=f"the file's stamp says “{stamped}”, but it was taken for “{name}”,"
                " as --source says",
            )
        ]
    if origin.basis is Basis.STAMP:
        return [
            Note(
                vi=f"nguồn “{name}”, theo dấu xuất trong tệp",
                en=f"the source is “{name}”, as the file's stamp says",
            )
        ]
    if origin.basis is Basis.GUESS and not report.sources:
        return [
            Note(
                vi=f"nguồn mới “{name}”, gọi theo tên tệp (đặt tên khác: --source)",
                en=f"a new source, “{name}”, called as its file (another name:"
                " --source)",
            )
        ]
    return []


def source_question(report: ImportReport, file: Path) -> str:
    """Ask of which source *file* is, with those that are known."""
    known = report.sources
    command = f"ocop-sync import {shlex.quote(str(file))} --source TÊN-NGUỒN"
    new = command.replace("TÊN-NGUỒN", shlex.quote(file.name))
    listed = [f"  {shlex.quote(each.name)}{_when(each)}" for each in known[:_LISTED]]
    if len(known) > _LISTED:
        listed.append(f"  … +{len(known) - _LISTED}")
    return "\n".join(
        (
            "TỆP NÀY THUỘC NGUỒN NÀO / OF WHICH SOURCE IS THIS FILE?",
            f"{file.name} {_WHY}:",
            f"  {command}",
            "Nguồn đã có, lần nạp cuối / known sources, last imported:",
            *listed,
            "Là nguồn mới / it is a new one:",
            f"  {new}",
        )
    )


def _when(source: Source) -> str:
    at = source.imported_at
    return f", {moment(at)}" if at else ""
