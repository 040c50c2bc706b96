"""A change that a mock never takes: held, named, and sent again for a person."""

from typing import Any

from catalog.model.product import Entry
from catalog.values import replace
from tests.e2e.served import Desk, good

UNPUBLISH = "POST /v1/products/*/unpublish"


def on_sale(desk: Desk, count: int) -> None:
    desk.import_(*(good(n) for n in range(1, count + 1)))
    desk.run("sync")


def refuse_all(desk: Desk, operation: str) -> None:
    """Have the mock take no call of *operation*, as if each were too large."""
    desk.postmart.post(
        "faults", operation=operation, fault="too_long", size=1, count=None
    )


def fail_to_withdraw(desk: Desk) -> str:
    """Have the withdrawal of one of three products fail until it is quarantined."""
    on_sale(desk, 3)
    product, maker = good(1)
    ref = desk.postmart.ours()[product.id]["ref"]
    refuse_all(desk, UNPUBLISH.replace("*", str(ref)))
    desk.import_((replace(product, paused=True), maker), good(2), good(3))
    for _ in range(3):
        desk.run("sync")
    return product.id


def hold_of(desk: Desk, product_id: str) -> Any:
    rows = desk.run_json("status", "--products")["products"]
    return next((row["hold"] for row in rows if row["product"] == product_id), None)


def test_a_withdrawal_that_is_never_taken_is_named_by_status(desk: Desk) -> None:
    product_id = fail_to_withdraw(desk)

    [stuck] = desk.run_json("status")["not_withdrawn"]
    said = desk.run("status").stdout
    sent = desk.postmart.writes
    idle = desk.run("sync")

    assert (stuck["marketplace"], stuck["product"]) == ("postmart", product_id)
    assert stuck["reason"]["code"] == "quarantined"
    assert "413" in stuck["reason"]["seen"]["vi"]
    assert product_id in said
    assert "Phải gỡ mà sàn chưa gỡ" in said
    assert said.splitlines()[0].startswith("CÒN BÁN DÙ KHÔNG ĐƯỢC BÁN")
    assert product_id in said.splitlines()[0]
    assert (idle.exit_code, desk.postmart.writes) == (0, sent)
    for told in (idle, desk.run("held", "list")):
        first = told.stdout.splitlines()[0]
        assert first.startswith("CÒN BÁN DÙ KHÔNG ĐƯỢC BÁN")
        assert product_id in first


def test_a_person_has_it_sent_again(desk: Desk) -> None:
    product_id = fail_to_withdraw(desk)
    desk.postmart.delete("faults")

    said = desk.run("held", "retry", "postmart", product_id, "--by", "Ng. Văn A")
    desk.run("sync")

    assert said.exit_code == 0
    assert product_id in said.stdout
    assert desk.postmart.ours()[product_id]["state"] == "down"
    assert desk.run_json("status")["not_withdrawn"] == []


def dearer(n: int) -> Entry:
    product, maker = good(n)
    packs = [replace(pack, price_vnd=50_000) for pack in product.variants]
    return replace(product, variants=tuple(packs)), maker


def test_one_product_that_is_never_taken_keeps_back_no_other(desk: Desk) -> None:
    on_sale(desk, 8)
    bad, well = good(1)[0].id, good(2)[0].id
    ref = desk.postmart.ours()[bad]["ref"]
    refuse_all(desk, f"PATCH /v1/products/{ref}/prices")
    desk.import_(dearer(1), dearer(2), *(good(n) for n in range(3, 9)))
    for _ in range(3):
        desk.run("sync")

    shown = desk.postmart.ours()
    prices = [shown[id_]["variants"][0]["price_vnd"] for id_ in (bad, well)]
    assert prices == [45_000, 50_000]
    assert hold_of(desk, bad) == "quarantined"


def test_what_never_failed_is_not_tried_again(desk: Desk) -> None:
    on_sale(desk, 1)

    said = desk.run("held", "retry", "postmart", good(1)[0].id, "--by", "A")
    nowhere = desk.run("held", "retry", "shopee", good(1)[0].id, "--by", "A")

    assert (said.exit_code, nowhere.exit_code) == (2, 2)
    assert good(1)[0].id in said.stderr
