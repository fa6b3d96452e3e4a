"""Counting how providers do, over all workers, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from domain.alerts.operations import open_alert, resolve_alert
from domain.businesses.settings import Kind, Provider, Providers
from domain.database import Scope
from domain.errors import NotFound
from domain.providers.breaker import (
    WINDOW,
    Override,
    Standing,
    State,
    after_probe,
    after_tries,
    counted_since,
    may_probe,
    probing,
)
from domain.providers.endpoints import endpoint_name, own_endpoint
from domain.providers.models import ProviderBreaker, ProviderTally
from domain.tables import INSTALLATION

KEEP: Final = timedelta(days=1)
"""How long tallies stay: far longer than the window, for whoever looks into an outage."""
_DOWN: Final = "provider_down"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a breaker last changed that has only ever been closed."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """How one provider stands, and whose it is."""

    business_id: UUID
    kind: Kind
    provider: str
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Report:
    """One provider, for who looks after it."""

    kind: Kind
    provider: str
    own: bool
    """Of the business; else the installation's."""
    state: State
    since: datetime | None
    """When the state last changed; None when it never has."""
    tries: int
    failures: int
    """Both in the last five minutes."""
    override: Override | None
    override_by: str | None
    override_at: datetime | None


async def count(
    scope: Scope, *, kind: Kind, provider: str, tries: int, failures: int, probe: bool = False
) -> State:
    """Add tries to the minute's tally, and let the breaker follow from them; its state now. Two workers that
    count at once lose nothing. `probe`: these are the tries of the call that may try it (`claim_probe`)."""
    now = scope.seam.now()
    fresh = insert(ProviderTally).values(
        business_id=scope.business_id,
        kind=kind,
        provider=provider,
        minute=now.replace(second=0, microsecond=0),
        tries=tries,
        failures=failures,
    )
    await scope.session.execute(
        fresh.on_conflict_do_update(
            index_elements=["business_id", "kind", "provider", "minute"],
            set_={
                "tries": ProviderTally.tries + fresh.excluded.tries,
                "failures": ProviderTally.failures + fresh.excluded.failures,
            },
        )
    )
    if not failures and not probe:
        # The usual case: what has worked opens nothing.
        return "closed"
    return await _judge(scope, kind, provider, failures=failures, probe=probe, now=now)


async def claim_probe(scope: Scope, *, kind: Kind, provider: str) -> bool:
    """Whether this call is the one that tries a provider whose breaker is open. Of several that ask at once,
    one."""
    row = await _locked(scope, kind, provider)
    now = scope.seam.now()
    if row is None or not may_probe(_standing(row), now):
        return False
    _store(row, probing(_standing(row), now))
    await scope.session.flush()
    return True


async def known(scope: Scope) -> tuple[Known, ...]:
    """The breakers that were ever closed or opened: the installation's, and the business's own. One query."""
    rows = await scope.session.scalars(
        select(ProviderBreaker)
        .where(ProviderBreaker.business_id.in_([scope.business_id, INSTALLATION]))
        .order_by(ProviderBreaker.business_id, ProviderBreaker.kind, ProviderBreaker.provider)
    )
    return tuple(
        Known(
            business_id=row.business_id,
            kind=cast(Kind, row.kind),
            provider=row.provider,
            standing=_standing(row),
        )
        for row in rows
    )


async def reports(scope: Scope, *, used: Providers | None) -> Sequence[Report]:
    """How providers do. `used`: the chains of the scope's business, of which each is told; without any, the
    installation's are told."""
    breakers = {
        (row.business_id, row.kind, row.provider): row
        for row in await scope.session.scalars(
            select(ProviderBreaker).where(
                ProviderBreaker.business_id.in_([scope.business_id, INSTALLATION])
            )
        )
    }
    tallies = await _tallies(scope)
    if used is None:
        wanted = {(INSTALLATION, *one) for one in _of_chains(Providers(), own=False)}
        wanted |= {key for key in (*breakers, *tallies) if key[0] == INSTALLATION}
    else:
        wanted = {(INSTALLATION, *one) for one in _of_chains(used, own=False)}
        wanted |= {(scope.business_id, *one) for one in _of_chains(used, own=True)}
    return [
        _report(key, breakers.get(key), tallies.get(key, (0, 0)))
        for key in sorted(wanted, key=lambda key: (key[1], key[2], key[0]))
    ]


async def decide(
    scope: Scope,
    *,
    kind: Kind,
    provider: str,
    state: Override | None,
    by: str,
    used: Providers | None = None,
) -> Report:
    """Let an operator's decision stand above the figures, or (None) the figures decide again. `by` is the id of
    a user or key, `used` as for `reports`. Raises NotFound for a provider that is not of this scope."""
    tallies = await _tallies(scope)
    row = await _locked(scope, kind, provider)
    key = (scope.business_id, kind, provider)
    if row is None:
        usual = _of_chains(used or Providers(), own=used is not None)
        if key not in tallies and (kind, provider) not in usual:
            raise NotFound("provider")
        await _ensure(scope, kind, provider)
        row = await _locked(scope, kind, provider)
    if row is None:
        raise NotFound("provider")
    row.override = state
    row.override_by = by
    row.override_at = scope.seam.now()
    await scope.session.flush()
    return _report(key, row, tallies.get(key, (0, 0)))


async def forget_old(scope: Scope) -> int:
    """Drop the scope's tallies that count for nothing any more; how many."""
    gone = await scope.session.scalars(
        delete(ProviderTally)
        .where(
            ProviderTally.business_id == scope.business_id,
            ProviderTally.minute < scope.seam.now() - KEEP,
        )
        .returning(ProviderTally.minute)
    )
    return len(gone.all())


async def _judge(
    scope: Scope, kind: Kind, provider: str, *, failures: int, probe: bool, now: datetime
) -> State:
    await _ensure(scope, kind, provider)
    row = await _locked(scope, kind, provider)
    assert row is not None, "ensured in this transaction"
    before = _standing(row)
    if probe:
        after = after_probe(before, failed=bool(failures), now=now)
    else:
        tried, failed = await _sums(scope, kind, provider, since=counted_since(before, now))
        after = after_tries(before, tries=tried, failures=failed, now=now)
    if after != before:
        _store(row, after)
        await scope.session.flush()
        subject = f"{kind} {provider}"
        if after.state == "open" and before.state == "closed":
            await open_alert(scope, kind=_DOWN, subject=subject, urgent=True)
        elif after.state == "closed":
            await resolve_alert(scope, kind=_DOWN, subject=subject)
    return after.state


async def _ensure(scope: Scope, kind: Kind, provider: str) -> None:
    await scope.session.execute(
        insert(ProviderBreaker)
        .values(
            business_id=scope.business_id,
            kind=kind,
            provider=provider,
            state="closed",
            # What was counted so far counts: nothing has changed.
            changed_at=_NEVER,
        )
        .on_conflict_do_nothing()
    )


async def _locked(scope: Scope, kind: Kind, provider: str) -> ProviderBreaker | None:
    found: ProviderBreaker | None = await scope.session.scalar(
        select(ProviderBreaker)
        .where(
            ProviderBreaker.business_id == scope.business_id,
            ProviderBreaker.kind == kind,
            ProviderBreaker.provider == provider,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def _sums(scope: Scope, kind: Kind, provider: str, *, since: datetime) -> tuple[int, int]:
    row = (
        await scope.session.execute(
            select(
                func.coalesce(func.sum(ProviderTally.tries), 0),
                func.coalesce(func.sum(ProviderTally.failures), 0),
            ).where(
                ProviderTally.business_id == scope.business_id,
                ProviderTally.kind == kind,
                ProviderTally.provider == provider,
                ProviderTally.minute >= since,
            )
        )
    ).one()
    return int(row[0]), int(row[1])


async def _tallies(scope: Scope) -> dict[tuple[UUID, str, str], tuple[int, int]]:
    rows = await scope.session.execute(
        select(
            ProviderTally.business_id,
            ProviderTally.kind,
            ProviderTally.provider,
            func.sum(ProviderTally.tries),
            func.sum(ProviderTally.failures),
        )
        .where(
            ProviderTally.business_id.in_([scope.business_id, INSTALLATION]),
            ProviderTally.minute >= scope.seam.now() - WINDOW,
        )
        .group_by(ProviderTally.business_id, ProviderTally.kind, ProviderTally.provider)
    )
    return {(owner, kind, name): (int(tries), int(bad)) for owner, kind, name, tries, bad in rows}


def _of_chains(chains: Providers, *, own: bool) -> set[tuple[str, str]]:
    each: Iterable[tuple[str, Provider]] = [
        *(("hearing", one) for one in chains.hearing),
        *(("model", one) for one in chains.model),
        *(("speech", one) for one in chains.speech),
    ]
    return {(kind, endpoint_name(one)) for kind, one in each if own_endpoint(one) == own}


def _standing(row: ProviderBreaker) -> Standing:
    return Standing(
        state=cast(State, row.state),
        changed_at=row.changed_at,
        probe_until=row.probe_until,
        override=cast(Override | None, row.override),
    )


def _store(row: ProviderBreaker, standing: Standing) -> None:
    row.state = standing.state
    row.changed_at = standing.changed_at
    row.probe_until = standing.probe_until


def _report(
    key: tuple[UUID, str, str], row: ProviderBreaker | None, counted: tuple[int, int]
) -> Report:
    owner, kind, provider = key
    return Report(
        kind=cast(Kind, kind),
        provider=provider,
        own=owner != INSTALLATION,
        state=cast(State, row.state) if row is not None else "closed",
        since=row.changed_at if row is not None and row.changed_at != _NEVER else None,
        tries=counted[0],
        failures=counted[1],
        override=cast(Override | None, row.override) if row is not None else None,
        override_by=row.override_by if row is not None else None,
        override_at=row.override_at if row is not None else None,
    )
