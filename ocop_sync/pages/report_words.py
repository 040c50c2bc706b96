"""What the report for superiors says besides its figures, and its rows by commune."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from catalog.places.commune import Communes
from ocop_sync.engine.figure_words import CLAIM_ENDED, DEFINITIONS, ENDS
from ocop_sync.pages.figure_words import FIGURE_WORDS, part_words
from ocop_sync.service.queries.coverage_figures import Dimension, Figure
from ocop_sync.service.queries.coverage_report import AHEAD, CoverageReport

ENDING_NAME: Final = Text(
    f"Giấy chứng nhận hết hạn trong {AHEAD} ngày tới",
    f"Certificates that end within {AHEAD} days",
)
CLAIMS_NAME: Final = Text(
    "Tin đang bán còn ghi OCOP đã hết hạn (phải bằng 0)",
    "Listings on sale that claim what has ended (must be 0)",
)
LISTED: Final = FIGURE_WORDS["listed"]
TITLE: Final = Text(
    "Báo cáo sản phẩm OCOP trên sàn thương mại điện tử",
    "Report on OCOP products at marketplaces",
)
SIMULATED: Final = Text(
    "SỐ LIỆU MÔ PHỎNG: không con số nào dưới đây là của sàn thật; không ký.",
    "SIMULATED FIGURES: none of them is of a real marketplace; not to be signed.",
)
SOURCE: Final = Text(
    "Danh mục sản phẩm OCOP của đơn vị, và tin trên từng sàn như lần đọc gần nhất",
    "The unit's catalog of OCOP products, and the listings as they were last read",
)
DEFINED: Final[Sequence[tuple[Text, Text]]] = (
    (Text("Được công nhận", "Certified"), DEFINITIONS["certified"]),
    (Text("Đang bán", "On sale"), DEFINITIONS["listed"]),
    (
        Text("Tỷ lệ", "Share"),
        Text(
            "Số đang bán chia cho số được công nhận.",
            "Those on sale divided by those certified.",
        ),
    ),
    (ENDING_NAME, ENDS),
    (CLAIMS_NAME, CLAIM_ENDED),
)
"""What each figure counts."""
SIGNERS: Final = (
    Text("Người lập biểu", "Prepared by"),
    Text("Thủ trưởng đơn vị", "Head of the unit"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuneRow:
    """The figures of a commune.

    Attributes:
        name: What people call it.
        pairs: Certified and on sale at each marketplace of the report, in its order;
            None where nothing is counted.
    """

    name: Text
    pairs: Sequence[tuple[Figure, Figure] | None]


def by_commune(found: CoverageReport, communes: Communes | None) -> list[CommuneRow]:
    """Return a row for each commune with a certified product, the unknown one last."""
    cells: dict[str, dict[str, Mapping[str, Figure]]] = {}
    for each in found.communes.cells:
        if each.figures["certified"].value or each.figures["listed"].value:
            there = cells.setdefault(str(each.part or ""), {})
            there[each.marketplace] = each.figures
    names = [each.marketplace for each in found.whole.cells]
    rows = [
        (
            not code,
            CommuneRow(
                name=part_words(Dimension.COMMUNE, code, communes),
                pairs=[_pair(there.get(name)) for name in names],
            ),
        )
        for code, there in cells.items()
    ]
    rows.sort(key=lambda each: (each[0], each[1].name.vi))
    return [row for _, row in rows]


def _pair(figures: Mapping[str, Figure] | None) -> tuple[Figure, Figure] | None:
    return None if figures is None else (figures["certified"], figures["listed"])
