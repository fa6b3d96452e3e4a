"""Text on its way to a voice."""

from __future__ import annotations

from agent.spoken_sentences import SpokenSentences


async def sent(*pieces: str) -> list[str]:
    stream = SpokenSentences().stream()
    for piece in pieces:
        stream.push_text(piece)
    stream.end_input()
    return [one.token async for one in stream]


async def test_a_sentence_is_sent_when_it_is_whole() -> None:
    stream = SpokenSentences().stream()
    stream.push_text("Good morning!")
    assert (await anext(stream)).token == "Good morning!"
    stream.push_text(" We are open from 9.30 a.m. on Mondays.")
    assert (await anext(stream)).token == "We are open from 9.30 a.m. on Mondays."
    await stream.aclose()


async def test_a_question_that_comes_word_by_word_is_one_sentence() -> None:
    assert await sent("Which day", " would suit", " you?") == ["Which day would suit you?"]


async def test_names_and_times_are_not_torn() -> None:
    assert await sent("That is with Dr. Lee at 10. Shall I book it?") == [
        "That is with Dr. Lee at 10.",
        "Shall I book it?",
    ]


async def test_hindi_ends_with_a_danda() -> None:
    assert await sent("ठीक है।", " और कुछ?") == ["ठीक है।", "और कुछ?"]


async def test_what_has_no_end_is_sent_at_the_end() -> None:
    assert await sent("one moment") == ["one moment"]
    assert await sent("", "  ") == []


def test_a_whole_text_has_the_same_sentences() -> None:
    assert SpokenSentences().tokenize("Hello. How are you?") == ["Hello.", "How are you?"]
