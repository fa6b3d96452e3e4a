"""How often a job is tried, and how long it waits between two tries."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from domain.seam import Seam

_RANDOM_BYTES = 4


class Backoff(BaseRetryStrategy):
    """Waits `first` seconds, then twice as long each time, up to `longest`; gives up after `tries`.

    Each wait is cut by up to a half at random, so that jobs that failed together (a vendor was away)
    do not all come back in the same second.
    """

    def __init__(
        self, *, seam: Seam, tries: int = 6, first: float = 5.0, longest: float = 600.0
    ) -> None:
        self.tries = tries
        self._seam = seam
        self._first, self._longest = first, longest

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; None: never."""
        if isinstance(exception, asyncio.CancelledError):
            # The process stops and hands the job back: no fault of the job's.
            return RetryDecision(retry_at=self._seam.now())
        if self.is_last(job):
            return None
        wait = timedelta(seconds=self.seconds(job.attempts))
        return RetryDecision(retry_at=self._seam.now() + wait)

    def is_last(self, job: Job) -> bool:
        """Whether the try that is going on is the last."""
        return job.attempts + 1 >= self.tries

    def seconds(self, attempts: int) -> float:
        """The wait after a job failed that had failed `attempts` times before."""
        # The exponent is bounded: a huge one overflows before `min` is asked.
        wait = min(self._longest, self._first * float(1 << min(attempts, 32)))
        random = int(self._seam.token(_RANDOM_BYTES), 16) / float(1 << 8 * _RANDOM_BYTES)
        return wait * (1 - random / 2)
