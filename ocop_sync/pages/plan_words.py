"""Plans in the words of pages: how one stands, and what came of each change."""

from collections.abc import Mapping
from typing import Final

from catalog.eligibility import Text
from ocop_sync.pages.bars import Kind

STANDINGS: Final[Mapping[str, tuple[Text, Kind]]] = {
    "waiting": (Text("Chờ người duyệt", "Waits for approval"), "waits"),
    "empty": (Text("Không có gì để duyệt", "Nothing to approve"), "none"),
    "approved": (Text("Đã duyệt, chưa thực hiện", "Approved, not sent yet"), "waits"),
    "refused": (Text("Không duyệt", "Refused"), "none"),
    "running": (Text("Đang thực hiện", "Being carried out"), "waits"),
    "carried_out": (Text("Đã thực hiện", "Carried out"), "done"),
    "expired": (Text("Đã hết hạn", "Expired"), "none"),
}
"""How a plan stands, and what that means."""

OUTCOMES: Final[Mapping[str, tuple[Text, Kind]]] = {
    "sent": (Text("Đã gửi", "Sent"), "done"),
    "changed": (Text("Không còn đúng, không gửi", "No longer fits, not sent"), "none"),
    "held": (Text("Đã bị tạm giữ, không gửi", "Held by then, not sent"), "waits"),
    "not_sent": (Text("Chưa gửi được", "Not sent"), "wrong"),
}
"""What came of a change of a plan that was carried out."""
