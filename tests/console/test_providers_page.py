"""Who hears, thinks and speaks: the chains in a browser, and what only operators set."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from domain.businesses import versions
from tests.console.conftest import PHONE, Console, keep_screenshot, violations


async def _chains(console: Console) -> dict[str, Any]:
    async with console.database.scope(business_id=console.business_id) as scope:
        settings, _ = await versions.current_settings(scope)
    found: dict[str, Any] = settings.model_dump(mode="json")["providers"]
    return found


async def test_a_backup_is_added_preferred_and_removed(own_console: Console) -> None:
    before = await _chains(own_console)
    async with own_console.sign_in("owner", viewport=PHONE) as page:
        await page.goto(f"{own_console.url}settings/providers")
        thinking = page.get_by_role("region", name="Thinking")
        await thinking.get_by_role("button", name="Add a backup").click()
        await thinking.get_by_label("Model").last.fill("gpt-backup")
        await thinking.get_by_role("button", name="Prefer openai gpt-backup in Thinking").click()
        await expect(thinking.get_by_label("Model").first).to_have_value("gpt-backup")
        # Addresses and keys are the operator's: nobody else is asked for them.
        for label in ("Address", "Key"):
            await expect(page.get_by_label(label, exact=True)).to_have_count(0)
        await keep_screenshot(page, "providers-390-light")
        assert await violations(page) == []
        await page.get_by_role("button", name="Save changes").click()
        await expect(page.get_by_text("Saved. The next call")).to_be_visible()
        saved = await _chains(own_console)
        assert [one["model"] for one in saved["model"]] == [
            "gpt-backup",
            *(one["model"] for one in before["model"]),
        ]
        await thinking.get_by_role("button", name="Remove openai gpt-backup from Thinking").click()
        await page.get_by_role("button", name="Save changes").click()
        await expect(page.get_by_text("Saved. The next call")).to_be_visible()
    assert await _chains(own_console) == before


@pytest.mark.long
async def test_an_address_that_the_operator_has_set_is_seen_and_not_changed(
    own_console: Console,
) -> None:
    async with own_console.database.scope(business_id=own_console.business_id) as scope:
        settings, _ = await versions.current_settings(scope)
        document = settings.model_dump(mode="json")
        document["providers"]["model"][0]["base_url"] = "https://models.example.com/v1"
        await versions.change_settings(scope, document=document)
    async with own_console.sign_in("owner") as page:
        await page.goto(f"{own_console.url}settings/providers")
        address = page.get_by_role("region", name="Thinking").get_by_label("Address")
        await expect(address).to_have_value("https://models.example.com/v1")
        await expect(address).to_be_disabled()
        assert await violations(page) == []
