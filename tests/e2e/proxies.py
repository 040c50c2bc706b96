"""The proxies of the deployment guide, started before a service on this computer.

Each is given its shipped configuration; only ports, files and the certificate are those
of a test.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ROOT / "docs" / "proxies"
NAME = "ocop.example"
WITHIN_S = 120
"""A busy computer answers in that time, and starts a process for a sheet before."""
_OTHERS = cycle(range(1, 255))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def make_certificate(folder: Path) -> None:
    """Make a certificate of our own, and the key of it."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", f"/CN={NAME}"),
            *("-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", "privkey.pem", "-out", "fullchain.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@dataclass(frozen=True)
class Answer:
    """An answer that was read whole."""

    status: int
    headers: Message
    body: bytes


def read(connection: HTTPConnection) -> Answer:
    with connection.getresponse() as found:
        return Answer(found.status, found.headers, found.read())


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs.

    Attributes:
        folder: Where its certificate and its logs are.
        https: The port that speaks TLS.
        http: The port that does not.
    """

    folder: Path
    https: int
    http: int

    @property
    def one_caller(self) -> str:
        """Return an address that asks by this proxy alone."""
        return f"127.0.2.{self.https % 250 + 1}"

    @contextmanager
    def connected(self, source: str = "") -> Iterator[HTTPConnection]:
        """Connect over TLS; from an address of its own, unless said."""
        source = source or f"127.0.1.{next(_OTHERS)}"
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        at = ("127.0.0.1", self.https)
        connection = HTTPConnection(NAME)
        with (
            socket.create_connection(at, WITHIN_S, (source, 0)) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as secure,
            closing(connection),
        ):
            connection.sock = secure
            yield connection

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        source: str = "",
        **headers: str,
    ) -> Answer:
        """Make one call, over a connection of its own."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.connected(source) as connection:
            connection.request(method, path, body=body, headers=sent)
            return read(connection)

    def logged(self) -> str:
        """Return all that it has written."""
        return "".join(
            path.read_text("utf-8", "replace") for path in self.folder.glob("*.log")
        )


def _nginx(folder: Path, ports: tuple[int, int], upstream: int) -> list[str]:
    https, http = ports
    site = (SHIPPED / "nginx.conf").read_text("utf-8")
    site = re.sub(r"\[::\]:(80|443)\b", r"[::1]:\1", site)
    site = re.sub(r"(listen .*?)\b443\b", rf"\g<1>{https}", site)
    site = re.sub(r"(listen .*?)\b80\b", rf"\g<1>{http}", site)
    for old, new in (
        ("127.0.0.1:8080", f"127.0.0.1:{upstream}"),
        ("/etc/ssl/ocop-sync", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert old in site
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site, "utf-8")
    paths = "".join(
        f"  {each}_temp_path {folder}/{each};\n"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nworker_processes 1;\n"
        f"error_log {folder}/start.log crit;\nevents {{}}\n"
        f"http {{\n{paths}  include {folder}/site.conf;\n}}\n",
        "utf-8",
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]


def _caddy(folder: Path, ports: tuple[int, int], upstream: int) -> list[str]:
    https, http = ports
    text = (SHIPPED / "Caddyfile").read_text("utf-8")
    for old, new in (
        ("127.0.0.1:8080", f"127.0.0.1:{upstream}"),
        ("/etc/ssl/ocop-sync", str(folder)),
        ("/var/log/caddy", str(folder)),
        ("\tadmin off\n", f"\tadmin off\n\thttps_port {https}\n\thttp_port {http}\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / "Caddyfile").write_text(text, "utf-8")
    return ["caddy", "run", "--config", str(folder / "Caddyfile")]


STARTS: dict[str, Callable[[Path, tuple[int, int], int], list[str]]] = {
    "nginx": _nginx,
    "caddy": _caddy,
}


def is_there(name: str) -> bool:
    """Say whether *name* can be started here, with a certificate."""
    return all(map(shutil.which, (name, "openssl")))


@contextmanager
def proxy(name: str, folder: Path, upstream: int) -> Iterator[Proxy]:
    """Start the proxy *name* before what listens at the port *upstream*."""
    make_certificate(folder)
    ports = free_port(), free_port()
    command = STARTS[name](folder, ports, upstream)
    with (folder / "said.log").open("w") as said:
        process = subprocess.Popen(
            command,
            env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
            stdout=said,
            stderr=said,
        )
    try:
        _await_port(process, ports[0], folder)
        yield Proxy(folder, *ports)
    finally:
        process.terminate()
        process.wait(WITHIN_S)


def _await_port(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(1_000):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            threading.Event().wait(0.02)
        else:
            return
    raise AssertionError((folder / "said.log").read_text())
