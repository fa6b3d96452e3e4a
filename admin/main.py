"""Runs the admin service as a process."""

from __future__ import annotations

import signal
import socket
import sys

import uvicorn

from admin.app import create_app
from admin.live import Live
from domain.environment import load_environment
from domain.logs import configure_logging

_GRACE_SECONDS = 10


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn waits for every answer before it ends the application: those of the live feed would
        never end by themselves."""
        live: Live = self.config.app.state.live  # type: ignore[union-attr]
        live.close()
        await super().shutdown(sockets)


def main(*, host: str = "0.0.0.0") -> int:
    """Serve on RECEPTION_ADMIN_PORT until SIGTERM or SIGINT, then finish what was begun.

    Returns 0 after a clean end, 1 when the settings are wrong or the port is taken.
    """
    try:
        environment = load_environment()
        if not environment.database_url:
            raise ValueError("DATABASE_URL: must be set (`reception up` sets it for its parts)")
        app = create_app(environment)
    except ValueError as error:
        print(f"admin: {error}", file=sys.stderr)
        return 1
    configure_logging()
    server = _Server(
        uvicorn.Config(
            app,
            host=host,
            port=environment.reception_admin_port,
            log_config=None,
            # uvicorn's own access log writes query strings, where telephone numbers may stand.
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    # uvicorn raises the signal again after a clean end; without these the process would die of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        server.run()
    except SystemExit:
        # uvicorn's way to say that it could not start; it has logged why.
        return 1
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
