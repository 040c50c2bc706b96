"""The documentation names every setting, command, route and exit code there is."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from ocop_sync.api.app import OPERATIONS as ROUTES
from ocop_sync.api.app import PUBLIC_OPERATIONS
from ocop_sync.api.typed.operation import Operation
from ocop_sync.cli import main
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.group_beside import GroupBeside
from ocop_sync.service.identity.role import Role
from ocop_sync.settings import AccountSettings, SecretSource, Settings

ROOT = Path(__file__).parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
PROSE = (
    *("architecture", "deployment", "glossary", "importing", "operations"),
    "sheet",
)
"""Documents that are told in sentences, each of them once."""
ALIKE = 60
"""Letters by which two lines that begin alike are two versions of one."""


def fields(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, object]]:
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}", field.default


def settings() -> Iterator[tuple[str, object]]:
    """Yield every setting with its default."""
    for group, field in Settings.model_fields.items():
        if group != "accounts":
            assert isinstance(field.annotation, type)
            yield from fields(field.annotation, f"{group}.")
    yield from fields(AccountSettings, "accounts[].")
    yield from fields(SecretSource, "accounts[].secrets.NAME.")


def commands(group: click.Group, path: str) -> Iterator[str]:
    if isinstance(group, GroupBeside):
        yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def shown(default: object) -> str:
    """Return a default as the table shows it."""
    if default is PydanticUndefined:
        return "required"
    if default is None or default == {}:
        return "none"
    if isinstance(default, tuple):
        default = json.dumps(list(default)) if default else ""
    words = {True: "true", False: "false"}
    text = words[default] if isinstance(default, bool) else str(default)
    return f"`{text}`" if text else "empty"


@pytest.mark.parametrize(("name", "default"), list(settings()), ids=str)
def test_every_setting_is_documented_with_its_default(
    name: str, default: object
) -> None:
    assert f"| `{name}` | {shown(default)} | " in OPERATIONS


def test_no_setting_is_documented_that_there_is_not() -> None:
    start, end = OPERATIONS.index("## Settings"), OPERATIONS.index("## Database")
    documented = set(
        re.findall(r"^\| `([^`]+)` \|", OPERATIONS[start:end], re.MULTILINE)
    )

    assert documented == {name for name, _ in settings()}


def test_every_command_is_documented_once_and_no_other() -> None:
    documented = re.findall(r"^\| `(ocop-sync [a-z -]+)` \|", OPERATIONS, re.MULTILINE)

    assert sorted(documented) == sorted(commands(main, "ocop-sync"))


def row_of(operation: Operation) -> str:
    """Return the row of a route in the table of the documents."""
    may = ", ".join(role for role in Role if role.value in operation.allowed)
    route = f"`{operation.method} {operation.path}`"
    return f"| {route} | {may or 'everybody'} | {operation.summary} |"


def test_every_route_is_documented_once_with_who_may_and_no_other() -> None:
    documented = re.findall(r"^\| `[A-Z]+ /\S+` \|.*\|$", OPERATIONS, re.MULTILINE)

    assert documented == [row_of(each) for each in (*ROUTES, *PUBLIC_OPERATIONS)]


@pytest.mark.parametrize("name", ["CHANGELOG", *(f"docs/{each}" for each in PROSE)])
def test_no_line_of_a_document_stands_there_in_two_versions(name: str) -> None:
    lines = (ROOT / f"{name}.md").read_text("utf-8").splitlines()

    begun = Counter(line[:ALIKE] for line in lines if len(line) >= ALIKE)
    assert [each for each, n in begun.items() if n > 1] == []


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_documented(code: Exit) -> None:
    assert re.search(rf"^\| {code.value} \| \w", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize("text", [README, OPERATIONS], ids=["README", "operations"])
def test_every_command_that_is_shown_exists(text: str) -> None:
    command = r"(?:`|^ {4}|bin/)ocop-sync (?:--settings [^\s`]+ )?([a-z][a-z-]*)"
    shown_there = re.findall(command, text, re.MULTILINE)

    known = {each.split()[1] for each in commands(main, "ocop-sync")}
    assert set(shown_there) - known == set()
    assert shown_there


@pytest.mark.parametrize("text", [README, OPERATIONS], ids=["README", "operations"])
def test_every_file_that_is_referred_to_exists(text: str) -> None:
    files = re.findall(r"`((?:docs|catalog|ocop_sync)/[\w./-]*)`", text)

    assert [each for each in files if not (ROOT / each).exists()] == []


def test_every_file_that_contributing_names_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").replace("NAME", "voso")
    named = re.findall(r"`((?:docs|catalog|ocop_sync|adapters|tests)/[\w./-]*)`", text)

    missing = {each for each in named if not (ROOT / each).exists()}
    assert missing == {"catalog/rules/E18.toml"}  # the one that would be added


def test_every_function_of_the_port_that_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    part = text.partition("Three parts of the contract")[2].partition("all in")[0]
    named = re.findall(r"`(\w+)\.(\w+)`", part)

    assert len(named) == 3
    for module, name in named:
        source = (ROOT / "ocop_sync" / "marketplace" / f"{module}.py").read_text(
            "utf-8"
        )
        assert re.search(rf"^(?:async )?def {name}\b", source, re.MULTILINE)


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+/[\w/]+\.(?:py|toml))(?=[`:])", text))

    missing = {
        each
        for each in named
        if not (ROOT / each).exists() and not (ROOT / "ocop_sync" / each).exists()
    }
    assert missing == set()
    assert len(named) > 100


def test_the_readme_says_that_both_marketplaces_are_simulated() -> None:
    assert "are simulated: no public seller API of either was found" in README


def test_what_proves_a_promise_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:tests|benchmarks)/[a-z0-9_/]+\.py)`", text)

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_module_that_the_architecture_names_is_there() -> None:
    named = re.findall(r"`((?:[a-z_]+/)+[a-z0-9_]+\.(?:py|toml))[:`]", ARCHITECTURE)
    roots = (ROOT, ROOT / "ocop_sync", ROOT / "catalog")

    lost = [each for each in named if not any((one / each).exists() for one in roots)]
    assert lost == []
    assert len(named) > 100


def rooms() -> Iterator[str]:
    """Yield the rooms of the program, those inside the largest ones included."""
    for house in ("ocop_sync", "catalog"):
        yield from (each.parent.name for each in ROOT.glob(f"{house}/*/__init__.py"))
    yield from (each.stem for each in ROOT.glob("ocop_sync/[a-z]*.py"))
    for room in ("engine", "service", "store"):
        for each in ROOT.glob(f"ocop_sync/{room}/[a-z]*"):
            yield each.stem


# What rooms of the store stand on, and no room of their own.
FORMS = {"column_types", "documents"}


@pytest.mark.parametrize("room", sorted(set(rooms()) - FORMS))
def test_every_room_stands_in_the_tables_of_the_architecture(room: str) -> None:
    section = ARCHITECTURE.partition("## Rooms")[2].partition("\n## ")[0]
    rows = "\n".join(line for line in section.splitlines() if line.startswith("| `"))

    assert re.search(rf"`(?:ocop_sync/)?{room}(?:/|\.py)?`", rows)


def test_every_picture_is_shown_and_each_that_is_shown_is_there() -> None:
    guides = [
        each.read_text("utf-8") for each in (ROOT / "docs").glob("huong-dan-*.md")
    ]
    shown = set(re.findall(r"docs/images/[\w.-]+", README))
    for guide in guides:
        shown |= {f"docs/{each}" for each in re.findall(r"images/[\w.-]+", guide)}

    assert shown == {
        str(each.relative_to(ROOT)) for each in (ROOT / "docs/images").iterdir()
    }


def test_the_readme_says_of_its_pictures_that_their_figures_are_simulated() -> None:
    before = README[: README.index("docs/images/")]

    assert "**simulated** (SỐ LIỆU MÔ PHỎNG)" in before[before.rindex("\n## ") :]
