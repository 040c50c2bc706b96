"""Notices on their way: a webhook that verifies as published, and mail over SMTP."""

import asyncio
import base64
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from pytest_aiohttp.plugin import AiohttpServer
from standardwebhooks import Webhook

from catalog.eligibility import Text
from ocop_sync.errors import ConfigurationError
from ocop_sync.senders.mail import MailSender, MailServer
from ocop_sync.senders.webhook import WebhookSender
from ocop_sync.service.notices.sender import Message, UndeliveredError

SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()
MESSAGE = Message(
    id="msg_1",
    type="account_down.begun",
    made_at=datetime(2024, 3, 1, 5, tzinfo=UTC),
    title=Text("Tài khoản không hoạt động: memory", "An account is down: memory"),
    text=Text("xem: ocop-sync status", "see: ocop-sync status"),
    data={"account": "memory", "simulated": True},
)
NOW = datetime(2024, 3, 1, 6, tzinfo=UTC)


@dataclass
class Hook:
    """A receiver of webhooks, and what came to it."""

    answer: Callable[[], web.StreamResponse] = web.Response
    got: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((await request.read(), dict(request.headers)))
        return self.answer()


@pytest.fixture
async def hook(aiohttp_server: AiohttpServer) -> tuple[Hook, str]:
    hook, app = Hook(), web.Application()
    app.router.add_post("/hook", hook.take)
    server = await aiohttp_server(app)
    return hook, str(server.make_url("/hook"))


async def test_a_receiver_verifies_what_it_gets_by_the_published_library(
    hook: tuple[Hook, str],
) -> None:
    receiver, url = hook
    # the library compares with the real clock, and takes five minutes at most
    await WebhookSender(url, lambda: SECRET).send(MESSAGE, datetime.now(UTC))

    ((body, headers),) = receiver.got
    form = Webhook(SECRET).verify(body, headers)
    assert form == {
        "type": "account_down.begun",
        "timestamp": "2024-03-01T05:00:00+00:00",
        "data": {"account": "memory", "simulated": True},
    }
    assert {k.lower(): v for k, v in headers.items()}["webhook-id"] == "msg_1"


@pytest.mark.parametrize(
    ("status", "is_final"), [(500, False), (404, False), (302, False), (410, True)]
)
async def test_any_answer_but_yes_is_told(
    hook: tuple[Hook, str], status: int, is_final: bool
) -> None:
    receiver, url = hook
    receiver.answer = lambda: web.Response(
        status=status, headers={"Location": "/hook"}, text="bà Mẫu"
    )

    with pytest.raises(UndeliveredError) as caught:
        await WebhookSender(url, lambda: SECRET).send(MESSAGE, NOW)

    assert (caught.value.kind, caught.value.is_final) == (f"HTTP {status}", is_final)
    assert len(receiver.got) == 1, "no redirect is followed"


async def test_an_address_where_nobody_answers_is_told() -> None:
    with pytest.raises(UndeliveredError, match="ClientConnectorError"):
        await WebhookSender("http://127.0.0.1:9/", lambda: SECRET).send(MESSAGE, NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_a", "whsec_YWFh", "bí mật"])
async def test_a_secret_that_cannot_sign_sends_nothing(
    hook: tuple[Hook, str], secret: str
) -> None:
    receiver, url = hook
    with pytest.raises(UndeliveredError, match=r"webhook\.secret"):
        await WebhookSender(url, lambda: secret).send(MESSAGE, NOW)

    assert receiver.got == []


class Post:
    """A server's part that takes mail."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], EmailMessage]] = []
        self.refused = ""
        self.signed_in: list[tuple[bytes, bytes]] = []

    async def handle_DATA(  # noqa: N802  (aiosmtpd's word)
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        del server, session
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.got.append((list(envelope.rcpt_tos), mail))
        return self.refused or "250 OK"

    def authenticate(self, *of: Any) -> AuthResult:
        self.signed_in.append((of[-1].login, of[-1].password))
        return AuthResult(success=True)


@asynccontextmanager
async def mail_server(
    post: Post, *, tls: ssl.SSLContext | None = None, **more: Any
) -> AsyncIterator[int]:
    """Take mail; over TLS from the first byte on with *tls*."""
    loop = asyncio.get_running_loop()

    def make() -> SMTP:
        return SMTP(post, loop=loop, hostname="localhost", **more)

    server = await loop.create_server(make, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def sender(port: int, **more: Any) -> MailSender:
    server = MailServer(host="127.0.0.1", port=port, **{"security": "none"} | more)
    return MailSender(server, "ocop@so.example", ["a@so.example", "b@so.example"])


async def test_mail_goes_to_all_receivers_in_vietnamese_first() -> None:
    post = Post()
    async with mail_server(post) as port:
        await sender(port).send(MESSAGE, NOW)

    ((receivers, mail),) = post.got
    assert receivers == ["a@so.example", "b@so.example"]
    assert mail["Subject"] == (
        "Tài khoản không hoạt động: memory / An account is down: memory"
    )
    assert mail["Message-ID"] == "<msg_1@so.example>"
    assert mail["From"] == "ocop@so.example"
    text = mail.get_content()
    assert text.index("Tài khoản") < text.index("An account")


IN_THE_CLEAR = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")


@IN_THE_CLEAR
async def test_a_user_signs_in_with_the_password_that_is_kept() -> None:
    post = Post()
    options: Any = {
        "authenticator": post.authenticate,
        "auth_require_tls": False,
        "auth_required": True,
    }
    async with mail_server(post, **options) as port:
        await sender(port, user="ocop", password=lambda: "bí mật").send(MESSAGE, NOW)

    assert post.signed_in == [(b"ocop", "bí mật".encode())]
    assert len(post.got) == 1


@IN_THE_CLEAR
async def test_without_starttls_neither_password_nor_message_goes() -> None:
    post, asked = Post(), []

    def password() -> str:
        asked.append(1)
        return "bí mật"

    options: Any = {"authenticator": post.authenticate, "auth_require_tls": False}
    async with mail_server(post, **options) as port:
        sending = sender(port, security="starttls", user="ocop", password=password)
        with pytest.raises(UndeliveredError):
            await sending.send(MESSAGE, NOW)

    assert (post.got, post.signed_in) == ([], [])


async def test_mail_that_is_refused_is_told_by_its_code() -> None:
    post = Post()
    post.refused = "451 Ba Mau"
    async with mail_server(post) as port:
        with pytest.raises(UndeliveredError) as caught:
            await sender(port).send(MESSAGE, NOW)

    assert caught.value.kind == "SMTP 451"


async def test_a_password_that_is_not_there_is_told() -> None:
    def password() -> str:
        message = "trống"
        raise ConfigurationError(message)

    with pytest.raises(UndeliveredError, match=r"mail\.password"):
        await sender(9, user="ocop", password=password).send(MESSAGE, NOW)


async def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(UndeliveredError, match="SMTPConnectError"):
        await sender(9).send(MESSAGE, NOW)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for this computer, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=so.example"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(file), "-out", str(file.with_suffix(".crt"))),
        ],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


def served_by(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def over_tls(security: str, certificate: Path, post: Post) -> dict[str, Any]:
    """Return the options of a server that takes passwords over TLS alone."""
    own = served_by(certificate)
    how: dict[str, Any] = {"authenticator": post.authenticate, "auth_required": True}
    if security == "tls":
        # That library counts as TLS only what its own STARTTLS has begun.
        return how | {"tls": own, "auth_require_tls": False}
    return how | {"tls_context": own, "require_starttls": True}


OVER_TLS = pytest.mark.parametrize("security", ["starttls", "tls"])


@IN_THE_CLEAR
@OVER_TLS
async def test_password_and_message_go_over_tls_to_a_server_of_ones_own_authority(
    certificate: Path, security: str
) -> None:
    post = Post()
    async with mail_server(post, **over_tls(security, certificate, post)) as port:
        who: Any = {"user": "ocop", "password": lambda: "bí mật"}
        ours = {"ca_file": certificate.with_suffix(".crt")}
        await sender(port, security=security, **who, **ours).send(MESSAGE, NOW)

    ((receivers, mail),) = post.got
    assert receivers == ["a@so.example", "b@so.example"]
    assert mail["Message-ID"] == "<msg_1@so.example>"
    assert post.signed_in == [(b"ocop", "bí mật".encode())]


@IN_THE_CLEAR
@OVER_TLS
async def test_a_server_that_no_authority_vouches_for_gets_nothing(
    certificate: Path, security: str
) -> None:
    post = Post()
    async with mail_server(post, **over_tls(security, certificate, post)) as port:
        who: Any = {"user": "ocop", "password": lambda: "bí mật"}
        with pytest.raises(UndeliveredError):
            await sender(port, security=security, **who).send(MESSAGE, NOW)

    assert (post.got, post.signed_in) == ([], [])


async def test_an_authority_that_cannot_be_read_is_told_by_its_setting(
    tmp_path: Path,
) -> None:
    none, wrong = tmp_path / "none.pem", tmp_path / "wrong.pem"
    wrong.write_text("không phải chứng thư")

    for file in (none, wrong):
        with pytest.raises(UndeliveredError, match=r"mail\.ca_file"):
            await sender(9, security="tls", ca_file=file).send(MESSAGE, NOW)
        hook = WebhookSender("https://127.0.0.1:9/", lambda: SECRET, file)
        with pytest.raises(UndeliveredError, match=r"webhook\.ca_file"):
            await hook.send(MESSAGE, NOW)


async def test_a_webhook_of_ones_own_authority_is_believed_by_its_file_alone(
    aiohttp_server: AiohttpServer, certificate: Path
) -> None:
    receiver, app = Hook(), web.Application()
    app.router.add_post("/hook", receiver.take)
    server = await aiohttp_server(app, ssl=served_by(certificate))
    url = f"https://127.0.0.1:{server.port}/hook"

    with pytest.raises(UndeliveredError, match="Certificate"):
        await WebhookSender(url, lambda: SECRET).send(MESSAGE, NOW)
    ours = certificate.with_suffix(".crt")
    await WebhookSender(url, lambda: SECRET, ours).send(MESSAGE, NOW)

    assert len(receiver.got) == 1
