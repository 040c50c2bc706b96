"""Of every error that stands in an account's way it is said what to do about it."""

from collections.abc import Iterator

import pytest

from ocop_sync.engine.trouble import LONGEST, todo_of, why_of
from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    ConfigurationError,
    FatalError,
    MarketplaceError,
    OcopSyncError,
    ProtocolError,
    SyncInProgressError,
    TransientError,
    UnavailableError,
)

OURS = todo_of(RuntimeError("hỏng"))
"""What to do about a mistake of the program."""


def kinds(root: type[OcopSyncError]) -> Iterator[type[OcopSyncError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize(
    "kind",
    # Never raised as such, or of a single change.
    sorted({*kinds(MarketplaceError)} - {FatalError, CallRefusedError}, key=str),
)
def test_no_trouble_of_a_marketplace_is_called_a_mistake_of_the_program(
    kind: type[MarketplaceError],
) -> None:
    todo = todo_of(kind("hỏng"))

    assert todo.vi != OURS.vi
    assert todo.en != OURS.en


def test_what_to_do_depends_on_who_can_do_it() -> None:
    told = {
        "secrets": AuthenticationError("sai"),
        "the setting that is named": ConfigurationError("thiếu"),
        "ocop-sync cancel": SyncInProgressError("voso:A", "máy khác"),
        "until the marketplace works again": UnavailableError("bảo trì"),
        "answer as documented": ProtocolError("không đọc được"),
        "mistake of this program": KeyError("x"),
    }

    for words, error in told.items():
        assert words in todo_of(error).en


def test_a_marketplace_may_be_as_long_winded_as_it_likes() -> None:
    said = why_of(TransientError("ồ" * 5_000))

    assert (len(said), said[-2:]) == (LONGEST, "ồ…")
    assert why_of(TransientError("ồ" * LONGEST)) == "ồ" * LONGEST


def test_the_words_of_what_nobody_expected_are_not_shown() -> None:
    assert why_of(RuntimeError("mật khẩu: 123")) == "RuntimeError"
    assert why_of(UnavailableError("")) == "UnavailableError"
