"""`python -m sandbox --port N`: runs until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from sandbox.server import Sandbox


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    return parser.parse_args()


async def _serve(host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Sandbox(port=port, host=host) as sandbox:
        await sandbox.warm()
        print(f"sandbox ready at {sandbox.url}", flush=True)
        await stop.wait()


def main() -> int:
    """Exit code 1, and a line that says why, when the port can't be had."""
    arguments = _arguments()
    try:
        asyncio.run(_serve(arguments.host, arguments.port))
    except OSError as error:
        print(f"sandbox: port {arguments.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
