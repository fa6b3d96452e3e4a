"""A database of the first version keeps what is booked in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from domain.bootstrap import bootstrap_roles
from domain.migrate import _config, upgrade
from tests.postgres import DatabaseAddress, address, drop

_BUSINESS, _PERSON, _SERVICE, _APPOINTMENT = (uuid.UUID(int=number) for number in range(1, 5))

_ROWS = f"""
    INSERT INTO businesses (id, name, time_zone, country, settings_version, created_at)
    VALUES ('{_BUSINESS}', 'B', 'America/New_York', 'US', 1, now());
    INSERT INTO resources (kind, business_id) VALUES ('person', '{_BUSINESS}');
    INSERT INTO people (id, business_id, resource_id, name, title, active, created_at)
    SELECT '{_PERSON}', '{_BUSINESS}', id, '', '', true, now() FROM resources;
    INSERT INTO services (id, business_id, name, description, duration_minutes,
        buffer_before_minutes, buffer_after_minutes, price, active, created_at)
    VALUES ('{_SERVICE}', '{_BUSINESS}', 'S', '', 30, 0, 0, '', true, now());
    INSERT INTO appointments (id, business_id, service_id, person_id, starts_at, ends_at, state, code,
        created_at, updated_at)
    VALUES ('{_APPOINTMENT}', '{_BUSINESS}', '{_SERVICE}', '{_PERSON}', '2026-12-01 10:00+00',
        '2026-12-01 10:30+00', 'booked', 'AAAAAA', now(), now());
    INSERT INTO appointment_resources (appointment_id, resource_id, during, state, business_id)
    SELECT '{_APPOINTMENT}', id, '[2026-12-01 10:00+00, 2026-12-01 10:30+00)', 'booked', '{_BUSINESS}'
    FROM resources;
"""

_ANOTHER = f"""
    INSERT INTO appointments (id, business_id, service_id, person_id, starts_at, ends_at, state, code,
        created_at, updated_at)
    VALUES ('{uuid.UUID(int=5)}', '{_BUSINESS}', '{_SERVICE}', '{_PERSON}', '2026-12-01 10:15+00',
        '2026-12-01 11:00+00', 'booked', 'BBBBBB', now(), now());
"""


@pytest.fixture
def first_version() -> Iterator[DatabaseAddress]:
    superuser_url = os.environ["RECEPTION_TEST_POSTGRES"]
    name = f"test_{uuid.uuid4().hex[:12]}"
    bootstrap_roles(superuser_url, database=name, owner_password="test", app_password="test")
    target = address(superuser_url, name)
    command.upgrade(_config(target.owner), "0001")
    yield target
    drop(superuser_url, target)


def test_what_was_booked_stays_booked_and_nobody_books_over_it(
    first_version: DatabaseAddress,
) -> None:
    with psycopg.connect(first_version.superuser) as connection:
        connection.execute(_ROWS.encode())
    upgrade(first_version.owner)
    with psycopg.connect(first_version.superuser) as connection:
        row = connection.execute(
            "SELECT a.state, a.version, r.begins_at = lower(r.during), r.ends_at = upper(r.during)"
            " FROM appointment_resources r JOIN appointments a ON a.id = r.appointment_id"
        ).fetchone()
        assert row == ("booked", 1, True, True)
        services = connection.execute("SELECT channel, capacity, new_contacts_only FROM services")
        assert services.fetchone() == ("in_person", 1, False)
        connection.execute(_ANOTHER.encode())
        with pytest.raises(psycopg.errors.ExclusionViolation):
            connection.execute(
                "INSERT INTO appointment_resources"
                " (appointment_id, resource_id, during, state, business_id) SELECT a.id, r.id,"
                " '[2026-12-01 10:15+00, 2026-12-01 11:00+00)', 'booked', a.business_id"
                " FROM appointments a, resources r WHERE a.code = 'BBBBBB'"
            )
