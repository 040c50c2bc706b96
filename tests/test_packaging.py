"""The installed parts: the wheel's content, the entry points, the pins."""

import fnmatch
import inspect
import re
import tomllib
from collections.abc import Iterator
from email import message_from_bytes
from importlib.metadata import EntryPoint, entry_points
from itertools import chain
from pathlib import Path
from zipfile import ZipFile

import hatchling.build
import pytest

from ocop_sync.marketplace.port import Marketplace

ROOT = Path(__file__).parent.parent
PACKAGES = ("ocop_sync", "adapters", "catalog")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
PLUGINS = tuple(entry_points(group="ocop_sync.marketplaces"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = hatchling.build.build_wheel(str(folder))
    with ZipFile(folder / name) as archive:
        yield archive


@pytest.fixture(scope="module")
def wheel(built: ZipFile) -> set[str]:
    """List what is in the wheel."""
    return set(built.namelist())


def test_the_wheel_brings_code_and_data_of_the_three_packages(wheel: set[str]) -> None:
    files = {
        str(path.relative_to(ROOT))
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert files - wheel == set()


def test_the_wheel_brings_nothing_else(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}

    assert tops == {*PACKAGES, f"ocop_sync-{PROJECT['version']}.dist-info"}


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE"])
def test_the_wheel_brings_the_licences(wheel: set[str], name: str) -> None:
    assert f"ocop_sync-{PROJECT['version']}.dist-info/licenses/{name}" in wheel


@pytest.mark.parametrize(
    "pattern",
    [
        "catalog/data/*.csv",
        "catalog/fiction/*.toml",
        "catalog/names/*.toml",
        "catalog/spreadsheet/*.csv",
        "catalog/rules/E*.toml",
        "ocop_sync/cli/demo/*.toml",
        "ocop_sync/engine/texts/*.toml",
        "ocop_sync/pages/static/*.css",
        "ocop_sync/pages/static/vendor/htmx.LICENSE.txt",
        "ocop_sync/pages/static/vendor/htmx.min.js",
        "ocop_sync/pages/templates/components/*.html",
        "ocop_sync/store/migrations/env.py",
        "ocop_sync/store/migrations/versions/*.py",
    ],
)
def test_the_wheel_brings_what_is_read_at_run_time(
    wheel: set[str], pattern: str
) -> None:
    assert fnmatch.filter(wheel, pattern)


def test_the_wheel_describes_itself(built: ZipFile) -> None:
    info = f"ocop_sync-{PROJECT['version']}.dist-info/METADATA"
    metadata = message_from_bytes(built.read(info))

    assert metadata.get_payload(decode=True) == (ROOT / "README.md").read_bytes()
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Author"] == "The ocop-sync authors"


def test_both_marketplaces_are_found_by_entry_point() -> None:
    registered = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    points = registered["project"]["entry-points"]["ocop_sync.marketplaces"]

    assert {plugin.name for plugin in PLUGINS} == set(points) >= {"postmart", "voso"}


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_each_entry_point_leads_to_a_marketplace(plugin: EntryPoint) -> None:
    marketplace = plugin.load()

    assert issubclass(marketplace, Marketplace)
    assert not inspect.isabstract(marketplace)


def test_the_command_leads_to_a_function() -> None:
    (command,) = entry_points(group="console_scripts", name="ocop-sync")

    assert callable(command.load())


def test_every_dependency_is_pinned() -> None:
    extras = chain.from_iterable(PROJECT["optional-dependencies"].values())
    wanted = [*PROJECT["dependencies"], *extras]
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in wanted}
    pinned = {line.partition("==")[0] for line in PINS}

    assert names - pinned == set()


def test_the_pins_are_exact_and_name_no_place_to_fetch_from() -> None:
    pin = re.compile(r"[\w.-]+==[\w.]+( ; [\w' =!<>.*]+)?")
    odd = [line for line in PINS if not pin.fullmatch(line)]

    assert odd == []
