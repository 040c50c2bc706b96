"""Load the rules: one TOML file per rule, beside the tables that it uses.

The form of a file is checked in `catalog.eligibility.files`; here, that it words the
findings of its check, and nothing else.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, pairwise
from pathlib import Path
from typing import Final, TypeVar

from catalog.eligibility.checks import CHECKS
from catalog.eligibility.evaluation import Rules
from catalog.eligibility.files import (
    BodiesFile,
    DeclarationsFile,
    FindingPart,
    Folder,
    LabelsFile,
    PapersFile,
    RuleFile,
    RuleRow,
    ValidityFile,
)
from catalog.eligibility.rule import Dated, Needed, Rule, Tables
from catalog.eligibility.verdict import Finding
from catalog.errors import RuleFileError
from catalog.model.certificate import Validity
from catalog.model.gs1 import KNOWN_HOSTS
from catalog.model.product_set import SETS

RULES_FOLDER: Final = Path(__file__).parent.parent / "rules"
"""The rules that ship with the service."""

R = TypeVar("R", bound=RuleRow)
V = TypeVar("V")


def load_rules(
    *,
    accept_published: bool = False,
    extend_rest_days: bool = False,
    trace_hosts: Iterable[str] = KNOWN_HOSTS,
    folder: Path | None = None,
) -> Rules:
    """Read and check the rules.

    Args:
        accept_published: Whether a public report that names stars and year is
            evidence enough; by default only the recognising decision is.
        extend_rest_days: Whether a certificate that ends on a Saturday or
            Sunday ends on the next working day (Civil Code 2015, article
            148.5; not confirmed for certificates, so off by default).
        trace_hosts: Hosts whose traceability pages are shown, exactly as they
            are called, in any case.
        folder: Where the files are; those that ship with the service if None.

    Raises:
        RuleFileError: A file is missing or wrong; it names file and key.
    """
    files = Folder(folder or RULES_FOLDER)
    rules = {
        code: _rule(code, files.read(f"{code}.toml", form))
        for code in CHECKS
        for form in [_FORMS.get(code, RuleFile)]
    }
    hosts = frozenset(host.lower() for host in trace_hosts)
    tables = _tables(files, extend_rest_days, hosts)
    settings: dict[str, object] = {
        "accept_published": accept_published,
        "extend_rest_days": extend_rest_days,
        "trace_hosts": sorted(hosts),
    }
    steps = tuple(
        (rule.in_force_from or date.min, CHECKS[code].look, rule)
        for code, rule in rules.items()
    )
    lasting = frozenset(
        code
        for code, rule in rules.items()
        if CHECKS[code].lasting and rule.in_force_from is None
    )
    return Rules(
        version=files.fingerprint(settings),
        accept_published=accept_published,
        rules=rules,
        tables=tables,
        steps=steps,
        dated_steps=tuple(step for step in steps if step[2].code not in lasting),
        lasting=lasting,
        boundaries=_boundaries(rules, tables),
    )


_FORMS: Final[dict[str, type[RuleFile]]] = {
    "E01": BodiesFile,
    "E02": ValidityFile,
    "E05": DeclarationsFile,
    "E06": LabelsFile,
}
"""The forms of files that have tables of their own."""


def _rule(code: str, file: RuleFile) -> Rule:
    """Turn a file into the rule, if it words exactly the findings of its check."""
    problems = _wording_problems(code, file)
    if problems:
        raise RuleFileError(code + ".toml", problems)
    sets = {each.code for each in SETS.values() if each.sector in file.sectors}
    return Rule(
        code=code,
        title=file.title.text(),
        outcome=file.outcome,
        basis=file.basis,
        confirmed=file.confirmed,
        in_force_from=file.in_force_from,
        note=file.note.text() if file.note else None,
        sets=frozenset(sets | set(file.sets)),
        findings={
            key: _finding(key, part, file) for key, part in file.findings.items()
        },
    )


def _finding(key: str, part: FindingPart, file: RuleFile) -> Finding:
    check = CHECKS[file.code]
    return Finding(
        outcome=part.outcome or file.outcome,
        seen=part.seen.text(),
        todo=part.todo.text(),
        by_person=file.by_person if part.by_person is None else part.by_person,
        by_person_with=part.by_person_with,
        effect=check.effects.get(key),
        about_end=check.about_end,
    )


def _wording_problems(code: str, file: RuleFile) -> list[str]:
    """Return the missing, surplus and broken texts of the file."""
    findings = CHECKS[code].findings
    problems = [] if file.code == code else [f"code: {file.code}, not {code}"]
    problems += [f"findings.{key}: lacks" for key in findings.keys() - file.findings]
    for key, part in file.findings.items():
        if key not in findings:
            problems.append(f"findings.{key}: not a finding of {code}")
            continue
        for text in (part.seen.vi, part.seen.en, part.todo.vi, part.todo.en):
            if problem := _filling_problem(text, findings[key]):
                problems.append(f"findings.{key}: {problem}")
        if part.by_person_with not in ("", *findings[key]):
            problems.append(f"findings.{key}.by_person_with: no such value")
    return sorted(problems)


def _filling_problem(text: str, names: frozenset[str]) -> str:
    """Return why *text* cannot be filled in with values of those *names*, or ""."""
    try:
        text.format_map(dict.fromkeys(names, ""))
    except KeyError as error:
        return f"no such value: {error.args[0]}"
    except (ValueError, LookupError, AttributeError) as error:
        return str(error)
    return ""


def _tables(
    files: Folder, extend_rest_days: bool, trace_hosts: frozenset[str]
) -> Tables:
    """Read the tables, which stand in the files of the rules that use them."""
    bodies = files.read("E01.toml", BodiesFile).bodies
    validity = files.read("E02.toml", ValidityFile).validity
    declarations = files.read("E05.toml", DeclarationsFile).declarations
    labels = files.read("E06.toml", LabelsFile).labels
    return Tables(
        bodies=Dated(_steps("E01.toml", bodies, [row.by_stars() for row in bodies])),
        validity=Validity(
            _steps("E02.toml", validity, [row.months for row in validity]),
            extend_rest_days,
        ),
        declarations=Dated(
            _steps(
                "E05.toml",
                declarations,
                [Needed(kinds=row.kinds, also=row.also) for row in declarations],
            )
        ),
        labels={str(sector): fields for sector, fields in labels.items()},
        papers={
            kind: part.text()
            for kind, part in files.read("papers.toml", PapersFile).papers.items()
        },
        trace_hosts=trace_hosts,
    )


def _steps(
    name: str, rows: Sequence[RuleRow], values: Sequence[V]
) -> tuple[tuple[date, V], ...]:
    """Pair each row's day with its value; the days must ascend."""
    days = [row.since for row in rows]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise RuleFileError(name, ["since: days must ascend"])
    return tuple(zip(days, values, strict=True))


def _boundaries(rules: dict[str, Rule], tables: Tables) -> tuple[date, ...]:
    """Return the days from which a rule or a table may decide otherwise.

    Tables that are read by the day of a decision change nothing on any day.
    """
    starts = (rule.in_force_from for rule in rules.values())
    rows = (day for day, _ in tables.declarations.steps)
    return tuple(sorted(set(chain(filter(None, starts), rows))))
