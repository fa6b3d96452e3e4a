"""How the installation does, in a browser: for managers their business's part of it, for operators all of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from domain.accounts import users
from domain.alerts import operations as alerts
from domain.database import Database
from domain.providers import operations as providers
from domain.tables import INSTALLATION
from tests.console.conftest import (
    DESK,
    PASSWORD,
    PHONE,
    Console,
    keep_screenshot,
    violations,
)

OPERATOR = "olu@installation.example"


@pytest.fixture(scope="module")
def background() -> bool:
    """The feed tells what happens at once."""
    return True


async def _failed_job(database: Database, business_id: UUID | None) -> int:
    """A job that failed as often as it may be tried, as the jobs' process leaves it."""
    async with database.scope(business_id=business_id or INSTALLATION) as scope:
        job_id = await scope.session.scalar(
            text(
                "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args, status, attempts)"
                " VALUES ('default', 'sync_calendar',"
                " CASE WHEN CAST(:business AS text) IS NULL THEN '{}'::jsonb"
                " ELSE jsonb_build_object('business_id', CAST(:business AS text)) END,"
                " 'failed', 5) RETURNING id"
            ),
            {"business": None if business_id is None else str(business_id)},
        )
        await scope.session.execute(
            text(
                "INSERT INTO jobs.failures (job_id, error, failed_at)"
                " VALUES (:job, 'TimeoutError', now())"
            ),
            {"job": job_id},
        )
    assert isinstance(job_id, int)
    return job_id


async def _fail(database: Database) -> None:
    """The installation's voice fails for everybody, so that its breaker opens."""
    async with database.scope(business_id=INSTALLATION) as scope:
        state = await providers.count(
            scope, kind="speech", provider="elevenlabs", tries=6, failures=6
        )
    assert state == "open"


async def _fits(page: Page) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, "the page is wider than the screen"


async def test_a_manager_sees_what_is_wrong_and_tries_failed_work_again(console: Console) -> None:
    job = await _failed_job(console.database, console.business_id)
    given_up = await _failed_job(console.database, console.business_id)
    await _fail(console.database)
    for viewport, dark in ((DESK, False), (PHONE, True)):
        async with console.sign_in("manager", viewport=viewport, dark=dark) as page:
            await page.goto(f"{console.url}settings/health")
            # Nobody answers at LiveKit's address here.
            parts = page.get_by_role("region", name="What calls depend on")
            await expect(parts.get_by_role("alert")).to_contain_text("Calls can't be served")
            await expect(parts.get_by_text("Database", exact=True).locator("..")).to_contain_text(
                "works"
            )
            speaks = page.get_by_role("region", name="Providers").get_by_role("listitem")
            await expect(speaks.filter(has_text="elevenlabs")).to_contain_text("fails: asked last")
            await expect(speaks.filter(has_text="elevenlabs")).to_contain_text("6 of 6 tries")
            await expect(page.get_by_role("button", name="Ask last")).to_have_count(0)
            await keep_screenshot(page, f"health-{viewport['width']}-{'dark' if dark else 'light'}")
            assert await violations(page) == []
            await _fits(page)
    async with console.sign_in("manager") as page:
        await page.goto(f"{console.url}settings/health")
        failed = page.get_by_role("region", name="Work that failed")
        await expect(failed).to_contain_text("TimeoutError · tried 5 times")
        await failed.get_by_role("button", name=f"({job})").first.click()
        await expect(failed.get_by_role("listitem")).to_have_count(1)
        await failed.get_by_role("button", name="Give up").click()
        await page.get_by_role("dialog").get_by_role("button", name="Give up").click()
        await expect(failed).to_contain_text("Nothing has failed for good.")
    async with console.database.scope(business_id=console.business_id) as scope:
        rows = await scope.session.execute(
            text("SELECT id, status::text FROM jobs.procrastinate_jobs WHERE id IN (:one, :other)"),
            {"one": job, "other": given_up},
        )
        assert {row[0]: row[1] for row in rows} == {job: "todo", given_up: "cancelled"}


async def test_the_health_is_seen_when_the_settings_cannot_be_read(console: Console) -> None:
    async with console.sign_in("manager") as page:
        await page.route("**/settings", lambda route: route.fulfill(status=503, json={}))
        await page.goto(f"{console.url}settings/health")
        await expect(page.get_by_text("Calls can't be served")).to_be_visible()
        await expect(page.get_by_role("heading", name="Health")).to_be_visible()


async def test_an_operator_decides_about_a_provider(console: Console) -> None:
    async with console.database.scope(business_id=INSTALLATION) as scope:
        await users.create(
            scope,
            by="operator",
            email=OPERATOR,
            name="Olu Operator",
            role="operator",
            password=PASSWORD,
        )
        await alerts.open_alert(scope, kind="calls_refused", subject="capacity", urgent=True)
    await _fail(console.database)
    await _failed_job(console.database, None)
    async with console.context(viewport=PHONE) as context:
        page = await context.new_page()
        await page.goto(console.url)
        await page.get_by_label("E-mail").fill(OPERATOR)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="The installation")).to_be_visible()
        row = page.get_by_role("region", name="Providers").get_by_role("listitem")
        voice = row.filter(has_text="elevenlabs")
        await expect(voice).to_contain_text("fails: asked last")
        await voice.get_by_role("button", name="Ask in its place").click()
        await expect(voice).to_contain_text("in its place, as decided")
        await voice.get_by_role("button", name="figures decide").click()
        await expect(voice).to_contain_text("fails: asked last")
        log = page.get_by_role("region", name="Alerts")
        refused = log.get_by_role("listitem").filter(has_text="Callers were turned away")
        await refused.get_by_role("button", name="I have seen it").click()
        await expect(refused).to_contain_text("over")
        failed = page.get_by_role("region", name="Work that failed")
        await expect(failed).to_contain_text("Keeping a calendar in step")
        await keep_screenshot(page, "installation-390-light")
        assert await violations(page) == []
        await _fits(page)
