"""Text from outside, made fit to be shown: nothing confidential, and still legible."""

import pytest

from ocop_sync.errors import OutcomeUnknownError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.port import Unknown, Unreadable
from ocop_sync.redaction import HIDDEN, never_show, shown

CONFIDENTIAL = {
    "a number": ("gọi 0912345678 để hỏi", "gọi *** để hỏi"),
    "a number in groups": ("Hotline: 0912 345 678.", "Hotline: ***."),
    "a number with dots": ("0203.3123.456", "***"),
    "a number from abroad": ("+84 912 345 678", "***"),
    "an address": ("lien.he+a@mau-001.example.vn bị trùng", "*** bị trùng"),
    "an identity number": ("số 022090001234 không khớp", "số *** không khớp"),
    "an older identity number": ("CMND: 100123456 sai", "CMND: *** sai"),
    "a bearer": ("Bearer abc.def-123 is unknown", "Bearer *** is unknown"),
    "a named token": ('"access_token":"a1b2c3d4"', '"access_token":"***"'),
    "a header": ("Authorization: Basic dXNlcjp4eHg5", "Authorization: Basic ***"),
    "a signature": (f"expected {'0a' * 32}", "expected ***"),
    "a signed token": ("got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "got ***"),
}


@pytest.mark.parametrize("what", CONFIDENTIAL)
def test_what_is_confidential_is_not_shown(what: str) -> None:
    text, expected = CONFIDENTIAL[what]

    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Tên dài quá 120 ký tự: variants[0].price_vnd = 150000000",
        "token: expired, signature mismatch",
        "SKU SP-00001-1 trùng với 8935001234567, tin 401",
        "quyết định 377/QĐ-BNN-VPĐP ngày 02-01-2026 10:30, 01/12/2026",
        "request 7d9f2c1e-0b3a-4c55-9a40-2f6b8c1d0e11 lúc 1764404639",
    ],
)
def test_what_a_person_needs_is_kept(text: str) -> None:
    assert shown(text) == text


def test_words_are_one_line_that_no_terminal_obeys() -> None:
    assert shown("Sai\r\n tên\x1b[2J\u202e \x00hàng\u2028!") == "Sai tên[2J hàng !"


def test_long_words_are_cut_and_the_cut_is_seen() -> None:
    said = shown("ơ" * 10_000)

    assert len(said) == 300
    assert said.endswith("ơ…")


def test_a_known_secret_is_hidden_wherever_it_comes_from() -> None:
    never_show("mat ma 9981")
    never_show("ngắn")  # four letters spoil words and protect nothing

    assert Problem(code="x", message="sai mat ma 9981").message == f"sai {HIDDEN}"
    assert Unknown("mat ma 9981").detail == HIDDEN
    assert Unreadable(ref="7", reason="mat ma 9981").reason == HIDDEN
    assert str(OutcomeUnknownError("POST /x: mat ma 9981")) == f"POST /x: {HIDDEN}"
    assert shown("quá ngắn") == "quá ngắn"


def test_a_problem_is_fit_to_be_shown_whoever_makes_it() -> None:
    problem = Problem(
        code="NAME\n", message="Tên\n" + "x" * 600, field="a\x1b" + "b" * 200
    )

    assert problem.code == "NAME"
    assert len(problem.message) == 500
    assert problem.field == "a" + "b" * 99
