"""How often one address may try something."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from litestar.exceptions import TooManyRequestsException

from domain.seam import Seam

_MOST_ADDRESSES = 10_000


class RateLimit:
    """`most` tries of one network address within `window`, each counted before it is made.

    Kept in the process: with N of them an address has N times as many tries, and none is remembered
    after a restart. What stops the guessing of one password is the account's own lock, in the database;
    this stops one address from trying many accounts, and from keeping the processor busy.
    """

    def __init__(self, *, most: int, window: timedelta, seam: Seam) -> None:
        self._most = most
        self._window = window
        self._seam = seam
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, address: str) -> None:
        """Count a try. Raises TooManyRequestsException with `Retry-After`."""
        now = self._seam.now()
        tries = self._tries.setdefault(_network(address), deque())
        while tries and tries[0] <= now - self._window:
            tries.popleft()
        if len(tries) >= self._most:
            wait = max(1, int((tries[0] + self._window - now).total_seconds()) + 1)
            raise TooManyRequestsException(
                detail=f"There were too many tries; try again in {wait} seconds.",
                headers={"Retry-After": str(wait)},
            )
        tries.append(now)
        self._tries.move_to_end(_network(address))
        # Whoever has many addresses must not fill the memory; the one that rested longest goes.
        while len(self._tries) > _MOST_ADDRESSES:
            self._tries.popitem(last=False)

    def give_back(self, address: str) -> None:
        """Uncount the last try: it was a good one. A practice whose staff share an address signs in at
        the same minute every morning."""
        tries = self._tries.get(_network(address))
        if tries:
            tries.pop()


def _network(address: str) -> str:
    """An IPv6 customer has a /64 at least (RFC 6177), so that is one address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))
