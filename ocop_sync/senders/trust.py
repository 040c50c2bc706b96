"""Whose certificates a sender believes: this computer's authorities, and one's own.

A department's server often has a certificate of its own authority. To check nothing is
not to be had: a notice may be read on the way, and a password with it.
"""

import ssl
from pathlib import Path

from ocop_sync.service.notices.sender import UndeliveredError


def trusted(ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """Return what believes the authorities of this computer, and those in *ca_file*.

    It is read each time, as it may change.

    Raises:
        UndeliveredError: The file cannot be read; *setting* is the name for it.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError:  # also one that is no certificate
            raise UndeliveredError(setting) from None
    return context
