"""Wheels of what is installed here, so that another environment needs no network.

An installed distribution has all that its wheel had: its files are packed again.
Scripts are left out, as pip makes them anew.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement

_OF_INSTALLATION = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}


def pack_with_all_that_they_need(names: Iterable[Requirement], folder: Path) -> None:
    """Pack distributions, and those that they need in turn, into *folder*."""
    packed, waiting = set[str](), list(names)
    while waiting:
        wanted = waiting.pop()
        found = distribution(wanted.name)
        waiting += needed_by(found, wanted.extras) if wanted.extras else ()
        if found.name not in packed:
            packed.add(found.name)
            _pack(found, folder)
            waiting += needed_by(found)


def needed_by(found: Distribution, extras: Iterable[str] = ()) -> Iterator[Requirement]:
    """Yield what a distribution needs here, with these extras."""
    for line in found.requires or ():
        each = Requirement(line)
        places = [{"extra": extra} for extra in ("", *extras)]
        if each.marker is None or any(each.marker.evaluate(p) for p in places):
            yield each


def _pack(found: Distribution, folder: Path) -> None:
    stem = found.metadata["Name"].replace("-", "_").replace(".", "_")
    name = f"{stem}-{found.version}-{_tag(found)}.whl"
    files = [file for file in found.files or () if _belongs(str(file))]
    info = next(str(file.parent) for file in files if file.name == "METADATA")
    with ZipFile(folder / name, "w") as wheel:
        for file in files:
            wheel.write(str(file.locate()), str(file))
        record = [f"{file},," for file in (*files, f"{info}/RECORD")]
        wheel.writestr(f"{info}/RECORD", "\n".join(record) + "\n")


def _belongs(path: str) -> bool:
    is_made_here = path.endswith(".pyc") or path.startswith("..")
    is_of_pip = ".dist-info/" in path and path.rpartition("/")[2] in _OF_INSTALLATION
    return not (is_made_here or is_of_pip)


def _tag(found: Distribution) -> str:
    """Return the tag of a wheel, several put together as in its file's name."""
    lines = (found.read_text("WHEEL") or "").splitlines()
    tags = [line.split()[1].split("-") for line in lines if line.startswith("Tag:")]
    return "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))
