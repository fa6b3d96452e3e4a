"""OpenAI's `/v1/chat/completions`, `/v1/embeddings` and `/v1/models`.

Source: https://platform.openai.com/docs/api-reference/chat and /embeddings.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from aiohttp import web

from sandbox.faults import Fault, before_answer, drop, factor, kind_of
from sandbox.shared import STATE, Shared
from sandbox.thinking.conversation import content_text
from sandbox.thinking.embeddings import DIMENSIONS, embed
from sandbox.thinking.policy import Reply, reply
from sandbox.traffic import Record

routes = web.RouteTableDef()
_MODELS = ("gpt-4.1", "gpt-4.1-mini", "gpt-4o-mini", "text-embedding-3-small")


def _error(kind: type[web.HTTPException], reason: str, param: str | None) -> web.HTTPException:
    error = {"message": reason, "type": "invalid_request_error", "param": param, "code": None}
    return kind(text=json.dumps({"error": error}), content_type="application/json")


async def _body(request: web.Request) -> dict[str, Any]:
    if not request.headers.get("Authorization", "").startswith("Bearer "):
        raise _error(web.HTTPUnauthorized, "You didn't provide an API key.", None)
    try:
        body = await request.json()
    except ValueError:
        raise _error(web.HTTPBadRequest, "the body is not JSON", None) from None
    if not isinstance(body, dict):
        raise _error(web.HTTPBadRequest, "the body is not an object", None)
    if not isinstance(body.get("model"), str):
        raise _error(web.HTTPBadRequest, "you must provide a model parameter", "model")
    return body


@routes.get("/v1/models")
async def models(_request: web.Request) -> web.Response:
    data = [{"id": m, "object": "model", "created": 0, "owned_by": "sandbox"} for m in _MODELS]
    return web.json_response({"object": "list", "data": data})


@routes.post("/v1/embeddings")
async def embeddings(request: web.Request) -> web.StreamResponse:
    state = request.app[STATE]
    record = state.traffic.arrived("openai", "embeddings")
    fault = state.faults.meet("openai", "turn")
    record.fault = kind_of(fault)
    if (answer := await before_answer(request, fault)) is not None:
        return answer
    body = await _body(request)
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
        raise _error(web.HTTPBadRequest, "input must be a string or a list of strings", "input")
    size = body.get("dimensions", DIMENSIONS)
    if not isinstance(size, int) or not 1 <= size <= 3072:
        raise _error(web.HTTPBadRequest, "dimensions must be between 1 and 3072", "dimensions")
    if fault and fault.kind == "garbage":
        return web.Response(text="\x00{not json", content_type="application/json")
    packed = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": n, "embedding": _packed(embed(t, size), packed)}
        for n, t in enumerate(texts)
    ]
    used = sum(len(t) // 4 + 1 for t in texts)
    record.first_byte()
    record.done()
    usage = {"prompt_tokens": used, "total_tokens": used}
    return web.json_response(
        {"object": "list", "data": data, "model": body["model"], "usage": usage}
    )


def _packed(vector: tuple[float, ...], packed: bool) -> Any:
    if not packed:
        return list(vector)
    return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode()


@routes.post("/v1/chat/completions")
async def complete(request: web.Request) -> web.StreamResponse:
    state = request.app[STATE]
    record = state.traffic.arrived("openai", "chat")
    fault = state.faults.meet("openai", "turn")
    record.fault = kind_of(fault)
    if (answer := await before_answer(request, fault)) is not None:
        return answer
    body = await _body(request)
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise _error(web.HTTPBadRequest, "messages must be a list of objects", "messages")
    said = reply(
        messages=messages,
        tools=body.get("tools"),
        tool_choice=body.get("tool_choice", "auto"),
        today=datetime.now(UTC).date(),
    )
    said = state.misbehaviours.spoil(said, messages)
    await asyncio.sleep(state.delays.openai.first_token * factor(fault))
    if body.get("stream"):
        return await _stream(request, state, record, fault, body, said)
    return await _whole(request, state, record, fault, body, said)


def _pieces(text: str) -> list[str]:
    """Text in tokens of about four characters: `" appointment"` is three."""
    return [p for word in re.findall(r"\s*\S+|\s+$", text) for p in re.findall(r"(?s).{1,5}", word)]


def _usage(messages: list[dict[str, Any]], said: Reply) -> dict[str, int]:
    prompt = sum(len(content_text(m.get("content"))) // 4 + 4 for m in messages)
    completion = sum(1 for _ in _deltas(said))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _deltas(said: Reply) -> Iterator[dict[str, Any]]:
    """The chunks' deltas, one for each token."""
    for piece in _pieces(said.text):
        yield {"content": piece}
    for index, call in enumerate(said.calls):
        name = {"name": call.tool, "arguments": ""}
        yield {
            "tool_calls": [{"index": index, "id": call.id, "type": "function", "function": name}]
        }
        for piece in re.findall(r"(?s).{1,8}", call.written):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


async def _stream(
    request: web.Request,
    state: Shared,
    record: Record,
    fault: Fault | None,
    body: dict[str, Any],
    said: Reply,
) -> web.StreamResponse:
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    shared = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": body["model"],
    }

    async def send(choices: list[dict[str, Any]], **more: Any) -> None:
        event = json.dumps({**shared, "choices": choices, **more})
        await response.write(f"data: {event}\n\n".encode())
        record.first_byte()

    kind = kind_of(fault)
    for number, delta in enumerate(_deltas(said)):
        if number:
            await asyncio.sleep(state.delays.openai.token * factor(fault))
        if kind == "garbage":
            await response.write(b"data: \x00{not json\n\n")
            break
        first = {"role": "assistant"} if not number else {}
        await send([{"index": 0, "delta": {**first, **delta}, "finish_reason": None}])
        if kind in {"cut", "hang_mid"} and number == 1:
            if kind == "hang_mid":
                await asyncio.Event().wait()
            drop(request)
            return response
    reason = "tool_calls" if said.calls else "stop"
    await send([{"index": 0, "delta": {}, "finish_reason": reason}])
    if (body.get("stream_options") or {}).get("include_usage"):
        await send([], usage=_usage(body["messages"], said))
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    record.done()
    return response


async def _whole(
    request: web.Request,
    state: Shared,
    record: Record,
    fault: Fault | None,
    body: dict[str, Any],
    said: Reply,
) -> web.Response:
    tokens = sum(1 for _ in _deltas(said))
    await asyncio.sleep(state.delays.openai.token * tokens * factor(fault))
    kind = kind_of(fault)
    if kind == "hang_mid":
        await asyncio.Event().wait()
    if kind == "cut":
        drop(request)
    record.first_byte()
    record.done()
    if kind == "garbage":
        return web.Response(text="\x00{not json", content_type="application/json")
    calls = [
        {
            "id": c.id,
            "type": "function",
            "function": {"name": c.tool, "arguments": c.written},
        }
        for c in said.calls
    ]
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if calls:
        message["tool_calls"] = calls
    reason = "tool_calls" if calls else "stop"
    return web.json_response(
        {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": _usage(body["messages"], said),
        }
    )
