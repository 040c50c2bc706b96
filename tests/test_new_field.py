"""A field that listings show costs the files that CONTRIBUTING.md names, no others.

Two that are there show it: the weight of a pack, and the traceability page.
`tests/e2e/test_added_field.py` adds two others by these files alone.
"""

import ast
import re
from dataclasses import field, fields, make_dataclass
from pathlib import Path

import pytest

from catalog.db.tables import DERIVED, product, variant
from catalog.model.product import Label, Product
from catalog.model.product import Variant as Pack
from catalog.values import names_of
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.state.stored_shape import as_of, steps_of
from ocop_sync.marketplace.listing import Listing, Variant, since
from tests.unit.engine.examples import make_listing

ROOT = Path(__file__).parent.parent
FIELDS = ("weight_g", "trace_url")
MARKETPLACES = sorted(
    path.parent.name for path in (ROOT / "adapters").glob("*/convert.py")
)

OPTIONAL = {
    "catalog/commands/erasure.py",
    "catalog/db/retention.py",
    "catalog/model/ownership.py",
    "catalog/feed/headings/column.py",
    "catalog/feed/headings/heading.py",
    "catalog/feed/write/template.py",
    "catalog/fiction/generate.py",
    "catalog/fiction/offer.py",
    "adapters/sheet/adapter.py",
    "adapters/sheet/carried_out.py",
    "adapters/sheet/layout.py",
    "adapters/sheet/template.py",
    "adapters/sheet/templates/postmart_sheet.toml",
    "adapters/sheet/templates/voso_sheet.toml",
    "adapters/sheet/whole_telling.py",
    "ocop_sync/engine/wanted/draft.py",
    "ocop_sync/engine/wanted/from_verdict.py",
    "ocop_sync/engine/wanted/copied.py",
    "ocop_sync/pages/listing_words.py",
    "ocop_sync/testing/kit/checks/facets.py",
    "ocop_sync/testing/kit/checks/shape.py",
    "ocop_sync/testing/kit/samples.py",
    "ocop_sync/testing/memory.py",
}
"""Where more is meant than to show a field; those of `testing` are of capabilities."""

FIRST_SHAPE = {"ocop_sync/engine/state/stored_shape.py"}
"""It spells the packs of the first shape."""

RULES = {
    "catalog/eligibility/checks.py",
    "catalog/eligibility/evaluation.py",
    "ocop_sync/service/producer/trace_page.py",
}
"""E07 looks at traceability pages, and a QR code leads there."""


def section() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    return text.partition("## Adding a field that listings show\n")[2].partition(
        "\n## "
    )[0]


def files_of_a_field() -> list[str]:
    """Return the files that CONTRIBUTING.md names, those of each marketplace."""
    return [
        file.replace("NAME", name)
        for file in re.findall(r"^- `([^`]+)`", section(), re.MULTILINE)
        for name in (MARKETPLACES if "NAME" in file else [""])
    ]


def names(path: Path, field: str) -> bool:
    """Say whether *path* names *field*, docstrings aside."""
    text = path.read_text("utf-8")
    if field not in text:
        return False
    return path.suffix != ".py" or field in names_in(text)


def names_in(text: str) -> set[str]:
    """Return what the code *text* names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.keyword(arg=name):
                found.add(str(name))
            case ast.Constant(value=str(name)):
                found.add(name)
            case _:
                pass
    return found


def places_of(field: str) -> set[str]:
    """Return the files of the program that name *field*; versions as one."""
    found = set()
    for package in ("adapters", "catalog", "ocop_sync"):
        for path in (ROOT / package).rglob("*"):
            if path.suffix in {".py", ".toml"} and (
                names(path, field) or names(path, field.upper())
            ):
                name = path.relative_to(ROOT).as_posix()
                found.add(re.sub(r"(migrations/versions/).*", r"\1", name))
    return found


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_stands_in_the_files_that_contributing_names(field: str) -> None:
    named = set(files_of_a_field())

    assert places_of(field) - named - OPTIONAL - RULES - FIRST_SHAPE == set()
    assert named - places_of(field) == set()


def test_a_field_costs_at_most_eight_files_and_each_of_them_is_there() -> None:
    files = files_of_a_field()

    assert len(files) == 8
    assert all((ROOT / file).exists() for file in files)


@pytest.mark.parametrize("marketplace", MARKETPLACES)
@pytest.mark.parametrize("field", FIELDS)
def test_in_a_marketplace_it_costs_one_module_and_one_of_its_mock(
    marketplace: str, field: str
) -> None:
    folder = ROOT / "adapters" / marketplace
    naming = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if names(path, field) or names(path, field.upper())
    }

    assert naming == {"convert.py", "mock/content.py"}
    assert {f"adapters/{marketplace}/{name}" for name in naming} < {*files_of_a_field()}


def test_columns_of_products_and_packs_are_called_as_their_fields_are() -> None:
    """What is read is put into the fields by name."""
    apart = {"certificates", "papers", "label", "variants", "effects"}
    labels = {f"label_{name}" for name in Label.__struct_fields__}

    columns = {column.name for column in variant.columns} - {"product_id"}
    assert columns == {*names_of(Pack)} - {"sold", "adjusted"}
    columns = {column.name for column in product.columns} - DERIVED
    assert columns == {*names_of(Product)} - apart | labels


def test_all_that_a_listing_shows_is_stored_compared_and_sent() -> None:
    listing = make_listing()

    content = facet_values(listing)["content"]
    (pack,) = content["variants"].values()

    whose, claim = {"client_ref", "seller_ref"}, {"stars"}
    assert content.keys() == {each.name for each in fields(Listing)} - whose - claim
    counted = {"sku", "price_vnd", "stock"}
    assert pack.keys() == {each.name for each in fields(Variant)} - counted


def test_a_field_that_the_first_shape_did_not_have_has_its_step() -> None:
    values = facet_values(make_listing())

    first = as_of(values, 1)["content"]
    second = as_of(values, 2)["content"]

    assert list(first) == [
        "title",
        "description",
        "category",
        "attributes",
        "pictures",
        "trace_url",
        "variants",
    ]
    (pack,) = second["variants"].values()
    assert list(pack) == ["pack", "gtin", "weight_g"]


@pytest.mark.parametrize("versions", [(2, 3), (3, 3), (4, 5)])
def test_each_version_of_the_shape_is_one_step(versions: tuple[int, int]) -> None:
    one, other = versions
    listing = make_dataclass("L", [("a", str, field(metadata=since(one)))])
    pack = make_dataclass("P", [("b", str, field(metadata=since(other)))])

    with pytest.raises(ValueError, match="each version of the shape once"):
        steps_of(listing, pack)


def test_a_field_that_says_its_version_has_a_step_of_its_own() -> None:
    listing = make_dataclass("L", [("a", str, field(metadata=since(4)))])
    pack = make_dataclass("P", [("b", str, field(metadata=since(3)))])

    _, third, fourth = steps_of(listing, pack)

    values = {"content": {"a": "x", "variants": {"S-1": {"b": "y"}}}}
    assert third.down(values)["content"]["variants"] == {"S-1": {}}
    assert fourth.down(values)["content"].keys() == {"variants"}
