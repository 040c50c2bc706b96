"""When our own clock is not believed, and what is left undone until it is.

A clock that jumps forward ends every certificate at once, and each of them is an end
that has been known for long; one that jumps back puts on sale what has ended. So what
the day decides is not done while the clock is doubted: nothing is withdrawn, put up,
or has its text or its claim changed. Prices and stock go on: they hang on no date.
Pure.
"""

from datetime import datetime, timedelta

from catalog.eligibility import Text
from ocop_sync.marketplace.change import Kind

FARTHEST = timedelta(hours=1)
"""So far our clock may be from those of the marketplaces: no clock that is set by the
network is a minute off, and nothing ends by the minute."""

BEHIND = timedelta(minutes=5)
"""So far it may be behind what was stored last, when no marketplace has answered."""

_GO_ON = frozenset({Kind.SET_PRICE, Kind.SET_STOCK, Kind.PUT_SELLER, Kind.STOP_SELLER})

TODO = Text(
    "Chỉnh đồng hồ máy này cho đúng (bật đồng bộ giờ qua mạng), rồi chạy lại: chưa gỡ,"
    " đăng hay sửa nội dung tin nào; giá và tồn kho vẫn gửi",
    "Set this computer's clock right (let the network set it), and run again: nothing"
    " was withdrawn, put up or changed in its text; prices and stock still go",
)
"""What a person does about it."""


def doubt_of(
    now: datetime, *, ahead: timedelta | None, stored_at: datetime | None
) -> Text | None:
    """Return why the clock is not believed; None if it is.

    Args:
        now: The present instant by that clock, in UTC.
        ahead: How far it is ahead of the marketplaces' clocks; None if none answered.
        stored_at: The last moment that an earlier run has stored, in UTC.
    """
    if ahead is not None:
        return _far(now, ahead) if abs(ahead) > FARTHEST else None
    if stored_at is not None and now < stored_at - BEHIND:
        return Text(
            f"Đồng hồ máy này ({now:%d/%m/%Y %H:%M} UTC) chậm hơn lần chạy trước đã ghi"
            f" ({stored_at:%d/%m/%Y %H:%M} UTC)",
            f"This computer's clock ({now:%Y-%m-%d %H:%M} UTC) is behind what an"
            f" earlier run has stored ({stored_at:%Y-%m-%d %H:%M} UTC)",
        )
    return None


def hangs_on_the_day(kind: Kind) -> bool:
    """Say whether changes of *kind* follow from what day it is."""
    return kind not in _GO_ON


def _far(now: datetime, ahead: timedelta) -> Text:
    there = now - ahead
    return Text(
        f"Đồng hồ máy này ({now:%d/%m/%Y %H:%M} UTC) lệch với đồng hồ các sàn"
        f" ({there:%d/%m/%Y %H:%M} UTC)",
        f"This computer's clock ({now:%Y-%m-%d %H:%M} UTC) differs from those of the"
        f" marketplaces ({there:%Y-%m-%d %H:%M} UTC)",
    )
