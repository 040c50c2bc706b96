"""The reason why an account did not work, in words, and the advice for it.

Pure. A marketplace's complaint about single listings is no problem of the account: its
advice is in `ocop_sync.engine.reasons.remedy`. The words are in
`texts/account_problems.toml`.
"""

import shlex
from enum import StrEnum

from catalog.eligibility import Text
from ocop_sync.engine.texts.files import TextTable, Worded, read_texts
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
"""Characters of an error's text; a marketplace words some of it."""


class AccountProblemKind(StrEnum):
    """The kind of an account's problem, for who is told, and when."""

    NONE = ""
    OTHER = "other"
    """It may pass: a network, a marketplace that is down."""
    CLOCK = "clock"
    """This computer's clock: no account's fault."""
    CREDENTIALS = "credentials"
    SETTINGS = "settings"


LASTING = frozenset(
    {
        AccountProblemKind.CLOCK,
        AccountProblemKind.CREDENTIALS,
        AccountProblemKind.SETTINGS,
    }
)
"""The problems that never pass by themselves: a person is told at once."""

_KINDS: tuple[tuple[type[Exception], AccountProblemKind], ...] = (
    (ConfigurationError, AccountProblemKind.SETTINGS),
    (RefusedClockError, AccountProblemKind.CLOCK),
    (AuthenticationError, AccountProblemKind.CREDENTIALS),
)


class _Todo(TextTable):
    """The file: the advice for a person, by problem."""

    setting: Worded
    clock: Worded
    credentials: Worded
    in_progress: Worded
    storage: Worded
    not_reached: Worded
    later: Worded
    too_long: Worded
    undocumented: Worded
    not_allowed: Worded
    mistake: Worded
    unusable: Worded


_TODO = read_texts("account_problems.toml", _Todo, values=("account", "secrets"))

TODO_UNUSABLE = _TODO.unusable
"""Of an account whose adapter cannot be used."""

_BY_ERROR: tuple[tuple[type[Exception], Text], ...] = (
    (ConfigurationError, _TODO.setting),
    (RefusedClockError, _TODO.clock),
    (AuthenticationError, _TODO.credentials),
    (SyncInProgressError, _TODO.in_progress),
    (StorageError, _TODO.storage),
    (UnreachableError, _TODO.not_reached),
    (TransientError, _TODO.later),
    (RestingError, _TODO.later),
    (OutcomeUnknownError, _TODO.later),
    (AnswerTooLongError, _TODO.too_long),
    (ProtocolError, _TODO.undocumented),
    (FatalError, _TODO.not_allowed),
)


def why_of(error: Exception) -> str:
    """Return the text of *error*: at most `LONGEST` characters, no secret."""
    if not isinstance(error, OcopSyncError):
        return type(error).__name__  # its words are for the log
    text = str(error) or type(error).__name__
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def todo_of(error: Exception, account: str = "", secrets: str = "") -> Text:
    """Return the advice for *error*, without a full stop.

    *secrets* says where those of the account are kept; it holds none.
    """
    error = _behind(error)
    if isinstance(error, SyncInProgressError):
        account = error.account
    found = (todo for kind, todo in _BY_ERROR if isinstance(error, kind))
    kept = f": {secrets}" if secrets else ""
    return next(found, _TODO.mistake).filled(
        (("account", shlex.quote(account or "TÀI-KHOẢN")), ("secrets", kept))
    )


def kind_of_problem(error: Exception) -> AccountProblemKind:
    """Return the kind of problem, as far as `AccountProblemKind` tells it."""
    error = _behind(error)
    found = (kind for of, kind in _KINDS if isinstance(error, of))
    return next(found, AccountProblemKind.OTHER)


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
