"""The OpenAPI document says what the API does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar

from admin.documentation import document_of
from tests.admin.conftest import serving


@pytest.fixture
def document(make_app: Callable[..., Litestar]) -> dict[str, Any]:
    return document_of(make_app())


def _operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described_and_says_its_errors(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in _operations(document)]
    assert len(set(names)) == len(names)
    for name, operation in _operations(document):
        assert operation["summary"] and operation["description"], name
        if "/api/v1" not in name:
            continue
        anybody = name == "post /api/v1/sign-in"
        ways: list[dict[str, list[str]]] = [{"api_key": []}, {"session": []}]
        assert operation["security"] == ([{}] if anybody else ways), name
        assert {"400", "401", "403", "404", "422", "503"} <= set(operation["responses"]), name
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            found = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return found + [name for part in node.values() for name in references(part)]
        if isinstance(node, list):
            return [name for part in node for name in references(part)]
        return []

    used = {name.removeprefix("#/components/schemas/") for name in references(document)}
    assert used == set(schemas)


def test_schemas_carry_limits_and_descriptions(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["OpenSpan"]["properties"]["opens"]["pattern"].startswith("^([01]")
    assert schemas["NewService"]["additionalProperties"] is False
    settings = schemas["BusinessSettings"]["properties"]
    assert settings["greeting"]["maxLength"] == 600 and settings["greeting"]["description"]
    event = schemas["CallEvent"]["properties"]["event"]
    assert "caller_said" in event["discriminator"]["mapping"]


def test_parameters_are_never_null(document: dict[str, Any]) -> None:
    for name, operation in _operations(document):
        for parameter in operation.get("parameters", []):
            assert "null" not in str(parameter["schema"].get("type")), (name, parameter["name"])
            assert "oneOf" not in parameter["schema"], (name, parameter["name"])


def test_models_have_examples(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("NewBusiness", "NewService", "NewContact", "Call", "Message", "Problem"):
        fields = schemas[name]["properties"].values()
        assert any(field.get("examples") for field in fields), name


async def test_the_page_shows_every_operation_without_loading_anything(
    make_app: Callable[..., Litestar], document: dict[str, Any]
) -> None:
    async with serving(make_app()) as client:
        page = (await client.get("/api/docs")).text
    for _, operation in _operations(document):
        assert f"id='{operation['operationId'].replace('_', '-')}'" in page
    assert "<script" not in page and "src=" not in page
