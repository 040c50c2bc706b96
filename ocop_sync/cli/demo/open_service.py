"""The service of the demonstration: open on this computer, an address for each role.

Nobody has a password there: each address signs in once. They lead to the database of
the demonstration's folder, and to no other.
"""

import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import click

from catalog.eligibility import Text
from catalog.model.actor import Actor, ActorKind
from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import identity_in
from ocop_sync.api.typed.serving import serving
from ocop_sync.cli.demo import catalogs
from ocop_sync.cli.demo.narration import text_of
from ocop_sync.pages.app import page_routes
from ocop_sync.pages.problem_pages import problem_pages
from ocop_sync.pages.sign_in_once import SignInOnce
from ocop_sync.pages.words import ROLES
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.links import make_link
from ocop_sync.service.identity.people import add_person, sign_in_name
from ocop_sync.service.identity.role import Role
from ocop_sync.settings import ServeSettings
from ocop_sync.store.identity import people

_HOST: Final = "127.0.0.1"
_PORT: Final = 8080
"""The port that is taken if it is free."""
_STAFF: Final = {
    Role.VIEWER: "Người xem Mẫu",
    Role.OPERATOR: "Cán bộ Mẫu",
    Role.ADMIN: "Quản trị Mẫu",
}
_BY: Final = Actor(kind=ActorKind.SERVICE, name=catalogs.BY)


@asynccontextmanager
async def open_service(
    deployment: Deployment, on_written: Callable[[], None]
) -> AsyncIterator[str]:
    """Serve pages and API over *deployment*, and tell the addresses that sign in.

    Args:
        deployment: That of the demonstration.
        on_written: Told each time that something was written.
    """
    identity, port = identity_in(deployment), _free_port()
    serve = ServeSettings(
        host=_HOST, port=port, public_url=f"http://{_HOST}:{port}", public_figures=True
    )
    entrances = entrances_of(
        identity, serve, seconds=deployment.time, sleep=deployment.sleep
    )
    staff = await _staff_by_token(identity)
    once = SignInOnce(entrances.browsers, staff)
    app = make_app(
        deployment,
        entrances.access,
        identity=identity,
        public_url=serve.public_url,
        pages=[
            *page_routes(entrances.browsers, shows_public=True),
            *once.routes(),
        ],
        page_of=problem_pages(entrances.browsers),
        on_written=on_written,
        shows_public=True,
    )
    app.middlewares.append(entrances.crowd)
    async with serving(app, _HOST, port, bounds=entrances.bounds) as url:
        click.echo(text_of("service_open", url=url))
        for token, (_, role) in staff.items():
            click.echo(f"  {role}: {url}/once/{token}")
        if link := await _link_of_a_producer(deployment, identity):
            click.echo(f"  {ROLES['producer']}: {url}/link/{link}")
        yield url


async def _staff_by_token(identity: Identity) -> Mapping[str, tuple[str, Text]]:
    """Return who of the staff signs in by which token; they are added if need be."""
    found: dict[str, tuple[str, Text]] = {}
    for role, name in _STAFF.items():
        known = await identity.database.fetch(people.named, sign_in_name(name))
        if known is None:
            password = secrets.token_urlsafe(24)  # which nobody is told
            person = await add_person(
                identity, name=name, role=role, password=password, by=_BY
            )
        else:
            person = known[0]
        found[secrets.token_urlsafe(32)] = person.id, ROLES[role]
    return found


async def _link_of_a_producer(deployment: Deployment, identity: Identity) -> str:
    """Return the token of a link of a fictitious producer; "" if there is none.

    It is the one with most products, as the guide for producers shows.
    """
    async with deployment.database.read() as conn:
        products = await catalogs.products_by_producer(conn)
    made_up = {id_: n for id_, n in products.items() if id_.startswith("MAU-")}
    if not made_up:
        return ""
    chosen = min(made_up, key=lambda id_: (-made_up[id_], id_))
    return (await make_link(identity, chosen, by=_BY)).token


def _free_port() -> int:
    """Return the usual port, or another one that is free."""
    for port in (_PORT, 0):
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind((_HOST, port))
            except OSError:
                continue
            return int(found.getsockname()[1])
    return _PORT
