"""Where a worker's jobs tell their figures: chosen before its fork server starts, whose environment they inherit."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

VARIABLE: Final = "RECEPTION_FIGURES_SOCKET"
"""Set by the worker for its job processes; no setting."""


def choose_address() -> Path | None:
    """The socket's path, in a folder of its own that only this user may enter; named in the environment. None
    where no folder can be made: calls are served without figures then."""
    try:
        # Not under RECEPTION_HOME: a socket's path has 107 bytes at most (unix(7)).
        path = Path(tempfile.mkdtemp(prefix="reception-")) / "figures"
    except OSError:
        os.environ.pop(VARIABLE, None)
        return None
    os.environ[VARIABLE] = str(path)
    return path
