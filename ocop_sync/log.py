"""Set up the log: a constant sentence, and its subject as fields.

Call sites write `logger.info("Run finished", extra={"account": key})`: the sentence can
be searched for, the fields counted. Callers decide which events are worth a line; here
is only how it is written, and that no secret is: values of fields that are named like
one are replaced.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from ocop_sync.redaction import HIDDEN, names_secret, redact
from ocop_sync.subject import subject

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
}
_HANDLER = "ocop_sync"


class HideSecrets(logging.Filter):
    """Replaces the value of each field whose name looks like a secret's.

    Personal numbers and addresses count as secrets. Mappings within fields are looked
    through; their originals are left as they are.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the fields of *record*; let every record pass."""
        for name, value in _fields(record).items():
            setattr(record, name, _hide(name, value))
        return True


class AddSubject(logging.Filter):
    """Adds the subject of what goes on to each record, unless that names its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add to the fields of *record*; let every record pass."""
        for name, value in subject().items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class JsonLines(logging.Formatter):
    """Writes each record as one JSON object on one line, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as JSON."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in _fields(record).items():
            line[f"{name}_" if name in line else name] = value
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return _printable(json.dumps(line, ensure_ascii=False, default=str))


class PlainLines(logging.Formatter):
    """Writes each record as a line for people: sentence, then name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as text; only a traceback has further lines."""
        sentence = record.getMessage().replace("\n", "\\n").replace("\r", "\\r")
        fields = " ".join(f"{k}={_short(v)}" for k, v in _fields(record).items())
        line = f"{_time(record)} {record.levelname} {record.name}: {sentence} {fields}"
        if record.exc_info:
            # Danger: an adapter's mistake may be raised with a marketplace's own text
            # in it.
            line = f"{line.rstrip()}\n{redact(self.formatException(record.exc_info))}"
        return _printable(line.rstrip())


def configure_log(
    *, level: str = "INFO", as_json: bool = False, stream: TextIO | None = None
) -> None:
    """Let the whole process write its log in one way; may be called again.

    Args:
        level: Least important level that is written.
        as_json: One JSON object a line, instead of text for people.
        stream: Where to; standard error by default, as output is for results.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.set_name(_HANDLER)
    handler.addFilter(AddSubject())
    handler.addFilter(HideSecrets())
    handler.setFormatter(JsonLines() if as_json else PlainLines())
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == _HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {k: v for k, v in record.__dict__.items() if k not in _STANDARD}


def _hide(name: str, value: object) -> object:
    if names_secret(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _hide(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hide("", item) for item in value]
    return value


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat("T", "milliseconds")


def _short(value: object) -> str:
    """Return *value* on one line, in quotes if it would not be one word."""
    text = str(value)
    return (
        text
        if re.fullmatch(r"[^\s\"'=]+", text)
        else json.dumps(text, ensure_ascii=False)
    )


def _printable(line: str) -> str:
    return line.encode("utf-8", "backslashreplace").decode()
