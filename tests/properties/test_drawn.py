"""What must be the same examples in each run is so, whatever the source says."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.drawn import drawing_no_constants

LITERALS = range(150, 250)


@pytest.fixture
def literals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of the project with numbers that nobody else has."""
    file = tmp_path / "literals.py"
    file.write_text(f"SOME = {list(LITERALS)}\n")
    module = ModuleType("literals")
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, "literals", module)


def drawn(within: AbstractContextManager[None]) -> list[list[int]]:
    found = []

    @seed(1)
    @settings(max_examples=10, database=None, phases=[Phase.generate])
    @given(st.lists(st.integers(0, 254), min_size=40, max_size=40))
    def draw(numbers: list[int]) -> None:
        found.append(numbers)

    with within:
        draw()
    return found


def test_constants_of_the_source_change_no_example_that_must_stay_the_same(
    request: pytest.FixtureRequest,
) -> None:
    before = drawn(drawing_no_constants())
    request.getfixturevalue("literals")
    with_constants = drawn(nullcontext())

    assert drawn(drawing_no_constants()) == before != with_constants
    assert drawn(nullcontext()) == with_constants
