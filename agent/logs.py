"""Logs of the worker and of its jobs: JSON lines without private data."""

from __future__ import annotations

import logging
import re
import sys
from typing import Final

from livekit.agents.cli.log import JsonFormatter, _silence_noisy_loggers

from domain.logs import describe
from domain.masking import mask_phone

_PHONE: Final = re.compile(r"((?:sip_|sip:|tel:|call-_)\+?|\+)(\d{7,15})")
"""Bare digits are left alone: they are process ids and times as often as telephone numbers."""
_PRIVATE: Final = re.compile(
    r"(^|[._])pii([._]|$)|transcript|^(text|input|arguments|content|function_call)s?$"
)
"""Keys under which livekit-agents puts what people said (its convention is a `pii` segment)."""


class MaskingFormatter(JsonFormatter):
    """JSON lines in which telephone numbers are masked and what people said is left out.

    livekit-agents logs participants' identities, and livekit-sip makes a caller's of his number. The
    records of the job processes are written by the worker's main process, so this masks them too.
    """

    def format(self, record: logging.LogRecord) -> str:
        for key in [key for key in record.__dict__ if _PRIVATE.search(key)]:
            record.__dict__.pop(key)
        return mask_numbers(super().format(record))


class WithoutErrorText(logging.Filter):
    """Leaves types and places of errors: their texts repeat what they failed on, as what a vendor answered, or
    the values of a row. Lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            for name, value in describe(error).items():
                record.__dict__.setdefault(name, value)
        record.exc_info, record.exc_text = None, None
        for name, value in record.__dict__.items():
            # livekit-agents gives errors as fields.
            if isinstance(value, BaseException):
                record.__dict__[name] = type(value).__name__
        return True


def mask_numbers(line: str) -> str:
    """`sip_+12025550123` → `sip_XXX-XXX-0123`."""
    return _PHONE.sub(lambda found: found.group(1).rstrip("+") + mask_phone(found.group(2)), line)


def install(level: int = logging.INFO) -> None:
    """Send every record of this process, and of the jobs it starts, to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(MaskingFormatter())
    handler.addFilter(WithoutErrorText())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    _silence_noisy_loggers()


def install_in_job() -> None:
    """In a job's process, whose records are made text before they are sent to the worker's."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(WithoutErrorText())
