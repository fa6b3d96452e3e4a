"""The functions that livekit-agents runs in a job's process: module-level, so that they can be pickled."""

from __future__ import annotations

import importlib
import logging

from livekit.agents import JobContext, JobProcess

from agent import logs
from agent.answering import Answering
from domain.environment import load_environment

log = logging.getLogger("reception.agent.job")

_ENVIRONMENT, _DETECTOR, _ANSWERING = "environment", "detector", "answering"


def set_up(process: JobProcess) -> None:
    """Before a call: what takes time and belongs to no call. Opens no connection."""
    logs.install_in_job()
    warm = importlib.import_module("agent.warm")
    process.userdata[_ENVIRONMENT] = load_environment()
    process.userdata[_DETECTOR] = warm.DETECTOR


async def serve(job: JobContext) -> None:
    """Serve one call; returns when its greeting is under way."""
    userdata = job.proc.userdata
    answering = Answering(job, environment=userdata[_ENVIRONMENT], detector=userdata[_DETECTOR])
    userdata[_ANSWERING] = answering
    try:
        await answering.answer()
    except Exception:
        log.exception("call not served")
        await answering.apologise()


async def finish(job: JobContext) -> None:
    """The session has closed: the call's last facts are delivered, or left in the spool."""
    answering: Answering | None = job.proc.userdata.get(_ANSWERING)
    if answering is not None:
        await answering.close()
