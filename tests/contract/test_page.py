"""The page and the counts of what was proved, as pytest shows and writes them."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ocop_sync.marketplace.listing import Listing, RemoteListing, RemoteState
from ocop_sync.testing.kit.check import BrokenPromiseError, ensure_same
from ocop_sync.testing.kit.page import page, rows_by_adapter
from ocop_sync.testing.memory import InMemoryMarketplace

LISTING = Listing(
    client_ref="SP-00001",
    seller_ref="CS-0001",
    title="Mật ong",
    description="",
    category="C",
    variants=(),
)
WHO = ("simple (Shop)", "content, price, reviews")
TOLD = [
    (*WHO, "", "create", "It is on sale", "proved", ""),
    (*WHO, "search", "find", "It is found", "skipped", "not claimed: search"),
    (*WHO, "search", "find-sku", "It is found", "skipped", "not claimed: search"),
    (*WHO, "price", "price", "It is set", "failed", "expected 2,\n found 1"),
    (*WHO, "reviews", "submission", "It ends", "skipped", "no review here"),
]


def test_what_is_not_proved_comes_first_with_its_reason() -> None:
    (name, rows), *_ = rows_by_adapter(TOLD).items()

    text = page(name, rows, "2026-11-24")

    assert (
        "\n1 proved, 3 skipped, 1 failed; claimed, and proved by no check: reviews.\n"
        in text
    )
    assert "\nIt claims: content, price, reviews.\n" in text
    assert "\nTried on 2026-11-24 with port version 1 of ocop-sync.\n" in text
    assert "- `price`: It is set — expected 2, found 1" in text
    assert "- not claimed: search: `find`, `find-sku`" in text
    assert text.index("`price`") < text.index("`find`") < text.index("`create`")


def test_of_two_listings_that_differ_only_the_difference_is_told() -> None:
    listing = RemoteListing(
        ref="7",
        state=RemoteState.LIVE,
        shown=InMemoryMarketplace.canonical(LISTING),
    )
    other = replace(listing, shown=replace(LISTING, title="Khác"))

    with pytest.raises(BrokenPromiseError) as caught:
        ensure_same(other, listing, "the listing")

    assert str(caught.value) == "the listing: title expected 'Mật ong', found 'Khác'"


def test_a_run_of_pytest_writes_the_page(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly"),
            *("tests/contract/test_simple.py", f"--conformance-page={file}"),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout
    text = file.read_text("utf-8")
    assert text.startswith("# Conformance of simple (SimpleShop)\n")
    assert "0 failed" in text
    assert "simple (SimpleShop): " in run.stdout
