"""The guide for authors: its commands and blocks are run, and end in the example.

What the installed package needs beside it is tested in `test_example_package.py`.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from ocop_sync.cli import main
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.testing.kit import Conformance, Shop
from ocop_sync.testing.memory import InMemoryMarketplace

ROOT: Final = Path(__file__).parents[2]
GUIDE: Final = (ROOT / "docs" / "writing-an-adapter.md").read_text("utf-8")
EXAMPLE: Final = ROOT / "examples" / "cho_que"


def blocks(kind: str) -> list[str]:
    """Return the blocks of one language, in order."""
    return re.findall(rf"```{kind}\n(.*?)\n```", GUIDE, re.DOTALL)


def hunks(diff: str) -> Iterator[tuple[str, str, str]]:
    """Yield file, old lines and new lines of each hunk."""
    for part in re.split(r"^\+\+\+ ", diff, flags=re.MULTILINE)[1:]:
        file, _, rest = part.partition("\n")
        for hunk in re.split(r"^@@$\n", rest, flags=re.MULTILINE)[1:]:
            lines = hunk.splitlines()
            old = [line[1:] for line in lines if line[:1] != "+"]
            new = [line[1:] for line in lines if line[:1] != "-"]
            yield file, "\n".join(old), "\n".join(new)


def apply(diff: str, folder: Path) -> None:
    """Change files as *diff* says; each old part is there once."""
    for name, old, new in hunks(diff):
        file = folder / name
        text = file.read_text("utf-8")
        assert text.count(old) == 1, (name, old)
        file.write_text(text.replace(old, new), "utf-8")


def run_kit(folder: Path) -> str:
    """Run the tests of a package; return the line that the kit ends with."""
    alone = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "ocop_sync.testing.plugin"],
        cwd=folder,
        env={**os.environ, **alone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    (line,) = re.findall(r"^cho_que .*$", run.stdout, re.MULTILINE)
    return str(line)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the skeleton, by the command of the guide."""
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    (words,) = [line.split() for line in commands if line.startswith("ocop-sync")]
    folder = tmp_path_factory.mktemp("author") / "cho_que"
    result = CliRunner().invoke(main, [*words[1:], "--out", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def test_the_skeleton_is_green_on_what_it_claims(package: Path) -> None:
    told, _ = blocks("text")

    assert run_kit(package) == told
    page = (package / "conformance.md").read_text("utf-8")
    assert "- not claimed: stars: `stars`, `stars-cleared`" in page


def test_what_the_guide_adds_is_green_and_is_the_example(
    package: Path, tmp_path: Path
) -> None:
    package = shutil.copytree(package, tmp_path / "cho_que")
    for diff in blocks("diff"):
        apply(diff, package)

    _, told = blocks("text")
    assert run_kit(package) == told
    written = {
        file.relative_to(EXAMPLE): file.read_text("utf-8")
        for file in EXAMPLE.rglob("*")
        if file.suffix in {".py", ".toml"}
    }
    for file, text in written.items():
        assert (package / file).read_text("utf-8") == text, file
    assert len(written) == len([*package.rglob("*.py"), *package.rglob("*.toml")])


def test_the_least_shop_of_the_guide_is_one() -> None:
    (least,) = blocks("python")
    known = (Shop, Conformance, Account, Sequence, RemoteListing)
    names: dict[str, Any] = {each.__name__: each for each in known}
    names["ChoQue"] = InMemoryMarketplace

    exec(least, names)  # noqa: S102 - the block of the guide

    shop = names["TestSandbox"].shop()
    account = asyncio.run(shop.open())
    assert account.marketplace == "cho_que"
    assert shop.adapter is InMemoryMarketplace


@pytest.mark.parametrize(
    "name", ["Cho", "cho-que", "1cho", "cho__que", "json", "class", "tests", "a" * 31]
)
def test_a_name_that_no_package_can_have_is_refused(name: str, tmp_path: Path) -> None:
    out = tmp_path / "new"

    result = CliRunner().invoke(main, ["adapter", "new", name, "--out", str(out)])

    assert result.exit_code == 2
    assert "name of a marketplace" in result.stderr
    assert not out.exists()


def test_a_folder_in_which_something_stands_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("", "utf-8")

    result = CliRunner().invoke(
        main, ["adapter", "new", "cho_que", "--out", str(tmp_path)]
    )

    assert result.exit_code == 2
    assert "it is there already" in result.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["mine.py"]


def test_the_skeleton_says_what_is_left(tmp_path: Path) -> None:
    out = tmp_path / "new"

    result = CliRunner().invoke(main, ["adapter", "new", "cho_que", "--out", str(out)])

    left = result.stdout.partition("left to write")[2]
    assert "sao OCOP / OCOP stars" in left
    assert "tìm tin / search" in left
    assert "giá / prices" not in left
