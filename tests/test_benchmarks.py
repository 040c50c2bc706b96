"""The benchmarks still run; what they measure is read on an idle machine."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cpu_per_listing", "microseconds per listing"),
        ("nothing_to_do", "'missed': 0, 'too many': 0"),
        ("first_sync", "ratio: "),
        ("chaos", "check: doubled 0, lost 0, oversold 0"),
        ("adoption", "check: recall at 3 candidates 65 of 66"),
    ],
)
def test_a_benchmark_runs_through(name: str, says: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--products", "60"]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout
