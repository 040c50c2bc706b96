"""The refusals of a marketplace, and whether they still stand.

A refused request is made again only once it has changed, or once the mapping has: a new
`mapping_version` says that the marketplace itself has. A request is noted by its
fingerprint, with the version of its mapping. A field that was added to all listings
since makes nothing another.
"""

from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stored_shape import Fingerprints, fits


def noted(fingerprint_: str, version: int) -> str:
    """Return the note on a refusal.

    *version* is that of the mapping; 0 if it was not ours to ask.
    """
    return f"{fingerprint_}@{version}" if version else fingerprint_


def stands(state: State, what: str, fingerprints: Fingerprints, version: int) -> bool:
    """Say whether the marketplace has refused just this, by this mapping.

    A request that was not ours is not repeated because a mapping is new.

    Args:
        state: The known state of the listing.
        what: A facet, or "create", "withdraw", "republish".
        fingerprints: The fingerprint of the request, by version of the shape.
        version: Of the mapping by which it would be.
    """
    refused, _, by = state.refused.get(what, "").partition("@")
    return fits(refused, fingerprints) and by in ("", str(version))
