"""The settings in a browser: every change goes through the API, and nonsense is refused in its place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from domain.businesses import versions
from domain.contacts import operations as contacts
from domain.people import operations as people
from domain.scheduling import appointments
from domain.services import operations as services
from tests.console.conftest import ACTION_MS, PHONE, Console, violations

NEW_YORK = ZoneInfo("America/New_York")
LOUDEST = """async () => {
    const audio = document.querySelector("audio");
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    const source = context.createMediaElementSource(audio);
    source.connect(analyser);
    analyser.connect(context.destination);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    const listen = () => {
        analyser.getFloatTimeDomainData(samples);
        loudest = Math.max(loudest, ...samples.map(Math.abs));
        if (!audio.ended) requestAnimationFrame(listen);
    };
    audio.currentTime = 0;
    await audio.play();
    listen();
    await new Promise(done => audio.addEventListener("ended", done));
    await context.close();
    return loudest;
}"""
"""Plays the page's sound to its end; the loudest sample that was heard, up to 1."""

expect.set_options(timeout=ACTION_MS)


async def _document(console: Console) -> dict[str, Any]:
    async with console.database.scope(business_id=console.business_id) as scope:
        settings, _ = await versions.current_settings(scope)
    return settings.model_dump(mode="json")


async def _change(console: Console, **changes: Any) -> None:
    document = await _document(console)
    async with console.database.scope(business_id=console.business_id) as scope:
        await versions.change_settings(scope, document=document | changes)


async def test_a_greeting_is_changed_and_heard(own_console: Console) -> None:
    async with own_console.sign_in("manager") as page:
        await page.goto(f"{own_console.url}settings/greeting")
        greeting = page.get_by_label("Greeting", exact=True)
        await expect(page.get_by_text("The first words of every call.")).to_be_visible()
        await greeting.fill("Good day, this is Riverside.")
        async with page.expect_response("**/api/v1/speech") as spoken:
            await page.get_by_role("button", name="Hear the greeting").click()
        answer = await spoken.value
        assert (answer.request.post_data_json or {})["text"] == "Good day, this is Riverside."
        assert (answer.status, answer.headers["content-type"]) == (200, "audio/wav")
        assert await page.evaluate(LOUDEST) > 0.02
        # The draft is the same on every sub-page.
        await page.get_by_role("link", name="Calls", exact=True).last.click()
        await page.get_by_label("Longest call").fill("900")
        await expect(page.get_by_role("region", name="Unsaved changes")).to_contain_text("greeting")
        await page.get_by_role("button", name="Save changes").click()
        await expect(page.get_by_text("Saved. The next call is answered with it.")).to_be_visible()
    document = await _document(own_console)
    assert document["greeting"] == "Good day, this is Riverside."
    assert document["limits"]["maximum_seconds"] == 900


async def test_nonsense_is_refused_in_place(own_console: Console) -> None:
    before = await _document(own_console)
    async with own_console.sign_in() as page:
        await page.goto(f"{own_console.url}settings/greeting")
        greeting = page.get_by_label("Greeting", exact=True)
        await greeting.fill("  ")
        await greeting.blur()
        await expect(greeting).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_text("Fill this in.")).to_be_visible()
        await page.get_by_role("link", name="Calls", exact=True).last.click()
        longest = page.get_by_label("Longest call")
        await longest.fill("5")
        await longest.blur()
        await expect(page.get_by_text("Between 60 and 14400.")).to_be_visible()
        await page.get_by_role("button", name="Save changes").click()
        await expect(
            page.get_by_text("Not saved: greeting, limits: maximum seconds")
        ).to_be_visible()
        # Elsewhere it would be lost: one is asked.
        await page.get_by_role("link", name="Live", exact=True).click()
        await page.get_by_role("button", name="Stay").click()
        await page.get_by_role("button", name="Undo").click()
        # What only the server knows to be wrong stands at its field too.
        await page.get_by_role("link", name="Holidays").click()
        part = page.get_by_label("Part of the country")
        await part.fill("QQ")
        await page.get_by_role("button", name="Save changes").click()
        await expect(part).to_have_attribute("aria-invalid", "true")
    assert await _document(own_console) == before


async def test_what_somebody_else_saved_is_not_overwritten(own_console: Console) -> None:
    async with own_console.sign_in() as page:
        await page.goto(f"{own_console.url}settings/greeting")
        await page.get_by_label("Greeting", exact=True).fill("Mine.")
        await _change(own_console, assistant_name="Theirs")
        await page.get_by_role("button", name="Save changes").click()
        dialog = page.get_by_role("dialog", name="Somebody else saved meanwhile")
        await expect(dialog).to_contain_text("Theirs")
        assert (await _document(own_console))["greeting"] != "Mine."
        await dialog.get_by_role("button", name="Save mine on top of theirs").click()
        await expect(dialog).to_be_hidden()
        await expect(page.get_by_label("The assistant's name")).to_have_value("Theirs")
    document = await _document(own_console)
    assert (document["greeting"], document["assistant_name"]) == ("Mine.", "Theirs")


async def _book_next_tuesday(console: Console) -> UUID:
    async with console.database.scope(business_id=console.business_id) as scope:
        today = scope.seam.now().astimezone(NEW_YORK)
        day = today + timedelta(days=(1 - today.weekday()) % 7 or 7)
        contact = await contacts.create(scope, name="Jane Doe", phone="+12025550123")
        service = (await services.list_services(scope))[0]
        person = (await people.list_people(scope))[0]
        booked = await appointments.book_directly(
            scope,
            service_id=service.id,
            person_id=person.id,
            contact_id=contact.id,
            starts_at=day.replace(hour=10, minute=0, second=0, microsecond=0),
            outside_hours=True,
        )
    return booked.id


async def test_hours_that_strand_an_appointment_are_asked_about(own_console: Console) -> None:
    await _book_next_tuesday(own_console)
    async with own_console.sign_in("manager") as page:
        hours = own_console.url.replace("/console/", "/api/v1/hours")

        async def tuesdays() -> list[str]:
            week = await (await page.request.get(hours)).json()
            return [one["opens"] for one in week["hours"] if one["weekday"] == 1]

        await page.goto(f"{own_console.url}settings/hours")
        before = await tuesdays()
        opens = page.get_by_label("Tuesday opens")
        await opens.fill("11:00")
        await page.get_by_role("button", name="Save hours").click()
        dialog = page.get_by_role("dialog", name="Appointments outside these hours")
        await expect(dialog).to_contain_text("Jane Doe")
        await dialog.get_by_role("button", name="Go back").click()
        assert await tuesdays() == before
        await expect(opens).to_have_value("11:00")
        await page.get_by_role("button", name="Save hours").click()
        await dialog.get_by_role("button", name="Save all the same").click()
        await expect(page.get_by_text("Not saved yet")).to_be_hidden()
        assert await tuesdays() == ["11:00"]
        # A second span that overlaps is refused before it is sent; one over midnight is not.
        await page.get_by_role("button", name="Add a time on Tuesday").click()
        await page.get_by_label("Tuesday 2 opens").fill("12:00")
        await page.get_by_label("Tuesday 2 closes").fill("13:00")
        await expect(page.get_by_text("This overlaps another time.")).to_be_visible()
        await expect(page.get_by_role("button", name="Save hours")).to_be_disabled()
        await page.get_by_label("Tuesday 2 opens").fill("20:00")
        await page.get_by_label("Tuesday 2 closes").fill("01:00")
        await expect(page.get_by_text("next day", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Save hours").click()
        await expect(page.get_by_text("Not saved yet")).to_be_hidden()
        assert await tuesdays() == ["11:00", "20:00"]


async def test_instructions_are_compared_and_brought_back(own_console: Console) -> None:
    first = (await _document(own_console))["instructions"]
    await _change(own_console, instructions="Be brief.\nBe kind.")
    await _change(own_console, voice="eric")
    await _change(own_console, instructions="Be brief.\nBe very kind.")
    async with own_console.sign_in("owner") as page:
        await page.goto(f"{own_console.url}settings/instructions")
        differences = page.get_by_role("list", name="Differences")
        await expect(differences.get_by_role("listitem")).to_have_count(3)
        await expect(differences).to_contain_text("removed: Be kind.")
        await expect(differences).to_contain_text("added: Be very kind.")
        # A version that changed only the voice is none of the instructions'.
        await expect(page.get_by_role("button", name="Restore version 3")).to_have_count(0)
        await page.get_by_role("button", name="Restore version 1").click()
        dialog = page.get_by_role("dialog", name="Restore version 1?")
        await dialog.get_by_role("button", name="Restore", exact=True).click()
        await expect(dialog).to_be_hidden()
        await expect(page.get_by_label("Instructions", exact=True)).to_have_value(first)
        await expect(page.get_by_role("cell", name="Owner Riley (you)")).to_be_visible()
    document = await _document(own_console)
    assert (document["instructions"], document["voice"]) == (first, "eric")


async def test_a_department_rings_its_people_in_the_order_that_was_set(
    own_console: Console,
) -> None:
    async with own_console.sign_in("manager") as page:
        await page.goto(f"{own_console.url}settings/departments")
        await page.get_by_role("button", name="Add a department").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
        await dialog.get_by_label("Name", exact=True).fill("Hygiene")
        add = dialog.get_by_label("Add to People")
        await add.select_option(label="Dr. Sarah Chen")
        await add.select_option(label="Elena Rossi")
        await dialog.get_by_role("button", name="Move Elena Rossi up").click()
        await dialog.get_by_label("Tries").fill("2")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog).to_be_hidden()
        await expect(page.get_by_role("listitem").filter(has_text="Hygiene")).to_contain_text(
            "Elena Rossi → Dr. Sarah Chen"
        )
        # On call tonight, seen in the week.
        await page.get_by_role("button", name="Add a shift").click()
        await dialog.get_by_label("Person").select_option(label="Dr. Michael Patel")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_role("region", name="Rota")).to_contain_text("Dr. Michael Patel")
        api = own_console.url.replace("/console/", "/api/v1/departments")
        listed = (await (await page.request.get(api)).json())["items"]
    made = next(one for one in listed if one["name"] == "Hygiene")
    assert [one["name"] for one in made["members"]] == ["Elena Rossi", "Dr. Sarah Chen"]
    assert (made["tries"], made["ring"]) == (2, "in_order")


async def test_the_knowledge_is_asked_and_grows(own_console: Console) -> None:
    async with own_console.sign_in("manager") as page:
        await page.goto(f"{own_console.url}settings/knowledge")
        question = page.get_by_label("A question, as a caller would ask it")
        await question.fill("Is there a swimming pool?")
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.get_by_text("That is not in your knowledge.")).to_be_visible()
        await page.get_by_role("button", name="Add an entry").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Question").fill("Is there a swimming pool?")
        await dialog.get_by_label("Answer").fill("Yes, on the roof.")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog).to_be_hidden()
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.locator("blockquote")).to_contain_text("on the roof")


async def _findings(page: Page, console: Console, *names: str) -> list[str]:
    found = []
    for name in names:
        await page.goto(f"{console.url}settings/{name}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_text("Loading")).to_have_count(0)
        found += [f"{name}: {one}" for one in await violations(page)]
        wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name} is wider than the screen"
    return found


async def test_the_pages_serve_everybody(own_console: Console) -> None:
    async with own_console.sign_in("owner") as page:
        assert await _findings(page, own_console, "greeting", "hours", "departments", "users") == []
        await page.goto(f"{own_console.url}settings/services")
        await page.get_by_role("button", name="Change Cleaning").click()
        assert await violations(page) == []
    async with own_console.sign_in("manager", viewport=PHONE, dark=True) as page:
        names = ("instructions", "hours", "holidays", "providers", "calendars")
        assert await _findings(page, own_console, *names) == []


async def test_settings_are_for_managers(own_console: Console) -> None:
    async with own_console.sign_in("staff") as page:
        await page.goto(f"{own_console.url}settings/users")
        await expect(page.get_by_text("Settings are for managers and owners.")).to_be_visible()
