"""Every page and dialog on a telephone's width, light and dark: nothing is cut off, and what is pressed is
large enough. With RECEPTION_SCREENSHOTS the pictures of them are kept for people to look at."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.console.conftest import (
    PHONE,
    Console,
    keep_screenshot,
    violations,
)
from tests.console.told_calls import begin_call, talk

pytestmark = pytest.mark.long

SETTINGS = [
    "greeting",
    "instructions",
    "knowledge",
    "calls",
    "switches",
    "hours",
    "holidays",
    "services",
    "booking",
    "people",
    "places",
    "calendars",
    "departments",
    "routing",
    "numbers",
    "users",
    "providers",
    "health",
    "history",
]
STEPS = ("basics", "hours", "services", "people", "knowledge", "call", "number")
DIALOGS = {
    "settings/knowledge": "Add an entry",
    "settings/services": "Add a service",
    "settings/people": "Add a person",
    "settings/people?": "Hours of Elena Rossi",
    "settings/places": "Add a place",
    "settings/places?": "Add a room",
    "settings/calendars": "Connect a calendar",
    "settings/departments": "Add a department",
    "settings/departments?": "Add a shift",
    "settings/numbers": "Add a number",
    "settings/users": "Add a user",
    "settings/hours": "Add a date",
    "settings/hours?": "Add days off",
}
"""By page, the button that opens one."""

CUT = """() => {
    const found = [];
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    if (wide > 0) found.push(`the page is ${wide} px wider than the screen`);
    const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
    if (top.scrollWidth > top.clientWidth) found.push("the dialog is wider than it shows");
    for (const one of top.querySelectorAll("button, a, input, select, textarea, summary")) {
        const {left, right, width, height} = one.getBoundingClientRect();
        if (width === 0 || one.closest(".visually-hidden, .skip, [hidden], .scroll-x")) continue;
        const name = one.getAttribute("aria-label") || one.textContent.trim() || one.id || one.type;
        if (left < -1 || right > window.innerWidth + 1) found.push(`${name} is cut off`);
        const label = one.closest("label") ?? document.querySelector(`label[for="${one.id}"]`);
        const inText = one.tagName === "A" && one.closest("p, dd, td, li, .notice") !== null;
        if (!inText && label === null && (width < 24 || height < 24)) {
            found.push(`${name} is ${Math.round(width)} × ${Math.round(height)} px`);
        }
    }
    return found;
}"""
"""What can't be reached or hit: WCAG 2.2, 1.4.10 (reflow) and 2.5.8 (target size)."""


async def _look(page: Page, name: str) -> list[str]:
    await expect(page.get_by_text("Loading")).to_have_count(0)
    await keep_screenshot(page, f"phone-{name}")
    found = [*(await violations(page)), *(await page.evaluate(CUT))]
    return [f"{name}: {one}" for one in found]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_page_fits(console: Console, dark: bool) -> None:
    tone = "dark" if dark else "light"
    call = await begin_call(console)
    await talk(call)
    paths = [
        "live",
        f"live?call={call.id}",
        "calls",
        f"calls/{call.id}",
        "calendar",
        *(f"settings/{one}" for one in SETTINGS),
        *(f"set-up?step={one}" for one in STEPS),
    ]
    found: list[str] = []
    async with console.sign_in("owner", viewport=PHONE, dark=dark) as page:
        for path in paths:
            await page.goto(console.url + path)
            await expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
            name = path.replace("/", "-").replace("?step=", "-").replace(str(call.id), "one")
            found += await _look(page, f"{name.replace('?call=', '-')}-{tone}")
    assert found == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_dialog_fits(console: Console, dark: bool) -> None:
    tone = "dark" if dark else "light"
    found: list[str] = []
    async with console.sign_in("owner", viewport=PHONE, dark=dark) as page:
        for path, button in DIALOGS.items():
            await page.goto(console.url + path.rstrip("?"))
            await page.get_by_role("button", name=button).click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            found += await _look(page, f"dialog-{button.lower().replace(' ', '-')}-{tone}")
    assert found == []
