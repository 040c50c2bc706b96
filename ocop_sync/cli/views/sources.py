"""Ask of which source a file is."""

import shlex
from pathlib import Path
from typing import Final

from catalog.db.sources import Source
from catalog.imports.import_report import ImportReport
from catalog.vietnam_time import moment

_LISTED: Final = 20
_WHY: Final = (
    "nêu sản phẩm đã biết từ nguồn khác; trả lời một lần, sau đó nhớ theo tên tệp / it"
    " names products that other sources have brought; answer once, it is remembered by"
    " the file's name"
)


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
