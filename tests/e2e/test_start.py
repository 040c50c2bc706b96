"""How a command starts: as a process of its own, with no more than it needs."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ocop_sync.cli import main
from ocop_sync.cli.app.commands import PLACES, no_garbage

COSTLY = ("PIL", "alembic", "aiohttp", "pydantic", "rich", "sqlalchemy", "xlsxwriter")
"""Packages that take longest to import."""
MODULES = {f"ocop_sync.cli.{each.where.split(':')[0]}" for each in PLACES.values()}
ONLY_FOR_SOME = ("PIL", "adapters.postmart.mock", "adapters.voso.mock", "xlsxwriter")
LOADED = "import sys; from ocop_sync.cli import main; main({words}, {way}); {tell}"


def loaded(*words: str) -> set[str]:
    """Return the modules that a process has loaded which runs these *words*.

    Its input has ended.
    """
    tell = "print('\\n' + ' '.join(sys.modules))"
    code = LOADED.format(words=[*words], way="standalone_mode=False", tell=tell)
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="",
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_list_of_all_commands_loads_none_of_them() -> None:
    found = loaded("--help")

    assert "ocop_sync.cli" in found
    assert found.isdisjoint(COSTLY)
    assert found.isdisjoint(MODULES)


def test_a_command_loads_nothing_that_only_others_need() -> None:
    found = loaded("sync", "--help")

    assert "ocop_sync.service.sync.sync" in found
    assert found.isdisjoint(ONLY_FOR_SOME)


def test_a_mock_loads_nothing_of_the_service() -> None:
    found = loaded("mock", "voso", "--until-input-ends")

    assert "adapters.voso.mock" in found
    assert "adapters.postmart.mock" not in found
    assert found.isdisjoint(("alembic", "catalog.eligibility", "rich", "sqlalchemy"))


def test_what_is_imported_is_never_looked_at_for_garbage() -> None:
    before = gc.get_freeze_count()

    with no_garbage():
        imported: list[list[int]] = [[] for _ in range(1_000)]
        was_looked_for = gc.isenabled()

    assert not was_looked_for
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(imported)


@pytest.mark.parametrize("name", PLACES)
def test_the_list_of_all_commands_says_what_each_is_for(name: str) -> None:
    said = " ".join(CliRunner().invoke(main, ["--help"]).output.split())

    assert f" {name} {PLACES[name].words} " in f"{said} "
    assert main.commands[name].short_help == PLACES[name].words


@pytest.mark.parametrize("words", [["-m", "ocop_sync"], []], ids=["module", "script"])
def test_the_program_starts_as_it_is_installed(words: list[str]) -> None:
    python = Path(sys.executable)
    start = [str(python), *words] if words else [str(python.with_name("ocop-sync"))]

    done = subprocess.run(
        [*start, "sync", "--no-such"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "Cách dùng / Usage: " in done.stderr
