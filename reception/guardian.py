"""Ends the parts when `reception up` dies without stopping them (`kill -9`, out of memory).

Runs as a process of its own, on the standard library only, with a pipe from `reception up` as its input:
`+ GROUP SIGNAL` a process group lives, `- GROUP` it ended. When the pipe closes, whatever still lives is
signalled, the last started first, and killed after a few seconds.
"""

import os
import signal
import sys
import time

GRACE = 5.0


def main() -> None:
    """Serve until the pipe closes, then end what is left."""
    # Ctrl-C and a closed terminal are for `reception up`, which stops the parts in order.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        words = line.split()
        if words[0] == "+":
            groups[int(words[1])] = int(words[2])
        else:
            groups.pop(int(words[1]), None)
    for group, number in reversed(groups.items()):
        _signal(group, number)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(_signal(group, 0) for group in groups):
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
