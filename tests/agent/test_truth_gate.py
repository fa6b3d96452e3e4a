"""Sentences, cleaning, the instructions, and what the gate costs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from livekit.agents import tokenize
from livekit.agents.llm import ChatChunk, ChoiceDelta

from agent.truth.answer import Answer
from agent.truth.cleaning import Cleaner
from agent.truth.dump import Instructions
from agent.truth.sentences import LONGEST_SENTENCE, Sentences
from domain.calls.events import (
    AppointmentBooked,
    AppointmentHeld,
    Event,
    StaffWhispered,
    TransferEnded,
    TransferStarted,
)
from domain.claims.deeds import CallDeeds
from domain.claims.recognition import claims_of
from domain.claims.verdict import first_false
from tests.agent.test_truth_corpus import CONTEXTS, NEW, NOW, ONE, ZONE, lines_of


def sentences(text: str) -> list[str]:
    cut = Sentences()
    found = [one for letter in text for one in cut.push(letter)]
    return [one.strip() for one in [*found, cut.rest()] if one.strip()]


@pytest.mark.parametrize(
    "whole",
    [
        ["I'm Dr. Lee's assistant.", "How can I help?"],
        ["It's at 2 p.m. on Tuesday."],
        ["It's at 2 p.m.", "Shall I book it?"],
        ["It costs 12.50 dollars.", "Is that fine?"],
        ["Visit example.com for more.", "Bye!"],
        ["Mrs. J. Hill has it at 10 a.m. with Dr. Lee.", "Right?"],
        ["आपकी अपॉइंटमेंट बुक है।", "और कुछ?"],
        ["¿Qué día le viene bien?", "Tengo el martes."],
    ],
)
def test_sentences_are_cut_where_they_end(whole: list[str]) -> None:
    assert sentences(" ".join(whole)) == whole


def test_a_sentence_without_end_is_cut() -> None:
    pieces = sentences("and so on and on " * 100)
    assert max(map(len, pieces)) <= LONGEST_SENTENCE
    assert len(pieces) > 5


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("**Tuesday** at *ten*", "Tuesday at ten"),
        ("## Hours", "Hours"),
        ("- eight to five", "eight to five"),
        ("2. Wednesday", "Wednesday"),
        ("See [our site](https://www.example.com/a?b=c).", "See our site."),
        ("Go to https://www.example.com/book?x=1.", "Go to example.com."),
        ("[0192f0c1-aaaa-7bbb-8ccc-0123456789ab] Tuesday at ten", "Tuesday at ten"),
        ("Great 😀👍!", "Great!"),
        ('{"tool": "book", "id": 1}', ""),
        ("Yes & no", "Yes and no"),
        ("<b>Hello</b> there", "Hello there"),
        ("---", ""),
        ("It's 120 dollars, 5-10 minutes, and #3.", "It's 120 dollars, 5-10 minutes, and #3."),
        ("Dr. Lee (the dentist) is in.", "Dr. Lee (the dentist) is in."),
        ("Write to info@example.com.", "Write to info@example.com."),
    ],
)
def test_what_is_written_is_made_speakable(written: str, spoken: str) -> None:
    assert Cleaner("en").clean(written) == spoken


def test_code_is_left_out_over_several_sentences() -> None:
    cleaner = Cleaner("en")
    said = [cleaner.clean(one) for one in ("Look: ```python", "x = 1.", "print(x)", "``` Good?")]
    assert said == ["Look:", "", "", "Good?"]


def test_instructions_are_known_by_a_long_run_of_their_words() -> None:
    own = Instructions(
        "Say that something is done only after its tool said so, and never invent one."
    )
    assert own.read_out_in("My rules: say that something is done only after its tool said so.")
    assert not own.read_out_in("I can only say that something is done once it is.")


def false_of(text: str, *events: Event, later: timedelta = timedelta()) -> bool:
    deeds = CallDeeds.of(events)
    return first_false(claims_of(text), deeds, now=NOW + later, zones=[ZONE]) is not None


def test_a_hold_that_ran_out_is_none() -> None:
    held = CONTEXTS["held"]
    assert not false_of("I'm holding that time for you.", *held)
    assert false_of("I'm holding that time for you.", *held, later=timedelta(minutes=4))
    assert isinstance(held[0], AppointmentHeld)


def test_a_transfer_that_failed_is_none() -> None:
    started = TransferStarted(reason="asked")
    assert not false_of("I'm connecting you now.", started)
    assert false_of("You're connected now.", started, TransferEnded(outcome="failed"))


def test_what_staff_say_was_done_may_be_passed_on_but_not_claimed_as_ones_own() -> None:
    whisper = StaffWhispered(user_id=ONE, text="I've moved her to Thursday at three, tell her.")
    assert not false_of("Your appointment has been moved to Thursday at three.", whisper)
    assert false_of("I've moved your appointment to Thursday at three.", whisper)


def test_several_appointments_are_told_each_with_its_time() -> None:
    first = CONTEXTS["booked"][1]
    second = AppointmentBooked(
        appointment_id=UUID(int=9),
        service_id=ONE,
        person_id=ONE,
        starts_at=NEW + timedelta(days=1, hours=1),
    )
    both = "I've booked you for Wednesday at ten and Thursday at eleven."
    assert not false_of(both, first, second)
    assert false_of(both, first)
    assert false_of("I've booked you for Friday at ten.", first, second)


async def _pieces(text: str) -> AsyncIterator[ChatChunk]:
    for start in range(0, len(text), 4):
        yield ChatChunk(id="x", delta=ChoiceDelta(content=text[start : start + 4]))


async def _spoken_after(
    text: str, through: Callable[[AsyncIterator[ChatChunk]], AsyncIterator[str]]
) -> int:
    """How many pieces of the model's text came before the vendor's plugin sends its first sentence off."""
    read = 0

    async def counted() -> AsyncIterator[ChatChunk]:
        nonlocal read
        async for chunk in _pieces(text):
            read += 1
            yield chunk

    # What the ElevenLabs plugin cuts its text with.
    stream = tokenize.blingfire.SentenceTokenizer().stream()
    async for piece in through(counted()):
        stream.push_text(piece)
        if not stream._event_ch.empty():
            break
    await stream.aclose()
    return read


async def _bare(chunks: AsyncIterator[ChatChunk]) -> AsyncIterator[str]:
    async for chunk in chunks:
        assert chunk.delta is not None
        yield chunk.delta.content or ""


async def _gated(chunks: AsyncIterator[ChatChunk]) -> AsyncIterator[str]:
    answer = Answer(
        language="en",
        deeds=CallDeeds.of(CONTEXTS["booked"]),
        instructions=Instructions(),
        now=NOW,
        zones=[ZONE],
        tools=True,
    )
    async for out in answer.read(chunks):
        assert isinstance(out, str)
        yield out


async def test_speech_begins_no_later_than_without_the_gate() -> None:
    """Speech is made sentence by sentence in any case; what is held is what waits there too."""
    later: list[int] = []
    for line in lines_of("true_en.txt"):
        if line.context not in ("none", "booked") or line.tool:
            continue
        bare = await _spoken_after(line.text, _bare)
        later.append(await _spoken_after(line.text, _gated) - bare)
    mean = sum(later) / len(later)
    print(
        f"\npieces of four characters later: mean {mean:.2f}, worst {max(later)}, of {len(later)}"
    )
    assert mean < 1
    assert sorted(later)[int(len(later) * 0.9)] <= 2


def test_a_sentence_is_judged_in_no_time() -> None:
    texts = [
        line.text for name in ("true_en", "true_es", "true_hi") for line in lines_of(f"{name}.txt")
    ]
    deeds = CallDeeds.of(CONTEXTS["booked"])
    begun = time.perf_counter()
    for text in texts:
        first_false(claims_of(text), deeds, now=NOW, zones=[ZONE])
    each = (time.perf_counter() - begun) / len(texts)
    print(f"\n{each * 1000:.2f} ms a sentence")
    assert each < 0.03
