"""Every adapter that is registered here is tried by a file beside this one."""

import importlib
import tomllib
from pathlib import Path

from ocop_sync.testing.kit import Conformance

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_the_kit_is_tried_on_every_registered_adapter() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    registered = project["entry-points"]["ocop_sync.marketplaces"]
    tried = set()
    for file in HERE.glob("test_*.py"):
        if "(Conformance)" in file.read_text("utf-8"):
            module = importlib.import_module(f"tests.contract.{file.stem}")
            tried |= {
                each.shop.adapter.name
                for each in vars(module).values()
                if isinstance(each, type)
                and issubclass(each, Conformance)
                and each is not Conformance
            }

    assert {*registered, "memory"} <= tried
