"""The output of commands on an adapter that is installed and cannot be used."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocop_sync.cli import main
from ocop_sync.marketplace import registry
from ocop_sync.marketplace.registry import GROUP

SETTINGS = """
[database]
url = "sqlite:///{folder}/ocop.db"

[[accounts]]
key = "postmart"
marketplace = "postmart"
base_url = "http://127.0.0.1:9"

[[accounts]]
key = "voso:CS-0001"
marketplace = "voso"
base_url = "http://127.0.0.1:9"
seller_ref = "CS-0001"
"""
POINTS = (
    EntryPoint("postmart", "adapters.postmart.adapter:Postmart", GROUP),
    EntryPoint("voso", "khong_co_mo_dun:Lop", GROUP),
)


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_installed", lambda: POINTS)


def call(folder: Path, *words: str) -> Result:
    settings = folder / "ocop-sync.toml"
    settings.write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    return CliRunner().invoke(main, ["--settings", str(settings), *words])


@pytest.mark.parametrize(
    ("words", "code"),
    [(["status"], 0), (["plan"], 1), (["marketplaces"], 0)],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_it_is_named_with_what_to_do(
    tmp_path: Path, words: list[str], code: int
) -> None:
    shown = call(tmp_path, *words)
    told = json.loads(call(tmp_path, *words, "--json").stdout)

    assert shown.exit_code == code
    assert "khong_co_mo_dun" in shown.stdout
    assert "Phải làm / to do" in shown.stdout
    assert "khong_co_mo_dun" in json.dumps(told["unusable"])
    there = told["marketplaces"]
    names = there if isinstance(there, dict) else [each["name"] for each in there]
    assert list(names) == ["postmart"]


@pytest.mark.parametrize(
    "words", [["plan", "voso"], ["mapping", "show", "voso"]], ids=" ".join
)
def test_a_command_about_just_that_marketplace_ends_with_2(
    tmp_path: Path, words: list[str]
) -> None:
    ended = call(tmp_path, *words)

    assert ended.exit_code == 2
    assert "khong_co_mo_dun" in ended.stderr
