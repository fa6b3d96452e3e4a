"""ElevenLabs' text-to-speech: `multi-stream-input` and the HTTP endpoints.

Source: https://elevenlabs.io/docs/api-reference/text-to-speech (v-1-…-multi-stream-input, stream).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.faults import Fault, before_answer, drop, factor, kind_of
from sandbox.shared import STATE, Shared
from sandbox.speaking.formats import Format, parse_format
from sandbox.speaking.speech import Chunk, chunks
from sandbox.traffic import Record

routes = web.RouteTableDef()
_DEFAULT_FORMAT = "mp3_44100_128"
_UNFLUSHED_CHARACTERS = 120
"""The first step of ElevenLabs' default chunk_length_schedule."""
_MAX_TEXT = 40_000


def _error(kind: type[web.HTTPException], reason: str) -> web.HTTPException:
    body = {"detail": {"status": "invalid_request", "message": reason}}
    return kind(text=json.dumps(body), content_type="application/json")


def _form(request: web.Request) -> Format:
    if not request.headers.get("xi-api-key"):
        raise _error(web.HTTPUnauthorized, "xi-api-key: missing")
    try:
        return parse_format(request.query.get("output_format", _DEFAULT_FORMAT))
    except ValueError as error:
        raise _error(web.HTTPBadRequest, str(error)) from None


def _speed(settings: Any) -> float:
    speed = settings.get("speed") if isinstance(settings, dict) else None
    return min(max(float(speed), 0.7), 1.2) if isinstance(speed, int | float) else 1.0


@routes.get("/v1/voices")
async def voices(_request: web.Request) -> web.Response:
    names = ("Jessica", "Eric", "Sarah")
    listed = [{"voice_id": n.lower(), "name": n, "category": "premade"} for n in names]
    return web.json_response({"voices": listed})


@routes.post("/v1/text-to-speech/{voice}/stream")
@routes.post("/v1/text-to-speech/{voice}")
async def speak_text(request: web.Request) -> web.StreamResponse:
    """JSON `{text, …}` in, audio out as it is made."""
    state = request.app[STATE]
    record = state.traffic.arrived("elevenlabs", "request")
    fault = state.faults.meet("elevenlabs", "turn")
    record.fault = kind_of(fault)
    if (answer := await before_answer(request, fault)) is not None:
        return answer
    form = _form(request)
    body = await _json_body(request)
    pieces = await _made(
        str(body["text"]),
        voice=request.match_info["voice"],
        language=body.get("language_code"),
        speed=_speed(body.get("voice_settings")),
        form=form,
    )
    await asyncio.sleep(state.delays.elevenlabs.first_byte * factor(fault))
    if fault and fault.kind == "garbage":
        return web.Response(text="\x00{not audio", content_type="text/plain")
    response = web.StreamResponse(headers={"Content-Type": form.mime})
    await response.prepare(request)
    for at, piece in enumerate(pieces):
        await response.write(piece.audio)
        record.first_byte()
        if fault and fault.kind == "cut":
            drop(request)
            return response
        if fault and fault.kind == "hang_mid" and at == 0:
            await asyncio.Event().wait()
        await asyncio.sleep(_pace(state, piece, fault))
    await response.write_eof()
    record.done()
    return response


async def _json_body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise _error(web.HTTPBadRequest, "the body is not JSON") from None
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise _error(web.HTTPUnprocessableEntity, "text: missing")
    if len(body["text"]) > _MAX_TEXT:
        raise _error(web.HTTPBadRequest, f"text: longer than {_MAX_TEXT} characters")
    return body


async def _made(
    text: str, *, voice: str, language: str | None, speed: float, form: Format
) -> list[Chunk]:
    try:
        return await chunks(text, voice=voice, language=language, speed=speed, form=form)
    except ValueError as error:
        raise _error(web.HTTPBadRequest, str(error)) from None


def _pace(state: Shared, piece: Chunk, fault: Fault | None) -> float:
    return piece.seconds / state.delays.elevenlabs.times_real_time * factor(fault)


@routes.get("/v1/text-to-speech/{voice}/multi-stream-input")
async def multi_stream(request: web.Request) -> web.StreamResponse:
    """The WebSocket of several contexts: text in, audio with alignment out, each with its contextId."""
    state = request.app[STATE]
    record = state.traffic.arrived("elevenlabs", "connection")
    fault = state.faults.meet("elevenlabs", "connect")
    record.fault = kind_of(fault)
    if (answer := await before_answer(request, fault)) is not None:
        return answer
    form = _form(request)
    socket = web.WebSocketResponse(max_msg_size=4 * 1024 * 1024)
    await socket.prepare(request)
    contexts: dict[str, _Context] = {}
    try:
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                continue
            try:
                data = json.loads(message.data)
            except ValueError:
                data = None
            if not isinstance(data, dict):
                await socket.close(code=1008, message=b"not a JSON message")
                break
            if data.get("close_socket"):
                break
            await _message(request, socket, form, contexts, data, record)
    finally:
        for context in contexts.values():
            await context.aclose()
        record.done()
    if not socket.closed:
        await socket.close()
    return socket


async def _message(
    request: web.Request,
    socket: web.WebSocketResponse,
    form: Format,
    contexts: dict[str, _Context],
    data: dict[str, Any],
    connection: Record,
) -> None:
    name = str(data.get("context_id") or "default")
    context = contexts.get(name)
    if context is None:
        if data.get("close_context"):
            return
        context = contexts[name] = _Context(request, socket, form, name, data, connection.number)
    context.take(data)
    if data.get("close_context"):
        del contexts[name]


class _Context:
    """One utterance of a socket: its sentences are spoken one after the other, in a task of its own."""

    def __init__(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        form: Format,
        name: str,
        opening: dict[str, Any],
        stream: int,
    ) -> None:
        self._request, self._socket, self._form, self._name = request, socket, form, name
        self._state = request.app[STATE]
        self._speed = _speed(opening.get("voice_settings"))
        self._record = self._state.traffic.arrived("elevenlabs", "context", stream=stream)
        self._fault = self._state.faults.meet("elevenlabs", "turn")
        self._record.fault = kind_of(self._fault)
        self._text = ""
        self._sentences: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
        self._offset_ms = 0
        self._task = asyncio.create_task(self._speak())
        # Kept by the socket's handler only until its context is closed; it ends by itself then.
        _running.add(self._task)
        self._task.add_done_callback(_running.discard)

    def take(self, data: dict[str, Any]) -> None:
        """Text, a flush, or the end of the context."""
        text = data.get("text")
        if isinstance(text, str):
            self._text += text
        closes = bool(data.get("close_context"))
        if data.get("flush") or closes or len(self._text) >= _UNFLUSHED_CHARACTERS:
            said, self._text = self._text.strip(), ""
            if said:
                self._sentences.put_nowait((asyncio.get_running_loop().time(), said))
        if closes:
            self._sentences.put_nowait(None)

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _speak(self) -> None:
        with contextlib.suppress(ConnectionError):
            if not await self._survives_opening():
                return
            while (sentence := await self._sentences.get()) is not None:
                if not await self._say(*sentence):
                    return
            await self._socket.send_json({"contextId": self._name, "isFinal": True})
            self._record.done()

    async def _survives_opening(self) -> bool:
        kind = kind_of(self._fault)
        if kind == "refuse":
            drop(self._request)
        elif kind == "status" and self._fault:
            message = f"sandbox fault: status {self._fault.status}"
            await self._socket.send_json({"error": message, "contextId": self._name})
        return kind not in {"refuse", "status", "hang"}

    async def _say(self, asked: float, text: str) -> bool:
        kind = kind_of(self._fault)
        try:
            pieces = await chunks(
                text,
                voice=self._request.match_info["voice"],
                language=self._request.query.get("language_code"),
                speed=self._speed,
                form=self._form,
            )
        except ValueError as error:
            await self._socket.send_json({"error": str(error), "contextId": self._name})
            return False
        due = asked + self._state.delays.elevenlabs.first_byte * factor(self._fault)
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        for piece in pieces:
            if kind == "garbage":
                await self._socket.send_str("\x00{not json")
            else:
                await self._socket.send_json(self._message(piece))
            self._record.first_byte()
            if kind == "cut":
                drop(self._request)
            if kind in {"cut", "hang_mid"}:
                return False
            await asyncio.sleep(_pace(self._state, piece, self._fault))
        self._offset_ms += round(sum(p.seconds for p in pieces) * 1000)
        return True

    def _message(self, piece: Chunk) -> dict[str, Any]:
        starts = [at + self._offset_ms for at in piece.alignment["charStartTimesMs"]]
        alignment = {**piece.alignment, "charStartTimesMs": starts}
        return {
            "audio": base64.b64encode(piece.audio).decode(),
            "alignment": alignment,
            "normalizedAlignment": alignment,
            "contextId": self._name,
        }


_running: set[asyncio.Task[None]] = set()
