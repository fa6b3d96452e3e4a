"""Taking a message without the model."""

from __future__ import annotations

import asyncio

from livekit.agents import UserInputTranscribedEvent

from agent.voicemail import Voicemail


def heard(text: str, *, final: bool = True) -> UserInputTranscribedEvent:
    return UserInputTranscribedEvent(transcript=text, is_final=final)


async def test_the_message_is_what_was_heard_until_silence() -> None:
    voicemail = Voicemail()
    listening = asyncio.create_task(voicemail.listen(silence=0.1))
    await asyncio.sleep(0)
    voicemail.heard(heard("This is", final=False))
    voicemail.heard(heard("This is David."))
    voicemail.heard(heard(" Call me back. "))
    assert await asyncio.wait_for(listening, 10) == "This is David. Call me back."


async def test_a_caller_who_says_nothing_leaves_nothing() -> None:
    assert await Voicemail().listen(silence=0.05) == ""


async def test_an_endless_message_ends() -> None:
    voicemail = Voicemail()
    listening = asyncio.create_task(voicemail.listen(silence=60, longest=0.1))
    await asyncio.sleep(0)
    voicemail.heard(heard("on and on"))
    assert await asyncio.wait_for(listening, 10) == "on and on"
