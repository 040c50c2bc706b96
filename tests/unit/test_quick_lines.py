"""Lines that are written without Rich are those that Rich would write."""

import io
from contextlib import redirect_stdout

import pytest
from rich.padding import Padding

from ocop_sync.cli.views.quick_lines import QuickLines
from ocop_sync.cli.views.tables import console, plain


@pytest.mark.parametrize("indent", [0, 4])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Chè mẫu", id="plain"),
        pytest.param("Chè [b]mẫu[/b] [red]", id="markup"),
        pytest.param("Chè \\[mẫu] :tea:", id="escapes"),
        pytest.param("Chè\tmẫu\x1b[2J", id="commands"),
        pytest.param("Chè mẫu " * 30, id="long"),
        pytest.param("Chè  mẫu,   đậm " * 20, id="several spaces"),
        pytest.param("M" * 200 + " mẫu", id="a word that no line holds"),
        pytest.param("M" * 158, id="as wide as it gets"),
        pytest.param("茶" * 90, id="wide letters"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_line_is_written_as_rich_would(name: str, indent: int) -> None:
    quick, rich = io.StringIO(), io.StringIO()

    with redirect_stdout(quick):
        QuickLines().say("M1 ", bold=name, after=": được bán", indent=indent)
    with redirect_stdout(rich):
        shown = f"M1 [b]{plain(name)}[/b]: được bán"
        console().print(Padding(shown, (0, 0, 0, indent), expand=False))

    assert seen(quick) == seen(rich)


def seen(out: io.StringIO) -> list[str]:
    """Return the lines as people see them."""
    return [line.rstrip() for line in out.getvalue().splitlines()]
