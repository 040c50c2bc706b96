"""Files that commands write: for their owner alone, or whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click


@contextmanager
def private_files() -> Iterator[None]:
    """Let only their owner read the files that this process makes, or a child.

    It concerns the whole process: for commands, not for parts of them.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def written_whole(file: Path) -> Iterator[BinaryIO]:
    """Write *file* so that it is there whole or not at all.

    Raises:
        click.UsageError: It cannot be written.
    """
    fresh = file.with_name(f".{file.name}.new")
    try:
        with fresh.open("wb") as stream:
            yield stream
        fresh.replace(file)
    except OSError as error:
        message = f"{file}: không ghi được / cannot be written: {error.strerror}"
        raise click.UsageError(message) from error
    finally:
        fresh.unlink(missing_ok=True)
