"""A page that shows an OpenAPI document to people: HTML alone, without any script.

All of it is made here from the document and the kinds of problems; the only asset is
the style sheet beside this module, so that the page works without another network.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from ocop_sync.api.typed.problem import ProblemKind

STYLE: Final = "docs_page.css"
"""The file of the style sheet, in the folder of this module."""

CSP: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""What the page may load: its style sheet."""

Schema = Mapping[str, Any]


def docs_page(
    document: Schema, kinds: Sequence[ProblemKind], *, style: str, raw: str
) -> str:
    """Return the page.

    Args:
        document: The OpenAPI document.
        kinds: The kinds of problems, each of which gets an anchor of its code.
        style: The address of the style sheet.
        raw: The address of the document itself.
    """
    info = document["info"]
    title = escape(info["title"])
    parts = [
        "<!DOCTYPE html>",
        '<html lang="vi">',
        f'<head><meta charset="utf-8"><title>{title}: API</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<link rel="stylesheet" href="{escape(style)}"></head>',
        f"<body><header><h1>{title} <small>{escape(info['version'])}</small></h1>",
        f"<p>{escape(info['description'])}</p>",
        f'<p><a href="{escape(raw)}">OpenAPI 3.1 (JSON)</a></p></header><main>',
        *_groups(document),
        *_problems(kinds),
        *_models(document),
        "</main></body></html>",
    ]
    return "\n".join(parts)


def _groups(document: Schema) -> Iterator[str]:
    words = {each["name"]: each["description"] for each in document["tags"]}
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for tag in operation.get("tags", [""]):
                shown = "\n".join(_operation(path, method, operation))
                by_tag.setdefault(tag, []).append(shown)
    for tag, operations in by_tag.items():
        yield f"<section><h2>{escape(tag)}</h2><p>{escape(words.get(tag, ''))}</p>"
        yield from operations
        yield "</section>"


def _operation(path: str, method: str, operation: Schema) -> Iterator[str]:
    anchor = escape(operation["operationId"])
    yield f'<details id="{anchor}"><summary><b>{method.upper()}</b>'
    yield f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
    if text := operation.get("description", ""):
        yield f"<p>{escape(text)}</p>"
    roles = ", ".join(operation.get("x-roles", ())) or "mọi người / everybody"
    yield f"<p>Ai được gọi / who may: {escape(roles)}</p>"
    yield from _table(
        ("Tham số / parameter", "Ở đâu / in", "Dạng / type", ""),
        (_parameter(each) for each in operation.get("parameters", ())),
    )
    if "requestBody" in operation:
        yield f"<p>Nội dung gửi / body: {_content(operation['requestBody'])}</p>"
    yield from _table(
        ("Trả lời / answer", "Nội dung / content", ""),
        (
            (escape(status), _content(each), escape(each["description"]))
            for status, each in operation["responses"].items()
        ),
    )
    yield "</details>"


def _parameter(parameter: Schema) -> tuple[str, ...]:
    name = escape(parameter["name"]) + ("&nbsp;*" if parameter["required"] else "")
    return (
        f"<code>{name}</code>",
        escape(parameter["in"]),
        _type(parameter["schema"]),
        escape(parameter.get("description", "")),
    )


def _content(part: Schema) -> str:
    return "; ".join(
        f"<code>{escape(media)}</code> {_type(each.get('schema', {}))}"
        for media, each in part.get("content", {}).items()
    )


def _type(schema: Schema) -> str:
    """Return the kind of a value, with a link to a model of a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#model-{name}">{name}</a>'
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    if "enum" in schema:
        return escape(" | ".join(map(str, schema["enum"])))
    bounds = {
        word: schema[word]
        for word in ("format", "minimum", "maximum", "maxLength", "pattern", "default")
        if word in schema
    }
    told = escape(", ".join(f"{k} {_json(v)}" for k, v in bounds.items()))
    return escape(str(schema.get("type", ""))) + (f" ({told})" if told else "")


def _problems(kinds: Iterable[ProblemKind]) -> Iterator[str]:
    yield '<section id="problems"><h2>Lỗi / problems</h2>'
    rows = (
        (
            f'<code id="{escape(each.code)}">{escape(each.code)}</code>',
            str(each.status),
            f"{escape(each.vi)}<br>{escape(each.en)}",
        )
        for each in kinds
    )
    yield from _table(("code", "status", ""), rows)
    yield "</section>"


def _models(document: Schema) -> Iterator[str]:
    yield "<section><h2>Mô hình / models</h2>"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f'<h3 id="model-{escape(name)}">{escape(name)}</h3>'
        yield f"<p>{escape(schema.get('description', ''))}</p>"
        required = set(schema.get("required", ()))
        rows = (
            (
                f"<code>{escape(field)}{'&nbsp;*' if field in required else ''}</code>",
                _type(each),
                escape(each.get("description", "")),
            )
            for field, each in schema.get("properties", {}).items()
        )
        yield from _table(("Mục / field", "Dạng / type", ""), rows)
        if "enum" in schema:
            yield f"<p>{_type(schema)}</p>"
    yield "</section>"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = [f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows]
    if lines:
        head = "".join(f'<th scope="col">{each}</th>' for each in headings)
        yield f"<table><thead><tr>{head}</tr></thead><tbody>"
        yield from lines
        yield "</tbody></table>"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
