"""`ocop-sync products` and `producers`, as the department enters and edits them."""

from tests.e2e.served import Desk, good

BY = ("--by", "Ng. Văn A")


def test_a_producer_and_its_product_are_entered_edited_and_moved(desk: Desk) -> None:
    desk.import_(good(1))
    maker = desk.run_json("producers", "add", "HTX Mẫu Hai", *BY)
    kind = ("--set", "producer_kind", "HTX", "--set", "address", "Thôn Mẫu")
    edited = desk.run("producers", "edit", maker["id"], *kind, *BY)
    same = desk.run("producers", "edit", maker["id"], *kind, *BY)
    new = ("Nước mắm Mẫu", "--producer", maker["id"], "--pack", "Chai 500 ml")
    item = desk.run_json("products", "add", *new, *BY)
    pack = ("--set", "pack", "Can 5 l", "--set", "weight_g", "5 kg")
    added = desk.run("products", "add-pack", item["id"], *pack, *BY)
    why = ("--reason", "quyết định ngày 12/11")
    official = ("--set", "name", "Nước mắm Mẫu Hai", "--set", "origin", "Cô Tô")
    renamed = desk.run("products", "edit", item["id"], *official, *BY, *why)
    moved = desk.run("products", "move", item["id"], "CS-0001", *BY)

    assert "edited" in edited.stdout
    assert "so already" in same.stdout
    assert f"{item['id']}-2" in added.stdout
    assert "edited" in renamed.stdout
    assert "is of CS-0001 now" in moved.stdout
    shown = desk.run_json("products", "show", item["id"])
    assert shown["name"] == "Nước mắm Mẫu Hai"
    assert (shown["texts"]["origin"], shown["producer"]["id"]) == ("Cô Tô", "CS-0001")
    assert [each["texts"]["pack"] for each in shown["packs"]] == [
        "Chai 500 ml",
        "Can 5 l",
    ]
    listed = desk.run("producers", "list").stdout
    assert f"{maker['id']} HTX Mẫu Hai (HTX): 0" in listed
    assert "address: Thôn Mẫu" in desk.run("producers", "show", maker["id"]).stdout
    acts = desk.run_json("audit", "list", "--after", "1")["acts"]
    assert [each["kind"] for each in acts] == [
        "add_producer",
        "edit_producer",
        "add_product",
        "add_pack",
        "edit_product",
        "move_product",
    ]
    assert acts[-2]["reason"] == "quyết định ngày 12/11"
    changes = desk.run_json("history", item["id"])["changes"]
    assert {"name", "producer_id"} <= {each["field"] for each in changes}


def test_what_is_held_tells_its_token_to_people_and_machines(desk: Desk) -> None:
    desk.import_(good(1))
    near = ("products", "add", "Măng khô Mẫuu 1", "--producer", "CS-0001", *BY)

    told = desk.run(*near)
    held = desk.run(*near, "--json")
    token = told.stderr.rsplit(" ", 1)[-1].strip()

    assert (told.exit_code, held.exit_code) == (3, 3)
    assert "SP-00001" in told.stderr
    assert f'"token": "{token}"' in held.stdout
    assert desk.run(*near, "--confirm", token).exit_code == 0


def test_wrong_input_is_told_and_nothing_is_entered(desk: Desk) -> None:
    desk.import_(good(1))
    twice = ("--set", "source", "a", "--set", "source", "b")
    for words, said in (
        (("products", "add", "Mẫu", "--producer", "CS-0009"), "not in the catalog"),
        (("products", "edit", "SP-00001", *twice), "given twice"),
        (("products", "add-pack", "SP-00001"), "say what to enter"),
        (("producers", "edit", "CS-0001"), "say what to enter"),
        (("products", "move", "SP-00001", "CS-0009"), "not in the catalog"),
        (
            ("products", "edit", "SP-00001", "--set", "name", "M", "--for", "CS-0001"),
            "the department alone",
        ),
        (
            ("producers", "add", "Mẫu", "--set", "province", "Hải Dương"),
            "this catalog has producers of Quảng Ninh only",
        ),
    ):
        refused = desk.run(*words, *BY)
        assert refused.exit_code == 2, refused.output
        assert said in refused.stderr
    assert len(desk.run_json("audit", "list")["acts"]) == 1
