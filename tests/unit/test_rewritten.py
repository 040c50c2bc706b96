"""Each process begins with another test file, and comes to all of them."""

from pathlib import Path

import pytest

from tests.rewritten import in_turn

FILES = [Path(f"test_{n:03}.py") for n in range(100)]


@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_processes_begin_evenly_apart(processes: int) -> None:
    begun = [in_turn(FILES, n, processes)[0] for n in range(processes)]

    places = [FILES.index(file) for file in begun]
    gaps = {b - a for a, b in zip(places, [*places[1:], len(FILES)], strict=True)}
    assert max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize("process", [0, 1, 2])
def test_every_process_comes_to_each_file_once_and_in_order(process: int) -> None:
    found = in_turn(FILES, process, 3)

    first = FILES.index(found[0])
    assert found == FILES[first:] + FILES[:first]
    assert sorted(found) == FILES


def test_where_there_is_nothing_nothing_is_imported() -> None:
    assert in_turn([], 1, 3) == []
