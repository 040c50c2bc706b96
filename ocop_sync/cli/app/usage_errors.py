"""Say in both languages how a command was called wrongly.

Click finds the mistake, and words it in English. Here, in one place, its sentences get
their Vietnamese; our own errors bring both languages along.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

_INVALID = re.compile(r"Invalid value for (.+?): (.+)", re.DOTALL)
_VIETNAMESE = (
    (r"Missing command\.", "thiếu tên lệnh"),
    (r"Missing \w+ (.+?)\. Choose from: (.+)", "thiếu {0}; chọn một trong: {1}"),
    (r"Missing \w+ (.+?)\.", "thiếu {0}"),
    (r"No such option (.+?)\.", "không có tuỳ chọn {0}"),
    (
        r"No such option (.+?)\. \(?Did you mean (?:one of: )?(.+?)\?\)?",
        "không có tuỳ chọn {0}; ý là {1}?",
    ),
    (r"No such command (.+?)\.", "không có lệnh {0}"),
    (
        r"No such command (.+?)\. \(?Did you mean (?:one of: )?(.+?)\?\)?",
        "không có lệnh {0}; ý là {1}?",
    ),
    (r"Option (.+?) requires an argument\.", "{0} cần một giá trị"),
    (r"Option (.+?) does not take a value\.", "{0} không nhận giá trị"),
    (r"Got unexpected extra arguments? \((.+)\)", "thừa {0}"),
    (r"(.+) is not one of (.+)\.", "{0} không nằm trong {1}"),
    (r"(.+) is not a valid integer(?: range)?\.", "{0} không phải số nguyên"),
    (r"(.+) is not a valid float(?: range)?\.", "{0} không phải số"),
    (r"(.+) is not in the range (.+)\.", "{0} nằm ngoài khoảng {1}"),
    (r"(?:File|Path) (.+) does not exist\.", "không có tệp {0}"),
    (r"Directory (.+) does not exist\.", "không có thư mục {0}"),
    (r"\w+ (.+) is a directory\.", "{0} là thư mục, cần một tệp"),
    (r"\w+ (.+) is a file\.", "{0} là tệp, cần một thư mục"),
    (r"\w+ (.+) is not readable\.", "không đọc được {0}"),
    (r"\w+ (.+) is not writable\.", "không ghi được {0}"),
)
"""Click's sentences, and the same in Vietnamese."""


class WrongUse(click.UsageError):
    """A command was called wrongly; said in both languages, exit code 2."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the usage of the command, and the mistake, to standard error."""
        lines = [f"Lỗi / Error: {self.message}"]
        if self.ctx is not None:
            path, command = self.ctx.command_path, self.ctx.command
            usage = " ".join([path, *command.collect_usage_pieces(self.ctx)])
            lines[:0] = [f"Cách dùng / Usage: {usage}", f"Xem / See: {path} --help", ""]
        click.echo("\n".join(lines), file, err=file is None)


@contextmanager
def in_both_languages() -> Iterator[None]:
    """Let click's complaints about a call be understood by whoever called.

    Raises:
        WrongUse: Instead of click's own error.
    """
    try:
        yield
    except (WrongUse, click.exceptions.NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        raise WrongUse(both(error.format_message()), error.ctx) from error


def both(said: str) -> str:
    """Return click's sentence *said* in Vietnamese and English.

    A sentence that is not click's is returned as it is: it is ours.
    """
    if invalid := _INVALID.fullmatch(said):
        name, why = invalid.groups()
        return f"giá trị sai cho {name} / invalid value for {name}: {both(why)}"
    english = " ".join(said.split())
    english = english.removesuffix(" range.") + "." * english.endswith(" range.")
    for pattern, words in _VIETNAMESE:
        if found := re.fullmatch(pattern, english):
            return f"{words.format(*found.groups())} / {english}"
    return said
