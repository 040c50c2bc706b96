"""A count that changes while the time at which it was counted stays.

One of the two is wrong, or somebody has counted anew and left the old time. The
known one stays until a person says which: no sheet can tell.
"""

from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.model.product import Variant
from catalog.vietnam_time import VIETNAM, moment


def which_count(row: FeedRow, known: Variant) -> Problem:
    """Return the question whether *row* or the *known* count is right."""
    at = known.counted_at
    assert at is not None  # noqa: S101  (else there is no same time)
    when = at.astimezone(VIETNAM)
    return row.problem(
        column="on_hand",
        vi=f"đang lưu {known.on_hand}, cùng thời điểm đếm {moment(at)}: số nào"
        f" đúng? Giữ {known.on_hand}. Nếu đã đếm lại, ghi thời điểm đếm mới vào"
        " [[counted_at]]; nếu không, sửa số cho giống",
        en=f"the catalog holds {known.on_hand}, counted at the same time,"
        f" {when:%Y-%m-%d %H:%M} in Vietnam: which one is right? {known.on_hand} stays."
        " If it was counted anew, write when in [[counted_at]]; else mend the number",
        kind=ProblemKind.QUESTION,
        known=str(known.on_hand),
    )
