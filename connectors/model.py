"""Wording an answer as the assistant would: the business's model chain over HTTP.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import httpx

from connectors.chain import VendorFailed, body_of, endpoints_of, first_answer
from domain.businesses.settings import BusinessSettings
from domain.environment import Environment
from domain.providers.endpoints import Endpoint

LONGEST_ANSWER: Final = 2000
"""Characters of an answer that are kept."""

_OWN_ADDRESS: Final = "https://api.openai.com/v1"
_SECONDS: Final = 20.0
_LOOK_UP: Final[dict[str, Any]] = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Look up what the business says about itself.",
        "parameters": {
            "type": "object",
            "properties": {"question": {"type": "string"}},
            "required": ["question"],
        },
    },
}


async def word_answer(
    environment: Environment,
    settings: BusinessSettings,
    *,
    business: str,
    question: str,
    facts: Sequence[str],
) -> str:
    """The answer to a caller's `question` from `facts` alone, in one or two sentences.

    Raises VendorsFailed, and Refused for a stand-in in production.
    """
    messages = _messages(settings, business=business, question=question, facts=facts)

    async def ask(client: httpx.AsyncClient, one: Endpoint) -> str:
        request = client.build_request(
            "POST",
            f"{one.base_url or _OWN_ADDRESS}/chat/completions",
            headers={"Authorization": f"Bearer {one.api_key}"},
            json={
                "model": one.model,
                "messages": messages,
                # Named because of the messages that mention it, and not to be called again.
                "tools": [_LOOK_UP],
                "tool_choice": "none",
            },
        )
        _, body = await body_of(client, request)
        return _text_of(body)

    return await first_answer(
        endpoints_of(environment, settings.providers.model), ask, seconds=_SECONDS
    )


def _messages(
    settings: BusinessSettings, *, business: str, question: str, facts: Sequence[str]
) -> list[dict[str, Any]]:
    """A call's own course: the caller asks, the tool has answered, the assistant is to speak."""
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "look_up", "arguments": json.dumps({"question": question})},
    }
    told = (
        f"{' '.join(facts)} | Answer the caller's question from this alone, in one or two sentences. "
        "If it does not answer it, say that you don't know."
    )
    return [
        {
            "role": "system",
            "content": f"You answer the telephone of {business}. Speak {settings.language}, in plain "
            "sentences. Say only what the tool told you; you know nothing else about the business.",
        },
        {"role": "user", "content": question},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": told},
    ]


def _text_of(body: bytes) -> str:
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise VendorFailed("answered with something that was not understood") from None
    if not isinstance(text, str) or not text.strip():
        raise VendorFailed("answered with nothing")
    return text.strip()[:LONGEST_ANSWER]
