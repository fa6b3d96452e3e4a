"""Figures of the whole installation for Prometheus, as the database knows them."""

from __future__ import annotations

from typing import get_args

from domain.alerts.models import AlertKind
from domain.metrics import Registry
from domain.watching.figures import InstallationFigures
from domain.watching.models import SyntheticOutcome

BREAKER_STATES = ("closed", "half_open", "open")


class InstallationMetrics:
    """Gauges that are set whenever somebody reads them; every admin process tells the same."""

    def __init__(self, registry: Registry) -> None:
        gauge = registry.gauge
        self._alerts = gauge(
            "reception_alerts_open", "Alerts nobody has settled.", "kind", "urgent"
        )
        self._breakers = gauge(
            "reception_provider_breakers",
            "Breakers by their state; more than one where businesses have keys of their own.",
            "kind",
            "provider",
            "state",
        )
        self._calendars = gauge("reception_calendars", "Outside calendars.", "state", "kind")
        self._workers = gauge("reception_workers", "Workers that gave a sign of life.", "state")
        self._capacity = gauge(
            "reception_capacity", "Calls that the workers that take some could serve."
        )
        self._calls = gauge("reception_capacity_used", "Calls that those workers serve.")
        self._undelivered = gauge(
            "reception_undelivered",
            "Facts of calls that wait in the workers' spools, by their last sign.",
        )
        self._jobs_processes = gauge(
            "reception_jobs_processes", "Processes that do background work."
        )
        self._synthetic = gauge(
            "reception_synthetic_calls_kept", "Synthetic calls of the last 30 days.", "outcome"
        )
        self._synthetic_failures = gauge(
            "reception_synthetic_call_failures",
            "Synthetic calls that failed since the last that passed.",
        )
        self._synthetic_passed = gauge(
            "reception_synthetic_call_passed_timestamp_seconds", "When one passed last, since 1970."
        )
        self._greeting = gauge(
            "reception_synthetic_call_greeting_seconds", "How soon the last one was greeted."
        )
        self._answer = gauge(
            "reception_synthetic_call_answer_seconds", "How soon the last one was answered."
        )

    def set(self, figures: InstallationFigures) -> None:
        # What is gone must not stand for ever.
        for gauge in (self._alerts, self._breakers, self._calendars):
            gauge.clear()
        for kind in get_args(AlertKind):
            for urgent in (True, False):
                count = figures.alerts.get((kind, urgent), 0)
                self._alerts.labels(kind, "yes" if urgent else "no").set(count)
        for kind, provider in {key[:2] for key in figures.breakers}:
            for state in BREAKER_STATES:
                count = figures.breakers.get((kind, provider, state), 0)
                self._breakers.labels(kind, provider, state).set(count)
        for (state, kind), count in figures.calendars.items():
            self._calendars.labels(state, kind).set(count)
        workers = figures.workers
        for state, count in (
            ("accepting", sum(one.accepting for one in workers)),
            ("draining", sum(one.draining for one in workers)),
            ("refusing", sum(not one.accepting and not one.draining for one in workers)),
        ):
            self._workers.labels(state).set(count)
        serving = [one for one in workers if not one.draining]
        self._capacity.set(sum(one.capacity for one in serving))
        self._calls.set(sum(one.active_calls for one in serving))
        self._undelivered.set(sum(one.undelivered for one in workers))
        self._jobs_processes.set(figures.jobs_processes)
        self._set_synthetic(figures)

    def _set_synthetic(self, figures: InstallationFigures) -> None:
        found = figures.synthetic
        for outcome in get_args(SyntheticOutcome):
            self._synthetic.labels(outcome).set(found.counts.get(outcome, 0) if found else 0)
        if found is None:
            return
        self._synthetic_failures.set(found.failures_in_a_row)
        if found.passed_at is not None:
            self._synthetic_passed.set(found.passed_at.timestamp())
        for gauge, seconds in (
            (self._greeting, found.last.greeting_seconds),
            (self._answer, found.last.answer_seconds),
        ):
            gauge.set(float("nan") if seconds is None else seconds)
