"""`ocop-sync marketplaces policy`: set, shown with its origin, let go of."""

import pytest

from tests.e2e.served import Desk, good

WHO = ("--by", "Bà Mẫu", "--reason", "họp ngày 12/11")


def test_a_policy_that_protects_less_is_told_confirmed_and_shown(desk: Desk) -> None:
    desk.write_settings()
    desk.import_(good(1))
    desk.run("sync")
    more = ("marketplaces", "policy", "set", "drift.price", "repair")

    held = desk.run(*more, "--marketplace", "postmart", *WHO)
    told = desk.run_json(*more, "--marketplace", "postmart", *WHO)
    token = told["held"]["token"]
    done = desk.run(*more, "--marketplace", "postmart", "--confirm", token, *WHO)

    words = " ".join(held.stdout.split())
    assert (held.exit_code, done.exit_code) == (3, 0)
    assert "prices that others edit there are written over by ours" in words
    assert f"add: --confirm {token}" in words
    assert "postmart: drift.price: ask -> repair" in done.stdout
    shown = desk.run("marketplaces", "policy", "show")
    assert "Bà Mẫu" in shown.stdout
    assert "mặc định / default" in " ".join(shown.stdout.split())
    (of,) = (
        each
        for each in desk.run_json(
            "marketplaces", "policy", "show", "--account", "postmart"
        )["policies"]
        if each["name"] == "drift.price"
    )
    assert (of["value"], of["source"]) == ("repair", "person")
    assert of["decided"]["set_by"] == "Bà Mẫu"
    assert of["decided"]["set_for"] == {"marketplace": "postmart", "account": ""}

    back = desk.run(
        *("marketplaces", "policy", "reset", "drift.price"),
        *("--marketplace", "postmart", *WHO),
    )
    again = desk.run(
        *("marketplaces", "policy", "reset", "drift.price"),
        *("--marketplace", "postmart", *WHO),
    )

    assert "postmart: drift.price: repair -> ask" in back.stdout
    assert "nothing to do" in again.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", "drift.price", "often"), "'repair', 'accept' or 'ask'"),
        (("set", "safety.share", "0.1", "--account", "postmart"), "never set for one"),
        (("set", "drift.price", "ask", "--account", "voso"), "there is no account"),
        (("set", "retry.attempts", "3"), "retry.attempts"),
        (
            ("reset", "drift.price", "--account", "a", "--marketplace", "b"),
            "only one of the two",
        ),
    ],
)
def test_a_policy_that_cannot_be_set_is_wrong_input(
    desk: Desk, words: tuple[str, ...], told: str
) -> None:
    desk.write_settings()

    refused = desk.run("marketplaces", "policy", *words, *WHO)

    assert refused.exit_code == 2
    assert told in " ".join(refused.stderr.split())
