"""The console's files, served by the admin service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from httpx import AsyncClient
from litestar import Litestar

from admin import console_site
from admin.console_site import content_security_policy
from tests.admin.conftest import serving


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of the console, in place of whatever was built here."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Reception</title>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "index-abc123.js").write_text("let a")
    monkeypatch.setattr(console_site, "BUILT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/live", "/console/calls/0199"])
async def test_every_page_is_the_one_document(
    built: Path, make_app: Callable[..., Litestar], path: str
) -> None:
    async with serving(make_app()) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "Reception" in answer.text


async def test_the_front_door_leads_to_the_console(client: AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/console/")


async def test_files_are_kept_for_ever_and_their_kind_is_told(
    built: Path, make_app: Callable[..., Litestar]
) -> None:
    async with serving(make_app()) as client:
        script = await client.get("/console/assets/index-abc123.js")
        icon = await client.get("/console/icon.svg")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert icon.headers["content-type"].startswith("image/svg+xml")


@pytest.mark.parametrize(
    "path", ["/console/old.js", "/console/assets/gone-1.js", "/console/%2e%2e/app.py"]
)
async def test_a_file_that_is_not_there_is_not_answered_with_a_page(
    built: Path, make_app: Callable[..., Litestar], path: str
) -> None:
    async with serving(make_app()) as client:
        assert (await client.get(path)).status_code == 404


async def test_without_a_build_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_app: Callable[..., Litestar]
) -> None:
    monkeypatch.setattr(console_site, "BUILT", tmp_path / "none")
    async with serving(make_app()) as client:
        answer = await client.get("/console/")
    assert answer.status_code == 503
    assert "make console" in answer.text


def test_the_browser_may_reach_livekit_and_nothing_else() -> None:
    policy = content_security_policy("wss://livekit.example:7443/rtc?secret=1")
    assert "connect-src 'self' wss://livekit.example:7443 https://livekit.example:7443;" in policy
    assert "secret" not in policy
