"""Fresh secrets for an installation of one's own, as lines for `.env`."""

from __future__ import annotations

import secrets

from cryptography.fernet import Fernet


def new_secrets() -> dict[str, str]:
    """Every secret that production and compose.yaml need; only hexadecimal and base64url characters,
    which need no quoting in `.env`, YAML or a URL."""
    return {
        "RECEPTION_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "RECEPTION_INDEX_KEY": secrets.token_hex(32),
        "RECEPTION_JWT_SECRET": secrets.token_hex(32),
        "LIVEKIT_API_SECRET": secrets.token_hex(32),
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "RECEPTION_OWNER_PASSWORD": secrets.token_hex(24),
        "RECEPTION_APP_PASSWORD": secrets.token_hex(24),
    }
