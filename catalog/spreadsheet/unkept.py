"""The parts of a workbook that openpyxl does not keep, by looking into them.

Nothing of it is opened: names of parts and names of tags are enough. On the way
every part is read once within the bounds of `catalog.spreadsheet.markup`, so that
openpyxl is never given a document type or an endless tag.
"""

import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from catalog.spreadsheet.archive import Archive
from catalog.spreadsheet.markup import Attributes, Markup

MOST_KEPT: Final = 30_000_000
"""Bytes of XML in a workbook that is kept as it is. openpyxl takes ten times as much
memory: 400,000 cells are 25 MB, and took 290 MB and 15 s."""


@dataclass(frozen=True, slots=True)
class Unkept:
    """A kind of thing that is lost or changed."""

    vi: str
    en: str


_MACROS: Final = Unkept("macro", "macros")
_SHAPES: Final = Unkept("hình vẽ, hộp chữ, SmartArt", "shapes, text boxes, SmartArt")
_CHARTS: Final = Unkept(
    "kiểu dáng biểu đồ (biểu đồ được vẽ lại)", "the looks of charts (drawn anew)"
)
_PICTURES: Final = Unkept(
    "ảnh kiểu EMF, WMF, SVG; ảnh nền, ảnh ở đầu trang in",
    "pictures as EMF, WMF, SVG; behind cells or in print headers",
)
_CONTROLS: Final = Unkept("nút bấm, ô điều khiển", "buttons and controls")
_OBJECTS: Final = Unkept("tệp nhúng", "embedded files")
_PIVOTS: Final = Unkept(
    "một phần bảng tổng hợp PivotTable (hãy bấm Refresh)",
    "parts of pivot tables (refresh them)",
)
_SLICERS: Final = Unkept("bộ lọc slicer, timeline", "slicers and timelines")
_THREADS: Final = Unkept(
    "chuỗi trao đổi trong ghi chú (chữ vẫn còn)", "threads of comments (text stays)"
)
_QUERIES: Final = Unkept("kết nối dữ liệu", "data connections")
_RICH: Final = Unkept("ảnh và kiểu dữ liệu trong ô", "pictures and data types in cells")
_CUSTOM: Final = Unkept("dữ liệu XML riêng", "custom XML data")
_PRINTER: Final = Unkept("thiết lập riêng của máy in", "a printer's own settings")
_FORMATS: Final = Unkept(
    "định dạng có điều kiện kiểu mới (2010 về sau)",
    "conditional formats of the newer kind (since 2010)",
)
_SPARKLINES: Final = Unkept("biểu đồ nhỏ trong ô (sparkline)", "sparklines")

_BY_PART: Final = (
    (r"xl/vbaproject.*\.bin", _MACROS),
    (r"xl/diagrams/.*|xl/ink/.*", _SHAPES),
    (r"xl/(?:charts|chartex)/.*", _CHARTS),
    (r"xl/media/.*\.(?:emf|wmf|svg)", _PICTURES),
    (r"xl/(?:ctrlprops|activex)/.*", _CONTROLS),
    (r"xl/embeddings/.*", _OBJECTS),
    (r"xl/pivot(?:tables|cache)/.*", _PIVOTS),
    (r"xl/(?:slicers|slicercaches|timelines|timelinecaches)/.*", _SLICERS),
    (r"xl/(?:threadedcomments|persons)/.*", _THREADS),
    (r"xl/connections\.xml|xl/querytables/.*|xl/model/.*", _QUERIES),
    (r"xl/richdata/.*", _RICH),
    (r"customxml/.*", _CUSTOM),
    (r"xl/printersettings/.*", _PRINTER),
)
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_X14: Final = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_BY_TAG: Final = {
    f"{_DRAWING} sp": _SHAPES,
    f"{_DRAWING} cxnSp": _SHAPES,
    f"{_DRAWING} grpSp": _SHAPES,
    f"{_MAIN} picture": _PICTURES,
    f"{_MAIN} legacyDrawingHF": _PICTURES,
    f"{_MAIN} controls": _CONTROLS,
    f"{_MAIN} oleObjects": _OBJECTS,
    f"{_X14} conditionalFormattings": _FORMATS,
    f"{_X14} sparklineGroups": _SPARKLINES,
    f"{_X14} slicerList": _SLICERS,
}
_MARKUP: Final = re.compile(r"(?!customxml/).*\.(?:xml|rels)")
"""Parts that are read; custom data are not, and may be in any encoding."""


def is_small(stream: BinaryIO) -> bool:
    """Say whether a workbook is small enough to be kept as it is.

    Raises:
        FeedError: It is no archive that can be read.
    """
    archive = Archive(stream)
    sizes = (archive.size(name) for name in archive.names if _MARKUP.fullmatch(name))
    return sum(sizes) <= MOST_KEPT


def unkept(stream: BinaryIO) -> list[Unkept]:
    """Return the kinds of parts that writing a workbook again loses, each once.

    Raises:
        FeedError: A part declares a document type, or is damaged.
    """
    archive = Archive(stream)
    found: dict[Unkept, None] = {}
    for pattern, kind in _BY_PART:
        if any(re.fullmatch(pattern, name) for name in archive.names):
            found[kind] = None
    for name in archive.names:
        if _MARKUP.fullmatch(name):
            tags = _Tags()
            tags.read(archive.chunks(name))
            found |= {kind: None for tag, kind in _BY_TAG.items() if tag in tags.seen}
    return list(found)


class _Tags(Markup):
    """A part of which only the names of its tags are looked at."""

    def start(self, name: str, attributes: Attributes) -> None:
        """Nothing is asked of a tag but its name."""
