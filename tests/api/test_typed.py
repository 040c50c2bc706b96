"""The typed layer: what is read, what is refused, and how it is answered."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from openapi_spec_validator import validate
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.typed.body import Pace
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.openapi import document
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import preferred_language
from ocop_sync.api.typed.values import Model
from tests.api.sample import (
    ABOUT,
    DESK,
    EVERYBODY,
    OPERATIONS,
    HandTime,
    SampleAccess,
    ThingPath,
    sample_app,
)
from tests.api.served import Client


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
async def client(time: HandTime, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(sample_app(time))


async def faults_of(client: Client, body: Any) -> list[tuple[str, str]]:
    """Send *body* as a thing; return the pointers and codes of its faults."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await client.post(
        "/things", data=sent, headers={"Content-Type": "application/json"}
    )
    assert answer.status == 422, await answer.text()
    return [(e["pointer"], e["code"]) for e in (await answer.json())["errors"]]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param({"name": "a", "x": 1}, ("/x", "unknown"), id="unknown key"),
        pytest.param({}, ("/name", "missing"), id="missing"),
        pytest.param({"name": 5}, ("/name", "wrong_type"), id="number for text"),
        pytest.param({"name": "a\0"}, ("/name", "wrong"), id="NUL"),
        pytest.param(b'{"name": "\xff"}', ("", "not_json"), id="bad UTF-8"),
        pytest.param(b'{"name": "\\ud800"}', ("", "not_json"), id="half a letter"),
        pytest.param(b"{", ("", "not_json"), id="no JSON"),
        pytest.param(b"", ("", "not_json"), id="empty"),
        pytest.param(b"[" * 9000, ("", "not_json"), id="deep"),
        pytest.param(b'{"name": "a", "name": "b"}', ("", "twice"), id="twice"),
        pytest.param(
            b'{"name": "a", "prices": [{"price_vnd": 1, "price_vnd": 1}]}',
            ("", "twice"),
            id="twice further in",
        ),
        pytest.param(
            b'{"name": "a", "weight": NaN}', ("/weight", "wrong"), id="not a number"
        ),
        pytest.param({"name": "a", "grade": "x"}, ("/grade", "not_offered"), id="enum"),
        pytest.param(
            {"name": "a", "made_on": 5}, ("/made_on", "wrong_type"), id="number as date"
        ),
        pytest.param(
            {"name": "a", "seen_at": "1700000000"}, ("/seen_at", "wrong"), id="seconds"
        ),
        pytest.param(
            {"name": "a", "seen_at": "20240229T000000Z"},
            ("/seen_at", "wrong"),
            id="no RFC 3339",
        ),
        pytest.param(
            {"name": "a", "seen_at": "0001-01-01T00:00:00+07:00"},
            ("/seen_at", "wrong"),
            id="no UTC",
        ),
        pytest.param(
            {"name": "a", "seen_at": "2024-02-29T00:00:00"},
            ("/seen_at", "wrong"),
            id="no offset",
        ),
        pytest.param(
            {"name": "a", "prices": [{"price_vnd": True}]},
            ("/prices/0/price_vnd", "wrong_type"),
            id="true for a number",
        ),
        pytest.param(
            {"name": "a", "prices": [{"price_vnd": "5"}]},
            ("/prices/0/price_vnd", "wrong_type"),
            id="text for a number",
        ),
        pytest.param(
            {"name": "a", "prices": [{"price_vnd": -1}]},
            ("/prices/0/price_vnd", "too_small"),
            id="below its bound",
        ),
    ],
)
async def test_a_body_with_a_fault_is_refused_with_its_place(
    client: Client, body: Any, fault: tuple[str, str]
) -> None:
    assert await faults_of(client, body) == [fault]


async def test_a_number_that_json_calls_an_integer_is_one(client: Client) -> None:
    body = {"name": "a", "prices": [{"price_vnd": 5020.0, "stock": None}]}

    answer = await client.post("/things", json=body)

    made = await answer.json()
    assert (answer.status, made["prices"]) == (
        201,
        [{"price_vnd": 5020, "stock": None}],
    )
    assert answer.headers["Location"] == "/things/new"


@pytest.mark.parametrize(
    "instant",
    ["2024-02-29T07:00:00+07:00", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0Z"],
)
async def test_an_instant_comes_with_its_offset_and_goes_in_utc(
    client: Client, instant: str
) -> None:
    answer = await client.post("/things", json={"name": "a", "seen_at": instant})

    made = await answer.json()
    assert answer.status == 201, made
    assert datetime.fromisoformat(made["seen_at"]) == datetime(2024, 2, 29, tzinfo=UTC)


async def test_a_year_is_shown_with_four_digits(client: Client) -> None:
    made = await client.post(
        "/things", json={"name": "a", "seen_at": "0701-02-03T04:05:06.7+01:00"}
    )

    assert (await made.json())["seen_at"] == "0701-02-03T03:05:06Z"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("nothing=1", "/nothing", "unknown"),
        ("limit=0", "/limit", "too_small"),
        ("limit=5_0", "/limit", "wrong_type"),
        ("limit=+5", "/limit", "wrong_type"),
        ("limit=true", "/limit", "wrong_type"),
        ("limit=1&limit=2", "/limit", "twice"),
        ("least=99999999999999999999", "/least", "wrong_type"),
        ("fresh=1", "/fresh", "wrong_type"),
        ("grade=worst", "/grade", "not_offered"),
        ("tags=", "/tags/0", "too_short"),
        ("cursor=%00", "/cursor", "wrong"),
    ],
)
async def test_a_query_with_a_fault_is_refused_with_its_place(
    client: Client, query: str, pointer: str, code: str
) -> None:
    answer = await client.get(f"/things?{query}")

    (fault,) = (await answer.json())["errors"]
    assert (answer.status, fault["in"]) == (422, "query")
    assert (fault["pointer"], fault["code"]) == (pointer, code)


async def test_what_may_be_chosen_is_told_in_the_language_of_its_sentence(
    client: Client,
) -> None:
    answer = await client.get("/things?grade=worst")

    (fault,) = (await answer.json())["errors"]
    assert fault["detail_vi"] == "phải là một trong: 'good' hoặc 'best'"
    assert fault["detail_en"] == "one of: 'good' or 'best'"


async def test_an_instant_without_its_offset_is_refused_with_the_form_that_it_needs(
    client: Client,
) -> None:
    body = {"name": "a", "seen_at": "2024-02-29T07:00:00"}

    answer = await client.post("/things", json=body)

    (fault,) = (await answer.json())["errors"]
    assert fault["code"] == "wrong"
    assert "múi giờ, như 2026-11-30T07:00:00+07:00" in fault["detail_vi"]


async def test_parameters_are_read_as_their_models_say(client: Client) -> None:
    query = "least=3&fresh=true&tags=a&tags=b&grade=best&limit=2.0"

    answer = await client.get(f"/query?{query}")

    assert await answer.json() == {
        "cursor": "",
        "limit": 2,
        "grade": "best",
        "least": 3,
        "fresh": True,
        "tags": ["a", "b"],
    }


async def test_an_operation_without_a_query_takes_none(client: Client) -> None:
    assert (await client.get("/file?x=1")).status == 422


@pytest.mark.parametrize("path", ["/things/%00", f"/things/{'x' * 65}"])
async def test_an_identifier_is_bounded(client: Client, path: str) -> None:
    answer = await client.get(path)

    assert (answer.status, (await answer.json())["errors"][0]["in"]) == (422, "path")


async def test_bytes_that_are_no_text_in_an_address_are_refused(
    client: Client,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(b"GET /things/a\xff\xfe?limit=\xff HTTP/1.1\r\nHost: a\r\n\r\n")
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()

    assert status.split()[1] in {b"400", b"422", b"404"}


async def test_pages_follow_each_other_without_a_gap(client: Client) -> None:
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        answer = await client.get(f"/things?limit=4&least=1&cursor={cursor}")
        page = await answer.json()
        seen += page["items"]
        cursor = page["next"]

    assert seen == list(range(2, 11))


async def test_a_cursor_is_of_one_list_with_one_set_of_filters(client: Client) -> None:
    first = await (await client.get("/things?limit=2")).json()
    cursor = first["next"]

    other = await client.get(f"/others?cursor={cursor}")
    filtered = await client.get(f"/things?limit=2&least=1&cursor={cursor}")
    longer = await client.get(f"/things?limit=5&cursor={cursor}")

    assert (other.status, filtered.status, longer.status) == (422, 422, 200)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "A" * 512, "A" * 513, "%2B"])
async def test_a_cursor_that_is_none_is_refused(client: Client, cursor: str) -> None:
    answer = await client.get(f"/things?cursor={cursor}")

    assert answer.status == 422
    assert (await answer.json())["errors"][0]["pointer"] == "/cursor"


async def test_a_changed_cursor_is_refused(client: Client) -> None:
    cursor = (await (await client.get("/things?limit=2")).json())["next"]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")

    assert (await client.get(f"/things?limit=2&cursor={changed}")).status == 422


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/jsonx",
        "application/json; charset=latin-1",
    ],
)
async def test_a_body_of_another_type_is_refused(
    client: Client, content_type: str | None
) -> None:
    answer = await client.post(
        "/things",
        data=b'{"name": "a"}',
        headers={"Content-Type": content_type} if content_type else {},
        skip_auto_headers=() if content_type else ("Content-Type",),
    )

    assert (answer.status, (await answer.json())["code"]) == (
        415,
        "unsupported_media_type",
    )


async def test_a_compressed_body_is_refused_unread(client: Client) -> None:
    answer = await client.post("/things", json={"name": "a"}, compress="gzip")

    assert answer.status == 415


async def test_a_long_body_is_refused_before_any_of_it_has_come(
    client: Client,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(
        b"PUT /things/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"If-Match: *\r\nContent-Length: 201\r\n\r\n"
    )
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()

    assert status.split()[1] == b"413"


async def test_a_long_body_is_refused_by_its_own_word(client: Client) -> None:
    answer = await client.put(
        "/things/a", json={"price_vnd": "5" * 300}, headers={"If-Match": "*"}
    )

    assert (answer.status, (await answer.json())["code"]) == (413, "too_large")
    assert answer.headers["Connection"] == "close"


async def test_a_long_body_that_says_nothing_of_its_size_is_refused(
    client: Client,
) -> None:
    async def chunks() -> Any:
        for _ in range(30):
            yield b"x" * 1000

    answer = await client.post(
        "/files", data=chunks(), headers={"Content-Type": "application/pdf"}
    )

    assert answer.status == 413


async def test_a_file_is_on_disk_with_its_hash_while_it_is_worked_on(
    client: Client,
) -> None:
    answer = await client.post(
        "/files", data=b"abc", headers={"Content-Type": "application/pdf"}
    )

    assert await answer.json() == {
        "size": 3,
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    }


async def test_a_sender_that_stays_below_the_pace_is_cut_off(
    client: Client, time: HandTime
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = (
        b"POST /files HTTP/1.1\r\nHost: a\r\nContent-Type: application/pdf\r\n"
        b"Content-Length: 15000\r\n\r\n"
    )
    writer.write(head + b"x" * 4096)
    await writer.drain()
    # Ten seconds, and one more for each of its four kilobytes.
    end = await time.until_asked(14)

    time.pass_(13.9)
    assert not end.is_set()
    time.pass_(0.2)

    assert (await reader.readline()).split()[1] == b"408"
    rest = await reader.readuntil(b"}")  # it lingers until we have closed
    writer.close()
    await writer.wait_closed()
    assert b"Connection: close" in rest
    assert b'"code": "too_slow"' in rest


@pytest.mark.parametrize(("revoked", "status"), [(False, b"201"), (True, b"401")])
async def test_who_is_shut_out_while_a_slow_body_comes_does_nothing_any_more(
    time: HandTime, aiohttp_client: AiohttpClient, revoked: bool, status: bytes
) -> None:
    access = SampleAccess()
    client = await aiohttp_client(sample_app(time, access=access))
    assert client.app is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = (
        b"POST /orders HTTP/1.1\r\nHost: a\r\nAuthorization: staff\r\n"
        b"Content-Type: application/json\r\nContent-Length: 15\r\n\r\n"
    )
    writer.write(head + b'{"name":')
    await writer.drain()
    await time.until_asked(10 + 8 / 1024)

    time.pass_(2)
    access.revoked = {"staff"} if revoked else set()
    writer.write(b' "tea"}')

    assert (await reader.readline()).split()[1] == status
    writer.close()
    await writer.wait_closed()
    assert client.app[DESK].begun == (not revoked)


async def test_no_body_takes_longer_than_a_quarter_of_an_hour(time: HandTime) -> None:
    pace = Pace(seconds=time.seconds, sleep=time.sleep)

    assert pace.seconds_left(0, 100_000_000) == 900


async def test_a_version_that_changed_meanwhile_is_not_written_over(
    client: Client,
) -> None:
    tag = (await client.get("/things/a")).headers["ETag"]
    body = {"price_vnd": 5}

    without = await client.put("/things/a", json=body)
    old = await client.put("/things/a", json=body, headers={"If-Match": '"old"'})
    fresh = await client.put("/things/a", json=body, headers={"If-Match": tag})
    anyone = await client.put("/things/a", json=body, headers={"If-Match": "*"})

    statuses = [each.status for each in (without, old, fresh, anyone)]
    assert statuses == [428, 412, 200, 200]
    assert (await old.json())["code"] == "changed_meanwhile"


@pytest.mark.parametrize("path", ["/things/a", "/file", "/things"])
async def test_an_answer_that_is_known_is_not_sent_again(
    client: Client, path: str
) -> None:
    tag = (await client.get(path)).headers["ETag"]

    known = await client.get(path, headers={"If-None-Match": f'"x", W/{tag}'})
    other = await client.get(path, headers={"If-None-Match": '"x"'})

    assert (known.status, await known.read(), other.status) == (304, b"", 200)
    assert known.headers["ETag"] == tag


async def test_head_is_answered_where_get_is(client: Client) -> None:
    got, head = await client.get("/things/a"), await client.head("/things/a")

    assert (head.status, await head.read()) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert head.headers[name] == got.headers[name]


async def test_a_file_is_answered_with_its_name(client: Client) -> None:
    answer = await client.get("/file")

    assert (await answer.read(), answer.content_type) == (b"content", "a/b")
    assert "filename*=UTF-8''b%E1%BA%A3ng.xlsx" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/things/none", 404, "not_found"),
        ("PATCH", "/things", 405, "method_not_allowed"),
        ("DELETE", "/things/a", 401, "unauthenticated"),
        ("GET", "/fails/known", 409, "held"),
    ],
)
async def test_every_refusal_is_a_problem_with_a_code(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)

    told = await answer.json(content_type="application/problem+json")
    assert (answer.status, told["status"], told["code"]) == (status, status, code)
    assert told["request_id"] == answer.headers["X-Request-Id"]
    assert told["type"] == f"/docs#{code}"
    if status == 405:
        assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "vi"),
        ("en", "en"),
        ("en-GB, vi;q=0.9", "en"),
        ("en;q=0.2, vi;q=0.8", "vi"),
        ("fr, en;q=0.1", "en"),
        ("en;q=x", "vi"),
        ("en;q=nan", "vi"),
        ("*", "vi"),
    ],
)
def test_texts_come_in_the_preferred_language(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language


async def test_a_problem_has_both_texts_and_the_preferred_one_first(
    client: Client,
) -> None:
    answer = await client.get("/nothing", headers={"Accept-Language": "en"})

    told = await answer.json()
    assert told["detail"] == told["detail_en"] == "There is no such thing"
    assert told["detail_vi"] == "Không tìm thấy"
    assert answer.headers["Content-Language"] == "en"
    assert answer.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize("code", ["x", "wrong"])
async def test_nothing_of_a_failure_gets_out_but_its_request_id(
    client: Client, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await client.get(f"/fails/{code}")

    text = await answer.text()
    told = json.loads(text)
    assert (answer.status, told["code"]) == (500, "unexpected")
    assert "secret" not in text
    logged = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [each.request_id for each in logged] == [told["request_id"]]  # type: ignore[attr-defined]
    assert "secret" not in str([each.__dict__ for each in logged])
    assert all("sample.py:" in each.at or code == "wrong" for each in logged)  # type: ignore[attr-defined]


async def test_the_log_names_routes_and_no_values(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await client.get("/things/secret-link?limit=secret")

    (line,) = [each for each in caplog.records if each.message == "answered"]
    assert (line.method, line.route, line.status) == ("GET", "/things/{code}", 422)  # type: ignore[attr-defined]
    assert "secret" not in str(line.__dict__)


@pytest.mark.parametrize("path", ["/things/a", "/nothing", "/fails/x"])
async def test_every_answer_has_the_headers_that_browsers_are_held_by(
    client: Client, path: str
) -> None:
    headers = (await client.get(path)).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["Server"] == "sample"
    assert "Date" in headers
    assert "Cache-Control" in headers
    assert "Access-Control-Allow-Origin" not in headers


async def test_whoever_waits_for_changes_is_told_of_writes_alone(
    client: Client,
) -> None:
    assert client.app is not None
    written = client.app[DESK].written

    await client.get("/things/a")
    await client.post("/things", json={})
    assert written == []
    await client.post("/things", json={"name": "a"})
    assert written == [1]


async def test_whoever_may_not_ask_is_refused_before_anything_is_read(
    client: Client,
) -> None:
    nobody = await client.delete("/things/%00?x=1")
    stranger = await client.delete("/things/%00", headers={"Authorization": "guest"})
    staff = await client.delete("/things/a", headers={"Authorization": "staff"})

    assert (nobody.status, stranger.status, staff.status) == (401, 403, 204)


def test_the_document_is_valid_openapi_3_1() -> None:
    made = document(OPERATIONS, ABOUT)

    validate(made)
    assert made["openapi"] == "3.1.0"


def test_the_document_tells_every_status_of_an_operation() -> None:
    paths = document(OPERATIONS, ABOUT)["paths"]

    changed = paths["/things/{code}"]["put"]
    assert set(changed["responses"]) == {
        *("200", "400", "404", "408", "412", "413", "415", "422", "428", "500", "503"),
    }
    assert set(paths["/things/{code}"]["delete"]["responses"]) == {
        *("204", "400", "401", "403", "404", "422", "500", "503"),
    }
    names = [(each["in"], each["name"]) for each in changed["parameters"]]
    assert names == [("path", "code"), ("header", "If-Match")]


def test_the_document_bounds_the_keys_of_a_mapping_as_they_are_read() -> None:
    things = document(OPERATIONS, ABOUT)["components"]["schemas"]["Thing"]
    packs = things["properties"]["packs"]

    assert packs["propertyNames"]["maxLength"] == 64
    assert packs["additionalProperties"] == {"$ref": "#/components/schemas/Price"}
    assert packs["maxProperties"] == 3
    assert "patternProperties" not in packs


def test_a_parameter_that_may_be_left_out_is_no_null_in_the_document() -> None:
    listed = document(OPERATIONS, ABOUT)["paths"]["/things"]["get"]["parameters"]
    grade = next(each for each in listed if each["name"] == "grade")

    assert grade == {
        "name": "grade",
        "in": "query",
        "required": False,
        "schema": {"$ref": "#/components/schemas/Grade"},
    }


def test_a_declaration_that_no_call_could_be_read_by_is_refused() -> None:
    declare = operation("GET", "/x/{code}", summary="", allowed=EVERYBODY)

    async def without_path(call: Call) -> None: ...

    async def with_other(path: ThingPath, person: str) -> None: ...

    class Other(Model):
        other: str

    async def with_other_path(path: Other) -> None: ...

    for each in (without_path, with_other, with_other_path):
        with pytest.raises(TypeError):
            declare(each)
