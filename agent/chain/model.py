"""The chain of models: a provider that hangs or breaks off is followed by the next, in the same answer."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from livekit.agents import NOT_GIVEN, APIConnectionError, APIConnectOptions, APIError, llm
from livekit.agents.llm.fallback_adapter import FallbackAdapter, FallbackLLMStream
from livekit.agents.llm.tool_context import Tool, ToolChoice
from livekit.agents.types import NotGivenOr

from agent.chain.joint import Joint
from agent.chain.member import Held, Member, first_in_order, in_order, worth_another_try
from agent.chain.tool_schemas import described

MODEL_SECONDS: Final = 4.0
"""How long the last provider that is left may send nothing."""
MODEL_FIRST_SECONDS: Final = 2.5
"""How long one may that has another behind it: the caller hears a word of patience at two."""

_GO_ON: Final = (
    "Your answer was cut off by a technical fault after these words, which the caller has heard. Go on with"
    " the same sentence from there; do not repeat anything, and do not mention the fault."
)


class ModelChain(FallbackAdapter):
    """A chain of models. Unlike LiveKit's adapter it sends no second request to a failed provider beside each
    answer; it lets it rest instead, and has an answer that broke off ended by the next."""

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__([one.model for one in members], attempt_timeout=MODEL_SECONDS)
        self.members = members

    def _next_instance(self) -> llm.LLM[Any]:
        found: llm.LLM[Any] = first_in_order(self.members).model
        return found

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[Tool] | None = None,
        conn_options: APIConnectOptions = APIConnectOptions(max_retry=0),  # noqa: B008 - frozen
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        return ModelStream(
            self,
            chat_ctx=chat_ctx,
            tools=tools or [],
            conn_options=conn_options,
            parallel_tool_calls=parallel_tool_calls,
            tool_choice=tool_choice,
            extra_kwargs=extra_kwargs,
        )


class ModelStream(FallbackLLMStream):
    """One answer."""

    def __init__(self, chain: ModelChain, **options: Any) -> None:
        super().__init__(chain, **options)
        self._chain = chain
        self._said = ""
        self._called = False
        self._gone_on = False

    async def _run(self) -> None:
        began = time.monotonic()
        waiting = in_order(self._chain.members)
        failure: BaseException = Held()
        while waiting:
            member = waiting.pop(0)
            try:
                await self._ask(member, last=not waiting)
            except Exception as error:
                failure = error
                member.failed(error)
                if self._called:
                    # Whole calls of tools have gone out: their results bring the model back by themselves.
                    return
                if self._said and not waiting and not self._gone_on and not member.held:
                    # In the middle of a sentence the only one there is gets another try.
                    self._gone_on = True
                    waiting.append(member)
                continue
            member.succeeded()
            return
        seconds = time.monotonic() - began
        raise APIConnectionError(
            f"no model answered after {seconds:.1f} seconds",
            retryable=not self._said and worth_another_try(failure, after=seconds),
        ) from failure

    async def _ask(self, member: Member, *, last: bool) -> None:
        joint = Joint(self._said)
        async for chunk in self._chunks(member, last=last):
            if chunk.delta is not None:
                self._called = self._called or bool(chunk.delta.tool_calls)
                if chunk.delta.content:
                    chunk.delta.content = joint.feed(chunk.delta.content)
                    self._said += chunk.delta.content
            self._event_ch.send_nowait(chunk)
        if tail := joint.finish():
            self._said += tail
            self._event_ch.send_nowait(
                llm.ChatChunk(id="joint", delta=llm.ChoiceDelta(role="assistant", content=tail))
            )

    async def _chunks(self, member: Member, *, last: bool) -> AsyncIterator[llm.ChatChunk]:
        # The plugin counts it anew for every piece that arrives: the first, and each after it.
        seconds = MODEL_SECONDS if last else MODEL_FIRST_SECONDS
        try:
            async with member.model.chat(
                chat_ctx=self._context(),
                tools=described(self._tools),
                parallel_tool_calls=self._parallel_tool_calls,
                tool_choice=self._tool_choice,
                extra_kwargs=self._extra_kwargs,
                conn_options=dataclasses.replace(self._conn_options, max_retry=0, timeout=seconds),
            ) as stream:
                stream._retry_on_chunk_sent = False
                self._current_stream = stream
                self._chain._active_instance = member.model
                answered = False
                async for chunk in stream:
                    answered = answered or chunk.has_response()
                    yield chunk
                if not answered and not self._said:
                    # A stream that ends without a word is what a proxy makes of an upstream that died.
                    raise APIError("the model sent nothing")
        except asyncio.CancelledError:
            if self._said:
                # The caller interrupted: it was answering.
                member.succeeded()
            raise

    def _context(self) -> llm.ChatContext:
        if not self._said:
            return self._chat_ctx
        context = self._chat_ctx.copy()
        context.add_message(role="assistant", content=self._said)
        context.add_message(role="system", content=_GO_ON)
        return context
