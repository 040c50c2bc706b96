"""The texts of the demonstration are told with just the values that they name."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from ocop_sync.cli import demo
from ocop_sync.cli.demo.narration import TEXTS

FOLDER = Path(demo.__file__).parent
GROUPS = {"rules", "tables"}


def told() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each text that is told, with the names of its values."""
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="tell" | "text_of") | ast.Attribute(attr="tell"),
                    args=[ast.Constant(value=str(key))],
                    keywords=values,
                ):
                    names = (
                        {each.arg} if each.arg else {"vi", "en"} for each in values
                    )
                    yield key, frozenset().union(*names)


@pytest.mark.parametrize(("key", "values"), list(told()))
def test_a_text_names_the_values_that_it_is_told_with(
    key: str, values: frozenset[str]
) -> None:
    named = {name for _, name, _, _ in Formatter().parse(TEXTS[key]) if name}

    assert named - {"simulated"} == values


def test_every_text_is_told() -> None:
    assert {key for key, _ in told()} == TEXTS.keys() - GROUPS
