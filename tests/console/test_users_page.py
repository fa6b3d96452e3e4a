"""Users in the console: made, changed and kept out, and what each role may see."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.console.conftest import (
    PASSWORD,
    PHONE,
    Console,
    violations,
)


async def _may_sign_in(console: Console, email: str, password: str = PASSWORD) -> bool:
    async with console.context() as context:
        answer = await context.request.post(
            console.url.replace("/console/", "/api/v1/sign-in"),
            data={"email": email, "password": password},
        )
        return answer.ok


async def test_a_user_is_made_changed_and_kept_out(console: Console) -> None:
    async with console.sign_in("owner") as page:
        await page.goto(f"{console.url}settings/users")
        await page.get_by_role("button", name="Add a user").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name", exact=True).fill("Nia Novak")
        await dialog.get_by_label("E-mail").fill("nia@riverside.example")
        await dialog.get_by_label("Role").select_option("staff")
        await dialog.get_by_label("Person").select_option(label="Elena Rossi")
        await dialog.get_by_label("Password").fill("short")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
        assert await violations(page) == []
        await dialog.get_by_label("Password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Add", exact=True).click()
        row = page.get_by_role("listitem").filter(has_text="Nia Novak")
        await expect(row).to_contain_text("Staff · Elena Rossi · never signed in")
        assert await _may_sign_in(console, "nia@riverside.example")

        # The same address twice is refused at its field.
        await page.get_by_role("button", name="Add a user").click()
        await dialog.get_by_label("Name", exact=True).fill("Nia Again")
        await dialog.get_by_label("E-mail").fill("nia@riverside.example")
        await dialog.get_by_label("Password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog.get_by_role("alert").first).to_be_visible()
        page.on("dialog", lambda asked: asked.accept())
        await dialog.get_by_role("button", name="Cancel").click()

        await page.get_by_role("button", name="Change Nia Novak").click()
        await dialog.get_by_label("Role").select_option("manager")
        await dialog.get_by_role("button", name="Save").click()
        await expect(row).to_contain_text("Manager")
        await page.get_by_role("button", name="Set the password of Nia Novak").click()
        await dialog.get_by_label("New password").fill("another long passphrase")
        await dialog.get_by_role("button", name="Set the password").click()
        await expect(dialog).to_be_hidden()
        assert not await _may_sign_in(console, "nia@riverside.example")
        assert await _may_sign_in(console, "nia@riverside.example", "another long passphrase")

        await page.get_by_role("button", name="Change Nia Novak").click()
        await dialog.get_by_label("May sign in").uncheck()
        await dialog.get_by_role("button", name="Save").click()
        await expect(row).to_contain_text("kept out")
        assert not await _may_sign_in(console, "nia@riverside.example", "another long passphrase")
        await page.get_by_role("button", name="Delete Nia Novak").click()
        await dialog.get_by_role("button", name="Delete").click()
        await expect(row).to_have_count(0)


@pytest.mark.long
async def test_each_role_sees_what_it_may(console: Console) -> None:
    owner = await console.make_user("owner")
    viewer = await console.make_user("viewer")
    shown = {"viewer": 3, "staff": 3, "manager": 4, "owner": 4}
    for role, links in shown.items():
        async with console.sign_in(role, viewport=PHONE) as page:
            await page.goto(f"{console.url}settings/users")
            pages = page.get_by_role("navigation", name="Pages").get_by_role("link")
            await expect(pages).to_have_count(links)
            if role in ("viewer", "staff"):
                await expect(page.get_by_text("Settings are for managers")).to_be_visible()
                continue
            # A manager manages users of lesser roles; nobody takes their own role away.
            rows = page.get_by_role("listitem")
            of_owner, of_viewer = rows.filter(has_text=owner), rows.filter(has_text=viewer)
            await expect(of_viewer.get_by_role("button", name="Change")).to_be_visible()
            changes = of_owner.get_by_role("button", name="Change")
            await expect(changes).to_have_count(1 if role == "owner" else 0)
            await page.goto(f"{console.url}settings/numbers")
            await expect(page.get_by_text("+12025550100")).to_be_visible()
            adds = page.get_by_role("button", name="Add a number")
            await expect(adds).to_have_count(1 if role == "owner" else 0)


async def test_everybody_changes_their_own_password(console: Console) -> None:
    async with console.sign_in("viewer", viewport=PHONE, dark=True) as page:
        await page.goto(f"{console.url}live")
        await page.get_by_text("Menu", exact=True).click()
        email = await page.locator(".user-menu-card p span").first.inner_text()
        await page.get_by_role("button", name="Change your password").click()
        dialog = page.get_by_role("dialog", name="Your password")
        await dialog.get_by_label("Your password now").fill("not the passphrase")
        await dialog.get_by_label("New password").fill("another long passphrase")
        await dialog.get_by_role("button", name="Set the password").click()
        await expect(dialog.get_by_label("Your password now")).to_have_attribute(
            "aria-invalid", "true"
        )
        assert await violations(page) == []
        await dialog.get_by_label("Your password now").fill(PASSWORD)
        await dialog.get_by_role("button", name="Set the password").click()
        await expect(dialog).to_be_hidden()
        assert await _may_sign_in(console, email, "another long passphrase")
