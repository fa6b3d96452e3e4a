"""The tools of a request: which there are, and arguments that fit their schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tool:
    """A function tool: its parameters' JSON schemas by name, and which must be given."""

    name: str
    description: str
    parameters: Mapping[str, Mapping[str, Any]]
    required: frozenset[str]

    def parameter(self, *wanted: str) -> str | None:
        """The parameter that is called one of `wanted`, or has one of them in its name."""
        for name in wanted:
            if name in self.parameters:
                return name
        for name in wanted:
            for given in self.parameters:
                if name in given:
                    return given
        return None

    def nullable(self, name: str) -> bool:
        schema = self.parameters[name]
        return name not in self.required or None in _choices(schema) or "null" in _types(schema)

    def choices(self, name: str) -> list[Any]:
        """The values that an enum parameter allows, null left out."""
        return [c for c in _choices(self.parameters[name]) if c is not None]


def _types(schema: Mapping[str, Any]) -> set[str]:
    kind = schema.get("type")
    types = {kind} if isinstance(kind, str) else set(kind or ())
    for option in schema.get("anyOf", ()):
        types |= _types(option)
    return types


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    found = list(schema.get("enum", ()))
    if "const" in schema:
        found.append(schema["const"])
    for option in schema.get("anyOf", ()):
        found += _choices(option)
    return found


def read_tools(raw: Any) -> dict[str, Tool]:
    """The function tools of a request's `tools`, references resolved."""
    tools: dict[str, Tool] = {}
    for entry in raw or ():
        function = entry.get("function") if isinstance(entry, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            continue
        schema = function.get("parameters") or {}
        shared = schema.get("$defs", {})
        parameters = {n: _resolved(p, shared) for n, p in schema.get("properties", {}).items()}
        tools[function["name"]] = Tool(
            name=function["name"],
            description=function.get("description") or "",
            parameters=parameters,
            required=frozenset(schema.get("required", ())),
        )
    return tools


def _resolved(schema: Any, shared: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(schema, dict):
        return {}
    if isinstance(reference := schema.get("$ref"), str):
        return {**shared.get(reference.rpartition("/")[2], {}), **schema}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_resolved(o, shared) for o in schema["anyOf"]]}
    return schema


def fitted(tool: Tool, values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments for every parameter of `tool`: `values` by (similar) name, the rest by its schema."""
    arguments: dict[str, Any] = {}
    for name in tool.parameters:
        value = _value(name, values)
        choices = tool.choices(name)
        if choices and value not in choices:
            value = _nearest(value, choices)
        if value is None and not tool.nullable(name):
            value = _filler(tool.parameters[name])
        if value is not None or name in tool.required:
            arguments[name] = value
    return arguments


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name in values:
        return values[name]
    for known, value in values.items():
        if known in name or name in known:
            return value
    return None


def _nearest(value: Any, choices: list[Any]) -> Any:
    """The allowed value that shares a word with `value`, or None."""
    words = set(re.findall(r"[a-z]+", str(value or "").lower()))
    for choice in choices:
        parts = re.findall(r"[a-z]+", str(choice).lower())
        if any(
            part == w or (len(part) > 3 and w.startswith(part[:4])) for part in parts for w in words
        ):
            return choice
    return None


def _filler(schema: Mapping[str, Any]) -> Any:
    """What a parameter that nobody knows gets: its default, its first choice, or an empty value."""
    if "default" in schema:
        return schema["default"]
    if choices := [c for c in _choices(schema) if c is not None]:
        return choices[0]
    kinds = _types(schema)
    for kind, value in (("string", ""), ("boolean", False), ("integer", 0), ("number", 0)):
        if kind in kinds:
            return value
    return [] if "array" in kinds else {}
