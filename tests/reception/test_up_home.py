"""The data folder and its lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reception.home import AlreadyRunning, Home, read_variables, write_variables


def test_only_its_owner_can_read_what_is_in_a_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    write_variables(home.running, {"LIVEKIT_API_SECRET": "s"})
    assert home.folder.stat().st_mode & 0o777 == 0o700
    assert home.running.stat().st_mode & 0o777 == 0o600


def test_variables_are_read_as_they_were_written(tmp_path: Path) -> None:
    values = {"DATABASE_URL": "postgresql://a:b@/c?host=%2Ftmp%2Fd=e", "EMPTY": ""}
    write_variables(tmp_path / "file", values)
    assert read_variables(tmp_path / "file") == values
    assert read_variables(tmp_path / "missing") == {}


def test_a_second_holder_is_refused_with_the_process_that_holds_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock():
        held = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from pathlib import Path; from reception.home import Home;"
                "Home(Path(sys.argv[1])).lock()",
                str(tmp_path),
            ],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            check=False,
        )
        assert held.returncode == 1
        assert "AlreadyRunning: `reception up` already runs" in held.stderr
        assert "RECEPTION_HOME" in held.stderr
        assert home.is_running()
    assert not home.is_running()
    home.lock().close()


def test_a_lock_whose_holder_is_gone_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock() as held:
        held.seek(0)
        held.truncate()
        held.write("2147480000")
        held.flush()
        with pytest.raises(AlreadyRunning):
            home.lock(wait=0.3)
