"""Each command that a text names can be copied, with any arguments that it needs.

Texts are all that a module holds and a person may read: messages, help, advice. A
placeholder in them ("MÃ", "TÊN", a value that is filled in later) counts as one.
"""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from ocop_sync.cli import main
from ocop_sync.cli.app.group_beside import GroupBeside

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for room in ("ocop_sync", "catalog", "adapters")
    for path in sorted((ROOT / room).rglob("*.py"))
]
NAMED = re.compile(r"(`?)ocop-sync (?=[a-z])([^`\n]*)")
ENDS = re.compile(r" / |; |;$|\)(?=\W|$)|, |: |\.(?:\s|$)|,$| — ")
"""Where a command ends that does not stand between backticks."""

QUOTED = re.compile(r"'[^']*'")

NO_COMMAND = {"at all"}
"""What follows the program's name in a sentence about the program."""


def texts_of(path: Path) -> Iterator[str]:
    """Yield what *path* says to people, values that are filled in as "1"."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            is_command = bool(getattr(node, "decorator_list", ()))
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and not (is_command and "cli" in path.parts):
                silent.add(id(first.value))
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in ast.walk(node)} - {id(node)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "1"
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def commands_in(text: str) -> Iterator[str]:
    """Yield each command that *text* names, without the program's name."""
    for quoted, after in NAMED.findall(re.sub(r"(?<=\S)\n\s*(?=\S)", " ", text)):
        rest = QUOTED.sub("'x'", after)  # a name may hold what ends a sentence
        named = rest if quoted else ENDS.split(rest)[0]
        named = re.split(r" > | \|| && ", named)[0].strip().rstrip(".,")
        if not any(named.startswith(each) for each in NO_COMMAND):
            yield named


def fault_of(named: str) -> str:
    """Say why *named* cannot be run as it stands, or ""."""
    group: click.Command = main
    try:
        words = shlex.split(named)
    except ValueError as error:
        return str(error)
    context = click.Context(main, info_name="ocop-sync")
    while isinstance(group, click.Group):
        if isinstance(group, GroupBeside) and not group.commands.keys() & words[:1]:
            group = group.itself
            context = click.Context(group, parent=context)
            break
        if not words:
            return "names a group of commands, and none of them"
        try:
            _, found, words = group.resolve_command(context, words)
        except click.UsageError as error:
            return error.format_message()
        assert found is not None
        group, context = found, click.Context(found, parent=context)
    try:
        given, left, _ = group.make_parser(context).parse_args(words)
    except click.UsageError as error:
        return error.format_message()
    missing = [
        each.name
        for each in group.params
        if each.required and not isinstance(given.get(each.name or ""), str | tuple)
    ]
    return f"lacks {missing}" if missing else f"knows no {left}" if left else ""


def test_a_command_that_a_text_names_can_be_run_as_it_stands() -> None:
    faults = {
        f"{path.relative_to(ROOT)}: {named}": fault
        for path in SOURCES
        if "ocop-sync " in path.read_text("utf-8")
        for text in texts_of(path)
        for named in commands_in(text)
        if (fault := fault_of(named))
    }

    assert faults == {}


DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
AFTER = re.compile(r"\s+(#|&|>|\||&&|;).*$")


def commands_of_blocks(text: str) -> Iterator[str]:
    """Yield the commands of ours that stand on lines of their own in *text*."""
    for line in text.replace("\\\n", " ").splitlines():
        named = line.strip().removeprefix("$ ")
        if named.startswith("ocop-sync ") and not line.startswith("|"):
            yield AFTER.sub("", named).removeprefix("ocop-sync ")


def test_a_command_that_a_document_shows_can_be_run_as_it_stands() -> None:
    faults = {
        f"{path.relative_to(ROOT)}: {named}": fault
        for path in DOCUMENTS
        for named in commands_of_blocks(path.read_text("utf-8"))
        if (fault := fault_of(named))
    }

    assert faults == {}
