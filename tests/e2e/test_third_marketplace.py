"""A third marketplace costs its own folder and its registration, nothing else.

It is a package from outside this repository: an adapter, a mock, and entry points.
The list of these files in `CONTRIBUTING.md` is kept true here, too.
"""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from inspect import signature
from pathlib import Path

import pytest

from ocop_sync.marketplace.registry import GROUP, MOCKS, available, mock_names
from ocop_sync.testing.mocks.app_factory import assemble
from tests.adapters.traits import Traits

ROOT = Path(__file__).parents[2]
ADAPTER = """
from adapters.voso.adapter import Voso


class Third(Voso):
    name = "third"
    mapping = Voso.mapping.model_copy(update={"marketplace": "third"})
"""
MOCK = "from adapters.voso.mock.app import MOCK\n"
ENTRY_POINTS = """
[ocop_sync.marketplaces]
third = third.adapter:Third

[ocop_sync.mocks]
third = third.mock:MOCK
"""
IN_THE_DEMO = """
import asyncio
import sys
from pathlib import Path
from ocop_sync.cli.demo.accounts import open_accounts
from ocop_sync.cli.demo.folder import Folder
from ocop_sync.cli.demo.mocks import start_mocks
from ocop_sync.settings import load_settings

async def prepare(folder):
    async with start_mocks(folder, moderation_s=0) as mocks:
        await open_accounts(folder, mocks, ["CS-0001"])
    accounts = load_settings(folder.settings).accounts
    print(*[each.key for each in accounts])

folder = Folder(Path(sys.argv[1]))
with folder.alone():
    asyncio.run(prepare(folder))
"""
AT_A_DESK = """
import sys
from pathlib import Path
from tests.e2e.fair import NAMES, has_account_per_seller
from tests.e2e.served import good, open_desk

with open_desk(Path(sys.argv[1])) as desk:
    product, producer = good(1)
    desk.write_settings_at("third", producer.id)
    desk.enter((product, producer))
    done = desk.run("sync", "--follow", "5")
    print(done.output, file=sys.stderr)
    print(*NAMES, has_account_per_seller("third"), *desk.mocks["third"].ours())
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which the third marketplace is installed."""
    folder = tmp_path_factory.mktemp("packages")
    files = {
        "third/__init__.py": "",
        "third/adapter.py": ADAPTER,
        "third/mock.py": MOCK,
        "third-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: third\nVersion: 1",
        "third-1.dist-info/entry_points.txt": ENTRY_POINTS,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    clean = {n: v for n, v in os.environ.items() if not n.startswith("OCOP_")}
    return clean | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def run(environment: dict[str, str], *words: str) -> str:
    """Run Python with *words*, without any input; return what it prints."""
    done = subprocess.run(
        [sys.executable, *words],
        env=environment,
        input="",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_among_the_installed_marketplaces(environment: dict[str, str]) -> None:
    said = run(environment, "-m", "ocop_sync", "marketplaces", "list", "--json")

    names = {each["name"] for each in json.loads(said)["marketplaces"]}
    assert {"third", *available()} == names


def test_its_mock_is_served(environment: dict[str, str]) -> None:
    words = ("-m", "ocop_sync", "mock", "third", "--until-input-ends")

    assert "listening: http://127.0.0.1:" in run(environment, *words)


def test_it_takes_part_in_the_demonstration(
    environment: dict[str, str], tmp_path: Path
) -> None:
    told = run(environment, "-c", IN_THE_DEMO, str(tmp_path / "demo"))

    assert "third:CS-0001" in told.split()
    assert len(told.split()) == len(mock_names()) + 1
    assert (tmp_path / "demo" / "third.jsonl").exists()


def test_the_tests_find_it_and_sell_there(
    environment: dict[str, str], tmp_path: Path
) -> None:
    told = run(environment, "-c", AT_A_DESK, str(tmp_path))

    assert told.split() == [*sorted({"third", *mock_names()}), "True", "SP-00001"]


def section() -> str:
    """Return the words of `CONTRIBUTING.md` on a third marketplace."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    return text.partition("## Adding a marketplace\n")[2].partition("\n## ")[0]


def test_the_least_traits_that_are_shown_have_every_field() -> None:
    (shown,) = re.findall(r"```python\n(TRAITS = .*?)```", section(), re.DOTALL)
    (made,) = (
        each
        for each in ast.walk(ast.parse(shown))
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "Traits"
    )
    given = {each.arg for each in made.keywords}

    asked = {each.name for each in fields(Traits) if each.default is MISSING}
    assert asked <= given <= {each.name for each in fields(Traits)}


def test_all_that_a_mock_is_put_together_from_is_named() -> None:
    parts = "\n".join(re.findall(r"^- (.*?):", section(), re.MULTILINE))

    asked = signature(assemble).parameters
    assert sorted(re.findall(r"`(\w+)`", parts)) == sorted(asked)


def test_each_module_of_a_marketplace_is_named_there() -> None:
    named = set(re.findall(r"`(?:adapters/NAME/(?:mock/)?)?(\w+\.py)`", section()))

    own = {
        path.name
        for name in available()
        for path in (ROOT / "adapters" / name).rglob("*.py")
    }
    assert own - {"__init__.py"} <= named


def listed_files() -> list[str]:
    """Return the files that `CONTRIBUTING.md` lists for a third marketplace."""
    return re.findall(r"^\| `([^`]+)` \|", section(), re.MULTILINE)


@pytest.mark.parametrize("name", mock_names())
def test_each_marketplace_consists_of_the_files_that_are_listed(name: str) -> None:
    listed = [each.replace("NAME", name) for each in listed_files()]
    own = [each for each in listed if each.startswith(f"adapters/{name}/")]

    assert [each for each in listed if not (ROOT / each).exists()] == []
    assert [Path(each).stem for each in own] == [
        *("adapter", "client", "wire", "convert", "results", "cursor"),
        *("mapping", "app", "content"),
    ]


@pytest.mark.parametrize("name", mock_names())
def test_each_marketplace_is_registered_as_it_is_said(name: str) -> None:
    registered = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    points = registered["project"]["entry-points"]

    assert points[GROUP][name].startswith(f"adapters.{name}.adapter:")
    assert points[MOCKS][name] == f"adapters.{name}.mock.app:MOCK"
    assert "pyproject.toml" in listed_files()


MACHINERY = [
    *sorted((ROOT / "ocop_sync").rglob("*.py")),
    *(ROOT / "tests" / "e2e" / name for name in ("conftest.py", "fair.py")),
    *(ROOT / "tests" / "adapters" / f"{name}.py" for name in ("calls", "samples")),
    *(ROOT / "tests" / "adapters" / f"{name}.py" for name in ("conftest", "traits")),
    *sorted((ROOT / "benchmarks").glob("*.py")),
]
EXAMPLE = "Ví dụ / Example: "


def test_the_machinery_names_no_marketplace() -> None:
    named = re.compile("|".join(available()), re.IGNORECASE)
    texts = {path: path.read_text("utf-8") for path in MACHINERY}

    assert [
        (str(path.relative_to(ROOT)), each)
        for path, text in texts.items()
        if named.search(text)
        for each in spoken_of(ast.parse(text))
        if named.search(each)
    ] == []


def spoken_of(tree: ast.Module) -> Iterator[str]:
    """Yield modules that are imported, and texts but documentation and examples."""
    documentation = {
        id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
            and EXAMPLE not in node.value
        ):
            yield node.value
