"""Commands that the README and docs/operations.md show do as the text beside them says.

Those of the deployment's part are in `test_operations.py`. A worker and a
server do not end by themselves: `test_worker.py`, `test_serve.py`.
"""

import re
import shlex
from pathlib import Path

import pytest

from tests.e2e.served import Desk, good

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^    ocop-sync (.*)$", re.MULTILINE)
NEVER_END = ("worker", "serve")


def shown_in(name: str, heading: str) -> list[list[str]]:
    """Return the words of each command below a heading, without what explains it."""
    text = (ROOT / name).read_text("utf-8")
    part = text.partition(f"\n{heading}")[2].partition("\n## ")[0]
    return [shlex.split(line, comments=True) for line in LINE.findall(part)]


@pytest.fixture
def work(desk: Desk) -> Desk:
    desk.import_(good(1), good(2))
    desk.run("export", "san-pham.xlsx")
    return desk


@pytest.mark.parametrize(
    ("name", "heading", "count"),
    [
        ("README.md", "## For a deployment", 11),
        ("docs/operations.md", "## Reviewing a plan", 2),
        ("docs/operations.md", "## Mappings", 4),
    ],
    ids=["README", "plan", "mapping"],
)
def test_commands_that_are_shown_do_what_they_say(
    work: Desk, name: str, heading: str, count: int
) -> None:
    commands = shown_in(name, heading)
    assert len(commands) >= count

    for words in commands:
        if words[0] not in NEVER_END:
            result = work.run(*words)
            assert result.exit_code == 0, (words, result.output)


def test_a_product_that_has_no_second_listing_is_told_and_the_command_is_right(
    work: Desk,
) -> None:
    (words,) = shown_in("docs/operations.md", "### Two listings of ours")

    result = work.run(*words)

    assert result.exit_code == 2
    assert "SP-00012" in result.stderr
    assert "No such" not in result.stderr
