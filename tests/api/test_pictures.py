"""Pictures over the API: uploaded, ordered, marked, taken out, and served."""

from typing import Any

import pytest

from catalog.pictures.reencode import reencode
from catalog.pictures.reencoder import TooManyPicturesError
from catalog.pictures.unfit import MOST_BYTES
from ocop_sync.api.app import HERE
from ocop_sync.api.context import UPLOADS
from ocop_sync.service.pictures.upload import Uploads
from tests.api.served import Served
from tests.pictures import LARGEST, make_picture
from tests.world import entry

HERS = "/api/v1/products/SP-00001/pictures"
ORDER = "/api/v1/products/SP-00001/picture-order"
JPEG = {"Content-Type": "image/jpeg"}
LARGE = make_picture(size=(400, 300))
"""A picture that is large enough for a listing."""


@pytest.fixture
async def own(served: Served) -> Served:
    """A product without pictures of the producer who calls, and one of another."""
    await served.world.save(entry(1, pictures=()), entry(2, pictures=()))
    return served


async def upload(
    own: Served, content: bytes, role: str = "producer", **more: Any
) -> Any:
    """Upload a picture; return status and JSON."""
    headers = JPEG | more.pop("headers", {})
    answer = await own.call("POST", HERS, role, data=content, headers=headers, **more)
    return answer.status, await answer.json()


async def test_a_producer_uploads_a_picture_and_says_whether_it_shows_the_mark(
    own: Served,
) -> None:
    status, found = await upload(own, make_picture(), params={"shows_ocop_mark": "no"})

    (picture,) = found["pictures"]
    assert status == 201
    assert picture == {
        "place": 1,
        "id": picture["id"],
        "url": f"{HERE}/pictures/{picture['id']}.jpg",
        "uploaded": True,
        "shows_ocop_mark": "no",
        "size": {"width": 64, "height": 48},
    }
    assert await own.get(HERS, "viewer") == found
    _, again = await upload(own, make_picture())
    assert again == found


async def test_nobody_sees_it_before_a_listing_uses_it(own: Served) -> None:
    _, found = await upload(own, LARGE)
    id_ = found["pictures"][0]["id"]
    kept, shown = f"/api/v1/pictures/{id_}", f"/pictures/{id_}.jpg"
    before = [
        (await own.call("GET", kept, role)).status
        for role in ("producer", "operator", "viewer", "producer:CS-0002", "")
    ]
    hidden = await own.call("GET", shown)

    await own.world.sync()

    assert before == [200, 200, 200, 404, 401]
    assert hidden.status == 404
    assert hidden.headers["Cache-Control"] == "no-store"
    answer = await own.call("GET", shown)
    assert (answer.status, answer.content_type) == (200, "image/jpeg")
    assert await answer.read() == reencode(LARGE).content


async def test_a_shown_picture_is_cached_for_ever_and_never_sniffed(
    own: Served,
) -> None:
    _, found = await upload(own, LARGE)
    await own.world.sync()
    shown = f"/pictures/{found['pictures'][0]['id']}.jpg"

    answer = await own.call("GET", shown)
    again = await own.call(
        "GET", shown, headers={"If-None-Match": answer.headers["ETag"]}
    )
    head = await own.call("HEAD", shown)

    headers = answer.headers
    assert headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["ETag"] == f'"{found["pictures"][0]["id"]}"'
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["Cache-Control"] == headers["Cache-Control"]
    assert (head.status, head.headers["Content-Length"]) == (
        200,
        headers["Content-Length"],
    )


async def test_a_picture_that_no_listing_can_use_is_not_open(own: Served) -> None:
    _, found = await upload(own, make_picture())  # too small for the marketplace
    await own.world.sync()

    answer = await own.call("GET", f"/pictures/{found['pictures'][0]['id']}.jpg")

    assert answer.status == 404


async def test_who_only_knows_the_hash_is_told_nothing_by_a_304(own: Served) -> None:
    _, found = await upload(own, make_picture())
    id_ = found["pictures"][0]["id"]

    answer = await own.call(
        "GET", f"/pictures/{id_}.jpg", headers={"If-None-Match": f'"{id_}"'}
    )

    assert answer.status == 404


async def test_pictures_are_put_in_order_marked_and_taken_out(own: Served) -> None:
    await upload(own, make_picture())
    _, found = await upload(own, make_picture(color="blue"))
    first, second = (each["id"] for each in found["pictures"])
    tag = {"If-Match": (await own.call("GET", HERS, "producer")).headers["ETag"]}

    ordered = await own.call(
        "PUT", ORDER, "producer", json={"order": [second]}, headers=tag
    )
    stale = await own.call(
        "PUT", ORDER, "producer", json={"order": [first]}, headers=tag
    )
    marked = await own.call(
        "PATCH",
        f"{HERS}/{first[:8]}",
        "producer",
        json={"shows_ocop_mark": "yes"},
        headers={"If-Match": ordered.headers["ETag"]},
    )
    left = await own.call("DELETE", f"{HERS}/{second}", "producer")
    gone = await own.call("DELETE", f"{HERS}/{second}", "producer")

    assert [each["id"] for each in (await ordered.json())["pictures"]] == [
        second,
        first,
    ]
    assert (stale.status, (await stale.json())["code"]) == (412, "changed_meanwhile")
    assert (await marked.json())["pictures"][1]["shows_ocop_mark"] == "yes"
    assert [each["id"] for each in (await left.json())["pictures"]] == [first]
    assert (gone.status, (await gone.json())["code"]) == (404, "not_found")


async def test_a_mark_names_the_pictures_that_it_was_seen_on(own: Served) -> None:
    _, found = await upload(own, make_picture())
    path = f"{HERS}/{found['pictures'][0]['id']}"
    read = await own.call("GET", HERS, "producer")
    seen = {"If-Match": read.headers["ETag"]}
    yes, no = {"shows_ocop_mark": "yes"}, {"shows_ocop_mark": "no"}

    bare = await own.call("PATCH", path, "producer", json=yes)
    first = await own.call("PATCH", path, "producer", json=yes, headers=seen)
    second = await own.call("PATCH", path, "operator", json=no, headers=seen)

    assert (bare.status, first.status, second.status) == (428, 200, 412)
    assert (await second.json())["code"] == "changed_meanwhile"
    shown = await own.get(HERS, "producer")
    assert [each["shows_ocop_mark"] for each in shown["pictures"]] == ["yes"]


async def test_a_picture_elsewhere_has_an_id_as_well(own: Served) -> None:
    await own.world.save(entry(1))
    (there,) = (await own.get(HERS, "producer"))["pictures"]

    answer = await own.call("DELETE", f"{HERS}/{there['id']}", "producer")

    assert not there["uploaded"]
    assert (await answer.json())["pictures"] == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"%PDF-1.7", "not_a_picture", id="a PDF"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(make_picture()[:300], "damaged", id="cut off"),
        pytest.param(
            LARGEST[:21] + b"\xff\xff\xff\x0f" + LARGEST[25:],
            "too_many_pixels",
            id="a bomb",
        ),
    ],
)
async def test_a_file_that_cannot_be_taken_is_a_problem_with_a_reason(
    own: Served, content: bytes, reason: str
) -> None:
    status, problem = await upload(own, content)

    assert (status, problem["code"]) == (422, "unfit_picture")
    assert problem["reason"] == reason
    assert (await own.get(HERS, "producer"))["pictures"] == []


async def test_a_file_that_is_too_large_or_of_another_type_is_not_read(
    own: Served,
) -> None:
    large = {"Content-Length": str(MOST_BYTES + 1)}
    answer = await own.call("POST", HERS, "producer", data=b"x", headers=JPEG | large)
    other = await own.call(
        "POST", HERS, "producer", data=b"x", headers={"Content-Type": "image/gif"}
    )

    assert (answer.status, other.status) == (413, 415)


async def test_when_too_many_wait_the_caller_is_told_to_come_again(
    own: Served,
) -> None:
    class Full:
        async def reencode(self, content: bytes) -> Any:
            del content
            raise TooManyPicturesError

    assert own.client.app is not None
    own.client.app._state[UPLOADS] = Uploads(decoder=Full(), public_url=HERE)

    answer = await own.call("POST", HERS, "producer", data=b"x", headers=JPEG)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


async def test_an_upload_that_is_repeated_with_its_key_is_made_once(
    own: Served,
) -> None:
    key = {"Idempotency-Key": "anh-mau-0001"}
    first = await upload(own, make_picture(), headers=key)
    again = await upload(own, make_picture(), headers=key)
    other = await upload(own, make_picture(color="blue"), headers=key)

    assert again == first
    assert (other[0], other[1]["code"]) == (422, "idempotency_key_reused")


async def test_a_picture_of_another_producer_is_not_found(own: Served) -> None:
    _, found = await upload(own, make_picture())
    other, id_ = "producer:CS-0002", found["pictures"][0]["id"]

    answers = [
        await own.call("GET", HERS, other),
        await own.call("POST", HERS, other, data=make_picture(), headers=JPEG),
        await own.call(
            "PATCH", f"{HERS}/{id_}", other, json={}, headers={"If-Match": "*"}
        ),
        await own.call("DELETE", f"{HERS}/{id_}", other),
        await own.call("GET", f"/api/v1/pictures/{id_}", other),
    ]

    assert [each.status for each in answers] == [404] * 5
    assert await own.get(HERS, "producer") == found
