"""Importing this module does once what libraries put off to their first use.

Each step would otherwise hold up a call by 0.03 to 0.2 s on its event loop. The worker has it imported in
the fork server, so that every job process inherits the result: no threads, no connections here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final

from livekit.agents.utils import http_context
from pydantic import BaseModel
from sqlalchemy.orm import configure_mappers

from agent.providers import tls

_IMPORTED_LATE: Final = (
    "anyio._backends._asyncio",
    "domain.models",
    "jiter",
    "livekit.agents.llm.async_toolset",
    "numpy.fft",
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
    tls()
    http_context._create_ssl_context()


_warm()
