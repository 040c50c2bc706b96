"""What a marketplace sends is shown, and never obeyed."""

import io

import pytest
from rich.console import Console

from ocop_sync.cli.screen import plain


@pytest.mark.parametrize(
    "sent",
    [
        "\x1b]52;c;Z2lh\x07",
        "\x1b[2J",
        "\x9b31m",
        "a\rb",
        "\x00",
        "gi\u202eá",
        "[red]đỏ[/red]",
    ],
)
def test_a_text_commands_no_terminal(sent: str) -> None:
    out = io.StringIO()

    Console(file=out, force_terminal=True, color_system=None).print(plain(sent))

    shown = out.getvalue().rstrip("\n")
    assert shown.isprintable()
    assert shown == sent or "\N{REPLACEMENT CHARACTER}" in shown


def test_letters_and_lines_stay() -> None:
    assert plain("Mật ong\n\t🌸 5 sao") == "Mật ong\n\t🌸 5 sao"
