"""Importing this module does once what libraries put off to their first use.

Each step would otherwise hold up a call by 0.03 to 0.2 s on its event loop, and cost each its own memory. The
worker has it imported before the fork server, so that every job process inherits the result: no threads, no
connections here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final

from livekit.agents import FunctionTool
from livekit.agents.tokenize.basic import hyphenate_word
from livekit.agents.utils import http_context
from pydantic import BaseModel
from sqlalchemy.orm import configure_mappers

from agent.chain.tool_schemas import described
from agent.detector import load_detector
from agent.providers import tls
from domain.environment import Environment
from domain.learnt import classifier as learnt
from tools import assistant_tools

_IMPORTED_LATE: Final = (
    "anyio._backends._asyncio",
    "domain.models",
    "jiter",
    "livekit.agents.llm.async_toolset",
    "numpy.fft",
    "numpy.ma",
    "openai.resources.chat.completions",
    "openai.resources.models",
    "openai.types.chat.chat_completion_chunk",
    "psycopg.types.json",
    "sqlalchemy.dialects.postgresql.psycopg",
)
_BUILT_LATE: Final = (
    "agent.",
    "domain.",
    "tools.",
    "livekit.agents.",
    "openai.types.chat.chat_completion",
)
"""Packages whose pydantic models are built when they are first used."""


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _warm() -> None:
    for module in _IMPORTED_LATE:
        importlib.import_module(module)
    configure_mappers()
    for model in list(_models(BaseModel)):
        if model.__module__.startswith(_BUILT_LATE) and not model.__pydantic_complete__:
            model.model_rebuild(raise_errors=False)
        for attribute in model.__private_attributes__.values():
            # Remembered: the first look copies `sys.modules`, and with each entry that it counts up Linux
            # copies a page (7 MiB).
            _ = attribute.default_factory_takes_validated_data
    # Its patterns are built on the first word.
    hyphenate_word("reception")
    for name in ("claims", "dangers"):
        learnt.load(name)
    described([one for one in assistant_tools() if isinstance(one, FunctionTool)])
    tls()
    http_context._create_ssl_context()


_warm()

DETECTOR: Final = load_detector(Environment().reception_voice_detector)
