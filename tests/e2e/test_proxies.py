"""TLS before a real `ocop-sync serve`, by the configurations that are shipped.

nginx and Caddy are started where they are installed (Debian: nginx-light, caddy). Where
one is not, what is written in its configuration is looked at all the same; the guide
says with which versions it was tried.
"""

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from ocop_sync.api.routes.imports import MOST_BYTES
from tests.catalog_database import as_csv
from tests.e2e.processes import await_upload, await_worker, stopped
from tests.e2e.proxies import NAME, SHIPPED, Proxy, is_there, proxy, read
from tests.e2e.served import Desk, good, open_desk, serve
from tests.e2e.test_serve import serving, worker_pid

pytestmark = pytest.mark.slow

NAMES = ("nginx", "caddy")
GUIDE = (SHIPPED.parent / "deployment.md").read_text("utf-8")
PASSWORD = "ba con cò bay lả bay la"  # noqa: S105  (of nobody)
SHEET = as_csv({"sku": "SP-00001-1", "price_vnd": 46_000}).getvalue()

CONFIGURATIONS = {
    "nginx": (SHIPPED / "nginx.conf").read_text("utf-8"),
    "caddy": (SHIPPED / "Caddyfile").read_text("utf-8"),
}

StandIn = tuple[Proxy, asyncio.Event, list[asyncio.AbstractEventLoop]]


def installed(name: str) -> str:
    if not is_there(name):
        pytest.skip(f"{name} or openssl is not installed: apt-get install {name}")
    return name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("proxies")) as desk:
        desk.write_settings(
            more="\n".join(
                (
                    f'serve.public_url = "https://{NAME}"',
                    'serve.trusted_proxies = ["127.0.0.1"]',
                    "serve.calls_per_minute_of_an_address = 12",
                )
            )
        )
        desk.enter(good())
        yield desk


@pytest.fixture(scope="module")
def service(desk: Desk) -> Iterator[int]:
    """A service that runs, with its temporary files in the desk's folder; its port."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(desk.folder))
        with serving(desk) as (_, url):
            port = urlsplit(url).port
            assert port is not None
            yield port


def begin_upload(connection: HTTPConnection, key: str, size: int) -> None:
    """Send the head of an upload of so many bytes, and ten of them."""
    connection.putrequest("POST", "/api/v1/imports")
    for name, value in (
        ("Authorization", f"Bearer {key}"),
        ("Content-Type", "text/csv"),
        ("Content-Length", str(size)),
    ):
        connection.putheader(name, value)
    connection.endheaders(SHEET[:10])


@pytest.fixture(scope="module", params=NAMES)
def before(
    request: pytest.FixtureRequest,
    service: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    """A proxy before it."""
    name = installed(request.param)
    with proxy(name, tmp_path_factory.mktemp(name), service) as found:
        yield found


@pytest.fixture(scope="module")
def key(desk: Desk) -> str:
    words = ["keys", "add", "thử", "--role", "producer", "--producer", "CS-0001"]
    return str(desk.run_json(*words, "--by", "Ng. Văn A")["secret"])


def test_answers_come_over_tls_with_the_headers_of_the_service_once(
    before: Proxy,
) -> None:
    answer = before.ask("/health/ready", X_Request_Id="qua-proxy-1")

    assert answer.status == 200
    assert json.loads(answer.body)["status"] == "ok"
    for name in ("Strict-Transport-Security", "Content-Security-Policy"):
        assert len(answer.headers.get_all(name) or []) == 1, name
    assert answer.headers["X-Request-Id"] == "qua-proxy-1"


def test_without_tls_nothing_is_told_but_where_to_go(before: Proxy) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    url = f"http://127.0.0.1:{before.http}/docs"
    request = urllib.request.Request(url, headers={"Host": NAME})
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.build_opener(Stay).open(request)

    assert told.value.code in {301, 308}
    assert told.value.headers["Location"].startswith(f"https://{NAME}")
    told.value.close()


def test_callers_are_told_apart_by_their_address_and_a_forged_one_is_nobodys(
    before: Proxy,
) -> None:
    def ask(source: str, n: int) -> int:
        forged = f"192.0.2.{n}"
        return before.ask(
            "/api/v1/me",
            source=source,
            X_Forwarded_For=forged,
            Forwarded=f"for={forged}",
        ).status

    statuses = {n: ask(before.one_caller, n) for n in range(12)}

    assert statuses[0] == 401
    assert statuses[11] == 429, "all of them are calls of one address"
    assert ask("", 11) == 401


def test_somebody_signs_in_by_a_cookie_for_this_host_alone(
    desk: Desk, before: Proxy
) -> None:
    link = desk.run_json("producers", "link", "CS-0001", "--by", "Lê B")["url"]
    assert link.startswith(f"https://{NAME}/link/")
    path = urlsplit(link).path

    page = before.ask(path)
    (token,) = re.findall(r'name="form_token" value="(\w+)"', page.body.decode())
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    used = before.ask(
        path,
        "POST",
        f"form_token={token}".encode(),
        Cookie=cookie,
        Origin="null",
        Content_Type="application/x-www-form-urlencoded",
    )

    assert used.status == 303
    (session,) = [
        each
        for each in used.headers.get_all("Set-Cookie") or []
        if each.startswith("__Host-ocop=")
    ]
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in session
    assert path.removeprefix("/link/") not in before.logged()
    assert session.partition(";")[0].partition("=")[2] not in before.logged()


def test_an_upload_reaches_the_service_while_it_comes(
    desk: Desk, before: Proxy, key: str
) -> None:
    """So the service sees how slow a sender is, and ends it."""
    with before.connected() as connection:
        begin_upload(connection, key, len(SHEET))
        # The service keeps what comes in a file, which is there before the rest is.
        await_upload(desk)
        connection.send(SHEET[10:])
        answer = read(connection)

    assert answer.status == 201
    assert key not in before.logged()


def test_what_is_too_long_is_refused_by_the_service_in_its_own_words(
    service: int, key: str, tmp_path: Path
) -> None:
    """Caddy, too, but over HTTP/1.1 only to a caller who reads while it sends."""
    with (
        proxy(installed("nginx"), tmp_path, service) as before,
        before.connected() as connection,
    ):
        begin_upload(connection, key, MOST_BYTES + 1)
        answer = read(connection)

    assert answer.status == 413
    assert json.loads(answer.body)["code"] == "too_large"


@pytest.fixture(params=NAMES)
def stand_in(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StandIn]:
    """A proxy before a service that tells events, the second one when it may."""
    go_on = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def events(call: web.Request) -> web.StreamResponse:
        loops.append(asyncio.get_running_loop())
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(call)
        await response.write(b"data: 1\n\n")
        await go_on.wait()
        await response.write(b"data: 2\n\n")
        return response

    app = web.Application()
    app.router.add_get("/api/v1/runs/{run}/events", events)
    name = installed(request.param)
    with serve(app) as served:
        port = urlsplit(served.url).port
        assert port is not None
        with proxy(name, tmp_path, port) as found:
            yield found, go_on, loops


def test_events_come_one_by_one(
    stand_in: StandIn,
) -> None:
    before, go_on, loops = stand_in
    with before.connected() as connection:
        connection.request("GET", "/api/v1/runs/a/events")
        with connection.getresponse() as answer:
            first = answer.readline()
            loops[0].call_soon_threadsafe(go_on.set)
            rest = answer.read()

    assert (first, rest) == (b"data: 1\n", b"\ndata: 2\n\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_service_that_is_down_is_told_of_and_no_link_is_logged(
    name: str, tmp_path: Path
) -> None:
    with proxy(installed(name), tmp_path, 9) as before:
        status = before.ask("/link/bi-mat-4711?a=bi-mat-4711").status

    assert status == 502
    assert "bi-mat-4711" not in before.logged()


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_says_what_must_be_so_wherever_it_is_tried(name: str) -> None:
    text = CONFIGURATIONS[name]

    assert "127.0.0.1:8080" in text
    assert re.search(r"X-Forwarded-For (\$remote_addr|\{remote_host\})", text)
    assert "$proxy_add_x_forwarded_for" not in text, "it adds to what a caller wrote"
    assert "Strict-Transport-Security" not in text, "it is the service's own"
    sizes = [int(n) for n in re.findall(r"(?:max_body_size|max_size) +(\d+)", text)]
    assert sizes
    assert all(n * 1_000_000 > MOST_BYTES for n in sizes)
    assert f"docs/proxies/{'nginx.conf' if name == 'nginx' else 'Caddyfile'}" in GUIDE


def test_what_is_told_of_a_run_comes_while_it_goes_on(
    desk: Desk, service: int, before: Proxy
) -> None:
    """No proxy holds events back until there are enough of them."""
    del service
    by = ("--by", "Ng. Văn A")
    key = desk.run_json("keys", "add", "xem", "--role", "operator", *by)["secret"]
    await_worker(desk)
    with stopped(desk, worker_pid(desk)) as go_on:  # the run waits till the test says
        run = desk.run_json("runs", "start", "sync", *by)["run"]
        with before.connected() as connection:
            connection.request(
                "GET",
                f"/api/v1/runs/{run}/events",
                headers={"Authorization": f"Bearer {key}"},
            )
            with connection.getresponse() as answer:
                lines = [answer.readline() for _ in range(5)]
                go_on()
                rest = answer.read().decode()

    assert lines[0] == b"retry: 3000\n"
    assert lines[2] == b"event: state\n"
    assert b'"waiting"' in lines[3]
    assert "event: end" in rest
    assert key not in before.logged()
