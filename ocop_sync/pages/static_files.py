"""Files that pages refer to: style, scripts, icon. Each is kept for a year by browsers.

Its address holds a hash of its content, so that another content has another address.
All are in memory, small, and compressed once.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

FOLDER: Final = Path(__file__).parent / "static"
ADDRESS: Final = "/static/{digest}/{name}"
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""The files that are served: by the end of their names, with their types."""

_KEPT: Final = "public, max-age=31536000, immutable"
_DIGITS: Final = 16
_ICON: Final = "icon.svg"
_MANIFEST: Final = ".webmanifest"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A file as it is served.

    Attributes:
        digest: The beginning of its SHA-256.
        media_type: Its type.
        content: Its content.
        compressed: The same by gzip.
    """

    digest: str
    media_type: str
    content: bytes
    compressed: bytes


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Return every file by its name, which no two share."""
    found = [each for each in FOLDER.rglob("*") if each.suffix in MEDIA_TYPES]
    assert len({each.name for each in found}) == len(found)  # noqa: S101  (ours)
    files = {each.name: _file_of(each, each.read_bytes()) for each in sorted(found)}
    # The manifest names the icon, whose address is that of its content.
    icon = ADDRESS.format(digest=files[_ICON].digest, name=_ICON).encode()
    manifests = [each for each in found if each.suffix == _MANIFEST]
    for each in manifests:
        content = each.read_bytes().replace(_ICON.encode(), icon)
        files[each.name] = _file_of(each, content)
    return files


def address_of(name: str) -> str:
    """Return the address of a file, by its content."""
    return ADDRESS.format(digest=static_files()[name].digest, name=name)


async def serve_static(request: web.Request) -> web.StreamResponse:
    """Answer with a file; another content of it than the address says is not found."""
    file = static_files().get(request.match_info["name"])
    if file is None or file.digest != request.match_info["digest"]:
        raise web.HTTPNotFound
    headers = {
        hdrs.CACHE_CONTROL: _KEPT,
        hdrs.CONTENT_TYPE: file.media_type,
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    if takes_gzip(request):
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=file.compressed, headers=headers)
    return web.Response(body=file.content, headers=headers)


def takes_gzip(request: web.Request) -> bool:
    """Say whether an answer may be compressed."""
    return "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")


def _file_of(path: Path, content: bytes) -> StaticFile:
    return StaticFile(
        digest=sha256(content).hexdigest()[:_DIGITS],
        media_type=MEDIA_TYPES[path.suffix],
        content=content,
        compressed=gzip.compress(content, 9, mtime=0),
    )
