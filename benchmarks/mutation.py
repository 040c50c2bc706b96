"""Which small edits of a module no test notices: mutation testing.

    make mutate MODULE=ocop_sync/engine/plan/decision_table.py

Works on a copy below `.mutation/`, one process, and writes the edits that
survived to `.mutation/<module>.txt`. What they mean is written down by hand in
`docs/mutation.md`.

mutmut edits what stands in plain functions and methods, and forks one process
for each edit, with the tests that reach the function; against an edit that
survives, all the module's tests run. It leaves out what runs when a module is
imported (the decision table, patterns) and decorated functions (properties,
caches): these are edited here with mutmut's own operators, and all the module's
tests run against each edit, in a fork that imports the module anew.
"""

import argparse
import difflib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import libcst
import pytest
from libcst.metadata import MetadataWrapper
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode
from mutmut.stats import status_by_exit_code

ROOT: Final = Path(__file__).parent.parent
WORK: Final = ROOT / ".mutation"
PACKAGES: Final = ("ocop_sync", "catalog", "adapters")
SECONDS: Final = 60
"""An edit that takes more processor time with the tests counts as a timeout."""

_MUTMUT: Final = str(Path(sys.executable).with_name("mutmut"))
_LIBRARIES: Final = (
    "aiohttp.test_utils",
    "hypothesis.core",
    "hypothesis.strategies",
    "pydantic",
    "pytest_aiohttp.plugin",
    "pytest_asyncio.plugin",
    "sqlalchemy",
    "xdist.dsession",
)
"""Imported once, so that the forks need not; nothing of ours, as it is edited."""

_CATALOG: Final = "tests/unit/catalog"
_ON_SQLITE: Final = ("-k", "not postgresql")
"""A test of both databases runs on the one that needs no server."""

TESTS: Final[Mapping[str, tuple[str, ...]]] = {
    "catalog/model/certificate.py": (
        f"{_CATALOG}/test_certificate.py",
        f"{_CATALOG}/test_eligibility_certificates.py",
        f"{_CATALOG}/test_eligibility_dates.py",
    ),
    "catalog/eligibility/": (
        f"{_CATALOG}/test_eligibility.py",
        f"{_CATALOG}/test_eligibility_certificates.py",
        f"{_CATALOG}/test_eligibility_dates.py",
        f"{_CATALOG}/test_eligibility_papers.py",
        f"{_CATALOG}/test_rule_files.py",
        f"{_CATALOG}/test_verdict.py",
    ),
    "ocop_sync/engine/wanted/claim.py": ("tests/unit/test_claim.py",),
    "ocop_sync/engine/plan/decision_table.py": (
        "tests/unit/engine/test_decision_table.py",
    ),
    **dict.fromkeys(
        (
            "ocop_sync/engine/plan/evaluate.py",
            "ocop_sync/engine/plan/situation.py",
            "ocop_sync/engine/plan/diff.py",
        ),
        (
            "tests/unit/engine/test_diff.py",
            "tests/unit/engine/test_edited.py",
            "tests/unit/engine/test_drift_policy.py",
            "tests/unit/engine/test_in_review.py",
            "tests/unit/engine/test_lost_sale.py",
            "tests/unit/engine/test_managed.py",
            "tests/unit/engine/test_owed.py",
            "tests/unit/engine/test_packs.py",
            "tests/unit/engine/test_refused.py",
            "tests/unit/engine/test_stock.py",
        ),
    ),
    "ocop_sync/engine/approval/budget.py": (
        "tests/unit/engine/test_review.py",
        "tests/unit/engine/test_budget.py",
    ),
    "ocop_sync/engine/state/drift.py": ("tests/unit/engine/test_drift.py",),
    "ocop_sync/engine/state/quarantine.py": ("tests/unit/engine/test_quarantine.py",),
    "ocop_sync/engine/state/stock.py": (
        "tests/unit/engine/test_managed.py",
        "tests/unit/engine/test_transitions.py",
        "tests/unit/engine/test_stock.py",
    ),
    "ocop_sync/calls/retry_policy.py": ("tests/unit/test_retry.py",),
    "ocop_sync/engine/wanted/draft.py": ("tests/unit/engine/test_wanted.py",),
    "ocop_sync/engine/wanted/from_verdict.py": ("tests/unit/engine/test_wanted.py",),
    **dict.fromkeys(
        (
            "catalog/commands/sell.py",
            "ocop_sync/service/send/stock_guard.py",
            "ocop_sync/service/evaluate/event_feed.py",
        ),
        (
            "tests/integration/test_lost_sale.py",
            "tests/integration/test_sales.py",
            "tests/integration/test_stock.py",
        ),
    ),
    "ocop_sync/service/plan/plan.py": (
        "tests/integration/test_cost.py",
        "tests/integration/test_plan.py",
    ),
    # All but those of the decision table, which take as long as the others together.
    "ocop_sync/engine/": (
        "tests/unit/engine/test_[!d]*.py",
        "tests/unit/engine/test_d[!e]*.py",
    ),
}
"""The tests that run against a module: of the first entry that it begins with."""


class Edit(NamedTuple):
    """One edit, by its name, and what became of it."""

    name: str
    status: str
    shown: str


def main() -> None:
    """Mutate one module and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "module", help="a file, such as ocop_sync/engine/plan/decision_table.py"
    )
    parser.add_argument("--tests", nargs="*", help="files or folders of tests")
    parser.add_argument(
        "--again",
        action="store_true",
        help="leave out what was noticed last time, also by a run that broke off;"
        " the module is as it was",
    )
    given = parser.parse_args()
    module, tests = given.module, _tests_of(given.module, given.tests)
    kept = WORK / f"{module.replace('/', '.')}.json"
    before = (
        [Edit(*each) for each in json.loads(kept.read_text())] if given.again else []
    )
    killed = {edit.name: edit for edit in before if edit.status == "killed"}
    _lay_out(module, tests)
    start = time.monotonic()
    edits = []
    with kept.with_suffix(".txt").open("w", encoding="utf-8") as report:
        for edit in chain(
            _mutate_functions(module, tests, killed),
            _mutate_the_rest(module, tests, killed),
        ):
            edits.append(edit)
            kept.write_text(json.dumps(edits))
            if edit.status != "killed":
                print(edit.status, edit.shown, end="\n\n", file=report, flush=True)
    counts = dict(Counter(edit.status for edit in edits))
    print(module, len(edits), "edits", counts, f"{time.monotonic() - start:.0f} s")


def _tests_of(module: str, given: list[str] | None) -> list[str]:
    """Return the tests to run, each a path below the root."""
    patterns = given or next(
        tests for begins, tests in TESTS.items() if module.startswith(begins)
    )
    named = [pattern for pattern in patterns if "::" in pattern]
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return named + [str(path.relative_to(ROOT)) for path in found]


def _lay_out(module: str, tests: list[str]) -> None:
    """Prepare the folder that mutmut works in: links, and its settings."""
    WORK.mkdir(exist_ok=True)
    shutil.rmtree(WORK / "mutants", ignore_errors=True)
    for name in (*PACKAGES, "docs", "tests", "pyproject.toml"):
        with suppress(FileExistsError):
            (WORK / name).symlink_to(ROOT / name)
    settings = {
        "source_paths": PACKAGES,
        "only_mutate": [module],
        "also_copy": ["docs"],
        "pytest_add_cli_args_test_selection": [*tests, *_ON_SQLITE],
        "pytest_add_cli_args": ["-p", "no:randomly", "-p", "no:cacheprovider", "-n0"],
        "use_git_change_detection": ["false"],
        "timeout_multiplier": ["15"],
        # No test has run in the process that forks: a cache would hide an edit.
        "process_isolation": ["forkserver"],
    }
    lines = ["[mutmut]"]
    for name, values in settings.items():
        value = "\n    ".join(["", *values]) if len(values) > 1 else values[0]
        lines.append(f"{name} ={value if value.startswith(chr(10)) else ' ' + value}")
    (WORK / "setup.cfg").write_text("\n".join(lines) + "\n", "utf-8")


def _mutate_functions(
    module: str, tests: list[str], killed: Mapping[str, Edit]
) -> Iterator[Edit]:
    """Yield each edit of a plain function; those *killed* before untried."""
    command = [_MUTMUT, "run", "--max-children", "1"]
    if killed:
        # Nothing but to lay out the edits, and to try one of them.
        command.append(next(name for name in killed if "." in name))
    with (WORK / "mutmut.log").open("w") as log:
        subprocess.run(command, cwd=WORK, check=True, stdout=log, stderr=log)  # noqa: S603  (mutmut)
    meta = json.loads((WORK / "mutants" / f"{module}.meta").read_text("utf-8"))
    for name, code in meta["exit_code_by_key"].items():
        if name in killed:
            yield killed[name]
            continue
        status = status_by_exit_code[code]
        if status != "killed":
            # A test that found the function's result in a cache was not tried.
            status = _try(tests, name)
        yield Edit(name, status, "" if status == "killed" else _shown(name))


def _shown(name: str) -> str:
    """Return the lines that mutmut's edit of that name takes away and adds."""
    command = [_MUTMUT, "show", name]
    done = subprocess.run(  # noqa: S603  (mutmut)
        command, cwd=WORK, check=True, capture_output=True, text=True
    )
    changed = [
        line
        for line in done.stdout.splitlines()
        if line.startswith(("-", "+")) and not line.startswith(("---", "+++"))
    ]
    return "\n".join([name.rpartition(".")[2], *changed])


class _Everything(MutationVisitor):
    """Mutates decorated functions as well."""

    def _skip_node_and_children(self, node: libcst.CSTNode) -> bool:
        if isinstance(node, libcst.FunctionDef):
            return False
        return super()._skip_node_and_children(node)


def _mutate_the_rest(
    module: str, tests: list[str], killed: Mapping[str, Edit]
) -> Iterator[Edit]:
    """Yield each edit that mutmut leaves out; those *killed* before untried."""
    source = (ROOT / module).read_text("utf-8")
    wrapper = MetadataWrapper(libcst.parse_module(source))
    visitor = _Everything(mutation_operators, IgnoredCode(set(), set(), set()))
    tree = wrapper.visit(visitor)
    for library in _LIBRARIES:
        importlib.import_module(library)
    left_out = [mutation for mutation in visitor.mutations if _is_left_out(mutation)]
    for number, mutation in enumerate(left_out):
        if str(number) in killed:
            yield killed[str(number)]
            continue
        edited = tree.deep_replace(mutation.original_node, mutation.mutated_node)
        (WORK / "mutants" / module).write_text(edited.code, "utf-8")
        status = _try(tests, imports=module)
        lines = difflib.unified_diff(
            source.splitlines(), edited.code.splitlines(), lineterm="", n=0
        )
        shown = "\n".join([_place(mutation), *list(lines)[2:]])
        yield Edit(str(number), status, "" if status == "killed" else shown)
        print(f"\r{number + 1}/{len(left_out)}", end="", file=sys.stderr)
    print(file=sys.stderr)


def _is_left_out(mutation: Mutation) -> bool:
    """Say whether it is no edit of a plain function, nor one of a text's capitals."""
    before, after = mutation.original_node, mutation.mutated_node
    if isinstance(before, libcst.SimpleString) and "XX" not in after.value:
        return False
    function = mutation.contained_by_top_level_function
    if not isinstance(function, libcst.FunctionDef):
        return True
    return bool(function.decorators)


def _place(mutation: Mutation) -> str:
    function = mutation.contained_by_top_level_function
    if isinstance(function, libcst.FunctionDef):
        return str(function.name.value)
    return "at import"


def _try(tests: list[str], mutant: str = "", imports: str = "") -> str:
    """Run all *tests* in a fork, with mutmut's *mutant* where one is named.

    Where the module that is edited *imports* no more, no test is started.
    """
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        os.environ["MUTANT_UNDER_TEST"] = mutant
        os._exit(_run_pytest(tests, imports))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "timeout"
    return "survived" if code == 0 else "killed"


def _run_pytest(tests: list[str], imports: str) -> int:
    """Run *tests* in this process, quietly; nothing of ours is imported so far."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(WORK / "mutants")
    sys.path.insert(0, str(WORK / "mutants"))
    sys.dont_write_bytecode = True
    try:
        if imports:
            importlib.import_module(imports.removesuffix(".py").replace("/", "."))
    except Exception:  # noqa: BLE001 - whatever it is, the tests would meet it too
        return 1
    options = ["-x", "-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider"]
    options += _ON_SQLITE
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main(["--rootdir=.", "--tb=no", *options, *tests]))


if __name__ == "__main__":
    main()
