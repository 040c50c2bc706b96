"""`ocop-sync pictures`, as people and machines use it."""

from tests.e2e.served import SECRETS, Desk, good
from tests.pictures import make_picture

BY = ("--by", "Ng. Văn A")


def test_a_picture_is_uploaded_marked_put_first_and_taken_out(desk: Desk) -> None:
    desk.import_(good(1))
    before = desk.run_json("pictures", "list", "SP-00001")["pictures"]
    for name, color in (("a.jpg", "red"), ("b.png", "blue")):
        kind = "JPEG" if name == "a.jpg" else "PNG"
        content = make_picture(kind, (1_000, 800), color=color)
        (desk.folder / name).write_bytes(content)
    first, second = str(desk.folder / "a.jpg"), str(desk.folder / "b.png")

    shown = desk.run("pictures", "add", "SP-00001-1", first, "--mark", "no", *BY)
    added = desk.run_json("pictures", "add", "SP-00001", second, *BY)["pictures"]
    which = added[-1]["id"]
    done = [
        desk.run("pictures", *words, *BY)
        for words in (
            ("order", "SP-00001", which[:8]),
            ("mark", "SP-00001", which, "--mark", "yes"),
            ("remove", "SP-00001", added[-2]["id"]),
        )
    ]

    assert shown.exit_code == 0
    assert "1000x800" in shown.stdout
    assert "không / no" in shown.stdout
    assert [each.exit_code for each in done] == [0, 0, 0]
    found = desk.run_json("pictures", "list", "SP-00001")
    assert found["product_id"] == "SP-00001"
    assert [each["id"] for each in found["pictures"]] == [
        which,
        *(each["id"] for each in before),
    ]
    assert found["pictures"][0] == {
        "place": 1,
        "id": which,
        "url": f"http://127.0.0.1:8080/pictures/{which}.jpg",
        "uploaded": True,
        "shows_ocop_mark": "yes",
        "size": {"width": 1000, "height": 800},
    }
    acts = desk.run_json("audit", "list", "--after", "1")["acts"]
    assert [each["kind"] for each in acts] == [
        "add_picture",
        "add_picture",
        "order_pictures",
        "mark_picture",
        "remove_picture",
    ]


def test_staff_act_for_a_producer_and_reach_its_pictures_alone(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    (desk.folder / "a.jpg").write_bytes(make_picture())
    file, why = str(desk.folder / "a.jpg"), "cơ sở gửi ảnh mới"
    own = (*BY, "--for", "CS-0001", "--reason", why)
    found = desk.run_json("pictures", "add", "SP-00001", file, *own)["pictures"]
    which = found[-1]["id"]
    theirs = desk.run_json("pictures", "list", "SP-00002")["pictures"][0]["id"]
    acts = (("order",), ("mark", "--mark", "no"), ("remove",))

    def tried(product: str, picture: str) -> list[int]:
        ways = ((way, more) for way, *more in acts)
        return [
            desk.run("pictures", way, product, picture, *more, *own).exit_code
            for way, more in ways
        ]

    assert tried("SP-00002", theirs) == [2, 2, 2]
    assert desk.run("pictures", "add", "SP-00002", file, *own).exit_code == 2
    assert tried("SP-00001", which) == [0, 0, 0]
    acted = desk.run_json("audit", "list", "--after", "1")["acts"]
    assert [each["by"]["acts_for"] for each in acted] == ["CS-0001"] * 4
    assert [each["reason"] for each in acted] == [why] * 4


def test_what_is_no_picture_is_refused_with_what_to_do(desk: Desk) -> None:
    desk.import_(good(1))
    (desk.folder / "a.pdf").write_bytes(b"%PDF-1.7\n")
    file = str(desk.folder / "a.pdf")

    refused = desk.run("pictures", "add", "SP-00001", file, *BY)
    nobody = desk.run("pictures", "add", "SP-00009", file, *BY)
    other = desk.run("pictures", "remove", "SP-00001", "f" * 64, *BY)

    assert [each.exit_code for each in (refused, nobody, other)] == [2, 2, 2]
    assert "JPEG" in refused.stderr
    assert "SP-00009" in nobody.stderr
    assert "đang có" in other.stderr


def test_pictures_follow_the_service_to_another_address(desk: Desk) -> None:
    desk.import_(good(1))
    (desk.folder / "a.jpg").write_bytes(make_picture())
    desk.run("pictures", "add", "SP-00001", str(desk.folder / "a.jpg"), *BY)
    moved_to = {"OCOP_SYNC_SERVE__PUBLIC_URL": "https://ocop.mau.example", **SECRETS}

    moved = desk.run("pictures", "move", *BY, secrets=moved_to)

    assert moved.exit_code == 0
    assert "1 sản phẩm" in moved.stdout
    shown = desk.run_json("pictures", "list", "SP-00001")["pictures"]
    assert shown[-1]["url"].startswith("https://ocop.mau.example/pictures/")
