"""The data folder (`$RECEPTION_HOME`) of a machine that runs `reception up`, and who holds it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reception.errors import ReceptionError

RUNNING_FILE = "running.env"


class AlreadyRunning(ReceptionError):
    """Another `reception up` holds this home; the message names its process."""


def project_root() -> Path:
    """The folder that holds `livekit.yaml` and `sip-config/`."""
    return Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """Paths inside the data folder. Everything in it is readable by its owner only."""

    folder: Path

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def rendered(self) -> Path:
        """Configuration rendered for the parts: ports, keys, addresses."""
        return self.folder / "rendered"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def running(self) -> Path:
        """Environment of the parts that run now, for commands in another terminal."""
        return self.folder / RUNNING_FILE

    @property
    def owner_key(self) -> Path:
        return self.folder / "owner-api-key"

    def read_owner_key(self) -> str:
        """The demo owner's API key as `reception up` kept it; empty when there is none."""
        try:
            return self.owner_key.read_text().strip()
        except FileNotFoundError:
            return ""

    @property
    def owner_sign_in(self) -> Path:
        """How the demo business's owner signs in to the console: EMAIL, PASSWORD, USER_ID, SET_AT."""
        return self.folder / "owner-sign-in"

    def make(self) -> None:
        """Create the folders. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.logs, self.rendered):
            folder.mkdir(exist_ok=True, mode=0o700)

    def lock(self, *, wait: float = 12.0) -> IO[str]:
        """Hold this home until the file returned is closed by every process that has it.

        After a `kill -9` of `reception up` its guardian keeps the lock while it ends the parts, so
        the lock is waited for (up to `wait` seconds) when its holder is gone.
        Raises AlreadyRunning.
        """
        file = open(self.folder / "up.lock", "a+")  # noqa: SIM115 - held for the life of `up`
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = _holder(file)
                if _alive(holder) or time.monotonic() > deadline:
                    file.close()
                    raise AlreadyRunning(
                        f"`reception up` already runs in {self.folder} (process {holder}); stop it"
                        " first, or set RECEPTION_HOME to another folder"
                    ) from None
                time.sleep(0.1)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        return file

    def is_running(self) -> bool:
        """Whether some `reception up` holds this home now."""
        try:
            file = open(self.folder / "up.lock")  # noqa: SIM115
        except OSError:
            return False
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def _holder(file: IO[str]) -> int:
    file.seek(0)
    text = file.read().strip()
    return int(text) if text.isdigit() else 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


def write_variables(path: Path, values: Mapping[str, str]) -> None:
    """Write `NAME=value` lines to a private file. Values hold no line breaks."""
    write_private(path, "".join(f"{name}={value}\n" for name, value in values.items()))


def read_variables(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of a file that `write_variables` wrote; empty when it is not there."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)
