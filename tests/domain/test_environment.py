"""The process's settings."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from domain.environment import Environment, load_environment


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_secrets_are_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    first, second = load_environment(), load_environment()
    path = tmp_path / ".reception" / "secrets.env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.keyring.encrypt(b"x")
    for name in ("reception_encryption_keys", "reception_index_key", "reception_jwt_secret"):
        assert getattr(first, name) == getattr(second, name)
        assert getattr(first, name).get_secret_value()
    assert first.livekit_api_key and first.livekit_api_secret.get_secret_value()
    assert list(path.parent.iterdir()) == [path]


def test_parts_that_start_at_once_agree_on_the_secrets() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load_environment(), range(8)))
    assert len({one.reception_index_key.get_secret_value() for one in made}) == 1


def test_what_the_user_sets_wins_over_what_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    load_environment()
    monkeypatch.setenv("RECEPTION_INDEX_KEY", "chosen" * 8)
    assert load_environment().reception_index_key.get_secret_value() == "chosen" * 8


@pytest.mark.parametrize(
    "missing",
    [
        "RECEPTION_ENCRYPTION_KEYS",
        "RECEPTION_INDEX_KEY",
        "RECEPTION_JWT_SECRET",
        "DATABASE_URL",
        "LIVEKIT_URL",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
    ],
)
def test_production_refuses_to_start_without(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "RECEPTION_ENV": "production",
        "RECEPTION_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "RECEPTION_INDEX_KEY": "i" * 32,
        "RECEPTION_JWT_SECRET": "j" * 32,
        "DATABASE_URL": "postgresql://reception_app@db/reception",
        "LIVEKIT_URL": "wss://livekit.example",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "s" * 32,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert load_environment().production
    monkeypatch.delenv(missing)
    with pytest.raises(ValueError, match=missing):
        load_environment()
    assert not Path(".reception").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECEPTION_ADMIN_PORT", "70000"),
        ("RECEPTION_ENV", "staging"),
        ("RECEPTION_RTP_PORTS", "many"),
        ("RECEPTION_MAX_CALLS", "-1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Environment(_env_file=None)


def test_secrets_do_not_show_when_printed() -> None:
    environment = load_environment()
    shown = repr(environment)
    assert environment.reception_index_key.get_secret_value() not in shown
    assert environment.livekit_api_secret.get_secret_value() not in shown
