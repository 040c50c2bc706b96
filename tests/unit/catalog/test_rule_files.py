"""The rules' files: how they are read, and how refused."""

import re
import shutil
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from catalog.eligibility import Outcome, Standing, evaluate, load_rules
from catalog.eligibility.load import RULES_FOLDER
from catalog.errors import CatalogError, RuleFileError
from catalog.model.paper import PaperKind
from catalog.values import replace
from tests.factories import (
    AT,
    NOT_SO,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
)

OUTCOMES = {
    "E00": "out_of_scope",
    "E01": "warn",
    "E02": "no_ocop_claim",
    "E03": "block",
    "E04": "block",
    "E05": "block",
    "E06": "warn",
    "E07": "warn",
    "E08": "block",
    "E09": "out_of_scope",
    "E10": "warn",
    "E11": "block",
    "E12": "block",
    "E13": "warn",
    "E14": "warn",
    "E15": "block",
    "E16": "warn",
    "E17": "block",
}


BY_PERSON = {"E02": {"voided"}, "E11": {"*"}, "E15": {"*"}}
"""Findings that a named person has entered for the very product."""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES_FOLDER, tmp_path / "rules"))


def edit(file: Path, pattern: str, by: str) -> None:
    """Replace the first match of *pattern*, which must be there."""
    text, count = re.subn(pattern, by, file.read_text(), count=1)
    assert count == 1
    file.write_text(text)


def test_the_rules_are_e00_to_e17_with_their_outcomes() -> None:
    rules = load_rules().rules

    assert {code: str(rule.outcome) for code, rule in rules.items()} == OUTCOMES
    assert list(rules) == sorted(rules)


def test_who_stands_for_a_finding_is_data() -> None:
    rules = load_rules().rules

    found: dict[str, set[str]] = {}
    for code, rule in rules.items():
        keys = {key for key, each in rule.findings.items() if each.by_person}
        if keys:
            found[code] = {"*"} if keys == rule.findings.keys() else keys
    assert found == BY_PERSON
    assert rules["E03"].findings["revoked"].by_person_with == "number"


def test_a_file_that_does_not_say_who_stands_for_it_is_refused(folder: Path) -> None:
    edit(folder / "E15.toml", r"by_person = true\n", "")

    with pytest.raises(RuleFileError, match=r"E15\.toml: .*by_person: Field"):
        load_rules(folder=folder)


def test_a_value_that_a_finding_does_not_have_cannot_stand_for_it(
    folder: Path,
) -> None:
    edit(folder / "E03.toml", '"number"', '"name"')

    with pytest.raises(RuleFileError, match=r"revoked\.by_person_with: no such value"):
        load_rules(folder=folder)


@pytest.mark.parametrize("code", OUTCOMES)
def test_each_rule_says_what_it_asks_and_on_which_basis(code: str) -> None:
    rule = load_rules().rules[code]

    assert rule.title.vi != rule.title.en
    assert all(rule.basis)
    for finding in rule.findings.values():
        assert finding.seen.vi != finding.seen.en
        assert finding.todo.vi != finding.todo.en


@pytest.mark.parametrize("code", OUTCOMES)
def test_whether_a_rule_was_confirmed_and_what_is_noted_of_it_is_data(
    code: str,
) -> None:
    written = tomllib.loads((RULES_FOLDER / f"{code}.toml").read_text("utf-8"))

    rule = load_rules().rules[code]

    assert rule.confirmed is written["confirmed"]
    noted = {"vi": rule.note.vi, "en": rule.note.en} if rule.note else None
    assert noted == written.get("note")


def test_rules_start_when_their_law_does() -> None:
    rules = load_rules().rules.values()

    starts = {rule.code: rule.in_force_from for rule in rules if rule.in_force_from}
    assert starts == {
        "E07": date(2024, 6, 1),
        "E10": date(2026, 7, 1),
        "E12": date(2025, 7, 1),
    }


def test_the_outcome_is_data(folder: Path) -> None:
    edit(folder / "E04.toml", 'outcome = "block"', 'outcome = "warn"')
    product = make_product(papers=(make_paper(PaperKind.DECLARATION),))

    verdict = evaluate(product, make_producer(), AT, load_rules(folder=folder))

    assert [each.outcome for each in verdict.reasons] == [Outcome.WARN]
    assert verdict.standing is Standing.LISTED


def test_the_day_from_which_a_rule_applies_is_data(folder: Path) -> None:
    edit(folder / "E15.toml", "confirmed", "in_force_from = 2024-03-02\nconfirmed")
    product = make_product(paused=True)
    rules = load_rules(folder=folder)

    today = evaluate(product, make_producer(), AT, rules)
    tomorrow = evaluate(product, make_producer(), AT + timedelta(days=1), rules)

    assert today.standing is Standing.LISTED
    assert today.changes_at is not None
    assert today.changes_at < AT + timedelta(days=1)
    assert tomorrow.standing is Standing.NOT_LISTED


def test_the_length_of_validity_is_data_by_day_of_decision(folder: Path) -> None:
    edit(folder / "E02.toml", r"since = 2023-02-24(.|\n)*months = 36", (
        'since = 2023-02-24\nbasis = "mẫu"\nconfirmed = true\nmonths = 60'
    ))  # fmt: skip
    product = make_product()

    verdict = evaluate(product, make_producer(), AT, load_rules(folder=folder))

    assert verdict.claim_ends_on == date(2028, 5, 10)


def test_the_papers_of_a_declaration_are_data_by_day(folder: Path) -> None:
    edit(folder / "E05.toml", r"since = 2026-04-16", "since = 2024-03-01")
    edit(folder / "E05.toml", r'(2024-03-01(.|\n)*?kinds = )\["declaration"\]', (
        r'\1["advertising_approval"]'
    ))  # fmt: skip

    rules = load_rules(folder=folder)
    verdict = evaluate(make_product(), make_producer(), AT, rules)
    before = evaluate(make_product(), make_producer(), AT - timedelta(days=1), rules)

    assert verdict.standing is Standing.UNKNOWN
    assert before.standing is Standing.LISTED


def test_the_sets_of_a_rule_are_data(folder: Path) -> None:
    edit(folder / "E04.toml", "sectors = .*", 'sectors = ["craft"]')
    product = make_product(
        set_code="IV.1", papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    )

    verdict = evaluate(product, make_producer(), AT, load_rules(folder=folder))

    assert verdict.standing is Standing.NOT_LISTED


def test_the_version_follows_files_and_settings(folder: Path) -> None:
    shipped = load_rules().version
    versions = {
        shipped,
        load_rules(accept_published=True).version,
        load_rules(extend_rest_days=True).version,
        load_rules(trace_hosts=["khac.example"]).version,
    }
    assert load_rules(folder=folder).version == shipped
    edit(folder / "E15.toml", "tạm dừng", "dừng tạm")

    versions.add(load_rules(folder=folder).version)

    assert len(versions) == 5


@pytest.mark.parametrize(
    ("name", "pattern", "by", "problem"),
    [
        ("E04.toml", 'outcome = "block"', 'outcome = "stop"', "outcome: "),
        ("E04.toml", 'code = "E04"', 'code = "E05"', "code: E05, not E04"),
        ("E04.toml", "confirmed = false", "", "confirmed: "),
        ("E04.toml", "confirmed", 'colour = "red"\nconfirmed', "colour: "),
        ("E04.toml", '"food"', '"foot"', "sectors.0: "),
        ("E08.toml", '"II.1.a"', '"II.9"', "sets.0: "),
        ("E15.toml", r"\[findings.paused\]", "[findings.pause]", "findings.paused: "),
        ("E04.toml", r"\{paper\}", "{papers}", "no such value: papers"),
        ("E04.toml", r"\{paper\}", "{paper", "findings.none: expected '}'"),
        ("E04.toml", r"\{paper\}", "{}", "findings.none: "),
        ("E04.toml", r"\{paper\}", "{paper:d}", "findings.none: "),
        ("E02.toml", "months = 36", "months = 0", "validity.0.months: "),
        ("E01.toml", "2023-02-24", "2018-02-02", "since: days must ascend"),
        ("E02.toml", "2023-02-24", "2018-02-02", "since: days must ascend"),
        ("E05.toml", "2026-04-16", "2018-02-02", "since: days must ascend"),
        ("E05.toml", '"I.1.a"', '"I.1.z"', "declarations.0.also"),
        ("papers.toml", r"\[papers.age_gate\]", "[papers.age]", "papers"),
        ("E01.toml", "code = ", "code == ", "at line 1"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_its_key(
    folder: Path, name: str, pattern: str, by: str, problem: str
) -> None:
    edit(folder / name, pattern, by)

    with pytest.raises(RuleFileError) as caught:
        load_rules(folder=folder)

    assert caught.value.file == name
    assert any(problem in each for each in caught.value.problems)
    assert name in str(caught.value)
    assert isinstance(caught.value, CatalogError)


def test_all_that_is_wrong_with_a_file_is_named(folder: Path) -> None:
    edit(folder / "E04.toml", r"\[findings.none\]", "[findings.nothing]")
    edit(folder / "E04.toml", r"(?s)(not_attested.*?)\{paper\}", r"\1{papers}")

    with pytest.raises(RuleFileError) as caught:
        load_rules(folder=folder)

    assert caught.value.problems == (
        "findings.none: lacks",
        "findings.not_attested: no such value: papers",
        "findings.nothing: not a finding of E04",
    )


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "E11.toml").unlink()

    with pytest.raises(RuleFileError, match=r"E11\.toml"):
        load_rules(folder=folder)


def test_a_file_that_is_no_utf8_is_named(folder: Path) -> None:
    (folder / "E11.toml").write_bytes(b"code = '\xff'")

    with pytest.raises(RuleFileError, match=r"E11\.toml"):
        load_rules(folder=folder)


def test_a_certificate_before_the_table_gets_its_first_length() -> None:
    old = replace(make_certificate(), decided_on=date(2018, 12, 1))

    verdict = evaluate(
        make_product(certificates=(old,)), make_producer(), AT, load_rules()
    )

    assert verdict.standing is Standing.WITHOUT_CLAIM
