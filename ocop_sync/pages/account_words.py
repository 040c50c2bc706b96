"""Accounts in the words of pages: health, why one fails, and what to do about it.

Danger: the words of an error may name an address or where a secret is kept; pages say
the kind of the error, and nobody reads those here.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from catalog.eligibility import Text
from ocop_sync.api.forms.accounts import AccountForm
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.navigation import ACCOUNTS
from ocop_sync.service.queries.accounts import AccountStanding

Health = tuple[Text, Kind]
"""How an account stands, and what that means."""

HEALTHS: Final[Mapping[AccountStanding, Health]] = {
    AccountStanding.UNUSABLE: (Text("Chưa dùng được", "Cannot be used"), "wrong"),
    AccountStanding.FAILING: (Text("Đang lỗi", "Fails"), "wrong"),
    AccountStanding.PAUSED: (Text("Đang tạm dừng", "Paused"), "waits"),
    AccountStanding.CHANGES_FAIL: (
        Text("Có việc không thành", "Some failed"),
        "waits",
    ),
    AccountStanding.UNREAD: (Text("Chờ đọc lại", "To be read"), "waits"),
    AccountStanding.NEVER_RUN: (Text("Chưa chạy lần nào", "Never run"), "waits"),
    AccountStanding.OLD: (Text("Số liệu có thể cũ", "May be old"), "waits"),
    AccountStanding.WELL: (Text("Đang tốt", "Well"), "done"),
}
"""How an account stands, in words."""

_CAUSES: Final[Mapping[str, tuple[Text, Text]]] = {
    "credentials": (
        Text(
            "Sàn không nhận tên, mật khẩu hoặc khóa của tài khoản",
            "The marketplace does not accept its name, password or key",
        ),
        Text(
            "Nhờ người quản trị kiểm tra và ghi lại trong thiết lập, rồi bấm “Kiểm tra"
            " ngay”",
            "Have an administrator put them right in the settings, then “Check now”",
        ),
    ),
    "settings": (
        Text("Thiết lập của tài khoản chưa đúng", "Its settings are wrong"),
        Text(
            "Nhờ người quản trị sửa thiết lập", "Have an administrator put them right"
        ),
    ),
    "clock": (
        Text(
            "Đồng hồ của máy chủ sai, nên sàn không nhận lần gọi",
            "The clock of this computer is wrong, and calls are not accepted",
        ),
        Text("Nhờ người quản trị chỉnh đồng hồ", "Have an administrator set it"),
    ),
    "other": (
        Text(
            "Không tới được sàn, hoặc sàn đang bận hay bảo trì",
            "The marketplace is not reached, or it is busy or down",
        ),
        Text(
            "Thường tự hết: lần đồng bộ tới thử lại. Nếu kéo dài, kiểm tra mạng và hỏi"
            " sàn",
            "It mostly passes: the next sync tries anew. If it stays, check the"
            " network, and ask the marketplace",
        ),
    ),
    "": (
        Text("Lần chạy gần nhất không làm xong", "Its last run did not end well"),
        Text(
            "Xem lần chạy đó; lần đồng bộ tới thử lại",
            "See that run; the next sync tries anew",
        ),
    ),
}

_CHANGES: Final = (
    Text(
        "Tài khoản dùng được, nhưng lần chạy cuối có thay đổi không thành",
        "It works, but changes of its last run came to nothing",
    ),
    Text(
        "Xem lần chạy đó: từng thay đổi có lời sàn và việc phải làm",
        "See that run: each has the marketplace's words, and what to do",
    ),
)

CHECKED: Final[Mapping[str, tuple[Text, Kind, Text | None]]] = {
    "ok": (Text("Đăng nhập được", "It signs in"), "done", None),
    "wrong_credentials": (
        _CAUSES["credentials"][0],
        "wrong",
        _CAUSES["credentials"][1],
    ),
    "unreachable": (
        Text("Không tới được sàn", "The marketplace is not reached"),
        "wrong",
        Text(
            "Kiểm tra mạng của máy chủ và địa chỉ của sàn trong thiết lập",
            "Check the network, and the marketplace's address in the settings",
        ),
    ),
    "unavailable": (
        Text("Sàn đang bận hoặc bảo trì", "The marketplace is busy or down"),
        "waits",
        Text("Chờ rồi kiểm tra lại", "Wait, then check again"),
    ),
    "misconfigured": (
        Text(
            "Thiết lập của tài khoản chưa đúng, hoặc sàn không cho vào gian hàng này",
            "Its settings are wrong, or the marketplace does not let it into that shop",
        ),
        "wrong",
        Text(
            "Nhờ người quản trị sửa thiết lập, hoặc hỏi sàn về quyền của tài khoản",
            "Have an administrator put them right, or ask the marketplace about it",
        ),
    ),
    "unexpected": (
        Text(
            "Sàn trả lời không như tài liệu của sàn", "It does not answer as documented"
        ),
        "wrong",
        Text("Báo người phụ trách phần mềm", "Tell whoever looks after this program"),
    ),
}
"""The result of signing in once: what, what that means, and what to do."""


def account_address(key: str) -> str:
    """Return the address of an account."""
    return f"{ACCOUNTS}/{quote(key, safe='')}"


def health_of(account: AccountForm) -> Health:
    """Return how an account stands, in words."""
    return HEALTHS[account.state]


def trouble_of(account: AccountForm) -> tuple[Text, Text] | None:
    """Return why an account fails, and what to do; None if it does not."""
    if account.unusable is not None:
        return _CAUSES["settings"]
    if account.failing_since is None:
        return None
    return _CHANGES if account.only_changes_fail else _CAUSES[account.cause.value]


FEATURES: Final[Mapping[str, Text]] = {
    "search": Text("tìm tin", "search"),
    "sellers": Text("gian hàng", "sellers"),
    "seller_stop": Text("đóng gian hàng", "closing sellers"),
    "reviews": Text("duyệt tin", "reviews"),
    "events": Text("báo thay đổi", "events"),
    "content": Text("sửa nội dung", "content"),
    "price": Text("đổi giá", "prices"),
    "stock": Text("đổi tồn kho", "stock"),
    "stars": Text("sao OCOP", "OCOP stars"),
}
"""What a marketplace may offer or lack."""
