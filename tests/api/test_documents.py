"""The documents of the API: for programs, and for people."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from openapi_spec_validator import validate

from ocop_sync.api.app import OPERATIONS, about
from ocop_sync.api.documents import OPEN_PAGES
from ocop_sync.api.links import LINKS
from ocop_sync.api.problems import ALL
from ocop_sync.api.typed.links import Link
from ocop_sync.api.typed.openapi import document
from tests.api.served import Served


class Seen(HTMLParser):
    """What a page has: ids, links, what it loads, and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.tags: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.add(given["href"])
        elif {"src", "href"} & set(given):
            self.loads.add(given.get("src", "") + given.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_the_served_document_is_valid_openapi_and_names_all(
    served: Served,
) -> None:
    document = await served.get("/openapi.json")

    validate(document)
    named = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    assert named == {each.id for each in OPERATIONS}


async def test_the_page_shows_every_operation_and_problem_with_assets_of_its_own(
    served: Served,
) -> None:
    answer = await served.call("GET", "/docs")

    page = Seen()
    page.feed(await answer.text())
    page.close()
    anchors = {each.id for each in OPERATIONS} | {each.code for each in ALL}
    assert anchors <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert page.loads == {"/docs/style.css"}
    assert "script" not in page.tags
    assert page.open == []
    inner = {each[1:] for each in page.links if each.startswith("#")}
    assert inner <= set(page.ids)
    assert (await served.call("GET", "/docs/style.css")).content_type == "text/css"


async def test_the_page_may_load_its_style_and_nothing_else(served: Served) -> None:
    policy = (await served.call("GET", "/docs")).headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert not re.search(r"https?:|unsafe|\*", policy)


async def test_documents_that_are_known_are_not_sent_again(served: Served) -> None:
    for path in OPEN_PAGES:
        tag = (await served.call("GET", path)).headers["ETag"]
        known = await served.call("GET", path, headers={"If-None-Match": tag})
        head = await served.call("HEAD", path)

        assert (known.status, head.status, head.headers["ETag"]) == (304, 200, tag)


async def test_the_type_of_a_problem_is_its_place_on_the_page(served: Served) -> None:
    answer = await served.call("GET", "/api/v1/marketplaces")
    told = await answer.json()

    page = await (await served.call("GET", "/docs")).text()
    address, _, anchor = told["type"].partition("#")
    assert (address, answer.status) == ("/docs", 401)
    assert f'id="{anchor}"' in page


def test_no_two_schemas_have_one_name() -> None:
    # Pydantic tells them apart by their modules, in names no generated client can use.
    schemas = document(OPERATIONS, about())["components"]["schemas"]

    assert [name for name in schemas if "__" in name] == []


def test_links_lead_from_lists_to_items_and_from_changes_back_to_reading() -> None:
    paths = document(OPERATIONS, about())["paths"]

    listed = paths["/api/v1/products"]["get"]["responses"]["200"]["links"]
    read = paths["/api/v1/products/{code}"]["get"]["responses"]["200"]["links"]
    changed = paths["/api/v1/products/{code}"]["patch"]["responses"]["200"]["links"]

    assert listed["get_product"]["parameters"] == {
        "path.code": "$response.body#/items/0/id"
    }
    assert read["edit_product"]["parameters"] == {
        "path.code": "$response.body#/id",
        "header.If-Match": "$response.header.ETag",
    }
    assert changed["get_product"]["parameters"] == {"path.code": "$request.path.code"}


def test_each_link_names_operations_that_there_are() -> None:
    known = {each.id for each in OPERATIONS}

    named = {name for link in LINKS for name in (*link.of, *link.to)}

    assert named <= known


def test_a_link_without_a_value_for_an_address_is_a_mistake() -> None:
    link = Link(of=["list_products"], to=["get_product"])

    with pytest.raises(ValueError, match="list_products to get_product"):
        document(OPERATIONS, replace(about(), links=[link]))
