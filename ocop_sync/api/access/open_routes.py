"""What is open to everybody, without key or session: this list, and nothing else."""

from typing import Final

OPEN: Final = frozenset(
    {
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/docs",
        "/docs/style.css",
        "/login",
        "/logout",
        "/link/{token}",
        "/static/{digest}/{name}",
        "/pictures/{picture}.jpg",
        "/push/{marketplace}/{account}",
    }
)
"""Addresses as routes spell them. `/logout` ends a session that it is shown, and does
nothing for others; `/pictures` shows those that a listing uses, `/push` believes what a
marketplace has signed."""

PUBLIC: Final = frozenset({"/public/coverage", "/public/products"})
"""What is open besides while `serve.public_figures` is on, and not there while it is
off: figures and products, without a person's name or an address that asks for a key."""

PUBLIC_PAGES: Final = frozenset({"/public", "/public/products.csv"})
"""What is open as those are, for people: the same products as a page and as a table."""
