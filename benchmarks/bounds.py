"""How much memory and time each command takes over a large catalog.

    python -m benchmarks.bounds [--products 100000] [--only plan --only export]

Each command is a process of its own, as a person or a timer starts it: a file is
generated, taken in, exported, evaluated and planned; then a reviewed plan is sent to
the mock of a marketplace with one account for all, which reviews nothing and has no
quota, and synced once more. At the other marketplaces nothing answers, as no command
calls them. Memory is the most
that the process has held (`ru_maxrss`), time its own processor time: both say the
same on a busy machine, and the time of the clock does not.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.mocks import accounts_of, mock, write_settings
from ocop_sync.testing.mocks.mock import mocked_adapters

NOWHERE = "http://127.0.0.1:9"
"""An address at which nothing answers."""
PRODUCERS = 500
"""How many producers the products have."""


@cache
def answering() -> str:
    """Return the marketplace whose mock runs: the first with one account for all."""
    return next(
        name
        for name, adapter in mocked_adapters().items()
        if not adapter.capabilities.account_per_seller
    )


@dataclass(frozen=True, slots=True)
class Spent:
    """The resources that a command has taken.

    Attributes:
        peak_mb: The most memory that it held.
        cpu_s: Its processor time.
        wall_s: The time on the clock, on a machine that others use as well.
        exit_code: Its exit code.
        said: The end of its messages.
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
    """Yield the measured commands, in order, by name."""
    made, plan = str(folder / "made.csv"), str(folder / "plan.json")
    size = ("--count", str(count), "--producers", str(PRODUCERS))
    yield "generate", ("generate", made, *size, "--force")
    yield "import", ("import", made, "--source", "bounds")
    yield "import again", ("import", made, "--source", "bounds")
    for form in ("csv", "json", "xlsx"):
        yield f"export {form}", ("export", str(folder / f"out.{form}"))
    yield "eligibility", ("eligibility",)
    yield "eligibility --json", ("eligibility", "--json")
    yield "eligibility --marketplace", ("eligibility", "--marketplace", answering())
    yield "expiring --json", ("expiring", "--json")
    yield "missing-papers", ("missing-papers",)
    yield "plan", ("plan",)
    yield "plan --json", ("plan", "--json")
    yield "plan --out", ("plan", "--out", plan)
    yield "status", ("status",)
    yield "held list", ("held", "list")


def commands_there(folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield those at a marketplace that answers, in order, by name."""
    name, plan = answering(), str(folder / "there.json")
    yield f"plan {name} --out", ("plan", name, "--out", plan)
    yield "sync --plan", ("sync", "--plan", plan)
    yield f"sync {name}", ("sync", name)
    yield f"sync {name} again", ("sync", name)
    yield "status, all listed", ("status",)
    yield "held list, all listed", ("held", "list")


def environment_at(
    folder: Path, url: str, running: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the environment of a deployment with every account of all producers.

    Args:
        folder: Where its settings are, and its database, if that is SQLite.
        url: Of another database, or "".
        running: The addresses of the mocks that run, by name.
    """
    urls = {name: running.get(name, NOWHERE) for name in mocked_adapters()}
    accounts = accounts_of(urls, [f"MAU-CS-{n:04}" for n in range(1, PRODUCERS + 1)])
    settings = folder / "ocop-sync.toml"
    database = url or f"sqlite:///{folder / 'ocop.db'}"
    quota = "calls_per_s = 100000"
    secrets = write_settings(settings, database, urls, accounts, quota)
    return os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        **secrets,
        "OCOP_SYNC_RULES__ACCEPT_PUBLISHED": "true",
    }


def measure(count: int, folder: Path, only: Sequence[str], url: str) -> None:
    """Run the chosen commands, and print the resources of each."""
    here = _chosen(commands(count, folder), only)
    there = _chosen(commands_there(folder), only)
    with ExitStack() as stack:
        name = answering()
        running = {name: stack.enter_context(mock(name))} if there else {}
        environment = environment_at(folder, url, running)
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
