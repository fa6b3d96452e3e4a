"""Each failure, as a plain HTTP client of the vendor sees it; and the control endpoint."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from sandbox.server import Sandbox
from sandbox.voice import speak

KEY = {"Authorization": "Bearer any"}
CHAT = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
SILENCE = 1.0
"""Seconds without an answer that count as hanging; an answer takes a third of it."""


async def set_fault(sandbox: Sandbox, http: aiohttp.ClientSession, **fault: Any) -> None:
    answer = await http.post(f"{sandbox.url}/control/faults", json={"vendor": "openai", **fault})
    assert answer.status == 201, await answer.text()


async def chat(sandbox: Sandbox, http: aiohttp.ClientSession) -> str:
    url = f"{sandbox.openai_url}/chat/completions"
    async with http.post(url, headers=KEY, json=CHAT) as answer:
        answer.raise_for_status()
        return await answer.text()


async def test_refuse_drops_the_connection(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await set_fault(sandbox, http, kind="refuse")
    with pytest.raises(aiohttp.ClientError):
        await chat(sandbox, http)


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_status_is_answered_with_its_retry_after(
    sandbox: Sandbox, http: aiohttp.ClientSession, status: int
) -> None:
    await set_fault(sandbox, http, kind="status", status=status, retry_after=3)
    with pytest.raises(aiohttp.ClientResponseError) as caught:
        await chat(sandbox, http)
    assert caught.value.status == status
    assert caught.value.headers is not None
    assert caught.value.headers["Retry-After"] == "3"


async def test_hang_answers_nothing(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await set_fault(sandbox, http, kind="hang")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(chat(sandbox, http), SILENCE)


async def begun(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> tuple[bytes, BaseException | None]:
    """What arrives within SILENCE, and how it broke off."""
    got = b""
    try:
        async with asyncio.timeout(SILENCE):
            url = f"{sandbox.openai_url}/chat/completions"
            async with http.post(url, headers=KEY, json=CHAT) as answer:
                async for piece in answer.content.iter_any():
                    got += piece
    except (TimeoutError, aiohttp.ClientError) as error:
        return got, error
    return got, None


async def test_hang_mid_begins_and_stops(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await set_fault(sandbox, http, kind="hang_mid")
    got, error = await begun(sandbox, http)
    assert b"data:" in got
    assert b"[DONE]" not in got
    assert isinstance(error, TimeoutError)


async def test_cut_begins_and_drops(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await set_fault(sandbox, http, kind="cut")
    got, error = await begun(sandbox, http)
    assert b"[DONE]" not in got
    assert isinstance(error, aiohttp.ClientError)


async def test_garbage_is_no_json(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await set_fault(sandbox, http, kind="garbage")
    assert "{not json" in await chat(sandbox, http)


async def test_slow_takes_longer(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    sandbox.shared.delays.openai.first_token = 0.1
    sandbox.shared.delays.openai.token = 0.0
    await set_fault(sandbox, http, kind="slow", factor=8)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await chat(sandbox, http)
    assert loop.time() - began >= 0.8


async def test_after_and_count_choose_the_requests(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await set_fault(sandbox, http, kind="status", status=500, after=1, count=1)
    met = []
    for _ in range(3):
        try:
            await chat(sandbox, http)
            met.append(200)
        except aiohttp.ClientResponseError as error:
            met.append(error.status)
    assert met == [200, 500, 200]


async def test_a_fault_of_one_vendor_leaves_the_others_alone(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await set_fault(sandbox, http, vendor="elevenlabs", kind="status", status=500)
    assert "[DONE]" in await chat(sandbox, http)
    url = f"{sandbox.elevenlabs_url}/text-to-speech/v?output_format=pcm_16000"
    answer = await http.post(url, headers={"xi-api-key": "any"}, json={"text": "Hello"})
    assert answer.status == 500


async def listen(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> tuple[list[Any], aiohttp.WSMsgType | None]:
    """One utterance over Deepgram's socket: messages until the final, and how the socket ended."""
    url = f"{sandbox.deepgram_url}?sample_rate=16000&vad_events=true&interim_results=true"
    messages: list[Any] = []
    async with http.ws_connect(url, headers={"Authorization": "Token any"}) as socket:
        audio = bytes(6400) + speak("that's correct") + bytes(16000)
        for at in range(0, len(audio), 1600):
            await socket.send_bytes(audio[at : at + 1600])
        async with asyncio.timeout(3 * SILENCE):
            while True:
                message = await socket.receive()
                if message.type != aiohttp.WSMsgType.TEXT:
                    return messages, message.type
                messages.append(message.data)
                if '"is_final": true' in message.data:
                    return messages, None


async def test_deepgram_fails_in_the_middle_of_an_utterance(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await set_fault(sandbox, http, vendor="deepgram", kind="cut", count=1)
    messages, end = await listen(sandbox, http)
    assert len(messages) <= 1
    assert end in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE}
    await set_fault(sandbox, http, vendor="deepgram", kind="garbage", count=1)
    messages, end = await listen_to_garbage(sandbox, http)
    assert "{not json" in messages[0]
    messages, end = await listen(sandbox, http)
    assert "is_final" in messages[-1]


async def listen_to_garbage(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> tuple[list[Any], aiohttp.WSMsgType | None]:
    url = f"{sandbox.deepgram_url}?sample_rate=16000&vad_events=true"
    async with http.ws_connect(url, headers={"Authorization": "Token any"}) as socket:
        audio = bytes(6400) + speak("that's correct") + bytes(16000)
        await socket.send_bytes(audio)
        message = await asyncio.wait_for(socket.receive(), 3 * SILENCE)
        return [message.data], None


async def test_deepgram_can_be_deaf(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await set_fault(sandbox, http, vendor="deepgram", kind="hang", after=1)
    with pytest.raises(asyncio.TimeoutError):
        await listen(sandbox, http)


async def test_deepgram_refuses_the_handshake(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await set_fault(sandbox, http, vendor="deepgram", kind="status", status=401)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await listen(sandbox, http)
    assert caught.value.status == 401


async def test_elevenlabs_is_cut_in_the_middle_of_a_sentence(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await set_fault(sandbox, http, vendor="elevenlabs", kind="cut")
    url = f"{sandbox.elevenlabs_url}/text-to-speech/v/multi-stream-input?output_format=pcm_16000"
    async with http.ws_connect(url, headers={"xi-api-key": "any"}) as socket:
        await socket.send_json({"text": "Hello there. ", "context_id": "c", "flush": True})
        kinds = []
        while not socket.closed:
            message = await asyncio.wait_for(socket.receive(), 3 * SILENCE)
            kinds.append(message.type)
    assert kinds.count(aiohttp.WSMsgType.TEXT) <= 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("faults", {"vendor": "nobody", "kind": "cut"}, "vendor"),
        ("faults", {"vendor": "openai", "kind": "explode"}, "kind"),
        ("faults", {"vendor": "openai", "kind": "cut", "count": 0}, "count"),
        ("faults", {"vendor": "openai", "kind": "cut", "counts": 1}, "counts"),
        ("scripts", {"lines": []}, "lines"),
        ("scripts", {"lines": [{"text": "hi", "duration": -1}]}, "lines.0.duration"),
    ],
)
async def test_a_wrong_setting_is_named(
    sandbox: Sandbox, http: aiohttp.ClientSession, path: str, body: Any, field: str
) -> None:
    answer = await http.post(f"{sandbox.url}/control/{path}", json=body)
    assert answer.status == 422
    assert [e["field"] for e in (await answer.json())["errors"]] == [field]
    assert await (await http.get(f"{sandbox.url}/control/{path}")).json() == []


async def test_delays_are_set_and_reset(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    url = f"{sandbox.url}/control/delays"
    before = await (await http.get(url)).json()
    answer = await http.put(url, json={"openai": {"first_token": 2}})
    assert (await answer.json())["openai"] == {"first_token": 2.0, "token": 0.015}
    wrong = await http.put(url, json={"openai": {"first_token": -1}})
    assert (await wrong.json())["errors"][0]["field"] == "openai.first_token"
    await http.post(f"{sandbox.url}/control/reset")
    assert await (await http.get(url)).json() == before


async def test_requests_are_counted_and_timed_without_their_content(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await chat(sandbox, http)
    answer = await http.get(f"{sandbox.url}/control/requests")
    report = await answer.json()
    assert report["openai"]["counts"] == {"chat": 1}
    record = report["openai"]["requests"][0]
    assert record["arrived_ns"] < record["first_byte_ns"] <= record["done_ns"]
    assert "Hello" not in await answer.text()


async def test_a_taken_port_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="address already in use"):
        async with Sandbox(port=sandbox.port):
            pass


async def test_it_is_healthy(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    answer = await http.get(f"{sandbox.url}/healthz")
    assert await answer.json() == {"status": "ok", "sandbox": True}
