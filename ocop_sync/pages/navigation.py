"""The pages that stand in the head of every page, and where somebody begins."""

from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.roles import (
    ADMINS,
    OPERATOR,
    PRODUCER,
    PRODUCERS,
    STAFF,
    VIEWERS,
)

HOME: Final = "/"
WORKLIST: Final = "/worklist"
"""All that waits for a person of the department."""
IMPORTS: Final = "/imports"
"""Every sheet that was sent, and the form for another one."""
TEMPLATE: Final = f"{IMPORTS}/template.xlsx"
"""The empty sheet, to be filled in."""
PLANS: Final = "/plans"
"""What the next sync would do, to be approved beforehand."""
RUNS: Final = "/runs"
"""The runs, and what is done with marketplaces."""
SCHEDULES: Final = "/schedules"
"""When what is run by itself."""
ACCOUNTS: Final = "/accounts"
"""Marketplaces, and the accounts there."""
PEOPLE: Final = "/people"
"""Everybody who may sign in."""
KEYS: Final = "/keys"
"""The keys by which programs call."""
PRODUCTS: Final = "/products"
"""All products, to be searched; below it each by its code."""
MAKERS: Final = "/producers"
"""Below it each producer by its code."""
REPORT: Final = "/report"
"""The figures for superiors, to be printed."""
OWN: Final = "/p"
"""A producer's own products."""
OWN_PICTURE: Final = f"{OWN}/pictures/{{picture}}.jpg"
"""A picture of them, small; *picture* is the SHA-256 of its bytes."""
PUBLIC: Final = "/public"
"""The certified products for everybody, where settings switch that on."""
LOGIN: Final = "/login"
LOGOUT: Final = "/logout"


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A page that stands in the head.

    Attributes:
        path: Its address; pages below it belong to it.
        name: What it is called.
        allowed: The roles that may go there.
    """

    path: str
    name: Text
    allowed: frozenset[str]


ENTRIES: Final = (
    NavigationEntry(HOME, Text("Tổng quan", "Overview"), VIEWERS),
    NavigationEntry(WORKLIST, Text("Việc cần làm", "Worklist"), STAFF),
    NavigationEntry(IMPORTS, Text("Nạp bảng", "Imports"), STAFF),
    NavigationEntry(RUNS, Text("Đồng bộ", "Sync"), STAFF),
    NavigationEntry(ACCOUNTS, Text("Sàn", "Marketplaces"), VIEWERS),
    NavigationEntry(PRODUCTS, Text("Sản phẩm", "Products"), STAFF),
    NavigationEntry(PEOPLE, Text("Người dùng", "People"), ADMINS),
    NavigationEntry(OWN, Text("Sản phẩm của tôi", "My products"), PRODUCERS),
)
"""Every entry, in the order in which they are shown."""


def entries_of(asker: Asker | None) -> tuple[NavigationEntry, ...]:
    """Return the entries that somebody may go to."""
    if asker is None:
        return ()
    return tuple(each for each in ENTRIES if asker.role in each.allowed)


def start_of(role: str) -> str:
    """Return the page at which somebody of *role* begins."""
    if role == OPERATOR:
        return WORKLIST
    return OWN if role == PRODUCER else HOME


def local_path(text: str) -> str:
    """Return *text* if it is an address of ours, with its query; else "".

    Danger: browsers take two slashes at its beginning, turned ones too, for a host.
    """
    is_plain = text.isascii() and text.isprintable() and "\\" not in text
    is_ours = text.startswith("/") and not text.startswith("//")
    return text if is_plain and is_ours and len(text) <= _LONGEST else ""


_LONGEST: Final = 1000
