"""The process's settings from environment variables and `.env`: addresses, keys, ports, folders.

A business's own settings (greeting, voice, rules) live in the database: `domain.businesses.settings`.
"""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.encryption import Keyring


class Environment(BaseSettings):
    """Every variable of the contract. Raises pydantic.ValidationError naming the variable."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    reception_env: Literal["development", "production"] = "development"
    """`production` refuses sandbox vendors and generated secrets."""
    reception_home: Path = Path(".reception")
    """Data folder: secrets, embedded database, spools, greetings, logs of `reception up`."""

    database_url: str = ""
    """PostgreSQL as `reception_app`; empty: the embedded database that `reception up` starts."""
    migration_database_url: str = ""
    """PostgreSQL as `reception_owner`, for migrations."""

    livekit_url: str = ""
    """WebSocket address of livekit-server; empty: the one that `reception up` starts."""
    reception_livekit_public_url: str = ""
    """The address at which browsers reach livekit-server; empty: LIVEKIT_URL."""
    livekit_api_key: str = ""
    livekit_api_secret: SecretStr = SecretStr("")

    deepgram_api_key: SecretStr = SecretStr("")
    deepgram_base_url: str = ""
    """Deepgram's `…/v1` or whole `…/v1/listen`."""
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    """Any OpenAI-compatible server, with its `/v1`."""
    openai_model: str = "gpt-4.1-mini"
    eleven_api_key: SecretStr = SecretStr("")
    elevenlabs_base_url: str = ""
    """ElevenLabs' `…/v1`."""

    google_calendar_client_id: str = ""
    google_calendar_client_secret: SecretStr = SecretStr("")
    google_calendar_base_url: str = ""
    """Takes the place of Google's hosts: a stand-in's root, with the paths of the API and of sign-in."""
    microsoft_calendar_client_id: str = ""
    microsoft_calendar_client_secret: SecretStr = SecretStr("")
    microsoft_calendar_base_url: str = ""
    """Likewise, of Microsoft's."""
    reception_fhir: Literal["on", "off"] = "off"
    """Whether businesses may connect a practice system (FHIR R4), at an address they name."""

    reception_encryption_keys: SecretStr = SecretStr("")
    """Fernet keys, comma-separated, the newest first."""
    reception_index_key: SecretStr = SecretStr("")
    """Secret of the blind indexes, 32 characters or more; changing it loses every look-up."""
    reception_jwt_secret: SecretStr = SecretStr("")
    """Signs staff sessions, 32 characters or more."""

    reception_admin_port: int = Field(8000, ge=1, le=65535)
    reception_livekit_port: int = Field(7880, ge=1, le=65533)
    """Signalling; media uses the next two ports (TCP, then UDP)."""
    reception_sip_port: int = Field(5060, ge=1, le=65535)
    reception_rtp_ports: str = Field("10000-10200", pattern=r"^\d{1,5}-\d{1,5}$")
    reception_redis_port: int = Field(6379, ge=1, le=65535)
    reception_sandbox_port: int = Field(8090, ge=1, le=65535)
    reception_worker_port: int = Field(8081, ge=1, le=65535)
    reception_jobs_port: int = Field(8082, ge=1, le=65535)
    reception_max_calls: int = Field(0, ge=0)
    """Calls one worker takes at once; 0: four for each core."""
    reception_voice_detector: Literal["silero", "bundled"] = "silero"
    """What tells voices from silence: LiveKit's Silero plugin, or the same model without onnxruntime (a sixth of its
    processor time, and less memory)."""

    otel_exporter_otlp_endpoint: str = ""
    """Base address of an OpenTelemetry collector (OTLP over HTTP), for traces; empty: none are made."""
    reception_synthetic_call_minutes: int = Field(0, ge=0, le=1440)
    """How often the installation calls itself to see whether calls are answered; 0: never."""
    reception_synthetic_call_number: str = Field("", pattern=r"^(\+[1-9]\d{6,14})?$")
    """The number (E.164) that it calls then."""

    @property
    def production(self) -> bool:
        return self.reception_env == "production"

    @cached_property
    def keyring(self) -> Keyring:
        keys = self.reception_encryption_keys.get_secret_value().split(",")
        return Keyring(
            encryption_keys=[key.strip() for key in keys if key.strip()],
            index_key=self.reception_index_key.get_secret_value(),
        )

    @property
    def home(self) -> Path:
        return self.reception_home.expanduser().resolve()

    @property
    def livekit_address(self) -> str:
        return self.livekit_url or f"ws://127.0.0.1:{self.reception_livekit_port}"

    @property
    def livekit_public_address(self) -> str:
        return self.reception_livekit_public_url or self.livekit_address

    @property
    def synthetic_call_number(self) -> str:
        """E.164; the demo business answers any number in development."""
        return self.reception_synthetic_call_number or "+12025550100"

    @property
    def sandbox_address(self) -> str:
        return f"http://127.0.0.1:{self.reception_sandbox_port}"


SECRETS_FILE = "secrets.env"
_MINIMUM_SECRET = 32


def load_environment() -> Environment:
    """Read the environment; outside production, make missing secrets once and keep them.

    Raises ValueError naming the variable when production lacks a secret.
    """
    first = Environment()
    if first.production:
        _refuse_weak(first)
        return first
    path = first.home / SECRETS_FILE
    _make_missing_secrets(path)
    # Values of the process's own environment and of `.env` win over the generated file.
    return Environment(_env_file=(path, ".env"))


def _refuse_weak(environment: Environment) -> None:
    for name in ("reception_encryption_keys", "reception_index_key", "reception_jwt_secret"):
        if len(getattr(environment, name).get_secret_value()) < _MINIMUM_SECRET:
            raise ValueError(
                f"{name.upper()}: production needs a secret of at least {_MINIMUM_SECRET} characters"
            )
    for name in ("database_url", "livekit_url", "livekit_api_key"):
        if not getattr(environment, name):
            raise ValueError(f"{name.upper()}: must be set in production")
    if environment.reception_synthetic_call_minutes and not (
        environment.reception_synthetic_call_number
    ):
        raise ValueError(
            "RECEPTION_SYNTHETIC_CALL_NUMBER: must be set, with a number of a business"
        )
    if len(environment.livekit_api_secret.get_secret_value()) < _MINIMUM_SECRET:
        raise ValueError("LIVEKIT_API_SECRET: production needs at least 32 characters")


def _make_missing_secrets(path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = {
        "RECEPTION_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "RECEPTION_INDEX_KEY": secrets.token_hex(32),
        "RECEPTION_JWT_SECRET": secrets.token_hex(32),
        "LIVEKIT_API_KEY": f"reception{secrets.token_hex(4)}",
        "LIVEKIT_API_SECRET": secrets.token_hex(32),
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    # Two parts may start at once: only one may decide the keys, or the other's data is unreadable.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink(missing_ok=True)
