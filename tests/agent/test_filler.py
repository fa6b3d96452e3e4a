"""A few words before a tool that is asked for without any."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable

from livekit import rtc
from livekit.agents import ConversationItemAddedEvent, FlushSentinel
from livekit.agents.llm import (
    ChatChunk,
    ChatContext,
    ChatMessage,
    ChoiceDelta,
    FunctionCall,
    FunctionCallOutput,
    FunctionToolCall,
)

from agent.filler import FITTING, Filler
from agent.phrases import FILLERS, PhraseName, phrase
from tools import assistant_tools


def frame(name: str) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytes([len(name), 0]) * 240, 24000, 1, 240)


async def sound(name: PhraseName) -> AsyncIterator[rtc.AudioFrame]:
    yield frame(name)


class Scene:
    def __init__(self) -> None:
        self.said = 0
        self.real = True
        self.filler = Filler(
            phrase=lambda name: phrase(name, "en-US"), sound=sound, on_said=self._count
        )
        self.conversation = ChatContext.empty()
        self.conversation.add_message(role="user", content="What services do you offer?")

    def _count(self) -> None:
        self.said += 1

    def when_real(self, do: Callable[[], None]) -> None:
        if self.real:
            do()

    async def answers(self, *outs: ChatChunk | str) -> list[str]:
        """Texts, tools and ends of utterances, in order."""

        async def answer() -> AsyncIterator[ChatChunk | str | FlushSentinel]:
            for out in outs:
                yield out

        found = []
        async for out in self.filler.before_tools(
            answer(), self.conversation, when_real=self.when_real
        ):
            if isinstance(out, FlushSentinel):
                found.append("|")
            elif isinstance(out, str):
                found.append(out.strip())
            elif out.delta is not None:
                found += [call.name for call in out.delta.tool_calls]
        return found

    def hears(self, text: str) -> None:
        message = ChatMessage(role="assistant", content=[text])
        self.filler.added(ConversationItemAddedEvent(item=message))


def asks(name: str) -> ChatChunk:
    call = FunctionToolCall(name=name, arguments="{}", call_id="1")
    return ChatChunk(id="1", delta=ChoiceDelta(role="assistant", tool_calls=[call]))


async def test_a_tool_without_words_has_some_before_it_as_an_utterance_of_their_own() -> None:
    scene = Scene()
    assert await scene.answers(asks("look_up")) == ["Let me check.", "|", "look_up"]
    assert scene.said == 1


async def test_never_the_same_twice_running() -> None:
    scene = Scene()
    for _ in range(4):
        before, *_ = await scene.answers(asks("find_times"))
        scene.hears(before)
        after, *_ = await scene.answers(asks("find_times"))
        assert before != after
        scene.hears(after)


async def test_what_was_thrown_away_unheard_was_not_said() -> None:
    scene = Scene()
    scene.real = False
    first = await scene.answers(asks("find_times"))
    assert scene.said == 0
    assert await scene.answers(asks("find_times")) == first


async def test_words_of_the_model_are_enough() -> None:
    scene = Scene()
    assert await scene.answers("One moment.", asks("look_up")) == ["One moment.", "look_up"]
    assert await scene.answers("We are open.") == ["We are open."]


async def test_who_is_connected_or_says_goodbye_hears_only_that() -> None:
    scene = Scene()
    assert await scene.answers(asks("transfer_to_person")) == ["transfer_to_person"]
    assert await scene.answers(asks("end_call")) == ["end_call"]


async def test_the_second_tool_of_a_turn_has_none() -> None:
    scene = Scene()
    call = FunctionCall(call_id="1", name="find_times", arguments="{}")
    output = FunctionCallOutput(call_id="1", name="find_times", output="none", is_error=False)
    scene.conversation.items += [call, output]
    assert await scene.answers(asks("find_times")) == ["find_times"]


async def test_it_is_heard_as_it_was_recorded() -> None:
    scene = Scene()

    async def text(*pieces: str) -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    async def speak(words: AsyncIterable[str]) -> AsyncIterator[rtc.AudioFrame]:
        async for word in words:
            yield frame(word)

    recorded = [one async for one in scene.filler.spoken(text("Just a second. "), speak)]
    assert [bytes(one.data) for one in recorded] == [bytes(frame("filler_second").data)]
    other = [one async for one in scene.filler.spoken(text("We", " are open."), speak)]
    assert len(other) == 2


def test_every_tool_has_fitting_words_or_its_own() -> None:
    tools = {tool.id for tool in assistant_tools()}
    assert tools - set(FITTING) == {"transfer_to_person", "end_call"}
    assert set(FITTING) <= tools
    assert all(len(names) > 1 for names in FITTING.values())
    assert {name for names in FITTING.values() for name in names} == set(FILLERS)
