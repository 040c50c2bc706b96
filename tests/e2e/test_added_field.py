"""A field that listings show costs the files that CONTRIBUTING names, no others.

Two fields that are made up, one of packs and one of products, are added by these files
alone, in a copy of the program: from a cell of a sheet to the listings at every mock.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSIONS = "ocop_sync/store/migrations/versions/"

MIGRATION = '''
"""Give packs a colour and products a season.

Revision ID: 9999
Revises: {head}
"""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("variant", "colour"), ("product", "season")):
        empty = sa.Column(name, sa.Text(), nullable=False, server_default="")
        op.add_column(table, empty)


def downgrade() -> None:
    op.drop_column("product", "season")
    op.drop_column("variant", "colour")
'''

ADDED = {
    "catalog/model/product.py": {
        "    sold: int": '    colour: str = ""\n',
        "    variants: tuple": '    season: str = ""\n',
    },
    "catalog/data/headings.toml": {
        "[papers]": 'colour = ["Màu sắc"]\nseason = ["Mùa vụ"]\n\n',
    },
    "ocop_sync/marketplace/listing.py": {
        "fields\nfrom datetime": "field, ",
        "\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass StarClaim": (
            '    colour: str = field(default="", metadata=since(3))\n'
        ),
        "\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass Seller": (
            '    season: str = field(default="", metadata=since(4))\n'
        ),
    },
    "adapters/postmart/convert.py": {
        "    weight_g: Count | None": '    colour: LineIfAny = ""\n',
        "    trace_url: AddressIfAny": '    crop: LineIfAny = ""\n',
        '    "trace_url":': '    "season": "crop",\n',
    },
    "adapters/postmart/mock/content.py": {
        "    weight_g: int | None": "    colour: str\n",
        "        weight_g=": '        colour=fields.text("colour", 50),\n',
        "    trace_url: str": "    crop: str\n",
        '    "trace_url":': '    "crop": lambda fields: fields.text("crop", 50),\n',
    },
    "adapters/voso/convert.py": {
        "    WEIGHT_G: Number": "    COLOUR: str | None = None\n",
        "    TRACE_URL: str | None": "    SEASON: str | None = None\n",
        '        "trace_url":': '        "season": "SEASON",\n',
    },
    "adapters/voso/mock/content.py": {
        "    WEIGHT_G: int": "    COLOUR: str\n",
        "        WEIGHT_G=": '        COLOUR=text(item, "COLOUR", 50),\n',
        "    TRACE_URL: str": "    SEASON: str\n",
        '    "TRACE_URL":': '    "SEASON": lambda item: text(item, "SEASON", 50),\n',
    },
}
"""The lines that are added to each file, before those that are there."""

IN_DOCUMENTS = {
    "docs/mocks/postmart.md": {
        "| `variants` | `out_of_range`": (
            '| `crop` | `""` | `invalid_type` | 0 to 50 characters | `too_long` |\n'
        ),
        "| `ocop_claim` | `null`": (
            '| `variants[].colour` | `""` | `invalid_type` | 0 to 50 characters '
            "| `too_long` |\n"
        ),
        "| `variants` | list": "| `crop` | text | yes | no |\n",
        ' "trace_url": "https': ' "crop": "Vụ xuân",\n',
        '   "sku": "SP-00001-1"': '   "colour": "Đỏ",\n',
    },
    "docs/mocks/voso.md": {
        "| `VARIANTS` | `VARIANTS_": (
            '| `SEASON` | `""` | `TEXT_INVALID` | 0 to 50 characters '
            "| `TEXT_INVALID` |\n"
        ),
        "| `OCOP` | `null`": (
            '| `VARIANTS[].COLOUR` | `""` | `TEXT_INVALID` | 0 to 50 characters '
            "| `TEXT_INVALID` |\n"
        ),
        "| `VARIANTS` | list": "| `SEASON` | text | yes | no |\n",
        '   "TRACE_URL": "https': '   "SEASON": "Vụ xuân",\n',
        '     "SKU": "SP-00001-1"': '     "COLOUR": "Đỏ",\n',
    },
}
"""The same of the documents: the rows of tables, and a field of the first request."""

SEEING = (
    "tests/adapters/test_samples.py",
    "tests/adapters/postmart/test_fields.py",
    "tests/adapters/postmart/test_wire.py",
    "tests/adapters/voso/test_fields.py",
    "tests/adapters/voso/test_convert.py",
    "tests/adapters/voso/test_mock.py",
)
"""The tests that hold adapters and mocks against the documents."""
OF_FIELDS = (
    "every_sample or every_call or names_every_field or every_product_shows "
    "or written_as_documented or documents_show or colour or crop or season"
)

AT_A_DESK = """
import json, sys
from pathlib import Path
from catalog.values import replace
from tests.e2e.served import good, open_desk

with open_desk(Path(sys.argv[1])) as desk:
    product, producer = good(1)
    (pack,) = product.variants
    product = replace(product, season="Vụ xuân", variants=(replace(pack, colour="Đỏ"),))
    sheet = desk.write_catalog((product, producer))
    named = sheet.read_text("utf-8-sig").replace(",colour,", ",Màu sắc,")
    sheet.write_text(named.replace(",season", ",Mùa vụ"), "utf-8")
    desk.write_settings(producers=[producer.id])
    said = [desk.run("import", str(sheet)).output]
    said.append(desk.run("sync", "--follow", "60").output)
    listed = {name: mock.ours()[product.id] for name, mock in desk.mocks.items()}
    said.append(desk.run("sync", "--follow", "60").output)
    for name, edit in json.loads(sys.argv[2]).items():
        desk.mocks[name].post("edit", ref=product.id, changes=edit)
    desk.run("sync", "--follow", "60")
    found = [each["field"] for each in desk.run_json("drift", "list")["drift"]]
    print(json.dumps({"said": said, "listed": listed, "found": found}))
"""
EDITED = {"postmart": {"crop": "Vụ đông"}, "voso": {"SEASON": "Vụ đông"}}


def files_of_a_field() -> list[str]:
    """Return the files that CONTRIBUTING.md names, for both marketplaces."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    part = text.partition("## Adding a field that listings show\n")[2]
    named = re.findall(r"^- `([^`]+)`", part.partition("\n## ")[0], re.MULTILINE)
    return [
        file.replace("NAME", name)
        for file in named
        for name in (("postmart", "voso") if "NAME" in file else ("",))
    ]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the program with both fields."""
    folder = tmp_path_factory.mktemp("copy")
    for package in ("adapters", "catalog", "ocop_sync"):
        shutil.copytree(ROOT / package, folder / package)
    head = max(path.name[:4] for path in (folder / VERSIONS).glob("[0-9]*.py"))
    migration = MIGRATION.format(head=head).lstrip()
    (folder / VERSIONS / "9999_colour.py").write_text(migration, "utf-8")
    for name, added in ADDED.items():
        text = (folder / name).read_text("utf-8")
        for there, lines in added.items():
            assert text.count(there) == 1, (name, there)
            text = text.replace(there, lines + there)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def documented(copy: Path) -> Path:
    """Return the copy with its documents and tests, both fields in the documents."""
    for folder in ("docs", "tests"):
        shutil.copytree(
            ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name, added in IN_DOCUMENTS.items():
        text = (copy / name).read_text("utf-8")
        for there, lines in added.items():
            assert there in text, (name, there)
            text = text.replace(there, lines + there, 1)
        (copy / name).write_text(text, "utf-8")
    return copy


def run_in(folder: Path, *words: str) -> str:
    """Run a module of Python in *folder*, with the program that is there."""
    clean = {
        n: v for n, v in os.environ.items() if not n.startswith(("OCOP_", "PYTEST"))
    }
    done = subprocess.run(
        [sys.executable, "-m", *words],
        env=clean | {"PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_beside_them_only_the_documents_of_the_mocks_follow(documented: Path) -> None:
    for name in ("postmart", "voso"):
        run_in(documented, "tests.adapters.samples", name)

    told = run_in(
        documented,
        *("pytest", "-q", "-n", "0", "-p", "no:cacheprovider"),
        *SEEING,
        *("-k", OF_FIELDS),
    )

    assert " passed" in told
    for name, field in (("postmart", "crop"), ("voso", "SEASON")):
        text = (documented / "docs" / "mocks" / f"{name}.md").read_text("utf-8")
        assert text.count(f'"{field}": ') > 1  # in the request, and in the answers


def test_the_files_are_those_that_contributing_names_eight_in_all() -> None:
    files = files_of_a_field()

    assert sorted({*ADDED, VERSIONS}) == sorted(files)
    assert len(files) == 8


def test_a_field_goes_from_a_cell_of_a_sheet_to_the_listings_of_every_marketplace(
    copy: Path, tmp_path: Path
) -> None:
    clean = {n: v for n, v in os.environ.items() if not n.startswith("OCOP_")}
    done = subprocess.run(
        [sys.executable, "-c", AT_A_DESK, str(tmp_path), json.dumps(EDITED)],
        env=clean | {"PYTHONPATH": f"{copy}{os.pathsep}{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    postmart, voso = (told["listed"][name]["own"] for name in ("postmart", "voso"))

    assert [each["colour"] for each in postmart["variants"]] == ["Đỏ"]
    assert [each["COLOUR"] for each in voso["VARIANTS"]] == ["Đỏ"]
    assert (postmart["crop"], voso["SEASON"]) == ("Vụ xuân", "Vụ xuân")
    assert "không có gì phải làm" in told["said"][-1]
    assert told["found"] == ["content.season", "content.season"]
