"""`ocop-sync products`, as members of staff use it."""

import pytest

from tests.e2e.served import Desk, good

BY = ("--by", "Ng. Văn A")


def test_staff_do_for_a_producer_what_it_would_do_itself(desk: Desk) -> None:
    desk.import_(good(1))
    own = (*BY, "--for", "CS-0001", "--reason", "cơ sở gọi điện")
    done = [
        desk.run("products", *words, *own)
        for words in (
            ("edit", "SP-00001", "--set", "origin", "Ba Chẽ"),
            ("edit", "SP-00001", "--set-pack", "SP-00001-1", "net_quantity", "500 g."),
            ("price", "SP-00001-1", "50000"),
            ("count", "SP-00001-1", "12"),
            ("adjust", "SP-00001-1", "3", "--why", "broken"),
            ("pause", "SP-00001"),
            ("resume", "SP-00001"),
            ("stock-policy", "SP-00001", "mirror"),
        )
    ]

    assert [each.exit_code for each in done] == [0] * 8
    assert "more may be sold than there is" in done[-1].stdout
    acts = desk.run_json("audit", "list", "--after", "1")["acts"]
    assert [each["kind"] for each in acts] == [
        "edit_text",
        "edit_text",
        "set_price",
        "set_stock",
        "adjust_stock",
        "pause",
        "resume",
        "stock_policy",
    ]
    assert {each["by"]["acts_for"] for each in acts} == {"CS-0001"}
    assert {each["reason"] for each in acts} == {"cơ sở gọi điện"}


def test_a_held_price_says_how_to_confirm_it(desk: Desk) -> None:
    desk.import_(good(1))
    held = desk.run("products", "price", "SP-00001-1", "450000", *BY)

    assert held.exit_code == 3
    token = held.stderr.rsplit(" ", 1)[-1].strip()
    again = ("products", "price", "SP-00001-1", "450000", "--confirm", token)
    assert desk.run(*again, *BY).exit_code == 0
    assert "so already" in desk.run(*again, *BY).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("edit", "SP-00001"), "say what to edit"),
        (("pause", "SP-00001", "--for", "CS-0009"), "not in the catalog"),
        (("adjust", "SP-00001-1", "99", "--why", "broken"), "are left"),
        (("price", "SP-00001-1", "0"), "a price is from 1"),
        (("count", "SP-00001-1", "1", "--counted-at", "01/01/2001"), "newer count"),
    ],
)
def test_wrong_input_ends_with_its_exit_code(
    desk: Desk, words: tuple[str, ...], said: str
) -> None:
    desk.import_(good(1))

    refused = desk.run("products", *words, *BY)

    assert refused.exit_code == 2
    assert said in refused.stderr
