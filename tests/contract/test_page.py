"""The page and the counts of what was proved, as pytest shows and writes them."""

import subprocess
import sys
from pathlib import Path

from ocop_sync.testing.kit.page import page, rows_by_adapter

TOLD = [
    ("simple (Shop)", "create", "It is on sale", "proved", ""),
    ("simple (Shop)", "find", "It is found", "skipped", "not claimed: search"),
    ("simple (Shop)", "find-sku", "It is found", "skipped", "not claimed: search"),
    ("simple (Shop)", "price", "It is set", "failed", "expected 2,\n found 1"),
]


def test_what_is_not_proved_comes_first_with_its_reason() -> None:
    (name, rows), *_ = rows_by_adapter(TOLD).items()

    text = page(name, rows)

    assert "1 proved, 2 skipped, 1 failed" in text
    assert "- `price`: It is set — expected 2, found 1" in text
    assert "- not claimed: search: `find`, `find-sku`" in text
    assert text.index("`price`") < text.index("`find`") < text.index("`create`")


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
