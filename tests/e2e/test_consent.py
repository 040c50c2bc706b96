"""`ocop-sync consent`, as members of staff use it."""

from tests.e2e.served import Desk, good

BY = ("--by", "Ng. Văn A")


def test_a_withdrawal_leads_to_an_erasure_that_staff_confirm(desk: Desk) -> None:
    desk.import_(good(1))
    assert desk.run_json("consent", "erasures") == {"erasures": []}

    withdrawn = desk.run("consent", "withdraw", "CS-0001", *BY)
    early = desk.run("consent", "erase", "CS-0001", *BY)
    (asked,) = desk.run_json("consent", "erasures")["erasures"]
    desk.time.pass_(hours=73)
    listed = desk.run("consent", "erasures").stdout
    erased = desk.run("consent", "erase", "CS-0001", *BY)

    assert (withdrawn.exit_code, early.exit_code, erased.exit_code) == (0, 2, 0)
    assert (asked["producer"], asked["is_due"]) == ("CS-0001", False)
    assert "due" in listed
    assert desk.run_json("consent", "erasures") == {"erasures": []}
    assert desk.run("audit", "verify").exit_code == 0


def test_consent_is_given_anew(desk: Desk) -> None:
    desk.import_(good(1))
    desk.run("consent", "withdraw", "CS-0001", *BY)

    given = desk.run("consent", "give", "CS-0001", *BY)

    assert given.exit_code == 0
    acts = desk.run_json("audit", "list", "--after", "1")["acts"]
    assert [each["by"]["acts_for"] for each in acts] == ["CS-0001"] * 2
    assert desk.run_json("consent", "erasures") == {"erasures": []}


def test_consent_of_nobody_is_wrong_input(desk: Desk) -> None:
    desk.import_(good(1))

    refused = desk.run("consent", "withdraw", "CS-0009", *BY)

    assert refused.exit_code == 2
    assert "not in the catalog" in refused.stderr
