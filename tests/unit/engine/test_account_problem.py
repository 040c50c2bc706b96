"""Every error that stands in an account's way comes with advice."""

from collections.abc import Iterator

import pytest

from ocop_sync.engine.reasons.account_problem import (
    LASTING,
    LONGEST,
    AccountProblemKind,
    is_of_settings,
    kind_of_problem,
    todo_of,
    why_of,
)
from ocop_sync.errors import (
    AnswerTooLongError,
    AuthenticationError,
    CallRefusedError,
    ConfigurationError,
    FatalError,
    MarketplaceError,
    OcopSyncError,
    ProtocolError,
    RefusedClockError,
    RestingError,
    SyncInProgressError,
    TransientError,
    UnavailableError,
    UnreachableError,
)

OURS = todo_of(RuntimeError("hỏng"))
"""What to do about a mistake of the program."""


def kinds(root: type[OcopSyncError]) -> Iterator[type[OcopSyncError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize(
    "kind",
    # Never of an account, but of a single change.
    sorted({*kinds(MarketplaceError)} - {CallRefusedError}, key=str),
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
        "ocop-sync cancel voso:A --by": SyncInProgressError("voso:A", "máy khác"),
        "check this computer's network": UnreachableError("không kết nối được"),
        "until the marketplace works again": UnavailableError("bảo trì"),
        "one listing at a time": AnswerTooLongError("quá 8000000 byte"),
        "answer as documented": ProtocolError("không đọc được"),
        "then its accounts.options": AuthenticationError("sai"),
        "do this: check its accounts.options": FatalError("403"),
        "mistake of this program": KeyError("x"),
    }

    for words, error in told.items():
        assert words in todo_of(error).en


def test_where_the_secrets_are_kept_is_said_with_what_is_wrong_with_them() -> None:
    error = AuthenticationError("sai mật khẩu")

    todo = todo_of(error, "so-1", "token: biến/variable OCOP_TOKEN")

    assert "tài khoản so-1" in todo.vi
    assert "token: biến/variable OCOP_TOKEN" in todo.en
    assert is_of_settings(ConfigurationError("secrets.token: trống"))
    assert not is_of_settings(error)  # it may be the marketplace that is wrong


def test_a_network_that_fails_is_no_matter_of_credentials() -> None:
    error = UnreachableError("không kết nối được")

    todo = todo_of(error, "so-1")

    assert "`base_url` của tài khoản so-1" in todo.vi
    assert "credentials were asked" in todo.en
    assert not is_of_settings(error)


def test_an_account_that_rests_is_told_why() -> None:
    resting = RestingError("tạm ngừng")
    resting.__cause__ = UnreachableError("không kết nối được")

    assert todo_of(resting, "so-1") == todo_of(resting.__cause__, "so-1")


@pytest.mark.parametrize("kind", [RestingError, UnavailableError])
def test_calls_that_are_held_back_are_advised_by_what_has_failed(
    kind: type[MarketplaceError],
) -> None:
    held, again = kind("chưa thử"), RestingError("chưa thử")
    held.__cause__ = AuthenticationError("401")
    again.__cause__ = held

    for error in (held, again):
        assert todo_of(error, "so-1") == todo_of(AuthenticationError("401"), "so-1")
        assert kind_of_problem(error) is AccountProblemKind.CREDENTIALS


def test_what_is_never_right_by_itself_is_told_from_what_passes() -> None:
    lasting = {
        AuthenticationError("401"): AccountProblemKind.CREDENTIALS,
        RefusedClockError("giờ"): AccountProblemKind.CLOCK,
        ConfigurationError("secrets.token: trống"): AccountProblemKind.SETTINGS,
    }
    passing = [UnreachableError("mạng"), UnavailableError("503"), FatalError("403")]

    assert {kind_of_problem(each) for each in lasting} == LASTING
    assert all(kind_of_problem(error) is cause for error, cause in lasting.items())
    assert {kind_of_problem(each) for each in passing} == {AccountProblemKind.OTHER}


def test_a_marketplace_may_be_as_long_winded_as_it_likes() -> None:
    said = why_of(TransientError("ồ" * 5_000))

    assert (len(said), said[-2:]) == (LONGEST, "ồ…")
    assert why_of(TransientError("ồ" * LONGEST)) == "ồ" * LONGEST


def test_the_words_of_what_nobody_expected_are_not_shown() -> None:
    assert why_of(RuntimeError("mật khẩu: 123")) == "RuntimeError"
    assert why_of(UnavailableError("")) == "UnavailableError"
