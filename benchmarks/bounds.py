"""How much memory and time each command takes over a large catalog.

    python -m benchmarks.bounds [--products 100000] [--only plan --only export]

Each command is a process of its own, as a person or a timer starts it: a file is
generated, taken in, exported, evaluated and planned; then a reviewed plan is sent to
a mock of Postmart, which reviews nothing and has no quota, and synced once more. At
the accounts of Voso nothing answers, as no command calls them. Memory is the most
that the process has held (`ru_maxrss`), time its own processor time: both say the
same on a busy machine, and the time of the clock does not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mocks import mock
from ocop_sync.testing.mocks.mock import open_mock

NOWHERE = "http://127.0.0.1:9"
"""An address at which nothing answers."""
PRODUCERS = 500
"""How many producers the products have; each has an account at Voso."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command has taken.

    Attributes:
        peak_mb: The most memory that it held.
        cpu_s: Its processor time.
        wall_s: The time on the clock, on a machine that others use as well.
        exit_code: Its exit code.
        said: The end of what it said of itself.
    """

    peak_mb: int
    cpu_s: float
    wall_s: float
    exit_code: int
    said: str


def spent_by(
    words: Sequence[str], out: Path, environment: Mapping[str, str], folder: Path
) -> Spent:
    """Run one command of the service, with its output in *out*."""
    command = [sys.executable, "-m", "ocop_sync", *words]
    start = time.perf_counter()
    with out.open("wb") as stdout, (folder / "errors.txt").open("w+b") as stderr:
        process = subprocess.Popen(  # noqa: S603  (this very service)
            command, stdout=stdout, stderr=stderr, env=environment, cwd=folder
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        stderr.seek(0)
        said = stderr.read()[-300:].decode(errors="replace")
    return Spent(
        peak_mb=used.ru_maxrss >> 10,
        cpu_s=round(used.ru_utime + used.ru_stime, 1),
        wall_s=round(time.perf_counter() - start, 1),
        exit_code=process.returncode,
        said=said.strip(),
    )


def commands(count: int, folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what is measured, in order, by its name."""
    made, plan = str(folder / "made.csv"), str(folder / "plan.json")
    size = ("--count", str(count), "--producers", str(PRODUCERS))
    yield "generate", ("generate", made, *size, "--force")
    yield "import", ("import", made, "--source", "bounds")
    yield "import again", ("import", made, "--source", "bounds")
    for form in ("csv", "json", "xlsx"):
        yield f"export {form}", ("export", str(folder / f"out.{form}"))
    yield "eligibility", ("eligibility",)
    yield "eligibility --json", ("eligibility", "--json")
    yield "eligibility --marketplace", ("eligibility", "--marketplace", "postmart")
    yield "expiring --json", ("expiring", "--json")
    yield "missing-papers", ("missing-papers",)
    yield "plan", ("plan",)
    yield "plan --json", ("plan", "--json")
    yield "plan --out", ("plan", "--out", plan)
    yield "status", ("status",)
    yield "held list", ("held", "list")


def commands_there(folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what is measured at a marketplace that answers, in order, by its name."""
    plan = str(folder / "postmart.json")
    yield "plan postmart --out", ("plan", "postmart", "--out", plan)
    yield "sync --plan", ("sync", "--plan", plan)
    yield "sync postmart", ("sync", "postmart")
    yield "sync postmart again", ("sync", "postmart")
    yield "status, all listed", ("status",)
    yield "held list, all listed", ("held", "list")


def environment_at(folder: Path, url: str, postmart: str) -> Mapping[str, str]:
    """Return the settings of a deployment with an account for each producer.

    Args:
        folder: Where its database is, if that is SQLite.
        url: Of another database, or "".
        postmart: The address of Postmart.
    """
    told, known = {"env": "BOUNDS_SECRET"}, open_mock("postmart").secrets
    accounts: list[dict[str, object]] = [
        {
            "key": "postmart",
            "marketplace": "postmart",
            "base_url": postmart,
            "calls_per_s": 100_000,
            "secrets": {name: {"env": f"BOUNDS_{name.upper()}"} for name in known},
        }
    ]
    accounts += [
        {
            "key": f"voso:MAU-CS-{n:04}",
            "marketplace": "voso",
            "base_url": NOWHERE,
            "seller_ref": f"MAU-CS-{n:04}",
            "secrets": dict.fromkeys(open_mock("voso").secrets, told),
        }
        for n in range(1, PRODUCERS + 1)
    ]
    signs_in = {f"BOUNDS_{name.upper()}": value for name, value in known.items()}
    return os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "BOUNDS_SECRET": "s",
        **signs_in,
        "OCOP_SYNC_DATABASE__URL": url or f"sqlite:///{folder / 'ocop.db'}",
        "OCOP_SYNC_RULES__ACCEPT_PUBLISHED": "true",
        "OCOP_SYNC_ACCOUNTS": json.dumps(accounts),
    }


def measure(count: int, folder: Path, only: Sequence[str], url: str) -> None:
    """Run what is asked for, and print what it took."""
    here = _chosen(commands(count, folder), only)
    there = _chosen(commands_there(folder), only)
    with ExitStack() as running:
        postmart = running.enter_context(mock("postmart")) if there else NOWHERE
        environment = environment_at(folder, url, postmart)
        for name, words in (*here, *there):
            _measure(count, name, words, folder, environment)


def _chosen(
    all_: Iterator[tuple[str, Sequence[str]]], only: Sequence[str]
) -> list[tuple[str, Sequence[str]]]:
    return [(name, words) for name, words in all_ if not only or name in only]


def _measure(
    count: int,
    name: str,
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
) -> None:
    spent = spent_by(words, folder / "out.txt", environment, folder)
    size = (folder / "out.txt").stat().st_size >> 20
    print(
        f"{count:>7} {name:<26} {spent.peak_mb:>5} MB {spent.cpu_s:>6} s CPU"
        f" {spent.wall_s:>6} s, output {size} MB, exit {spent.exit_code}"
        f" {spent.said[:200] if spent.exit_code not in (0, 3) else ''}",
        flush=True,
    )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--only", action="append", default=[], help="one command")
    parser.add_argument("--folder", type=Path, help="kept; one of its own if none")
    parser.add_argument("--url", default="", help="of the database; SQLite if none")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = args.folder or Path(made)
        folder.mkdir(exist_ok=True)
        measure(args.products, folder, args.only, args.url)


if __name__ == "__main__":
    main()
