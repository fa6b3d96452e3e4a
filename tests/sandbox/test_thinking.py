"""OpenAI's stand-in through LiveKit's own plugin: whole dialogues, with the tools played here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import openai as vendor
import pytest
from livekit.agents import function_tool, llm
from livekit.plugins import openai

from sandbox.server import Sandbox
from sandbox.thinking.moments import When, birth_of, minutes_of, today_of, when_of
from sandbox.thinking.names import name_of
from sandbox.thinking.numbers import longest_digits, phone_number

TODAY = date(2026, 11, 21)
SYSTEM = """You are the telephone receptionist of Riverside Dental.

# Services
Cleaning: 45 minutes, 120 dollars.
Filling: 60 minutes.
Teeth whitening: 90 minutes.

# People
Dr. Mei Chen, dentist: Cleaning, Filling.

# This call
Today is Saturday 21 November 2026, 10:04 a.m. in America/New_York."""
TIMES = (
    "Free for Cleaning (45 minutes): [kqzm] Tuesday the 24th of November at 9 a.m. with Dr. Mei Chen; "
    "[abcd] Tuesday the 24th of November at 9:30 a.m. with Dr. Mei Chen; "
    "[efgh] Tuesday the 24th of November at 2:15 p.m. with Dr. Mei Chen | Offer two or three."
)
FOUND = (
    "Coming appointments: [0193aaaa-0000-7000-8000-000000000001] Cleaning with Dr. Mei Chen, Tuesday the "
    "24th of November at 9:30 a.m., booking code A B 1 2 | Tell the caller."
)
BOOKED = (
    "Booked: Cleaning on Tuesday the 24th of November at 9:30 a.m., for {caller_name} | Read back."
)

STRING = {"type": "string"}
MAYBE = {"anyOf": [{"type": "string"}, {"type": "null"}]}
SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "find_times": {
        "service": STRING,
        "first_date": MAYBE,
        "last_date": MAYBE,
        "part_of_day": {"type": "string", "enum": ["any", "morning", "afternoon", "evening"]},
        "person": MAYBE,
    },
    "book_appointment": {
        "offer_id": STRING,
        "caller_name": STRING,
        "caller_phone": MAYBE,
        "note": MAYBE,
    },
    "find_appointments": {"caller_phone": MAYBE, "code": MAYBE},
    "move_appointment": {"appointment_id": STRING, "offer_id": STRING},
    "cancel_appointment": {"appointment_id": STRING},
    "take_message": {
        "caller_name": STRING,
        "caller_phone": MAYBE,
        "text": STRING,
        "urgency": {"type": "string", "enum": ["low", "normal", "urgent"]},
    },
    "transfer_to_person": {"reason": STRING, "department": MAYBE},
    "look_up": {"question": STRING},
    "save_caller": {"name": MAYBE, "phone": MAYBE, "email": MAYBE},
    "end_call": {"reason": {"type": "string", "enum": ["finished", "caller_asked"]}},
}


def tools() -> list[llm.Tool]:
    async def never(raw_arguments: dict[str, object]) -> None:
        raise AssertionError("the test plays the tools itself")

    return [
        function_tool(
            never,
            raw_schema={
                "name": name,
                "description": name,
                "strict": True,
                "parameters": {
                    "type": "object",
                    "properties": properties,
                    "required": list(properties),
                    "additionalProperties": False,
                },
            },
        )
        for name, properties in SCHEMAS.items()
    ]


Answers = dict[str, str | list[str]]


@dataclass
class Dialogue:
    """A conversation with the model; the tools answer from `answers`, lists one by one."""

    model: llm.LLM
    answers: Answers
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    context: llm.ChatContext = field(default_factory=llm.ChatContext)

    async def say(self, text: str) -> str:
        """The caller's words; the assistant's words in answer, tool calls done on the way."""
        if not self.context.items:
            self.context.add_message(role="system", content=SYSTEM)
        self.context.add_message(role="user", content=text)
        for _ in range(6):
            response = await self.model.chat(chat_ctx=self.context, tools=tools()).collect()
            if response.text:
                self.said.append(response.text)
                self.context.add_message(role="assistant", content=response.text)
            if not response.tool_calls:
                return response.text
            for call in response.tool_calls:
                self._play(call)
        raise AssertionError("the model goes on calling tools")

    def _play(self, call: llm.FunctionToolCall) -> None:
        arguments = json.loads(call.arguments)
        assert set(arguments) == set(SCHEMAS[call.name]), "strict: every parameter and no other"
        self.calls.append((call.name, arguments))
        answer = self.answers[call.name]
        text = answer.pop(0) if isinstance(answer, list) else answer
        self.context.items.append(
            llm.FunctionCall(call_id=call.call_id, name=call.name, arguments=call.arguments)
        )
        self.context.items.append(
            llm.FunctionCallOutput(
                call_id=call.call_id,
                name=call.name,
                output=text.replace("{caller_name}", str(arguments.get("caller_name"))),
                is_error=False,
            )
        )

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@pytest.fixture
def talk(sandbox: Sandbox) -> Callable[..., Dialogue]:
    sandbox.shared.delays.openai.first_token = 0.0
    sandbox.shared.delays.openai.token = 0.0
    standard: Answers = {
        "find_times": TIMES,
        "book_appointment": BOOKED,
        "find_appointments": FOUND,
        "move_appointment": "Moved. The appointment is now: Cleaning, Tuesday at 2:15 p.m. | Read back.",
        "cancel_appointment": "Cancelled: Cleaning, Tuesday at 9:30 a.m. | Tell the caller.",
        "take_message": "Message taken from {caller_name}, number 2 0 2 | Read back.",
        "transfer_to_person": "Nobody can be reached at the moment | Offer to take a message.",
        "look_up": "Is there parking? Yes, behind the building. | Answer from this alone.",
        "save_caller": "Noted | Go on.",
        "end_call": "The call ends when you have spoken | Say goodbye, unless you just have.",
    }

    def begin(**answers: str | list[str]) -> Dialogue:
        model = openai.LLM(base_url=sandbox.openai_url, api_key="any", model="gpt-4.1-mini")
        return Dialogue(model, {**standard, **answers})

    return begin


async def test_a_booking_from_the_wish_to_the_goodbye(talk: Callable[..., Dialogue]) -> None:
    call = talk()
    assert "9 a.m." in await call.say(
        "Hi, I'd like to book a cleaning with doctor Chen for next Tuesday."
    )
    assert "name" in await call.say("Nine thirty, please.")
    assert "Shall I book it?" in await call.say("My name is Anna Miller.")
    assert "Booked" in await call.say("Yes, please.")
    assert "Goodbye" in " ".join([await call.say("No, that's all, thank you."), call.said[-1]])
    assert call.calls == [
        (
            "find_times",
            {
                "service": "Cleaning",
                "first_date": "2026-11-24",
                "last_date": "2026-11-24",
                "part_of_day": "any",
                "person": "Dr. Chen",
            },
        ),
        (
            "book_appointment",
            {"offer_id": "abcd", "caller_name": "Anna Miller", "caller_phone": None, "note": None},
        ),
        ("end_call", {"reason": "finished"}),
    ]


async def test_missing_facts_are_asked_one_by_one(talk: Callable[..., Dialogue]) -> None:
    call = talk()
    assert "come in for" in await call.say("I need an appointment.")
    assert "day and time" in await call.say("A cleaning.")
    await call.say("Next week in the afternoon.")
    assert call.calls[0][1] == {
        "service": "Cleaning",
        "first_date": "2026-11-23",
        "last_date": "2026-11-29",
        "part_of_day": "afternoon",
        "person": None,
    }


async def test_a_withheld_number_is_asked_for_and_understood_in_pieces(
    talk: Callable[..., Dialogue],
) -> None:
    withheld = "The caller's number is withheld | Ask the caller for a telephone number first."
    call = talk(book_appointment=[withheld, BOOKED])
    await call.say("I'd like a cleaning on Tuesday.")
    await call.say("The second one.")
    await call.say("Anna Miller.")
    assert "phone number" in await call.say("Yes.")
    await call.say("Two oh two five five five.")
    await call.say("Oh one double two.")
    await call.say("That's right.")
    assert call.calls[-1][1]["caller_phone"] == "+12025550122"


async def test_a_lost_time_is_told_and_others_are_offered(talk: Callable[..., Dialogue]) -> None:
    lost = (
        "Not done: this time has just been taken. Free instead: [nnnn] Tuesday the 24th of November at "
        "11 a.m. with Dr. Mei Chen; [mmmm] Tuesday the 24th of November at 1 p.m. with Dr. Mei Chen | Tell "
        "the caller that this time can't be had any more, and offer the others."
    )
    call = talk(book_appointment=[lost, BOOKED])
    await call.say("I'd like a cleaning on Tuesday at half past nine.")
    await call.say("Anna Miller.")
    answer = await call.say("Yes.")
    assert "just been taken" in answer
    assert "11 a.m." in answer
    await call.say("One PM please.")
    await call.say("Yes.")
    assert call.calls[-1][1]["offer_id"] == "mmmm"


async def test_no_means_that_nothing_is_booked(talk: Callable[..., Dialogue]) -> None:
    call = talk()
    await call.say("I'd like a cleaning on Tuesday at half past nine.")
    await call.say("Anna Miller.")
    assert "Which would you like" in await call.say("No, that's wrong.")
    await call.say("Wednesday please.")
    assert call.names == ["find_times", "find_times"]
    assert call.calls[-1][1]["first_date"] == "2026-11-25"


async def test_an_appointment_is_cancelled_only_after_a_yes(talk: Callable[..., Dialogue]) -> None:
    call = talk()
    assert "Shall I cancel it?" in await call.say("I need to cancel my appointment.")
    assert call.names == ["find_appointments"]
    assert "Cancelled" in await call.say("Yes please.")
    assert call.calls[-1][1] == {"appointment_id": "0193aaaa-0000-7000-8000-000000000001"}


async def test_an_appointment_is_moved(talk: Callable[..., Dialogue]) -> None:
    call = talk()
    await call.say("I'd like to move my appointment.")
    await call.say("Tuesday afternoon please.")
    await call.say("Two fifteen.")
    await call.say("Yes.")
    assert call.names == ["find_appointments", "find_times", "move_appointment"]
    assert call.calls[1][1]["service"] == "Cleaning"
    assert call.calls[2][1]["offer_id"] == "efgh"


async def test_a_booking_code_is_asked_for_and_passed_on(talk: Callable[..., Dialogue]) -> None:
    asks = "The caller's number is withheld | Ask for the booking code; without it offer to take a message."
    call = talk(find_appointments=[asks, FOUND])
    assert "code" in await call.say("Cancel my appointment.")
    await call.say("It's R K four T.")
    assert call.calls[-1] == ("find_appointments", {"caller_phone": None, "code": "RK4T"})


async def test_a_question_in_the_middle_does_not_lose_the_booking(
    talk: Callable[..., Dialogue],
) -> None:
    call = talk()
    await call.say("I'd like a cleaning on Tuesday at half past nine.")
    answer = await call.say("Is there parking nearby?")
    assert "behind the building" in answer
    assert "name" in answer
    await call.say("Anna Miller.")
    await call.say("Yes.")
    assert call.names == ["find_times", "look_up", "book_appointment"]


async def test_nobody_to_talk_to_becomes_a_message(talk: Callable[..., Dialogue]) -> None:
    call = talk()
    assert "pass on" in await call.say("Can I speak to a person?")
    await call.say("My crown came off and it's urgent.")
    await call.say("John Smith.")
    assert call.names == ["transfer_to_person", "take_message"]
    assert call.calls[-1][1]["text"] == "My crown came off and it's urgent."
    assert call.calls[-1][1]["urgency"] == "urgent"
    assert call.calls[-1][1]["caller_name"] == "John Smith"


@pytest.mark.parametrize(
    ("said", "department"),
    [
        ("Please put me through to the front desk.", "front desk"),
        ("Can I speak to billing?", "billing"),
        ("Can I speak to a person?", None),
    ],
)
async def test_the_department_that_is_asked_for_is_passed_on(
    talk: Callable[..., Dialogue], said: str, department: str | None
) -> None:
    call = talk()
    await call.say(said)
    assert call.names == ["transfer_to_person"]
    assert call.calls[0][1]["department"] == department


async def test_no_answer_is_invented(talk: Callable[..., Dialogue]) -> None:
    call = talk(look_up="The business has said nothing about that | Say that you don't know.")
    assert "don't know" in await call.say("How much is a teeth whitening?")


async def test_without_tools_the_model_only_speaks(talk: Callable[..., Dialogue]) -> None:
    call = talk()
    context = llm.ChatContext()
    context.add_message(role="system", content=SYSTEM)
    context.add_message(role="user", content="I'd like to book a cleaning for Tuesday.")
    stream = call.model.chat(chat_ctx=context, tools=tools(), tool_choice="none")
    answer = await stream.collect()
    assert answer.text
    assert not answer.tool_calls


async def test_usage_is_counted_and_a_whole_answer_equals_the_streamed_one(
    sandbox: Sandbox,
) -> None:
    client = vendor.AsyncOpenAI(base_url=sandbox.openai_url, api_key="any")
    messages: Any = [{"role": "user", "content": "Hello"}]
    whole = await client.chat.completions.create(model="gpt-4.1", messages=messages)
    text, usage = "", None
    stream = await client.chat.completions.create(
        model="gpt-4.1", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    async for chunk in stream:
        usage = chunk.usage or usage
        text += "".join(c.delta.content or "" for c in chunk.choices)
    assert text == whole.choices[0].message.content
    assert usage is not None
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0
    assert whole.usage == usage
    await client.close()


async def test_embeddings_of_like_questions_are_near(sandbox: Sandbox) -> None:
    client = vendor.AsyncOpenAI(base_url=sandbox.openai_url, api_key="any")
    texts = ["Is there parking nearby?", "Where can I park my car?", "Do you take my insurance?"]
    answer = await client.embeddings.create(model="text-embedding-3-small", input=texts)
    parking, park, insurance = (np.array(d.embedding) for d in answer.data)
    assert parking.shape == (1536,)
    assert np.linalg.norm(parking) == pytest.approx(1.0, abs=1e-4)
    assert parking @ park > parking @ insurance + 0.1
    await client.close()


async def test_a_request_without_a_model_is_refused_by_name(sandbox: Sandbox) -> None:
    client = vendor.AsyncOpenAI(base_url=sandbox.openai_url, api_key="any", max_retries=0)
    with pytest.raises(vendor.BadRequestError) as caught:
        await client.post("/chat/completions", cast_to=object, body={"messages": []})
    assert caught.value.param == "model"
    await client.close()


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("tomorrow afternoon", When(date(2026, 11, 22), date(2026, 11, 22), "afternoon")),
        ("next Tuesday", When(date(2026, 11, 24), date(2026, 11, 24))),
        ("on Saturday", When(date(2026, 11, 28), date(2026, 11, 28))),
        ("the day after tomorrow", When(date(2026, 11, 23), date(2026, 11, 23))),
        (
            "November twenty fourth at three thirty",
            When(date(2026, 11, 24), date(2026, 11, 24), minute=210),
        ),
        ("the twenty third of December", When(date(2026, 12, 23), date(2026, 12, 23))),
        ("the first one please", When()),
        ("as soon as possible", When(flexible=True)),
        ("good morning", When()),
        ("next month", When(date(2026, 12, 1), date(2026, 12, 31))),
    ],
)
def test_what_callers_say_about_when(text: str, when: When) -> None:
    assert when_of(text, today=TODAY) == when


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("half past nine", [570]),
        ("quarter to three", [165]),
        ("at 9:30 a.m. or 2 p.m.", [570, 120]),
        ("two fifteen works for me", [135]),
        ("the second one", []),
        ("two oh two five five five", []),
        ("noon", [0]),
    ],
)
def test_times_of_day(text: str, minutes: list[int]) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize(
    ("text", "asked", "name"),
    [
        ("My name is Anna Miller.", False, "Anna Miller"),
        ("This is David Garcia speaking", False, "David Garcia"),
        ("Yes, it's Maria Lopez.", True, "Maria Lopez"),
        ("John Smith", True, "John Smith"),
        ("John Smith", False, None),
        ("I'm looking for an appointment", False, None),
        ("Yes please", True, None),
        ("It's two oh two", True, None),
    ],
)
def test_names_of_callers(text: str, asked: bool, name: str | None) -> None:
    assert name_of(text, asked=asked) == name


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("The fifth of March nineteen eighty.", date(1980, 3, 5)),
        ("It's July twenty second, nineteen seventy five", date(1975, 7, 22)),
        ("I was born on the thirty first of December two thousand and four", date(2004, 12, 31)),
        ("March the fifth nineteen oh nine", date(1909, 3, 5)),
        ("March 5, 1980", date(1980, 3, 5)),
        ("the 5th of March 2011", date(2011, 3, 5)),
        ("1980-03-05", date(1980, 3, 5)),
        ("the thirtieth of February nineteen eighty", None),
        ("the fifth of March", None),
        ("nineteen eighty", None),
        ("next Tuesday", None),
    ],
)
def test_dates_of_birth(text: str, born: date | None) -> None:
    assert birth_of(text) == born


def test_spoken_digits_become_a_number() -> None:
    digits = longest_digits("it's two oh two, double five five, oh one two three")
    assert phone_number(digits, plus=False) == "+12025550123"


def test_the_last_date_of_the_instructions_is_today() -> None:
    text = "Closed on Friday 25 December 2026. Today is Saturday 21 November 2026, 10:04 a.m."
    assert today_of(text) == TODAY
