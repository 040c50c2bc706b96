"""Why an account could not be worked with, in words, and what to do about it.

Pure. What a marketplace says of single listings is no trouble of the account:
what those ask for is in `ocop_sync.engine.reasons.remedy`.
"""

import shlex
from enum import StrEnum

from catalog.eligibility import Text
from ocop_sync.errors import (
    AnswerTooLongError,
    AuthenticationError,
    ConfigurationError,
    FatalError,
    MarketplaceError,
    OcopSyncError,
    OutcomeUnknownError,
    ProtocolError,
    RefusedClockError,
    RestingError,
    StorageError,
    SyncInProgressError,
    TransientError,
    UnavailableError,
    UnreachableError,
)

LONGEST = 500
"""Characters of what is said of an error; a marketplace words some of it."""


class Cause(StrEnum):
    """What stands in an account's way, as far as it matters who is told, and when."""

    NONE = ""
    OTHER = "other"
    """It may pass: a network, a marketplace that is down."""
    CLOCK = "clock"
    """This computer's clock: no account's fault."""
    CREDENTIALS = "credentials"
    SETTINGS = "settings"


LASTING = frozenset({Cause.CLOCK, Cause.CREDENTIALS, Cause.SETTINGS})
"""What is never right again by itself: a person is told at once."""

_CAUSES: tuple[tuple[type[Exception], Cause], ...] = (
    (ConfigurationError, Cause.SETTINGS),
    (RefusedClockError, Cause.CLOCK),
    (AuthenticationError, Cause.CREDENTIALS),
)

_LATER = Text(
    "Chờ sàn chạy lại; lần sau tự thử lại, nếu vẫn vậy thì hỏi sàn",
    "Wait until the marketplace works again; the next run tries anew, and if it stays"
    " so, ask the marketplace",
)
_NO_WAY = Text(
    "Không tới được sàn, chưa hỏi tới mật khẩu: kiểm tra mạng của máy này và"
    " `base_url` của tài khoản {account}; lần sau tự thử lại",
    "The marketplace was not reached, no credentials were asked for: check this"
    " computer's network, and `base_url` of account {account}; the next run tries anew",
)
_OTHERWISE = Text(
    "Sàn trả lời không như tài liệu: kiểm tra `base_url` của tài khoản {account} có"
    " đúng là địa chỉ API của sàn không; nếu đúng thì báo người phụ trách phần mềm, kèm"
    " nhật ký",
    "The marketplace does not answer as documented: check that `base_url` of account"
    " {account} is the address of its API; if it is, tell whoever looks after this"
    " program, with its log",
)
_TOO_LONG = Text(
    "Câu trả lời của sàn cho tài khoản {account} dài hơn mức được đọc, cả khi chỉ hỏi"
    " từng tin một: tìm trên sàn tin có mô tả hay thuộc tính rất dài, nhờ chủ tin hoặc"
    " sàn rút gọn; không có tin như thế thì báo người phụ trách phần mềm, kèm nhật ký",
    "The marketplace's answer for account {account} is longer than is read, also where"
    " it is asked for one listing at a time: find the listing there with a very long"
    " description or attribute, and have its owner or the marketplace shorten it; if"
    " there is none, tell whoever looks after this program, with its log",
)
_NOT_ALLOWED = Text(
    "Sàn không cho tài khoản {account} làm việc này: kiểm tra accounts.options của nó"
    " (gian hàng, chi nhánh nào) và quyền của tài khoản trên sàn; nếu đúng cả thì hỏi"
    " sàn, kèm lời của sàn",
    "The marketplace does not let account {account} do this: check its"
    " accounts.options (which shop or branch) and what the account may do there; if"
    " both are right, ask the marketplace, with its words",
)
_MISTAKE = Text(
    "Lỗi của chương trình: báo người phụ trách phần mềm, kèm nhật ký",
    "A mistake of this program: tell whoever looks after it, with its log",
)
TODO_UNUSABLE = Text(
    "Cài bản phần nối sàn hợp với phiên bản này, hoặc gỡ nó ra; xem `ocop-sync"
    " marketplaces list`",
    "Install an adapter of that marketplace that fits this version, or remove it; see"
    " `ocop-sync marketplaces list`",
)
"""Of an account whose adapter cannot be used."""

TODO_SETTING = Text("Sửa thiết lập được nêu", "Put right the setting that is named")
"""Of an account with a setting that cannot be used."""

_TODO: tuple[tuple[type[Exception], Text], ...] = (
    (ConfigurationError, TODO_SETTING),
    (
        RefusedClockError,
        Text(
            "Chỉnh đồng hồ máy này (bật đồng bộ giờ, NTP): sàn không nhận giờ của lần"
            " gọi; mật khẩu và khóa có thể vẫn đúng",
            "Set this computer's clock (turn time synchronisation, NTP, on): the"
            " marketplace does not accept the time of the call; passwords and keys may"
            " be right",
        ),
    ),
    (
        AuthenticationError,
        Text(
            "Sàn không nhận: kiểm tra tên, mật khẩu, khóa của tài khoản {account}"
            " (accounts.secrets trong thiết lập{secrets}), rồi accounts.options của nó",
            "They are not accepted: check the names, passwords and keys of account"
            " {account} (accounts.secrets in the settings{secrets}), then its"
            " accounts.options",
        ),
    ),
    (
        SyncInProgressError,
        Text(
            "Chờ lần chạy kia xong, hoặc dừng nó: `ocop-sync cancel {account} --by"
            " TÊN`",
            "Wait for the other run, or end it: `ocop-sync cancel {account} --by TÊN`",
        ),
    ),
    (
        StorageError,
        Text(
            "Sửa điều được nêu về ổ đĩa hay cơ sở dữ liệu; lần sau tự thử lại",
            "Put right what is named of the disk or the database; the next run tries"
            " anew",
        ),
    ),
    (UnreachableError, _NO_WAY),
    (TransientError, _LATER),
    (RestingError, _LATER),
    (OutcomeUnknownError, _LATER),
    (AnswerTooLongError, _TOO_LONG),
    (ProtocolError, _OTHERWISE),
    (FatalError, _NOT_ALLOWED),
)


def why_of(error: Exception) -> str:
    """Return what to say of *error*: at most `LONGEST` characters, no secret."""
    if not isinstance(error, OcopSyncError):
        return type(error).__name__  # its words are for the log
    said = str(error) or type(error).__name__
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def todo_of(error: Exception, account: str = "", secrets: str = "") -> Text:
    """Return what a person does about *error*, without a full stop.

    Args:
        error: What stands in the way.
        account: Key of the account.
        secrets: Where its secrets are kept, in words; no value of them.
    """
    error = _behind(error)
    if isinstance(error, SyncInProgressError):
        account = error.account
    found = next((todo for kind, todo in _TODO if isinstance(error, kind)), _MISTAKE)
    kept = f": {secrets}" if secrets else ""

    def fill(words: str) -> str:
        words = words.replace("{account}", shlex.quote(account or "TÀI-KHOẢN"))
        return words.replace("{secrets}", kept)

    return Text(fill(found.vi), fill(found.en))


def cause_of(error: Exception) -> Cause:
    """Return what stands in the way, as far as `Cause` tells it."""
    error = _behind(error)
    found = (cause for kind, cause in _CAUSES if isinstance(error, kind))
    return next(found, Cause.OTHER)


def _behind(error: Exception) -> Exception:
    """Return why calls are held back; any other error is its own reason."""
    while isinstance(error, RestingError | UnavailableError) and isinstance(
        error.__cause__, MarketplaceError
    ):
        error = error.__cause__
    return error


def is_of_settings(error: Exception) -> bool:
    """Say whether the account cannot be used as it is set up, because of *error*.

    One that is not reached, or whose credentials are refused there, may be right.
    """
    return isinstance(error, ConfigurationError)
