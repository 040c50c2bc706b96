"""Write the skeleton of an adapter for a marketplace that is not there yet.

Its files are those beside this module, with the marketplace's name put in. They work
as they are, on a small marketplace of their own: what they claim is proved by the kit.
What they leave out is named by `left_out`.
"""

import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ocop_sync.errors import ConfigurationError
from ocop_sync.files import write_text
from ocop_sync.marketplace.features import NAMES

_FILES: Final = Path(__file__).with_name("files")
_ENDING: Final = ".tmpl"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_LONGEST: Final = 30
_TAKEN: Final = {"adapters", "catalog", "ocop_sync", "tests", *sys.stdlib_module_names}
"""Names of packages that would hide the marketplace's."""

HAS: Final = frozenset({"content", "price", "stock"})
"""The features that the skeleton claims."""


def write_skeleton(name: str, folder: Path) -> list[Path]:
    """Write the files for the marketplace *name* into *folder*; return their paths.

    Raises:
        ConfigurationError: The name cannot be that of a package, or something stands in
            the folder.
    """
    _ensure_name(name)
    _ensure_free(folder)
    values = {
        "{{name}}": name,
        "{{dist}}": name.replace("_", "-"),
        "{{Class}}": "".join(part.capitalize() for part in name.split("_")),
    }
    written = []
    for file, text in _templates():
        target = folder / _filled(file, {"NAME": name})
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, _filled(text, values))
        written.append(target)
    return written


def left_out() -> list[str]:
    """Return the features that the skeleton leaves out, in both languages."""
    return [words for name, words in NAMES.items() if name not in HAS]


def _templates() -> Iterator[tuple[str, str]]:
    for file in sorted(_FILES.rglob(f"*{_ENDING}")):
        path = file.relative_to(_FILES).as_posix().removesuffix(_ENDING)
        yield path, file.read_text("utf-8")


def _filled(text: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        text = text.replace(place, value)
    return text


def _ensure_name(name: str) -> None:
    is_taken = name in _TAKEN or keyword.iskeyword(name)
    if _NAME.fullmatch(name) is None or len(name) > _LONGEST or is_taken:
        message = (
            "tên sàn: chữ thường không dấu, số và _, bắt đầu bằng chữ, nhiều nhất"
            f" {_LONGEST} ký tự, không trùng gói của Python / name of a marketplace:"
            f" small letters, digits and _, a letter first, at most {_LONGEST}"
            " characters, and no name of a package of Python's"
        )
        raise ConfigurationError(message)


def _ensure_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = (
            f"{folder}: đã có, hãy chọn thư mục khác / it is there already: name"
            " another folder"
        )
        raise ConfigurationError(message)
