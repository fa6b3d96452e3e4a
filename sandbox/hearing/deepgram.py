"""Deepgram's `/v1/listen`, streaming and batch.

Source: https://developers.deepgram.com/reference/speech-to-text/listen-streaming and -pre-recorded.
"""

from __future__ import annotations

import asyncio
import io
import json
import uuid
import wave
from typing import Any

import numpy as np
import soxr
from aiohttp import WSMsgType, web

from sandbox.faults import before_answer, drop, kind_of
from sandbox.hearing.listener import Listener, ListenOptions, results_alternative
from sandbox.hearing.recogniser import SAMPLE_RATE
from sandbox.shared import STATE, Shared

routes = web.RouteTableDef()
_MAX_WAV = 32 * 1024 * 1024


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "false").lower() == "true"


def _bad(reason: str) -> web.HTTPBadRequest:
    body = {"err_code": "Bad Request", "err_msg": reason, "request_id": str(uuid.uuid4())}
    return web.HTTPBadRequest(text=json.dumps(body), content_type="application/json")


def _options(request: web.Request, sample_rate: int) -> ListenOptions:
    return ListenOptions(
        sample_rate=sample_rate,
        interims=_flag(request, "interim_results"),
        punctuate=_flag(request, "punctuate") or _flag(request, "smart_format"),
        numerals=_flag(request, "numerals") or _flag(request, "smart_format"),
        vad_events=_flag(request, "vad_events"),
    )


def _check_key(request: web.Request) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in {"token", "bearer"} or not key.strip():
        body = {"err_code": "INVALID_AUTH", "err_msg": "Authorization: Token <key> is missing"}
        raise web.HTTPUnauthorized(text=json.dumps(body), content_type="application/json")


@routes.get("/v1/listen")
async def listen(request: web.Request) -> web.StreamResponse:
    """The live WebSocket: PCM in, SpeechStarted, Results and Metadata out."""
    state = request.app[STATE]
    record = state.traffic.arrived("deepgram", "connection")
    fault = state.faults.meet("deepgram", "connect")
    record.fault = kind_of(fault)
    if (answer := await before_answer(request, fault)) is not None:
        return answer
    _check_key(request)
    if request.query.get("encoding", "linear16") != "linear16":
        raise _bad("encoding: the sandbox hears linear16 only")
    if request.query.get("channels", "1") != "1":
        raise _bad("channels: the sandbox hears one channel only")
    rate = request.query.get("sample_rate", "16000")
    if not rate.isdigit() or not 8000 <= int(rate) <= 48000:
        raise _bad(f"sample_rate: {rate!r} is not between 8000 and 48000")
    request_id = str(uuid.uuid4())
    socket = web.WebSocketResponse(max_msg_size=4 * 1024 * 1024)
    socket.headers["dg-request-id"] = request_id
    await socket.prepare(request)
    tags = [*request.query.getall("tag", []), *request.query.getall("keyterm", [])]
    listener = Listener(
        state=state,
        options=_options(request, int(rate)),
        prompter=state.scripts.for_stream(tags),
        request_id=request_id,
        stream=record.number,
        send=socket.send_json,
        send_garbage=lambda: socket.send_str("\x00{not json"),
        cut=lambda: drop(request),
        close=lambda code, reason: socket.close(code=code, message=reason.encode()),
    )
    try:
        await _read(socket, listener)
    finally:
        await listener.aclose()
        record.done()
    return socket


async def _read(socket: web.WebSocketResponse, listener: Listener) -> None:
    async for message in socket:
        if message.type == WSMsgType.BINARY:
            # An empty frame is Deepgram's older way of ending a stream.
            if not message.data:
                break
            listener.hear(message.data)
            continue
        if message.type != WSMsgType.TEXT:
            continue
        try:
            kind = json.loads(message.data).get("type")
        except (ValueError, AttributeError):
            await socket.close(code=1008, message=b"DATA-0000: not a JSON message")
            return
        if kind == "Finalize":
            listener.finalize()
        elif kind == "CloseStream":
            break
        elif kind != "KeepAlive":
            await socket.close(code=1008, message=b"DATA-0000: unknown message type")
            return
    if not socket.closed:
        await listener.drain()
        await socket.close()


@routes.post("/v1/listen")
async def transcribe(request: web.Request) -> web.StreamResponse:
    """The batch endpoint: a WAV file in, its transcript out."""
    state = request.app[STATE]
    record = state.traffic.arrived("deepgram", "batch")
    fault = state.faults.meet("deepgram", "turn")
    record.fault = kind_of(fault)
    if (answer := await before_answer(request, fault)) is not None:
        return answer
    _check_key(request)
    audio = await asyncio.to_thread(_samples, await request.read())
    words = await _recognise(state, audio)
    delay = state.delays.deepgram.final * (fault.factor if fault and fault.kind == "slow" else 1)
    await asyncio.sleep(delay)
    if fault and fault.kind == "hang_mid":
        await asyncio.Event().wait()
    if fault and fault.kind == "cut":
        drop(request)
    record.first_byte()
    record.done()
    if fault and fault.kind == "garbage":
        return web.Response(text="\x00{not json", content_type="application/json")
    alternative = results_alternative(words, _options(request, SAMPLE_RATE))
    return web.json_response(
        {
            "metadata": {
                "request_id": str(uuid.uuid4()),
                "duration": len(audio) / SAMPLE_RATE,
                "channels": 1,
            },
            "results": {"channels": [{"alternatives": [alternative]}]},
        }
    )


def _samples(body: bytes) -> np.ndarray[Any, np.dtype[np.int16]]:
    """PCM16 mono at 16 kHz from a WAV file; a 400 that says what is wrong with it."""
    if len(body) > _MAX_WAV:
        raise _bad("body: larger than 32 MiB")
    try:
        with wave.open(io.BytesIO(body)) as file:
            if file.getsampwidth() != 2:
                raise _bad("body: not a 16-bit WAV")
            rate, channels = file.getframerate(), file.getnchannels()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        raise _bad("body: not a WAV file") from None
    samples = np.frombuffer(data, dtype="<i2").reshape(-1, channels)[:, 0]
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE)
    return np.asarray(samples, dtype=np.int16)


async def _recognise(state: Shared, audio: np.ndarray[Any, np.dtype[np.int16]]) -> list[Any]:
    if not audio.size or np.max(np.abs(audio.astype(np.int32))) < 100:
        return []
    recogniser = await state.recognisers.take()

    def work() -> list[Any]:
        recogniser.start()
        recogniser.feed(audio.tobytes())
        return recogniser.finish()

    words = await state.recognisers.run(work)
    state.recognisers.give_back(recogniser)
    return words
