"""The output of commands on a listing that exists and cannot be read."""

import sqlite3

import pytest

from catalog.model.product import Entry
from catalog.values import replace
from tests.e2e.served import Desk, good
from tests.factories import make_variant

REASON = "state: literal_error"


def test_status_counts_and_names_what_cannot_be_read(desk: Desk) -> None:
    desk.import_(*(good(n) for n in (1, 2)))
    desk.run("sync", "postmart")
    with sqlite3.connect(desk.folder / "ocop.db") as conn:
        conn.execute(
            "UPDATE listing SET unreadable = ? WHERE product_id = 'SP-00002'", [REASON]
        )
        conn.execute("UPDATE account SET unreadable = 3 WHERE key = 'postmart'")
        (ref,) = conn.execute(
            "SELECT ref FROM listing WHERE product_id = 'SP-00002'"
        ).fetchone()
    conn.close()

    told = desk.run_json("status")["unreadable"]
    shown = desk.run("status").stdout

    assert told == {
        "ours": 1,
        "others": 3,
        "listings": [
            {
                "marketplace": "postmart",
                "account": "postmart",
                "product": "SP-00002",
                "ref": ref,
                "reason": REASON,
            }
        ],
        "in_review": 0,
        "reviews": [],
    }
    assert f"postmart: {ref} (SP-00002): {REASON}" in shown
    assert "3 other listings could not be read" in " ".join(shown.split())


def priced(n: int, price: int) -> Entry:
    pack = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=price)
    product, _ = good(n, variants=(pack,))
    _, maker = good(1)
    return replace(product, producer_id="CS-0001"), maker


def prices(desk: Desk, name: str) -> dict[str, int]:
    rows = (desk.postmart if name == "postmart" else desk.voso).ours()
    return {id_: row["variants"][0]["price_vnd"] for id_, row in sorted(rows.items())}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        pytest.param("postmart", "", id="postmart, an unknown state"),
        pytest.param("postmart", "name", id="postmart, a null"),
        pytest.param("voso", "", id="voso, an unknown state"),
        pytest.param("voso", "STATUS", id="voso, a null"),
    ],
)
def test_of_a_page_with_an_odd_item_all_others_are_kept_right(
    desk: Desk, name: str, field: str
) -> None:
    served = desk.postmart if name == "postmart" else desk.voso
    desk.write_settings(producers=["CS-0001"])
    desk.import_(*(priced(n, 50_000) for n in (1, 2, 3)))
    desk.run("sync", name)
    ref = served.ours()["SP-00002"]["ref"]
    served.post(
        "faults",
        operation="list_products",
        fault="odd_item",
        ref="SP-00002",
        field=field,
        count=None,
    )
    desk.enter(*(priced(n, 60_000) for n in (1, 2, 3)))

    told = desk.run_json("reconcile", name)
    status = desk.run_json("status")["unreadable"]

    [odd] = told["report"]["unreadable"].values()
    assert list(odd) == [ref]
    assert prices(desk, name) == {
        "SP-00001": 60_000,
        "SP-00002": 50_000,
        "SP-00003": 60_000,
    }
    assert [each["ref"] for each in status["listings"]] == [ref]
    served.delete("faults")
    desk.run("sync", name)
    assert prices(desk, name)["SP-00002"] == 60_000
    assert desk.run_json("status")["unreadable"]["ours"] == 0
