"""Why an account could not be worked with, in words, and what to do about it.

Pure. What a marketplace says of single listings is no trouble of the account:
what those ask for is in `ocop_sync.engine.remedy`.
"""

from catalog.eligibility import Text
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    OcopSyncError,
    OutcomeUnknownError,
    ProtocolError,
    RestingError,
    SyncInProgressError,
    TransientError,
)

LONGEST = 500
"""Characters of what is said of an error; a marketplace words some of it."""

_LATER = Text(
    "Chờ sàn chạy lại; lần sau tự thử lại, nếu vẫn vậy thì hỏi sàn",
    "Wait until the marketplace works again; the next run tries anew, and if it stays"
    " so, ask the marketplace",
)
_OTHERWISE = Text(
    "Sàn trả lời không như tài liệu: báo người phụ trách phần mềm, kèm nhật ký",
    "The marketplace does not answer as documented: tell whoever looks after this"
    " program, with its log",
)
_MISTAKE = Text(
    "Lỗi của chương trình: báo người phụ trách phần mềm, kèm nhật ký",
    "A mistake of this program: tell whoever looks after it, with its log",
)
TODO_UNUSABLE = Text(
    "Cài bản phần nối sàn hợp với phiên bản này, hoặc gỡ nó ra; xem `ocop-sync"
    " marketplaces`",
    "Install an adapter of that marketplace that fits this version, or remove it; see"
    " `ocop-sync marketplaces`",
)
"""Of an account whose adapter cannot be used."""

TODO_SETTING = Text("Sửa thiết lập được nêu", "Put right the setting that is named")
"""Of an account with a setting that cannot be used."""

_TODO: tuple[tuple[type[Exception], Text], ...] = (
    (ConfigurationError, TODO_SETTING),
    (
        AuthenticationError,
        Text(
            "Kiểm tra tên, mật khẩu, khóa của tài khoản (`secrets` trong thiết lập)",
            "Check the names, passwords and keys of this account (`secrets` in the"
            " settings)",
        ),
    ),
    (
        SyncInProgressError,
        Text(
            "Chờ lần chạy kia xong, hoặc dừng nó bằng `ocop-sync cancel`",
            "Wait for the other run, or end it with `ocop-sync cancel`",
        ),
    ),
    (TransientError, _LATER),
    (RestingError, _LATER),
    (OutcomeUnknownError, _LATER),
    (ProtocolError, _OTHERWISE),
)


def why_of(error: Exception) -> str:
    """Return what to say of *error*: at most `LONGEST` characters, no secret."""
    if not isinstance(error, OcopSyncError):
        return type(error).__name__  # its words are for the log
    said = str(error) or type(error).__name__
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def todo_of(error: Exception) -> Text:
    """Return what a person does about *error*, without a full stop."""
    found = (todo for kind, todo in _TODO if isinstance(error, kind))
    return next(found, _MISTAKE)
