"""The rules of the whole code base: who imports whom, names, docstrings, network.

The import contracts themselves are written in `pyproject.toml`. Here they are
run, and each is shown to break when it is crossed.
"""

import ast
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("ocop_sync", "adapters", "catalog")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
EMPTY_NAMES = {"base", "common", "core", "helpers", "manager", "types", "utils"}

# One forbidden import per contract: where it is written, and what it says.
CROSSINGS = {
    "layers": ("ocop_sync/errors.py", "ocop_sync.marketplace"),
    "service-rooms": (
        "ocop_sync/service/evaluate/intruder.py",
        "ocop_sync.service.run.report",
    ),
    "store-rooms": (
        "ocop_sync/store/listings/intruder.py",
        "ocop_sync.store.decisions.drift",
    ),
    "api-rooms": ("ocop_sync/api/access/intruder.py", "ocop_sync.api.routes.health"),
    "pages-rooms": ("ocop_sync/pages/rendering.py", "ocop_sync.pages.visit"),
    "pages-ask-use-cases": ("ocop_sync/pages/words.py", "ocop_sync.store.tables"),
    "typed-alone": ("ocop_sync/api/typed/intruder.py", "ocop_sync.errors"),
    "cli-rooms": ("ocop_sync/cli/views/intruder.py", "ocop_sync.cli.app.exits"),
    "catalog-rooms": ("catalog/db/intruder.py", "catalog.feed"),
    "feed-rooms": ("catalog/feed/rows/intruder.py", "catalog.feed.merge.buyer_effects"),
    "catalog-alone": ("catalog/intruder.py", "ocop_sync.errors"),
    "spreadsheet-alone": (
        "catalog/spreadsheet/intruder.py",
        "catalog.feed",
    ),
    "adapters-know-the-port": ("adapters/voso/intruder.py", "ocop_sync.engine"),
    "adapters-apart": ("adapters/voso/intruder.py", "adapters.postmart"),
    "mock-without-adapter": ("adapters/voso/mock/intruder.py", "adapters.voso.convert"),
    "adapter-without-mock": ("adapters/voso/convert.py", "adapters.voso.mock"),
    "service-without-adapters": ("ocop_sync/engine/intruder.py", "adapters.voso"),
    "port-without-catalog": ("ocop_sync/marketplace/intruder.py", "catalog"),
    "testing-on-the-port": ("ocop_sync/testing/intruder.py", "ocop_sync.engine"),
    "testing-for-mocks": ("ocop_sync/cli/intruder.py", "ocop_sync.testing"),
    "engine-pure": ("ocop_sync/engine/intruder.py", "asyncio"),
    "engine-rooms": (
        "ocop_sync/engine/state/intruder.py",
        "ocop_sync.engine.plan.diff",
    ),
    "engine-without-transport": (
        "ocop_sync/engine/intruder.py",
        "ocop_sync.marketplace.http",
    ),
    "store-without-network": ("ocop_sync/store/intruder.py", "aiohttp"),
    "calls-without-database": ("ocop_sync/calls/intruder.py", "sqlalchemy"),
}


def lint_imports(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of *tree*."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-logo", "--no-cache", *options],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


def copy_with_imports(tree: Path) -> None:
    """Copy the packages to *tree*, with every forbidden import."""
    shutil.copy(ROOT / "pyproject.toml", tree)
    for name in PACKAGES:
        sources = shutil.ignore_patterns("__pycache__", "data")
        shutil.copytree(ROOT / name, tree / name, ignore=sources)
    for where, what in CROSSINGS.values():
        with (tree / where).open("a") as module:
            module.write(f"\nimport {what}\n")


def contracts() -> list[dict[str, str]]:
    """Return the import contracts, in their order."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    found: list[dict[str, str]] = settings["importlinter"]["contracts"]
    return found


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each contract that is broken, where all of them are crossed."""
    tree = tmp_path_factory.mktemp("crossed")
    copy_with_imports(tree)
    said = lint_imports(tree).stdout.partition("Broken contracts")[2]
    text, found = " ".join(said.split()), {}
    for each in reversed(contracts()):
        if each["name"] in text:
            text, _, found[each["id"]] = text.rpartition(each["name"])
    return found


def test_every_import_contract_is_kept() -> None:
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_import_contract_has_a_crossing_that_is_tried() -> None:
    assert {each["id"] for each in contracts()} == set(CROSSINGS)


@pytest.mark.parametrize("contract", CROSSINGS)
def test_an_import_contract_breaks_when_it_is_crossed(
    complaints: dict[str, str], contract: str
) -> None:
    where, what = CROSSINGS[contract]
    module = where.removesuffix(".py").replace("/", ".")

    assert f"{module} -> {what} (l." in complaints[contract]


GROUND = {"errors", "clock", "files", "redaction", "subject"}


def rooms_used_by(*modules: Path) -> set[str]:
    """Return the rooms of `ocop_sync` that *modules* import, and "catalog"."""
    names: set[str] = set()
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
            elif isinstance(node, ast.Import):
                names.update(each.name for each in node.names)
    catalog = (
        {"catalog"} if any(re.match(r"catalog\b", each) for each in names) else set()
    )
    return catalog | {
        each.split(".")[1] for each in names if each.startswith("ocop_sync.")
    }


def modules_of(room: str) -> list[Path]:
    """Return the modules of a room of `ocop_sync`."""
    single = ROOT / "ocop_sync" / f"{room}.py"
    return [single] if single.exists() else sorted(single.with_suffix("").rglob("*.py"))


@pytest.mark.parametrize(
    ("room", "drawn"),
    [
        ("worker", {"calls", "store"}),
        ("calls", {"marketplace"}),
        ("testing", {"marketplace"}),
        ("marketplace", set()),
        ("log", set()),
    ],
)
def test_a_room_stands_on_those_alone_that_are_drawn_below_it(
    room: str, drawn: set[str]
) -> None:
    assert rooms_used_by(*modules_of(room)) - GROUND - {room} == drawn


def test_the_catalog_is_known_to_the_rooms_that_the_architecture_names() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    said = re.search(
        r"The catalog is known to (.*?),\s+to no other room", text, re.DOTALL
    )
    assert said
    rooms = {path.stem for path in (ROOT / "ocop_sync").glob("[a-z]*")}

    knowing = {room for room in rooms if "catalog" in rooms_used_by(*modules_of(room))}
    assert knowing == set(re.findall(r"`(\w+)`", said[1]))


def name_of(path: Path) -> str:
    """Return the name of a module's file, from the root."""
    return path.relative_to(ROOT).as_posix()


def test_every_module_says_what_it_decides() -> None:
    silent = [
        name_of(path)
        for path in MODULES
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert silent == []


NAMED = re.compile(r"`((?:ocop_sync|adapters|catalog)(?:\.\w+)+)`")
ENTRY_POINTS = {"ocop_sync.marketplaces", "ocop_sync.mocks"}


def is_there(name: str) -> bool:
    """Say whether *name* is a module, or something that a module makes."""
    path = ROOT / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    package, module = path.parent / "__init__.py", path.parent.with_suffix(".py")
    source = package if package.exists() else module
    return source.exists() and path.name in source.read_text("utf-8")


def test_what_a_module_refers_to_is_there() -> None:
    missing = [
        (name_of(path), name)
        for path in MODULES
        for name in sorted(set(NAMED.findall(path.read_text("utf-8"))) - ENTRY_POINTS)
        if not is_there(name)
    ]

    assert missing == []


SQL_ROOMS = ("catalog/db/", "catalog/columns.py", "ocop_sync/store/")
ASKING_ROOMS = (*SQL_ROOMS, "catalog/imports/", "ocop_sync/service/")
TABLES = ("catalog.db.tables", "ocop_sync.store.tables")


def statements_in(source: str) -> list[str]:
    """Return what *source* imports to make SQL with.

    A connection may be handed on, and errors of the database may be met, anywhere.
    """
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{each.name}" for each in node.names]
    return [
        name
        for name in found
        if name.startswith(("sqlalchemy", "alembic", *TABLES))
        and name != "sqlalchemy.ext.asyncio.AsyncConnection"
        and not name.startswith("sqlalchemy.exc.")
    ]


def test_sql_is_written_in_the_store_and_in_the_catalogs_database_alone() -> None:
    elsewhere = {
        name: statements
        for path in MODULES
        if not (name := name_of(path)).startswith(SQL_ROOMS)
        and (statements := statements_in(path.read_text("utf-8")))
    }

    assert elsewhere == {}


SPOOL = "ocop_sync/service/plan/spool.py"
"""It has a temporary database of its own, with none of our tables."""

SQL = re.compile(
    r"\bSELECT\s.+\sFROM\s|\bINSERT INTO\s|\bDELETE FROM\s|\bUPDATE\s+\w+\s+SET\s"
    r"|\b(?:CREATE|DROP|ALTER) (?:TEMPORARY )?(?:TABLE|INDEX|UNIQUE INDEX)\s",
    re.DOTALL,
)


def texts_of_sql_in(source: str) -> list[str]:
    """Return the statements that *source* spells out as texts."""
    return [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SQL.search(node.value)
    ]


def test_sql_is_spelled_out_in_its_rooms_and_for_a_plan_on_disk_alone() -> None:
    spelling = {
        name
        for path in MODULES
        if not (name := name_of(path)).startswith(SQL_ROOMS)
        and texts_of_sql_in(path.read_text("utf-8"))
    }

    assert spelling == {SPOOL}


def test_only_one_module_cuts_what_queries_ask_for_into_pieces() -> None:
    cutting = {
        name
        for path in MODULES
        if (name := name_of(path)).startswith(ASKING_ROOMS)
        and "migrations" not in path.parts
        and "range(0, len(" in path.read_text("utf-8")
    }

    assert cutting == {"catalog/db/chunks.py"}


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT id FROM product", True),
        ("\n  SELECT id,\n n FROM product ", True),
        ("INSERT INTO kept VALUES (?)", True),
        ("UPDATE listing SET ref = ?", True),
        ("DELETE FROM kept", True),
        ("CREATE UNIQUE INDEX of_id ON kept (id)", True),
        ("Update what it shows, and set it aside", False),
        ("Select a file from the folder", False),
    ],
)
def test_a_statement_that_is_a_text_is_seen(text: str, *, is_sql: bool) -> None:
    assert bool(texts_of_sql_in(f"x = {text!r}")) is is_sql


@pytest.mark.parametrize(
    "line",
    [
        "from sqlalchemy import select",
        "import sqlalchemy",
        "import sqlalchemy as sa",
        "from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine",
        "from catalog.db.tables import product",
        "from catalog.db import tables",
        "from ocop_sync.store.tables import listing",
        "def late() -> None:\n    from sqlalchemy import text",
    ],
)
def test_what_sql_is_written_with_is_seen(line: str) -> None:
    assert len(statements_in(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "from sqlalchemy.ext.asyncio import AsyncConnection",
        "from sqlalchemy.exc import DBAPIError",
    ],
)
def test_a_connection_and_errors_of_the_database_are_no_sql(line: str) -> None:
    assert statements_in(line) == []


COMMANDS = [
    path
    for path in MODULES
    if path.is_relative_to(ROOT / "ocop_sync" / "cli")
    and not {"app", "demo"}.intersection(path.relative_to(ROOT).parts)
]
"""All commands but the demonstration, which plays several people, and their frame."""


def test_no_command_has_a_function_over_a_connection() -> None:
    # Such a function is a use case; an HTTP service could not call it here.
    having = [
        name_of(path)
        for path in COMMANDS
        if "AsyncConnection" in path.read_text("utf-8")
    ]

    assert having == []


OPENS = re.compile(r"\bopen_(?:existing_)?database\b|\bopen_deployment\b|\.database\b")


def test_no_command_opens_a_database_or_a_deployment_itself() -> None:
    # `ocop_sync.cli.app.opened` does: a command parses, calls a use case, and prints.
    urls = re.compile(r"settings_of\(\)\.database\.url")
    opening = [
        (name_of(path), found)
        for path in COMMANDS
        if (found := OPENS.findall(urls.sub("", path.read_text("utf-8"))))
    ]

    assert opening == []


def test_only_one_module_repeats_calls_and_only_by_the_one_decision() -> None:
    repeating = {
        name_of(path)
        for path in MODULES
        if re.search(
            r"^(?:import|from) tenacity|decide_retry\(",
            path.read_text("utf-8"),
            re.MULTILINE,
        )
    }

    assert repeating == {"ocop_sync/calls/retry.py", "ocop_sync/calls/retry_policy.py"}


def test_the_catalog_is_evaluated_by_one_walk() -> None:
    """What a sync, a reconciliation and a plan do otherwise is its argument."""
    walking = {
        name_of(path)
        for path in MODULES
        if re.search(r"\bunsettled_pages\(", path.read_text("utf-8"))
    }

    assert walking == {"ocop_sync/service/run/evaluate_all.py"}


def methods_of(known: ast.ClassDef | None) -> set[str]:
    """Return the names of a class's methods, without those of the language."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = known.body if known else ()
    names = {each.name for each in body if isinstance(each, functions)}
    return {name for name in names if not name.startswith("__")}


def test_no_class_of_the_service_overrides_another() -> None:
    """What differs between two drivers is handed in; no method is replaced."""
    trees = [
        ast.parse(path.read_text("utf-8"))
        for path in MODULES
        if path.is_relative_to(ROOT / "ocop_sync" / "service")
    ]
    classes = {
        each.name: each
        for tree in trees
        for each in ast.walk(tree)
        if isinstance(each, ast.ClassDef)
    }

    assert [
        (each.name, name)
        for each in classes.values()
        for base in map(ast.unparse, each.bases)
        for name in methods_of(each) & methods_of(classes.get(base))
    ] == []


def test_all_that_is_sent_goes_through_one_pipeline() -> None:
    """Listings, second listings and sellers: an intent, a call, an outcome."""
    step = re.compile(r"\bsend_changes\(|ledger\.record_sent\(|ledger\.answer\(")
    sending = {
        name_of(path)
        for path in MODULES
        if path.is_relative_to(ROOT / "ocop_sync" / "service")
        and step.search(path.read_text("utf-8"))
    }

    assert sending == {"ocop_sync/service/send/pipeline.py"}


MUTATORS = {"add", "append", "clear", "discard", "extend", "insert", "pop", "remove"}
MUTATORS |= {"difference_update", "popitem", "setdefault", "update"}


def chain_of(node: ast.AST) -> list[str]:
    """Return the names of an expression such as `run.later.deferred[id_]`."""
    names: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []


def changed_in(node: ast.AST) -> list[ast.expr]:
    """Return the expressions that a statement or a call changes."""
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return [node.target]
    if isinstance(node, ast.Delete):
        return node.targets
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_mutator = node.func.attr in MUTATORS and len(chain_of(node.func)) > 3
        return [node.func.value] if is_mutator else []
    return []


def test_the_parts_of_a_run_are_changed_by_their_own_methods_alone() -> None:
    changed = [
        (name_of(path), part.lineno)
        for path in MODULES
        if path.is_relative_to(ROOT / "ocop_sync" / "service")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for each in changed_in(node)
        for part in (each.elts if isinstance(each, ast.Tuple) else [each])
        if not isinstance(part, ast.Name) and chain_of(part)[:1] == ["run"]
    ]

    assert changed == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {
        part
        for path in MODULES
        for part in path.relative_to(ROOT).with_suffix("").parts
    }

    assert named & EMPTY_NAMES == set()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "market.example"])
def test_no_test_reaches_beyond_this_computer(host: str) -> None:
    with pytest.raises(RuntimeError, match="tests stay on the loopback"):
        socket.create_connection((host, 443), timeout=0.01)


def test_a_test_reaches_this_computer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        client.close()


def test_a_test_reaches_a_unix_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()

        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / "s"))
