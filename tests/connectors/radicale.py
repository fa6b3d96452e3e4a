"""A real CalDAV server for the tests."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

USER = "lee@example.com"


class Radicale:
    """Radicale as a process of its own on a free port of loopback, with what it holds in `folder`."""

    def __init__(self, folder: Path, *, password: str = "secret") -> None:
        self._folder = folder
        self.password = password
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.change_password(password)
        (folder / "config").write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\n"
            "htpasswd_encryption = plain\ndelay = 0\n"
            f"[storage]\nfilesystem_folder = {folder / 'data'}\n"
            "[logging]\nlevel = error\n"
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def calendar(self) -> str:
        """The address of the user's calendar."""
        return f"{self.address}{USER}/practice/"

    def change_password(self, password: str) -> None:
        self.password = password
        (self._folder / "users").write_text(f"{USER}:{password}\n")

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(self._folder / "config")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _until(self._answers)

    def kill(self) -> None:
        """As a machine that fails: without a chance to finish anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def make_calendar(self) -> None:
        response = self.request(
            "MKCALENDAR",
            self.calendar,
            content='<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set>'
            "<d:prop><d:displayname>Practice</d:displayname></d:prop></d:set></c:mkcalendar>",
        )
        assert response.status_code == 201, response.text

    def put(self, name: str, *lines: str) -> httpx.Response:
        """Store an event as somebody's own program would."""
        return self.request("PUT", self.calendar + name, content=event(*lines))

    def get(self, name: str) -> str | None:
        response = self.request("GET", self.calendar + name)
        return response.text if response.status_code == 200 else None

    def names(self) -> list[str]:
        """What the calendar holds."""
        folder = self._folder / "data" / "collection-root" / USER / "practice"
        return sorted(path.name for path in folder.glob("*.ics"))

    def request(
        self, method: str, url: str, *, content: str = "", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return httpx.request(
            method,
            url,
            content=content,
            headers=headers,
            auth=(USER, self.password),
            # Loading the certificates of the world's authorities for each request would take the longest.
            verify=False,
        )

    def _answers(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "radicale ended"
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def event(*lines: str) -> str:
    """One event as a calendar; `lines` beside the UID that it needs."""
    uid = () if any(line.startswith("UID") for line in lines) else ("UID:theirs",)
    body = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "BEGIN:VEVENT",
        *uid,
        "DTSTAMP:20261101T000000Z",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(body) + "\r\n"


def _until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "radicale does not answer"
        time.sleep(0.02)
