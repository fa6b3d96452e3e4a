"""A member of staff in a process of their own, so that their network and their browser can be taken away.

    python -m tests.calls.staff_process URL KEY SECRET ROOM USER_ID

Joins, opens the microphone, prints a line `live` and goes on speaking until it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from reception.caller.staff import StaffBrowser
from reception.caller.webrtc import LiveKit


async def main(url: str, key: str, secret: str, room: str, user_id: str) -> None:
    livekit = LiveKit(url=url, api_key=key, api_secret=secret)
    staff = await StaffBrowser.join(livekit, room, user_id=UUID(user_id))
    await staff.open_microphone()
    print("live", flush=True)
    while True:
        await staff.speak("you can use this number")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
