"""The built console in a real Chromium, served by a real admin service on a real database."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn
from litestar import Litestar
from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from admin.app import create_app
from admin.console_site import BUILT
from domain.accounts import users
from domain.database import Database
from domain.demo import seed_demo
from domain.encryption import Keyring
from domain.environment import Environment
from sandbox.server import Sandbox
from tests.calls.events import until
from tests.postgres import clone_template, drop

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PASSWORD = "a long enough passphrase"
AXE = BUILT.parent / "node_modules" / "axe-core" / "axe.min.js"
ACTION_MS = 15_000
"""For one action of the browser: on a busy machine a page may take that long."""
expect.set_options(timeout=ACTION_MS)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; skips where it or the built console is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is not on PATH")
    if not (BUILT / "index.html").is_file():
        pytest.skip("the console is not built: make console")
    return found


@asynccontextmanager
async def open_browser(chromium: str, *arguments: str) -> AsyncIterator[Browser]:
    """A headless Chromium that trusts no sandbox of the kernel: the tests may run as root."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", *arguments]
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with open_browser(chromium) as opened:
        yield opened


@dataclass
class Console:
    """A running admin service, the business it serves, and ways into it."""

    url: str
    """Of the console, with a slash at its end."""
    database: Database
    business_id: UUID
    browser: Browser

    async def make_user(self, role: str) -> str:
        """A user of the business; their e-mail address. The password is PASSWORD."""
        email = f"{role}-{self.database.seam.token(4)}@riverside.example"
        await self.user_id(role, email=email)
        return email

    async def user_id(self, role: str, *, email: str = "") -> UUID:
        """The id of a new user of the business."""
        async with self.database.scope(business_id=self.business_id) as scope:
            user = await users.create(
                scope,
                by="operator",
                email=email or f"{role}-{self.database.seam.token(4)}@riverside.example",
                name=f"{role.title()} Riley",
                role=role,
                password=PASSWORD,
            )
            return user.id

    @asynccontextmanager
    async def sign_in(
        self, role: str = "owner", *, viewport: ViewportSize = DESK, dark: bool = False
    ) -> AsyncIterator[Page]:
        """A page of a browser of its own in which a user of the role is signed in."""
        async with self.context(viewport=viewport, dark=dark) as context:
            email = await self.make_user(role)
            answer = await context.request.post(
                self.url.replace("/console/", "/api/v1/sign-in"),
                data={"email": email, "password": PASSWORD},
            )
            assert answer.ok, await answer.text()
            yield await context.new_page()

    @asynccontextmanager
    async def context(
        self, *, viewport: ViewportSize = DESK, dark: bool = False
    ) -> AsyncIterator[BrowserContext]:
        """A browser of its own, in which nobody is signed in."""
        context = await self.browser.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            locale="en-US",
            timezone_id="America/New_York",
            base_url=self.url,
        )
        context.set_default_timeout(ACTION_MS)
        try:
            yield context
        finally:
            await context.close()


@contextmanager
def own_database() -> Iterator[str]:
    """The address of a database of its own, as the serving role."""
    superuser_url = os.environ["RECEPTION_TEST_POSTGRES"]
    target = clone_template(superuser_url)
    try:
        yield target.app
    finally:
        drop(superuser_url, target)


def environment_of(database_url: str) -> Environment:
    """Nothing of the machine's own: LiveKit and the vendors are addresses where nobody answers."""
    return Environment(
        _env_file=None,
        database_url=database_url,
        reception_home=Path(tempfile.gettempdir()),
        livekit_url="ws://127.0.0.1:9",
        livekit_api_key="devkey",
        livekit_api_secret="s" * 32,
        reception_jwt_secret="j" * 32,
        reception_worker_port=9,
        reception_sandbox_port=9,
    )


@pytest.fixture(scope="module")
def background() -> bool:
    """Whether the shared console does its background work; a module whose tests need it says so."""
    return False


@pytest.fixture(scope="module")
async def console(keyring: Keyring, browser: Browser, background: bool) -> AsyncIterator[Console]:
    """One console of the demo business for all tests of a module, on the real clock."""
    with own_database() as address:
        environment = environment_of(address)
        async with serve_console(environment, keyring, browser, background=background) as served:
            yield served


@pytest.fixture
async def own_console(keyring: Keyring, browser: Browser) -> AsyncIterator[Console]:
    """As `console`, for one test alone, which changes what others would trip over; the sandbox is the vendors."""
    async with Sandbox() as sandbox:
        with own_database() as address:
            environment = environment_of(address).model_copy(
                update={"reception_sandbox_port": sandbox.port}
            )
            async with serve_console(environment, keyring, browser) as served:
                yield served


def admin_server(app: Litestar, *, port: int = 0) -> uvicorn.Server:
    """A server of `app` that has not started; `port` counts only where it is given no socket."""
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
    )
    # Its signal handlers would take Ctrl-C away from pytest.
    server.capture_signals = nullcontext  # type: ignore[assignment]
    return server


async def until_started(server: uvicorn.Server) -> None:
    """Raises TimeoutError where it does not start."""

    async def started() -> bool:
        return server.started

    await until(started, timeout=30)


@asynccontextmanager
async def serve_console(
    environment: Environment, keyring: Keyring, browser: Browser, *, background: bool = False
) -> AsyncIterator[Console]:
    """The admin service on a free port, on the loop of the test; with `background`, the live feed tells what
    happens at once."""
    database = Database(environment.database_url, keyring=keyring)
    business_id = await seed_demo(database)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = admin_server(create_app(environment, database, background=background))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await until_started(server)
            port = listening.getsockname()[1]
            yield Console(
                url=f"http://127.0.0.1:{port}/console/",
                database=database,
                business_id=business_id,
                browser=browser,
            )
        finally:
            server.should_exit = True
            await serving
            await database.aclose()


async def keep_screenshot(page: Page, name: str) -> None:
    """The page as it is, into the folder that RECEPTION_SCREENSHOTS names, for people to look at."""
    folder = os.environ.get("RECEPTION_SCREENSHOTS")
    if folder:
        # Before the page's own fonts and colours are there, the picture would show neither.
        await page.evaluate("document.fonts.ready.then(() => true)")
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page for people who use it otherwise (WCAG 2.1 A and AA): serious
    and critical findings, each with where it is."""
    # Not as a script of the page, which its content security policy would refuse.
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(
        """async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}))
            .violations.filter(v => ["serious", "critical"].includes(v.impact))
            .map(v => `${v.id}: ${v.nodes.map(n => n.target.join(" ")).join(", ")}`)"""
    )
    return list(found)
