"""The tables in the mocks' documents, read so that a test can walk their rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.adapters.samples import DOCS

Row = Mapping[str, str]

_CODE: Final = re.compile(r"`([^`]+)`")


def read_table(name: str, *columns: str) -> list[Row]:
    """Return the rows of the table of document *name* whose head is *columns*.

    Raises:
        AssertionError: There is no such table, or more than one.
    """
    text = (DOCS / f"{name}.md").read_text("utf-8")
    blocks = [
        block
        for block in re.split(r"\n\n+", text)
        if block.startswith("|") and _cells(block.splitlines()[0]) == [*columns]
    ]
    assert len(blocks) == 1, f"{name}.md: {len(blocks)} tables {columns}"
    lines = blocks[0].splitlines()[2:]
    return [dict(zip(columns, _cells(line), strict=True)) for line in lines]


def read_order(name: str, heading: str) -> list[list[str]]:
    """Return the codes of each step of the numbered list below *heading*."""
    text = (DOCS / f"{name}.md").read_text("utf-8")
    section = text.partition(f"### {heading}\n")[2].partition("\n#")[0]
    return [
        _CODE.findall(line) for line in re.findall(r"^\d+\. .*", section, re.MULTILINE)
    ]


def codes_in(cell: str) -> list[str]:
    """Return what stands between backquotes."""
    return _CODE.findall(cell)


def number_in(text: str) -> int:
    """Return a number that is written with commas."""
    return int(text.replace(",", ""))


def bounds_in(cell: str) -> tuple[int, int, str] | None:
    """Return the bounds in "1 to 50 items" and of what; None if there are none."""
    found = re.match(r"([\d,]+) to ([\d,]+)(?: (\w+))?", cell)
    if found is None:
        return None
    return number_in(found[1]), number_in(found[2]), found[3] or ""


def put(body: Any, path: str, value: Any) -> None:
    """Set *path*, such as `variants[].sku`, in *body*, in the first of each list."""
    *steps, last = path.replace("[]", ".0").split(".")
    for step in steps:
        body = body[int(step) if step.isdigit() else step]
    body[int(last) if last.isdigit() else last] = value


def take(body: Any, path: str) -> Any:
    """Return what `put` has set."""
    for step in path.replace("[]", ".0").split("."):
        body = body[int(step) if step.isdigit() else step]
    return body


def drop(body: Any, path: str) -> None:
    """Leave out what `put` has set."""
    *steps, last = path.replace("[]", ".0").split(".")
    for step in steps:
        body = body[int(step) if step.isdigit() else step]
    del body[last]


def take_empty(body: dict[str, Any], said: Mapping[str, Any]) -> set[str]:
    """Take from *body* the empty fields that a sample does not name; return them."""
    empty = {name for name in body.keys() - said.keys() if body[name] in ("", None)}
    for name in empty:
        del body[name]
    return empty


def stretched(path: str, size: int, body: Any, unit: str) -> Any:
    """Return what stands at *path* in *body*, made *size* of *unit* long."""
    if unit == "characters":
        return "a" * size
    if unit == "items":
        first = take(body, path)[0]
        return [_one(first, number) for number in range(size)]
    return size


def _one(item: Any, number: int) -> Any:
    """Return *item* under a SKU of its own, if it has one."""
    if not isinstance(item, dict):
        return item
    name = next((key for key in item if key.lower() == "sku"), None)
    return {**item, name: f"{item[name]}-{number}"} if name else item


def _cells(line: str) -> Sequence[str]:
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]
