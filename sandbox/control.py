"""`/control/…`: delays, faults, scripts and counters, as JSON."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from sandbox.calendars.state import Calendars
from sandbox.delays import Delays
from sandbox.faults import Fault
from sandbox.hearing.script import Line, Script
from sandbox.shared import STATE
from sandbox.thinking.misbehaviour import Misbehaviour

T = TypeVar("T")
routes = web.RouteTableDef()


def _problem(status: int, errors: list[dict[str, str]]) -> web.HTTPException:
    body = json.dumps({"errors": errors})
    kind = web.HTTPBadRequest if status == 400 else web.HTTPUnprocessableEntity
    return kind(text=body, content_type="application/json")


async def body_as(request: web.Request, shape: type[T] | TypeAdapter[T]) -> T:
    """The body as `shape`; an HTTP error that names each wrong field otherwise."""
    text = await request.text()
    try:
        raw = json.loads(text)
    except ValueError:
        raise _problem(400, [{"field": "", "reason": "the body is not JSON"}]) from None
    adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        errors = [
            {"field": ".".join(str(part) for part in e["loc"]), "reason": e["msg"]}
            for e in error.errors(include_url=False, include_input=False)
        ]
        raise _problem(422, errors) from None


def _json(value: BaseModel | list[Any] | dict[str, Any], status: int = 200) -> web.Response:
    if isinstance(value, list):
        value = [v.model_dump() if isinstance(v, BaseModel) else v for v in value]
    elif isinstance(value, BaseModel):
        value = value.model_dump()
    return web.json_response(value, status=status)


@routes.get("/control/delays")
async def get_delays(request: web.Request) -> web.Response:
    return _json(request.app[STATE].delays)


@routes.put("/control/delays")
async def put_delays(request: web.Request) -> web.Response:
    """Set them; what is left out goes back to its default."""
    request.app[STATE].delays = await body_as(request, Delays)
    return _json(request.app[STATE].delays)


@routes.delete("/control/delays")
async def delete_delays(request: web.Request) -> web.Response:
    request.app[STATE].delays = Delays()
    return web.Response(status=204)


@routes.get("/control/faults")
async def get_faults(request: web.Request) -> web.Response:
    return _json(request.app[STATE].faults.all)


@routes.put("/control/faults")
async def put_faults(request: web.Request) -> web.Response:
    """Replace all faults by a list."""
    request.app[STATE].faults.all = await body_as(request, TypeAdapter(list[Fault]))
    return _json(request.app[STATE].faults.all)


@routes.post("/control/faults")
async def post_fault(request: web.Request) -> web.Response:
    """Add one fault."""
    fault = await body_as(request, Fault)
    request.app[STATE].faults.all.append(fault)
    return _json(fault, 201)


@routes.delete("/control/faults")
async def delete_faults(request: web.Request) -> web.Response:
    """Remove all, or those of `?vendor=`."""
    faults = request.app[STATE].faults
    vendor = request.query.get("vendor")
    faults.all = [f for f in faults.all if vendor and f.vendor != vendor]
    return web.Response(status=204)


@routes.get("/control/scripts")
async def get_scripts(request: web.Request) -> web.Response:
    return _json(request.app[STATE].scripts.waiting())


@routes.put("/control/scripts")
async def put_scripts(request: web.Request) -> web.Response:
    """Replace all scripts by a list."""
    given = await body_as(request, TypeAdapter(list[Script]))
    request.app[STATE].scripts.clear()
    for script in given:
        request.app[STATE].scripts.add(script)
    return _json(given)


@routes.post("/control/scripts")
async def post_script(request: web.Request) -> web.Response:
    """Put one script at the end of the queue."""
    script = await body_as(request, Script)
    request.app[STATE].scripts.add(script)
    return _json(script, 201)


@routes.post("/control/scripts/next")
async def post_line(request: web.Request) -> web.Response:
    """What the stream that began last with a script hears next, instead of the rest of it."""
    line = await body_as(request, Line)
    if not request.app[STATE].scripts.continue_with(line):
        raise _problem(422, [{"field": "", "reason": "no stream has begun with a script"}])
    return _json(line, 201)


@routes.delete("/control/scripts")
async def delete_scripts(request: web.Request) -> web.Response:
    request.app[STATE].scripts.clear()
    return web.Response(status=204)


@routes.get("/control/misbehaviours")
async def get_misbehaviours(request: web.Request) -> web.Response:
    return _json(request.app[STATE].misbehaviours.all)


@routes.put("/control/misbehaviours")
async def put_misbehaviours(request: web.Request) -> web.Response:
    """Replace all by a list."""
    given = await body_as(request, TypeAdapter(list[Misbehaviour]))
    request.app[STATE].misbehaviours.all = given
    return _json(request.app[STATE].misbehaviours.all)


@routes.post("/control/misbehaviours")
async def post_misbehaviour(request: web.Request) -> web.Response:
    """Add one way in which the model misbehaves."""
    one = await body_as(request, Misbehaviour)
    request.app[STATE].misbehaviours.all.append(one)
    return _json(one, 201)


@routes.delete("/control/misbehaviours")
async def delete_misbehaviours(request: web.Request) -> web.Response:
    request.app[STATE].misbehaviours.all = []
    return web.Response(status=204)


@routes.get("/control/requests")
async def get_requests(request: web.Request) -> web.Response:
    return _json(request.app[STATE].traffic.report())


@routes.post("/control/reset")
async def reset(request: web.Request) -> web.Response:
    """Delays to their defaults; no faults, misbehaviours, scripts or records; empty calendars, nobody signed in."""
    state = request.app[STATE]
    state.delays = Delays()
    state.faults.all = []
    state.misbehaviours.all = []
    state.scripts.clear()
    state.traffic.reset()
    state.calendars = Calendars()
    return web.Response(status=204)
