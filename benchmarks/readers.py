"""Why the reading of workbooks is our own: time, memory, and what is told.

    pip install python-calamine    # no dependency; left out where it is missing
    python -m benchmarks.readers [--products 200000]

Reads a sheet of twenty columns with `catalog.spreadsheet`, openpyxl (read-only,
values) and python-calamine, each in a process of its own, and asks each of them
what it tells of cells that an import must not misread.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from xlsxwriter import Workbook

from catalog.spreadsheet.line import CellKind
from catalog.spreadsheet.workbook import open_workbook

COLUMNS = 20
FAR = "XFD1048576"
TOLD = {CellKind.ERROR, CellKind.FORMULA}
MEMORY, SECONDS = 4_000_000_000, 120
"""The bounds of a reader; one far cell is more than some can do."""


def ours(path: Path) -> Iterator[list[object]]:
    """Read as an import does."""
    with path.open("rb") as stream:
        for line in open_workbook(stream).sheets[0].lines():
            marks = [each.value for each in line.kinds.values() if each in TOLD]
            more = ["merged"] * bool(line.filled) + ["hidden"] * line.hidden
            yield [*line.cells.values(), *marks, *more]


def openpyxl(path: Path) -> Iterator[list[object]]:
    """Read as a stream of values."""
    from openpyxl import load_workbook  # noqa: PLC0415 (measured)

    book = load_workbook(path, read_only=True, data_only=True)
    for row in book.worksheets[0].iter_rows():
        yield [
            f"{c.value}{' error' * (c.data_type == 'e')}"
            for c in row
            if c.value is not None
        ]


def calamine(path: Path) -> Iterator[list[object]]:
    """Read with what Rust has."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 (measured)

    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    merged = ["merged"] * bool(sheet.merged_cell_ranges)
    for row in sheet.iter_rows():
        yield [*(each for each in row if each != ""), *merged]


READERS: dict[str, Callable[[Path], Iterator[list[object]]]] = {
    "ours": ours,
    "openpyxl": openpyxl,
    "calamine": calamine,
}


def _write(path: Path, rows: int, *, shared: bool) -> None:
    with Workbook(path, {"constant_memory": not shared}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for row in range(rows):
            for n in range(COLUMNS):
                if n % 4 == 1:
                    sheet.write_number(row, n, row * n)
                elif n % 4 == 2:  # noqa: PLR2004 (every fourth is a day)
                    sheet.write_number(row, n, 44_000 + row % 900, day)
                else:
                    sheet.write_string(row, n, f"Sản phẩm mẫu {row} {n} hộp 500 g")


def _cases(folder: Path) -> Iterator[tuple[str, Path]]:
    """Write sheets that hold a word and one cell that is to be told."""

    def case(name: str, put: Callable[..., object]) -> tuple[str, Path]:
        path = folder / f"{name}.xlsx"
        with Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write("A1", "chè")
            put(sheet)
        return name, path

    yield case("a computed value", lambda s: s.write_formula("B1", "=1+6", None, 7))
    yield case("no value yet", lambda s: s.write_formula("B1", "=1+6", None, ""))
    yield case("an error", lambda s: s.write_formula("B1", "=NA()", None, "#N/A"))
    yield case("a merged block", lambda s: s.merge_range("B1:C1", "hai"))
    yield case("a hidden row", lambda s: s.set_row(0, None, None, {"hidden": True}))
    yield case("a far cell", lambda s: s.write(FAR, 1))


def _read(reader: str, path: Path) -> None:
    """Read in this process; print what it took and what was told."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        resource.setrlimit(limit, (most, most))
    start, cells, first = time.process_time(), 0, []
    for row in READERS[reader](path):
        first = first or row
        cells += len(row)
    took = time.process_time() - start
    print(f"{cells} cells, {took:.1f} s, {_peak()} MB|{first[:4]}")


def _peak() -> int:
    """Return the most memory so far, in MB; `getrusage` counts the parent's too."""
    status = Path("/proc/self/status").read_text("ascii").split()
    return int(status[status.index("VmHWM:") + 1]) // 1024


def _ask(reader: str, path: Path) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.readers", "--read", reader, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (ourselves)
    if done.returncode:
        return [f"ends with {done.returncode}"] * 2
    return done.stdout.strip().split("|", 1)


def main() -> None:
    """Print what each reader takes and tells."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        _read(options.read[0], Path(options.read[1]))
        return
    readers = [n for n in READERS if n != "calamine" or find_spec("python_calamine")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for shared in (True, False):
            path = folder / "large.xlsx"
            _write(path, options.products, shared=shared)
            texts = "shared texts" if shared else "texts in cells"
            for reader in readers:
                print(f"{options.products} rows, {texts}, {reader}: ", end="")
                print(_ask(reader, path)[0])
        for case, path in _cases(folder):
            for reader in readers:
                print(f"{case} told by {reader}: {_ask(reader, path)[1]}")


if __name__ == "__main__":
    main()
