"""The benchmarks still run; their figures are read on an idle machine."""

import sys
from pathlib import Path

import pytest

from tests import forked

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("cpu_per_listing --products 60", "microseconds per listing"),
        ("nothing_to_do --products 60 --times 1", "'missed': 0, 'too many': 0"),
        ("one_change --products 60 --copies 2 --changes 2", "'warm_ms': {'wall': "),
        ("first_sync --products 12", "ratio: "),
        ("quota_used --listings 12 --latency-ms 20", "refused for the quota: 0"),
        ("quota_used --listings 12 --latency-ms 20 --hearing", "hearing sales: 0 of"),
        ("chaos --products 20 --kills 1", "check: doubled 0, lost 0, oversold 0"),
        ("import_waits --products 60", "times as short apart"),
        ("import_speed --products 40", "again: 40 products, "),
        ("loop_holds --products 40", "import, 40 products: p99.9 "),
        ("change_to_shown --products 20 --changes 3", "the answer to the read at voso"),
        ("answers --products 20 --calls 2 --rounds 1 --pause-s 1", "during an import"),
        (
            "schedules --firings 6 --schedules 1",
            "check: lost 0, begun without a claim 0, at once 0,",
        ),
        ("adoption --products 60", "check: recall at 3 candidates 65 of 66"),
    ],
    ids=lambda words: words.split()[0],
)
def test_a_benchmark_runs_through(words: str, says: str) -> None:
    name, *options = words.split()
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]

    done = forked.run(command, cwd=ROOT, text=True, timeout=300)

    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout
