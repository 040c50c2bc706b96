"""The process in which one picture is decoded: `python -m catalog.pictures.child`.

It reads a file from its standard input, and writes to its standard output a line of
JSON, with the new picture behind it; with `thumbnail` as its argument, as small as a
card shows it. It has no secrets, has limits of memory and of processor time, and ends
with its picture: whatever a broken or hostile file does to the
libraries that decode it, the service goes on. It is started by
`catalog.pictures.reencoder`.
"""

import json
import os
import resource
import sys
from contextlib import suppress
from typing import Final

from catalog.pictures.unfit import MOST_BYTES, Unfit, UnfitPictureError

THUMBNAIL: Final = "thumbnail"
"""The argument that asks for a thumbnail."""
MOST_MEMORY: Final = 512 * 2**20
"""Bytes of address space. 20 megapixels take 80 MB for each decoded copy. A WebP needs
the most, four of them, and with Python and its libraries 364 MB were measured."""
MOST_CPU_S: Final = 20
"""Seconds of processor time; the slowest honest picture takes two."""
_NICE: Final = 10
"""Below the service: answers and marketplaces come first."""


def main() -> None:
    """Decode one picture."""
    _limit()
    from catalog.pictures import reencode  # noqa: PLC0415 (within the limits)

    out = sys.stdout.buffer
    is_small = sys.argv[1:] == [THUMBNAIL]
    write = reencode.thumbnail if is_small else reencode.reencode
    try:
        made = write(sys.stdin.buffer.read(MOST_BYTES + 1))
    except UnfitPictureError as error:
        out.write(json.dumps({"unfit": error.unfit}).encode() + b"\n")
    except MemoryError:
        out.write(json.dumps({"unfit": Unfit.TOO_COSTLY}).encode() + b"\n")
    else:
        head = {"width": made.width, "height": made.height}
        out.write(json.dumps(head).encode() + b"\n" + made.content)
    out.flush()


def _limit() -> None:
    os.nice(_NICE)
    # Not every system knows each of them.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
