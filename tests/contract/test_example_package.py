"""The example package is installed beside the service, in an environment of its own.

Nothing is fetched: both are built here, and all that they need is packed from this
environment. There the kit proves it, and the service finds it.
"""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import hatchling.build
import pytest
from packaging.requirements import Requirement

from tests.contract.offline_wheels import needed_by, pack_with_all_that_they_need

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "cho_que"

pytestmark = pytest.mark.slow


def run(*words: str | Path, cwd: Path) -> str:
    """Run a command that knows nothing of this environment; return what it says."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PY", "VIRTUAL"))}
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**kept, "PIP_CONFIG_FILE": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both wheels, and pack what they need."""
    folder = tmp_path_factory.mktemp("wheels")
    with pytest.MonkeyPatch.context() as patch:
        for project in (ROOT, EXAMPLE):
            patch.chdir(project)
            hatchling.build.build_wheel(str(folder))
    needed = needed_by(distribution("ocop-sync"))
    pack_with_all_that_they_need([*needed, Requirement("pytest")], folder)
    return folder


@pytest.fixture(scope="module")
def environment(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example, with the tools of its author; return where programs are."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    programs = folder / "bin"
    run(
        *(sys.executable, "-m", "pip", "--python", programs / "python", "install"),
        *("--no-index", "--find-links", wheels, "--no-compile", "--quiet"),
        "ocop-sync-cho-que[dev]",
        cwd=folder,
    )
    return programs


def test_the_kit_proves_the_installed_package(
    environment: Path, tmp_path: Path
) -> None:
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")

    told = run(environment / "python", "-m", "pytest", "-q", cwd=tmp_path)

    assert "cho_que (ChoQueShop): " in told
    page = (tmp_path / "conformance.md").read_text("utf-8")
    assert page.startswith("# Conformance of cho_que (ChoQueShop)\n")
    assert ", 0 failed." in page


def test_the_package_is_typed_against_the_port() -> None:
    checker = Path(sys.executable).with_name("mypy")
    strictly = ("--strict", "--explicit-package-bases", f"--cache-dir={os.devnull}")

    told = run(checker, *strictly, "cho_que", "tests", cwd=EXAMPLE)

    assert told.startswith("Success: no issues found")


def test_the_service_finds_the_installed_package(
    environment: Path, tmp_path: Path
) -> None:
    told = run(
        environment / "ocop-sync", "marketplaces", "list", "--json", cwd=tmp_path
    )

    found = {each["name"]: each for each in json.loads(told)["marketplaces"]}
    assert "cho_que" in found
    assert {"postmart", "voso"} <= set(found)


def test_the_installed_command_writes_a_skeleton_that_is_green(
    environment: Path, tmp_path: Path
) -> None:
    run(environment / "ocop-sync", "adapter", "new", "cho_khac", cwd=tmp_path)

    told = run(environment / "python", "-m", "pytest", "-q", cwd=tmp_path / "cho_khac")

    assert "cho_khac (ChoKhacShop): 86 proved, 20 skipped, 0 failed" in told
