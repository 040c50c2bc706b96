"""Whoever asks what happened to a product reads it at the command line."""

from tests.e2e.served import Desk, good

SKU = "SP-00001-1"


def act(desk: Desk) -> None:
    """Import a sheet, and change a price and a count of it by hand."""
    desk.import_(good(1))
    by = ("--by", "Ng. Văn A")
    for command in (("price", SKU, "61000"), ("count", SKU, "1")):
        done = desk.run("products", *command, *by)
        assert done.exit_code == 0, done.output


def test_each_change_is_told_with_who_made_it_the_latest_first(desk: Desk) -> None:
    act(desk)

    shown = desk.run("history", "SP-00001").stdout

    priced, counted = shown.index("set_price"), shown.index("set_stock")
    assert counted < priced < shown.index("lần nạp / import 1")
    assert "Ng. Văn A, set_price" in shown
    assert "→ 61000" in shown
    assert "mới / new" in shown


def test_a_count_of_one_is_a_number(desk: Desk) -> None:
    act(desk)

    (line,) = [
        line for line in desk.run("history", SKU).stdout.splitlines() if "→ 1;" in line
    ]

    assert "có / yes" not in line


def test_there_are_pages_for_people_and_all_of_it_for_machines(desk: Desk) -> None:
    act(desk)

    first = desk.run("history", SKU, "--limit", "1").stdout
    found = desk.run_json("history", SKU)

    numbers = [each["n"] for each in found["changes"]]
    assert f"history {SKU} --before {numbers[0]}" in first
    assert numbers == sorted(numbers, reverse=True)
    assert [each["kind"] for each in found["changes"]] == [
        "set_stock",
        "set_price",
        "import",
    ]
    assert found["of"] == {"id": "SP-00001", "name": found["of"]["name"], "sku": SKU}


def test_an_undoing_is_told_as_one(desk: Desk) -> None:
    desk.import_(good(1))
    desk.import_(good(1, description="Mới"))
    seen = desk.run_json("import", "undo", "2")["token"]
    by = ("--by", "Ng. Văn A")
    done = desk.run("import", "undo", "2", "--confirm", seen, *by)
    assert done.exit_code == 0, done.output

    shown = desk.run("history", "SP-00001").stdout

    assert "Ng. Văn A, hoàn tác / undo 3" in shown


def test_a_code_that_is_not_there_is_wrong_use(desk: Desk) -> None:
    act(desk)

    found = desk.run("history", "SP-99999")

    assert found.exit_code == 2
    assert "SP-99999" in found.stderr
