"""`python -m admin.openapi_file PATH`: writes the API's OpenAPI document, from which the console's types are made.

Asks nothing of the environment: it is a step of the build.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from admin.app import create_app
from admin.documentation import document_of
from domain.database import Database
from domain.encryption import Keyring
from domain.environment import Environment


def main() -> None:
    """Write only what has changed, so that builds that depend on the file's time rest."""
    path = Path(sys.argv[1])
    keyring = Keyring(encryption_keys=[Fernet.generate_key().decode()], index_key="-" * 32)
    # Never connected to.
    database = Database("postgresql://localhost/none", keyring=keyring)
    app = create_app(Environment(_env_file=None), database, background=False)
    text = json.dumps(document_of(app), indent=1) + "\n"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    main()
