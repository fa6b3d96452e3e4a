"""The two agents of a call: the assistant, and the one that only listens."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable

from livekit import rtc
from livekit.agents import (
    NOT_GIVEN,
    Agent,
    FlushSentinel,
    ModelSettings,
    StopResponse,
    TurnHandlingOptions,
)
from livekit.agents.llm import ChatChunk, ChatContext, ChatMessage, Tool

from agent.advice_gate import AdviceGate
from agent.filler import Filler
from agent.instructions import unspoken
from agent.patience import Patience
from agent.speculation import Speculation
from agent.truth.gate import TruthGate
from tools import assistant_tools
from tools.context import CallContext


class Assistant(Agent):
    """Answers the caller with the model and the tools; what the model says passes the gate."""

    def __init__(
        self,
        instructions: str,
        *,
        history: ChatContext | None = None,
        messages_only: bool = False,
        on_entered: Callable[[], None] = lambda: None,
        patience: Patience | None = None,
        speculation: Speculation | None = None,
        filler: Filler | None = None,
        ignores: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`history`: what was said before this one took the conversation up; `messages_only`: with the tools
        for that alone; `on_entered`: it has; `ignores`: whether a turn that is over was no words of the caller's."""
        super().__init__(
            instructions=instructions,
            tools=[*assistant_tools(messages_only=messages_only)],
            chat_ctx=history or NOT_GIVEN,
            # Looked up each time that the model is about to be asked ahead.
            turn_handling=TurnHandlingOptions(preemptive_generation=speculation.options)
            if speculation is not None
            else NOT_GIVEN,
        )
        self._speculation = speculation
        self._on_entered = on_entered
        self._gate: TruthGate | None = None
        self._advice: AdviceGate
        self._patience = patience
        self._filler = filler
        self._ignores = ignores

    def _when_real(self, do: Callable[[], None]) -> None:
        if self._speculation is None:
            do()
        else:
            self._speculation.when_real(do)

    async def on_enter(self) -> None:
        self._on_entered()

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        if self._ignores(new_message.text_content or ""):
            raise StopResponse

    def llm_node(
        self, chat_ctx: ChatContext, tools: list[Tool], model_settings: ModelSettings
    ) -> AsyncIterable[ChatChunk | str | FlushSentinel]:
        if self._gate is None:
            call: CallContext = self.session.userdata
            self._gate = TruthGate(
                call,
                instructions=unspoken(call.profile),
                when_real=self._when_real,
            )
            self._advice = AdviceGate(call.profile)
        true = self._gate.speak(
            lambda asked: Agent.default.llm_node(self, asked, tools, model_settings),
            chat_ctx,
            tools=model_settings.tool_choice != "none",
        )
        answer = self._advice.speak(true)
        if self._filler is not None:
            answer = self._filler.before_tools(answer, chat_ctx, when_real=self._when_real)
        return answer if self._patience is None else self._patience.before_words(answer)

    def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncIterable[rtc.AudioFrame]:
        def speak(words: AsyncIterable[str]) -> AsyncIterable[rtc.AudioFrame]:
            by_voice = Agent.default.tts_node
            if self._filler is None:
                return by_voice(self, words, model_settings)
            return self._filler.spoken(words, lambda rest: by_voice(self, rest, model_settings))

        return speak(text) if self._patience is None else self._patience.spoken(text, speak)


class Listener(Agent):
    """Hears and never answers: while a person speaks with the caller, or a message is taken without the
    model."""

    def __init__(self, *, on_entered: Callable[[], None] = lambda: None) -> None:
        super().__init__(instructions="", llm=None, tts=None)
        self._on_entered = on_entered

    async def on_enter(self) -> None:
        self._on_entered()
