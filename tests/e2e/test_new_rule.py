"""A rule costs its file and its check: nothing else names rules, or counts them.

The rule is added as CONTRIBUTING.md says, in a copy of the folder of rules.
"""

import ast
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

import catalog
import ocop_sync
from catalog.eligibility import Reason, Rule, evaluate, load, load_rules
from catalog.eligibility.checks import CHECKS, Check
from catalog.eligibility.product_facts import ProductFacts
from ocop_sync.engine.wanted.origin import origin_of
from tests.e2e.served import Desk, good
from tests.factories import AT
from tests.world import entry

ROOT = Path(__file__).parents[2]

FILE = """
code = "E18"
outcome = "block"
basis = ["Quy ước mẫu"]
confirmed = true
by_person = {by_person}

[title]
vi = "Tên không có chữ mẫu thử"
en = "Its name has no trial word"

[findings.trial]
seen.vi = "Tên có chữ thử: {{name}}"
seen.en = "A trial word is in the name: {{name}}"
todo.vi = "Đổi tên"
todo.en = "Rename it"
"""


def has_no_trial_word(facts: ProductFacts, rule: Rule) -> tuple[Reason, ...]:
    name = facts.product.name
    return rule.found("trial", name=name) if "thử" in name else ()


def add(patch: pytest.MonkeyPatch, folder: Path, *, by_person: bool) -> None:
    """Add E18: its file, and its line in `CHECKS`."""
    shutil.copytree(load.RULES_FOLDER, folder)
    text = FILE.format(by_person=str(by_person).lower())
    (folder / "E18.toml").write_text(text, "utf-8")
    added = Check(has_no_trial_word, {"trial": frozenset({"name"})})
    checks: Mapping[str, Check] = MappingProxyType({**CHECKS, "E18": added})
    patch.setattr(load, "CHECKS", checks)
    patch.setattr(load, "RULES_FOLDER", folder)


def codes_in(source: str) -> set[str]:
    """Return the codes of rules that *source* works with."""
    texts = (
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in texts if re.fullmatch(r"E\d\d", text)}


def test_contributing_names_the_files_that_a_rule_costs() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    part = text.partition("## Adding a rule\n")[2].partition("\n## ")[0]

    assert re.findall(r"^- `([^`]+)`", part, re.MULTILINE) == [
        "catalog/rules/E18.toml",
        "catalog/eligibility/checks.py",
        "tests/unit/catalog/test_rule_files.py",
    ]
    assert len(load_rules().rules) == 18  # so that E18 is the next


def test_no_rule_is_named_in_code_outside_its_check_and_its_form() -> None:
    named = {
        f"{path.parent.name}/{path.name}": found
        for package in (catalog, ocop_sync)
        for path in Path(package.__path__[0]).rglob("*.py")
        if (found := codes_in(path.read_text("utf-8")))
    }

    assert named.keys() == {
        "eligibility/checks.py",
        "eligibility/load.py",
        "wanted/origin.py",
    }
    assert named["eligibility/checks.py"] == CHECKS.keys()
    assert named["eligibility/load.py"] == {"E01", "E02", "E05", "E06"}
    assert named["wanted/origin.py"] == {"E11"}


@pytest.mark.parametrize("by_person", [True, False])
def test_its_file_says_whether_a_person_stands_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, by_person: bool
) -> None:
    add(monkeypatch, tmp_path / "rules", by_person=by_person)
    product, producer = entry(1, name="Măng khô thử")

    verdict = evaluate(product, producer, AT, load_rules())

    assert origin_of(product, verdict, "").by_person is by_person
    assert origin_of(product, verdict, "").cause == "E18"


def test_a_rule_that_was_added_is_told_planned_and_carried_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk.import_(good(1, name="Măng khô thử Mẫu 1"), good(2))
    desk.run("sync", "--follow", "60")
    add(monkeypatch, tmp_path / "rules", by_person=True)

    explained = desk.run_json("eligibility", "--explain-rules")["rules"][-1]
    (told,) = desk.run_json("eligibility", "--sku", "SP-00001")["products"]
    planned = desk.run_json("plan", "postmart")
    desk.run("sync", "--follow", "60")
    listed = desk.run_json("status")

    assert (explained["code"], explained["outcome"]) == ("E18", "block")
    assert told["reasons"][0]["code"] == "E18"
    assert told["reasons"][0]["seen"]["vi"] == "Tên có chữ thử: Măng khô thử Mẫu 1"
    (change,) = planned["marketplaces"]["postmart"]["changes"]
    assert (change["kind"], change["cause"]) == ("withdraw", "E18")
    assert change["why"]["seen"]["en"].endswith("name: Măng khô thử Mẫu 1")
    assert listed["marketplaces"]["postmart"]["blocked"] == {"E18": 1}
