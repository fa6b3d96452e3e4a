"""A PostgreSQL of one's own for a measurement: the embedded server with its product settings, empty,
deleted at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from domain.encryption import Keyring
from reception import parts, prepare_database
from reception.home import Home
from reception.postgres import EmbeddedPostgres, prepare
from reception.supervisor import Supervisor


@asynccontextmanager
async def own_postgres() -> AsyncIterator[EmbeddedPostgres]:
    """Started, with the newest schema and no rows. Raises PartFailed, PostgresFailed."""
    # A short path: the database's Unix socket has to fit into 107 bytes.
    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        os.chmod(folder, 0o711)
        home = Home(Path(folder) / "home")
        home.make()
        with home.lock() as lock:
            supervisor = Supervisor(say=lambda part, line: None, lock=lock)
            try:
                postgres = prepare(home.postgres)
                await supervisor.start(parts.postgres_part(home, postgres))
                await prepare_database.prepare_embedded(postgres, lambda part, line: None)
                yield postgres
            finally:
                await supervisor.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_keys() -> tuple[str, str]:
    """An encryption key and an index key, as `RECEPTION_ENCRYPTION_KEYS` and `_INDEX_KEY` hold them."""
    return Fernet.generate_key().decode(), "index" * 8


def keyring_of(keys: tuple[str, str]) -> Keyring:
    return Keyring(encryption_keys=[keys[0]], index_key=keys[1])
