"""The API's documentation as one page: no script, and nothing loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem }
code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { overflow: auto; padding: .6rem; border: 1px solid #8885; border-radius: 6px }
details { border: 1px solid #8885; border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem }
summary { cursor: pointer } summary b { display: inline-block; min-width: 4.2rem }
table { border-collapse: collapse; width: 100% } td, th { border-top: 1px solid #8885; padding: .3rem .6rem .3rem 0;
text-align: left; vertical-align: top } nav a { margin-right: 1rem }
"""

Node = dict[str, Any]


def render_page(document: Node, *, json_path: str) -> bytes:
    """HTML of an OpenAPI 3.1 document, by tag."""
    info = document["info"]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width'>",
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style>",
        f"<h1>{escape(info['title'])} API <small>{escape(info['version'])}</small></h1>",
        f"<p style='white-space:pre-line'>{_text(info['description'])}</p>",
        f"<p><a href='{escape(json_path)}'>OpenAPI document</a> · <a href='{_scalar(json_path)}'>"
        "interactive page</a> (its script comes from cdn.jsdelivr.net)</p><nav>",
        *(
            f"<a href='#{_anchor(tag['name'])}'>{escape(tag['name'])}</a>"
            for tag in document["tags"]
        ),
        "</nav>",
    ]
    for tag in document["tags"]:
        parts.append(f"<h2 id='{_anchor(tag['name'])}'>{escape(tag['name'].capitalize())}</h2>")
        parts.append(f"<p>{_text(tag['description'])}</p>")
        parts.extend(_operations(document, tag["name"]))
    parts.append("<h2 id=schemas>Schemas</h2>")
    for name, schema in sorted(document["components"]["schemas"].items()):
        parts.append(f"<details id='schema-{_anchor(name)}'><summary>{escape(name)}</summary>")
        parts.append(_properties(schema))
        parts.append("</details>")
    return "".join(parts).encode()


def _operations(document: Node, tag: str) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation.get("tags", []):
                yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Node) -> str:
    parts = [
        f"<details id='{_anchor(operation['operationId'])}'><summary><b>{method.upper()}</b> "
        f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))}</summary>",
        f"<p>{_text(operation.get('description', ''))}</p>",
    ]
    if parameters := operation.get("parameters"):
        parts.append("<table><tr><th>Parameter<th>In<th>Type<th>")
        parts.extend(
            f"<tr><td><code>{escape(one['name'])}</code>{'*' if one.get('required') else ''}"
            f"<td>{one['in']}<td>{_type(one['schema'])}<td>{_text(one.get('description', ''))}"
            for one in parameters
        )
        parts.append("</table>")
    for content in operation.get("requestBody", {}).get("content", {}).values():
        parts.append(f"<p>Body: {_type(content['schema'])}</p>")
    parts.append("<table><tr><th>Status<th>Body<th>")
    for status, response in operation["responses"].items():
        bodies = [_type(content["schema"]) for content in response.get("content", {}).values()]
        parts.append(
            f"<tr><td>{status}<td>{', '.join(bodies) or '—'}<td>{_text(response['description'])}"
        )
    return "".join([*parts, "</table></details>"])


def _properties(schema: Node) -> str:
    parts = [f"<p>{_text(schema.get('description', ''))}</p>"]
    required = schema.get("required", [])
    if properties := schema.get("properties"):
        parts.append("<table><tr><th>Field<th>Type<th>")
        for name, one in properties.items():
            examples = one.get("examples", [])
            example = (
                f" Example: <code>{escape(json.dumps(examples[0]))}</code>" if examples else ""
            )
            parts.append(
                f"<tr><td><code>{escape(name)}</code>{'*' if name in required else ''}"
                f"<td>{_type(one)}<td>{_text(one.get('description', ''))}{example}"
            )
        parts.append("</table>")
    return "".join(parts)


def _type(schema: Node) -> str:
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        return f"<a href='#schema-{_anchor(name)}'>{escape(name)}</a>"
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return " or ".join(_type(one) for one in schema[union])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " · ".join(f"<code>{escape(json.dumps(value))}</code>" for value in values)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = str(schema.get("type", "any"))
    limits = [
        f"{words} {schema[name]}"
        for name, words in (
            ("minimum", "from"),
            ("maximum", "to"),
            ("minLength", "length from"),
            ("maxLength", "length to"),
        )
        if name in schema
    ]
    shape = f" ({escape(schema['format'])})" if "format" in schema else ""
    return f"{escape(kind)}{shape}{', ' if limits else ''}{', '.join(limits)}"


def _text(markdown: str) -> str:
    """Escaped text with `code` shown as such."""
    pieces = escape(markdown.strip()).split("`")
    return "".join(
        f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces)
    )


def _anchor(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name)


def _scalar(json_path: str) -> str:
    return escape(json_path.rsplit("/", 1)[0] + "/scalar")
