"""Which passwords are accepted, and how they are compared."""

import asyncio
import threading
from typing import Literal

import pytest
from argon2 import PasswordHasher

from ocop_sync.errors import PlanError
from ocop_sync.service.identity import passwords
from ocop_sync.service.identity.passwords import (
    Passwords,
    ensure_good,
    make_password,
)
from ocop_sync.service.identity.tokens import key_id_of, new_key, new_token
from tests.identity import PASSWORD, quick_passwords


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        pytest.param("mười một chữ"[:11], "ít nhất 12", id="11 characters"),
        pytest.param("é" * 513, "1024 byte", id="1026 bytes"),
        pytest.param("\ud800 nửa chữ cái", "không đọc được", id="half a pair"),
        pytest.param("a" * 20, "dễ đoán", id="one sign"),
        pytest.param("121212121212", "dễ đoán", id="two signs"),
        pytest.param("1234567890123", "dễ đoán", id="digits"),
        pytest.param("QuangNinh2026", "dễ đoán", id="in capitals"),
    ],
)
def test_a_password_that_is_easily_guessed_or_endless_is_refused(
    password: str, complaint: str
) -> None:
    with pytest.raises(PlanError, match=complaint):
        ensure_good(password)


@pytest.mark.parametrize("password", [PASSWORD, "mười hai chữ", "é2x " * 200])
def test_no_other_rule_is_made(password: str) -> None:
    ensure_good(password)


def test_the_list_of_common_ones_holds_none_that_is_too_short_anyway() -> None:
    assert passwords._common()
    assert {each for each in passwords._common() if len(each) < 12} == set()


async def test_accents_may_be_composed_by_any_keyboard() -> None:
    kept = await quick_passwords().hash("mật khẩu cô Đậu")

    checked = await quick_passwords().check(kept, "mâ\u0323t khâ\u0309u cô Đâ\u0323u")

    assert checked.right


async def test_a_password_is_kept_anew_once_the_parameters_are_others() -> None:
    kept = await quick_passwords().hash(PASSWORD)
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))

    checked = await dearer.check(kept, PASSWORD)

    assert checked.right
    assert (await dearer.check(checked.new_hash, PASSWORD)).new_hash == ""
    assert not (await dearer.check(kept, PASSWORD + "!")).right


async def test_the_parameters_are_those_that_the_library_recommends() -> None:
    kept = await Passwords().hash(PASSWORD)

    assert kept.startswith("$argon2id$")
    assert not PasswordHasher().check_needs_rehash(kept)


async def test_a_password_that_cannot_be_is_not_worked_on() -> None:
    kept = await quick_passwords().hash("")

    assert (await quick_passwords().check(kept, "x" * 1025)).right  # as "" would be
    assert (await quick_passwords().check(kept, "\ud800")).right
    assert not (await quick_passwords().check(kept, "x" * 1024)).right


class SlowHasher(PasswordHasher):
    """Counts how many work at once, and waits for two of them to meet."""

    most = 0
    now = 0
    lock = threading.Lock()
    two = threading.Barrier(2)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  (its name there)
        del hash, password
        with self.lock:
            SlowHasher.now += 1
            SlowHasher.most = max(self.most, self.now)
        self.two.wait(10)
        with self.lock:
            SlowHasher.now -= 1
        return True


async def test_passwords_are_checked_off_the_loop_and_two_at_once() -> None:
    slow = Passwords(SlowHasher(time_cost=1, memory_cost=8, parallelism=1))

    await asyncio.gather(*(slow.check("", PASSWORD) for _ in range(6)))

    assert SlowHasher.most == 2


def test_what_is_made_is_long_and_of_letters_that_look_like_no_other() -> None:
    random = iter(range(1_000))

    made = make_password(lambda size: bytes(next(random) % 256 for _ in range(size)))

    ensure_good(made)
    assert set(made) <= set("abcdefghjkmnpqrstuvwxyz23456789-")
    assert len(made.replace("-", "")) == 20


def test_tokens_and_keys_have_the_randomness_that_they_state() -> None:
    sizes: list[int] = []

    def random_bytes(size: int) -> bytes:
        sizes.append(size)
        return bytes(size)

    key = new_key(random_bytes)

    assert sizes == [5, 20]
    assert key_id_of(key) == "ocop_aaaaaaaa"
    assert len(new_token(random_bytes)) == 43
    assert sizes[-1] == 32
