"""Annotate a workbook in a process of its own, with bounds on memory and time.

openpyxl makes an object for each cell that a file names, and a merged block can name
seventeen thousand million of them: the worst file ends only this process. It gets
nothing but the bytes of the file and the marks, and writes no file but in a folder that
goes with it.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

import catalog
from catalog.spreadsheet.annotations import Annotations

_MEMORY: Final = 1_500_000_000
"""Bytes of addresses: the largest workbook that is kept takes 300 MB."""
_SECONDS: Final = 120
_WAIT: Final = 600


class ConfinedError(Exception):
    """The process came to nothing; the text says why, as far as it is known."""


def annotate_confined(
    source: BinaryIO, out: BinaryIO, annotations: Annotations, *, memory: int = _MEMORY
) -> int:
    """Do the work of `annotate.write_annotated` in a process of its own.

    It may have *memory* bytes of addresses.

    Raises:
        ConfinedError: It failed, or took more memory or time than it may.
    """
    source.seek(0)
    head = annotations.to_json().encode() + b"\n"
    with TemporaryDirectory() as folder:
        try:
            done = subprocess.run(  # noqa: S603 (our own module)
                [sys.executable, "-P", "-m", __name__, str(memory)],
                input=head + source.read(),
                capture_output=True,
                check=False,
                timeout=_WAIT,
                env=_environment(os.environ, folder),
            )
        except subprocess.TimeoutExpired as error:
            message = f"{_WAIT} s"
            raise ConfinedError(message) from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise ConfinedError(lines[-1] if lines else f"exit {done.returncode}")
    replaced, _, content = done.stdout.partition(b"\n")
    out.write(content)
    return int(replaced)


def _environment(ours: Mapping[str, str], folder: str) -> dict[str, str]:
    """Return the environment of the process: no secrets are among it."""
    kept = {name: ours[name] for name in ("PATH", "LANG") if name in ours}
    # It is this package, also where nothing is installed.
    paths = [str(Path(catalog.__file__).parent.parent), ours.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, paths))
    return {
        **kept,
        "PYTHONPATH": path,
        "TMPDIR": folder,
        "PYTHONIOENCODING": "utf-8",
    }


def _main(memory: int) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, _SECONDS),
    ):
        # Not every system knows every limit; where one is set lower, it stays.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    from catalog.spreadsheet.annotate import write_annotated  # noqa: PLC0415 (openpyxl: within the limits)

    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    out = BytesIO()
    replaced = write_annotated(
        BytesIO(content), out, Annotations.from_json(head.decode())
    )
    sys.stdout.buffer.write(str(replaced).encode() + b"\n" + out.getvalue())


if __name__ == "__main__":
    _main(int(sys.argv[1]))
