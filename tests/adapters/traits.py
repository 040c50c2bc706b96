"""What the tests of every marketplace must know of each one.

A marketplace's own tests stand in a folder of its name; `traits.py` there says all
that the tests beside this module have to know. Marketplaces are found by the
registry: those that ship a mock and have such a folder.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.features import features_of
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import Unreadable
from ocop_sync.testing.mocks.mock import mocked_adapters
from tests.adapters.samples import Message, Sample

NAMES: Final = tuple(
    name for name in mocked_adapters() if Path(__file__).with_name(name).is_dir()
)


def names_with(feature: str) -> list[str]:
    """Return those that have a feature of `ocop_sync.marketplace.features`."""
    adapters = mocked_adapters()
    return [name for name in NAMES if features_of(adapters[name].capabilities)[feature]]


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What tests must know of one marketplace.

    Attributes:
        support: Makes listings (`make_listing`, with no more fields than the
            marketplace has), changes (`make_create`, and `make_withdraw` by reference
            and ticket) and a bench (`open_bench`, `close_bench`): a served mock, its
            clock, and its adapter by the marketplace's name. A bench can do what those
            of the other marketplaces can; an act without sense here does nothing.
        seller: Whose profile is written.
        shop: The code of the shop that the bench's adapter has; "" for all shops.
        secrets: The names of the secrets that no error may show.
        token_of: Returns the token that an adapter holds, "" where none is signed in
            for: then no call is repeated after a 401.
        ticket: A ticket to follow; "" where it is the listing's own reference.
        calls: Matches method and path of each call but signing in.
        heading: What the document of the pages under `/_mock/` calls the mock.
        pages: Pages under `/_mock/` that only this mock has.
        faults: Faults that only this mock has.
        name_field: What its own rows call a listing's name.
        odd_changes: Changes of a listing that people cannot make.
        fields: Every field that the document names.
        longest_answer: Where the adapter's bound of an answer stands.
        long_pages: So many bytes hold a page of so many listings, one of them the
            long one of `test_long_pages.py`, and no page of the next larger size.
        own_names: The names of a listing's reference, and of ours on it.
        around: The beginning and the end of the last page of one listing.
        other_end: What tells, as in such a page, that more pages follow.
        read_long: Reads such a page, which was too long, by its ends; returns its
            listing and what leads to the next page.
        error_code: Finds the codes of errors in the mock's source.
        read_answer: Reads a documented answer as the adapter does.
        count_pushed: Returns how many events a documented push holds, which must be
            believed.
        sends: Prepares calls by hand, signed in; returns what sends a body to the
            call of a sample and returns the status.
        headers: Returns the headers of a call that is signed in, where that is all.
        read_foreign: Reads a product with this reference and these packs.
        spell: Spells the fields of a pack as the marketplace does.
    """

    support: ModuleType
    seller: str
    shop: str = ""
    secrets: Sequence[str]
    token_of: Callable[[Any], str]
    ticket: str = ""
    calls: str
    heading: str
    pages: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    name_field: str
    odd_changes: Sequence[Mapping[str, Any]]
    fields: Sequence[str]
    longest_answer: str
    long_pages: Mapping[int, int]
    own_names: tuple[str, str]
    around: tuple[str, str]
    other_end: str
    read_long: Callable[[AnswerTooLongError], tuple[Unreadable, object]]
    error_code: str
    read_answer: Callable[[Sample], object]
    count_pushed: Callable[[str, Message], int]
    sends: Callable[[Any], Awaitable[Callable[[Sample, bytes], Awaitable[int]]]]
    headers: Callable[[Any], Awaitable[Mapping[str, str]]]
    read_foreign: Callable[[str, Any], RemoteListing | Unreadable]
    spell: Callable[[Mapping[str, Any]], dict[str, Any]]


@cache
def traits_of(name: str) -> Traits:
    """Return the traits of a marketplace."""
    found = import_module(f"tests.adapters.{name}.traits").TRAITS
    assert isinstance(found, Traits)
    return found
