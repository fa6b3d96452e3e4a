"""The OpenAPI document: Litestar's operations with pydantic's own schemas, and a page that shows it.

Litestar's schemas of pydantic models leave out patterns, bounds of optional values and field
descriptions; a client that is generated from them, or a test that is, would send what is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, ScalarRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.routes import HTTPRoute
from litestar.types import Method
from litestar.typing import FieldDefinition
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from admin.authentication import COOKIE, PUBLIC
from admin.documentation_page import render_page
from admin.problems import MEDIA_TYPE, Problem

PATH = "/api/docs"
EVENT_STREAM = "text/event-stream"

_DESCRIPTION = """\
The API of Reception: businesses, what they offer, and the calls that were answered for them.

- Every endpoint but sign-in, health and documentation needs `Authorization: Bearer` with an API key or
  a session's token, or the cookie that browsers get when somebody signs in.
- A key or a user belongs to one business and has a role: `viewer` reads, `staff` handles calls,
  appointments, messages and contacts, `manager` changes what callers are offered, `owner` the business
  itself. An operator names the business in `X-Business`.
- With the cookie, changes need `Sec-Fetch-Site: same-origin` or an `Origin` of this host: browsers send them.
- Lists are pages `{items, next}`; pass `next` as `cursor`.
- Errors are problem details (RFC 9457, `application/problem+json`); `errors` name the wrong fields.
- Instants are RFC 3339 with an offset; answers are in UTC.
"""

_TAGS = {
    "calls": "The call log.",
    "live calls": "Calls as they happen: following them, joining them, steering them.",
    "appointments": "Free times and appointments.",
    "waiting list": "Those who would take a time that comes free.",
    "calendars": "Calendars elsewhere that are kept in step, and feeds to subscribe to.",
    "messages": "Messages that callers leave.",
    "contacts": "The people who call.",
    "services": "What can be booked.",
    "people": "Who gives appointments.",
    "departments": "Who is rung for callers who want a person.",
    "switches": "What the assistant is switched to.",
    "places": "Where they give them: addresses, rooms, chairs.",
    "hours": "When they work, and when they do not.",
    "knowledge": "What callers are told.",
    "businesses": "Businesses and their settings.",
    "numbers": "Numbers that are answered.",
    "sessions": "Signing in and out.",
    "users": "Who may sign in.",
    "api keys": "Access to this API.",
    "alerts": "What staff have to look at.",
    "providers": "Who hears, thinks and speaks, and how they do.",
    "dead letters": "Background jobs that failed for good.",
    "health": "For what watches this service.",
}

_REFERENCE = "#/components/schemas/{model}"

Document = dict[str, Any]
_ModelKey = tuple[type[BaseModel], JsonSchemaMode]


def configuration() -> OpenAPIConfig:
    """The document's frame, and where it is served: a page, the JSON, and an interactive page whose
    script comes from the internet."""
    return OpenAPIConfig(
        title="Reception",
        version=version("reception"),
        description=_DESCRIPTION,
        openapi_router=Router(path=PATH, route_handlers=[], opt=PUBLIC, include_in_schema=False),
        render_plugins=[_Page(path="/"), _Json(), ScalarRenderPlugin(path="/scalar")],
        tags=[Tag(name=name, description=text) for name, text in _TAGS.items()],
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        components=Components(
            security_schemes={
                "api_key": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="An API key: `rcp_…`, made with `reception apikey create`; or the"
                    " token of a session.",
                ),
                "session": SecurityScheme(
                    type="apiKey",
                    name=COOKIE,
                    security_scheme_in="cookie",
                    description="The session of a browser, set by `POST /api/v1/sign-in`.",
                ),
            }
        ),
    )


class _Json(JsonRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: Document) -> bytes:
        return super().render(request, document_of(request.app))


class _Page(OpenAPIRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: Document) -> bytes:
        return render_page(document_of(request.app), json_path=self.get_openapi_json_route(request))


def _operation_id(handler: HTTPRouteHandler, _method: Method, _path: object) -> str:
    return handler.handler_name


def document_of(app: Litestar) -> Document:
    """The OpenAPI 3.1 document of the application; made once."""
    made: Document | None = app.state.get("openapi_document")
    if made is None:
        made = app.state["openapi_document"] = _complete(app, app.openapi_schema.to_schema())
    return made


def _complete(app: Litestar, document: Document) -> Document:
    operations = list(_operations(app))
    keys: set[_ModelKey] = {(Problem, "serialization")}
    for _, _, handler in operations:
        keys.update(_models(handler))
    references, definitions = models_json_schema(
        sorted(keys, key=lambda key: (key[0].__name__, key[1])), ref_template=_REFERENCE
    )
    document["components"]["schemas"] = definitions["$defs"]
    for path, method, handler in operations:
        operation = document["paths"][path][method]
        for parameter in operation.get("parameters", []):
            parameter["schema"] = _without_null(parameter["schema"])
        body, answer = _body_of(handler), _answer_of(handler)
        if body is not None:
            content = operation["requestBody"]["content"]["application/json"]
            content["schema"] = references[(body, "validation")]
        for status, response in operation["responses"].items():
            content = response.get("content", {})
            stream = _stream_of(handler)
            if stream is not None and EVENT_STREAM in content:
                content[EVENT_STREAM]["schema"] = references[(stream, "serialization")]
            elif MEDIA_TYPE in content:
                content[MEDIA_TYPE]["schema"] = references[
                    (_problem_of(handler, status), "serialization")
                ]
            elif answer is not None and "application/json" in content:
                content["application/json"]["schema"] = references[(answer, "serialization")]
            if status == "503" and MEDIA_TYPE in content:
                response["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return document


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.resolve_include_in_schema():
                    for method in handler.http_methods:
                        yield route.path_format, str(method).lower(), handler


def _models(handler: HTTPRouteHandler) -> Iterator[_ModelKey]:
    body, answer = _body_of(handler), _answer_of(handler)
    if body is not None:
        yield body, "validation"
    if answer is not None:
        yield answer, "serialization"
    if (stream := _stream_of(handler)) is not None:
        for model in (stream, *getattr(stream, "CARRIED", ())):
            yield model, "serialization"
    for status in handler.responses or ():
        yield _problem_of(handler, str(status)), "serialization"


def _problem_of(handler: HTTPRouteHandler, status: str) -> type[Problem]:
    """The problem of this status: some carry more than others (RFC 9457 section 3.2)."""
    declared = (handler.responses or {}).get(int(status))
    model = None if declared is None else declared.data_container
    return model if isinstance(model, type) and issubclass(model, Problem) else Problem


def _stream_of(handler: HTTPRouteHandler) -> type[BaseModel] | None:
    """The messages of an event stream, as OpenAPI 3.2 describes them (section 4.14.4.2); `CARRIED` are what
    their `data` holds."""
    declared = (handler.responses or {}).get(200)
    if declared is None or str(declared.media_type) != EVENT_STREAM:
        return None
    model = declared.data_container
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _body_of(handler: HTTPRouteHandler) -> type[BaseModel] | None:
    field = handler.parsed_data_field
    return None if field is None else _model_of(field)


def _answer_of(handler: HTTPRouteHandler) -> type[BaseModel] | None:
    field = handler.parsed_fn_signature.return_type
    if not field.is_subclass_of(Response):
        return _model_of(field)
    # A stream says what it carries in its `responses` alone.
    return _model_of(field.inner_types[0]) if field.inner_types else None


def _model_of(field: FieldDefinition) -> type[BaseModel] | None:
    # A generic model keeps its parameters in `annotation` alone. An optional body is a model or None.
    annotation = field.annotation
    if field.is_optional and len(field.inner_types) == 2:
        annotation = field.inner_types[0].annotation
    return (
        annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    )


def _without_null(schema: Document) -> Document:
    """A parameter that is left out is not there; it is never the word null."""
    schema = dict(schema)
    kinds = schema.pop("oneOf", None)
    if kinds is not None:
        kinds = [kind for kind in kinds if kind.get("type") != "null"]
        schema = {**kinds[0], **schema} if len(kinds) == 1 else {"oneOf": kinds, **schema}
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    return schema
