"""Fixtures for everything: a real PostgreSQL, a pinned clock, a keyring."""

from __future__ import annotations

import copy
import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.accounts import passwords
from domain.database import Database
from domain.encryption import Keyring, use_keyring
from domain.seam import PinnedSeam
from tests.postgres import DatabaseAddress, Emptying, TestPostgres, clone_template, drop

_POSTGRES_URL = "RECEPTION_TEST_POSTGRES"
_server = pytest.StashKey[TestPostgres]()

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""Monday 23 November 2026, noon in New York."""


def pytest_configure(config: pytest.Config) -> None:
    # xdist's workers inherit the environment: they share the server that the first process starts.
    if _POSTGRES_URL not in os.environ and not hasattr(config, "workerinput"):
        config.stash[_server] = TestPostgres()
        os.environ[_POSTGRES_URL] = config.stash[_server].url


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server in config.stash:
        os.environ.pop(_POSTGRES_URL, None)
        config.stash[_server].stop()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Importing every test makes a million objects that stay: looking through them for garbage, then and
    at every test's allocations, takes longer than many of the tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def keyring() -> Keyring:
    """The keyring of the run: encrypted columns work in every test."""
    ring = Keyring(encryption_keys=[Fernet.generate_key().decode()], index_key="index" * 8)
    use_keyring(ring)
    return ring


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Hashes that cost nothing: those of production are made to be slow."""
    passwords._HASHER = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def seam() -> PinnedSeam:
    return PinnedSeam(NOON)


@pytest.fixture(scope="session")
def _worker_database() -> Iterator[DatabaseAddress]:
    superuser_url = os.environ[_POSTGRES_URL]
    target = clone_template(superuser_url)
    yield target
    drop(superuser_url, target)


@pytest.fixture(scope="session")
def _empty(_worker_database: DatabaseAddress) -> Iterator[Emptying]:
    emptying = Emptying(_worker_database)
    yield emptying
    emptying.close()


@pytest.fixture(scope="session")
async def _worker_pool(
    _worker_database: DatabaseAddress, keyring: Keyring
) -> AsyncIterator[Database]:
    opened = Database(_worker_database.app, keyring=keyring)
    yield opened
    await opened.aclose()


@pytest.fixture
def database_address(
    request: pytest.FixtureRequest, _worker_database: DatabaseAddress, _empty: Emptying
) -> Iterator[DatabaseAddress]:
    """A database with the schema and nothing in it; emptied after the test.

    Shared by the tests of a process, one after the other. A test that changes the schema itself is
    marked `own_database`.
    """
    if request.node.get_closest_marker("own_database") is None:
        yield _worker_database
        _empty()
        return
    superuser_url = os.environ[_POSTGRES_URL]
    target = clone_template(superuser_url)
    yield target
    drop(superuser_url, target)


@pytest.fixture
async def database(
    database_address: DatabaseAddress,
    _worker_database: DatabaseAddress,
    _worker_pool: Database,
    keyring: Keyring,
    seam: PinnedSeam,
) -> AsyncIterator[Database]:
    """The serving role's view of a fresh database, with the clock at `NOON`."""
    if database_address == _worker_database:
        # New connections, and every statement compiled and planned anew, would take longer than most tests.
        shared = copy.copy(_worker_pool)
        shared.seam = seam
        use_keyring(keyring)
        yield shared
        return
    opened = Database(database_address.app, keyring=keyring, seam=seam)
    yield opened
    await opened.aclose()
