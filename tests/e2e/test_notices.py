"""Notices at the command line: what was told, what waits, and one to try."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from standardwebhooks import Webhook

from tests.e2e.served import Desk

SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()


@contextmanager
def receiver(status: int = 204) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Take webhooks; yields the address, and what came."""
    got: list[dict[str, object]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(Webhook(SECRET).verify(body, dict(self.headers)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *of: object) -> None:
            del of

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", got
        server.shutdown()
        thread.join()


def set_webhook(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OCOP_SYNC_WEBHOOK__URL", url)
    monkeypatch.setenv("OCOP_SYNC_WEBHOOK__SECRET__ENV", "OCOP_TEST_WEBHOOK")
    monkeypatch.setenv("OCOP_TEST_WEBHOOK", SECRET)


def test_a_notice_to_try_arrives_and_is_said_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as (url, got):
        set_webhook(monkeypatch, url)
        done = desk.run("notices", "test")

    assert (done.exit_code, done.stdout) == (0, "webhook: đã gửi / sent\n")
    assert [each["type"] for each in got] == ["test.begun"]


def test_a_notice_that_is_not_taken_is_told_with_exit_code_1(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(status=500) as (url, _):
        set_webhook(monkeypatch, url)
        done = desk.run("notices", "test", "--json")

    assert (done.exit_code, json.loads(done.stdout)) == (1, {"webhook": "HTTP 500"})


def test_without_a_way_there_is_none_to_try(desk: Desk) -> None:
    done = desk.run("notices", "test")

    assert done.exit_code == 2
    assert "webhook.url" in done.stderr


def test_what_was_told_is_listed_shown_and_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_webhook(monkeypatch, "http://127.0.0.1:9/")
    desk.run("sync", secrets={})  # no account can sign in

    (first, *_) = desk.run_json("notices", "list")["notices"]
    number = str(first["id"])
    assert first["kind"] == "run_failed"
    assert [each["state"] for each in first["deliveries"]] == ["waiting"]
    assert "run" in desk.run("notices", "list").stdout
    shown = desk.run("notices", "show", number).stdout
    assert shown.startswith("[MÔ PHỎNG] Lần chạy lỗi")
    again = desk.run("notices", "retry", number, "--by", "Ng. Văn A")
    assert again.exit_code == 0
    acts = desk.run_json("audit", "list")["acts"]
    assert acts[-1]["kind"] == "retry_notice"
    assert desk.run("notices", "show", "99").exit_code == 2
