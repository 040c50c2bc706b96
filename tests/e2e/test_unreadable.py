"""What commands say of a listing that is at a marketplace and cannot be read."""

import sqlite3

from tests.e2e.served import Desk, good

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
    }
    assert f"postmart: {ref} (SP-00002): {REASON}" in shown
    assert "3 other listings could not be read" in " ".join(shown.split())
