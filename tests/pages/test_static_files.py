"""Files of pages are kept for a year, as another content has another address."""

import gzip
from pathlib import Path

import pytest

from ocop_sync.pages.static_files import FOLDER, MEDIA_TYPES, address_of, static_files
from tests.api.doors import Door


@pytest.mark.parametrize("name", list(static_files()))
async def test_a_file_is_kept_for_a_year_under_an_address_of_its_content(
    door: Door, name: str
) -> None:
    found = static_files()[name]

    answer = await door.client.get(address_of(name))

    assert answer.status == 200
    assert await answer.read() == found.content
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == MEDIA_TYPES[Path(name).suffix]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert found.digest in address_of(name)


async def test_a_file_is_compressed_for_those_who_take_that(door: Door) -> None:
    answer = await door.client.get(
        address_of("htmx.min.js"),
        headers={"Accept-Encoding": "gzip"},
        auto_decompress=False,
    )

    sent = await answer.read()
    assert len(sent) < 18_000
    assert gzip.decompress(sent) == static_files()["htmx.min.js"].content


@pytest.mark.parametrize(
    "path",
    [
        "/static/0000000000000000/page.css",
        f"/static/{static_files()['page.css'].digest}/icon.svg",
        f"/static/{static_files()['page.css'].digest}/..%2Fpage.css",
    ],
)
async def test_another_content_or_file_is_not_found(door: Door, path: str) -> None:
    assert (await door.client.get(path)).status == 404


def test_what_is_not_ours_stands_beside_its_licence() -> None:
    licensed = {path.name for path in (FOLDER / "vendor").iterdir()}

    assert licensed == {"htmx.min.js", "htmx.LICENSE.txt"}


def test_all_that_a_page_refers_to_is_small() -> None:
    assert sum(len(each.compressed) for each in static_files().values()) < 25_000
