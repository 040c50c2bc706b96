"""The traceability page of a product, as its producer may print it."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.eligibility import Rules
from catalog.model.gs1 import host_of, shown_page
from catalog.model.product import Product


class TraceFault(StrEnum):
    """Why a product has no traceability page that buyers are shown."""

    NONE = "none"
    """The catalog holds no address."""
    MALFORMED = "malformed"
    """It is no plain https address."""
    UNKNOWN_HOST = "unknown_host"
    """Nobody has said that pages of this host are traceability pages."""


@dataclass(frozen=True, slots=True)
class TracePage:
    """The traceability page that the catalog holds.

    Attributes:
        address: Its address, as listings show it (E07); "" if they show none.
        held: The address in the catalog, whatever it is worth.
        fault: Why the two differ; None where they are the same.
    """

    address: str
    held: str
    fault: TraceFault | None


def trace_page_of(product: Product, rules: Rules) -> TracePage:
    """Return the traceability page of *product*; nothing is looked up there."""
    held = product.trace_url
    address = shown_page(held, rules.tables.trace_hosts)
    return TracePage(address=address, held=held, fault=_fault(held, address))


def _fault(held: str, address: str) -> TraceFault | None:
    if address:
        return None
    if not held:
        return TraceFault.NONE
    return TraceFault.UNKNOWN_HOST if host_of(held) else TraceFault.MALFORMED
